//! The edit lists of an MP4: which part of each track a player plays.
//!
//! symphonia does not read them. Without them AAC lies 1024 samples late (64 ms at 16 kHz, 128 ms
//! at 8 kHz) and a finding's time is not where a player hears it. A file without an edit list is
//! not trimmed: players do not trim it either.

use std::io::SeekFrom;

use super::Input;

/// The part of one track that is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Edit {
    /// Silence before the track begins, in movie time.
    pub(crate) delay: u64,
    /// First media time that is played, in the track's own time.
    pub(crate) media_start: u64,
    /// How long it is played, in movie time; 0 for "to the end".
    pub(crate) length: u64,
    /// Units of movie time in a second.
    pub(crate) movie_timescale: u32,
}

/// Boxes that are looked at before giving up on a damaged file.
const MAX_BOXES: usize = 10_000;

/// One entry for every `trak`, in order; `None` for a track that is played whole. A file that
/// cannot be read has no edits: whoever decodes it will say what is wrong with it.
pub(crate) fn read(input: &mut dyn Input) -> Vec<Option<Edit>> {
    let mut reader = Reader { length: input.length(), input, boxes: 0 };
    let file = Range { start: 0, end: reader.length };
    let Some(movie) = reader.find(file, b"moov") else { return Vec::new() };
    let timescale = reader.movie_timescale(movie).unwrap_or(0);
    let mut edits = Vec::new();
    let mut at = movie.start;
    while let Some((name, body)) = reader.next_box(&mut at, movie.end) {
        if &name == b"trak" {
            edits.push(reader.edit(body, timescale));
        }
    }
    edits
}

#[derive(Debug, Clone, Copy)]
struct Range {
    start: u64,
    end: u64,
}

struct Reader<'i> {
    input: &'i mut dyn Input,
    length: u64,
    boxes: usize,
}

impl Reader<'_> {
    fn bytes<const N: usize>(&mut self, at: u64) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        self.input.seek(SeekFrom::Start(at)).ok()?;
        self.input.read_exact(&mut bytes).ok()?;
        Some(bytes)
    }

    fn next_box(&mut self, at: &mut u64, end: u64) -> Option<([u8; 4], Range)> {
        self.boxes += 1;
        if self.boxes > MAX_BOXES || *at + 8 > end {
            return None;
        }
        let head: [u8; 8] = self.bytes(*at)?;
        let name = [head[4], head[5], head[6], head[7]];
        let (size, head_bytes) = match u32::from_be_bytes([head[0], head[1], head[2], head[3]]) {
            0 => (end - *at, 8),
            1 => (u64::from_be_bytes(self.bytes(*at + 8)?), 16),
            size => (u64::from(size), 8),
        };
        if size < head_bytes {
            return None;
        }
        let next = at.checked_add(size)?.min(end);
        let body = Range { start: *at + head_bytes, end: next };
        *at = next;
        Some((name, body))
    }

    fn find(&mut self, within: Range, wanted: &[u8; 4]) -> Option<Range> {
        let mut at = within.start;
        while let Some((name, body)) = self.next_box(&mut at, within.end) {
            if &name == wanted {
                return Some(body);
            }
        }
        None
    }

    fn movie_timescale(&mut self, movie: Range) -> Option<u32> {
        let header = self.find(movie, b"mvhd")?;
        let [version, ..] = self.bytes::<4>(header.start)?;
        // Two dates come first, of 32 bits in version 0 and of 64 in version 1.
        let offset = if version == 1 { 20 } else { 12 };
        self.bytes(header.start + offset).map(u32::from_be_bytes)
    }

    fn edit(&mut self, track: Range, movie_timescale: u32) -> Option<Edit> {
        let edits = self.find(track, b"edts")?;
        let list = self.find(edits, b"elst")?;
        let [version, ..] = self.bytes::<4>(list.start)?;
        let entries = u32::from_be_bytes(self.bytes(list.start + 4)?);
        let mut at = list.start + 8;
        let mut edit = Edit { movie_timescale, ..Edit::default() };
        // Empty edits delay the track, the first other one says what is played. What follows it
        // is a cut film, not a recording.
        for _ in 0..entries.min(16) {
            let (length, media_time) = if version == 1 {
                (u64::from_be_bytes(self.bytes(at)?), i64::from_be_bytes(self.bytes(at + 8)?))
            } else {
                let length = u32::from_be_bytes(self.bytes(at)?);
                let media_time = i32::from_be_bytes(self.bytes(at + 4)?);
                (u64::from(length), i64::from(media_time))
            };
            at += if version == 1 { 20 } else { 12 };
            match u64::try_from(media_time) {
                Err(_) => edit.delay = edit.delay.saturating_add(length),
                Ok(start) => {
                    edit.media_start = start;
                    // One entry is the rule; with more the end is not ours to guess.
                    edit.length = if entries <= 2 { length } else { 0 };
                    break;
                }
            }
        }
        Some(edit)
    }
}
