//! What CI checks, for running by hand.

use crate::workspace::{self, cargo};
use crate::{generate, tidy};

pub(crate) fn run() -> anyhow::Result<()> {
    workspace::run(cargo().args(["fmt", "--all", "--check"]))?;
    workspace::run(cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "--deny=warnings",
    ]))?;
    workspace::run(
        cargo().args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "--deny=warnings"),
    )?;
    tidy::run()?;
    generate::run(true)?;
    workspace::run(cargo().args(["test", "--workspace"]))
}
