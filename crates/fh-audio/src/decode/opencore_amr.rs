//! AMR narrow band and wide band through the opencore-amr libraries, loaded when needed.
#![expect(unsafe_code, reason = "the opencore-amr libraries are C")]

use std::ffi::{c_int, c_void};
use std::io::{Read, SeekFrom};
use std::sync::OnceLock;

use fh_model::DecoderPath;
use libloading::Library;

use super::Input;
use super::fault::Fault;
use super::kind::Kind;
use super::output::{Output, TrackShape};
use super::wire::{Ending, Facts};
use crate::{Limits, Place};

/// Which of the two codecs.
struct Codec {
    /// The second half of the format's name.
    name: &'static str,
    library: &'static str,
    package: &'static str,
    symbols: [&'static [u8]; 3],
    header: &'static [u8],
    rate_hz: u32,
    /// Samples of one frame, 20 ms.
    frame_samples: usize,
    /// Bytes of speech in a frame of each type, by RFC 4867, section 5.3; `None` for a type that
    /// must not occur.
    frame_bytes: [Option<usize>; 16],
}

const NARROW: Codec = Codec {
    name: "amr_nb",
    library: "libopencore-amrnb.so.0",
    package: "libopencore-amrnb0",
    symbols: [
        b"Decoder_Interface_init\0",
        b"Decoder_Interface_Decode\0",
        b"Decoder_Interface_exit\0",
    ],
    header: b"#!AMR\n",
    rate_hz: 8_000,
    frame_samples: 160,
    frame_bytes: [
        Some(12),
        Some(13),
        Some(15),
        Some(17),
        Some(19),
        Some(20),
        Some(26),
        Some(31),
        Some(5),
        None,
        None,
        None,
        None,
        None,
        None,
        Some(0),
    ],
};

const WIDE: Codec = Codec {
    name: "amr_wb",
    library: "libopencore-amrwb.so.0",
    package: "libopencore-amrwb0",
    symbols: [b"D_IF_init\0", b"D_IF_decode\0", b"D_IF_exit\0"],
    header: b"#!AMR-WB\n",
    rate_hz: 16_000,
    frame_samples: 320,
    frame_bytes: [
        Some(17),
        Some(23),
        Some(32),
        Some(36),
        Some(40),
        Some(46),
        Some(50),
        Some(58),
        Some(60),
        Some(5),
        None,
        None,
        None,
        None,
        Some(0),
        Some(0),
    ],
};

type Init = unsafe extern "C" fn() -> *mut c_void;
type Decode = unsafe extern "C" fn(*mut c_void, *const u8, *mut i16, c_int);
type Exit = unsafe extern "C" fn(*mut c_void);

/// The functions of a loaded library, which stays loaded.
struct Functions {
    init: Init,
    decode: Decode,
    exit: Exit,
}

static LOADED: OnceLock<Functions> = OnceLock::new();

fn codec(kind: &Kind) -> Option<&'static Codec> {
    match kind {
        Kind::AmrNb => Some(&NARROW),
        Kind::AmrWb => Some(&WIDE),
        _ => None,
    }
}

/// Loads the library that `kind` needs, if it needs one. Comes before the sandbox closes, and
/// before anything of the recording is read.
pub(crate) fn load(kind: &Kind) -> Result<(), Fault> {
    let Some(codec) = codec(kind) else { return Ok(()) };
    if LOADED.get().is_some() {
        return Ok(());
    }
    let missing = || Fault::MissingLibrary {
        format: format!("amr/{}", codec.name),
        needs: codec.library.to_owned(),
        package: codec.package.to_owned(),
    };
    // SAFETY: loading runs the library's initialisers; it is the system's own, found by its full
    // versioned name.
    let library = unsafe { Library::new(codec.library) }.map_err(|_| missing())?;
    // SAFETY: the types are those of `interf_dec.h` and `dec_if.h` of opencore-amr 0.1.6: a state
    // without arguments; state, packet, samples, "bad frame" flag; a state to be freed.
    let functions = unsafe {
        let [init, decode, exit] = codec.symbols;
        Functions {
            init: *library.get::<Init>(init).map_err(|_| missing())?,
            decode: *library.get::<Decode>(decode).map_err(|_| missing())?,
            exit: *library.get::<Exit>(exit).map_err(|_| missing())?,
        }
    };
    // The functions are used until the process ends.
    std::mem::forget(library);
    LOADED.get_or_init(|| functions);
    Ok(())
}

/// One decoder of the loaded library.
struct State {
    functions: &'static Functions,
    state: *mut c_void,
}

impl State {
    fn new(functions: &'static Functions) -> Option<Self> {
        // SAFETY: takes nothing; returns a state of its own or null.
        let state = unsafe { (functions.init)() };
        (!state.is_null()).then_some(Self { functions, state })
    }

    /// `frame` begins with its header byte and is as long as that byte's type says; `samples` has
    /// room for one frame.
    fn decode(&mut self, frame: &[u8], samples: &mut [i16]) {
        // SAFETY: the library reads as many bytes as the header byte's type has and writes one
        // frame; the caller has checked both lengths.
        unsafe { (self.functions.decode)(self.state, frame.as_ptr(), samples.as_mut_ptr(), 0) }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        // SAFETY: the state came from `init` of the same library and is used no more.
        unsafe { (self.functions.exit)(self.state) }
    }
}

pub(crate) fn decode(
    kind: &Kind,
    _: &Limits,
    input: &mut dyn Input,
    output: &mut Output<'_>,
) -> Result<Ending, Fault> {
    let format = || kind.name().to_owned();
    let codec = codec(kind).ok_or_else(|| Fault::Unsupported {
        format: format(),
        detail: "expected AMR".to_owned(),
    })?;
    load(kind)?;
    let mut state = LOADED.get().and_then(State::new).ok_or_else(|| Fault::Unsupported {
        format: format(),
        detail: format!("`{}` gives no decoder", codec.library),
    })?;
    let start = codec.header.len() as u64;
    input.seek(SeekFrom::Start(start)).map_err(|error| Fault::reading(0, "frames", &error))?;
    if input.length() <= start {
        return Err(Fault::Empty { found: "a header and no samples".to_owned() });
    }
    let facts = Facts {
        format: format!("amr/{}", codec.name),
        decoder: DecoderPath::OpencoreAmr,
        rate_hz: codec.rate_hz,
        channels: 1,
    };
    output.start(&facts, &[TrackShape { rate_hz: codec.rate_hz, channels: 1 }])?;
    let mut reader = std::io::BufReader::new(input);
    let mut frame = [0_u8; 64];
    let mut samples = vec![0_i16; codec.frame_samples];
    let mut plane = vec![0.0_f32; codec.frame_samples];
    let mut ending = Ending::default();
    let mut at = start;
    for packet in 0.. {
        match reader.read(&mut frame[..1]) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => return Err(Fault::reading(at, "a frame", &error)),
        }
        let kind = usize::from(frame[0] >> 3 & 15);
        let Some(bytes) = codec.frame_bytes[kind] else {
            ending.fault = Some(Fault::malformed(
                Place::Packet(packet),
                "a frame type that carries speech, silence or nothing",
                format!("type {kind}"),
            ));
            break;
        };
        if let Err(error) = reader.read_exact(&mut frame[1..=bytes]) {
            ending.fault = Some(Fault::reading(at, "a whole frame", &error));
            break;
        }
        at += 1 + bytes as u64;
        state.decode(&frame[..=bytes], &mut samples);
        for (to, sample) in plane.iter_mut().zip(&samples) {
            *to = f32::from(*sample) / 32_768.0;
        }
        output.push(0, &[&plane])?;
    }
    Ok(ending)
}
