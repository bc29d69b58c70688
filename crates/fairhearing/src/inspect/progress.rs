use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use fh_model::Millis;
use indicatif::{ProgressBar, ProgressStyle};

use crate::messages::{Catalogue, clock_length};

/// A bar on the terminal: calls done, how fast, how long it will take. Shows nothing where
/// standard error is no terminal.
pub(crate) struct Progress {
    bar: ProgressBar,
    all: usize,
    done: AtomicUsize,
    /// Milliseconds of sound that were heard so far, over all workers.
    heard: AtomicU64,
    texts: &'static Catalogue,
}

impl Progress {
    /// A bar for `calls` recordings of `bytes` bytes in all. The time left is told from the bytes.
    pub(crate) fn new(calls: usize, bytes: u64, texts: &'static Catalogue) -> Self {
        let bar = if std::io::stderr().is_terminal() {
            let bar = ProgressBar::new(bytes.max(1));
            let template = "{bar:28.cyan} {percent:>3} %  {msg}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(250));
            bar
        } else {
            ProgressBar::hidden()
        };
        let progress =
            Self { bar, all: calls, done: AtomicUsize::new(0), heard: AtomicU64::new(0), texts };
        progress.tell();
        progress
    }

    /// Some more sound of a call was heard.
    pub(crate) fn heard(&self, more: Millis) {
        self.heard.fetch_add(more.0, Ordering::Relaxed);
        self.tell();
    }

    /// A call of `bytes` bytes is done.
    pub(crate) fn done(&self, bytes: u64) {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.bar.inc(bytes);
        self.tell();
    }

    /// Prints a line above the bar.
    pub(crate) fn print(&self, text: &str) {
        self.bar.suspend(|| eprintln!("{text}"));
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn tell(&self) {
        if self.bar.is_hidden() {
            return;
        }
        let done = self.done.load(Ordering::Relaxed);
        let elapsed = self.bar.elapsed().as_secs_f64();
        let heard = Millis(self.heard.load(Ordering::Relaxed)).as_secs_f64();
        let speed = if elapsed > 0.5 { heard / elapsed } else { 0.0 };
        let calls = self.texts.progress_calls;
        let mut message = format!("{done}/{} {calls} · {speed:.0}×", self.all);
        // Before the first call is done nobody knows.
        if self.bar.position() > 0 {
            let left = u64::try_from(self.bar.eta().as_millis()).unwrap_or(u64::MAX);
            let left = clock_length(Millis(left));
            message.push_str(&format!(" · {} {left}", self.texts.progress_left));
        }
        self.bar.set_message(message);
    }
}
