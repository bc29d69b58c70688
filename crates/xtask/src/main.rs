//! Chores of this repository: `cargo xtask generate|tidy|ci|bench|soak`.

mod bench;
mod ci;
mod generate;
mod soak;
mod tidy;
mod workspace;

use clap::{Parser, Subcommand};

/// Chores of the Fairhearing repository.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Write the pages under docs/reference and the rule files' JSON Schema anew.
    Generate {
        /// Change nothing; fail if a page is not what it would be.
        #[arg(long)]
        check: bool,
    },
    /// Check what a compiler does not: edges between crates, licences of dependencies.
    Tidy,
    /// Run everything that CI runs, without installing anything.
    Ci,
    /// Run benchmarks side by side with what they are compared with, and print their tables.
    Bench {
        /// Which: all of them where none is named.
        #[arg(value_enum)]
        names: Vec<bench::Bench>,
        /// Passed on to the benchmark, behind `--`.
        #[arg(last = true)]
        options: Vec<String>,
    },
    /// Run the long forms of tests that are short in `./test`.
    Soak {
        /// Which: all of them where none is named.
        #[arg(value_enum)]
        names: Vec<soak::Soak>,
        /// How many requests, recordings, clients, kills, stops or examples; each has its own usual
        /// number.
        #[arg(long)]
        count: Option<u64>,
        /// Another course, where the test has one.
        #[arg(long)]
        seed: Option<u64>,
    },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().chore {
        Chore::Generate { check } => generate::run(check),
        Chore::Tidy => tidy::run(),
        Chore::Ci => ci::run(),
        Chore::Bench { names, options } => bench::run(&names, &options),
        Chore::Soak { names, count, seed } => soak::run(&names, count, seed),
    }
}
