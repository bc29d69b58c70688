use fh_model::Millis;

use super::duration::{self, DurationError};
use crate::model::{Reach, Window};

/// Reads `first 2 utterances`, `last utterance`, `first 30s`.
pub(crate) fn parse_window(text: &str) -> Option<Window> {
    let text = text.trim();
    let (from_start, rest) = match text.split_once(char::is_whitespace)? {
        ("first", rest) => (true, rest.trim()),
        ("last", rest) => (false, rest.trim()),
        _ => return None,
    };
    if let Some(count) = utterances(rest) {
        return match (count, from_start) {
            (0, _) => None,
            (count, true) => Some(Window::FirstUtterances(count)),
            (count, false) => Some(Window::LastUtterances(count)),
        };
    }
    match (duration::parse(rest).ok()?, from_start) {
        (Millis::ZERO, _) => None,
        (time, true) => Some(Window::FirstTime(time)),
        (time, false) => Some(Window::LastTime(time)),
    }
}

/// Reads `30s`, `3 utterances`, `0 utterances`.
pub(crate) fn parse_reach(text: &str) -> Result<Reach, DurationError> {
    match utterances(text.trim()) {
        Some(count) => Ok(Reach::Utterances(count)),
        None => duration::parse(text).map(Reach::Time),
    }
}

/// `utterance` (one), `1 utterance`, `3 utterances`.
fn utterances(text: &str) -> Option<u32> {
    if text == "utterance" {
        return Some(1);
    }
    let (number, unit) = text.split_once(char::is_whitespace)?;
    let number = number.parse::<u32>().ok().filter(|&number| number <= 10_000)?;
    matches!(unit.trim(), "utterance" | "utterances").then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_and_reaches_read_aloud() {
        let check = |text, expected| assert_eq!(parse_window(text), expected, "{text}");
        check("first 2 utterances", Some(Window::FirstUtterances(2)));
        check("first utterance", Some(Window::FirstUtterances(1)));
        check("last 30s", Some(Window::LastTime(Millis(30_000))));
        check("first 1.5 m", Some(Window::FirstTime(Millis(90_000))));
        check("first 0 utterances", None);
        check("middle 30s", None);
        check("first", None);
        check("first 30", None);
        assert_eq!(parse_reach("3 utterances"), Ok(Reach::Utterances(3)));
        assert_eq!(parse_reach("45s"), Ok(Reach::Time(Millis(45_000))));
        assert_eq!(parse_reach("45"), Err(DurationError::NoUnit));
    }
}
