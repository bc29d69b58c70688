use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fh_model::Language;
use sha2::{Digest, Sha256};

use super::ReportOptions;
use super::script_json::write_script_json;
use super::summary::Overview;

/// The page around the data; `{{...}}` marks what is filled in.
const TEMPLATE: &str = include_str!("../../report/report.html");

/// The one style sheet.
pub(super) const STYLE: &str = include_str!("../../report/report.css");

/// The scripts, in the order in which they run. They share one scope.
const SCRIPTS: &[&str] = &[
    include_str!("../../report/scripts/data.js"),
    include_str!("../../report/scripts/texts.js"),
    include_str!("../../report/scripts/dom.js"),
    include_str!("../../report/scripts/format.js"),
    include_str!("../../report/scripts/selection.js"),
    include_str!("../../report/scripts/histogram.js"),
    include_str!("../../report/scripts/table.js"),
    include_str!("../../report/scripts/overview.js"),
    include_str!("../../report/scripts/moments.js"),
    include_str!("../../report/scripts/player.js"),
    include_str!("../../report/scripts/waveform.js"),
    include_str!("../../report/scripts/transcript.js"),
    include_str!("../../report/scripts/score_card.js"),
    include_str!("../../report/scripts/measures.js"),
    include_str!("../../report/scripts/call.js"),
    include_str!("../../report/scripts/main.js"),
];

/// The texts of the page, one catalogue a language.
pub(super) const TEXTS_EN: &str = include_str!("../../report/texts/en.json");
pub(super) const TEXTS_ZH: &str = include_str!("../../report/texts/zh.json");

/// Writes everything up to the data of the first call.
pub(super) fn write_head(out: &mut impl Write, title: &str, language: Language) -> io::Result<()> {
    for (marker, text) in pieces(part_of_template(true)) {
        out.write_all(text.as_bytes())?;
        match marker {
            Some("language") => out.write_all(page_language(language).as_bytes())?,
            Some("title") => write_escaped(out, title_or_default(title, language))?,
            Some("policy") => write_escaped(out, &policy())?,
            Some("style") => out.write_all(STYLE.as_bytes())?,
            other => debug_assert!(other.is_none(), "no value for the marker {other:?}"),
        }
    }
    Ok(())
}

/// Writes everything after the data of the last call.
pub(super) fn write_tail(
    out: &mut impl Write,
    overview: &Overview,
    options: &ReportOptions,
) -> io::Result<()> {
    for (marker, text) in pieces(part_of_template(false)) {
        out.write_all(text.as_bytes())?;
        match marker {
            Some("index") => write_script_json(&mut *out, &overview.index(options))?,
            Some("texts") => write_texts(out)?,
            Some("script") => out.write_all(script().as_bytes())?,
            other => debug_assert!(other.is_none(), "no value for the marker {other:?}"),
        }
    }
    Ok(())
}

/// The page's content security policy: nothing may be loaded, and only our own style and script
/// may apply; sound comes from data inside the page.
pub(super) fn policy() -> String {
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; img-src data:; \
         media-src data: blob:; base-uri 'none'; form-action 'none'",
        sha256_base64(&script()),
        sha256_base64(STYLE)
    )
}

/// All scripts in one strict scope of their own.
pub(super) fn script() -> String {
    format!("(() => {{\n'use strict';\n{}}})();\n", SCRIPTS.concat())
}

pub(super) fn sha256_base64(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text.as_bytes()))
}

/// `zh` or `en`, as the page's script and catalogues call it.
pub(super) const fn page_language(language: Language) -> &'static str {
    match language {
        Language::ZhCn => "zh",
        _ => "en",
    }
}

fn title_or_default(title: &str, language: Language) -> &str {
    match (title, language) {
        ("", Language::ZhCn) => "通话质检报告",
        ("", _) => "Call inspection report",
        _ => title,
    }
}

fn write_texts(out: &mut impl Write) -> io::Result<()> {
    let catalogue = |text| -> io::Result<serde_json::Value> {
        serde_json::from_str(text).map_err(io::Error::from)
    };
    write_script_json(
        out,
        &serde_json::json!({ "en": catalogue(TEXTS_EN)?, "zh": catalogue(TEXTS_ZH)? }),
    )
}

/// The template before or after the place of the calls.
fn part_of_template(before: bool) -> &'static str {
    let (head, tail) = TEMPLATE.split_once("{{calls}}").unwrap_or((TEMPLATE, ""));
    if before { head } else { tail }
}

/// Cuts a template into texts, each with the marker that follows it.
fn pieces(template: &str) -> impl Iterator<Item = (Option<&str>, &str)> {
    let mut rest = Some(template);
    std::iter::from_fn(move || {
        let here = rest?;
        let cut = here.split_once("{{").and_then(|(text, after)| {
            after.split_once("}}").map(|(marker, after)| (text, marker, after))
        });
        Some(match cut {
            Some((text, marker, after)) => {
                rest = Some(after);
                (Some(marker), text)
            }
            None => {
                rest = None;
                (None, here)
            }
        })
    })
}

/// Writes text so that it stays text in an element and in a quoted attribute.
fn write_escaped(out: &mut impl Write, text: &str) -> io::Result<()> {
    let mut bytes = [0; 4];
    for character in text.chars() {
        out.write_all(match character {
            '<' => b"&lt;",
            '>' => b"&gt;",
            '&' => b"&amp;",
            '"' => b"&quot;",
            '\'' => b"&#39;",
            _ => character.encode_utf8(&mut bytes).as_bytes(),
        })?;
    }
    Ok(())
}
