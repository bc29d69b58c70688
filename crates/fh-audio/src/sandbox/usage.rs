#![expect(unsafe_code, reason = "closing a range of descriptors has no safe wrapper")]

use std::process::Command;

use rustix::process::{
    Resource, Rlimit, Signal, getppid, set_parent_process_death_signal, setrlimit,
};

use crate::Limits;

/// Descriptors a tenant may have open.
const MAX_FILES: u64 = 64;

/// Dies when the parent does.
pub(super) fn bind_to_parent(parent: u32) -> Result<(), String> {
    set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(|error| format!("cannot bind to the parent: {error}"))?;
    // The parent may have died before the line above.
    let now = getppid().map(|pid| pid.as_raw_nonzero().get());
    if now.and_then(|pid| u32::try_from(pid).ok()) == Some(parent) {
        Ok(())
    } else {
        Err("the parent is gone".to_owned())
    }
}

/// No core dump, no file written, few descriptors, bounded memory and processor time.
pub(super) fn limit(limits: &Limits) -> Result<(), String> {
    for (resource, most) in [
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Nofile, MAX_FILES),
        (Resource::As, limits.max_memory_bytes),
        (Resource::Cpu, limits.max_cpu_seconds),
    ] {
        // One over, so that the signal that can be caught comes first and says what happened.
        let hard = if resource == Resource::Cpu { most.saturating_add(1) } else { most };
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(hard) })
            .map_err(|error| format!("cannot limit {resource:?}: {error}"))?;
    }
    Ok(())
}

/// Closes what was inherited besides input, output and error: a sandbox does not take away what
/// is open already.
pub(super) fn close_strays() -> Result<(), String> {
    // SAFETY: nothing in this process uses a descriptor above 2: it has just started and opened
    // none that it keeps.
    let status = unsafe { libc::syscall(libc::SYS_close_range, 3, u32::MAX, 0) };
    match std::io::Error::last_os_error() {
        _ if status == 0 => Ok(()),
        // Before Linux 5.9; Landlock came later, so that such a kernel is refused for that.
        error if error.raw_os_error() == Some(libc::ENOSYS) => Ok(()),
        error => Err(format!("cannot close inherited files: {error}")),
    }
}

/// The command line without what could change how it runs: a library to load first, a debugger's
/// wish.
pub(crate) fn clean_environment(command: &mut Command) -> &mut Command {
    command.env_clear().env("LANG", "C.UTF-8")
}
