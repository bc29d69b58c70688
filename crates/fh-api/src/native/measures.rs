use axum::Json;
use axum::extract::State;
use fh_model::{CallId, ChannelMeasures, Completeness, Decibels, Inspection, Span};
use serde::Serialize;
use utoipa::ToSchema;

use super::Refusals;
use super::calls::SpeakerName;
use super::transcript::result_of;
use crate::Problem;
use crate::extract::InPath;
use crate::parts::Api;
use crate::sign_in::SignedIn;

/// What was measured on the sound of a call.
#[derive(Serialize, ToSchema)]
pub(crate) struct Measures {
    recording: RecordingWire,
    channels: Vec<Channel>,
    /// Stretches between the first and the last speech in which nobody speaks.
    mutual_silences: Vec<Stretch>,
    talk_overs: Vec<TalkOverWire>,
    /// Empty without words.
    speech_rates: Vec<Rate>,
    /// Stable names of what one should know before trusting the score.
    warnings: Vec<String>,
}

/// The recording as it was decoded.
#[derive(Serialize, ToSchema)]
#[schema(as = Recording)]
struct RecordingWire {
    file_name: String,
    bytes: u64,
    /// blake3 of its bytes, in hex.
    digest: String,
    /// Container and codec, such as `wav/pcm_mulaw`.
    format: String,
    sample_rate_hz: u32,
    channels: u8,
    duration_ms: u64,
    /// What is missing of it; absent where it is whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    partial: Option<String>,
}

/// A stretch of time in the recording.
#[derive(Serialize, ToSchema)]
pub(super) struct Stretch {
    start_ms: u64,
    end_ms: u64,
}

impl From<Span> for Stretch {
    fn from(span: Span) -> Self {
        Self { start_ms: span.start.0, end_ms: span.end.0 }
    }
}

/// What was measured on one channel.
#[derive(Serialize, ToSchema)]
struct Channel {
    channel: u8,
    role: SpeakerName,
    speech: Vec<Stretch>,
    speech_ms: u64,
    /// The rest: the other party's speech counts as this channel's silence.
    own_silence_ms: u64,
    /// Speech over duration, 0 to 1.
    speech_ratio: f64,
    /// Integrated loudness by EBU R128; absent where the channel is silent throughout.
    #[serde(skip_serializing_if = "Option::is_none")]
    integrated_lufs: Option<f64>,
    /// The highest sample; absent where every sample is zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    peak_dbfs: Option<f64>,
    /// The level of each whole second.
    per_second_dbfs: Vec<f64>,
}

impl Channel {
    fn of(measures: &ChannelMeasures) -> Self {
        Self {
            channel: measures.channel.0,
            role: measures.role.into(),
            speech: measures.speech.iter().copied().map(Stretch::from).collect(),
            speech_ms: measures.speech_time.0,
            own_silence_ms: measures.own_silence_time.0,
            speech_ratio: measures.speech_ratio(),
            integrated_lufs: measures.loudness.integrated_lufs.map(Decibels::as_f64),
            peak_dbfs: measures.loudness.peak_dbfs.map(Decibels::as_f64),
            per_second_dbfs: measures
                .loudness
                .per_second_dbfs
                .iter()
                .copied()
                .map(Decibels::as_f64)
                .collect(),
        }
    }
}

/// A stretch in which both speak.
#[derive(Serialize, ToSchema)]
#[schema(as = TalkOver)]
struct TalkOverWire {
    start_ms: u64,
    end_ms: u64,
    /// Who began while the other was already speaking.
    by: SpeakerName,
    by_channel: u8,
    /// It lies wholly inside the other's speech: "mhm", not an interruption.
    inside_other: bool,
}

/// How fast a channel speaks.
#[derive(Serialize, ToSchema)]
struct Rate {
    channel: u8,
    role: SpeakerName,
    /// Characters (Chinese) or words (English).
    units: u32,
    per_minute: f64,
}

/// Gives what was measured on a call. 409 while it is not inspected.
#[utoipa::path(get, path = "/v1/calls/{id}/measures", tag = "calls",
    params(("id" = String, Path, format = Uuid)),
    responses((status = 200, body = Measures), Refusals))]
pub(crate) async fn get_measures(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPath(id): InPath<CallId>,
) -> Result<Json<Measures>, Problem> {
    let (_, inspection) = result_of(&api, &caller, id).await?;
    Ok(Json(Measures::of(&inspection)))
}

impl Measures {
    fn of(inspection: &Inspection) -> Self {
        let (recording, measures) = (&inspection.recording, &inspection.measures);
        Self {
            recording: RecordingWire {
                file_name: recording.file_name.clone(),
                bytes: recording.bytes,
                digest: recording.digest.clone(),
                format: recording.format.clone(),
                sample_rate_hz: recording.sample_rate_hz,
                channels: recording.channels,
                duration_ms: recording.duration.0,
                partial: match &recording.completeness {
                    Completeness::Complete => None,
                    Completeness::Partial { reason, .. } => Some(reason.clone()),
                },
            },
            channels: measures.channels.iter().map(Channel::of).collect(),
            mutual_silences: measures.mutual_silences.iter().copied().map(Into::into).collect(),
            talk_overs: measures
                .talk_overs
                .iter()
                .map(|talk_over| TalkOverWire {
                    start_ms: talk_over.span.start.0,
                    end_ms: talk_over.span.end.0,
                    by: talk_over.by.into(),
                    by_channel: talk_over.by_channel.0,
                    inside_other: talk_over.inside_other,
                })
                .collect(),
            speech_rates: inspection
                .speech_rates
                .iter()
                .map(|rate| Rate {
                    channel: rate.channel.0,
                    role: rate.role.into(),
                    units: rate.units,
                    per_minute: rate.per_minute_thousandths as f64 / 1e3,
                })
                .collect(),
            warnings: inspection.warnings.iter().map(|warning| warning.code().to_owned()).collect(),
        }
    }
}
