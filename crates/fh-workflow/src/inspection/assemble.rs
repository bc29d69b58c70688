use fh_model::{
    CallMetadata, INSPECTION_SCHEMA, Inspection, Language, Lineage, Transcript, TranscriptSource,
    TranscriptState,
};
use fh_rules::{CallView, NORMALIZER_VERSION, Pack};

use super::{Listened, Words};

/// Holds a call against the rules, in every scenario that applies or in the one named, and puts all
/// that is known of it together.
pub fn assemble(
    metadata: CallMetadata,
    mut listened: Listened,
    words: Words,
    pack: &Pack,
    scenario: Option<&str>,
) -> Inspection {
    if let Some(transcript) = &words.transcript {
        listened.adopt_roles(transcript);
    }
    listened.warnings.extend(words.warning);
    // Where nobody speaks the words are known: there are none. Rules that miss a greeting flag.
    let no_words = (words.state == TranscriptState::NoSpeech).then(|| {
        let language = metadata.language.unwrap_or(Language::EnUs);
        let source = TranscriptSource::Import { format: String::new(), digest: String::new() };
        Transcript::new(language, source, Vec::new())
    });
    let view = CallView {
        metadata: &metadata,
        transcript: words.transcript.as_ref().or(no_words.as_ref()),
        measures: &listened.measures,
        voice_activity: &listened.voice_activity,
        warnings: &listened.warnings,
    };
    let outcome = pack.inspect(&view, scenario);
    let mut warnings = listened.warnings;
    for warning in outcome.warnings {
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    Inspection {
        schema: INSPECTION_SCHEMA.to_owned(),
        call: metadata,
        recording: listened.recording,
        warnings,
        measures: listened.measures,
        speech_rates: outcome.speech_rates,
        transcript_state: words.state,
        transcript: words.transcript,
        score_cards: outcome.score_cards,
        lineage: Lineage {
            fairhearing: env!("CARGO_PKG_VERSION").to_owned(),
            decoder: listened.decoder_version,
            voice_activity: listened.voice_activity,
            voice_activity_version: listened.voice_activity_version,
            normalizer: NORMALIZER_VERSION.to_owned(),
            rule_pack_digest: pack.digest().to_owned(),
        },
    }
}
