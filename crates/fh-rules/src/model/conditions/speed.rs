use std::collections::BTreeMap;

use fh_model::Language;
use serde::Serialize;

use super::ConditionKind;
use crate::diagnostic::{Code, Diagnostic};
use crate::explain::Teller;
use crate::model::{ConditionIndex, Reach, Scope};
use crate::syntax::Surface;
use crate::syntax::condition::{AT_LEAST, BY, ConditionReader, IN};
use crate::syntax::fields::{Field, Fields, Shape};
use crate::syntax::reader::Reader;
use crate::syntax::tree::{Node, Value};

/// `faster_than: { zh: 320, en: 190 }, by: agent, per: call`: how fast somebody speaks.
///
/// Speed is units (Han characters; words of other scripts; no punctuation) a minute of speech.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Speed {
    /// `faster_than` or `slower_than`.
    pub direction: SpeedLimit,
    /// Units per minute by the call's language; 1 to 10,000. A call in a language that is not
    /// here cannot be evaluated. Never empty.
    pub per_minute: BTreeMap<Language, u32>,
    /// Over what the speed is taken.
    pub per: SpeedPer,
    /// `min_length: 12`: with [`SpeedPer::Utterance`], utterances of fewer units do not count;
    /// with [`SpeedPer::Call`], nor do channels of fewer. At least 1.
    pub min_length: u32,
    /// `unless: x`: excused when one of these (conditions above this one) has a hit within reach
    /// of the utterance (either side), or anywhere in the call for [`SpeedPer::Call`].
    pub unless: Vec<ConditionIndex>,
    /// How near the excuse must be; the whole call where the file does not say.
    pub within: Reach,
}

/// Which side of the limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SpeedLimit {
    /// Strictly above it.
    FasterThan,
    /// Strictly below it.
    SlowerThan,
}

/// Over what a speed is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SpeedPer {
    /// Each utterance: a hit is an utterance beyond the limit, over its own length.
    Utterance,
    /// A channel's whole speech, over its speech time: at most one hit a channel.
    Call,
}

/// How it is written.
pub(crate) const SURFACE: Surface = Surface {
    name: "speed",
    heads: &["faster_than", "slower_than"],
    doc: "Somebody speaks too fast or too slowly: characters (Chinese) or words (English) per minute of speech, punctuation left out.",
    example: "rushed: { faster_than: { zh: 320, en: 200 }, by: agent, per: call }",
    fields: &[
        Field::optional(
            "faster_than",
            Shape::Rates,
            "The limit that is exceeded, per minute: a number, or one for each language.",
        ),
        Field::optional(
            "slower_than",
            Shape::Rates,
            "The limit that is not reached, per minute: a number, or one for each language.",
        ),
        Field::required(
            "per",
            Shape::Word(PER),
            "Whether each utterance is judged or the whole call.",
        ),
        Field::optional(
            "min_length",
            Shape::Whole(1, 10_000),
            "Utterances (or calls) of fewer characters or words do not count; 1 where it is left out.",
        ),
        Field::optional(
            "unless",
            Shape::Conditions,
            "Excused when one of these conditions is hit.",
        ),
        Field::optional(
            "within",
            Shape::Reach,
            "With `per: utterance`, how near the excuse must be; anywhere in the call where it is left out.",
        ),
    ],
    scope: &[BY, IN, AT_LEAST],
    counts_utterances: true,
    read,
};

const PER: &[(&str, &str)] = &[
    ("utterance", "Each utterance: a hit is an utterance beyond the limit."),
    ("call", "A party's speech in the whole call: one hit at most for each."),
];

fn read(fields: &Fields<'_>, context: &mut ConditionReader<'_>) -> Option<ConditionKind> {
    let (direction, node) = match (fields.get("faster_than"), fields.get("slower_than")) {
        (Some(node), None) => (SpeedLimit::FasterThan, node),
        (None, Some(node)) => (SpeedLimit::SlowerThan, node),
        _ => {
            let key = fields.key("slower_than").unwrap_or(fields.node);
            context.reader.report(
                Diagnostic::new(
                    Code::FIELDS_CLASH,
                    key.place,
                    "`faster_than` and `slower_than` stand in one condition",
                )
                .expecting("a condition of its own for each, joined by `||` in `flag_if`"),
            );
            return None;
        }
    };
    let per_minute = read_rates(node, context.reader);
    let per = fields.get("per").and_then(|node| context.reader.word(node, "`per`", PER));
    let min_length = match fields.get("min_length") {
        Some(node) => context.reader.whole(node, "`min_length`", 1, 10_000)?,
        None => 1,
    };
    let unless = context.optional_conditions(fields.get("unless"));
    let within = context.reach_or(fields.get("within"), Reach::Unlimited);
    let per = if per? == "call" { SpeedPer::Call } else { SpeedPer::Utterance };
    let idle = ["within", "in", "at_least"]
        .iter()
        .filter(|_| per == SpeedPer::Call)
        .find_map(|name| Some((name, fields.key(name)?)));
    if let Some((name, key)) = idle {
        context.reader.report(
            Diagnostic::new(
                Code::FIELDS_CLASH,
                key.place,
                format!("`{name}` has no meaning for the speed of a whole call"),
            )
            .expecting("`per: utterance`"),
        );
        return None;
    }
    Some(ConditionKind::Speed(Speed {
        direction,
        per_minute: per_minute?,
        per,
        min_length,
        unless: unless?,
        within: within?,
    }))
}

/// A number for every language, or numbers by language.
fn read_rates(node: &Node, reader: &mut Reader) -> Option<BTreeMap<Language, u32>> {
    const FIELDS: &[Field] = &[
        Field::optional("zh", Shape::Whole(1, 10_000), "Characters per minute in a Chinese call."),
        Field::optional("en", Shape::Whole(1, 10_000), "Words per minute in an English call."),
    ];
    if !matches!(node.value, Value::Map(_)) {
        let rate = reader.whole(node, "a speed per minute", 1, 10_000)?;
        return Some(Language::ALL.into_iter().map(|language| (language, rate)).collect());
    }
    let fields = Fields::of(node, "a speed", &[FIELDS], reader)?;
    let mut rates = BTreeMap::new();
    for (name, language) in [("zh", Language::ZhCn), ("en", Language::EnUs)] {
        if let Some(node) = fields.get(name) {
            rates.insert(language, reader.whole(node, "a speed per minute", 1, 10_000)?);
        }
    }
    if rates.is_empty() {
        reader.report(
            Diagnostic::new(Code::EMPTY, node.place, "the speed has no limit")
                .expecting("`zh`, `en` or both"),
        );
        return None;
    }
    Some(rates)
}

impl Speed {
    pub(crate) fn tell(&self, scope: &Scope, teller: &Teller<'_>) -> String {
        let rates: Vec<String> = self
            .per_minute
            .iter()
            .map(|(language, rate)| match language {
                Language::ZhCn => format!("{rate} {}", teller.say("characters", "字")),
                _ => format!("{rate} {}", teller.say("words", "词")),
            })
            .collect();
        let rates = rates.join(teller.say(" or ", " 或 "));
        let (en, zh) = match (self.direction, self.per) {
            (SpeedLimit::FasterThan, SpeedPer::Call) => ("faster than", "全程语速超过每分钟"),
            (SpeedLimit::FasterThan, SpeedPer::Utterance) => ("faster than", "单句语速超过每分钟"),
            (SpeedLimit::SlowerThan, SpeedPer::Call) => ("slower than", "全程语速低于每分钟"),
            (SpeedLimit::SlowerThan, SpeedPer::Utterance) => ("slower than", "单句语速低于每分钟"),
        };
        let over = match self.per {
            SpeedPer::Call => "over the call",
            SpeedPer::Utterance => "in an utterance",
        };
        let who = teller.who(scope.by);
        let en = format!("{who} speaks {en} {rates} a minute {over}");
        let zh = format!("{who}{zh} {rates}");
        let mut text = teller.say(&en, &zh).to_owned();
        if self.min_length > 1 {
            let en = format!(" of at least {} characters or words", self.min_length);
            let zh = format!("（不少于 {} 字词）", self.min_length);
            text.push_str(teller.say(&en, &zh));
        }
        if !self.unless.is_empty() {
            let (names, within) = (teller.any_condition(&self.unless), teller.within(self.within));
            let (en, zh) =
                (format!(", unless {names}{within}"), format!("，除非{within}有 {names}"));
            text.push_str(teller.say(&en, &zh));
        }
        text
    }

    pub(crate) fn refers_to(&self) -> Vec<ConditionIndex> {
        self.unless.clone()
    }

    pub(crate) const fn phrase_lists(&self) -> Vec<&str> {
        Vec::new()
    }
}
