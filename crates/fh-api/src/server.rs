//! Connections: how many, how slow, and how they end.
//!
//! Bare `axum::serve` keeps a client for ever that sends nothing, half a head, or a byte a second;
//! hyper's own limit is off without a timer. Here every state of a connection has a limit, see
//! [`ServeLimits`].

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_service::Service as _;

use crate::ServeLimits;
use crate::long_target::{LongTargetLimits, LongTargetSlot, LongTargets};
use crate::patience::{PacedBody, PacedWrites};

/// Who is at the other end of the connection, or before a proxy there that is one of
/// [`ApiSettings::proxies`](crate::ApiSettings::proxies); in the extensions of every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerAddress(pub SocketAddr);

/// Serves `router` on `listeners` until `stop` is cancelled, then lets open requests end for
/// [`ServeLimits::stop_grace`] at most.
///
/// Long answers that end only when the client goes (progress) must heed `stop` themselves: it is in
/// [`ApiParts::stop`](crate::ApiParts::stop), too.
pub async fn serve(
    listeners: Vec<TcpListener>,
    router: Router,
    limits: ServeLimits,
    tls: Option<Arc<rustls::ServerConfig>>,
    stop: CancellationToken,
) {
    let shared = Arc::new(Shared {
        router,
        limits,
        tls: tls.map(TlsAcceptor::from),
        stop: stop.clone(),
        slots: Arc::new(Semaphore::new(limits.connections)),
        long_targets: LongTargetLimits {
            longest: limits.target_bytes,
            places: Arc::new(Semaphore::new(limits.long_targets)),
        },
        tasks: TaskTracker::new(),
    });
    for listener in listeners {
        shared.tasks.spawn(accept(listener, Arc::clone(&shared)));
    }
    stop.cancelled().await;
    shared.tasks.close();
    if timeout(limits.stop_grace, shared.tasks.wait()).await.is_err() {
        tracing::warn!(open = shared.tasks.len(), "stopped with requests still open");
    }
}

struct Shared {
    router: Router,
    limits: ServeLimits,
    tls: Option<TlsAcceptor>,
    stop: CancellationToken,
    slots: Arc<Semaphore>,
    long_targets: LongTargetLimits,
    tasks: TaskTracker,
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shared.stop.cancelled() => return,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, mostly: existing connections must end first, and asking
                // again at once would only burn the processor.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Ok(slot) = Arc::clone(&shared.slots).try_acquire_owned() else {
            tracing::warn!(limit = shared.limits.connections, "all connections are in use");
            continue;
        };
        let task = Arc::clone(&shared);
        shared.tasks.spawn(async move {
            if let Err(error) = task.connection(stream, peer).await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(slot);
        });
    }
}

impl Shared {
    async fn connection(&self, stream: TcpStream, peer: SocketAddr) -> io::Result<()> {
        // Answers are written whole; waiting for more to send would only add 40 ms.
        stream.set_nodelay(true)?;
        let stream = PacedWrites::new(stream, self.limits.answer);
        match &self.tls {
            None => self.speak(stream, peer).await,
            Some(acceptor) => {
                let hello = timeout(self.limits.header_timeout, acceptor.accept(stream));
                self.speak(hello.await??, peer).await
            }
        }
    }

    async fn speak<S>(&self, stream: S, peer: SocketAddr) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let slot = LongTargetSlot::default();
        let stream = LongTargets::new(stream, self.long_targets.clone(), slot.clone());
        let service = service_fn(|mut request: Request<Incoming>| {
            let mut router = self.router.clone();
            request.extensions_mut().insert(PeerAddress(peer));
            if let Some(target) = slot.take() {
                request.extensions_mut().insert(target);
            }
            let request = request.map(|body| Body::new(PacedBody::new(body, self.limits.body)));
            // Pinned, so that the connection can be driven without its end being ours to give up.
            Box::pin(async move {
                Ok::<_, Infallible>(
                    router.call(request).await.unwrap_or_else(|never| match never {}),
                )
            })
        });
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.header_timeout)
            .max_buf_size(self.limits.header_bytes)
            .serve_connection(TokioIo::new(stream), service);
        let ended = tokio::select! {
            ended = poll_fn(|cx| connection.poll_without_shutdown(cx)) => ended,
            () = self.stop.cancelled() => {
                std::pin::Pin::new(&mut connection).graceful_shutdown();
                poll_fn(|cx| connection.poll_without_shutdown(cx)).await
            }
        };
        let lingered = linger(connection.into_parts().io.into_inner()).await;
        ended.map_err(io::Error::other).and(lingered)
    }
}

/// How long the other end may go on sending after the last answer.
const LINGER: Duration = Duration::from_secs(2);

/// How much it may send in that time.
const LINGER_BYTES: u64 = 64 << 20;

/// Ends a connection so that the other end can still read the answer: one that is closed while bytes
/// come in is reset, and the other end's system throws away what it had not handed out yet. Whoever
/// is refused in the middle of an upload would never know why.
async fn linger<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S) -> io::Result<()> {
    stream.shutdown().await?;
    let mut rest = stream.take(LINGER_BYTES);
    // Whoever still sends after that has been told to stop in vain.
    let _ = timeout(LINGER, tokio::io::copy(&mut rest, &mut tokio::io::sink())).await;
    Ok(())
}
