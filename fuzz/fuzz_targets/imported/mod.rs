//! What holds of every transcript that an importer gives.

use fh_model::{Language, Millis, RoleMap, Transcript};
use fh_speech::{IMPORTERS, ImportError, ImportOptions, import_transcript};

/// Reads the bytes as the importer with this id, and by their looks where there is none.
pub fn check(importer: Option<&str>, bytes: &[u8]) {
    let options =
        ImportOptions { language: Language::EnUs, roles: RoleMap::default(), channels: 2 };
    let result: Result<Transcript, ImportError> = match importer {
        Some(id) => {
            let importer = IMPORTERS.iter().find(|importer| importer.id == id).expect("listed");
            importer.import("call", bytes, &options)
        }
        None => import_transcript("call.json", bytes, &options),
    };
    let transcript = match result {
        Ok(transcript) => transcript,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let day = Millis::from_secs(24 * 3600);
    let mut earlier = Millis::ZERO;
    for (id, utterance) in (1..).zip(&transcript.utterances) {
        assert_eq!(utterance.id, id);
        assert!(earlier <= utterance.span.start);
        assert!(utterance.span.start <= utterance.span.end && utterance.span.end < day);
        assert!(!utterance.text.trim().is_empty());
        earlier = utterance.span.start;
        let (mut byte, mut time) = (0, utterance.span.start);
        for word in &utterance.words {
            let (start, end) = (word.bytes.start as usize, word.bytes.end as usize);
            assert!(byte <= start && start < end && utterance.text.get(start..end).is_some());
            assert!(time <= word.span.start && word.span.start <= word.span.end);
            assert!(word.span.end <= utterance.span.end);
            (byte, time) = (end, word.span.start);
        }
    }
}
