use fh_model::Millis;

use super::error::{Fault, Place};

/// A cue of a subtitle file: its times, and its lines of text put together.
pub(super) struct Cue<'a> {
    /// The line of the file that has the times, counted from 1.
    pub(super) line: usize,
    pub(super) start: Millis,
    pub(super) end: Millis,
    /// What follows the second time on its line.
    pub(super) settings: &'a str,
    pub(super) lines: Vec<&'a str>,
}

/// The cues of a subtitle file: blocks apart by empty lines, each with one line that has `-->`.
/// Blocks without that line go to `other`, which may refuse them.
pub(super) fn cues<'a>(
    text: &'a str,
    mut other: impl FnMut(usize, &[&'a str]) -> Result<(), Fault>,
) -> Result<Vec<Cue<'a>>, Fault> {
    let mut cues = Vec::new();
    let mut block: Vec<&str> = Vec::new();
    let mut first = 1;
    // An empty line at the end closes the last block.
    let lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    for (index, line) in lines.chain([""]).enumerate() {
        if !line.trim().is_empty() {
            if block.is_empty() {
                first = index + 1;
            }
            block.push(line);
            continue;
        }
        // The times stand on the first line, or on the second after a number or a name.
        match block.iter().take(2).position(|line| line.contains("-->")) {
            Some(at) => cues.push(cue(first + at, block[at], block[at + 1..].to_vec())?),
            None if block.is_empty() => {}
            None => other(first, &block)?,
        }
        block.clear();
    }
    Ok(cues)
}

fn cue<'a>(line: usize, times: &'a str, lines: Vec<&'a str>) -> Result<Cue<'a>, Fault> {
    let (start, rest) = times.split_once("-->").unwrap_or((times, ""));
    let rest = rest.trim_start();
    let (end, settings) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    Ok(Cue { line, start: time(start, line)?, end: time(end, line)?, settings, lines })
}

/// `[h:]mm:ss.mmm`, with a comma or a full stop.
fn time(text: &str, line: usize) -> Result<Millis, Fault> {
    let text = text.trim();
    parse_time(text).ok_or_else(|| {
        Fault::new(
            Place::Line(line),
            "a time such as `00:01:02.345`",
            format!("`{}`", text.chars().take(40).collect::<String>()),
        )
    })
}

fn parse_time(text: &str) -> Option<Millis> {
    let (clock, fraction) = text.split_once(['.', ','])?;
    let digits = |text: &str, most: usize| {
        let fits = !text.is_empty() && text.len() <= most;
        (fits && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<u64>().ok())?
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let (hours, minutes, seconds) = match parts.as_slice() {
        [minutes, seconds] => (0, digits(minutes, 2)?, digits(seconds, 2)?),
        [hours, minutes, seconds] => (digits(hours, 4)?, digits(minutes, 2)?, digits(seconds, 2)?),
        _ => return None,
    };
    let millis = if fraction.len() == 3 { digits(fraction, 3)? } else { return None };
    (minutes < 60 && seconds < 60)
        .then_some(Millis(((hours * 60 + minutes) * 60 + seconds) * 1000 + millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_and_without_hours() {
        let check = |text, expected| assert_eq!(parse_time(text).map(|time| time.0), expected);
        check("00:01:02.345", Some(62_345));
        check("01:02,345", Some(62_345));
        check("100:00:00.000", Some(360_000_000));
        check("00:60:00.000", None);
        check("1.5", None);
        check("00:01:02.3456", None);
        check("-0:01:02.345", None);
        check("", None);
    }
}
