use std::fmt::Write as _;
use std::io::{self, Write};

use fh_model::{ChannelMeasures, Completeness, Inspection, Role, Severity, TranscriptState};

use super::ResultWriter;
use super::columns::Columns;
use super::details;
use super::summary::{Summary, left_open};
use super::terminal::{Paint, Side, printable, shorten};
use crate::inspect::{CallFailure, CallResult};
use crate::messages::{Catalogue, clock_length, fill, in_own_language};

/// What stands where nothing is known.
const NOTHING: &str = "-";

/// A call's name takes this many columns at most.
const NAME_COLUMNS: usize = 40;

/// An agent's name takes this many columns at most.
const AGENT_COLUMNS: usize = 18;

/// A note that this many calls have stands once below the table, and its number in their lines.
const OFTEN: usize = 4;

/// A call in the table: one line for each scenario, then what a person should know of it.
struct Entry {
    lines: Vec<[String; 8]>,
    critical: bool,
    notes: Vec<String>,
}

/// The table for people, with what failed and the summary below it.
pub(crate) struct Table<W> {
    out: W,
    texts: &'static Catalogue,
    paint: Paint,
    with_details: bool,
    entries: Vec<Entry>,
    details: String,
    failures: Vec<CallFailure>,
    summary: Summary,
}

impl<W: Write> Table<W> {
    pub(crate) fn new(
        out: W,
        texts: &'static Catalogue,
        paint: Paint,
        with_details: bool,
        skipped: usize,
    ) -> Self {
        Self {
            out,
            texts,
            paint,
            with_details,
            entries: Vec::new(),
            details: String::new(),
            failures: Vec::new(),
            summary: Summary::new(skipped),
        }
    }

    /// The table without failures and summary.
    fn render(&self) -> String {
        let texts = self.texts;
        let often = self.frequent_notes();
        let mut columns = Columns::new([
            (texts.head_call, Side::Left),
            (texts.head_agent, Side::Left),
            (texts.head_duration, Side::Right),
            (texts.head_speech, Side::Right),
            (texts.head_speed, Side::Right),
            (texts.head_findings, Side::Right),
            (texts.head_score, Side::Right),
            (texts.head_scenario, Side::Left),
            (if often.is_empty() { "" } else { texts.head_notes }, Side::Left),
        ]);
        for entry in &self.entries {
            let mut numbers: String = entry
                .notes
                .iter()
                .filter_map(|note| often.iter().position(|known| *known == note))
                .map(|index| format!("[{}]", index + 1))
                .collect();
            for line in &entry.lines {
                let [a, b, c, d, e, f, g, h] = line.clone();
                // The call's numbers stand in its first line only.
                columns.add([a, b, c, d, e, f, g, h, std::mem::take(&mut numbers)]);
            }
        }
        let mut text = columns.render_head(self.paint);
        let mut index = 0;
        for entry in &self.entries {
            for _ in &entry.lines {
                let line = columns.render_line(index);
                let line = if entry.critical { self.paint.red(&line) } else { line };
                let _ = writeln!(text, "{line}");
                index += 1;
            }
            for note in entry.notes.iter().filter(|note| !often.contains(&note.as_str())) {
                let _ = writeln!(text, "  {}", self.paint.yellow(&format!("! {note}")));
            }
        }
        for (number, note) in (1..).zip(often) {
            let _ = writeln!(text, "{}", self.paint.yellow(&format!("[{number}] {note}")));
        }
        let _ = writeln!(text, "{}", self.paint.dim(texts.legend_roles));
        text
    }

    /// The notes that many calls have, in the order in which they first come.
    fn frequent_notes(&self) -> Vec<&str> {
        let mut counts: Vec<(&str, usize)> = Vec::new();
        for note in self.entries.iter().flat_map(|entry| &entry.notes) {
            let known = counts.iter().position(|(known, _)| *known == note);
            match known {
                Some(index) => counts[index].1 += 1,
                // Notes with a call's own figures would make a long list of notes met once.
                None if counts.len() < 1_000 => counts.push((note, 1)),
                None => {}
            }
        }
        counts.into_iter().filter(|(_, count)| *count >= OFTEN).map(|(note, _)| note).collect()
    }

    fn render_failures(&self) -> String {
        let mut text = String::new();
        let _ = writeln!(text, "{}", self.paint.bold(self.texts.failures_head));
        for failure in &self.failures {
            text.push_str(&render_failure(failure, self.texts, self.paint));
        }
        text
    }
}

/// A failure in two or three lines.
pub(crate) fn render_failure(
    failure: &CallFailure,
    texts: &'static Catalogue,
    paint: Paint,
) -> String {
    let mut text = String::new();
    let name = printable(&failure.shown);
    let _ = writeln!(text, "  {} [{}]", paint.red(&name), failure.code);
    let _ = writeln!(text, "    {}", printable(&failure.told));
    if let Some(remedy) = &failure.told_remedy {
        let _ = writeln!(text, "    {}", fill(texts.failure_remedy, &[("remedy", remedy)]));
    }
    text
}

impl<W: Write> ResultWriter for Table<W> {
    fn take(&mut self, result: &CallResult) -> io::Result<()> {
        self.summary.add(result);
        match result {
            CallResult::Inspected { label, inspection, .. } => {
                self.entries.push(entry(label, inspection, self.texts));
                if self.with_details {
                    self.details.push('\n');
                    self.details
                        .push_str(&details::render(label, inspection, self.texts, self.paint));
                }
            }
            CallResult::Failed(failure) => self.failures.push(failure.clone()),
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        let mut text = String::new();
        if !self.entries.is_empty() {
            text.push_str(&self.render());
        }
        text.push_str(&self.details);
        if !self.failures.is_empty() {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&self.render_failures());
        }
        text.push('\n');
        text.push_str(&self.summary.render(self.texts));
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }
}

fn entry(label: &str, inspection: &Inspection, texts: &'static Catalogue) -> Entry {
    let name = shorten(&printable(label), NAME_COLUMNS);
    let agent = inspection
        .call
        .agent_name
        .as_deref()
        .or(inspection.call.agent_id.as_deref())
        .map_or_else(|| NOTHING.to_owned(), |agent| shorten(&printable(agent), AGENT_COLUMNS));
    let length = clock_length(inspection.recording.duration);
    let speech =
        by_party(inspection, |channel| Some(format!("{:.0} %", channel.speech_ratio() * 100.0)));
    let speed = by_party(inspection, |channel| {
        let rates = &inspection.speech_rates;
        let rate = rates.iter().find(|rate| rate.channel == channel.channel)?;
        Some(((rate.per_minute_thousandths + 500) / 1000).to_string())
    });

    let mut lines = Vec::new();
    let mut critical = false;
    for card in &inspection.score_cards {
        let count = card.flagged().count();
        let grave = card.flagged().filter(|finding| finding.severity == Severity::Critical).count();
        critical |= grave > 0;
        let mut findings = match grave {
            0 => count.to_string(),
            _ => format!("{count} ({grave} {})", texts.critical),
        };
        let open = left_open(card);
        if open > 0 {
            let open = fill(texts.not_evaluated_count, &[("count", &open)]);
            findings.push_str(&format!(", {open}"));
        }
        let first = lines.is_empty();
        let only_first = |text: &str| if first { text.to_owned() } else { String::new() };
        lines.push([
            only_first(&name),
            only_first(&agent),
            only_first(&length),
            only_first(&speech),
            only_first(&speed),
            findings,
            match left_open(card) {
                0 => card.score.to_string(),
                _ => format!("({})", card.score),
            },
            printable(in_own_language(&card.scenario_name, texts.lang)),
        ]);
    }
    if lines.is_empty() {
        let nothing = NOTHING.to_owned();
        lines.push([name, agent, length, speech, speed, nothing.clone(), nothing.clone(), nothing]);
    }
    Entry { lines, critical, notes: notes(inspection, texts) }
}

/// One value for each party, agent first; one for each channel where nobody knows who speaks.
fn by_party(inspection: &Inspection, value: impl Fn(&ChannelMeasures) -> Option<String>) -> String {
    let channels = &inspection.measures.channels;
    let told = |channel: Option<&ChannelMeasures>| {
        channel.and_then(&value).unwrap_or_else(|| NOTHING.to_owned())
    };
    let of = |role| channels.iter().find(|channel| channel.role == role);
    let (agent, customer) = (of(Role::Agent), of(Role::Customer));
    let values: Vec<String> = if agent.is_some() || customer.is_some() {
        vec![told(agent), told(customer)]
    } else {
        channels.iter().map(|channel| told(Some(channel))).collect()
    };
    if values.iter().all(|value| value == NOTHING) {
        return NOTHING.to_owned();
    }
    values.join(" / ")
}

/// What a person should know before trusting the line.
pub(super) fn notes(inspection: &Inspection, texts: &'static Catalogue) -> Vec<String> {
    let mut notes = Vec::new();
    if let Completeness::Partial { reason, .. } = &inspection.recording.completeness {
        notes.push(fill(texts.note_partial, &[("reason", &printable(reason))]));
    }
    notes.extend(inspection.warnings.iter().map(|warning| printable(&texts.warning(warning))));
    match &inspection.transcript_state {
        TranscriptState::Available => {}
        TranscriptState::NoSpeech => notes.push(texts.note_no_speech.to_owned()),
        TranscriptState::NoRecognizer { remedy } => {
            notes.push(texts.no_words(remedy));
        }
        TranscriptState::Failed { reason } => {
            notes.push(fill(texts.note_transcript_failed, &[("reason", &printable(reason))]));
        }
    }
    if inspection.score_cards.is_empty() {
        notes.push(texts.note_no_scenario.to_owned());
    }
    notes
}
