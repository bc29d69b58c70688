//! Bytes to samples: which decoder takes which recording, and the process that it runs in.
//!
//! symphonia is not asked for WAV (it refuses real files with G.711, finds noise in RF64, and its
//! ADPCM overflows), nor for AIFF and CAF (6 GB of memory from a file of 64 KB): those have readers
//! of our own or go to ffmpeg.

mod aiff;
pub(crate) mod bare;
pub(crate) mod child;
mod fault;
mod ffmpeg;
mod g711;
mod kind;
mod mp4_edits;
mod oki_adpcm;
mod opencore_amr;
mod output;
pub(crate) mod parent;
mod pcm;
mod raw_g711;
mod running;
mod sniff;
mod symphonia;
mod wav;
mod wav_adpcm;
mod wire;

use std::fs::File;
use std::io::{self, Read, Seek};

use self::fault::Fault;
use self::kind::Kind;
use self::output::Output;
use self::wire::Ending;
use crate::Limits;

/// A recording that is open: what decoders read.
pub(crate) trait Input: Read + Seek + Send + Sync {
    /// Its size in bytes; 0 where that is not known.
    fn length(&self) -> u64;
    /// Whether it is a file and not a pipe.
    fn seekable(&self) -> bool;
}

/// One way to decode.
struct Decoder {
    /// Whether it reads recordings of this kind.
    accepts: fn(&Kind) -> bool,
    /// Decodes all of it. An [`Fault::Unsupported`] before the output was started hands the
    /// recording to the next decoder that accepts it.
    decode: fn(&Kind, &Limits, &mut dyn Input, &mut Output<'_>) -> Result<Ending, Fault>,
}

/// Every decoder that runs in the child, in the order in which they are asked. ffmpeg comes after
/// them, as a process of its own: see [`ffmpeg`].
const DECODERS: &[Decoder] = &[
    Decoder { accepts: |kind| matches!(kind, Kind::Wav), decode: wav::decode },
    Decoder { accepts: |kind| matches!(kind, Kind::Aiff), decode: aiff::decode },
    Decoder { accepts: |kind| matches!(kind, Kind::OkiAdpcm { .. }), decode: oki_adpcm::decode },
    Decoder { accepts: |kind| matches!(kind, Kind::RawG711 { .. }), decode: raw_g711::decode },
    Decoder {
        accepts: |kind| matches!(kind, Kind::AmrNb | Kind::AmrWb),
        decode: opencore_amr::decode,
    },
    Decoder {
        accepts: |kind| {
            matches!(
                kind,
                Kind::Flac { .. }
                    | Kind::Ogg
                    | Kind::Matroska
                    | Kind::Mp4
                    | Kind::Mp3 { .. }
                    | Kind::Adts { .. }
            )
        },
        decode: symphonia::decode,
    },
];

/// Decodes with the first decoder that can; sends everything to `output`.
fn run_decoders(
    kind: &Kind,
    limits: &Limits,
    input: &mut dyn Input,
    output: &mut Output<'_>,
) -> Ending {
    // What the first decoder found counts: it is the one that knows the format best.
    let mut refused: Option<Fault> = None;
    for decoder in DECODERS.iter().filter(|decoder| (decoder.accepts)(kind)) {
        let mut ending = match (decoder.decode)(kind, limits, input, output) {
            Ok(ending) => ending,
            Err(_) if refused.is_some() && !output.started() => continue,
            Err(fault @ Fault::Unsupported { .. }) if !output.started() => {
                refused = Some(fault);
                continue;
            }
            Err(fault) => Ending { fault: Some(fault), ..Ending::default() },
        };
        if output.started() {
            match output.finish() {
                Ok(filled) => ending.filled = filled,
                Err(fault) => ending.fault = ending.fault.or(Some(fault)),
            }
        }
        return ending;
    }
    let nothing = || Fault::Unsupported {
        format: kind.name().to_owned(),
        detail: "nothing built in decodes it".to_owned(),
    };
    Ending { fault: Some(refused.unwrap_or_else(nothing)), ..Ending::default() }
}

/// A file, with its size asked for once.
struct FileInput {
    file: File,
    length: u64,
}

impl FileInput {
    fn new(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self { file, length })
    }
}

impl Read for FileInput {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.file.read(bytes)
    }
}

impl Seek for FileInput {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

impl Input for FileInput {
    fn length(&self) -> u64 {
        self.length
    }

    fn seekable(&self) -> bool {
        true
    }
}
