//! Request targets longer than hyper takes.
//!
//! Clients in Alibaba's RPC style put everything into the query: 500 short calls in one upload make a
//! target of 109,000 bytes, and hyper refuses more than 65,534. [`LongTargets`] reads the first line
//! of a connection, takes a longer target out of it and lets hyper see `/` instead; the server puts
//! the target beside the request as a [`LongTarget`].
//!
//! Only the first request of a connection is looked at, because only hyper knows where the next one
//! begins. So that each request of the dialect is the first, its answers end the connection.

use std::io;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The longest target that hyper takes.
const HYPERS: usize = 65_534;

/// How much is read at once.
const PIECE: usize = 8 << 10;

/// How long targets may be, and how many connections may bring one at the same time.
#[derive(Debug, Clone)]
pub(crate) struct LongTargetLimits {
    /// The longest first line in bytes.
    pub(crate) longest: usize,
    /// One permit for each connection that may hold a long line.
    pub(crate) places: Arc<Semaphore>,
}

/// The target that hyper did not see; in the extensions of such a request.
#[derive(Debug, Clone)]
pub(crate) enum LongTarget {
    /// The target as it came. Its place is free again when the request ends.
    Text(String, #[expect(dead_code, reason = "held, not read")] Arc<OwnedSemaphorePermit>),
    /// It is longer than this many bytes, and was not kept.
    TooLong(usize),
    /// Too many came at the same time, and it was not kept.
    Busy,
}

/// Where a connection leaves a long target for the server.
#[derive(Debug, Clone, Default)]
pub(crate) struct LongTargetSlot(Arc<Mutex<Option<LongTarget>>>);

impl LongTargetSlot {
    /// The target of the request that hyper has read, where it was long.
    pub(crate) fn take(&self) -> Option<LongTarget> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, target: LongTarget) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(target);
    }
}

/// A connection whose first line may be long.
#[derive(Debug)]
pub(crate) struct LongTargets<S> {
    stream: S,
    limits: LongTargetLimits,
    slot: LongTargetSlot,
    place: Option<OwnedSemaphorePermit>,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The end of the first line is not there yet.
    Line(Vec<u8>),
    /// The first line is not wanted; its end is looked for, so that the client can be told.
    Skipping { method: String, why: LongTarget },
    /// What was read goes to hyper.
    Giving { read: Vec<u8>, given: usize },
    /// Everything goes to hyper as it comes.
    Passing,
}

impl State {
    const fn giving(read: Vec<u8>) -> Self {
        Self::Giving { read, given: 0 }
    }
}

impl<S> LongTargets<S> {
    pub(crate) const fn new(stream: S, limits: LongTargetLimits, slot: LongTargetSlot) -> Self {
        Self { stream, limits, slot, place: None, state: State::Line(Vec::new()) }
    }

    /// What comes after `new` bytes (none at the end of the stream) were read.
    fn next(&mut self, state: State, new: &[u8]) -> State {
        match state {
            State::Line(mut read) => {
                let from = read.len();
                read.extend_from_slice(new);
                if new.is_empty() { State::giving(read) } else { self.line(read, from) }
            }
            State::Skipping { method, why } => match end_of_line(new, 0) {
                Some(end) => self.shortened(&method, "HTTP/1.1", &new[end + 1..], why),
                None if new.is_empty() => State::Passing,
                None => State::Skipping { method, why },
            },
            State::Giving { .. } | State::Passing => state,
        }
    }

    /// Looks at the first line as far as it is there; what stands before `from` has no end of line.
    fn line(&mut self, read: Vec<u8>, from: usize) -> State {
        let end = end_of_line(&read, from);
        let known = end.unwrap_or(read.len());
        if known <= HYPERS {
            return if end.is_some() { State::giving(read) } else { State::Line(read) };
        }
        let Some(method) = method(&read) else { return State::giving(read) };
        let refused = match &self.place {
            _ if known > self.limits.longest => Some(LongTarget::TooLong(self.limits.longest)),
            Some(_) => None,
            None => {
                self.place = Arc::clone(&self.limits.places).try_acquire_owned().ok();
                self.place.is_none().then_some(LongTarget::Busy)
            }
        };
        match (refused, end) {
            (Some(why), None) => State::Skipping { method, why },
            (Some(why), Some(end)) => self.shortened(&method, "HTTP/1.1", &read[end + 1..], why),
            (None, None) => State::Line(read),
            (None, Some(end)) => match (target_and_version(&read[..end]), self.place.take()) {
                (Some((target, version)), Some(place)) if target.len() > HYPERS => {
                    let target_kept = LongTarget::Text(target.to_owned(), Arc::new(place));
                    self.shortened(&method, version, &read[end + 1..], target_kept)
                }
                _ => State::giving(read),
            },
        }
    }

    /// The request with `/` for its target, and the target laid aside.
    fn shortened(&self, method: &str, version: &str, rest: &[u8], target: LongTarget) -> State {
        self.slot.put(target);
        let mut read = format!("{method} / {version}\r\n").into_bytes();
        read.extend_from_slice(rest);
        State::giving(read)
    }
}

fn end_of_line(bytes: &[u8], from: usize) -> Option<usize> {
    bytes[from..].iter().position(|&byte| byte == b'\n').map(|at| from + at)
}

/// The method of a line that asks for the root with a query; `None` for whatever else, which hyper
/// is left to judge.
fn method(line: &[u8]) -> Option<String> {
    let (method, target) = line.split_at(line.iter().take(16).position(|&byte| byte == b' ')?);
    let is_method = !method.is_empty() && method.iter().all(u8::is_ascii_uppercase);
    (is_method && target.starts_with(b" /?")).then(|| String::from_utf8_lossy(method).into_owned())
}

fn target_and_version(line: &[u8]) -> Option<(&str, &str)> {
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line.strip_suffix('\r').unwrap_or(line).splitn(3, ' ').skip(1);
    let (target, version) = (words.next()?, words.next()?);
    let is_text = target.bytes().all(|byte| byte.is_ascii_graphic());
    (is_text && matches!(version, "HTTP/1.1" | "HTTP/1.0")).then_some((target, version))
}

impl<S: AsyncRead + Unpin> AsyncRead for LongTargets<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            match &mut self.state {
                State::Passing => return Pin::new(&mut self.stream).poll_read(cx, buf),
                State::Giving { read, given } => {
                    let left = &read[*given..];
                    let fits = left.len().min(buf.remaining());
                    buf.put_slice(&left[..fits]);
                    *given += fits;
                    if *given == read.len() {
                        self.state = State::Passing;
                    }
                    return Poll::Ready(Ok(()));
                }
                State::Line(_) | State::Skipping { .. } => {
                    let mut piece = [0; PIECE];
                    let mut piece = ReadBuf::new(&mut piece);
                    ready!(Pin::new(&mut self.stream).poll_read(cx, &mut piece))?;
                    let state = mem::replace(&mut self.state, State::Passing);
                    self.state = self.next(state, piece.filled());
                }
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for LongTargets<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    const REST: &str = "host: h\r\ncontent-length: 3\r\n\r\na=1";

    /// What hyper would read of `sent`, and the target that was laid aside.
    async fn read(sent: &str, limits: LongTargetLimits) -> (String, Option<LongTarget>) {
        let (mut client, server) = tokio::io::duplex(1 << 20);
        // In two parts, the first of which ends in the middle of a line.
        let (first, second) = sent.split_at(sent.len() / 3);
        client.write_all(first.as_bytes()).await.unwrap();
        client.write_all(second.as_bytes()).await.unwrap();
        drop(client);
        let slot = LongTargetSlot::default();
        let mut text = String::new();
        LongTargets::new(server, limits, slot.clone()).read_to_string(&mut text).await.unwrap();
        (text, slot.take())
    }

    fn limits(places: usize) -> LongTargetLimits {
        LongTargetLimits { longest: 100_000, places: Arc::new(Semaphore::new(places)) }
    }

    fn request(length: usize) -> String {
        format!("POST /?{} HTTP/1.1\r\n{REST}", "a".repeat(length - 2))
    }

    #[tokio::test]
    async fn a_target_longer_than_hypers_is_laid_aside() {
        for length in [HYPERS + 1, 99_000] {
            let (seen, target) = read(&request(length), limits(1)).await;
            assert_eq!(seen, format!("POST / HTTP/1.1\r\n{REST}"));
            let Some(LongTarget::Text(target, _)) = target else { panic!("{target:?}") };
            assert_eq!(target, format!("/?{}", "a".repeat(length - 2)));
        }
    }

    #[tokio::test]
    async fn one_that_is_not_wanted_is_read_to_its_end() {
        let (seen, target) = read(&request(200_000), limits(1)).await;
        assert_eq!(seen, format!("POST / HTTP/1.1\r\n{REST}"));
        assert!(matches!(target, Some(LongTarget::TooLong(100_000))), "{target:?}");
        let (seen, target) = read(&request(70_000), limits(0)).await;
        assert_eq!(seen, format!("POST / HTTP/1.1\r\n{REST}"));
        assert!(matches!(target, Some(LongTarget::Busy)), "{target:?}");
    }

    #[tokio::test]
    async fn whatever_else_goes_through_as_it_is() {
        for sent in [
            String::new(),
            "GET".to_owned(),
            "GET / HTTP/1.1\r\n\r\n".to_owned(),
            request(HYPERS),
            // No query of the root, no end, no version, no visible text.
            format!("GET /v1/calls?{} HTTP/1.1\r\n\r\n", "a".repeat(70_000)),
            format!("GET /?{}", "a".repeat(70_000)),
            format!("GET /?{}\r\n\r\n", "a".repeat(70_000)),
            format!("GET /?{}\u{1} HTTP/1.1\r\n\r\n", "a".repeat(70_000)),
            format!("{} /? HTTP/1.1\r\n\r\n", "G".repeat(70_000)),
        ] {
            let (seen, target) = read(&sent, limits(1)).await;
            assert_eq!(seen.len(), sent.len());
            assert!(seen == sent && target.is_none());
        }
    }

    #[tokio::test]
    async fn a_place_is_free_again_when_the_request_ends() {
        let limits = limits(1);
        let (_, target) = read(&request(70_000), limits.clone()).await;
        assert_eq!(limits.places.available_permits(), 0);
        drop(target);
        assert_eq!(limits.places.available_permits(), 1);
        // A connection that breaks off gives it back, too.
        let _ = read(&request(70_000)[..69_000], limits.clone()).await;
        assert_eq!(limits.places.available_permits(), 1);
    }
}
