//! Dialogic (OKI) ADPCM without a header: `.vox`, Huawei's `.V3`. 4 bits a sample, mono.

use std::io::SeekFrom;

use fh_model::DecoderPath;

use super::Input;
use super::fault::Fault;
use super::kind::Kind;
use super::output::{Output, TrackShape};
use super::wire::{Ending, Facts};
use crate::Limits;

/// The step sizes of the OKI MSM6258: each about 1.1 times the one before.
const STEPS: [i32; 49] = [
    16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118, 130,
    143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796,
    876, 963, 1060, 1166, 1282, 1411, 1552,
];

/// How far a magnitude moves the step index.
const MOVES: [i32; 8] = [-1, -1, -1, -1, 2, 4, 6, 8];

/// The decoder's memory: a 12-bit sample and a step index.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    sample: i32,
    index: i32,
}

impl State {
    /// The next sample, on a scale of 12 bits.
    fn next(&mut self, nibble: u8) -> i32 {
        let magnitude = i32::from(nibble & 7);
        // One product and one shift: the sum of shifted steps found in textbooks rounds each part
        // and drifts away from what the card plays.
        let difference = ((2 * magnitude + 1) * STEPS[self.index as usize]) >> 3;
        let moved = if nibble & 8 == 0 { difference } else { -difference };
        self.sample = (self.sample + moved).clamp(-2_048, 2_047);
        self.index = (self.index + MOVES[magnitude as usize]).clamp(0, STEPS.len() as i32 - 1);
        self.sample
    }
}

pub(crate) fn decode(
    kind: &Kind,
    _: &Limits,
    input: &mut dyn Input,
    output: &mut Output<'_>,
) -> Result<Ending, Fault> {
    let Kind::OkiAdpcm { rate_hz } = *kind else {
        return Err(Fault::Unsupported {
            format: kind.name().to_owned(),
            detail: "expected headerless ADPCM".to_owned(),
        });
    };
    let facts = Facts {
        format: format!("raw/adpcm_oki_{rate_hz}"),
        decoder: DecoderPath::OkiAdpcm,
        rate_hz,
        channels: 1,
    };
    output.start(&facts, &[TrackShape { rate_hz, channels: 1 }])?;
    input.seek(SeekFrom::Start(0)).map_err(|error| Fault::reading(0, "samples", &error))?;
    let mut state = State::default();
    let mut chunk = [0; 4_096];
    let mut samples = Vec::with_capacity(2 * chunk.len());
    let mut at = 0;
    loop {
        let read = match input.read(&mut chunk) {
            Ok(0) => return Ok(Ending::default()),
            Ok(read) => read,
            Err(error) => return Err(Fault::reading(at, "samples", &error)),
        };
        samples.clear();
        for byte in &chunk[..read] {
            // The high half comes first.
            for nibble in [byte >> 4, byte & 15] {
                samples.push(state.next(nibble) as f32 / 2_048.0);
            }
        }
        output.push(0, &[&samples])?;
        at += read as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_worked_out_by_hand() {
        let mut state = State::default();
        let decoded: Vec<i32> =
            [0x7, 0x0, 0xF, 0x8].into_iter().map(|nibble| state.next(nibble)).collect();
        // 7: 15 * 16 / 8 = 30, index 0 -> 8. 0: 1 * 34 >> 3 = 4, index 7. F: 15 * 31 >> 3 = 58,
        // index 15. 8: 1 * 66 >> 3 = 8, index 14.
        assert_eq!(decoded, [30, 34, -24, -32]);
    }

    #[test]
    fn loud_nibbles_stop_at_twelve_bits() {
        let mut state = State::default();
        assert_eq!((0..100).map(|_| state.next(7)).last(), Some(2_047));
        assert_eq!((0..100).map(|_| state.next(15)).last(), Some(-2_048));
    }
}
