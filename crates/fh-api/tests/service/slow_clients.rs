//! Clients that take their time: each is let go, and the others do not notice.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use fh_api::{FloorRate, ServeLimits};

use crate::stage::{Options, Stage};

/// How long a test waits for the end of a connection before it fails.
const PATIENCE: Duration = Duration::from_secs(30);

fn hasty() -> Stage {
    let floor = FloorRate { grace: Duration::from_millis(400), bytes_per_s: 1_000 };
    let limits = ServeLimits {
        header_timeout: Duration::from_millis(400),
        body: floor,
        answer: floor,
        ..ServeLimits::default()
    };
    Stage::with(Options { limits, ..Options::default() })
}

/// Writes `first`, then `drip` again and again, until the server ends the connection; what it said.
fn drip(stage: &Stage, first: &str, drip: &str) -> String {
    let mut stream = TcpStream::connect(stage.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let mut said = Vec::new();
    let rounds = PATIENCE.as_millis() / 50;
    let mut write = first;
    for _ in 0..rounds {
        // Once the server has gone, writing fails.
        let _ = stream.write_all(write.as_bytes());
        write = drip;
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer) {
            Ok(0) => return String::from_utf8_lossy(&said).into_owned(),
            Ok(read) => said.extend_from_slice(&buffer[..read]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => return String::from_utf8_lossy(&said).into_owned(),
        }
    }
    panic!("the server still waits after {PATIENCE:?} for `{first}` and `{drip}`");
}

#[test]
fn who_says_nothing_or_drips_is_let_go() {
    let stage = hasty();
    let post = "POST /apigovernance/api/oauth/tokenByAkSk HTTP/1.1\r\nhost: x\r\n";
    // Nothing at all; half a head; a head byte by byte; a header after the other.
    drip(&stage, "", "");
    drip(&stage, "GET /v1/hea", "");
    drip(&stage, "GET /v1/health HTTP/1.1\r\nx: ", "y");
    drip(&stage, "GET /v1/health HTTP/1.1\r\n", "x: y\r\n");
    // A body that never comes, and one that comes byte by byte, are answered first.
    let body = format!("{post}content-type: application/json\r\ncontent-length: 1000\r\n\r\n{{");
    for said in [drip(&stage, &body, ""), drip(&stage, &body, " ")] {
        assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
        assert!(said.contains("\"resultCode\":\"1010408\""), "{said}");
    }
    let chunked = format!("{post}transfer-encoding: chunked\r\n\r\n");
    let said = drip(&stage, &chunked, "1\r\n \r\n");
    assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
    // Between two requests, too.
    let said = drip(&stage, "GET /v1/health HTTP/1.1\r\nhost: x\r\n\r\n", "");
    assert!(said.starts_with("HTTP/1.1 200 "), "{said}");
}

/// Ways of being slow: what is said at first, and what then drips.
const SLOW: [(&str, &str); 6] = [
    ("", ""),
    ("GET /v1/hea", ""),
    ("GET /v1/health HTTP/1.1\r\nx: ", "y"),
    ("GET /v1/health HTTP/1.1\r\n", "x: y\r\n"),
    (
        "POST /v1/tokens HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         content-length: 1000\r\n\r\n{",
        " ",
    ),
    ("GET /v1/health HTTP/1.1\r\nhost: x\r\n\r\n", ""),
];

/// `FAIRHEARING_SLOW_CLIENTS` makes it longer.
#[test]
fn others_are_served_meanwhile() {
    let number = std::env::var("FAIRHEARING_SLOW_CLIENTS").map_or(300, |n| n.parse().unwrap());
    let stage = hasty();
    let all_are_gone = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            // One thread has them all in hand: none of them ever waits.
            let mut clients: Vec<(TcpStream, &str)> = Vec::new();
            for (first, drip) in SLOW.iter().cycle().take(number) {
                let mut stream = TcpStream::connect(stage.address).unwrap();
                stream.write_all(first.as_bytes()).unwrap();
                stream.set_nonblocking(true).unwrap();
                clients.push((stream, drip));
            }
            for _ in 0..PATIENCE.as_millis() / 50 {
                clients.retain_mut(|(stream, drip)| {
                    // Once the server has gone, writing fails.
                    let _ = stream.write_all(drip.as_bytes());
                    match stream.read(&mut [0; 4096]) {
                        Ok(0) => false,
                        Ok(_) => true,
                        Err(error) => error.kind() == ErrorKind::WouldBlock,
                    }
                });
                if clients.is_empty() {
                    all_are_gone.store(true, Ordering::Relaxed);
                    return;
                }
                thread::sleep(Duration::from_millis(50));
            }
        });
        for _ in 0..50 {
            stage.send("GET", "/v1/health", &[], None).expect(200);
        }
    });
    assert!(all_are_gone.into_inner(), "the server still waits after {PATIENCE:?}");
    stage.send("GET", "/v1/health", &[], None).expect(200);
}

#[test]
fn who_does_not_take_an_answer_is_let_go() {
    let stage = hasty();
    let token = stage.token("default-administrator");
    let mut stream = TcpStream::connect(stage.address).unwrap();
    // Asks for the document again and again and reads nothing: at some time no more fits between.
    let request = format!(
        "GET /v1/openapi.json HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n"
    );
    stream.set_write_timeout(Some(Duration::from_millis(50))).unwrap();
    for _ in 0..PATIENCE.as_millis() / 50 {
        match stream.write_all(request.repeat(20).as_bytes()) {
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => return,
            Ok(()) => thread::sleep(Duration::from_millis(50)),
        }
    }
    panic!("the server still writes after {PATIENCE:?}");
}

#[test]
fn connections_beyond_the_limit_are_closed_at_once() {
    let limits = ServeLimits { connections: 4, ..ServeLimits::default() };
    let stage = Stage::with(Options { limits, ..Options::default() });
    let mut kept = Vec::new();
    for _ in 0..4 {
        kept.push(TcpStream::connect(stage.address).unwrap());
    }
    // The four are accepted in order before the fifth.
    let mut fifth = TcpStream::connect(stage.address).unwrap();
    fifth.set_read_timeout(Some(PATIENCE)).unwrap();
    assert!(matches!(fifth.read(&mut [0; 1]), Ok(0) | Err(_)));
    drop(kept);
}
