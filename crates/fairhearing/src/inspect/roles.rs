use fh_model::RoleMap;

/// Reads `left=agent,right=customer`; channels are `left`, `right` or numbers from 0.
pub(crate) fn parse(text: &str) -> Result<RoleMap, String> {
    let mut roles = Vec::new();
    for part in text.split(',') {
        let (channel, role) = part.split_once('=').ok_or_else(|| {
            format!("expected `channel=role` such as `left=agent`, found `{part}`")
        })?;
        let index = match channel.trim().to_ascii_lowercase().as_str() {
            "left" | "l" => 0,
            "right" | "r" => 1,
            number => number.parse::<u8>().map_err(|_| {
                format!("expected a channel `left`, `right` or a number from 0, found `{channel}`")
            })?,
        };
        let (index, role) = (usize::from(index), role.trim().parse()?);
        if roles.len() <= index {
            roles.resize(index + 1, None);
        }
        if roles[index].replace(role).is_some() {
            return Err(format!("expected each channel once, found `{channel}` twice"));
        }
    }
    Ok(RoleMap(roles.into_iter().map(Option::unwrap_or_default).collect()))
}

#[cfg(test)]
mod tests {
    use fh_model::Role;

    use super::*;

    #[test]
    fn channels_have_names_and_numbers() {
        let check = |text: &str, expected: &[Role]| {
            assert_eq!(parse(text).unwrap().0, expected, "{text}");
        };
        check("left=agent,right=customer", &[Role::Agent, Role::Customer]);
        check("R=staff", &[Role::Unknown, Role::Agent]);
        check("0=customer, 2=agent", &[Role::Customer, Role::Unknown, Role::Agent]);
    }

    #[test]
    fn mistakes_are_named() {
        let check = |text: &str, expected: &str| {
            let error = parse(text).unwrap_err();
            assert!(error.contains(expected), "{error}");
        };
        check("agent", "expected `channel=role`");
        check("left=boss", "`boss`");
        check("top=agent", "`top`");
        check("left=agent,l=agent", "twice");
    }
}
