use fh_model::{
    CallWarning, ChannelMeasures, Inspection, Millis, Role, ScoreCard, Severity, Span,
    TranscriptState,
};

use super::summary::{is_left_open, left_open};
use crate::inspect::CallResult;

/// One value of a row; `None` where it is not known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Text(Option<String>),
    Whole(Option<i64>),
    Number(Option<f64>),
}

/// What kind of value a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Whole,
    Number,
}

/// The columns, in order. Ratios are 0 to 1, speeds units a minute of own speech, levels LUFS,
/// `unknown_...` is the first channel of which nobody knows who speaks on it.
pub(crate) const COLUMNS: &[(&str, Kind)] = &[
    ("file", Kind::Text),
    ("status", Kind::Text),
    ("call_id", Kind::Text),
    ("agent_id", Kind::Text),
    ("agent_name", Kind::Text),
    ("skill_group", Kind::Text),
    ("direction", Kind::Text),
    ("begin_time", Kind::Text),
    ("language", Kind::Text),
    ("duration_ms", Kind::Whole),
    ("format", Kind::Text),
    ("channels", Kind::Whole),
    ("sample_rate_hz", Kind::Whole),
    ("agent_speech_ratio", Kind::Number),
    ("customer_speech_ratio", Kind::Number),
    ("unknown_speech_ratio", Kind::Number),
    ("agent_speed_per_minute", Kind::Number),
    ("customer_speed_per_minute", Kind::Number),
    ("unknown_speed_per_minute", Kind::Number),
    ("agent_lufs", Kind::Number),
    ("customer_lufs", Kind::Number),
    ("unknown_lufs", Kind::Number),
    ("mutual_silence_ms", Kind::Whole),
    ("longest_mutual_silence_ms", Kind::Whole),
    ("talk_over_ms", Kind::Whole),
    ("talk_overs", Kind::Whole),
    ("transcript", Kind::Text),
    ("scenario_id", Kind::Text),
    ("base", Kind::Number),
    ("score", Kind::Number),
    ("findings", Kind::Whole),
    ("critical_findings", Kind::Whole),
    ("rules_not_evaluated", Kind::Whole),
    ("flagged_rules", Kind::Text),
    ("not_evaluated_rules", Kind::Text),
    ("warnings", Kind::Text),
    ("recording_digest", Kind::Text),
    ("rule_pack_digest", Kind::Text),
    ("error_code", Kind::Text),
    ("error", Kind::Text),
];

/// The rows of a result: one for each scenario, or a single one where none applies or it failed.
pub(crate) fn rows_of(result: &CallResult) -> Vec<Vec<Cell>> {
    let rows: Vec<Vec<Cell>> = match result {
        CallResult::Failed(failure) => {
            let mut row: Vec<Cell> = COLUMNS.iter().map(|&(_, kind)| empty(kind)).collect();
            let values = [
                ("file", &failure.name),
                ("error_code", &failure.code),
                ("error", &failure.message),
            ];
            for (name, value) in values {
                put(&mut row, name, text(value));
            }
            put(&mut row, "status", text("failed"));
            vec![row]
        }
        CallResult::Inspected { name, inspection, .. } if inspection.score_cards.is_empty() => {
            vec![row(name, inspection, None)]
        }
        CallResult::Inspected { name, inspection, .. } => {
            let cards = inspection.score_cards.iter();
            cards.map(|card| row(name, inspection, Some(card))).collect()
        }
    };
    debug_assert!(rows.iter().all(|row| row.len() == COLUMNS.len()));
    rows
}

fn put(row: &mut [Cell], name: &str, value: Cell) {
    if let Some(index) = COLUMNS.iter().position(|(column, _)| *column == name) {
        row[index] = value;
    }
}

const fn empty(kind: Kind) -> Cell {
    match kind {
        Kind::Text => Cell::Text(None),
        Kind::Whole => Cell::Whole(None),
        Kind::Number => Cell::Number(None),
    }
}

fn text(value: &str) -> Cell {
    Cell::Text(Some(value.to_owned()))
}

fn maybe(value: Option<&String>) -> Cell {
    Cell::Text(value.cloned())
}

fn whole(value: u64) -> Cell {
    Cell::Whole(i64::try_from(value).ok())
}

fn total(spans: impl Iterator<Item = Span>) -> Cell {
    whole(spans.map(|span| span.length().0).sum())
}

/// The row of one call in one scenario; the values stand in the order of [`COLUMNS`].
fn row(name: &str, inspection: &Inspection, card: Option<&ScoreCard>) -> Vec<Cell> {
    const ROLES: [Role; 3] = [Role::Agent, Role::Customer, Role::Unknown];
    let (call, recording, measures) =
        (&inspection.call, &inspection.recording, &inspection.measures);
    let language = inspection
        .transcript
        .as_ref()
        .map(|transcript| transcript.language)
        .or(call.language)
        .map(|language| language.code());
    let status = if recording.completeness.is_partial() { "partial" } else { "inspected" };
    let mut row = vec![
        text(name),
        text(status),
        maybe(call.call_id.as_ref()),
        maybe(call.agent_id.as_ref()),
        maybe(call.agent_name.as_ref()),
        maybe(call.skill_group.as_ref()),
        maybe(call.direction.as_ref()),
        Cell::Text(call.begin_time.map(|time| time.strftime("%Y-%m-%d %H:%M:%S").to_string())),
        Cell::Text(language.map(str::to_owned)),
        whole(recording.duration.0),
        text(&recording.format),
        whole(recording.channels.into()),
        whole(recording.sample_rate_hz.into()),
    ];
    let channel = |role: Role| measures.channels.iter().find(|channel| channel.role == role);
    row.extend(ROLES.map(|role| Cell::Number(channel(role).map(ChannelMeasures::speech_ratio))));
    row.extend(ROLES.map(|role| {
        let rate = inspection.speech_rates.iter().find(|rate| rate.role == role);
        Cell::Number(rate.map(|rate| rate.per_minute_thousandths as f64 / 1000.0))
    }));
    row.extend(ROLES.map(|role| {
        let lufs = channel(role).and_then(|channel| channel.loudness.integrated_lufs);
        Cell::Number(lufs.map(|level| level.as_f64()))
    }));
    let longest = measures.mutual_silences.iter().map(|span| span.length()).max();
    row.extend([
        total(measures.mutual_silences.iter().copied()),
        whole(longest.unwrap_or(Millis::ZERO).0),
        total(measures.talk_overs.iter().map(|over| over.span)),
        whole(measures.talk_overs.len() as u64),
        text(match inspection.transcript_state {
            TranscriptState::Available => "available",
            TranscriptState::NoSpeech => "no_speech",
            TranscriptState::NoRecognizer { .. } => "no_recognizer",
            TranscriptState::Failed { .. } => "failed",
        }),
    ]);
    row.extend(scored(card));
    let warnings: Vec<&str> = inspection.warnings.iter().map(CallWarning::code).collect();
    row.extend([
        text(&warnings.join(";")),
        text(&recording.digest),
        text(&inspection.lineage.rule_pack_digest),
        Cell::Text(None),
        Cell::Text(None),
    ]);
    row
}

/// The columns from `scenario_id` to `not_evaluated_rules`.
fn scored(card: Option<&ScoreCard>) -> [Cell; 8] {
    let Some(card) = card else {
        return [
            Cell::Text(None),
            Cell::Number(None),
            Cell::Number(None),
            Cell::Whole(None),
            Cell::Whole(None),
            Cell::Whole(None),
            Cell::Text(None),
            Cell::Text(None),
        ];
    };
    let flagged: Vec<&str> = card.flagged().map(|finding| finding.rule_id.as_str()).collect();
    let grave = card.flagged().filter(|finding| finding.severity == Severity::Critical).count();
    let left_out: Vec<&str> = card
        .findings
        .iter()
        .filter(|finding| is_left_open(finding))
        .map(|finding| finding.rule_id.as_str())
        .collect();
    [
        text(&card.scenario_id),
        Cell::Number(Some(card.base.as_f64())),
        Cell::Number(Some(card.score.as_f64())),
        whole(flagged.len() as u64),
        whole(grave as u64),
        whole(left_open(card) as u64),
        text(&flagged.join(";")),
        text(&left_out.join(";")),
    ]
}
