//! What a recording is, by its content. Its name counts only where there is no content to go by:
//! headerless telephone codecs.

use std::io;

use fh_model::Millis;

use super::g711::Law;
use super::kind::{Foreign, Kind};
use super::raw_g711;

/// How much of the file's start is looked at.
const HEAD_BYTES: usize = 64 * 1024;

/// MPEG frames that must follow one another before we believe that it is MPEG: a sync word is
/// eleven bits, which random bytes hold every few kilobytes.
const MPEG_FRAMES: usize = 3;

/// What the sniffer needs to know besides the bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hints<'a> {
    /// The file's extension, without the dot.
    pub(crate) extension: Option<&'a str>,
    /// The file's size.
    pub(crate) bytes: u64,
    /// The call's length by its begin and end times.
    pub(crate) expected: Option<Millis>,
}

/// Why nothing can be made of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotARecording {
    /// What its bytes look like.
    Unknown { found: String },
    /// Headerless, and its length fits no codec.
    Length { expected: String },
    /// A format with a known hole.
    Unsupported { format: &'static str, detail: String },
}

/// Reads at an offset, as much as there is.
pub(crate) type ReadAt<'r> = dyn FnMut(u64, &mut [u8]) -> io::Result<usize> + 'r;

pub(crate) fn sniff(
    hints: &Hints<'_>,
    read_at: &mut ReadAt<'_>,
) -> io::Result<Result<Kind, NotARecording>> {
    let mut head = vec![0; HEAD_BYTES];
    fill(&mut head, 0, read_at)?;
    if let Some(kind) = by_signature(&head) {
        return Ok(Ok(kind));
    }
    // A tag may be longer than what we look at: album art.
    let tag = id3_length(&head);
    if tag > 0 {
        head.resize(HEAD_BYTES, 0);
        fill(&mut head, tag, read_at)?;
        if head.starts_with(b"fLaC") {
            return Ok(Ok(Kind::Flac { start: tag }));
        }
    }
    if let Some(kind) = mpeg(&head, tag) {
        return Ok(Ok(kind));
    }
    if tag == 0
        && let Some(answer) = by_extension(hints)
        && looks_like(&head).is_none()
    {
        return Ok(answer);
    }
    let found = match looks_like(&head) {
        Some(name) => name.to_owned(),
        None => format!("bytes of no known kind, the first ones {}", hex(&head)),
    };
    Ok(Err(NotARecording::Unknown { found }))
}

fn fill(head: &mut Vec<u8>, from: u64, read_at: &mut ReadAt<'_>) -> io::Result<()> {
    let mut there = 0;
    while there < head.len() {
        match read_at(from + there as u64, &mut head[there..])? {
            0 => break,
            read => there += read,
        }
    }
    head.truncate(there);
    Ok(())
}

fn by_signature(head: &[u8]) -> Option<Kind> {
    let at = |offset: usize, bytes: &[u8]| {
        head.get(offset..).is_some_and(|rest| rest.starts_with(bytes))
    };
    let riff = at(0, b"RIFF") || at(0, b"RF64") || at(0, b"BW64");
    Some(match () {
        () if riff && at(8, b"WAVE") => Kind::Wav,
        () if at(0, b"RIFF") && at(8, b"AVI ") => Kind::Foreign(Foreign::Avi),
        () if at(0, b"FORM") && (at(8, b"AIFF") || at(8, b"AIFC")) => Kind::Aiff,
        () if at(0, b"fLaC") => Kind::Flac { start: 0 },
        () if at(0, b"OggS") => Kind::Ogg,
        () if at(0, &[0x1A, 0x45, 0xDF, 0xA3]) => Kind::Matroska,
        () if at(4, b"ftyp") => Kind::Mp4,
        // QuickTime from before there was a file type box.
        () if at(4, b"moov") || at(4, b"mdat") || at(4, b"wide") => Kind::Mp4,
        () if at(0, b"#!AMR\n") => Kind::AmrNb,
        () if at(0, b"#!AMR-WB\n") => Kind::AmrWb,
        () if at(0, b"caff") => Kind::Foreign(Foreign::Caf),
        () if at(0, b".snd") => Kind::Foreign(Foreign::Au),
        () if at(0, b"riff\x2E\x91\xCF\x11") => Kind::Foreign(Foreign::W64),
        () if at(0, b"\x30\x26\xB2\x75\x8E\x66\xCF\x11") => Kind::Foreign(Foreign::Asf),
        () if at(0, b"FLV\x01") => Kind::Foreign(Foreign::Flv),
        () => return None,
    })
}

/// The length of an ID3v2 tag, header included; 0 where there is none.
fn id3_length(head: &[u8]) -> u64 {
    match head {
        [b'I', b'D', b'3', _, _, flags, a, b, c, d, ..] => {
            // Seven bits a byte, so that no tag holds a sync word.
            let size =
                [a, b, c, d].iter().fold(0, |size, byte| size << 7 | u64::from(**byte & 0x7F));
            size + 10 + if flags & 0x10 != 0 { 10 } else { 0 }
        }
        _ => 0,
    }
}

/// MPEG audio or ADTS: the first place in `head` where enough frames follow one another. `base` is
/// the head's offset in the file.
fn mpeg(head: &[u8], base: u64) -> Option<Kind> {
    let candidates = head.iter().enumerate().filter(|(_, byte)| **byte == 0xFF);
    for (at, _) in candidates {
        let start = base + at as u64;
        if let Some(layer) = frames_in_a_row(head, at, mpeg_frame) {
            return Some(match layer {
                3 => Kind::Mp3 { start },
                _ => Kind::Foreign(Foreign::MpegLayer2),
            });
        }
        if frames_in_a_row(head, at, adts_frame).is_some() {
            return Some(Kind::Adts { start });
        }
    }
    None
}

/// Whether [`MPEG_FRAMES`] frames of one sort follow one another, and of which. A file that ends
/// before them may have fewer, down to one that ends exactly where the file does.
fn frames_in_a_row(
    head: &[u8],
    mut at: usize,
    frame: fn(&[u8]) -> Option<(u8, usize)>,
) -> Option<u8> {
    let mut sort = None;
    for count in 0..MPEG_FRAMES {
        if at == head.len() && count > 0 && head.len() < HEAD_BYTES {
            return sort;
        }
        let (this, length) = frame(head.get(at..)?)?;
        if sort.is_some_and(|sort| sort != this) {
            return None;
        }
        sort = Some(this);
        at += length;
    }
    sort
}

/// Layer and length in bytes of an MPEG audio frame (ISO 11172-3, 2.4.1.3; ISO 13818-3; and the
/// unofficial MPEG 2.5 for low rates).
fn mpeg_frame(bytes: &[u8]) -> Option<(u8, usize)> {
    const V1_L1: [u32; 14] = [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448];
    const V1_L2: [u32; 14] = [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384];
    const V1_L3: [u32; 14] = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    const V2_L1: [u32; 14] = [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256];
    const V2_L23: [u32; 14] = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    let &[0xFF, second, third, _, ..] = bytes else { return None };
    if second & 0xE0 != 0xE0 {
        return None;
    }
    let divisor = match (second >> 3) & 3 {
        0 => 4,
        2 => 2,
        3 => 1,
        _ => return None,
    };
    let layer = 4 - ((second >> 1) & 3);
    let kilobits = match (divisor, layer) {
        (1, 1) => V1_L1,
        (1, 2) => V1_L2,
        (1, 3) => V1_L3,
        (_, 1) => V2_L1,
        (_, 2 | 3) => V2_L23,
        _ => return None,
    };
    // 0 is "free format", which nobody writes, and 15 is forbidden.
    let kilobits = *kilobits.get(usize::from(third >> 4).checked_sub(1)?)?;
    let rate = *[44_100, 48_000, 32_000].get(usize::from((third >> 2) & 3))? / divisor;
    let padding = usize::from((third >> 1) & 1);
    let length = match layer {
        1 => (12 * kilobits * 1000 / rate) as usize * 4 + padding * 4,
        2 => (144 * kilobits * 1000 / rate) as usize + padding,
        _ => (if divisor == 1 { 144 } else { 72 } * kilobits * 1000 / rate) as usize + padding,
    };
    Some((layer, length))
}

/// Length in bytes of an ADTS frame (ISO 13818-7, 6.2).
fn adts_frame(bytes: &[u8]) -> Option<(u8, usize)> {
    let &[0xFF, second, third, fourth, fifth, sixth, _, ..] = bytes else { return None };
    // Twelve sync bits and a layer of 0; a rate that exists.
    if second & 0xF6 != 0xF0 || (third >> 2) & 15 > 12 {
        return None;
    }
    let length = usize::from(fourth & 3) << 11 | usize::from(fifth) << 3 | usize::from(sixth >> 5);
    (length > 7).then_some((0, length))
}

/// Headerless codecs, by the extension; `None` where it says nothing.
fn by_extension(hints: &Hints<'_>) -> Option<Result<Kind, NotARecording>> {
    let extension = hints.extension?.to_ascii_lowercase();
    Some(match extension.as_str() {
        "v3" | "vox" => headerless_dialogic(&extension, hints),
        "al" | "alaw" => Ok(Kind::RawG711 { law: Law::A }),
        "ul" | "ulaw" | "mulaw" => Ok(Kind::RawG711 { law: Law::Mu }),
        "gsm" => Ok(Kind::Foreign(Foreign::RawGsm)),
        "g722" => Ok(Kind::Foreign(Foreign::RawG722)),
        "g726" => Ok(Kind::Foreign(Foreign::RawG726)),
        // Frames of ten bytes. Silence frames of two bytes make ffmpeg lose half the call.
        "g729" if hints.bytes.is_multiple_of(10) => Ok(Kind::Foreign(Foreign::RawG729)),
        "g729" => Err(NotARecording::Unsupported {
            format: "raw/g729",
            detail: format!(
                "expected frames of 10 bytes, found {} bytes: silence frames (Annex B) cannot be \
                 decoded in time",
                hints.bytes
            ),
        }),
        _ => return None,
    })
}

/// Bytes a second of what a `.V3` or `.vox` may hold: Huawei's 24K VOX, 32K VOX and 64K A-law.
const DIALOGIC_RATES: [(u64, Kind); 3] = [
    (3_000, Kind::OkiAdpcm { rate_hz: 6_000 }),
    (4_000, Kind::OkiAdpcm { rate_hz: 8_000 }),
    (raw_g711::RATE_HZ as u64, Kind::RawG711 { law: Law::A }),
];

/// How far the recording's length may be from the call's, either way: a quarter. A recording
/// begins with the answer and not with the ring, but the next codec is a third away.
const DIALOGIC_TOLERANCE: f64 = 1.25;

/// Nothing in the file says which codec it is: the one whose length is nearest to the call's.
///
/// Without the call's length a `.V3` is taken for 6 kHz ADPCM, Huawei's default, and a `.vox` for
/// 8 kHz ADPCM, Dialogic's.
fn headerless_dialogic(extension: &str, hints: &Hints<'_>) -> Result<Kind, NotARecording> {
    let Some(expected) = hints.expected.filter(|expected| *expected > Millis::ZERO) else {
        let rate_hz = if extension == "v3" { 6_000 } else { 8_000 };
        return Ok(Kind::OkiAdpcm { rate_hz });
    };
    let distance = |bytes_per_second: u64| {
        let length = hints.bytes as f64 / bytes_per_second as f64;
        (length / expected.as_secs_f64()).ln().abs()
    };
    let nearest = DIALOGIC_RATES
        .into_iter()
        .min_by(|a, b| distance(a.0).total_cmp(&distance(b.0)))
        .filter(|(bytes_per_second, _)| distance(*bytes_per_second) <= DIALOGIC_TOLERANCE.ln());
    let sizes = DIALOGIC_RATES.map(|(rate, _)| (rate * expected.0 / 1000).to_string()).join(", ");
    nearest.map(|(_, kind)| kind).ok_or_else(|| NotARecording::Length {
        expected: format!("about {sizes} bytes for a call of {expected} (6 or 8 kHz ADPCM, A-law)"),
    })
}

/// What a file is that is no recording, as far as its first bytes tell.
fn looks_like(head: &[u8]) -> Option<&'static str> {
    let text: Vec<u8> = head.iter().take(512).map(u8::to_ascii_lowercase).collect();
    let text = text.trim_ascii_start();
    let holds = |needle: &[u8]| text.windows(needle.len()).any(|window| window == needle);
    Some(match () {
        () if text.starts_with(b"%pdf") => "a PDF document",
        () if text.starts_with(b"<!doctype html") || holds(b"<html") => "an HTML page",
        () if text.starts_with(b"<?xml") => "an XML document",
        () if text.starts_with(b"#extm3u") || text.starts_with(b"ffconcat") => "a playlist",
        () if head.starts_with(&[0x1F, 0x8B]) => "gzip data",
        () if head.starts_with(b"PK\x03\x04") => "a ZIP archive",
        () if head.starts_with(b"7z\xBC\xAF\x27\x1C") => "a 7z archive",
        () if head.starts_with(b"\x89PNG") || head.starts_with(&[0xFF, 0xD8, 0xFF]) => "a picture",
        () if head.starts_with(b"\x7FELF") || head.starts_with(b"MZ") => "a program",
        () if head.len() >= 16 && head.iter().all(|byte| *byte == 0) => "nothing but zeros",
        () if !head.is_empty() && is_text(&head[..head.len().min(512)]) => "text",
        () => return None,
    })
}

/// UTF-8 without control characters; the last character may be cut.
fn is_text(bytes: &[u8]) -> bool {
    let whole = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !whole.is_empty() && whole.chars().all(|c| !c.is_control() || c.is_ascii_whitespace())
}

fn hex(head: &[u8]) -> String {
    head.iter().take(8).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}
