use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use ureq::Agent;
use url::Url;

use super::layer::Span;
use super::wire::body;
use crate::serve::process_name;

/// Spans that may wait to be sent; those beyond are lost.
const WAITING: usize = 8_192;

/// Spans in one request.
const AT_ONCE: usize = 512;

/// How long spans are gathered.
const GATHER: Duration = Duration::from_secs(1);

/// How long the collector may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the exporter is told.
pub(crate) enum Message {
    /// A span has ended.
    Span(Span),
    /// Nothing more comes.
    End,
}

/// Sends spans from a thread of its own, so that neither requests nor jobs wait for the collector.
pub(crate) struct Exporter {
    sender: SyncSender<Message>,
    thread: JoinHandle<()>,
}

impl Exporter {
    pub(crate) fn start(url: &Url) -> io::Result<(Self, SyncSender<Message>)> {
        let (sender, receiver) = sync_channel(WAITING);
        let collector = Collector::new(url);
        let thread = std::thread::Builder::new()
            .name("traces".to_owned())
            .spawn(move || collector.run(&receiver))?;
        Ok((Self { sender: sender.clone(), thread }, sender))
    }

    /// Sends what is still there, unless the collector takes too long.
    pub(crate) fn finish(self) {
        // Fails only where the thread has died.
        if self.sender.send(Message::End).is_ok() {
            let _ = self.thread.join();
        }
    }
}

struct Collector {
    agent: Agent,
    url: String,
    instance: String,
}

impl Collector {
    fn new(url: &Url) -> Self {
        let config = Agent::config_builder()
            // The address that was configured and no other.
            .proxy(None)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE))
            .build();
        Self { agent: config.into(), url: url.to_string(), instance: process_name() }
    }

    fn run(&self, messages: &Receiver<Message>) {
        let mut goes_well = true;
        let mut is_over = false;
        while !is_over {
            let mut spans = Vec::new();
            match messages.recv() {
                Ok(Message::Span(span)) => spans.push(span),
                Ok(Message::End) | Err(_) => return,
            }
            std::thread::sleep(GATHER);
            for message in messages.try_iter() {
                match message {
                    Message::Span(span) => spans.push(span),
                    Message::End => is_over = true,
                }
            }
            for part in spans.chunks(AT_ONCE) {
                let sent = self.send(part);
                // Said once, and not again for every request that is lost.
                match (&sent, goes_well) {
                    (Err(fault), true) => {
                        tracing::warn!(fault, "traces cannot be delivered and are lost");
                    }
                    (Ok(()), false) => tracing::info!("traces are delivered again"),
                    _ => {}
                }
                goes_well = sent.is_ok();
                if !goes_well {
                    // Those who wait behind it would only wait longer.
                    break;
                }
            }
        }
    }

    /// Says what went wrong without the address, which may hold a password.
    fn send(&self, spans: &[Span]) -> Result<(), String> {
        let text = body(spans, &self.instance).to_string();
        let request = self.agent.post(&self.url).header("content-type", "application/json");
        match request.send(text) {
            Ok(_) => Ok(()),
            Err(ureq::Error::StatusCode(status)) => Err(format!("status {status}")),
            Err(ureq::Error::Io(error)) => Err(error.kind().to_string()),
            Err(ureq::Error::Timeout(_)) => Err("timed out".to_owned()),
            Err(_) => Err("no answer".to_owned()),
        }
    }
}
