//! Transcripts that vendors publish, from a folder that is not part of this project.

use fh_model::{Language, Role, RoleMap, TranscriptSource};
use fh_speech::{ImportError, ImportOptions, import_transcript};

fn import(name: &str) -> Result<fh_model::Transcript, ImportError> {
    let bytes = std::fs::read(crate::shared().join("recordings").join(name)).unwrap();
    let options =
        ImportOptions { language: Language::ZhCn, roles: RoleMap::default(), channels: 2 };
    import_transcript(name, &bytes, &options)
}

#[test]
#[ignore = "needs ../shared"]
fn amazon_call_analytics_is_read() {
    let transcript = import("aws_example_call_transcribe_callanalytics.json").unwrap();
    assert!(matches!(
        &transcript.source,
        TranscriptSource::Import { format, .. } if format == "amazon-transcribe"
    ));
    assert_eq!(transcript.language, Language::EnUs);
    let first = &transcript.utterances[0];
    assert_eq!(
        (first.role, first.channel.0, first.span.start.0, first.span.end.0),
        (Role::Agent, 0, 40, 5050)
    );
    // The first turn has 22 items, of which three are punctuation.
    assert_eq!(first.words.len(), 19);
    let last_word = first.words.last().unwrap();
    let bytes = last_word.bytes.start as usize..last_word.bytes.end as usize;
    assert_eq!((&first.text[bytes], last_word.span.end.0), ("you", 5050));
    assert!(transcript.utterances.iter().any(|u| u.role == Role::Customer && u.channel.0 == 1));
}

#[test]
#[ignore = "needs ../shared"]
fn azure_fast_transcription_is_read() {
    let transcript = import("azure_cu_batch_pretranscribed.json").unwrap();
    assert!(matches!(
        &transcript.source,
        TranscriptSource::Import { format, .. } if format == "azure-speech"
    ));
    let first = &transcript.utterances[0];
    assert_eq!(first.text, "Hi there, thank you for calling Contoso.");
    assert_eq!((first.span.start.0, first.span.end.0), (80, 2240));
    assert_eq!(first.words.len(), 7);
    assert_eq!(first.words[1].span.start.0, 320);
}

#[test]
#[ignore = "needs ../shared"]
fn a_text_without_times_is_refused_with_the_reason() {
    assert_eq!(
        import("ms_convo_132ac838.json").unwrap_err(),
        ImportError::NoTimes { file: "ms_convo_132ac838.json".to_owned() }
    );
}
