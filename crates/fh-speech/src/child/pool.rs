use std::num::NonZeroUsize;
use std::time::Duration;

use crate::SpeechError;
use crate::child::ChildProgram;
use crate::child::process::Process;
use crate::child::protocol::{ClipHeader, Frame, Job, Kind};
use crate::engine::{Clip, Engine, EngineInfo, Recognized, check_clip};
use crate::parallel;

/// How an engine in child processes is run.
#[derive(Debug, Clone)]
pub(crate) struct ChildSettings {
    pub(crate) program: ChildProgram,
    pub(crate) workers: NonZeroUsize,
    pub(crate) load_timeout: Duration,
    pub(crate) clip_timeout: Duration,
}

/// An engine whose work is done by child processes, each with a model of its own.
pub(crate) struct ChildEngine {
    info: EngineInfo,
    workers: Vec<Worker>,
}

impl ChildEngine {
    /// Starts the first child, so that a model that does not load is known at once. The others
    /// start when there is work for them.
    pub(crate) fn start(
        engine: &'static str,
        mut info: EngineInfo,
        job: &Job,
        settings: &ChildSettings,
    ) -> Result<Self, SpeechError> {
        let job = serde_json::to_vec(job).map_err(|error| SpeechError::EngineNotStarted {
            engine,
            detail: format!("expected paths in UTF-8: {error}"),
        })?;
        let worker =
            |_| Worker { engine, job: job.clone(), settings: settings.clone(), process: None };
        let mut workers: Vec<Worker> = (0..settings.workers.get()).map(worker).collect();
        if let Some(first) = workers.first_mut() {
            info.version = first.loaded()?.1;
        }
        info.parallel_clips = workers.len();
        Ok(Self { info, workers })
    }
}

impl Engine for ChildEngine {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn recognize(&mut self, clip: &Clip<'_>) -> Result<Recognized, SpeechError> {
        self.recognize_all(std::slice::from_ref(clip)).map(|mut heard| heard.remove(0))
    }

    fn recognize_all(&mut self, clips: &[Clip<'_>]) -> Result<Vec<Recognized>, SpeechError> {
        for clip in clips {
            check_clip(clip, self.info.longest_clip)?;
        }
        parallel::share(&mut self.workers, clips, Worker::recognize)
    }
}

struct Worker {
    engine: &'static str,
    job: Vec<u8>,
    settings: ChildSettings,
    process: Option<Process>,
}

impl Worker {
    /// The running process and the version of what it loaded (empty where it ran before).
    fn loaded(&mut self) -> Result<(&mut Process, String), SpeechError> {
        let engine = self.engine;
        let mut version = String::new();
        let process = match self.process.take() {
            Some(process) => process,
            None => {
                let mut process = Process::start(engine, &self.settings.program)?;
                let job = Frame::new(Kind::Job, self.job.clone());
                let answer = process.ask(job, self.settings.load_timeout, "loading the model")?;
                let sentence = String::from_utf8_lossy(&answer.payload).into_owned();
                match answer.kind {
                    Kind::Ready => version = sentence,
                    _ => return Err(SpeechError::EngineNotStarted { engine, detail: sentence }),
                }
                process
            }
        };
        Ok((self.process.insert(process), version))
    }

    fn recognize(&mut self, clip: &Clip<'_>) -> Result<Recognized, SpeechError> {
        // Silence is not worth the way to the child, and recognisers invent words in it.
        if clip.is_silent() {
            return Ok(Recognized::default());
        }
        let &Clip { samples, language, channel, start, .. } = clip;
        let header = ClipHeader { language, channel, start };
        let engine = self.engine;
        let frame = Frame::clip(&header, samples)
            .map_err(|error| SpeechError::ChildProtocol { engine, detail: error.to_string() })?;
        let limit = self.settings.clip_timeout;
        let (process, _) = self.loaded()?;
        let asked = process.ask(frame, limit, "recognising a clip");
        let answer = match asked {
            Ok(answer) => answer,
            Err(error) => {
                self.process = None;
                return Err(error);
            }
        };
        if answer.kind != Kind::Heard {
            let detail = String::from_utf8_lossy(&answer.payload).into_owned();
            return Err(SpeechError::Recognition { engine, detail });
        }
        let heard: Recognized = serde_json::from_slice(&answer.payload).map_err(|error| {
            SpeechError::ChildProtocol {
                engine,
                // serde's message may quote the text; its place is enough.
                detail: format!("expected a result, found a fault at column {}", error.column()),
            }
        })?;
        Ok(held_inside(clip, heard))
    }
}

/// A recogniser's times may end a frame after the clip does.
fn held_inside(clip: &Clip<'_>, mut heard: Recognized) -> Recognized {
    let end = clip.length();
    for word in &mut heard.words {
        word.span.start = word.span.start.min(end);
        word.span.end = word.span.end.min(end);
    }
    heard
}
