//! Benchmarks by name. Each prints a Markdown table with ratios, taken in one run.

use clap::ValueEnum;

use crate::workspace;

/// A benchmark; the crate that holds it stands beside it in [`Bench::home`].
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Bench {
    /// One hour of mu-law, MP3 and Opus against ffmpeg: CPU and memory.
    Decode,
    /// Voice activity: cost, and quality on labelled synthetic calls.
    Vad,
    /// The recogniser's pipeline against the bare engine.
    Recognize,
    /// Rule evaluation per call.
    Inspect,
}

impl Bench {
    /// The crate and the bench target.
    const fn home(self) -> (&'static str, &'static str) {
        match self {
            Self::Decode => ("fh-audio", "decode"),
            Self::Vad => ("fh-audio", "vad"),
            Self::Recognize => ("fh-speech", "recognize"),
            Self::Inspect => ("fh-rules", "inspect"),
        }
    }
}

pub(crate) fn run(names: &[Bench], options: &[String]) -> anyhow::Result<()> {
    let names = if names.is_empty() { Bench::value_variants() } else { names };
    for name in names {
        let (package, target) = name.home();
        let mut command = workspace::cargo();
        command.args(["bench", "--package", package, "--bench", target, "--"]);
        workspace::run(command.args(options))?;
    }
    Ok(())
}
