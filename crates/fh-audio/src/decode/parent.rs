use std::fs::File;
use std::io::{self, BufReader, Seek};
use std::os::unix::fs::FileExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use fh_model::{Completeness, DecoderPath, Millis, Recording};

use super::fault::Fault;
use super::ffmpeg;
use super::kind::Kind;
use super::running::{Running, TimedPipe};
use super::sniff::{Hints, NotARecording, sniff};
use super::wire::{Ending, Facts, Frame, OUTPUT_RATE_HZ, Request, Task, read_frame};
use crate::{AudioError, DecodeOptions, LimitKind, PartialPolicy, SandboxPolicy, opus, sandbox};

/// Takes the samples of one attempt at decoding.
///
/// Where the first decoder fails, a second one starts from the beginning with a receiver of its
/// own, and the one that got further is kept.
pub trait Receiver {
    /// One slice a channel, equal lengths, at 16 kHz, between -1 and 1. An error ends decoding and
    /// comes back from [`decode`].
    fn block(&mut self, channels: &[&[f32]]) -> Result<(), AudioError>;
}

/// A decoded recording.
#[derive(Debug)]
pub struct Decoded<R> {
    /// What it is.
    pub recording: Recording,
    /// The decoder and its version, for the lineage of results.
    pub decoder_version: String,
    /// What took its samples.
    pub receiver: R,
}

/// Decodes `path` in a sandboxed process and hands its samples at 16 kHz to a receiver that
/// `make_receiver` makes for the number of channels.
///
/// # Errors
/// [`AudioError`] where there is not one sample, where a limit is reached, where the receiver
/// fails, and where only a part was decoded and `options` refuse parts.
pub fn decode<R: Receiver>(
    path: &Path,
    options: &DecodeOptions,
    make_receiver: &mut dyn FnMut(usize) -> Result<R, AudioError>,
) -> Result<Decoded<R>, AudioError> {
    let job = Job::open(path, options)?;
    let digest = job.digest()?;
    let kind = job.sniff()?;
    let attempt = job.best_attempt(&kind, make_receiver)?;
    let completeness = attempt.completeness(options);
    let duration = attempt.duration();
    if let (Completeness::Partial { reason, .. }, PartialPolicy::Refuse) =
        (&completeness, options.partial)
    {
        return Err(AudioError::Partial {
            file: path.to_owned(),
            reason: reason.clone(),
            decoded: duration,
        });
    }
    let Some(Started { facts, receiver, .. }) = attempt.started else {
        return Err(job.empty("a header and no samples"));
    };
    let file_name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok(Decoded {
        recording: Recording {
            file_name,
            bytes: job.bytes,
            digest,
            format: facts.format,
            decoder: facts.decoder,
            sample_rate_hz: facts.rate_hz,
            channels: facts.channels,
            duration,
            completeness,
        },
        decoder_version: attempt.decoder_version,
        receiver,
    })
}

/// One recording that is being decoded.
struct Job<'o> {
    path: &'o Path,
    options: &'o DecodeOptions,
    file: File,
    bytes: u64,
}

/// What came of one attempt.
struct Attempt<R> {
    started: Option<Started<R>>,
    ending: Ending,
    decoder_version: String,
}

struct Started<R> {
    facts: Facts,
    receiver: R,
    frames: u64,
}

impl<R> Attempt<R> {
    fn duration(&self) -> Millis {
        let frames = self.started.as_ref().map_or(0, |started| started.frames);
        Millis::from_samples(frames, OUTPUT_RATE_HZ)
    }

    /// How much sound there is, without the silence that stands for what is missing.
    fn sound(&self) -> Millis {
        self.duration() - self.ending.filled
    }

    fn completeness(&self, options: &DecodeOptions) -> Completeness {
        let Ending { declared, damage, note, fault, .. } = &self.ending;
        let sound = self.sound();
        let filled = self.ending.filled;
        let declared = declared.unwrap_or(Millis::ZERO).max(self.duration());
        let known = (declared > self.duration() || filled > Millis::ZERO).then_some(declared);
        let partial = |reason: String| Completeness::Partial {
            reason,
            declared: self.ending.declared.or(known),
        };
        if let Some(fault) = fault {
            return partial(fault.describe());
        }
        if let Some(note) = note {
            return partial(note.clone());
        }
        if is_short(sound, declared) {
            let damage = damage.as_ref().map(|damage| format!("; {damage}")).unwrap_or_default();
            return partial(format!("decoded {sound} of {declared}{damage}"));
        }
        // The call's own times are whole seconds and include the ringing: both signs must agree.
        if self.ending.declared.is_none()
            && let Some(expected) = options.expected_duration
            && expected - sound > Millis(1_000)
            && (expected - sound).0 * 50 > expected.0
        {
            return Completeness::Partial {
                reason: format!("decoded {sound} of a call of {expected}"),
                declared: Some(expected),
            };
        }
        Completeness::Complete
    }
}

/// Over 1 second or over 2 % of the declared length is missing; a tenth of a second is what codecs
/// add and cut at the ends.
fn is_short(decoded: Millis, declared: Millis) -> bool {
    let missing = declared - decoded;
    missing > Millis(1_000) || (missing > Millis(100) && missing.0 * 50 > declared.0)
}

impl<'o> Job<'o> {
    fn open(path: &'o Path, options: &'o DecodeOptions) -> Result<Self, AudioError> {
        let unreadable = |source| AudioError::Unreadable { file: path.to_owned(), source };
        // Asked before opening: opening a pipe waits for its writer.
        let metadata = std::fs::metadata(path).map_err(unreadable)?;
        if !metadata.is_file() {
            return Err(AudioError::NotAFile { file: path.to_owned() });
        }
        let file = File::open(path).map_err(unreadable)?;
        let bytes = file.metadata().map_err(unreadable)?.len();
        let job = Self { path, options, file, bytes };
        if bytes == 0 {
            return Err(job.empty("0 bytes"));
        }
        if bytes > options.limits.max_bytes {
            return Err(job.over(LimitKind::Bytes, options.limits.max_bytes, bytes));
        }
        Ok(job)
    }

    fn digest(&self) -> Result<String, AudioError> {
        let mut hasher = blake3::Hasher::new();
        let mut chunk = vec![0; 1 << 17];
        let mut at = 0;
        loop {
            match self.file.read_at(&mut chunk, at) {
                Ok(0) => return Ok(hasher.finalize().to_hex().to_string()),
                Ok(read) => {
                    hasher.update(&chunk[..read]);
                    at += read as u64;
                }
                Err(source) => {
                    return Err(AudioError::Unreadable { file: self.path.to_owned(), source });
                }
            }
        }
    }

    fn sniff(&self) -> Result<Kind, AudioError> {
        let hints = Hints {
            extension: self.path.extension().and_then(|extension| extension.to_str()),
            bytes: self.bytes,
            expected: self.options.expected_duration,
        };
        let file = self.path.to_owned();
        match sniff(&hints, &mut |at, bytes| self.file.read_at(bytes, at)) {
            Ok(Ok(kind)) => Ok(kind),
            Ok(Err(NotARecording::Unknown { found })) => {
                Err(AudioError::UnknownFormat { file, found })
            }
            Ok(Err(NotARecording::Length { expected })) => {
                Err(AudioError::HeaderlessLength { file, bytes: self.bytes, expected })
            }
            Ok(Err(NotARecording::Unsupported { format, detail })) => {
                Err(AudioError::Unsupported { file, format: format.to_owned(), detail })
            }
            Err(source) => Err(AudioError::Unreadable { file, source }),
        }
    }

    /// The built-in decoders first; where they fail or give only a part, ffmpeg once; of two parts
    /// the longer.
    fn best_attempt<R: Receiver>(
        &self,
        kind: &Kind,
        make_receiver: &mut dyn FnMut(usize) -> Result<R, AudioError>,
    ) -> Result<Attempt<R>, AudioError> {
        let first = match kind {
            Kind::Foreign(_) => Err(self.no_decoder(kind)),
            _ => self.attempt_built_in(kind, make_receiver),
        };
        if !self.wants_second_try(&first) {
            return first;
        }
        let Some((program, arguments)) =
            ffmpeg::find(&self.options.ffmpeg).zip(ffmpeg::arguments(kind))
        else {
            return match first {
                Err(AudioError::Unsupported { file, format, .. })
                    if kind.ffmpeg_input().is_some() =>
                {
                    Err(AudioError::MissingDecoder {
                        file,
                        format,
                        needs: "ffmpeg".to_owned(),
                        package: ffmpeg::PACKAGE.to_owned(),
                    })
                }
                first => first,
            };
        };
        let second = self.attempt_ffmpeg(kind, &program, arguments, make_receiver);
        match (first, second) {
            (Ok(first), Ok(mut second)) if second.sound() > first.sound() => {
                second.ending.declared = first.ending.declared.or(second.ending.declared);
                Ok(second)
            }
            (Ok(first), _) => Ok(first),
            (Err(_), Ok(second)) => Ok(second),
            // What ffmpeg says about a codec that only it knows; otherwise our own finding, which
            // names a place.
            (Err(AudioError::Unsupported { .. }), Err(second)) => Err(second),
            (Err(first), Err(_)) => Err(first),
        }
    }

    fn no_decoder(&self, kind: &Kind) -> AudioError {
        AudioError::Unsupported {
            file: self.path.to_owned(),
            format: kind.name().to_owned(),
            detail: "nothing built in decodes it".to_owned(),
        }
    }

    fn wants_second_try<R>(&self, first: &Result<Attempt<R>, AudioError>) -> bool {
        match first {
            Ok(attempt) => {
                attempt.completeness(self.options).is_partial()
                    && attempt
                        .started
                        .as_ref()
                        .is_some_and(|started| started.facts.decoder == DecoderPath::Symphonia)
            }
            Err(error) => matches!(
                error,
                AudioError::Unsupported { .. }
                    | AudioError::Malformed { .. }
                    | AudioError::DecoderCrashed { .. }
            ),
        }
    }

    fn attempt_built_in<R: Receiver>(
        &self,
        kind: &Kind,
        make_receiver: &mut dyn FnMut(usize) -> Result<R, AudioError>,
    ) -> Result<Attempt<R>, AudioError> {
        let mut child = self.start(Task::Decode { kind: kind.clone() }, self.rewound()?)?;
        let mut attempt = self.receive(&mut child, make_receiver)?;
        if let Some(started) = &attempt.started {
            attempt.decoder_version = built_in_version(&started.facts);
        }
        self.judge(attempt)
    }

    fn attempt_ffmpeg<R: Receiver>(
        &self,
        kind: &Kind,
        program: &Path,
        args: Vec<std::ffi::OsString>,
        make_receiver: &mut dyn FnMut(usize) -> Result<R, AudioError>,
    ) -> Result<Attempt<R>, AudioError> {
        let task = Task::Ffmpeg { program: program.to_owned(), args };
        let mut ffmpeg = self.start(task, self.rewound()?)?;
        let samples = Stdio::from(ffmpeg.take_output());
        let mut child = self.start(Task::Decode { kind: Kind::Matroska }, samples)?;
        // Where it fails both are dropped, which kills them.
        let mut attempt = self.receive(&mut child, make_receiver)?;
        let status = ffmpeg.end();
        let words = ffmpeg.words();
        let said = ffmpeg::said(&words);
        let codec = said.codec.unwrap_or_else(|| "unknown".to_owned());
        let format = format!("{}/{codec}", kind.name());
        let Some(started) = &mut attempt.started else {
            let detail = format!("ffmpeg: {}", ffmpeg::last_words(&words));
            if words.contains("no sandbox: ") || status.code() == Some(2) {
                return Err(AudioError::SandboxUnavailable { missing: ffmpeg::last_words(&words) });
            }
            return Err(AudioError::Unsupported { file: self.path.to_owned(), format, detail });
        };
        started.facts.format = format;
        started.facts.decoder = DecoderPath::Ffmpeg;
        attempt.ending.declared = said.declared;
        attempt.ending.note = match said.complaint {
            _ if !status.success() => Some(printable(&format!(
                "ffmpeg ended early ({}): {}",
                describe(status),
                ffmpeg::last_words(&words)
            ))),
            Some(complaint) => Some(printable(&format!("ffmpeg: {complaint}"))),
            None => None,
        };
        attempt.decoder_version =
            format!("ffmpeg {}", said.version.unwrap_or_else(|| "of unknown version".to_owned()));
        self.judge(attempt)
    }

    /// An attempt with at least one sample and no breach of a limit, or the error that it is.
    fn judge<R>(&self, attempt: Attempt<R>) -> Result<Attempt<R>, AudioError> {
        let has_sound = attempt.started.as_ref().is_some_and(|started| started.frames > 0);
        match &attempt.ending.fault {
            Some(fault @ (Fault::Limit { .. } | Fault::Sandbox { .. })) => {
                Err(self.error_of(fault.clone()))
            }
            Some(fault) if !has_sound => Err(self.error_of(fault.clone())),
            _ if !has_sound => Err(self.empty("a header and no samples")),
            _ => Ok(attempt),
        }
    }

    /// The recording from its start, as a process's input. The copies of a descriptor share one
    /// position.
    fn rewound(&self) -> Result<Stdio, AudioError> {
        let mut file = &self.file;
        file.rewind()
            .and_then(|()| self.file.try_clone())
            .map(Stdio::from)
            .map_err(|source| AudioError::Unreadable { file: self.path.to_owned(), source })
    }

    fn start(&self, task: Task, input: Stdio) -> Result<Running, AudioError> {
        let program = &self.options.child;
        let not_started =
            |source| AudioError::DecoderNotStarted { program: program.program.clone(), source };
        let request = Request {
            task,
            limits: self.options.limits.clone(),
            sandbox: self.options.sandbox == SandboxPolicy::Required,
            parent: std::process::id(),
        };
        let request = serde_json::to_string(&request).map_err(|error| not_started(error.into()))?;
        let mut command = Command::new(&program.program);
        sandbox::clean_environment(&mut command)
            .args(&program.args)
            .arg(request)
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Running::start(&mut command).map_err(not_started)
    }

    /// Reads what the child sends until it ends.
    fn receive<R: Receiver>(
        &self,
        child: &mut Running,
        make_receiver: &mut dyn FnMut(usize) -> Result<R, AudioError>,
    ) -> Result<Attempt<R>, AudioError> {
        let limits = &self.options.limits;
        let pipe = TimedPipe::new(child.take_output(), limits.max_wait);
        let mut from = BufReader::with_capacity(1 << 16, pipe);
        let mut started: Option<Started<R>> = None;
        let mut spent = Vec::new();
        let mut planes: Vec<Vec<f32>> = Vec::new();
        let most = limits.max_duration.to_samples(OUTPUT_RATE_HZ);
        let ending = loop {
            match read_frame(&mut from, std::mem::take(&mut spent)) {
                Ok(Some(Frame::Facts(facts))) if started.is_none() => {
                    if facts.channels == 0 || facts.channels > limits.max_channels {
                        let found = facts.channels.into();
                        let allowed = limits.max_channels.into();
                        return Err(self.over(LimitKind::Channels, allowed, found));
                    }
                    planes = vec![Vec::new(); usize::from(facts.channels)];
                    let receiver = make_receiver(usize::from(facts.channels))?;
                    started = Some(Started { facts: clean(facts), receiver, frames: 0 });
                }
                Ok(Some(Frame::Block(block))) => {
                    let Some(started) = &mut started else {
                        return Err(self.broken("samples before the format"));
                    };
                    let frames = block.len() / 2 / planes.len();
                    if block.len() != frames * 2 * planes.len() || frames == 0 {
                        return Err(self.broken("a block of uneven channels"));
                    }
                    started.frames += frames as u64;
                    if started.frames > most {
                        let found = Millis::from_samples(started.frames, OUTPUT_RATE_HZ).0;
                        return Err(self.over(LimitKind::Duration, limits.max_duration.0, found));
                    }
                    for (plane, samples) in planes.iter_mut().zip(block.chunks_exact(frames * 2)) {
                        plane.clear();
                        plane.extend(samples.chunks_exact(2).map(|sample| {
                            f32::from(i16::from_le_bytes([sample[0], sample[1]])) / 32_768.0
                        }));
                    }
                    let slices: Vec<&[f32]> = planes.iter().map(Vec::as_slice).collect();
                    started.receiver.block(&slices)?;
                    spent = block;
                }
                Ok(Some(Frame::Ending(ending))) => break ending,
                Ok(Some(Frame::Facts(_))) => return Err(self.broken("the format twice")),
                Ok(None) => break self.without_ending(child)?,
                Err(_) if from.get_ref().timed_out() => {
                    let wait = limits.max_wait.0;
                    return Err(self.over(LimitKind::Wait, wait, wait));
                }
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    return Err(self.broken(&error.to_string()));
                }
                // It died in the middle of a frame.
                Err(_) => break self.without_ending(child)?,
            }
        };
        Ok(Attempt { started, ending, decoder_version: String::new() })
    }

    /// What it means that the child went without a word.
    fn without_ending(&self, child: &mut Running) -> Result<Ending, AudioError> {
        let limits = &self.options.limits;
        let status = child.end();
        let words = child.words();
        if status.signal() == Some(libc::SIGXCPU) {
            let most = limits.max_cpu_seconds;
            return Err(self.over(LimitKind::Cpu, most, most));
        }
        if words.contains("memory allocation of") {
            let most = limits.max_memory_bytes;
            return Err(self.over(LimitKind::Memory, most, most));
        }
        if status.signal().is_none() && status.code() != Some(101) {
            // It refused to work at all: not a decode child, or one of another version.
            return Err(self.broken(&format!(
                "it ended without an answer ({}): {}",
                describe(status),
                ffmpeg::last_words(&words)
            )));
        }
        let message = format!("{}: {}", describe(status), ffmpeg::last_words(&words));
        Ok(Ending { fault: Some(Fault::Panicked { message }), ..Ending::default() })
    }

    fn error_of(&self, fault: Fault) -> AudioError {
        let file = self.path.to_owned();
        match fault {
            Fault::Empty { found } => AudioError::Empty { file, found: printable(&found) },
            Fault::Unsupported { format, detail } => AudioError::Unsupported {
                file,
                format: printable(&format),
                detail: printable(&detail),
            },
            Fault::MissingLibrary { format, needs, package } => AudioError::MissingDecoder {
                file,
                format: printable(&format),
                needs: printable(&needs),
                package: printable(&package),
            },
            Fault::Malformed { place, expected, found } => AudioError::Malformed {
                file,
                place,
                expected: printable(&expected),
                found: printable(&found),
            },
            Fault::Limit { limit, allowed, found } => {
                AudioError::LimitReached { file, limit, allowed, found }
            }
            Fault::Sandbox { missing } => {
                AudioError::SandboxUnavailable { missing: printable(&missing) }
            }
            Fault::Panicked { message } => {
                AudioError::DecoderCrashed { file, how: printable(&message) }
            }
            Fault::OutputClosed => self.broken("it found its output closed"),
        }
    }

    fn empty(&self, found: &str) -> AudioError {
        AudioError::Empty { file: self.path.to_owned(), found: found.to_owned() }
    }

    fn over(&self, limit: LimitKind, allowed: u64, found: u64) -> AudioError {
        AudioError::LimitReached { file: self.path.to_owned(), limit, allowed, found }
    }

    fn broken(&self, detail: &str) -> AudioError {
        AudioError::DecoderProtocol { file: self.path.to_owned(), detail: printable(detail) }
    }
}

fn clean(facts: Facts) -> Facts {
    Facts { format: printable(&facts.format), ..facts }
}

/// What a process that parses foreign bytes says may hold foreign bytes.
fn printable(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(400).collect()
}

fn built_in_version(facts: &Facts) -> String {
    let ours = concat!("fh-audio ", env!("CARGO_PKG_VERSION"));
    match facts.decoder {
        DecoderPath::Symphonia if facts.format.ends_with("/opus") => {
            format!("{ours}, symphonia 0.6.1, {}", opus::version())
        }
        DecoderPath::Symphonia => format!("{ours}, symphonia 0.6.1"),
        DecoderPath::OpencoreAmr => format!("{ours}, opencore-amr"),
        _ => ours.to_owned(),
    }
}

fn describe(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("signal {signal}"),
        (None, Some(code)) => format!("exit status {code}"),
        (None, None) => "unknown status".to_owned(),
    }
}
