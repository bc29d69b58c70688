//! The part of sherpa-onnx's `c-api.h` (2.0.1) that recognising whole clips needs.
//!
//! Structures are laid out as the header has them on a 64-bit machine; sizes and places were read
//! off with `sizeof` and `offsetof` on that header, and are asserted below. Model families that we
//! do not use are kept zero, as the header asks.

#![expect(unsafe_code, reason = "calls a C library that is loaded at run time")]

use std::ffi::{CStr, CString, c_char, c_void};
use std::mem::{offset_of, size_of, zeroed};
use std::path::Path;
use std::ptr;

use fh_model::Millis;
use libloading::Library;

use super::result::read_result;
use super::{Load, ModelFamily, VERSION};
use crate::SpeechError;
use crate::child::{ClipHeader, Recognizer};
use crate::engine::{Clip, Engine, EngineInfo, Recognized, SAMPLE_RATE_HZ, check_clip};

#[repr(C)]
struct FeatureConfig {
    sample_rate: i32,
    feature_dim: i32,
}

#[repr(C)]
struct SenseVoiceConfig {
    model: *const c_char,
    language: *const c_char,
    use_itn: i32,
}

#[repr(C)]
struct ModelConfig {
    transducer: [*const c_char; 3],
    paraformer_model: *const c_char,
    /// NeMo, Whisper and TDNN.
    unused_families: [u64; 8],
    tokens: *const c_char,
    num_threads: i32,
    debug: i32,
    provider: *const c_char,
    model_type: *const c_char,
    modeling_unit: *const c_char,
    bpe_vocab: *const c_char,
    telespeech_ctc: *const c_char,
    sense_voice: SenseVoiceConfig,
    /// Moonshine to Cohere.
    more_unused_families: [u64; 41],
}

#[repr(C)]
struct RecognizerConfig {
    feat_config: FeatureConfig,
    model_config: ModelConfig,
    lm_config: [u64; 2],
    decoding_method: *const c_char,
    max_active_paths: i32,
    /// Hotwords, text rules, blank penalty, homophones, CTC graph.
    unused: [u64; 10],
}

const _: () = {
    assert!(size_of::<RecognizerConfig>() == 624);
    assert!(size_of::<ModelConfig>() == 504);
    assert!(size_of::<SenseVoiceConfig>() == 24);
    assert!(offset_of!(RecognizerConfig, model_config) == 8);
    assert!(offset_of!(RecognizerConfig, lm_config) == 512);
    assert!(offset_of!(RecognizerConfig, decoding_method) == 528);
    assert!(offset_of!(RecognizerConfig, max_active_paths) == 536);
    assert!(offset_of!(ModelConfig, paraformer_model) == 24);
    assert!(offset_of!(ModelConfig, tokens) == 96);
    assert!(offset_of!(ModelConfig, num_threads) == 104);
    assert!(offset_of!(ModelConfig, debug) == 108);
    assert!(offset_of!(ModelConfig, provider) == 112);
    assert!(offset_of!(ModelConfig, sense_voice) == 152);
    assert!(offset_of!(ModelConfig, more_unused_families) == 176);
};

type GetVersion = unsafe extern "C" fn() -> *const c_char;
type CreateRecognizer = unsafe extern "C" fn(*const RecognizerConfig) -> *const c_void;
type DestroyRecognizer = unsafe extern "C" fn(*const c_void);
type CreateStream = unsafe extern "C" fn(*const c_void) -> *const c_void;
type DestroyStream = unsafe extern "C" fn(*const c_void);
type AcceptWaveform = unsafe extern "C" fn(*const c_void, i32, *const f32, i32);
type Decode = unsafe extern "C" fn(*const c_void, *const c_void);
type GetResult = unsafe extern "C" fn(*const c_void) -> *const c_char;
type DestroyResult = unsafe extern "C" fn(*const c_char);

/// The functions that we call; they live as long as the library does.
struct Functions {
    create_recognizer: CreateRecognizer,
    destroy_recognizer: DestroyRecognizer,
    create_stream: CreateStream,
    destroy_stream: DestroyStream,
    accept_waveform: AcceptWaveform,
    decode: Decode,
    get_result: GetResult,
    destroy_result: DestroyResult,
}

struct SherpaOnnx {
    functions: Functions,
    /// Never null.
    recognizer: *const c_void,
    /// Dropped last: the functions above are its code.
    _library: Library,
}

/// Loads library and model, in the child.
pub(crate) fn load(load: &Load) -> Result<(Box<dyn Recognizer>, String), String> {
    Ok((Box::new(SherpaOnnx::load(load)?), VERSION.to_owned()))
}

pub(super) fn open_in_this_process(
    mut info: EngineInfo,
    load: &Load,
) -> Result<Box<dyn Engine>, String> {
    info.parallel_clips = 1;
    Ok(Box::new(InThisProcess { info, recognizer: SherpaOnnx::load(load)? }))
}

struct InThisProcess {
    info: EngineInfo,
    recognizer: SherpaOnnx,
}

impl Engine for InThisProcess {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn recognize(&mut self, clip: &Clip<'_>) -> Result<Recognized, SpeechError> {
        check_clip(clip, self.info.longest_clip)?;
        if clip.is_silent() {
            return Ok(Recognized::default());
        }
        self.recognizer
            .hear(clip.samples)
            .map_err(|detail| SpeechError::Recognition { engine: super::ID, detail })
    }
}

// SAFETY: the recogniser is used by one thread at a time, through `&mut self`; neither sherpa-onnx
// nor ONNX Runtime ties it to the thread that made it.
unsafe impl Send for SherpaOnnx {}

impl SherpaOnnx {
    fn load(load: &Load) -> Result<Self, String> {
        // SAFETY: the library's initialisers are those of ONNX Runtime and of sherpa-onnx, which set up
        // their own state only.
        let library = unsafe { Library::new(&load.library) }
            .map_err(|error| format!("loading `{}`: {error}", load.library.display()))?;
        check_version(&library, &load.library)?;
        let functions = Functions {
            create_recognizer: symbol(&library, c"SherpaOnnxCreateOfflineRecognizer")?,
            destroy_recognizer: symbol(&library, c"SherpaOnnxDestroyOfflineRecognizer")?,
            create_stream: symbol(&library, c"SherpaOnnxCreateOfflineStream")?,
            destroy_stream: symbol(&library, c"SherpaOnnxDestroyOfflineStream")?,
            accept_waveform: symbol(&library, c"SherpaOnnxAcceptWaveformOffline")?,
            decode: symbol(&library, c"SherpaOnnxDecodeOfflineStream")?,
            get_result: symbol(&library, c"SherpaOnnxGetOfflineStreamResultAsJson")?,
            destroy_result: symbol(&library, c"SherpaOnnxDestroyOfflineStreamResultJson")?,
        };
        let recognizer = create(&functions, load)?;
        Ok(SherpaOnnx { functions, recognizer, _library: library })
    }
}

fn check_version(library: &Library, path: &Path) -> Result<(), String> {
    let get_version: GetVersion = symbol(library, c"SherpaOnnxGetVersionStr")?;
    // SAFETY: takes nothing and gives a static string, by the header.
    let version = unsafe { CStr::from_ptr(get_version()) }.to_string_lossy();
    if version == VERSION {
        Ok(())
    } else {
        let path = path.display();
        Err(format!("expected sherpa-onnx {VERSION} at `{path}`, found {version}"))
    }
}

/// The function with this name, taken to be of type `T`.
fn symbol<T: Copy>(library: &Library, name: &CStr) -> Result<T, String> {
    // SAFETY: every caller names the type that the header of version 2.0.1 declares, and no
    // function is called before the version is checked, but for the one that tells it.
    unsafe { library.get::<T>(name.to_bytes_with_nul()) }
        .map(|symbol| *symbol)
        .map_err(|error| format!("looking up `{}`: {error}", name.to_string_lossy()))
}

fn create(functions: &Functions, load: &Load) -> Result<*const c_void, String> {
    let c_path = |path: &Path| {
        CString::new(path.as_os_str().as_encoded_bytes())
            .map_err(|_| format!("expected a path without NUL, found `{}`", path.display()))
    };
    let (model, tokens) = (c_path(&load.model)?, c_path(&load.tokens)?);
    // SAFETY: the header asks for a zeroed structure; null pointers and zero numbers are valid
    // values of every field.
    let mut config: RecognizerConfig = unsafe { zeroed() };
    config.feat_config = FeatureConfig { sample_rate: SAMPLE_RATE_HZ as i32, feature_dim: 80 };
    config.decoding_method = c"greedy_search".as_ptr();
    config.model_config.tokens = tokens.as_ptr();
    // Two threads cost 40 % more processor time for each second of sound; several processes
    // with one thread each do not.
    config.model_config.num_threads = 1;
    config.model_config.provider = c"cpu".as_ptr();
    match load.family {
        ModelFamily::SenseVoice => {
            config.model_config.sense_voice = SenseVoiceConfig {
                model: model.as_ptr(),
                // It tells by itself, clip by clip: an engine outlives a call, and the next
                // call may be in another language.
                language: c"auto".as_ptr(),
                use_itn: 1,
            };
        }
        ModelFamily::Paraformer => config.model_config.paraformer_model = model.as_ptr(),
    }
    // SAFETY: all strings live until after the call, which copies them.
    let recognizer = unsafe { (functions.create_recognizer)(&raw const config) };
    if recognizer.is_null() {
        return Err(format!("expected a model at `{}`, found none", load.model.display()));
    }
    Ok(recognizer)
}

impl Recognizer for SherpaOnnx {
    fn recognize(&mut self, _: &ClipHeader, samples: &[f32]) -> Result<Recognized, String> {
        self.hear(samples)
    }
}

impl SherpaOnnx {
    fn hear(&mut self, samples: &[f32]) -> Result<Recognized, String> {
        // Below one window of the front end (25 ms) there is nothing to compute.
        if samples.len() < SAMPLE_RATE_HZ as usize / 40 {
            return Ok(Recognized::default());
        }
        let length = i32::try_from(samples.len()).map_err(|_| "expected a shorter clip")?;
        let f = &self.functions;
        // SAFETY: the recogniser is not null and lives as long as `self`; the stream is made and
        // destroyed here; `samples` outlives the call that copies them.
        let json = unsafe {
            let stream = (f.create_stream)(self.recognizer);
            if stream.is_null() {
                return Err("expected a stream, found none".to_owned());
            }
            (f.accept_waveform)(stream, SAMPLE_RATE_HZ as i32, samples.as_ptr(), length);
            (f.decode)(self.recognizer, stream);
            let result = (f.get_result)(stream);
            let json = (!result.is_null()).then(|| CStr::from_ptr(result).to_bytes().to_vec());
            if !result.is_null() {
                (f.destroy_result)(result);
            }
            (f.destroy_stream)(stream);
            json
        };
        let json = json.ok_or("expected a result, found none")?;
        let length = Millis::from_samples(samples.len() as u64, SAMPLE_RATE_HZ);
        read_result(&json, length)
    }
}

impl Drop for SherpaOnnx {
    fn drop(&mut self) {
        // SAFETY: made by the same library and destroyed once.
        unsafe { (self.functions.destroy_recognizer)(self.recognizer) };
        self.recognizer = ptr::null();
    }
}
