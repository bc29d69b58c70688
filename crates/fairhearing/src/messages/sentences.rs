//! Whole sentences about what the other crates found, made of the catalogue's texts.

use std::fmt::Display;

use fh_model::{
    CallWarning, ChannelIndex, Evidence, Language, Millis, NearMiss, NotEvaluatedReason, Role,
    SearchedWindow, Span,
};

use super::{Catalogue, Lang, fill};
use crate::output::terminal::{printable, shorten};

/// A rate in thousandths with one decimal: `241552` is `241.6`.
pub(crate) fn per_minute(thousandths: u64) -> String {
    let tenths = (thousandths + 50) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// A share of the whole with one decimal: `0.4613` is `46.1 %`.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A length in seconds without needless noughts: `12500` is `12.5 s`.
pub(crate) fn seconds(length: Millis) -> String {
    let (whole, part) = (length.0 / 1000, length.0 % 1000);
    match part {
        0 => format!("{whole} s"),
        part if part % 100 == 0 => format!("{whole}.{} s", part / 100),
        part if part % 10 == 0 => format!("{whole}.{:02} s", part / 10),
        part => format!("{whole}.{part:03} s"),
    }
}

/// A length as people read it in a table: `3:12`, `1:02:07`; rounded to the nearest second.
pub(crate) fn clock_length(length: Millis) -> String {
    let seconds = (length.0 + 500) / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// What a sentence about a finding must know of the call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallContext {
    /// From the call's beginning to its end.
    pub(crate) whole: Span,
    /// The language spoken, where it is known.
    pub(crate) language: Option<Language>,
}

impl CallContext {
    /// Whether a phrase may be said in this call: an English call is not told which Chinese words
    /// it lacks.
    pub(crate) fn may_hear(&self, phrase: &str) -> bool {
        let han = phrase.chars().any(|c| ('\u{3400}'..='\u{9fff}').contains(&c));
        self.language.is_none_or(|language| han == (language == Language::ZhCn))
    }
}

/// The part of a rule's text for people in the language of `texts`; rules give both as
/// `English / 中文`.
pub(crate) fn in_own_language(text: &str, lang: Lang) -> &str {
    let is_han = |text: &str| text.chars().any(|c| ('\u{3400}'..='\u{9fff}').contains(&c));
    match text.split_once(" / ") {
        Some((english, chinese)) if !is_han(english) && is_han(chinese) => match lang {
            Lang::En => english,
            Lang::Zh => chinese,
        },
        _ => text,
    }
}

impl Catalogue {
    /// Who speaks.
    pub(crate) const fn role(&self, role: Role) -> &'static str {
        match role {
            Role::Agent => self.agent,
            Role::Customer => self.customer,
            Role::Unknown => self.unknown_role,
        }
    }

    /// What a speed counts in calls of a language.
    pub(crate) const fn unit(&self, spoken: Option<Language>) -> &'static str {
        match spoken {
            Some(Language::ZhCn) => self.unit_characters,
            _ => self.unit_words,
        }
    }

    fn name_channel(&self, channel: ChannelIndex) -> String {
        fill(self.channel, &[("channel", &channel)])
    }

    /// What a warning means.
    pub(crate) fn warning(&self, warning: &CallWarning) -> String {
        match warning {
            CallWarning::IdenticalChannels => self.warn_identical_channels.to_owned(),
            CallWarning::DeadChannel { channel } => {
                fill(self.warn_dead_channel, &[("channel", &self.name_channel(*channel))])
            }
            CallWarning::Clipping { channel, per_million } => fill(
                self.warn_clipping,
                &[("channel", &self.name_channel(*channel)), ("per_million", per_million)],
            ),
            CallWarning::DcOffset { channel, millionths } => {
                let percent = format!("{:.2}", f64::from(*millionths) / 10_000.0);
                fill(
                    self.warn_dc_offset,
                    &[("channel", &self.name_channel(*channel)), ("offset", &percent)],
                )
            }
            CallWarning::MixedParties => self.warn_mixed_parties.to_owned(),
            CallWarning::RolesUnknown => self.warn_roles_unknown.to_owned(),
            CallWarning::RolesLookSwapped => self.warn_roles_look_swapped.to_owned(),
            CallWarning::Crosstalk { channel, leak } => fill(
                self.warn_crosstalk,
                &[("channel", &self.name_channel(*channel)), ("leak", leak)],
            ),
            CallWarning::VoiceActivityByLevelOnly => {
                self.warn_voice_activity_by_level_only.to_owned()
            }
            CallWarning::TryOutRecognizer { engine } => {
                fill(self.warn_try_out_recognizer, &[("engine", engine)])
            }
            other => fill(self.warn_other, &[("code", &other.code())]),
        }
    }

    /// Why a rule could not be evaluated.
    pub(crate) const fn not_evaluated(&self, reason: NotEvaluatedReason) -> &'static str {
        match reason {
            NotEvaluatedReason::NoTranscript => self.no_transcript,
            NotEvaluatedReason::RolesUnknown => self.roles_unknown,
            NotEvaluatedReason::MixedParties => self.mixed_parties,
            NotEvaluatedReason::NoVoiceActivity => self.no_voice_activity,
            NotEvaluatedReason::WorkLimit => self.work_limit,
            // `NotApplicable`, and whatever a later model adds.
            _ => self.not_applicable,
        }
    }

    /// What was found, without the time.
    pub(crate) fn evidence(&self, evidence: &Evidence, call: CallContext) -> String {
        match evidence {
            Evidence::Said { phrase, quote, role, .. } => {
                let role = self.role(*role);
                if phrase == quote {
                    fill(self.said, &[("role", &role), ("quote", quote)])
                } else {
                    let phrase = shorten(phrase, PHRASE_COLUMNS);
                    let values: [(&str, &dyn Display); 3] =
                        [("role", &role), ("quote", quote), ("phrase", &phrase)];
                    fill(self.said_phrase, &values)
                }
            }
            Evidence::Absent { phrases, searched, nearest, .. } => {
                self.absence(phrases, searched, nearest.as_ref(), call)
            }
            Evidence::Silence { span, limit, .. } => fill(
                self.silence,
                &[("length", &seconds(span.length())), ("limit", &seconds(*limit))],
            ),
            Evidence::Speed {
                utterance,
                role,
                per_minute_thousandths,
                limit_per_minute,
                above,
                ..
            } => {
                let template = match (utterance, above) {
                    (Some(_), true) => self.too_fast,
                    (Some(_), false) => self.too_slow,
                    (None, true) => self.too_fast_call,
                    (None, false) => self.too_slow_call,
                };
                fill(
                    template,
                    &[
                        ("role", &self.role(*role)),
                        ("speed", &per_minute(*per_minute_thousandths)),
                        ("unit", &self.unit(call.language)),
                        ("limit", limit_per_minute),
                    ],
                )
            }
            Evidence::Interruption { span, role, limit, .. } => fill(
                self.interruption,
                &[
                    ("role", &self.role(*role)),
                    ("length", &seconds(span.length())),
                    ("limit", &seconds(*limit)),
                ],
            ),
            other => other.condition().to_owned(),
        }
    }

    /// The first phrases that may be said in the call, in quotation marks, and how many more there
    /// are.
    fn quoted(&self, phrases: &[String], call: CallContext) -> String {
        let mut heard: Vec<&String> =
            phrases.iter().filter(|phrase| call.may_hear(phrase)).collect();
        if heard.is_empty() {
            heard = phrases.iter().collect();
        }
        let mut text = heard
            .iter()
            .take(PHRASES_NAMED)
            .map(|phrase| fill(self.quotation, &[("text", &shorten(phrase, PHRASE_COLUMNS))]))
            .collect::<Vec<_>>()
            .join(" / ");
        if heard.len() > PHRASES_NAMED {
            text.push_str(&format!(" … (+{})", heard.len() - PHRASES_NAMED));
        }
        text
    }

    /// Why the nearest miss is none. What the rules say of it is English.
    fn why_not(&self, miss: &NearMiss, searched: &SearchedWindow) -> String {
        match (self.lang, searched.role) {
            (Lang::En, _) => miss.why_not.clone(),
            (_, Some(wanted)) if wanted != miss.role => {
                let values: [(&str, &dyn Display); 2] =
                    [("role", &self.role(miss.role)), ("wanted", &self.role(wanted))];
                fill(self.why_other_role, &values)
            }
            _ if miss.span.end <= searched.span.start => self.why_before.to_owned(),
            _ if miss.span.start >= searched.span.end => self.why_after.to_owned(),
            _ if miss.similarity_percent == 100 => self.why_not_counted.to_owned(),
            _ => self.why_similar.to_owned(),
        }
    }

    /// What helps where nothing turns speech into words; results keep it in English.
    pub(crate) fn no_words(&self, remedy: &str) -> String {
        let english = Lang::En.catalogue();
        let own = [
            (english.remedy_engine_none, self.remedy_engine_none),
            (english.remedy_say_language, self.remedy_say_language),
        ];
        match own.iter().find(|(english, _)| *english == remedy) {
            Some((_, told)) => fill(self.note_no_words, &[("remedy", told)]),
            None => fill(self.note_no_engine, &[("remedy", &printable(remedy))]),
        }
    }

    fn absence(
        &self,
        phrases: &[String],
        searched: &SearchedWindow,
        nearest: Option<&NearMiss>,
        call: CallContext,
    ) -> String {
        let role = searched.role.map_or(self.everybody, |role| self.role(role));
        let phrases = self.quoted(phrases, call);
        let (start, end) = (searched.span.start, searched.span.end);
        let mut text = if searched.span == call.whole {
            fill(self.absent_whole_call, &[("role", &role), ("phrases", &phrases)])
        } else {
            fill(
                self.absent,
                &[("role", &role), ("phrases", &phrases), ("start", &start), ("end", &end)],
            )
        };
        if let Some(miss) = nearest {
            let why_not = self.why_not(miss, searched);
            text.push_str(&fill(
                self.near_miss,
                &[
                    ("role", &self.role(miss.role)),
                    ("start", &miss.span.start),
                    ("quote", &miss.quote),
                    ("similarity", &miss.similarity_percent),
                    ("why_not", &why_not),
                ],
            ));
        }
        text
    }
}

/// This many of the phrases that were looked for are named.
const PHRASES_NAMED: usize = 4;

/// This many columns of one phrase are shown; a regular expression may be long.
const PHRASE_COLUMNS: usize = 60;

#[cfg(test)]
mod tests {
    use fh_model::Decibels;

    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(per_minute(241_552), "241.6");
        assert_eq!(per_minute(0), "0.0");
        assert_eq!(percent(0.4613), "46.1 %");
        assert_eq!(seconds(Millis(12_500)), "12.5 s");
        assert_eq!(seconds(Millis(3_000)), "3 s");
        assert_eq!(seconds(Millis(1_250)), "1.25 s");
        assert_eq!(clock_length(Millis(192_400)), "3:12");
        assert_eq!(clock_length(Millis(3_727_000)), "1:02:07");
    }

    #[test]
    fn an_absence_tells_the_window_and_the_nearest_miss() {
        let span = |start, end| Span::new(Millis(start), Millis(end));
        let evidence = Evidence::Absent {
            condition: "greets".to_owned(),
            phrases: vec!["您好".to_owned(), "good morning".to_owned()],
            searched: SearchedWindow {
                span: span(0, 15_000),
                utterances: Some((1, 2)),
                role: Some(Role::Agent),
            },
            nearest: Some(NearMiss {
                phrase: "good morning".to_owned(),
                quote: "morning".to_owned(),
                utterance: 1,
                chars: 0..7,
                span: span(1_200, 1_800),
                role: Role::Customer,
                similarity_percent: 58,
                why_not: "said by the customer".to_owned(),
            }),
        };
        let call = |end, language| CallContext { whole: span(0, end), language };
        let english = call(60_000, Some(Language::EnUs));
        assert_eq!(
            Lang::En.catalogue().evidence(&evidence, english),
            "agent never said \"good morning\" between 00:00.000 and 00:15.000; closest: customer \
             at 00:01.200, \"morning\" (58 % alike; said by the customer)"
        );
        assert_eq!(
            Lang::Zh.catalogue().evidence(&evidence, call(15_000, None)),
            "坐席从未说过 “您好” / “good morning”；最接近的是：客户在 00:01.200 \
             说“morning”（相似度 58 %；是客户说的，不是坐席说的）"
        );
    }

    #[test]
    fn warnings_name_channel_and_amount() {
        let warning = CallWarning::Crosstalk {
            channel: ChannelIndex(1),
            leak: Decibels::from_hundredths(3000),
        };
        assert_eq!(
            Lang::En.catalogue().warning(&warning),
            "channel 1 hears the other one, 30 dB weaker"
        );
        assert_eq!(Lang::Zh.catalogue().warning(&warning), "声道 1 能听到另一声道的声音，弱 30 dB");
    }

    #[test]
    fn a_text_in_both_languages_is_told_in_one() {
        let check = |text, lang, expected| assert_eq!(in_own_language(text, lang), expected);
        check("Too fast / 语速过快", Lang::En, "Too fast");
        check("Too fast / 语速过快", Lang::Zh, "语速过快");
        check("either / or", Lang::Zh, "either / or");
        check("语速过快", Lang::En, "语速过快");
    }
}
