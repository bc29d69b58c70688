//! Rule files: YAML text becomes the typed [model](crate::model), or diagnostics.
//!
//! The text is read into a tree in which every node knows its place; the tree is checked against
//! tables of fields, which are also what the JSON Schema and the reference page are made from.
//! Reading goes on after a mistake, so that one run reports them all.

mod call_filter;
pub(crate) mod condition;
mod dialogue;
pub(crate) mod duration;
mod expression;
pub(crate) mod fields;
mod limits;
mod phrases;
mod place_in_call;
pub(crate) mod reader;
mod rule;
mod rule_test;
mod scenario;
mod suggest;
pub(crate) mod tree;

use std::collections::{BTreeMap, BTreeSet};

use fh_model::Points;

pub use condition::Surface;
pub(crate) use dialogue::is_han;
pub use fields::{Field, Shape};
pub use limits::Limits;

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    CallFilter, LocalText, PackHeader, Place, RuleSet, Scenario, ScenarioRules, SourceIndex,
};
use fields::Fields;
use phrases::PhraseBook;
use reader::Reader;
use tree::{Node, Value};

/// One rule file: a name for messages, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSource {
    /// How messages call it; usually a path.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// What came of reading rule files.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The rules; `None` where a diagnostic is an error.
    pub rule_set: Option<RuleSet>,
    /// Errors and warnings, in the order of the sources.
    pub diagnostics: Vec<Diagnostic>,
}

/// The fields of a rule file.
pub(crate) const FILE_FIELDS: &[Field] = &[
    Field::required(
        "pack",
        Shape::Id,
        "The pack that the file belongs to; several files may make one pack.",
    ),
    Field::optional(
        "version",
        Shape::Whole(0, 1_000_000_000),
        "The pack's version; in one of its files.",
    ),
    Field::optional("name", Shape::LocalText, "What people call the pack; in one of its files."),
    Field::optional(
        "phrases",
        Shape::PhraseLists,
        "Phrase lists, shared by name within the pack: `$greeting` refers to the list `greeting`.",
    ),
    Field::optional("rules", Shape::ListOf("rule"), "The rules."),
    Field::optional(
        "scenarios",
        Shape::ListOf("scenario"),
        "Business scenarios: which rules count for which calls, and where the score starts and ends.",
    ),
];

/// Every table of fields with the name under which [`Shape::Map`] and [`Shape::ListOf`] refer to it.
pub(crate) const TABLES: &[(&str, &str, &[Field])] = &[
    ("file", "A rule file.", FILE_FIELDS),
    ("rule", "A rule.", rule::FIELDS),
    ("scenario", "A business scenario.", scenario::FIELDS),
    (
        "applies_to",
        "Which calls a rule or a scenario is about: every field given must hold.",
        call_filter::FIELDS,
    ),
    ("test", "A test of a rule.", rule_test::FIELDS),
    ("about", "What is known of a test's call besides its words.", rule_test::ABOUT_FIELDS),
];

/// Reads `sources` together: several files may make one pack, and several packs one rule set.
pub fn read(sources: &[RuleSource], limits: Limits) -> Reading {
    let mut reader = Reader::new(limits);
    let rule_set = read_sources(sources, &mut reader);
    let has_errors = reader.has_errors();
    if let (Some(rule_set), false) = (&rule_set, has_errors) {
        crate::lints::check(rule_set, &mut |diagnostic| reader.report(diagnostic));
    }
    let name_of = |place: Place| {
        sources.get(place.source.0 as usize).map_or("", |source| source.name.as_str())
    };
    let diagnostics = reader
        .into_diagnostics()
        .into_iter()
        .map(|diagnostic| {
            let name = name_of(diagnostic.place);
            diagnostic.in_file(name)
        })
        .collect();
    Reading { rule_set: rule_set.filter(|_| !has_errors), diagnostics }
}

/// A file whose header and phrase lists have been read.
struct File<'t> {
    pack: String,
    tree: &'t Node,
}

fn read_sources(sources: &[RuleSource], reader: &mut Reader) -> Option<RuleSet> {
    if sources.len() > reader.limits.sources {
        reader.report(
            Diagnostic::new(
                Code::TOO_LARGE,
                Place::default(),
                format!("there are {} rule files", sources.len()),
            )
            .expecting(format!("at most {}", reader.limits.sources)),
        );
        return None;
    }
    let trees: Vec<Node> = (0_u32..)
        .zip(sources)
        .filter_map(|(index, source)| {
            // Editors on Windows put a byte order mark in front.
            let text = source.text.strip_prefix('\u{feff}').unwrap_or(&source.text);
            tree::parse(text, SourceIndex(index), reader)
        })
        .collect();
    let mut rule_set = RuleSet {
        source_names: sources.iter().map(|source| source.name.clone()).collect(),
        ..RuleSet::default()
    };
    let mut phrases = PhraseBook::default();
    let mut files = Vec::new();
    for tree in &trees {
        if !matches!(tree.value, Value::Map(_)) {
            reader.report(
                Diagnostic::new(
                    Code::NOT_ONE_DOCUMENT,
                    tree.place,
                    format!("the file holds {}", tree.kind()),
                )
                .expecting("a mapping that begins with `pack: <id>`"),
            );
            continue;
        }
        let Some(fields) = Fields::of(tree, "a rule file", &[FILE_FIELDS], reader) else {
            continue;
        };
        let Some(pack) = read_header(&fields, &mut rule_set, reader) else { continue };
        if let Some(node) = fields.get("phrases") {
            phrases.read_lists(&pack, node, reader);
        }
        files.push(File { pack, tree });
    }
    if phrases.phrases() > reader.limits.phrases {
        reader.report(
            Diagnostic::new(
                Code::TOO_LARGE,
                Place::default(),
                format!("there are {} phrases", phrases.phrases()),
            )
            .expecting(format!("at most {}", reader.limits.phrases)),
        );
        return None;
    }
    for file in &files {
        for node in items(file.tree, "rules", "a list of rules", reader) {
            if rule_set.rules.len() >= reader.limits.rules {
                reader.report(
                    Diagnostic::new(Code::TOO_LARGE, node.place, "there are too many rules")
                        .expecting(format!("at most {}", reader.limits.rules)),
                );
                return None;
            }
            rule_set.rules.extend(rule::read(node, &file.pack, &phrases, reader));
        }
    }
    read_scenarios(&files, &mut rule_set, reader);
    report_repeated(
        rule_set.rules.iter().map(|rule| (rule.id.as_str(), rule.place)),
        "rule",
        reader,
    );
    report_repeated(
        rule_set.scenarios.iter().map(|scenario| (scenario.id.as_str(), scenario.place)),
        "scenario",
        reader,
    );
    let (lists, repeated) = phrases.into_parts();
    rule_set.phrase_lists = lists;
    for (place, text) in repeated {
        reader.report(Diagnostic::new(
            Code::REPEATED_PHRASE,
            place,
            format!("`{text}` stands in its list twice"),
        ));
    }
    Some(rule_set)
}

/// The pack's id; the header is entered into the rule set, or completed there.
fn read_header(fields: &Fields<'_>, rule_set: &mut RuleSet, reader: &mut Reader) -> Option<String> {
    let node = fields.get("pack")?;
    let id = reader.name(node, "the id of a pack")?;
    let version = fields.get("version").and_then(|node| {
        reader.whole(node, "a version", 0, 1_000_000_000).map(|version| (node, version))
    });
    let name = fields
        .get("name")
        .and_then(|node| reader.local_text(node, "`name`").map(|name| (node, name)));
    let index = rule_set.packs.iter().position(|pack| pack.id == id).unwrap_or_else(|| {
        rule_set.packs.push(PackHeader {
            id: id.to_owned(),
            version: 0,
            name: LocalText::default(),
            place: node.place,
        });
        rule_set.packs.len() - 1
    });
    let header = &mut rule_set.packs[index];
    let mut clash = |node: &Node, what: &str| {
        reader.report(
            Diagnostic::new(
                Code::DUPLICATE_NAME,
                node.place,
                format!("another file gives pack `{id}` another {what}"),
            )
            .expecting(format!("the {what} in one of its files")),
        );
    };
    if let Some((node, version)) = version {
        if header.version != 0 && header.version != version {
            clash(node, "version");
        }
        header.version = version;
    }
    if let Some((node, name)) = name {
        if !header.name.is_empty() && header.name != name {
            clash(node, "name");
        }
        header.name = name;
    }
    Some(id.to_owned())
}

/// The entries of the list under `field`.
fn items<'t>(tree: &'t Node, field: &str, expected: &str, reader: &mut Reader) -> &'t [Node] {
    let Value::Map(entries) = &tree.value else { return &[] };
    let found = entries
        .iter()
        .find(|(key, _)| matches!(&key.value, Value::Text(text) if text.text == field));
    match found.map(|(_, value)| (value, &value.value)) {
        None | Some((_, Value::Nothing)) => &[],
        Some((_, Value::List(items))) => items,
        Some((node, _)) => {
            reader.wrong_type(node, expected);
            &[]
        }
    }
}

fn read_scenarios(files: &[File<'_>], rule_set: &mut RuleSet, reader: &mut Reader) {
    let rule_ids: BTreeSet<&str> = rule_set.rules.iter().map(|rule| rule.id.as_str()).collect();
    for file in files {
        for node in items(file.tree, "scenarios", "a list of scenarios", reader) {
            let Some(read) = scenario::read(node, &file.pack, reader) else { continue };
            if let ScenarioRules::Listed(ids) = &read.scenario.rules {
                for (id, place) in ids.iter().zip(&read.rule_places) {
                    // A rule that could not be read has been reported; its id is no second mistake.
                    if !rule_ids.contains(id.as_str()) && !reader.has_errors() {
                        let known = rule_ids.iter().copied();
                        let mut diagnostic = Diagnostic::new(
                            Code::UNKNOWN_RULE,
                            *place,
                            format!("no rule has the id `{id}`"),
                        );
                        if let Some(meant) = suggest::closest(id, known) {
                            diagnostic = diagnostic.suggesting(meant);
                        }
                        reader.report(diagnostic.expecting("the id of a rule"));
                    }
                }
            }
            rule_set.scenarios.push(read.scenario);
        }
    }
    let without: Vec<PackHeader> = rule_set
        .packs
        .iter()
        .filter(|pack| {
            rule_set.rules.iter().any(|rule| rule.pack == pack.id)
                && !rule_set.scenarios.iter().any(|scenario| scenario.pack == pack.id)
        })
        .cloned()
        .collect();
    for pack in without {
        rule_set.scenarios.push(Scenario {
            name: if pack.name.is_empty() { LocalText::same(&pack.id) } else { pack.name },
            why: LocalText::default(),
            base: Points::whole(100),
            lower: Points::whole(0),
            upper: Points::whole(100),
            ignore_sensitive: false,
            applies_to: CallFilter::default(),
            rules: ScenarioRules::All,
            place: pack.place,
            pack: pack.id.clone(),
            id: pack.id,
        });
    }
}

fn report_repeated<'i>(
    ids: impl Iterator<Item = (&'i str, Place)>,
    what: &str,
    reader: &mut Reader,
) {
    let mut seen: BTreeMap<&str, Place> = BTreeMap::new();
    for (id, place) in ids {
        if let Some(first) = seen.insert(id, place) {
            reader.report(
                Diagnostic::new(
                    Code::DUPLICATE_NAME,
                    place,
                    format!("there already is a {what} `{id}`"),
                )
                .expecting(format!("another id than on line {}", first.line)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_ends_in_diagnostics() {
        let check = |text: String| {
            let reading = read(&[RuleSource { name: "x".into(), text }], Limits::default());
            assert!(reading.rule_set.is_none());
            assert!(!reading.diagnostics.is_empty());
        };
        check("[".repeat(10_000));
        check("a: ".repeat(10_000));
        check("- ".repeat(10_000));
        check(format!(
            "pack: x\nrules:\n- id: a\n  flag_if: {}a\n  listen_for: {{ a: {{ say: b }} }}",
            "(".repeat(400)
        ));
        check(format!(
            "pack: x\nrules:\n- id: a\n  flag_if: {}a\n  listen_for: {{ a: {{ say: b }} }}",
            "not ".repeat(5_000)
        ));
        check(String::new());
        check("\u{0}".to_owned());
    }
}
