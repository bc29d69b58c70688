use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use fh_model::Millis;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// A process of ours with what it starts: they are a process group of their own, and none of them
/// outlives the first. Dropping it kills them.
pub(super) struct Running {
    child: Child,
    words: Option<Words>,
    status: Option<ExitStatus>,
}

impl Running {
    /// Starts a process whose output and standard error are pipes.
    pub(super) fn start(command: &mut Command) -> io::Result<Self> {
        let mut child = command.process_group(0).spawn()?;
        let words = child.stderr.take().map(Words::collect);
        Ok(Self { child, words, status: None })
    }

    /// The pipe that it writes to.
    pub(super) fn take_output(&mut self) -> ChildStdout {
        self.child.stdout.take().expect("the output is a pipe and is taken once")
    }

    /// Waits for it to end. Its output has ended, so that it has nothing left to do; one that stays
    /// all the same is killed after two seconds.
    pub(super) fn end(&mut self) -> ExitStatus {
        for _ in 0..2_000 {
            if self.status.is_some() || self.has_ended() {
                break;
            }
            thread::sleep(Duration::from_millis(1));
        }
        self.kill()
    }

    /// Ends it now, with all of its group.
    fn kill(&mut self) -> ExitStatus {
        if let Some(status) = self.status {
            return status;
        }
        // Until it is waited for, the number is its own, also when it has ended. Killing fails only
        // where everything has ended already.
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _ = self.child.kill();
        while !self.has_ended() {
            thread::sleep(Duration::from_millis(1));
        }
        let status = self.child.wait().unwrap_or_default();
        self.status = Some(status);
        status
    }

    /// Whether it is dead and only waits to be counted. `Child::try_wait` would take a process that
    /// asked to be traced and was stopped for a dead one.
    fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        match waitid(WaitId::Pid(Pid::from_child(&self.child)), options) {
            Ok(None) => false,
            Ok(Some(status)) => status.exited() || status.killed() || status.dumped(),
            Err(rustix::io::Errno::INTR) => false,
            // There is no such child: somebody else has waited for it.
            Err(_) => true,
        }
    }

    /// What it said on standard error, shortened. Comes after [`Running::end`].
    pub(super) fn words(&mut self) -> String {
        self.words.take().map(Words::finish).unwrap_or_default()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
        self.words();
    }
}

/// What a process says on standard error, collected by a thread of its own.
struct Words {
    process_ended: Arc<AtomicBool>,
    thread: JoinHandle<String>,
}

impl Words {
    fn collect(pipe: ChildStderr) -> Self {
        let process_ended = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&process_ended);
        Self { process_ended, thread: thread::spawn(move || drain(pipe, &ended)) }
    }

    /// What it said until it ended.
    fn finish(self) -> String {
        self.process_ended.store(true, Ordering::Relaxed);
        self.thread.join().unwrap_or_default()
    }
}

/// Reads all and keeps the first and the last kilobytes: a damaged file can make ffmpeg say
/// hundreds of kilobytes, and a pipe that nobody empties stops it.
///
/// A process that left the group may hold the pipe open for ever. Once the process itself has
/// ended, what it said lies in the pipe, and no more than a pipe can hold is read.
fn drain(mut from: ChildStderr, process_ended: &AtomicBool) -> String {
    const KEEP: usize = 8 * 1024;
    const PIPE: usize = 1 << 20;
    const LOOK_UP: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
    let mut kept: Vec<u8> = Vec::new();
    let mut chunk = [0; 4_096];
    let mut left = PIPE;
    loop {
        // Asked before looking, so that nothing said before the end is missed.
        let ended = process_ended.load(Ordering::Relaxed);
        match poll(&mut [PollFd::new(&from, PollFlags::IN)], Some(&LOOK_UP)) {
            Ok(0) if ended => break,
            Ok(0) | Err(rustix::io::Errno::INTR) => continue,
            Ok(_) => {}
            Err(_) => break,
        }
        let Ok(read @ 1..) = from.read(&mut chunk) else { break };
        kept.extend_from_slice(&chunk[..read]);
        if kept.len() > 2 * KEEP {
            let excess = kept.len() - 2 * KEEP;
            kept.drain(KEEP..KEEP + excess);
        }
        if ended {
            left = left.saturating_sub(read);
            if left == 0 {
                break;
            }
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// A pipe that does not make us wait for ever.
pub(super) struct TimedPipe {
    pipe: ChildStdout,
    wait: Timespec,
    timed_out: bool,
}

impl TimedPipe {
    /// Waits at most so long for each read.
    pub(super) fn new(pipe: ChildStdout, wait: Millis) -> Self {
        let wait = Timespec {
            tv_sec: i64::try_from(wait.0 / 1_000).unwrap_or(i64::MAX),
            tv_nsec: (wait.0 % 1_000 * 1_000_000) as _,
        };
        Self { pipe, wait, timed_out: false }
    }

    /// Whether a read failed because it took too long.
    pub(super) fn timed_out(&self) -> bool {
        self.timed_out
    }
}

impl Read for TimedPipe {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            match poll(&mut [PollFd::new(&self.pipe, PollFlags::IN)], Some(&self.wait)) {
                Ok(0) => {
                    self.timed_out = true;
                    return Err(io::ErrorKind::TimedOut.into());
                }
                Ok(_) => return self.pipe.read(bytes),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}
