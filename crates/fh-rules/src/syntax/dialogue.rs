//! Reads the plain notation of a test's dialogue:
//!
//! ```text
//! agent 0.5-3.0: 您好,请问有什么可以帮您?
//! customer: 我要投诉
//! silence 12s
//! agent: 请您稍等
//! ```
//!
//! An utterance without times follows 300 ms after everything before it and is as long as it takes
//! to say at a normal pace; `silence 12s` lets so much time pass instead of those 300 ms.

use fh_model::{Millis, Role, Span};

use super::duration;
use super::reader::Reader;
use super::tree::Node;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::DialogueLine;

/// The pause between utterances without times.
const PAUSE: Millis = Millis(300);
/// 240 characters a minute, a normal pace of Mandarin on the telephone.
const MILLIS_PER_HAN: u64 = 250;
/// 150 words a minute, a normal pace of English.
const MILLIS_PER_WORD: u64 = 400;

/// Reads the text of `node`.
pub(crate) fn parse(node: &Node, reader: &mut Reader) -> Option<Vec<DialogueLine>> {
    let text = reader.text(node, "`call`")?;
    let mut lines = Vec::new();
    let mut clock = Millis::ZERO;
    let mut pause = Millis::ZERO;
    let mut failed = false;
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        if lines.len() >= reader.limits.dialogue_lines {
            reader.report(
                Diagnostic::new(Code::TOO_LARGE, node.place, "the dialogue is too long")
                    .expecting(format!("at most {} utterances", reader.limits.dialogue_lines)),
            );
            return None;
        }
        match parse_line(line) {
            Ok(Line::Silence(length)) => pause = length,
            Ok(Line::Utterance { role, span, text }) => {
                let span = span.unwrap_or_else(|| {
                    let start = clock + pause;
                    Span::new(start, start + time_to_say(text))
                });
                clock = clock.max(span.end);
                pause = PAUSE;
                lines.push(DialogueLine { role, span, text: text.to_owned() });
            }
            Err(wrong) => {
                failed = true;
                let place = node.part_of_line(number, wrong.at, wrong.length);
                let mut diagnostic = Diagnostic::new(Code::INVALID_DIALOGUE, place, wrong.message)
                    .expecting(wrong.expected);
                if let Some(suggestion) = wrong.suggestion {
                    diagnostic = diagnostic.suggesting(suggestion);
                }
                reader.report(diagnostic);
            }
        }
    }
    (!failed).then_some(lines)
}

enum Line<'t> {
    Utterance { role: Role, span: Option<Span>, text: &'t str },
    Silence(Millis),
}

struct WrongLine {
    at: usize,
    length: usize,
    message: String,
    expected: &'static str,
    suggestion: Option<&'static str>,
}

const LINE_FORM: &str = "`agent: words`, `customer 3.2-4.0: words` or `silence 12s`";

fn parse_line(line: &str) -> Result<Line<'_>, WrongLine> {
    let indent = line.chars().take_while(|c| c.is_whitespace()).count();
    let line = line.trim();
    let whole = line.chars().count();
    let wrong = |message: String| WrongLine {
        at: indent,
        length: whole,
        message,
        expected: LINE_FORM,
        suggestion: None,
    };
    if let Some(length) = line.strip_prefix("silence ") {
        return match duration::parse(length) {
            Ok(length) if length > Millis::ZERO => Ok(Line::Silence(length)),
            _ => Err(wrong(format!("`{}` is no length of a silence", length.trim()))),
        };
    }
    let Some((head, text)) = line.split_once(": ") else {
        let full_width = line.contains('：').then_some(": ");
        return Err(WrongLine {
            suggestion: full_width,
            ..wrong("the line says not who speaks".to_owned())
        });
    };
    let (who, times) = head.split_once(' ').unwrap_or((head, ""));
    let role = match who {
        "agent" => Role::Agent,
        "customer" => Role::Customer,
        _ => {
            let suggestion = match who {
                "A" | "a" | "staff" | "坐席" | "客服" => Some("agent"),
                "C" | "c" | "caller" | "客户" => Some("customer"),
                other => super::suggest::closest(other, ["agent", "customer"]),
            };
            return Err(WrongLine {
                at: indent,
                length: who.chars().count(),
                message: format!("`{who}` is nobody who speaks in a call"),
                expected: "`agent` or `customer`",
                suggestion,
            });
        }
    };
    let times = times.trim();
    let span = if times.is_empty() {
        None
    } else {
        Some(parse_times(times).ok_or_else(|| WrongLine {
            at: indent + who.chars().count() + 1,
            length: times.chars().count(),
            message: format!("`{times}` is no stretch of time"),
            expected: "start and end in seconds such as `3.2-4.0`, or in minutes such as `1:03.2-1:04`",
            suggestion: None,
        })?)
    };
    Ok(Line::Utterance { role, span, text: text.trim() })
}

/// `3.2-4.0`, `1:03.2-1:04`; the end is after the start.
fn parse_times(text: &str) -> Option<Span> {
    let (start, end) = text.split_once('-')?;
    let (start, end) = (parse_moment(start)?, parse_moment(end)?);
    (start < end).then(|| Span::new(start, end))
}

fn parse_moment(text: &str) -> Option<Millis> {
    let (minutes, seconds) = text.trim().rsplit_once(':').unwrap_or(("0", text.trim()));
    let minutes = minutes.parse::<u64>().ok().filter(|&minutes| minutes <= 24 * 60)?;
    let moment = Millis(minutes * 60_000 + duration::thousandths(seconds)?);
    (moment <= Millis::from_secs(24 * 3600)).then_some(moment)
}

/// How long `text` takes at a normal pace; half a second at least.
fn time_to_say(text: &str) -> Millis {
    let han = text.chars().filter(|&c| is_han(c)).count();
    let words = text
        .split(|c: char| !c.is_alphanumeric() || is_han(c))
        .filter(|word| !word.is_empty())
        .count();
    let (han, words) = (han.min(100_000) as u64, words.min(100_000) as u64);
    Millis((han * MILLIS_PER_HAN + words * MILLIS_PER_WORD).max(500))
}

/// Whether `character` is a Han character (the blocks in common use).
pub(crate) const fn is_han(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SourceIndex;
    use crate::syntax::{Limits, tree};

    #[test]
    fn lines_without_times_follow_at_a_normal_pace() {
        let mut reader = Reader::new(Limits::default());
        let yaml = "|\n  agent 0.5-2.0: 您好\n  customer: 四个汉字\n  silence 10s\n  agent: one moment please\n";
        let node = tree::parse(yaml, SourceIndex(0), &mut reader).expect("sound YAML");
        let lines = parse(&node, &mut reader).expect("a sound dialogue");
        let spans: Vec<(u64, u64)> =
            lines.iter().map(|line| (line.span.start.0, line.span.end.0)).collect();
        // 2.0 s + 0.3 s pause, 4 x 250 ms; then 10 s, and 3 x 400 ms.
        assert_eq!(spans, [(500, 2_000), (2_300, 3_300), (13_300, 14_500)]);
        assert!(!reader.has_errors());
    }

    #[test]
    fn moments_are_seconds_or_minutes() {
        assert_eq!(parse_times("1:03.2-1:04"), Some(Span::new(Millis(63_200), Millis(64_000))));
        assert_eq!(parse_times("4.0-3.2"), None);
        assert_eq!(parse_times("4.0"), None);
        assert_eq!(parse_times("a-b"), None);
    }
}
