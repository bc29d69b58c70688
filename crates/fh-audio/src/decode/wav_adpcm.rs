//! The two 4-bit codecs of WAV files: Microsoft's ADPCM and IMA's. Both come in blocks that begin
//! with the decoder's state, so that damage ends with its block.

use std::io::SeekFrom;

use super::Input;
use super::fault::Fault;
use super::output::Output;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    Ms,
    Ima,
}

/// How the blocks lie.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Blocks {
    pub(crate) codec: Codec,
    pub(crate) channels: usize,
    pub(crate) block_bytes: usize,
    /// Offset of the first block.
    pub(crate) start: u64,
}

impl Codec {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ms => "adpcm_ms",
            Self::Ima => "adpcm_ima_wav",
        }
    }

    /// Bytes at a block's start that hold one channel's state.
    const fn state_bytes(self) -> usize {
        match self {
            Self::Ms => 7,
            Self::Ima => 4,
        }
    }

    /// Samples of one channel that the state itself is.
    const fn state_samples(self) -> usize {
        match self {
            Self::Ms => 2,
            Self::Ima => 1,
        }
    }
}

impl Blocks {
    /// Frames in a block of `bytes` bytes; none where it has no whole state.
    pub(crate) const fn frames(&self, bytes: usize) -> usize {
        match bytes.checked_sub(self.codec.state_bytes() * self.channels) {
            Some(rest) => rest * 2 / self.channels + self.codec.state_samples(),
            None => 0,
        }
    }
}

/// Pushes `bytes` bytes of blocks to the first track; says how many blocks were damaged.
pub(crate) fn decode(
    blocks: &Blocks,
    bytes: u64,
    input: &mut dyn Input,
    output: &mut Output<'_>,
) -> Result<u64, Fault> {
    let reading = |at: u64, error| Fault::reading(at, "a block", &error);
    input.seek(SeekFrom::Start(blocks.start)).map_err(|error| reading(blocks.start, error))?;
    let mut block = vec![0; blocks.block_bytes];
    let mut planes = vec![Vec::new(); blocks.channels];
    let (mut left, mut at, mut damaged) = (bytes, blocks.start, 0);
    while left > 0 {
        let length = left.min(blocks.block_bytes as u64) as usize;
        let frames = blocks.frames(length);
        if frames == 0 {
            // Less than a state: the end was cut off.
            break;
        }
        let block = &mut block[..length];
        input.read_exact(block).map_err(|error| reading(at, error))?;
        planes.iter_mut().for_each(Vec::clear);
        let whole = match blocks.codec {
            Codec::Ms => expand_ms(block, &mut planes),
            Codec::Ima => expand_ima(block, &mut planes),
        };
        if whole.is_some() {
            // The channels of a block that was cut off may end apart.
            let frames = planes.iter().map(Vec::len).min().unwrap_or(0);
            let ready: Vec<&[f32]> = planes.iter().map(|plane| &plane[..frames]).collect();
            output.push(0, &ready)?;
        } else {
            damaged += 1;
            output.fill(0, frames as u64)?;
        }
        left -= length as u64;
        at += length as u64;
    }
    Ok(damaged)
}

const I16: f32 = 1.0 / 32_768.0;

/// The predictors of Microsoft's codec, in 256ths: every file has these seven.
const PREDICTORS: [(i32, i32); 7] =
    [(256, 0), (512, -256), (0, 0), (192, 64), (240, 0), (460, -208), (392, -232)];

/// How a code scales the step, in 256ths.
const SCALES: [i32; 16] =
    [230, 230, 230, 230, 307, 409, 512, 614, 768, 614, 512, 409, 307, 230, 230, 230];

/// The state of one channel of Microsoft's codec.
#[derive(Debug, Clone, Copy)]
struct Ms {
    predictor: (i32, i32),
    step: i32,
    last: i32,
    before: i32,
}

impl Ms {
    fn next(&mut self, code: u8) -> i32 {
        // 4 bits with a sign.
        let signed = i32::from(code) - if code & 8 == 0 { 0 } else { 16 };
        let (one, two) = self.predictor;
        let predicted = (self.last * one + self.before * two) / 256;
        // The step stays below 2^17 (see below), so that nothing here overflows.
        let sample = (predicted + signed * self.step).clamp(-32_768, 32_767);
        self.before = self.last;
        self.last = sample;
        // 65,536 is beyond what any sound needs; damaged blocks would let it grow for ever.
        self.step = (SCALES[usize::from(code)] * self.step / 256).clamp(16, 65_536);
        sample
    }
}

/// One block of Microsoft's codec; `None` where its state cannot be.
fn expand_ms(block: &[u8], planes: &mut [Vec<f32>]) -> Option<()> {
    let channels = planes.len();
    // Field by field: all predictors, all steps, all last samples, all those before.
    let word = |field: usize, channel: usize| {
        let at = channels + (field * channels + channel) * 2;
        Some(i32::from(i16::from_le_bytes([*block.get(at)?, *block.get(at + 1)?])))
    };
    let mut states = Vec::with_capacity(channels);
    for (channel, plane) in planes.iter_mut().enumerate() {
        let state = Ms {
            predictor: *PREDICTORS.get(usize::from(*block.get(channel)?))?,
            step: word(0, channel)?.max(16),
            last: word(1, channel)?,
            before: word(2, channel)?,
        };
        plane.push(state.before as f32 * I16);
        plane.push(state.last as f32 * I16);
        states.push(state);
    }
    let codes = block[7 * channels..].iter().flat_map(|byte| [byte >> 4, byte & 15]);
    for (at, code) in codes.enumerate() {
        let channel = at % channels;
        planes[channel].push(states[channel].next(code) as f32 * I16);
    }
    Some(())
}

/// The step sizes of IMA's codec.
const STEPS: [i32; 89] = [
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66,
    73, 80, 88, 97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449,
    494, 544, 598, 658, 724, 796, 876, 963, 1_060, 1_166, 1_282, 1_411, 1_552, 1_707, 1_878, 2_066,
    2_272, 2_499, 2_749, 3_024, 3_327, 3_660, 4_026, 4_428, 4_871, 5_358, 5_894, 6_484, 7_132,
    7_845, 8_630, 9_493, 10_442, 11_487, 12_635, 13_899, 15_289, 16_818, 18_500, 20_350, 22_385,
    24_623, 27_086, 29_794, 32_767,
];

/// How far a magnitude moves the step index.
const MOVES: [i32; 8] = [-1, -1, -1, -1, 2, 4, 6, 8];

/// The state of one channel of IMA's codec.
#[derive(Debug, Clone, Copy)]
struct Ima {
    sample: i32,
    index: i32,
}

impl Ima {
    fn next(&mut self, code: u8) -> i32 {
        let magnitude = i32::from(code & 7);
        let difference = ((2 * magnitude + 1) * STEPS[self.index as usize]) >> 3;
        let moved = if code & 8 == 0 { difference } else { -difference };
        self.sample = (self.sample + moved).clamp(-32_768, 32_767);
        self.index = (self.index + MOVES[magnitude as usize]).clamp(0, STEPS.len() as i32 - 1);
        self.sample
    }
}

/// One block of IMA's codec; `None` where its state cannot be.
fn expand_ima(block: &[u8], planes: &mut [Vec<f32>]) -> Option<()> {
    let channels = planes.len();
    let mut states = Vec::with_capacity(channels);
    for (plane, state) in planes.iter_mut().zip(block.chunks_exact(4)) {
        let sample = i32::from(i16::from_le_bytes([state[0], state[1]]));
        let index = i32::from(state[2]);
        if index >= STEPS.len() as i32 {
            return None;
        }
        plane.push(sample as f32 * I16);
        states.push(Ima { sample, index });
    }
    // Four bytes of one channel, then four of the next; the low half of a byte comes first.
    for (at, word) in block[4 * channels..].chunks(4).enumerate() {
        let channel = at % channels;
        for code in word.iter().flat_map(|byte| [byte & 15, byte >> 4]) {
            planes[channel].push(states[channel].next(code) as f32 * I16);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microsofts_codec_worked_out_by_hand() {
        let mut state = Ms { predictor: (512, -256), step: 16, last: 100, before: 90 };
        // 2 * 100 - 90 = 110, plus 7 * 16; the step grows to 614 * 16 / 256 = 38.
        assert_eq!(state.next(7), 222);
        // 2 * 222 - 100 = 344, less 1 * 38; the step shrinks to 230 * 38 / 256 = 34.
        assert_eq!(state.next(15), 306);
        assert_eq!(state.step, 34);
    }

    #[test]
    fn imas_codec_worked_out_by_hand() {
        let mut state = Ima { sample: 0, index: 0 };
        // 15 * 7 >> 3 = 13, index 8; then 1 * 16 >> 3 = 2 down, index 7.
        assert_eq!((state.next(7), state.index), (13, 8));
        assert_eq!((state.next(8), state.index), (11, 7));
    }

    #[test]
    fn frames_of_blocks() {
        let blocks = |codec, channels| Blocks { codec, channels, block_bytes: 256, start: 0 };
        // (256 - 7) * 2 + 2 and (256 - 8) * 2 / 2 + 1.
        assert_eq!(blocks(Codec::Ms, 1).frames(256), 500);
        assert_eq!(blocks(Codec::Ima, 2).frames(256), 249);
        assert_eq!(blocks(Codec::Ima, 2).frames(7), 0);
    }
}
