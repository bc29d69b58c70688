//! What a process that parses foreign bytes may still do: compute, read its input, write its
//! answer. It opens no file (ffmpeg: its own libraries and the one recording), no socket, starts
//! no process, and dies with its parent.
//!
//! A process locks itself in, so nothing runs between `fork` and `exec` in the parent, which has
//! threads.

mod calls;
mod files;
mod support;
mod usage;

use std::path::Path;

pub use support::SandboxSupport;
pub(crate) use usage::clean_environment;

use crate::Limits;

/// Who is locked in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tenant<'p> {
    /// Our own decoders: everything is open already.
    Decoder,
    /// A program that is about to be executed and loads its libraries.
    Program(&'p Path),
}

/// Takes limits and the bond to the parent on; these are never missing. Comes first of all: it
/// closes every file but standard input, output and error.
pub(crate) fn bind(limits: &Limits, parent: u32) -> Result<(), String> {
    usage::bind_to_parent(parent)?;
    usage::close_strays()?;
    usage::limit(limits)
}

/// Gives files, network and most system calls up, for good. Says what is missing where the kernel
/// cannot enforce it.
pub(crate) fn lock_in(tenant: Tenant<'_>) -> Result<(), String> {
    rustix::thread::set_no_new_privs(true)
        .map_err(|error| format!("cannot give up new privileges: {error}"))?;
    files::give_up(tenant)?;
    calls::give_up(tenant)
}
