//! What a downloaded recording is called. The name is shown and its suffix tells headerless formats
//! apart; it is never part of a path.

use percent_encoding::percent_decode_str;
use url::Url;

/// The longest name kept, in characters.
const LONGEST: usize = 120;

/// The first name that has a suffix, else the first at all: of `Content-Disposition`, of the URL that
/// answered, of the URL that was asked for. Storage behind a redirect often forgets the suffix.
pub(super) fn choose(disposition: Option<&str>, answered: &Url, asked: &Url) -> Option<String> {
    let of_url = |url: &Url| {
        let last = url.path_segments()?.next_back()?;
        clean(&percent_decode_str(last).decode_utf8_lossy())
    };
    let names = [disposition.and_then(of_disposition), of_url(answered), of_url(asked)];
    let mut names = names.into_iter().flatten();
    let first = names.next()?;
    if has_suffix(&first) {
        return Some(first);
    }
    Some(names.find(|name| has_suffix(name)).unwrap_or(first))
}

fn has_suffix(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(stem, suffix)| !stem.is_empty() && !suffix.is_empty())
}

/// The name in a `Content-Disposition` (RFC 6266): `filename*` wins over `filename`.
fn of_disposition(header: &str) -> Option<String> {
    let mut plain = None;
    for (name, value) in parameters(header) {
        match name.as_str() {
            "filename*" => {
                // RFC 8187: charset'language'percent-encoded. UTF-8 is the only one in use.
                let mut parts = value.splitn(3, '\'');
                let (charset, _, text) = (parts.next()?, parts.next()?, parts.next()?);
                if charset.eq_ignore_ascii_case("utf-8") {
                    return clean(&percent_decode_str(text).decode_utf8_lossy());
                }
            }
            "filename" => plain = plain.or(Some(value)),
            _ => {}
        }
    }
    clean(&plain?)
}

/// The parameters behind the disposition's type; names in lower case, quotes and escapes undone.
fn parameters(header: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut part = String::new();
    let (mut quoted, mut escaped) = (false, false);
    for c in header.chars().chain([';']) {
        match c {
            _ if escaped => {
                part.push(c);
                escaped = false;
            }
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ';' if !quoted => {
                if let Some((name, value)) = part.split_once('=') {
                    found.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
                }
                part.clear();
            }
            _ => part.push(c),
        }
    }
    found
}

/// The last part of what may be a path, without what would upset a screen or a table.
fn clean(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_shown = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let kept: String = last.trim().chars().filter(is_shown).collect();
    if kept.trim_matches(['.', ' ']).is_empty() {
        return None;
    }
    // The suffix is what matters: a name too long loses its beginning.
    let too_many = kept.chars().count().saturating_sub(LONGEST);
    Some(kept.chars().skip(too_many).collect())
}
