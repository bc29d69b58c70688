//! Says a rule in plain English and Chinese: what it listens for, when it flags, what it costs.

use std::fmt::Write as _;

use fh_model::{Language, Millis, Points, Role, Severity};

use crate::model::{
    CallFilter, Condition, ConditionIndex, Expression, Phrase, PhraseGroup, Reach, Rule, Scope,
    Window,
};
use crate::syntax::is_han;

/// The rule in every language, one after another.
pub fn explain(rule: &Rule) -> String {
    format!("{}\n{}", explain_in(rule, Language::EnUs), explain_in(rule, Language::ZhCn))
}

/// The rule in one language.
pub fn explain_in(rule: &Rule, language: Language) -> String {
    let teller = Teller { rule, language };
    let mut out = String::new();
    let mut line = |label: (&str, &str), text: &str| {
        if !text.is_empty() {
            // Writing to a string cannot fail.
            let _ =
                writeln!(out, "{}{}{text}", teller.say(label.0, label.1), teller.say(": ", "："));
        }
    };
    line((&rule.id, &rule.id), rule.name.pick(language));
    line(("  Why", "  缘由"), rule.why.pick(language));
    line(("  Calls", "  适用通话"), &teller.calls(&rule.applies_to));
    for condition in &rule.conditions {
        let label = format!("{} {}", teller.say("  Listens for", "  留意"), condition.name);
        line((&label, &label), &teller.condition_in_full(condition));
    }
    line(("  Flags when", "  判定命中的条件"), &teller.expression(&rule.flag_if, false));
    line(("  Points", "  分值"), &teller.points());
    line(("  Severity", "  严重程度"), teller.severity());
    line(("  Sensitive", "  敏感词"), teller.sensitive());
    out
}

/// Puts parts of a rule into words of one language.
pub(crate) struct Teller<'a> {
    rule: &'a Rule,
    language: Language,
}

/// Phrases that are named before the rest is only counted.
const PHRASES_SHOWN: usize = 4;

impl Teller<'_> {
    /// The one or the other.
    pub(crate) fn say<'t>(&self, en: &'t str, zh: &'t str) -> &'t str {
        if self.language == Language::ZhCn { zh } else { en }
    }

    fn is_zh(&self) -> bool {
        self.language == Language::ZhCn
    }

    /// Who is listened to, as the subject of a sentence.
    pub(crate) fn who(&self, role: Option<Role>) -> &'static str {
        match (role, self.is_zh()) {
            (Some(Role::Agent), false) => "the agent",
            (Some(Role::Agent), true) => "坐席",
            (Some(Role::Customer), false) => "the customer",
            (Some(Role::Customer), true) => "客户",
            (_, false) => "somebody",
            (_, true) => "任何一方",
        }
    }

    /// A condition's name.
    pub(crate) fn condition(&self, index: ConditionIndex) -> &str {
        self.rule.condition(index).map_or("?", |condition| condition.name.as_str())
    }

    /// Several conditions' names, joined by "or".
    pub(crate) fn any_condition(&self, indices: &[ConditionIndex]) -> String {
        let names: Vec<&str> = indices.iter().map(|&index| self.condition(index)).collect();
        names.join(self.say(" or ", " 或 "))
    }

    /// `10 s`, `2 min`.
    pub(crate) fn duration(&self, duration: Millis) -> String {
        let (number, en, zh) = match duration.0 {
            millis if millis % 60_000 == 0 && millis > 0 => {
                (millis as f64 / 60_000.0, " min", " 分钟")
            }
            millis if millis % 100 == 0 => (millis as f64 / 1_000.0, " s", " 秒"),
            millis => (millis as f64, " ms", " 毫秒"),
        };
        format!("{number}{}", self.say(en, zh))
    }

    /// "within 15 s": nothing where there is no limit.
    pub(crate) fn within(&self, reach: Reach) -> String {
        match (reach, self.is_zh()) {
            (Reach::Unlimited, _) => String::new(),
            (Reach::Time(time), false) => format!(" within {}", self.duration(time)),
            (Reach::Time(time), true) => format!(" {}内", self.duration(time)),
            (Reach::Utterances(count), false) => format!(" within {count} utterances"),
            (Reach::Utterances(count), true) => format!(" {count} 句内"),
        }
    }

    /// Quoted phrases, the first few of many.
    pub(crate) fn phrases(&self, phrases: &[Phrase]) -> String {
        // A list often holds several languages; those of the reader's come first.
        let in_language = |phrase: &&Phrase| phrase.text.chars().any(is_han) == self.is_zh();
        let others = |phrase: &&Phrase| !in_language(phrase);
        let shown: Vec<String> = phrases
            .iter()
            .filter(in_language)
            .chain(phrases.iter().filter(others))
            .take(PHRASES_SHOWN)
            .map(|phrase| match self.is_zh() {
                true => format!("「{}」", phrase.text),
                false => format!("“{}”", phrase.text),
            })
            .collect();
        let rest = phrases.len() - shown.len();
        let shown = shown.join(self.say(", ", "、"));
        match (rest, self.is_zh()) {
            (0, _) => shown,
            (_, true) => format!("{shown}等 {} 句", phrases.len()),
            (_, false) => format!("{shown}, {rest} more"),
        }
    }

    /// Groups of phrases: lists by name, with some of their phrases.
    pub(crate) fn groups(&self, groups: &[PhraseGroup]) -> String {
        let told: Vec<String> = groups
            .iter()
            .map(|group| match &group.list {
                Some(list) => {
                    let (open, close) = (self.say(" (", "（"), self.say(")", "）"));
                    format!("${list}{open}{}{close}", self.phrases(&group.phrases))
                }
                None => self.phrases(&group.phrases),
            })
            .collect();
        told.join(self.say("; ", "；"))
    }

    fn condition_in_full(&self, condition: &Condition) -> String {
        let Scope { window, at_least, .. } = condition.scope;
        let mut text = condition.kind.tell(&condition.scope, self);
        let window = match (window, self.is_zh()) {
            (Window::Whole, _) => String::new(),
            (Window::FirstUtterances(n), false) => format!(", in the first {n} utterances"),
            (Window::FirstUtterances(n), true) => format!("，在前 {n} 句内"),
            (Window::LastUtterances(n), false) => format!(", in the last {n} utterances"),
            (Window::LastUtterances(n), true) => format!("，在最后 {n} 句内"),
            (Window::FirstTime(time), false) => format!(", in the first {}", self.duration(time)),
            (Window::FirstTime(time), true) => format!("，在开始的 {}内", self.duration(time)),
            (Window::LastTime(time), false) => format!(", in the last {}", self.duration(time)),
            (Window::LastTime(time), true) => format!("，在最后的 {}内", self.duration(time)),
        };
        text.push_str(&window);
        if at_least > 1 {
            text.push_str(&match self.is_zh() {
                true => format!("，至少 {at_least} 次"),
                false => format!(", at least {at_least} times"),
            });
        }
        text
    }

    fn expression(&self, expression: &Expression, inner: bool) -> String {
        let join = |parts: &[Expression], sign: &str| {
            let parts: Vec<String> = parts.iter().map(|part| self.expression(part, true)).collect();
            let joined = parts.join(sign);
            if inner { format!("({joined})") } else { joined }
        };
        match expression {
            Expression::Holds(index) => self.condition(*index).to_owned(),
            Expression::Not(part) => {
                format!("{}{}", self.say("not ", "未出现 "), self.expression(part, true))
            }
            Expression::All(parts) => join(parts, self.say(" and ", " 且 ")),
            Expression::Any(parts) => join(parts, self.say(" or ", " 或 ")),
            Expression::AtLeast { count, of } => {
                let parts: Vec<String> =
                    of.iter().map(|part| self.expression(part, true)).collect();
                match self.is_zh() {
                    true => format!("以下至少 {count} 项：{}", parts.join("、")),
                    false => format!("at least {count} of ({})", parts.join(", ")),
                }
            }
        }
    }

    fn points(&self) -> String {
        let points = self.rule.points;
        if points.each == Points::default() {
            return self.say("none", "不计分").to_owned();
        }
        let sign = if points.each > Points::default() { "+" } else { "" };
        let mut text = format!("{sign}{}", points.each);
        if points.per_hit {
            text.push_str(self.say(" for every hit", "，每次命中"));
        }
        if let Some(cap) = points.cap {
            text.push_str(&match self.is_zh() {
                true => format!("，累计不超过 {cap}"),
                false => format!(", no further than {cap}"),
            });
        }
        text
    }

    fn severity(&self) -> &'static str {
        match (self.rule.severity, self.is_zh()) {
            (Severity::Info, false) => "info",
            (Severity::Info, true) => "提示",
            (Severity::Normal, false) => "normal",
            (Severity::Normal, true) => "一般",
            (Severity::Critical, false) => "critical",
            (Severity::Critical, true) => "严重",
        }
    }

    fn sensitive(&self) -> &'static str {
        match (self.rule.sensitive, self.is_zh()) {
            (false, _) => "",
            (true, false) => {
                "counts in every scenario of its pack that does not ignore sensitive words"
            }
            (true, true) => "在本规则包中未忽略敏感词的所有场景内计分",
        }
    }

    fn calls(&self, filter: &CallFilter) -> String {
        let mut parts: Vec<String> = Vec::new();
        let mut one_of = |en: &str, zh: &str, values: &[String]| {
            if !values.is_empty() {
                parts.push(format!(
                    "{} {}",
                    self.say(en, zh),
                    values.join(self.say(" or ", " 或 "))
                ));
            }
        };
        let languages: Vec<String> = filter
            .languages
            .iter()
            .map(|language| match language {
                Language::ZhCn => self.say("Chinese", "中文").to_owned(),
                _ => self.say("English", "英文").to_owned(),
            })
            .collect();
        one_of("in", "语言", &languages);
        one_of("direction", "呼叫方向", &filter.directions);
        one_of("skill group", "技能组", &filter.skill_groups);
        one_of("agent", "坐席", &filter.agent_ids);
        for (name, values) in &filter.attributes {
            one_of(name, name, values);
        }
        if let Some(time) = filter.longer_than {
            parts.push(format!("{} {}", self.say("longer than", "时长超过"), self.duration(time)));
        }
        if let Some(time) = filter.shorter_than {
            parts.push(format!("{} {}", self.say("shorter than", "时长短于"), self.duration(time)));
        }
        if let Some(time) = filter.begun_from {
            parts.push(format!("{} {time}", self.say("begun from", "开始时间不早于")));
        }
        if let Some(time) = filter.begun_before {
            parts.push(format!("{} {time}", self.say("begun before", "开始时间早于")));
        }
        parts.join(self.say(", ", "，"))
    }
}
