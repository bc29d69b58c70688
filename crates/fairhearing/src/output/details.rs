use std::fmt::{Display, Write as _};

use fh_model::{
    Evidence, Finding, Inspection, Millis, ScoreCard, Severity, Span, TranscriptSource, Verdict,
};

use super::table::notes;
use super::terminal::{Paint, printable};
use crate::messages::{
    CallContext, Catalogue, fill, in_own_language, per_minute, percent, seconds,
};

/// A call with every finding and what it rests on, as a block of lines.
pub(crate) fn render(
    shown: &str,
    inspection: &Inspection,
    texts: &'static Catalogue,
    paint: Paint,
) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}", paint.bold(&format!("── {} ", printable(shown))));
    let call = &inspection.call;
    let known: Vec<String> = [
        call.call_id.clone(),
        call.agent_id.clone(),
        call.agent_name.clone(),
        call.skill_group.clone(),
        call.direction.clone(),
        call.begin_time.map(|time| time.to_string()),
    ]
    .into_iter()
    .flatten()
    .map(|value| printable(&value))
    .collect();
    if !known.is_empty() {
        let _ = writeln!(text, "   {}", known.join(" · "));
    }
    let recording = &inspection.recording;
    let values: [(&str, &dyn Display); 4] = [
        ("length", &recording.duration),
        ("format", &recording.format),
        ("channels", &recording.channels),
        ("rate", &recording.sample_rate_hz),
    ];
    let _ = writeln!(text, "   {}", fill(texts.detail_recording, &values));
    measures(&mut text, inspection, texts);
    for note in notes(inspection, texts) {
        let _ = writeln!(text, "   {}", paint.yellow(&format!("! {note}")));
    }
    let spoken = inspection.transcript.as_ref().map(|transcript| transcript.language);
    let context = CallContext {
        whole: Span::new(Millis::ZERO, inspection.recording.duration),
        language: spoken.or(call.language),
    };
    for card in &inspection.score_cards {
        score_card(&mut text, card, context, texts, paint);
    }
    text
}

fn measures(text: &mut String, inspection: &Inspection, texts: &'static Catalogue) {
    for channel in &inspection.measures.channels {
        let mut parts = vec![fill(
            texts.detail_channel,
            &[
                ("speech", &channel.speech_time),
                ("ratio", &percent(channel.speech_ratio())),
                ("silence", &channel.own_silence_time),
            ],
        )];
        let rate = inspection.speech_rates.iter().find(|rate| rate.channel == channel.channel);
        if let Some(rate) = rate {
            let speed = per_minute(rate.per_minute_thousandths);
            let spoken = inspection.transcript.as_ref().map(|transcript| transcript.language);
            let unit = texts.unit(spoken.or(inspection.call.language));
            parts.push(fill(texts.detail_speed, &[("speed", &speed), ("unit", &unit)]));
        }
        if let Some(loudness) = channel.loudness.integrated_lufs {
            parts.push(format!("{loudness} LUFS"));
        }
        let name = fill(texts.channel, &[("channel", &channel.channel)]);
        let _ = writeln!(text, "   {} ({}): {}", texts.role(channel.role), name, parts.join(" · "));
    }
    let total = |spans: &mut dyn Iterator<Item = Span>| {
        let (mut sum, mut count, mut longest) = (Millis::ZERO, 0_u32, Millis::ZERO);
        for span in spans {
            sum = sum + span.length();
            count += 1;
            longest = longest.max(span.length());
        }
        (count, seconds(sum), seconds(longest))
    };
    let measures = &inspection.measures;
    let lines = [
        (texts.detail_silences, total(&mut measures.mutual_silences.iter().copied())),
        (texts.detail_talk_overs, total(&mut measures.talk_overs.iter().map(|over| over.span))),
    ];
    for (template, (count, sum, longest)) in lines {
        if count > 0 {
            let values: [(&str, &dyn Display); 3] =
                [("count", &count), ("total", &sum), ("longest", &longest)];
            let _ = writeln!(text, "   {}", fill(template, &values));
        }
    }
    if let Some(transcript) = &inspection.transcript {
        let count = transcript.utterances.len();
        let line = match &transcript.source {
            TranscriptSource::Engine { engine, model, .. } => fill(
                texts.detail_transcript_engine,
                &[("engine", engine), ("model", model), ("count", &count)],
            ),
            TranscriptSource::Import { format, .. } => {
                fill(texts.detail_transcript_import, &[("format", format), ("count", &count)])
            }
        };
        let _ = writeln!(text, "   {}", printable(&line));
    }
}

/// `80 - 2 - 3`: where the score starts and what each finding that flagged adds.
fn sum_of(card: &ScoreCard) -> String {
    let mut sum = card.base.to_string();
    for finding in card.flagged().filter(|finding| finding.points.hundredths() != 0) {
        let points = finding.points;
        let _ = match points.hundredths() < 0 {
            true => write!(sum, " - {}", -points),
            false => write!(sum, " + {points}"),
        };
    }
    sum
}

fn score_card(
    text: &mut String,
    card: &ScoreCard,
    call: CallContext,
    texts: &'static Catalogue,
    paint: Paint,
) {
    let total: fh_model::Points =
        std::iter::once(card.base).chain(card.flagged().map(|finding| finding.points)).sum();
    let (name, sum) = (printable(in_own_language(&card.scenario_name, texts.lang)), sum_of(card));
    let line = if total == card.score {
        fill(texts.detail_score, &[("scenario", &name), ("sum", &sum), ("score", &card.score)])
    } else {
        fill(
            texts.detail_score_held,
            &[
                ("scenario", &name),
                ("sum", &sum),
                ("total", &total),
                ("lower", &card.lower),
                ("upper", &card.upper),
                ("score", &card.score),
            ],
        )
    };
    let _ = writeln!(text, "   {}", paint.bold(&line));
    for finding in card.flagged() {
        flagged(text, finding, call, texts, paint);
    }
    let clear: Vec<&str> = card
        .findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Clear)
        .map(|finding| in_own_language(&finding.rule_name, texts.lang))
        .collect();
    if !clear.is_empty() {
        let line =
            fill(texts.detail_clear, &[("rules", &printable(&clear.join(texts.list_separator)))]);
        let _ = writeln!(text, "     {}", paint.green(&format!("✓ {line}")));
    }
    not_evaluated(text, card, texts, paint);
}

fn flagged(
    text: &mut String,
    finding: &Finding,
    call: CallContext,
    texts: &'static Catalogue,
    paint: Paint,
) {
    let sign = if finding.points.hundredths() > 0 { "+" } else { "" };
    let severity = match finding.severity {
        Severity::Critical => format!(" [{}]", texts.critical),
        Severity::Info => format!(" [{}]", texts.info),
        Severity::Normal => String::new(),
    };
    let name = printable(in_own_language(&finding.rule_name, texts.lang));
    let head = format!("{sign}{}  {name}{severity}", finding.points);
    let head = match finding.points.hundredths() {
        points if points < 0 => paint.red(&format!("✗ {head}")),
        0 => paint.yellow(&format!("! {head}")),
        _ => paint.green(&format!("✓ {head}")),
    };
    let rule = fill(texts.detail_rule, &[("rule", &printable(&finding.rule_id))]);
    let _ = writeln!(text, "     {head}  {}", paint.dim(&rule));
    if !finding.why.is_empty() {
        let why = printable(in_own_language(&finding.why, texts.lang));
        let why = fill(texts.detail_why, &[("why", &why)]);
        let _ = writeln!(text, "       {}", paint.dim(&why));
    }
    let any_tells = finding.evidence.iter().any(|evidence| tells(evidence, call));
    for evidence in finding.evidence.iter().filter(|evidence| !any_tells || tells(evidence, call)) {
        let _ = writeln!(text, "       {}", evidence_line(evidence, call, texts));
    }
    for evidence in &finding.excused {
        let line = evidence_line(evidence, call, texts);
        let _ = writeln!(text, "       {}", fill(texts.detail_excused, &[("evidence", &line)]));
    }
}

/// Whether the evidence tells something: that no Chinese words were said in an English call does
/// not.
fn tells(evidence: &Evidence, call: CallContext) -> bool {
    match evidence {
        Evidence::Absent { phrases, nearest: None, .. } => {
            phrases.iter().any(|phrase| call.may_hear(phrase))
        }
        _ => true,
    }
}

/// The moment to listen to and what was found there.
fn evidence_line(evidence: &Evidence, call: CallContext, texts: &'static Catalogue) -> String {
    format!("{}  {}", evidence.span().start, printable(&texts.evidence(evidence, call)))
}

/// Rules that could not be evaluated, those of one reason on one line.
fn not_evaluated(text: &mut String, card: &ScoreCard, texts: &'static Catalogue, paint: Paint) {
    let mut by_reason: Vec<(&'static str, Vec<&str>)> = Vec::new();
    for finding in &card.findings {
        let Verdict::NotEvaluated { reason } = finding.verdict else { continue };
        let reason = texts.not_evaluated(reason);
        match by_reason.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, rules)) => rules.push(in_own_language(&finding.rule_name, texts.lang)),
            None => by_reason.push((reason, vec![in_own_language(&finding.rule_name, texts.lang)])),
        }
    }
    for (reason, rules) in by_reason {
        let line = fill(
            texts.detail_not_evaluated,
            &[("reason", &reason), ("rules", &printable(&rules.join(texts.list_separator)))],
        );
        let _ = writeln!(text, "     {}", paint.dim(&format!("? {line}")));
    }
}
