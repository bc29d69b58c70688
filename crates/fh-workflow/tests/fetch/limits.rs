//! Servers that send too much, too little, too slowly, or something else than what was asked for.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use fh_workflow::fetch::{DownloadLimits, FetchError, download_with};

use crate::server::{NoNames, Server, drip, fall_silent, fetch, friends, limits};

const OK: &str = "HTTP/1.1 200 OK\r\n";

/// The error of one download from a server that behaves so, and what was put down before.
fn fault(
    limits: &DownloadLimits,
    handler: impl FnMut(&str, &mut TcpStream) + Send + 'static,
) -> (FetchError, Vec<u8>) {
    let server = Server::start(handler);
    let (result, bytes) = fetch(&server.url("/1.wav"), limits);
    assert_eq!(server.requests().len(), 1, "asked more than once");
    (result.unwrap_err(), bytes)
}

fn fault_of(reply: impl Into<Vec<u8>>) -> FetchError {
    let reply = reply.into();
    fault(&limits(), move |_, connection| drop(connection.write_all(&reply))).0
}

/// Little patience with bodies, for servers that would keep us for ever.
fn impatient() -> DownloadLimits {
    DownloadLimits { grace: Duration::from_millis(500), ..limits() }
}

#[test]
fn a_body_that_ends_early_is_no_recording() {
    let error = fault_of(format!("{OK}Content-Length: 10\r\n\r\nabc"));
    assert!(matches!(error, FetchError::Truncated { expected: Some(10), got: 3 }), "{error:?}");
    assert!(error.retryable());
    let error = fault_of(format!("{OK}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"));
    assert!(matches!(error, FetchError::Truncated { expected: None, got: 3 }), "{error:?}");
    let error = fault_of(format!("{OK}Transfer-Encoding: chunked\r\n\r\n5\r\nabc"));
    assert_eq!(error.code(), "url_truncated");
    // Without a length, a reset is what tells a torn connection from an end. Closing a connection
    // with something unread in it resets it.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/1.wav", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let mut connection = listener.accept().unwrap().0;
        connection.read_exact(&mut [0]).unwrap();
        connection.write_all(format!("{OK}\r\nabc").as_bytes()).unwrap();
    });
    let error = fetch(&url, &limits()).0.unwrap_err();
    server.join().unwrap();
    assert!(matches!(error.code(), "url_truncated" | "url_unreachable"), "{error:?}");
    assert!(error.retryable());
}

#[test]
fn what_follows_an_announced_length_is_not_read() {
    let server = Server::always(format!("{OK}Content-Length: 3\r\n\r\nabcdef"));
    let (got, bytes) = fetch(&server.url("/"), &limits());
    assert_eq!((got.unwrap().bytes, bytes.as_slice()), (3, b"abc".as_slice()));
}

#[test]
fn a_body_over_the_limit_is_cut() {
    for header in ["", "Transfer-Encoding: chunked\r\n"] {
        let (error, bytes) = fault(&limits(), move |_, connection| {
            drop(connection.write_all(format!("{OK}{header}\r\n").as_bytes()));
            let piece = match header {
                "" => vec![7; 4096],
                _ => [b"1000\r\n".to_vec(), vec![7; 4096], b"\r\n".to_vec()].concat(),
            };
            while connection.write_all(&piece).is_ok() {}
        });
        assert!(matches!(error, FetchError::TooLarge { limit: 100_000 }), "{error:?}");
        assert!(!error.retryable());
        assert!(bytes.len() <= 100_000, "{}", bytes.len());
    }
    for announced in ["100001", "18446744073709551615"] {
        let (error, bytes) = fault(&limits(), move |_, connection| {
            let header = format!("{OK}Content-Length: {announced}\r\n\r\n");
            drop(connection.write_all(header.as_bytes()));
            fall_silent(connection);
        });
        assert_eq!(error.code(), "url_too_large");
        assert!(bytes.is_empty());
    }
    // One byte less is right.
    let reply = [format!("{OK}Content-Length: 100000\r\n\r\n").into_bytes(), vec![7; 100_000]];
    let server = Server::always(reply.concat());
    assert_eq!(fetch(&server.url("/"), &limits()).0.unwrap().bytes, 100_000);
}

#[test]
fn a_body_slower_than_the_floor_is_cut() {
    for (start, piece) in [
        ("\r\n", "x"),
        ("Content-Length: 90000\r\n\r\n", "x"),
        ("Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
        // Bytes that are no part of the body, within one chunk's first line.
        ("Transfer-Encoding: chunked\r\n\r\n5;", "x"),
    ] {
        let (error, _) = fault(&impatient(), move |_, connection| {
            drop(connection.write_all(format!("{OK}{start}").as_bytes()));
            drip(connection, piece.as_bytes());
        });
        assert!(matches!(error, FetchError::TooSlow { floor_bytes_per_s: 1000 }), "{error:?}");
        assert!(error.retryable());
    }
    // A quick beginning is no credit for later.
    let (error, bytes) = fault(&impatient(), |_, connection| {
        drop(connection.write_all(format!("{OK}\r\n").as_bytes()));
        drop(connection.write_all(&[7; 50_000]));
        fall_silent(connection);
    });
    assert_eq!(error.code(), "url_too_slow");
    assert_eq!(bytes.len(), 50_000);
}

#[test]
fn a_slow_store_is_not_the_servers_fault() {
    struct Slow(Vec<u8>);
    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            thread::sleep(Duration::from_millis(1200));
            self.0.extend(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let server = Server::start(|_, connection| {
        drop(connection.write_all(format!("{OK}\r\nab").as_bytes()));
        thread::sleep(Duration::from_millis(50));
        drop(connection.write_all(b"c"));
    });
    let limits = DownloadLimits { grace: Duration::from_secs(1), ..limits() };
    let mut into = Slow(Vec::new());
    download_with(&server.url("/"), &limits, &friends(), &NoNames, &mut into).unwrap();
    assert_eq!(into.0, b"abc");
}

#[test]
fn a_body_that_keeps_the_floor_still_ends_with_the_whole_time() {
    let patient =
        DownloadLimits { total_time: Duration::from_millis(700), floor_bytes_per_s: 0, ..limits() };
    let (error, bytes) = fault(&patient, |_, connection| {
        drop(connection.write_all(format!("{OK}\r\n").as_bytes()));
        drip(connection, b"x");
    });
    assert!(matches!(error, FetchError::TimedOut { what: "the whole" }), "{error:?}");
    assert!(error.retryable());
    assert!(!bytes.is_empty());
}

#[test]
fn redirects_share_the_whole_time() {
    let short =
        DownloadLimits { total_time: Duration::from_millis(700), max_redirects: 1000, ..limits() };
    let server = Server::start(|_, connection| {
        thread::sleep(Duration::from_millis(100));
        let reply = "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n";
        drop(connection.write_all(reply.as_bytes()));
    });
    let error = fetch(&server.url("/"), &short).0.unwrap_err();
    assert_eq!(error.code(), "url_timed_out");
    assert!(server.requests().len() <= 8, "{}", server.requests().len());
}

#[test]
fn a_header_that_does_not_come_or_does_not_end_is_cut() {
    let impatient = DownloadLimits { answer_time: Duration::from_millis(500), ..limits() };
    let (error, _) = fault(&impatient, |_, connection| fall_silent(connection));
    assert!(matches!(error, FetchError::TimedOut { what: "waiting for the answer" }), "{error:?}");
    for piece in ["x", "X-Y: z\r\n", "HTTP/1.1 103 Early Hints\r\n\r\n"] {
        let (error, _) = fault(&impatient, move |_, connection| {
            if !piece.starts_with("HTTP") {
                drop(connection.write_all(format!("{OK}X: ").as_bytes()));
            }
            drip(connection, piece.as_bytes());
        });
        assert_eq!(error.code(), "url_timed_out", "{piece}");
    }
    let (error, _) = fault(&limits(), |_, connection| {
        drop(connection.write_all(format!("{OK}X: ").as_bytes()));
        while connection.write_all(&[b'x'; 4096]).is_ok() {}
    });
    assert!(matches!(error, FetchError::HeaderTooLarge { limit: 32_768, .. }), "{error:?}");
    let many = format!("{OK}{}\r\n", "X-Y: z\r\n".repeat(2000));
    assert_eq!(fault_of(many).code(), "url_broken_reply");
    let one = format!("{OK}X: {}\r\nContent-Length: 0\r\n\r\n", "x".repeat(40_000));
    assert_eq!(fault_of(one).code(), "url_header_too_large");
}

#[test]
fn an_encoded_body_is_refused_and_never_unpacked() {
    for header in [
        "Content-Encoding: gzip",
        "Content-Encoding: br",
        "content-encoding: GZIP, identity",
        "Content-Encoding: identity\r\nContent-Encoding: gzip",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: deflate",
    ] {
        let (error, bytes) = fault(&limits(), move |_, connection| {
            let reply = format!("{OK}{header}\r\n\r\n\u{1f}\u{0}bomb");
            drop(connection.write_all(reply.as_bytes()));
        });
        assert_eq!((error.code(), error.retryable()), ("url_encoded", false), "{header}");
        assert!(bytes.is_empty());
    }
}

#[test]
fn only_status_200_is_a_recording() {
    for (status, again) in [
        (201, false),
        (204, false),
        (206, false),
        (300, false),
        (304, false),
        (305, false),
        (400, false),
        (401, false),
        (403, false),
        (404, false),
        (408, true),
        (410, false),
        (425, true),
        (429, true),
        (500, true),
        (501, false),
        (502, true),
        (503, true),
        (504, true),
    ] {
        let reply = format!(
            "HTTP/1.1 {status} X\r\nContent-Range: bytes 0-2/9\r\nRetry-After: 7\r\nContent-Length: 3\r\n\r\nabc"
        );
        let (error, bytes) =
            fault(&limits(), move |_, connection| drop(connection.write_all(reply.as_bytes())));
        assert!(
            matches!(error, FetchError::Status { status: found, retry_after: Some(wait) }
                if found == status && wait == Duration::from_secs(7)),
            "{status}: {error:?}"
        );
        assert_eq!((error.code(), error.retryable()), ("url_status", again), "{status}");
        assert!(bytes.is_empty());
    }
    let error = fault_of("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n");
    assert!(matches!(error, FetchError::Status { status: 101, .. }), "{error:?}");
}

#[test]
fn what_is_not_http_is_refused() {
    for reply in [
        "SSH-2.0-OpenSSH_9.2p1\r\n",
        "-ERR unknown command\r\n\r\n",
        "200 OK\r\n\r\nabc",
        "HTTP/9.9 200 OK\r\n\r\nabc",
        "HTTP/1.1 abc OK\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nabc\r\n0\r\n\r\n",
    ] {
        let error = fault_of(reply);
        assert_eq!((error.code(), error.retryable()), ("url_broken_reply", false), "{reply:?}");
    }
    // Nothing at all is a connection that broke.
    let error = fault_of("");
    assert_eq!((error.code(), error.retryable()), ("url_unreachable", true));
}

#[test]
fn a_server_that_is_away_may_be_back_later() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = fetch(&format!("http://{gone}/"), &limits()).0.unwrap_err();
    assert_eq!((error.code(), error.retryable()), ("url_unreachable", true));
}

#[test]
fn https_to_a_server_without_tls_is_not_trusted() {
    // A greeting of TLS has no blank line, so this server does not wait for one.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let plain = thread::spawn(move || {
        let mut connection = listener.accept().unwrap().0;
        drop(connection.read(&mut [0; 4096]));
        drop(connection.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    });
    let error = fetch(&format!("https://{address}/"), &limits()).0.unwrap_err();
    plain.join().unwrap();
    assert_eq!((error.code(), error.retryable()), ("url_tls", false));
}

#[test]
fn a_full_disk_is_told_and_tried_again() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let server = Server::always(format!("{OK}Content-Length: 3\r\n\r\nabc"));
    let error =
        download_with(&server.url("/"), &limits(), &friends(), &NoNames, &mut Full).unwrap_err();
    assert_eq!((error.code(), error.retryable()), ("store_failed", true));
}
