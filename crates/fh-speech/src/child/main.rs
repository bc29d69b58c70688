use std::fs::File;
use std::io::{self, BufReader, Write};
use std::os::fd::AsFd;
use std::process::ExitCode;

use crate::child::protocol::{ClipHeader, Frame, Job, Kind, Recognizer};
use crate::engine::{Clip, Engine, Recognized, SAMPLE_RATE_HZ};
use crate::engines::scripted::Scripted;
use crate::engines::{pocketsphinx, sherpa_onnx};

/// The whole of a recogniser process: reads what to load and then clips from standard input, and
/// answers on standard output until the input ends.
///
/// To be called by the program that [`crate::ChildProgram`] names, before it has written anything.
pub fn recognize_child_main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody reads the answer any more; standard error is the last resort.
            let _ = writeln!(io::stderr(), "recogniser process: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> io::Result<()> {
    // Native libraries write to standard output as they like. The protocol takes the pipe for
    // itself and gives them standard error instead.
    let mut output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    rustix::stdio::dup2_stdout(io::stderr())?;
    let mut input = BufReader::new(File::from(io::stdin().as_fd().try_clone_to_owned()?));

    let Some(frame) = Frame::read(&mut input)? else {
        return Ok(());
    };
    let job = match frame.kind {
        Kind::Job => serde_json::from_slice(&frame.payload).map_err(io::Error::other)?,
        _ => return Err(io::Error::other("expected a job before all else")),
    };
    let (mut recognizer, version) = match load(job) {
        Ok(loaded) => loaded,
        Err(sentence) => return Frame::new(Kind::Failed, sentence.into_bytes()).write(&mut output),
    };
    Frame::new(Kind::Ready, version.into_bytes()).write(&mut output)?;

    while let Some(frame) = Frame::read(&mut input)? {
        let (header, samples) = frame.read_clip()?;
        let answer = match recognizer.recognize(&header, &samples) {
            Ok(heard) => Frame::json(Kind::Heard, &heard)?,
            Err(sentence) => Frame::new(Kind::Failed, sentence.into_bytes()),
        };
        answer.write(&mut output)?;
    }
    Ok(())
}

/// The recogniser and its version.
fn load(job: Job) -> Result<(Box<dyn Recognizer>, String), String> {
    match job {
        Job::SherpaOnnx(load) => sherpa_onnx::load(&load),
        Job::Pocketsphinx(load) => pocketsphinx::load(&load),
        Job::Scripted(script) => Ok((Box::new(Scripted::new(script)), "1".to_owned())),
    }
}

impl Recognizer for Scripted {
    fn recognize(&mut self, clip: &ClipHeader, samples: &[f32]) -> Result<Recognized, String> {
        let &ClipHeader { language, channel, start } = clip;
        let clip = Clip { samples, rate_hz: SAMPLE_RATE_HZ, language, channel, start };
        Engine::recognize(self, &clip).map_err(|error| error.to_string())
    }
}
