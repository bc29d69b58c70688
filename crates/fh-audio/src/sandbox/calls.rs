use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

use super::Tenant;

/// All that our own decoders ask of the kernel once the recording is open: memory, reading,
/// writing, ending.
const DECODER_CALLS: &[c_long] = &[
    libc::SYS_brk,
    libc::SYS_clock_gettime,
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_fcntl,
    libc::SYS_fstat,
    libc::SYS_futex,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_lseek,
    libc::SYS_madvise,
    libc::SYS_mmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_pread64,
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_statx,
    libc::SYS_tgkill,
    libc::SYS_write,
    libc::SYS_writev,
];

/// What a media program has no business with: network, other processes, the kernel's insides.
const PROGRAM_DENIED: &[c_long] = &[
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_add_key,
    libc::SYS_bind,
    libc::SYS_bpf,
    libc::SYS_chroot,
    libc::SYS_connect,
    libc::SYS_delete_module,
    libc::SYS_finit_module,
    libc::SYS_init_module,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_kill,
    libc::SYS_listen,
    libc::SYS_mount,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_perf_event_open,
    libc::SYS_personality,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_send_signal,
    libc::SYS_pivot_root,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_reboot,
    libc::SYS_request_key,
    libc::SYS_sendmmsg,
    libc::SYS_sendmsg,
    libc::SYS_sendto,
    libc::SYS_setns,
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_swapon,
    libc::SYS_umount2,
    libc::SYS_unshare,
    libc::SYS_userfaultfd,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_fork,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_vfork,
];

/// Gives up every system call that the tenant does not need. A call that was given up fails with
/// "not permitted".
pub(super) fn give_up(tenant: Tenant<'_>) -> Result<(), String> {
    let not_permitted = SeccompAction::Errno(libc::EPERM as u32);
    match tenant {
        Tenant::Decoder => {
            let rules = DECODER_CALLS.iter().map(|call| (*call, Vec::new())).collect();
            install(rules, not_permitted, SeccompAction::Allow)
        }
        Tenant::Program(_) => {
            let mut rules: BTreeMap<c_long, Vec<SeccompRule>> =
                PROGRAM_DENIED.iter().map(|call| (*call, Vec::new())).collect();
            rules.insert(libc::SYS_clone, vec![no_thread()?]);
            install(rules, SeccompAction::Allow, not_permitted)?;
            // The flags of clone3 lie in memory, where a filter cannot look. "Not there" makes the
            // C library use clone.
            let rules = [(libc::SYS_clone3, Vec::new())].into();
            install(rules, SeccompAction::Allow, SeccompAction::Errno(libc::ENOSYS as u32))
        }
    }
}

/// A clone that makes a process and not a thread.
fn no_thread() -> Result<SeccompRule, String> {
    let thread = libc::CLONE_THREAD as u64;
    SeccompCondition::new(0, SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(thread), 0)
        .and_then(|condition| SeccompRule::new(vec![condition]))
        .map_err(|error| format!("seccomp refused: {error}"))
}

fn install(
    rules: BTreeMap<c_long, Vec<SeccompRule>>,
    otherwise: SeccompAction,
    on_match: SeccompAction,
) -> Result<(), String> {
    let refused = |error: &dyn std::fmt::Display| format!("seccomp refused: {error}");
    let arch = std::env::consts::ARCH.try_into().map_err(|error| refused(&error))?;
    let filter =
        SeccompFilter::new(rules, otherwise, on_match, arch).map_err(|error| refused(&error))?;
    let program: BpfProgram = filter.try_into().map_err(|error| refused(&error))?;
    seccompiler::apply_filter(&program).map_err(|error| refused(&error))
}
