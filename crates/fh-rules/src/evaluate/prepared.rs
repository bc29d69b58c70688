use fh_model::{ChannelIndex, Role, Span, Transcript};

use crate::text::fold_into;

/// Between two utterances: no phrase contains it, so no match crosses.
const UTTERANCE_END: u16 = 0x0A;

/// A call's words, folded and laid out for the scan.
///
/// Made from a transcript in one pass; it can be kept and used for many packs.
#[derive(Debug, Clone, Default)]
pub struct PreparedText {
    /// All utterances' folded units, each utterance's followed by [`UTTERANCE_END`].
    pub(crate) units: Vec<u16>,
    /// In the order of the transcript.
    pub(crate) utterances: Vec<PreparedUtterance>,
}

/// Where an utterance stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PreparedUtterance {
    /// Its first unit in the call's units.
    pub(crate) first_unit: u32,
    /// One past its last.
    pub(crate) end_unit: u32,
    pub(crate) id: u32,
    pub(crate) role: Role,
    pub(crate) channel: ChannelIndex,
    pub(crate) span: Span,
    /// How many utterances of the same role come before it, and after it.
    pub(crate) of_role_before: u32,
    pub(crate) of_role_after: u32,
}

impl PreparedUtterance {
    /// How many folded units it has.
    pub(crate) const fn length(&self) -> u32 {
        self.end_unit - self.first_unit
    }
}

impl PreparedText {
    /// The words of `transcript`.
    pub fn new(transcript: &Transcript) -> Self {
        let bytes: usize = transcript.utterances.iter().map(|u| u.text.len() + 1).sum();
        let mut text = Self {
            units: Vec::with_capacity(bytes),
            utterances: Vec::with_capacity(transcript.utterances.len()),
        };
        let mut seen = [0u32; 3];
        for utterance in &transcript.utterances {
            let first_unit = text.units.len() as u32;
            fold_into(&utterance.text, &mut text.units);
            let end_unit = text.units.len() as u32;
            text.units.push(UTTERANCE_END);
            let of_role = &mut seen[utterance.role as usize];
            text.utterances.push(PreparedUtterance {
                first_unit,
                end_unit,
                id: utterance.id,
                role: utterance.role,
                channel: utterance.channel,
                span: utterance.span,
                of_role_before: *of_role,
                of_role_after: 0,
            });
            *of_role += 1;
        }
        for utterance in &mut text.utterances {
            utterance.of_role_after = seen[utterance.role as usize] - utterance.of_role_before - 1;
        }
        text
    }

    /// The folded units of the utterance at `index`.
    pub(crate) fn units_of(&self, index: usize) -> &[u16] {
        let utterance = &self.utterances[index];
        &self.units[utterance.first_unit as usize..utterance.end_unit as usize]
    }

    /// The utterance that holds the unit at `at`, looking near `guess` first.
    pub(crate) fn utterance_at(&self, at: u32, guess: usize) -> usize {
        let mut index = guess;
        if self.utterances[index].first_unit > at {
            index = 0;
        }
        // Matches come nearly in order, so the next utterance is usually near.
        let mut steps = 0;
        while self.utterances[index].end_unit <= at {
            index += 1;
            steps += 1;
            if steps > 8 {
                return self.utterances.partition_point(|utterance| utterance.end_unit <= at);
            }
        }
        index
    }
}
