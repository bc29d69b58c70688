use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What a transcript beside `call.wav` may be called, the most explicit name first; `{stem}` is
/// `call`, `{name}` is `call.wav`.
const NAMES: &[(Base, &str)] = &[
    (Base::Stem, ".transcript.json"),
    (Base::Name, ".json"),
    (Base::Name, ".vtt"),
    (Base::Name, ".srt"),
    (Base::Stem, ".json"),
    (Base::Stem, ".vtt"),
    (Base::Stem, ".srt"),
];

enum Base {
    Stem,
    Name,
}

/// The transcript that lies beside a recording, if there is one.
///
/// For `call.wav` these are looked for, in this order: `call.transcript.json`, `call.wav.json`,
/// `call.wav.vtt`, `call.wav.srt`, `call.json`, `call.vtt`, `call.srt`. Whether the file really is
/// a transcript, [`crate::import_transcript`] tells.
pub fn transcript_beside(recording: &Path) -> Option<PathBuf> {
    let candidates = transcript_names(recording)?;
    candidates.into_iter().map(|name| recording.with_file_name(name)).find(|path| path.is_file())
}

/// What a transcript beside a recording may be called, in the order in which [`transcript_beside`]
/// looks for them; for those who cannot look themselves. `None` for a path without a name.
pub fn transcript_names(recording: &Path) -> Option<Vec<OsString>> {
    let (stem, name) = (recording.file_stem()?, recording.file_name()?);
    let candidates = NAMES.iter().map(|(base, ending)| {
        let mut candidate = OsString::from(match base {
            Base::Stem => stem,
            Base::Name => name,
        });
        candidate.push(ending);
        candidate
    });
    Some(candidates.filter(|candidate| candidate != name).collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_most_explicit_name_wins() {
        let folder = tempfile::tempdir().unwrap();
        let recording = folder.path().join("call.wav");
        assert_eq!(transcript_beside(&recording), None);
        for name in ["call.srt", "call.vtt", "call.json", "call.wav.json", "call.transcript.json"] {
            fs::write(folder.path().join(name), "").unwrap();
            assert_eq!(transcript_beside(&recording), Some(folder.path().join(name)));
        }
    }

    #[test]
    fn a_file_is_not_its_own_transcript() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("call.json");
        fs::write(&path, "").unwrap();
        assert_eq!(transcript_beside(&path), None);
    }
}
