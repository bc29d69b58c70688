//! Reads a rule's tests.

use fh_model::{CallMetadata, Language};

use super::dialogue;
use super::fields::{Field, Fields, Shape};
use super::reader::{LANGUAGES, Reader, WordTable};
use super::tree::{Node, Value};
use crate::model::{DialogueLine, Expectation, RuleTest};

/// What a test can expect.
pub(crate) const EXPECTATIONS: WordTable = &[
    ("flagged", "The rule flags."),
    ("clear", "The rule is evaluated and does not flag."),
    ("not_evaluated", "The rule cannot be told, or does not apply."),
];

/// Whether it is known who speaks.
pub(crate) const ROLE_KNOWLEDGE: WordTable =
    &[("known", "Who speaks on which channel is known."), ("unknown", "Nobody knows who speaks.")];

/// The fields of a test.
pub(crate) const FIELDS: &[Field] = &[
    Field::required("name", Shape::Text, "What the test shows."),
    Field::required(
        "call",
        Shape::Dialogue,
        "The dialogue, one utterance a line: `agent: words`, `customer 3.2-4.0: words`, `silence 12s`.",
    ),
    Field::required("expect", Shape::Word(EXPECTATIONS), "What the rule should say of it."),
    Field::optional(
        "evidence",
        Shape::Texts,
        "What the evidence must contain: words as they were said, or what happened and when in seconds: `silence 4.0-16.0`, `interruption 3.0-4.2`, `faster 0.0-2.0`, `slower 0.0-9.0`, `missing 0.0-12.0`.",
    ),
    Field::optional(
        "language",
        Shape::Word(LANGUAGES),
        "The call's language; Chinese where a line has a Han character, else English.",
    ),
    Field::optional(
        "roles",
        Shape::Word(ROLE_KNOWLEDGE),
        "Whether it is known who speaks; `known` where it is left out.",
    ),
    Field::optional("about", Shape::Map("about"), "What is known of the call besides its words."),
];

/// The fields of `about`.
pub(crate) const ABOUT_FIELDS: &[Field] = &[
    Field::optional("direction", Shape::Text, "`inbound` or `outbound`, as the centre writes it."),
    Field::optional("skill_group", Shape::Text, "The skill group or team."),
    Field::optional("agent_id", Shape::Text, "The agent's identifier."),
    Field::optional("begin_time", Shape::DateTime, "When the call began."),
    Field::optional("attributes", Shape::TextMap, "Whatever else the centre sends along."),
];

/// Reads `tests`; what is wrong is reported and left out.
pub(crate) fn read_all(node: Option<&Node>, reader: &mut Reader) -> Vec<RuleTest> {
    let Some(node) = node else { return Vec::new() };
    let Value::List(items) = &node.value else {
        reader.wrong_type(node, "a list of tests");
        return Vec::new();
    };
    items.iter().filter_map(|item| read(item, reader)).collect()
}

fn read(node: &Node, reader: &mut Reader) -> Option<RuleTest> {
    let fields = Fields::of(node, "a test", &[FIELDS], reader)?;
    let name = fields.get("name").and_then(|node| reader.text(node, "a test's name"));
    let call = fields.get("call").and_then(|node| dialogue::parse(node, reader));
    let expect = fields
        .get("expect")
        .and_then(|node| reader.word(node, "what a test expects", EXPECTATIONS));
    let evidence = fields.get("evidence").map(|node| reader.texts(node, "`evidence`"));
    let language = fields.get("language").and_then(|node| reader.language(node));
    let roles = fields.get("roles").and_then(|node| reader.word(node, "`roles`", ROLE_KNOWLEDGE));
    let about = read_about(fields.get("about"), reader);
    let call = call?;
    let language = language.unwrap_or_else(|| language_of(&call));
    Some(RuleTest {
        name: name?.to_owned(),
        language,
        about: CallMetadata { language: Some(language), ..about },
        roles_known: roles != Some("unknown"),
        call,
        expect: match expect? {
            "flagged" => Expectation::Flagged,
            "clear" => Expectation::Clear,
            _ => Expectation::NotEvaluated,
        },
        evidence: evidence.unwrap_or_default(),
        place: fields.get("name")?.place,
    })
}

fn language_of(call: &[DialogueLine]) -> Language {
    let han = call.iter().any(|line| line.text.chars().any(dialogue::is_han));
    if han { Language::ZhCn } else { Language::EnUs }
}

fn read_about(node: Option<&Node>, reader: &mut Reader) -> CallMetadata {
    let mut about = CallMetadata::default();
    let Some(node) = node else { return about };
    let Some(fields) = Fields::of(node, "`about`", &[ABOUT_FIELDS], reader) else { return about };
    let text = |name: &str, reader: &mut Reader| {
        fields.get(name).and_then(|node| reader.text(node, &format!("`{name}`")).map(str::to_owned))
    };
    about.direction = text("direction", reader);
    about.skill_group = text("skill_group", reader);
    about.agent_id = text("agent_id", reader);
    about.begin_time =
        fields.get("begin_time").and_then(|node| reader.date_time(node, "`begin_time`"));
    if let Some(node) = fields.get("attributes") {
        match &node.value {
            Value::Map(entries) => {
                for (key, value) in entries {
                    let name = reader.text(key, "an attribute's name");
                    let value = reader.text(value, "an attribute");
                    if let (Some(name), Some(value)) = (name, value) {
                        about.attributes.insert(name.to_owned(), value.to_owned());
                    }
                }
            }
            _ => reader.wrong_type(node, "names of attributes, each with a value"),
        }
    }
    about
}
