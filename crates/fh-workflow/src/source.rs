use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::fetch::RecordingSource;

/// The longest file name that is kept, in characters.
const LONGEST: usize = 200;

/// Where a call's recording is to be had and what it is called, as the call's row keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallSource {
    /// Where it is to be had.
    pub recording: RecordingSource,
    /// Its file name with the extension, which tells headerless formats apart. A stranger chose it:
    /// without `/`, and never part of a path as it is.
    pub file_name: String,
}

impl CallSource {
    /// The source with the name that the client gave, or with the one it has itself.
    pub fn new(recording: RecordingSource, file_name: Option<String>) -> Self {
        let own = || match &recording {
            RecordingSource::Path { written } => written.clone(),
            RecordingSource::Url { url } => {
                url.split(['?', '#']).next().unwrap_or_default().to_owned()
            }
            RecordingSource::Upload { .. } => String::new(),
        };
        let file_name = last_part(&file_name.filter(|name| !name.is_empty()).unwrap_or_else(own));
        Self { recording, file_name }
    }

    /// The name without its extension.
    pub fn stem(&self) -> &str {
        let stem = Path::new(&self.file_name).file_stem().and_then(|stem| stem.to_str());
        stem.unwrap_or(&self.file_name)
    }
}

/// The last part of what may be a path, without control characters; `recording` where there is none.
fn last_part(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !c.is_control()).collect();
    // The extension is at the end: a name too long loses its beginning.
    let too_many = kept.chars().count().saturating_sub(LONGEST);
    let kept: String = kept.chars().skip(too_many).collect();
    if kept.trim_matches(['.', ' ']).is_empty() { "recording".to_owned() } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_called_by_the_last_part_of_its_path() {
        let check = |recording: RecordingSource, given: Option<&str>, name: &str, stem: &str| {
            let source = CallSource::new(recording, given.map(str::to_owned));
            assert_eq!((source.file_name.as_str(), source.stem()), (name, stem));
        };
        let path = |written: &str| RecordingSource::Path { written: written.to_owned() };
        check(path(r"Y:\27\0\20210201\1118\0951044.V3"), None, "0951044.V3", "0951044");
        check(path("Y:/27/a.b.wav"), None, "a.b.wav", "a.b");
        check(path("Y:/27/a.wav"), Some("../../x/b.wav"), "b.wav", "b");
        let url = "https://host/calls/1.mp3?Signature=a/b".to_owned();
        check(RecordingSource::Url { url }, None, "1.mp3", "1");
        let blob = "default/recordings/0.1".to_owned();
        check(RecordingSource::Upload { blob }, None, "recording", "recording");
        check(path(".."), None, "recording", "recording");
    }
}
