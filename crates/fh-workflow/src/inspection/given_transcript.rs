use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use fh_model::{CallMetadata, Transcript, TranscriptState};
use fh_speech::importers::MOST_BYTES;
use fh_speech::{ImportOptions, import_transcript};

use super::{Listened, Words, language_of_text};

/// A transcript that somebody else made, as it came.
#[derive(Debug)]
pub struct GivenTranscript {
    name: String,
    bytes: io::Result<Vec<u8>>,
}

impl GivenTranscript {
    /// The transcript called `name`, which tells its format where the content does not.
    pub fn new(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { name: name.into(), bytes: Ok(bytes) }
    }

    /// Reads the file at `path`, one byte more than allowed at most, so that the importer can say
    /// "too large". That it cannot be read is told when its words are asked for.
    pub fn read(name: impl Into<String>, path: &Path) -> Self {
        Self { name: name.into(), bytes: File::open(path).and_then(read_bounded) }
    }

    /// The same of an open file.
    pub fn read_from(name: impl Into<String>, file: impl Read) -> Self {
        Self { name: name.into(), bytes: read_bounded(file) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its bytes; `None` where they could not be read.
    pub fn bytes(&self) -> Option<&[u8]> {
        self.bytes.as_deref().ok()
    }

    /// blake3 over name and bytes, in hex.
    pub fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.name.as_bytes());
        match &self.bytes {
            Ok(bytes) => hasher.update(b"\0").update(bytes),
            Err(error) => hasher.update(b"\x01").update(error.to_string().as_bytes()),
        };
        hasher.finalize().to_hex().to_string()
    }

    /// Its words. One that cannot be read is told and no other words are put in its place: who gave
    /// it believes that it is used.
    pub fn words(&self, listened: &Listened, metadata: &CallMetadata) -> Words {
        match self.import(listened.measures.channels.len(), metadata) {
            Ok(transcript) => Words::known(transcript),
            Err(reason) => Words::none(TranscriptState::Failed { reason }),
        }
    }

    fn import(&self, channels: usize, metadata: &CallMetadata) -> Result<Transcript, String> {
        let bytes =
            self.bytes.as_ref().map_err(|error| format!("reading `{}`: {error}", self.name))?;
        let options = ImportOptions {
            language: metadata
                .language
                .unwrap_or_else(|| language_of_text(&String::from_utf8_lossy(bytes))),
            roles: metadata.roles.clone().unwrap_or_default(),
            channels: u8::try_from(channels).unwrap_or(u8::MAX),
        };
        import_transcript(&self.name, bytes, &options).map_err(|error| error.to_string())
    }
}

fn read_bounded(file: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
