//! Waiting for the other end of a connection, but not for ever.
//!
//! A time limit on the whole would cut off large uploads over slow lines, a limit between two reads
//! lets one byte a second live for ever. So the time spent waiting is set against what was moved in
//! it: in each stretch of waiting, a floor must be reached. What we take ourselves does not count.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::FloorRate;

/// The other end brought or took less than it must.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected at least {needed} bytes within {} s of waiting, found {moved}", .grace.as_secs_f32())]
pub struct TooSlow {
    /// What should have been moved.
    pub needed: u64,
    /// What was.
    pub moved: u64,
    /// In which time.
    pub grace: Duration,
}

/// What was moved in how much waiting, since the floor was last reached.
#[derive(Debug)]
struct Account {
    floor: FloorRate,
    moved: u64,
    waited: Duration,
}

impl Account {
    fn add(&mut self, bytes: usize, waited: Duration) {
        self.moved = self.moved.saturating_add(bytes as u64);
        self.waited = self.waited.saturating_add(waited);
        if self.moved >= self.floor.needed() {
            self.moved = 0;
            self.waited = Duration::ZERO;
        }
    }

    /// How much longer may be waited.
    const fn left(&self) -> Duration {
        self.floor.grace.saturating_sub(self.waited)
    }
}

#[derive(Debug)]
struct Patience {
    account: Account,
    waiting_since: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    const fn new(floor: FloorRate) -> Self {
        let account = Account { floor, moved: 0, waited: Duration::ZERO };
        Self { account, waiting_since: None, alarm: None }
    }

    fn moved(&mut self, bytes: usize) {
        let waited = self.waiting_since.take().map_or(Duration::ZERO, |since| since.elapsed());
        self.account.add(bytes, waited);
    }

    /// To be asked whenever there is nothing to move; wakes the task when patience ends.
    fn end(&mut self, cx: &mut Context<'_>) -> Poll<TooSlow> {
        if self.waiting_since.is_none() {
            let now = Instant::now();
            self.waiting_since = Some(now);
            let until = now + self.account.left();
            match &mut self.alarm {
                Some(alarm) => alarm.as_mut().reset(until),
                None => self.alarm = Some(Box::pin(sleep_until(until))),
            }
        }
        if let Some(alarm) = &mut self.alarm {
            ready!(alarm.as_mut().poll(cx));
        }
        let Account { floor, moved, .. } = self.account;
        Poll::Ready(TooSlow { needed: floor.needed(), moved, grace: floor.grace })
    }
}

/// A request's body that must come fast enough.
#[derive(Debug)]
pub(crate) struct PacedBody<B> {
    body: B,
    patience: Patience,
}

impl<B> PacedBody<B> {
    pub(crate) const fn new(body: B, floor: FloorRate) -> Self {
        Self { body, patience: Patience::new(floor) }
    }
}

impl<B> Body for PacedBody<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<axum::BoxError>,
{
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, Buf::remaining);
                self.patience.moved(bytes);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                let slow = ready!(self.patience.end(cx));
                Poll::Ready(Some(Err(slow.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A connection whose other end must take our answers fast enough.
#[derive(Debug)]
pub(crate) struct PacedWrites<S> {
    stream: S,
    patience: Patience,
}

impl<S> PacedWrites<S> {
    pub(crate) const fn new(stream: S, floor: FloorRate) -> Self {
        Self { stream, patience: Patience::new(floor) }
    }

    fn paced<T>(
        &mut self,
        cx: &mut Context<'_>,
        polled: Poll<io::Result<T>>,
        bytes: impl FnOnce(&T) -> usize,
    ) -> Poll<io::Result<T>> {
        match polled {
            Poll::Ready(Ok(done)) => {
                self.patience.moved(bytes(&done));
                Poll::Ready(Ok(done))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let slow = ready!(self.patience.end(cx));
                Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, slow)))
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PacedWrites<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PacedWrites<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.paced(cx, polled, |&written| written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.paced(cx, polled, |&written| written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(cx);
        self.paced(cx, polled, |()| 0)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.paced(cx, polled, |()| 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many chunks come through, each after so many milliseconds, with so many bytes.
    fn chunks(chunks: &[(u64, usize)]) -> usize {
        let floor = FloorRate { grace: Duration::from_secs(10), bytes_per_s: 100 };
        let mut account = Account { floor, moved: 0, waited: Duration::ZERO };
        chunks
            .iter()
            .take_while(|(millis, bytes)| {
                let waited = Duration::from_millis(*millis);
                let in_time = waited < account.left();
                account.add(*bytes, waited);
                in_time
            })
            .count()
    }

    #[test]
    fn a_slow_line_that_keeps_the_floor_may_take_its_time() {
        assert_eq!(chunks(&[(9_000, 1_000); 50]), 50);
        assert_eq!(chunks(&[(900, 100); 500]), 500);
    }

    #[test]
    fn dripping_and_falling_silent_are_cut_off() {
        // A byte a second: the tenth would come as the ten seconds end.
        assert_eq!(chunks(&[(1_000, 1); 1_000]), 9);
        assert_eq!(chunks(&[(0, 900), (60_000, 1)]), 1);
        // A good start buys nothing.
        assert_eq!(chunks(&[(0, 1 << 20), (11_000, 1)]), 1);
    }

    #[test]
    fn what_came_at_once_took_no_patience() {
        assert_eq!(chunks(&[(0, 1); 100_000]), 100_000);
    }
}
