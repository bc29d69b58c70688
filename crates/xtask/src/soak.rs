//! The long forms of tests that `./test` runs for seconds: the same tests with other numbers.

use std::process::Command;

use clap::ValueEnum;

use crate::workspace;

/// What is kept up for long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Soak {
    /// Mutated requests to every address of the three APIs, over SQLite.
    Mutants,
    /// A fifth as many over PostgreSQL.
    MutantsPostgres,
    /// Damaged recordings from the upload to the score.
    Recordings,
    /// The same with compressed recordings, which ffmpeg makes.
    CompressedRecordings,
    /// Slow clients at a time while others are served. The limit of open files must allow for two
    /// of each.
    SlowClients,
    /// Workers killed at random moments.
    Kills,
    /// Workers asked to stop at random moments.
    Stops,
    /// Examples that schemathesis makes for each operation.
    Schemathesis,
}

/// Where a test is, and how it is made longer.
struct Home {
    package: &'static str,
    target: &'static str,
    test: &'static str,
    /// The environment variable that says how much.
    variable: &'static str,
    usual: u64,
}

impl Soak {
    const fn home(self) -> Home {
        let (package, target, test, variable, usual) = match self {
            Self::Mutants => (
                "fh-api",
                "service",
                "mutants::ten_thousand_mutants_are_all_answered",
                "FAIRHEARING_MUTANTS",
                1_000_000,
            ),
            Self::MutantsPostgres => (
                "fh-api",
                "service",
                "mutants::mutants_are_answered_over_postgresql_too",
                "FAIRHEARING_MUTANTS",
                1_000_000,
            ),
            Self::Recordings => (
                "fh-api",
                "service",
                "bad_recordings::damaged_recordings_end_scored_or_refused",
                "FAIRHEARING_RECORDINGS",
                10_000,
            ),
            Self::CompressedRecordings => (
                "fh-api",
                "service",
                "bad_recordings::damaged_compressed_recordings_end_scored_or_refused",
                "FAIRHEARING_RECORDINGS",
                10_000,
            ),
            Self::SlowClients => (
                "fh-api",
                "service",
                "slow_clients::others_are_served_meanwhile",
                "FAIRHEARING_SLOW_CLIENTS",
                2_000,
            ),
            Self::Kills => (
                "fh-workflow",
                "service",
                "crashes::workers_that_are_killed_anywhere",
                "FAIRHEARING_KILLS",
                2_000,
            ),
            Self::Stops => (
                "fh-workflow",
                "service",
                "stopping::jobs_are_handed_back_where_there_is_no_time",
                "FAIRHEARING_STOPS",
                100,
            ),
            Self::Schemathesis => (
                "fairhearing",
                "openapi",
                "every_answer_to_an_administrator_is_one_that_the_document_promises",
                "FAIRHEARING_EXAMPLES",
                500,
            ),
        };
        Home { package, target, test, variable, usual }
    }
}

pub(crate) fn run(names: &[Soak], count: Option<u64>, seed: Option<u64>) -> anyhow::Result<()> {
    let names = if names.is_empty() { Soak::value_variants() } else { names };
    for name in names {
        let home = name.home();
        // The programs and examples that the tests start are built by a build, not by one test.
        workspace::run(workspace::cargo().args([
            "build",
            "--package",
            home.package,
            "--bins",
            "--examples",
        ]))?;
        workspace::run(&mut command(&home, count, seed))?;
    }
    Ok(())
}

fn command(home: &Home, count: Option<u64>, seed: Option<u64>) -> Command {
    let mut command = workspace::cargo();
    command.args(["test", "--package", home.package, "--test", home.target, "--"]);
    command.args(["--exact", home.test, "--include-ignored", "--nocapture"]);
    let count = count.unwrap_or(home.usual);
    eprintln!("{}={count}", home.variable);
    command.env(home.variable, count.to_string());
    if let Some(seed) = seed {
        eprintln!("FAIRHEARING_SEED={seed}");
        command.env("FAIRHEARING_SEED", seed.to_string());
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A test that was renamed would be run by nobody: cargo takes no test for a good one.
    #[test]
    fn every_test_that_is_named_is_there() {
        for name in Soak::value_variants() {
            let home = name.home();
            let (module, test) = home.test.rsplit_once("::").unwrap_or(("", home.test));
            let tests = workspace::root().join("crates").join(home.package).join("tests");
            let file = match module {
                "" => tests.join(format!("{}.rs", home.target)),
                module => tests.join(home.target).join(format!("{module}.rs")),
            };
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(text.contains(&format!("fn {test}()")), "{test} is not in {}", file.display());
            assert!(text.contains(home.variable), "{} is not in {}", home.variable, file.display());
        }
    }
}
