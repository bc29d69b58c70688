#![expect(unsafe_code, reason = "asking the kernel what it can has no safe wrapper")]

/// What this kernel offers to lock a decoder in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SandboxSupport {
    /// The version of the Landlock interface: 1 restricts files, 4 the network, 6 signals. `None`
    /// where there is no Landlock; nothing is decoded there unless the sandbox is switched off.
    pub landlock: Option<u32>,
    /// Whether system calls can be filtered.
    pub seccomp: bool,
}

impl SandboxSupport {
    /// Asks the kernel; changes nothing.
    pub fn of_this_kernel() -> Self {
        // LANDLOCK_CREATE_RULESET_VERSION
        const VERSION: u32 = 1;
        // SAFETY: with this flag, no attributes and a size of 0 the call creates nothing and
        // returns a number.
        let landlock = unsafe {
            libc::syscall(
                libc::SYS_landlock_create_ruleset,
                std::ptr::null::<libc::c_void>(),
                0_usize,
                VERSION,
            )
        };
        // SAFETY: takes no pointers; returns the mode of the calling thread or an error.
        let seccomp = unsafe { libc::prctl(libc::PR_GET_SECCOMP, 0, 0, 0, 0) };
        Self {
            landlock: u32::try_from(landlock).ok().filter(|version| *version > 0),
            seccomp: seccomp >= 0,
        }
    }

    /// Whether a decoder can be locked in.
    pub const fn is_enough(self) -> bool {
        self.landlock.is_some() && self.seccomp
    }
}
