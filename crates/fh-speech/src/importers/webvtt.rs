//! WebVTT (W3C, 4 April 2019). Voice tags name the speaker; markup, notes, styles and regions are
//! left out.

use fh_model::Role;

use super::draft::{Draft, DraftUtterance};
use super::error::{Fault, Place};
use super::{ImportOptions, speaker, subtitle};

pub(super) fn read(text: &str, _: &ImportOptions) -> Result<Draft, Fault> {
    let first = text.lines().next().unwrap_or_default();
    let signed = first.strip_prefix("WEBVTT");
    if !signed.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t'])) {
        let found = format!("`{}`", first.chars().take(20).collect::<String>());
        return Err(Fault::new(Place::Line(1), "`WEBVTT`", found));
    }
    let cues = subtitle::cues(text, |line, block| match block.first() {
        Some(head) if line == 1 || is_comment(head) => Ok(()),
        _ => Err(Fault::new(
            Place::Line(line),
            "a cue with a line such as `00:00:01.000 --> 00:00:02.000`",
            "a block without",
        )),
    })?;
    let mut utterances = Vec::new();
    for cue in cues {
        // One cue may hold several voices, each from its tag to the next.
        for (role, text) in voices(&cue.lines.join("\n")) {
            let place = Place::Line(cue.line);
            let mut utterance = DraftUtterance::new(place, cue.start, cue.end, text);
            utterance.role = role;
            utterances.push(utterance);
        }
    }
    Ok(Draft { language: None, utterances })
}

fn is_comment(head: &str) -> bool {
    ["NOTE", "STYLE", "REGION"].iter().any(|word| {
        head.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
    })
}

/// The text of a cue without its markup, one part for each voice.
fn voices(cue: &str) -> Vec<(Option<Role>, String)> {
    let mut parts: Vec<(Option<Role>, String)> = vec![(None, String::new())];
    let mut rest = cue;
    while let Some(open) = rest.find('<') {
        push_text(&mut parts, &rest[..open]);
        let Some(length) = rest[open..].find('>') else {
            // An unclosed tag hides the rest of the cue, as the standard's tokenizer has it.
            rest = "";
            break;
        };
        let tag = &rest[open + 1..open + length];
        rest = &rest[open + length + 1..];
        let (name, annotation) =
            tag.split_once(|character: char| character.is_whitespace()).unwrap_or((tag, ""));
        if name == "v" || name.starts_with("v.") {
            parts.push((speaker::role_of(&unescape(annotation)), String::new()));
        }
    }
    push_text(&mut parts, rest);
    parts
        .into_iter()
        .filter(|(_, text)| !text.trim().is_empty())
        .map(|(role, text)| {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            match role {
                Some(_) => (role, text),
                None => {
                    let (role, rest) = speaker::split_prefix(&text);
                    (role, rest.to_owned())
                }
            }
        })
        .collect()
}

fn push_text(parts: &mut [(Option<Role>, String)], text: &str) {
    if let Some((_, part)) = parts.last_mut() {
        part.push_str(&unescape(text));
    }
}

/// The character references that WebVTT writers use.
fn unescape(text: &str) -> String {
    let named = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&nbsp;", "\u{a0}"),
        ("&lrm;", ""),
        ("&rlm;", ""),
        ("&quot;", "\""),
        ("&#39;", "'"),
        // Last, so that `&amp;lt;` stays `&lt;`.
        ("&amp;", "&"),
    ];
    if !text.contains('&') {
        return text.to_owned();
    }
    named
        .iter()
        .fold(text.to_owned(), |text, (reference, character)| text.replace(reference, character))
}
