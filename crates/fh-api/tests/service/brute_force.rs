//! Guessing of secrets and passwords.

use std::net::{IpAddr, SocketAddr};
use std::thread;

use fh_store::AccessRole;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::stage::Stage;

/// Tries to sign a person in from an address of this machine; the status and for how many seconds
/// nothing more is to be tried.
fn sign_in(stage: &Stage, from: &str, name: &str, password: &str) -> (u16, u64) {
    let body = json!({ "name": name, "password": password }).to_string();
    let request = format!(
        "POST /v1/session HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let (from, to): (IpAddr, SocketAddr) = (from.parse().unwrap(), stage.address);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::new(from, 0)).unwrap();
        let mut stream = socket.connect(to).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    });
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let wait = answer.lines().find_map(|line| line.strip_prefix("retry-after: "));
    (status, wait.map_or(0, |seconds| seconds.trim().parse().unwrap()))
}

fn stage() -> Stage {
    let stage = Stage::new();
    stage.add_user("Lee", "correct horse battery", AccessRole::Inspector, None);
    stage
}

#[test]
fn guesses_come_ever_more_slowly_and_the_owner_elsewhere_is_not_kept_out() {
    let stage = stage();
    let attacker = "127.0.0.66";
    let mut waits = Vec::new();
    let mut told = 0;
    for _ in 0..600 {
        match sign_in(&stage, attacker, "lee", "guess") {
            (401, 0) => told += 1,
            (429, wait) => {
                if waits.last() != Some(&wait) {
                    waits.push(wait);
                }
                if wait >= 4 {
                    break;
                }
                thread::sleep(std::time::Duration::from_millis(100));
            }
            other => panic!("{other:?}"),
        }
    }
    // Four for nothing, then one after each wait of 1, 2 and 4 seconds, of which a part may be over
    // before it is looked at.
    assert!((7..=8).contains(&told), "{told}: {waits:?}");
    assert!(waits.first() < waits.last(), "{waits:?}");
    // Even the right password must wait there: no guess is told from a lock.
    assert_eq!(sign_in(&stage, attacker, "lee", "correct horse battery").0, 429);
    // From elsewhere its owner comes in, and that opens no door to the attacker.
    assert_eq!(sign_in(&stage, "127.0.0.1", "lee", "correct horse battery").0, 200);
    assert_eq!(sign_in(&stage, attacker, "lee", "guess").0, 429);
}

#[test]
fn somebody_unknown_is_answered_like_somebody_known() {
    let stage = stage();
    let tries = |from: &str, name: &str| -> Vec<u16> {
        (0..7).map(|_| sign_in(&stage, from, name, "guess").0).collect()
    };
    // Each from an address of its own, so that none meets the other's lock.
    let known = tries("127.0.0.71", "lee");
    assert_eq!(known[..5], [401; 5]);
    assert!(known[5..].contains(&429), "{known:?}");
    let unknown = tries("127.0.0.72", "nobody");
    assert_eq!(unknown[..5], [401; 5]);
    assert!(unknown[5..].contains(&429), "{unknown:?}");
}

#[test]
fn many_guesses_at_once_are_no_more_than_a_few() {
    let stage = stage();
    let statuses: Vec<u16> = thread::scope(|scope| {
        let tries: Vec<_> = (0..40)
            .map(|_| scope.spawn(|| sign_in(&stage, "127.0.0.67", "lee", "guess").0))
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let told = statuses.iter().filter(|&&status| status == 401).count();
    let locked = statuses.iter().filter(|&&status| status == 429).count();
    assert_eq!(told + locked, 40, "{statuses:?}");
    // Five, and those few that were looked at just then or between two locks.
    assert!(told < 15, "{told} of 40 guesses were answered");
}
