//! Reads one rule.

use fh_model::{Points, Severity};

use super::condition::{self, ConditionReader};
use super::expression::{self, RESERVED};
use super::fields::{Field, Fields, Shape};
use super::phrases::PhraseBook;
use super::reader::{Reader, WordTable};
use super::tree::{Node, Value};
use super::{call_filter, rule_test};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Condition, Rule, RulePoints};

/// How grave a rule is.
pub(crate) const SEVERITIES: WordTable = &[
    ("info", "Worth knowing, seldom worth points."),
    ("normal", "The usual case."),
    ("critical", "A person should look at the call."),
];

/// What the points are counted for.
pub(crate) const POINTS_PER: WordTable = &[
    ("call", "Once, however often the rule is hit."),
    ("hit", "For every hit of the conditions that make the rule flag."),
];

/// The fields of a rule.
pub(crate) const FIELDS: &[Field] = &[
    Field::required("id", Shape::Id, "The rule's id, by which results refer to it for ever."),
    Field::optional("name", Shape::LocalText, "What people call it; the id where it is left out."),
    Field::optional("why", Shape::LocalText, "Why the rule exists, shown beside its findings."),
    Field::optional(
        "severity",
        Shape::Word(SEVERITIES),
        "How grave a finding is; `normal` where it is left out.",
    ),
    Field::optional(
        "points",
        Shape::Points,
        "What a finding adds to the score; negative deducts. None where it is left out.",
    ),
    Field::optional(
        "points_per",
        Shape::Word(POINTS_PER),
        "Whether the points count once a call or for every hit; once where it is left out.",
    ),
    Field::optional(
        "cap",
        Shape::Points,
        "With `points_per: hit`, the furthest that the points of one call can go.",
    ),
    Field::optional(
        "sensitive",
        Shape::Flag,
        "`true` for a rule on sensitive words: it counts in every scenario of its pack that does not ignore sensitive words.",
    ),
    Field::optional(
        "applies_to",
        Shape::Map("applies_to"),
        "Which calls the rule is about; all where it is left out.",
    ),
    Field::required(
        "listen_for",
        Shape::ConditionMap,
        "What to listen for: named conditions, one line each.",
    ),
    Field::required(
        "flag_if",
        Shape::Expression,
        "When the rule flags: names of conditions with `&&`, `||`, `!` (or `and`, `or`, `not`), brackets and `2 of (a, b, c)`.",
    ),
    Field::optional("tests", Shape::ListOf("test"), "Calls, and what the rule should say of them."),
];

/// Reads `node`, a rule in a file of `pack`.
pub(crate) fn read(
    node: &Node,
    pack: &str,
    phrases: &PhraseBook,
    reader: &mut Reader,
) -> Option<Rule> {
    let fields = Fields::of(node, "a rule", &[FIELDS], reader)?;
    let id = fields.get("id").and_then(|node| reader.name(node, "the id of a rule"));
    let name = fields.get("name").and_then(|node| reader.local_text(node, "`name`"));
    let why = fields.get("why").and_then(|node| reader.local_text(node, "`why`"));
    let severity = fields.get("severity").map(|node| reader.word(node, "a severity", SEVERITIES));
    let points = read_points(&fields, reader);
    let sensitive = fields.get("sensitive").and_then(|node| reader.flag(node, "`sensitive`"));
    let applies_to = call_filter::read(fields.get("applies_to"), reader);
    let (names, conditions) = match fields.get("listen_for") {
        Some(node) => read_conditions(node, pack, phrases, reader),
        None => (Vec::new(), None),
    };
    let flag_if_node = fields.get("flag_if");
    // Without names every name would be unknown, which says nothing new.
    let flag_if = flag_if_node
        .filter(|_| !names.is_empty())
        .and_then(|node| expression::parse(node, &names, reader));
    let tests = rule_test::read_all(fields.get("tests"), reader);
    let id = id?.to_owned();
    Some(Rule {
        name: name.unwrap_or_else(|| crate::model::LocalText::same(&id)),
        pack: pack.to_owned(),
        why: why.unwrap_or_default(),
        severity: match severity.flatten() {
            Some("info") => Severity::Info,
            Some("critical") => Severity::Critical,
            _ => Severity::Normal,
        },
        points: points?,
        sensitive: sensitive.unwrap_or(false),
        applies_to,
        conditions: conditions?,
        flag_if: flag_if?,
        flag_if_place: flag_if_node?.place,
        tests,
        place: fields.get("id")?.place,
        id,
    })
}

fn read_points(fields: &Fields<'_>, reader: &mut Reader) -> Option<RulePoints> {
    let each = match fields.get("points") {
        Some(node) => reader.points(node, "points")?,
        None => Points::default(),
    };
    let per_hit = match fields.get("points_per") {
        Some(node) => reader.word(node, "`points_per`", POINTS_PER)? == "hit",
        None => false,
    };
    let cap = match fields.get("cap") {
        Some(node) => {
            let cap = reader.points(node, "`cap`")?;
            let same_side = cap.hundredths().signum() == each.hundredths().signum();
            let beyond = cap.hundredths().abs() >= each.hundredths().abs();
            let problem = match (per_hit, same_side && beyond) {
                (false, _) => Some((
                    "`cap` has no effect where points count once a call",
                    "`points_per: hit` beside it",
                )),
                (true, false) => Some((
                    "`cap` is nearer to zero than one hit's points, or on the other side",
                    "a cap beyond `points`, with the same sign",
                )),
                (true, true) => None,
            };
            if let Some((message, expected)) = problem {
                reader.report(
                    Diagnostic::new(Code::FIELDS_CLASH, node.place, message).expecting(expected),
                );
                return None;
            }
            Some(cap)
        }
        None => None,
    };
    Some(RulePoints { each, per_hit, cap })
}

/// The names of the conditions, and the conditions if all could be read.
fn read_conditions<'n>(
    node: &'n Node,
    pack: &str,
    phrases: &PhraseBook,
    reader: &mut Reader,
) -> (Vec<&'n str>, Option<Vec<Condition>>) {
    let entries = match &node.value {
        Value::Map(entries) if !entries.is_empty() => entries,
        Value::Map(_) | Value::Nothing => {
            reader.report(
                Diagnostic::new(Code::EMPTY, node.place, "the rule listens for nothing").expecting(
                    "at least one condition such as `hello: { say: [您好], by: agent }`",
                ),
            );
            return (Vec::new(), None);
        }
        _ => {
            reader.wrong_type(node, "named conditions such as `hello: { say: [您好], by: agent }`");
            return (Vec::new(), None);
        }
    };
    if entries.len() > reader.limits.conditions {
        reader.report(
            Diagnostic::new(
                Code::TOO_LARGE,
                node.place,
                format!("the rule has {} conditions", entries.len()),
            )
            .expecting(format!("at most {}", reader.limits.conditions)),
        );
        return (Vec::new(), None);
    }
    let mut names: Vec<&str> = Vec::with_capacity(entries.len());
    for (key, _) in entries {
        // A name that is wrong still names the condition, so that what refers to it is not wrong too.
        let name = reader
            .name(key, "the name of a condition")
            .or_else(|| reader.key(key))
            .unwrap_or_default();
        if RESERVED.contains(&name) {
            reader.report(
                Diagnostic::new(
                    Code::INVALID_NAME,
                    key.place,
                    format!("`{name}` cannot name a condition: `flag_if` uses the word"),
                )
                .expecting("another name"),
            );
        }
        if names.contains(&name) {
            reader.report(
                Diagnostic::new(
                    Code::DUPLICATE_NAME,
                    key.place,
                    format!("the rule already has a condition `{name}`"),
                )
                .expecting("another name"),
            );
        }
        names.push(name);
    }
    let mut conditions = Vec::with_capacity(entries.len());
    for (above, (key, value)) in entries.iter().enumerate() {
        let mut context = ConditionReader { reader, phrases, pack, names: &names, above };
        conditions.extend(condition::read(key, value, &mut context));
    }
    let complete = conditions.len() == names.len();
    (names, complete.then_some(conditions))
}
