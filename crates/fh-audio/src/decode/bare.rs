use std::io::{self, Cursor, Read, Seek};

use fh_model::Millis;

use super::Input;
use super::child::decode_caught;
use super::fault::Fault;
use super::output::BlockWriter;
use super::sniff::{Hints, sniff};
use super::wire::Facts;
use crate::Limits;

/// Decodes bytes in this very process and throws the samples away: for fuzzing and for mutations
/// by the thousand, where a process each would be all that is measured. Never for a recording.
///
/// Returns the frames that were decoded, at 16 kHz.
///
/// # Panics
/// Where a decoder panics, so that the fuzzer sees it.
pub fn decode_in_this_process(bytes: &[u8], extension: Option<&str>, limits: &Limits) -> u64 {
    let hints = Hints { extension, bytes: bytes.len() as u64, expected: Some(Millis(60_000)) };
    let mut read_at = |at: u64, to: &mut [u8]| {
        let rest = usize::try_from(at).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
        let read = rest.len().min(to.len());
        to[..read].copy_from_slice(&rest[..read]);
        Ok(read)
    };
    let Ok(Ok(kind)) = sniff(&hints, &mut read_at) else { return 0 };
    let mut counter = Counter(0);
    let mut input = Memory { bytes: Cursor::new(bytes.to_vec()) };
    let ending = decode_caught(&kind, limits, &mut input, &mut counter);
    if let Some(Fault::Panicked { message }) = ending.fault {
        panic!("a decoder of {} panicked: {message}", kind.name());
    }
    counter.0
}

struct Counter(u64);

impl BlockWriter for Counter {
    fn facts(&mut self, facts: &Facts) -> Result<(), Fault> {
        assert!(facts.channels > 0, "a decoder must not start without channels");
        Ok(())
    }

    fn block(&mut self, planes: &[Vec<i16>]) -> Result<(), Fault> {
        let frames = planes.first().map_or(0, Vec::len);
        assert!(planes.iter().all(|plane| plane.len() == frames), "channels are equally long");
        self.0 += frames as u64;
        Ok(())
    }
}

struct Memory {
    bytes: Cursor<Vec<u8>>,
}

impl Read for Memory {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.bytes.read(bytes)
    }
}

impl Seek for Memory {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

impl Input for Memory {
    fn length(&self) -> u64 {
        self.bytes.get_ref().len() as u64
    }

    fn seekable(&self) -> bool {
        true
    }
}
