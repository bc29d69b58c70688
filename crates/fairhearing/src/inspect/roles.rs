use fh_model::{CallWarning, Role, RoleMap, Transcript};

use fh_audio::Heard;

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

/// Takes over who speaks on which channel from the transcript, where nobody else said it.
///
/// A channel takes the role of its utterances if all of them have the same one; on a mixed channel
/// they do not.
pub(crate) fn adopt(heard: &mut Heard, transcript: &Transcript) {
    let channels = &mut heard.measures.channels;
    if channels.iter().any(|channel| channel.role != Role::Unknown) {
        return;
    }
    for channel in channels.iter_mut() {
        let mut roles = transcript
            .utterances
            .iter()
            .filter(|utterance| utterance.channel == channel.channel)
            .map(|utterance| utterance.role);
        let Some(first) = roles.next() else { continue };
        if roles.all(|role| role == first) {
            channel.role = first;
        }
    }
    // Mono, and one utterance: the only speaker is known, the channel's owner is not.
    if let [only] = channels.as_mut_slice() {
        only.role = Role::Unknown;
        return;
    }
    let known = channels.iter().all(|channel| channel.role != Role::Unknown);
    for talk_over in &mut heard.measures.talk_overs {
        let by = channels.iter().find(|channel| channel.channel == talk_over.by_channel);
        talk_over.by = by.map_or(Role::Unknown, |channel| channel.role);
    }
    if known {
        heard.warnings.retain(|warning| *warning != CallWarning::RolesUnknown);
    }
}

#[cfg(test)]
mod tests {
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
