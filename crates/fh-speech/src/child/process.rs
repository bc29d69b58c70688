use std::io::{self, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use crate::SpeechError;
use crate::child::ChildProgram;
use crate::child::protocol::{Frame, Kind};

/// How much of what a child wrote to standard error is kept for the error about its death.
const LAST_WORDS: usize = 2_000;

/// How long a child that closed its pipe is given to end by itself.
const PATIENCE: Duration = Duration::from_millis(10);
const PATIENCE_TIMES: u32 = 200;

/// A running child process and the thread that talks with it.
pub(super) struct Process {
    engine: &'static str,
    child: Child,
    requests: Option<mpsc::Sender<Frame>>,
    answers: mpsc::Receiver<io::Result<Option<Frame>>>,
    last_words: Arc<Mutex<Vec<u8>>>,
}

impl Process {
    pub(super) fn start(engine: &'static str, program: &ChildProgram) -> Result<Self, SpeechError> {
        let not_started = |source| SpeechError::ChildNotStarted {
            engine,
            program: program.program.clone(),
            source,
        };
        let mut child = Command::new(&program.program)
            .args(&program.args)
            // Results may not depend on variables that a native library happens to read.
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(not_started)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(mut input), Some(mut output), Some(mut errors)) = pipes else {
            return Err(not_started(io::Error::other("expected three pipes, found fewer")));
        };

        // A child that hangs would hang whoever writes to it or reads from it; a thread does that,
        // and killing the child sets it free.
        let (requests, to_write) = mpsc::channel::<Frame>();
        let (to_answer, answers) = mpsc::channel();
        thread::spawn(move || {
            for frame in to_write {
                // A child that died while we write tells by the end of its output.
                let written = frame.write(&mut input);
                let answer = match Frame::read(&mut output) {
                    Ok(None) => written.and(Ok(None)),
                    answer => answer,
                };
                if to_answer.send(answer).is_err() {
                    break;
                }
            }
        });
        let last_words = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&last_words);
        thread::spawn(move || {
            let mut buffer = [0; 1024];
            while let Ok(count @ 1..) = errors.read(&mut buffer) {
                if let Ok(mut kept) = kept.lock() {
                    kept.extend_from_slice(&buffer[..count]);
                    let surplus = kept.len().saturating_sub(LAST_WORDS);
                    kept.drain(..surplus);
                }
            }
        });
        Ok(Self { engine, child, requests: Some(requests), answers, last_words })
    }

    /// Sends a frame and waits for the answer. After an error the process is of no further use,
    /// but for the engine's own refusal of a job or a clip.
    pub(super) fn ask(
        &mut self,
        frame: Frame,
        limit: Duration,
        doing: &'static str,
    ) -> Result<Frame, SpeechError> {
        let engine = self.engine;
        let sent = self.requests.as_ref().is_some_and(|requests| requests.send(frame).is_ok());
        if !sent {
            return Err(self.died(doing));
        }
        match self.answers.recv_timeout(limit) {
            Ok(Ok(Some(frame))) if frame.kind != Kind::Job && frame.kind != Kind::Clip => Ok(frame),
            Ok(Ok(Some(_))) => Err(SpeechError::ChildProtocol {
                engine,
                detail: "expected an answer, found a question".to_owned(),
            }),
            Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
                Err(SpeechError::ChildProtocol { engine, detail: error.to_string() })
            }
            Ok(Ok(None) | Err(_)) | Err(mpsc::RecvTimeoutError::Disconnected) => {
                Err(self.died(doing))
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                Err(SpeechError::ChildTimedOut { engine, limit, doing })
            }
        }
    }

    fn died(&mut self, doing: &'static str) -> SpeechError {
        let how = match self.wait_a_little() {
            Some(status) => describe(status),
            None => "closed its pipe".to_owned(),
        };
        let last_words = self
            .last_words
            .lock()
            .map(|words| String::from_utf8_lossy(&words).into_owned())
            .unwrap_or_default();
        SpeechError::ChildDied { engine: self.engine, how, doing, last_words }
    }

    fn wait_a_little(&mut self) -> Option<ExitStatus> {
        for _ in 0..PATIENCE_TIMES {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            thread::sleep(PATIENCE);
        }
        None
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The child ends when its input does; one that is at work is not waited for.
        self.requests = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn describe(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("was ended by signal {signal}"),
        (None, Some(code)) => format!("ended with status {code}"),
        (None, None) => "ended".to_owned(),
    }
}
