use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::panic;
use std::path::Path;
use std::process::{Command, ExitCode};

use super::fault::Fault;
use super::kind::Kind;
use super::output::{BlockWriter, Output};
use super::wire::{self, Ending, Facts, Request, Task};
use super::{FileInput, Input, opencore_amr, run_decoders};
use crate::Limits;
use crate::sandbox::{self, Tenant};

/// The body of the decoding process: locks itself in, decodes standard input, and writes samples
/// to standard output. Its last argument is the request.
///
/// A program that decodes has a hidden subcommand that does nothing but call this before it starts
/// any thread, and names that subcommand in [`ChildProgram`](crate::ChildProgram).
///
/// ```no_run
/// fn main() -> std::process::ExitCode {
///     fh_audio::decode_child_main()
/// }
/// ```
pub fn decode_child_main() -> ExitCode {
    let request = std::env::args_os().last().and_then(|last| last.into_string().ok());
    let request = match request.as_deref().map(serde_json::from_str::<Request>) {
        Some(Ok(request)) => request,
        Some(Err(error)) => return refuse(&format!("expected a decode request: {error}")),
        None => return refuse("expected a decode request"),
    };
    match run(&request) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse(&error),
    }
}

/// For whoever starts this by hand.
fn refuse(reason: &str) -> ExitCode {
    // Nothing can be done where standard error is closed.
    let _ = writeln!(io::stderr(), "{reason}");
    ExitCode::from(2)
}

fn run(request: &Request) -> Result<(), String> {
    sandbox::bind(&request.limits, request.parent)?;
    // Not `Stdout`, which looks for line ends in what it is given.
    let stdout = io::stdout().as_fd().try_clone_to_owned();
    let stdout = File::from(stdout.map_err(|error| format!("cannot use the output: {error}"))?);
    let mut pipe = Pipe { to: BufWriter::with_capacity(1 << 16, stdout), scratch: Vec::new() };
    match &request.task {
        Task::Decode { kind } => {
            let ending = decode(request, kind, &mut pipe);
            wire::write_ending(&mut pipe.to, &ending)
                .and_then(|()| pipe.to.flush())
                .map_err(|error| format!("cannot write the ending: {error}"))
        }
        Task::Ffmpeg { program, args } => {
            if request.sandbox {
                sandbox::lock_in(Tenant::Program(program))?;
            }
            Err(become_program(program, args))
        }
    }
}

fn become_program(program: &Path, args: &[std::ffi::OsString]) -> String {
    let mut command = Command::new(program);
    sandbox::clean_environment(&mut command).args(args);
    format!("cannot start `{}`: {}", program.display(), command.exec())
}

fn decode(request: &Request, kind: &Kind, pipe: &mut Pipe) -> Ending {
    let faulty = |fault| Ending { fault: Some(fault), ..Ending::default() };
    // Libraries are loaded while files can still be opened; the recording is not looked at yet.
    if let Err(fault) = opencore_amr::load(kind) {
        return faulty(fault);
    }
    if request.sandbox
        && let Err(missing) = sandbox::lock_in(Tenant::Decoder)
    {
        return faulty(Fault::Sandbox { missing });
    }
    let file = match io::stdin().as_fd().try_clone_to_owned() {
        Ok(file) => File::from(file),
        Err(error) => return faulty(Fault::reading(0, "the recording", &error)),
    };
    let input: io::Result<Box<dyn Input>> = match file.metadata() {
        Ok(metadata) if metadata.is_file() => {
            FileInput::new(file).map(|input| Box::new(input) as Box<dyn Input>)
        }
        Ok(_) => Ok(Box::new(PipeInput(file))),
        Err(error) => Err(error),
    };
    match input {
        Ok(mut input) => decode_caught(kind, &request.limits, input.as_mut(), pipe),
        Err(error) => faulty(Fault::reading(0, "the recording", &error)),
    }
}

/// Decodes; a panic in a decoder becomes a fault, and what came before it counts.
pub(super) fn decode_caught(
    kind: &Kind,
    limits: &Limits,
    input: &mut dyn Input,
    writer: &mut dyn BlockWriter,
) -> Ending {
    let decoding = panic::AssertUnwindSafe(|| {
        let mut output = Output::new(writer, limits);
        run_decoders(kind, limits, input, &mut output)
    });
    // Nothing of what the panic left half-done is used again.
    panic::catch_unwind(decoding).unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<&str>()
            .map(|message| (*message).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "a panic without a message".to_owned());
        Ending { fault: Some(Fault::Panicked { message }), ..Ending::default() }
    })
}

/// The way to the parent.
struct Pipe {
    to: BufWriter<File>,
    scratch: Vec<u8>,
}

impl BlockWriter for Pipe {
    fn facts(&mut self, facts: &Facts) -> Result<(), Fault> {
        wire::write_facts(&mut self.to, facts).map_err(|_| Fault::OutputClosed)
    }

    fn block(&mut self, planes: &[Vec<i16>]) -> Result<(), Fault> {
        wire::write_block(&mut self.to, planes, &mut self.scratch).map_err(|_| Fault::OutputClosed)
    }
}

/// What ffmpeg writes.
struct PipeInput(File);

impl io::Read for PipeInput {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.read(bytes)
    }
}

impl io::Seek for PipeInput {
    fn seek(&mut self, _: io::SeekFrom) -> io::Result<u64> {
        Err(io::Error::from(io::ErrorKind::NotSeekable))
    }
}

impl Input for PipeInput {
    fn length(&self) -> u64 {
        0
    }

    fn seekable(&self) -> bool {
        false
    }
}
