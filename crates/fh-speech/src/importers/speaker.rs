use fh_model::Role;

/// Names that transcripts give the two parties, lower case.
const NAMES: &[(Role, &[&str])] = &[
    (
        Role::Agent,
        &["agent", "staff", "advisor", "operator", "representative", "坐席", "座席", "客服"],
    ),
    (Role::Customer, &["customer", "caller", "client", "user", "客户", "顾客", "用户"]),
];

/// Who a speaker's name stands for: `Agent`, `AGENT 1`, `Customer:`, `客服`. `None` for a name
/// that says nothing of the role.
pub(super) fn role_of(name: &str) -> Option<Role> {
    let name = name.to_lowercase();
    let name = name.trim().trim_end_matches([':', '：']).trim_end_matches(|character: char| {
        character.is_ascii_digit() || " _-#".contains(character)
    });
    NAMES.iter().find(|(_, names)| names.contains(&name)).map(|(role, _)| *role)
}

/// Takes a leading `Agent: ` off a subtitle; a prefix that names no party is part of the text.
pub(super) fn split_prefix(text: &str) -> (Option<Role>, &str) {
    match text.split_once([':', '：']) {
        Some((name, rest)) if name.chars().count() <= 20 => match role_of(name) {
            Some(role) => (Some(role), rest.trim_start()),
            None => (None, text),
        },
        _ => (None, text),
    }
}
