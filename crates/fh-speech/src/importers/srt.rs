//! SubRip subtitles. There is no standard; what players agree on is read: a number, a line with
//! two times and `-->`, lines of text, an empty line. A leading `Agent:` or `客户：` names the party.

use super::draft::{Draft, DraftUtterance};
use super::error::{Fault, Place};
use super::{ImportOptions, speaker, subtitle};

/// Whether the first lines have what an SRT cue begins with.
pub(super) fn looks_like(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let number = lines.next().is_some_and(|line| line.trim().parse::<u32>().is_ok());
    number && lines.next().is_some_and(|line| line.contains("-->"))
}

pub(super) fn read(text: &str, _: &ImportOptions) -> Result<Draft, Fault> {
    let cues = subtitle::cues(text, |line, _| {
        Err(Fault::new(
            Place::Line(line),
            "a cue with a line such as `00:00:01,000 --> 00:00:02,000`",
            "a block without",
        ))
    })?;
    if cues.is_empty() {
        return Err(Fault::new(Place::File, "at least one cue", "none"));
    }
    let utterances = cues
        .into_iter()
        .map(|cue| {
            if !cue.settings.trim().is_empty() && !cue.settings.trim_start().starts_with('X') {
                return Err(Fault::new(
                    Place::Line(cue.line),
                    "nothing after the second time but coordinates",
                    "something else",
                ));
            }
            let text = without_markup(&cue.lines.join(" "));
            let (role, text) = speaker::split_prefix(text.trim());
            let place = Place::Line(cue.line);
            let mut utterance = DraftUtterance::new(place, cue.start, cue.end, text.to_owned());
            utterance.role = role;
            Ok(utterance)
        })
        .collect::<Result<_, Fault>>()?;
    Ok(Draft { language: None, utterances })
}

/// Takes `<i>`, `<font color="...">` and `{\an8}` out.
fn without_markup(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut closing = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (closing, character) {
            (Some(end), _) if character == end => closing = None,
            (Some(_), _) => {}
            (None, '<') => closing = Some('>'),
            (None, '{') if characters.peek() == Some(&'\\') => closing = Some('}'),
            (None, _) => plain.push(character),
        }
    }
    plain
}
