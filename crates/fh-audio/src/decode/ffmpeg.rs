//! What nothing built in decodes goes to the ffmpeg program, if it is installed: as a process of
//! its own in the sandbox, told what the file is, allowed no protocol but files and pipes. It
//! writes its samples as Matroska, which keeps tracks and their times apart, to a child of ours
//! that resamples them like any other.

use std::ffi::OsString;
use std::path::PathBuf;

use fh_model::Millis;

use super::kind::Kind;
use crate::Ffmpeg;

/// The Debian package.
pub(crate) const PACKAGE: &str = "ffmpeg";

/// The program, if there is one.
pub(crate) fn find(choice: &Ffmpeg) -> Option<PathBuf> {
    match choice {
        Ffmpeg::Never => None,
        Ffmpeg::At(path) => path.is_file().then(|| path.clone()),
        Ffmpeg::FromPath => {
            let path = std::env::var_os("PATH")?;
            std::env::split_paths(&path)
                .filter(|folder| folder.is_absolute())
                .map(|folder| folder.join("ffmpeg"))
                .find(|program| program.is_file())
        }
    }
}

/// The command line for a recording on standard input; `None` where ffmpeg must not be asked.
pub(crate) fn arguments(kind: &Kind) -> Option<Vec<OsString>> {
    let input = kind.ffmpeg_input()?;
    let mut arguments = vec!["-nostdin", "-nostats", "-protocol_whitelist", "file,pipe"];
    arguments.extend(["-threads", "1"]);
    arguments.extend(input);
    // Opened again and not read from the pipe, so that it can seek: some MP4s have their index at
    // the end.
    arguments.extend(["-i", "/proc/self/fd/0", "-map", "0:a", "-vn", "-sn", "-dn"]);
    arguments.extend(["-map_metadata", "-1", "-c:a", "pcm_f32le", "-f", "matroska", "pipe:1"]);
    Some(arguments.into_iter().map(OsString::from).collect())
}

/// What can be learnt from what ffmpeg says on standard error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Said {
    /// `5.1.9-0+deb12u1`.
    pub(crate) version: Option<String>,
    /// The codec of the first audio stream, `gsm_ms`.
    pub(crate) codec: Option<String>,
    /// The length by the container; `None` where it is a guess.
    pub(crate) declared: Option<Millis>,
    /// The first complaint about damage.
    pub(crate) complaint: Option<String>,
}

pub(crate) fn said(standard_error: &str) -> Said {
    let mut said = Said::default();
    let guessed = standard_error.contains("Estimating duration from bitrate");
    for line in standard_error.lines() {
        let line = line.trim_start();
        if let Some(rest) = line.strip_prefix("ffmpeg version ") {
            said.version = rest.split_whitespace().next().map(str::to_owned);
        } else if let Some(rest) = line.strip_prefix("Duration: ")
            && said.declared.is_none()
            && !guessed
        {
            said.declared = rest.split(',').next().and_then(clock);
        } else if let Some((_, rest)) = line.split_once("Audio: ")
            && line.starts_with("Stream #0")
            && said.codec.is_none()
        {
            let word = |end: char| !(end.is_ascii_alphanumeric() || end == '_');
            said.codec = rest.split(word).next().map(str::to_owned);
        } else if said.complaint.is_none()
            && ["rror while", "nvalid", "orrupt", "rror splitting"].iter().any(|w| line.contains(w))
        {
            said.complaint = Some(line.chars().take(200).collect());
        }
    }
    said
}

/// `00:01:00.25`.
fn clock(text: &str) -> Option<Millis> {
    let mut parts = text.trim().split(':');
    let (hours, minutes) = (parts.next()?.parse::<u64>().ok()?, parts.next()?.parse::<u64>().ok()?);
    let seconds: f64 = parts.next()?.parse().ok()?;
    let whole = hours.checked_mul(3_600)?.checked_add(minutes * 60)?.checked_mul(1_000)?;
    Some(Millis(whole + (seconds * 1_000.0).round() as u64)).filter(|length| *length > Millis::ZERO)
}

/// The last thing it said, which is usually what went wrong.
pub(crate) fn last_words(standard_error: &str) -> String {
    let line = standard_error.lines().map(str::trim).rfind(|line| !line.is_empty());
    line.unwrap_or("nothing").chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn learns_from_standard_error() {
        let text = "ffmpeg version 5.1.9-0+deb12u1 Copyright (c)\n\
                    Input #0, wav, from '/proc/self/fd/0':\n  \
                    Duration: 00:01:00.25, bitrate: 13 kb/s\n  \
                    Stream #0:0: Audio: gsm_ms ([49][0][0][0] / 0x0031), 8000 Hz, mono\n";
        let expected = Said {
            version: Some("5.1.9-0+deb12u1".to_owned()),
            codec: Some("gsm_ms".to_owned()),
            declared: Some(Millis(60_250)),
            complaint: None,
        };
        assert_eq!(said(text), expected);
        let error = "Error while decoding stream #0:0: Invalid data found";
        assert_eq!(said(error).complaint.as_deref(), Some(error));
        assert_eq!(said("  Duration: N/A, bitrate: 4 kb/s").declared, None);
    }

    #[test]
    fn adaptive_multi_rate_never_goes_to_ffmpeg() {
        assert_eq!(arguments(&Kind::AmrNb), None);
    }
}
