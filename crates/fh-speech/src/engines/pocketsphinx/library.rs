//! The part of `pocketsphinx.h` and sphinxbase's `cmd_ln.h` (5prealpha, `libpocketsphinx.so.3`)
//! that recognising whole clips needs. All structures are opaque.

#![expect(unsafe_code, reason = "calls a C library that is loaded at run time")]

use std::ffi::{CStr, CString, c_char, c_double, c_int, c_void};
use std::path::Path;
use std::ptr;

use fh_model::{Millis, Span};
use libloading::Library;

use super::{LIBRARY, Load};
use crate::child::{ClipHeader, Recognizer};
use crate::engine::{Recognized, SAMPLE_RATE_HZ};
use crate::spacing::WordJoiner;

/// Frames of the front end in a second; times of words are counted in them.
const FRAMES_PER_SECOND: u32 = 100;

/// Debian has packaged one version of this library since 2019; it cannot tell which it is.
const VERSION: &str = "5prealpha";

type CmdLnInit = unsafe extern "C" fn(*mut c_void, *const c_void, i32, ...) -> *mut c_void;
type PsArgs = unsafe extern "C" fn() -> *const c_void;
type PsInit = unsafe extern "C" fn(*mut c_void) -> *mut c_void;
type PsStartStream = unsafe extern "C" fn(*mut c_void) -> c_int;
type PsStartUtt = unsafe extern "C" fn(*mut c_void) -> c_int;
type PsProcessRaw = unsafe extern "C" fn(*mut c_void, *const i16, usize, c_int, c_int) -> c_int;
type PsEndUtt = unsafe extern "C" fn(*mut c_void) -> c_int;
type PsGetLogmath = unsafe extern "C" fn(*mut c_void) -> *mut c_void;
type LogmathExp = unsafe extern "C" fn(*mut c_void, c_int) -> c_double;
/// The parameter was dropped between two versions with the same library name; one that a function
/// does not take is harmless in the C calling convention, one that it misses is not.
type PsSegIter = unsafe extern "C" fn(*mut c_void, *mut i32) -> *mut c_void;
type PsSegNext = unsafe extern "C" fn(*mut c_void) -> *mut c_void;
type PsSegWord = unsafe extern "C" fn(*mut c_void) -> *const c_char;
type PsSegFrames = unsafe extern "C" fn(*mut c_void, *mut c_int, *mut c_int);
type PsSegProb = unsafe extern "C" fn(*mut c_void, *mut i32, *mut i32, *mut i32) -> i32;

struct Functions {
    start_stream: PsStartStream,
    start_utt: PsStartUtt,
    process_raw: PsProcessRaw,
    end_utt: PsEndUtt,
    seg_iter: PsSegIter,
    seg_next: PsSegNext,
    seg_word: PsSegWord,
    seg_frames: PsSegFrames,
    seg_prob: PsSegProb,
    logmath_exp: LogmathExp,
}

struct PocketSphinx {
    functions: Functions,
    /// Never null. Freed with the process: the child ends when this would be dropped.
    decoder: *mut c_void,
    logmath: *mut c_void,
    /// Dropped last: the functions above are its code.
    _library: Library,
}

/// Whether the system's loader finds the library, without running any of its code.
pub(super) fn system_has_it() -> bool {
    // The folders of Debian's loader, which multiarch names after the machine.
    let machine = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    [machine.as_str(), "/usr/lib", "/usr/lib64", "/usr/local/lib"]
        .iter()
        .any(|folder| Path::new(folder).join(LIBRARY).is_file())
}

/// Loads library and model, in the child.
pub(crate) fn load(load: &Load) -> Result<(Box<dyn Recognizer>, String), String> {
    // SAFETY: the library has no initialisers of its own.
    let library = unsafe { Library::new(&load.library) }
        .map_err(|error| format!("loading `{}`: {error}", load.library.display()))?;
    let functions = Functions {
        start_stream: symbol(&library, c"ps_start_stream")?,
        start_utt: symbol(&library, c"ps_start_utt")?,
        process_raw: symbol(&library, c"ps_process_raw")?,
        end_utt: symbol(&library, c"ps_end_utt")?,
        seg_iter: symbol(&library, c"ps_seg_iter")?,
        seg_next: symbol(&library, c"ps_seg_next")?,
        seg_word: symbol(&library, c"ps_seg_word")?,
        seg_frames: symbol(&library, c"ps_seg_frames")?,
        seg_prob: symbol(&library, c"ps_seg_prob")?,
        // From libsphinxbase, which the library brings along.
        logmath_exp: symbol(&library, c"logmath_exp")?,
    };
    let cmd_ln_init: CmdLnInit = symbol(&library, c"cmd_ln_init")?;
    let ps_args: PsArgs = symbol(&library, c"ps_args")?;
    let ps_init: PsInit = symbol(&library, c"ps_init")?;
    let get_logmath: PsGetLogmath = symbol(&library, c"ps_get_logmath")?;
    let c_path = |path: &Path| {
        CString::new(path.as_os_str().as_encoded_bytes())
            .map_err(|_| format!("expected a path without NUL, found `{}`", path.display()))
    };
    let acoustic = c_path(&load.model.acoustic)?;
    let language = c_path(&load.model.language)?;
    let dictionary = c_path(&load.model.dictionary)?;
    // SAFETY: `cmd_ln_init` takes pairs of strings up to a null pointer; all of them live until
    // after `ps_init`, which copies what it keeps.
    let decoder = unsafe {
        let config = cmd_ln_init(
            ptr::null_mut(),
            ps_args(),
            1,
            c"-hmm".as_ptr(),
            acoustic.as_ptr(),
            c"-lm".as_ptr(),
            language.as_ptr(),
            c"-dict".as_ptr(),
            dictionary.as_ptr(),
            // An 8 kHz model works as it is: its filters are given in Hz and end at 4 kHz.
            c"-samprate".as_ptr(),
            c"16000".as_ptr(),
            // Its own voice activity detector drops frames, and times move with them.
            c"-remove_silence".as_ptr(),
            c"no".as_ptr(),
            // Means of the clip itself, not of the clips before it.
            c"-cmn".as_ptr(),
            c"batch".as_ptr(),
            // Its log repeats what was said.
            c"-logfn".as_ptr(),
            c"/dev/null".as_ptr(),
            ptr::null::<c_char>(),
        );
        if config.is_null() { ptr::null_mut() } else { ps_init(config) }
    };
    if decoder.is_null() {
        let folder = load.model.acoustic.display();
        return Err(format!("expected a PocketSphinx model at `{folder}`, found none it can load"));
    }
    // SAFETY: the decoder is not null; the logmath lives as long as it does.
    let logmath = unsafe { get_logmath(decoder) };
    let engine = PocketSphinx { functions, decoder, logmath, _library: library };
    Ok((Box::new(engine), VERSION.to_owned()))
}

/// The function with this name, taken to be of type `T`.
fn symbol<T: Copy>(library: &Library, name: &CStr) -> Result<T, String> {
    // SAFETY: every caller names the type that the headers declare.
    unsafe { library.get::<T>(name.to_bytes_with_nul()) }
        .map(|symbol| *symbol)
        .map_err(|error| format!("looking up `{}`: {error}", name.to_string_lossy()))
}

impl Recognizer for PocketSphinx {
    fn recognize(&mut self, _: &ClipHeader, samples: &[f32]) -> Result<Recognized, String> {
        // Below a few frames its search has no path and it complains.
        if samples.len() < SAMPLE_RATE_HZ as usize / 10 {
            return Ok(Recognized::default());
        }
        let samples: Vec<i16> = samples
            .iter()
            .map(|sample| (sample * 32_768.0).clamp(-32_768.0, 32_767.0) as i16)
            .collect();
        let f = &self.functions;
        // SAFETY: the decoder is not null and lives as long as `self`; samples outlive the call.
        let done = unsafe {
            // A new stream forgets the noise of the clip before: the same clip gives the same words.
            (f.start_stream)(self.decoder) >= 0
                && (f.start_utt)(self.decoder) >= 0
                && (f.process_raw)(self.decoder, samples.as_ptr(), samples.len(), 0, 1) >= 0
                && (f.end_utt)(self.decoder) >= 0
        };
        if !done {
            return Err("expected a decoded clip, found a refusal".to_owned());
        }
        Ok(self.words())
    }
}

impl PocketSphinx {
    /// The words of the utterance that just ended.
    fn words(&self) -> Recognized {
        let f = &self.functions;
        let mut joiner = WordJoiner::default();
        let mut score = 0;
        // SAFETY: the iterator starts at the decoder's own result and is valid until `seg_next`
        // gives null, which frees it; no utterance is begun meanwhile. Words are static strings of
        // the dictionary.
        unsafe {
            let mut segment = (f.seg_iter)(self.decoder, &raw mut score);
            while !segment.is_null() {
                let (mut first, mut last) = (0, 0);
                (f.seg_frames)(segment, &raw mut first, &raw mut last);
                let (mut acoustic, mut language, mut backoff) = (0, 0, 0);
                let posterior =
                    (f.seg_prob)(segment, &raw mut acoustic, &raw mut language, &raw mut backoff);
                let word = (f.seg_word)(segment);
                if !word.is_null() {
                    let word = CStr::from_ptr(word).to_string_lossy();
                    let confidence = (f.logmath_exp)(self.logmath, posterior);
                    push(&mut joiner, &word, first, last, confidence);
                }
                segment = (f.seg_next)(segment);
            }
        }
        joiner.finish()
    }
}

/// Adds a word of the segmentation; silences and noises (`<sil>`, `[NOISE]`, `++UM++`) are none.
fn push(joiner: &mut WordJoiner, word: &str, first: c_int, last: c_int, confidence: f64) {
    if word.starts_with(['<', '[', '+']) {
        return;
    }
    // `read(2)` is the second way to pronounce `read`.
    let word = word.split_once('(').map_or(word, |(word, _)| word);
    let moment = |frame: c_int| {
        Millis::from_samples(u64::try_from(frame).unwrap_or_default(), FRAMES_PER_SECOND)
    };
    let confidence = (confidence.clamp(0.0, 1.0) * 1000.0).round() as u16;
    joiner.push(word, Span::new(moment(first), moment(last.saturating_add(1))), Some(confidence));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noises_and_pronunciations_are_no_part_of_the_words() {
        let mut joiner = WordJoiner::default();
        for (word, first, last) in [
            ("<s>", 0, 9),
            ("read(2)", 10, 29),
            ("[NOISE]", 30, 40),
            ("it", 41, 59),
            ("</s>", 60, 61),
        ] {
            push(&mut joiner, word, first, last, 0.5);
        }
        let heard = joiner.finish();
        assert_eq!(heard.text, "read it");
        assert_eq!(heard.words[0].span, Span::new(Millis(100), Millis(300)));
        assert_eq!(heard.words[1].span, Span::new(Millis(410), Millis(600)));
        assert_eq!(heard.words[1].confidence_permille, Some(500));
    }
}
