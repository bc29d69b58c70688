//! Downloads that go well, and what is made of the server's words.

use std::io::Write;

use fh_workflow::fetch::{DownloadLimits, Downloaded, RecordingSource};

use crate::server::{Server, fetch, limits};

fn right(reply: &str, path: &str) -> Downloaded {
    let server = Server::always(reply);
    fetch(&server.url(path), &limits()).0.unwrap()
}

#[test]
fn the_recording_comes_with_its_digest_name_and_kind() {
    let server = Server::always(
        "HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nContent-Length: 3\r\n\r\nabc",
    );
    let (got, bytes) = fetch(&server.url("/2021/0951044.V3?sign=1#here"), &limits());
    assert_eq!(bytes, b"abc");
    assert_eq!(
        got.unwrap(),
        Downloaded {
            bytes: 3,
            // From the paper's test vectors for `abc`.
            digest: "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85".to_owned(),
            file_name: Some("0951044.V3".to_owned()),
            content_type: Some("audio/wav".to_owned()),
        }
    );
    let request = server.requests().remove(0).to_lowercase();
    assert!(request.starts_with("get /2021/0951044.v3?sign=1 http/1.1\r\n"), "{request}");
    assert!(request.contains("\r\naccept-encoding: identity\r\n"), "{request}");
    assert!(!request.contains("here"), "{request}");
}

#[test]
fn a_body_may_come_without_a_length_in_chunks_or_empty() {
    for (reply, bytes) in [
        ("HTTP/1.1 200 OK\r\n\r\nabc", 3),
        ("HTTP/1.0 200 OK\r\n\r\nabc", 3),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 3),
        ("HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc", 3),
        (
            "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
            3,
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0),
    ] {
        assert_eq!(right(reply, "/1.wav").bytes, bytes, "{reply:?}");
    }
}

#[test]
fn chinese_in_a_path_is_sent_encoded() {
    let server = Server::always("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
    let got = fetch(&server.url("/录音/客服 1.wav"), &limits()).0.unwrap();
    assert_eq!(got.file_name.as_deref(), Some("客服 1.wav"));
    let request = server.requests().remove(0);
    // UTF-8 of 录音 is E5 BD 95 E9 9F B3, of 客服 E5 AE A2 E6 9C 8D.
    let path = "/%E5%BD%95%E9%9F%B3/%E5%AE%A2%E6%9C%8D%201.wav";
    assert!(request.starts_with(&format!("GET {path} HTTP/1.1\r\n")), "{request}");
}

#[test]
fn the_name_is_the_servers_or_the_urls_and_never_a_path() {
    for (disposition, path, name) in [
        ("attachment; filename=\"call 7.V3\"", "/x", Some("call 7.V3")),
        ("attachment; filename=call.V3", "/x.wav", Some("call.V3")),
        ("attachment; filename=\"a\\\"b;c.V3\"; size=3", "/x", Some("a\"b;c.V3")),
        (
            "attachment; filename=x.wav; filename*=UTF-8''%E5%BD%95%E9%9F%B3.wav",
            "/",
            Some("录音.wav"),
        ),
        ("attachment; FileName*=utf-8'zh'..%2F..%2Fetc%2Fpasswd.wav", "/", Some("passwd.wav")),
        ("attachment; filename=\"../../etc/cron.d/x.sh\"", "/", Some("x.sh")),
        ("attachment; filename=\"C:\\\\x\\\\y.wav\"", "/", Some("y.wav")),
        ("attachment; filename=\"..\"", "/1.wav", Some("1.wav")),
        // The suffix matters more than who says it.
        ("attachment; filename=download", "/1.wav", Some("1.wav")),
        ("attachment; filename=download", "/1", Some("download")),
        ("inline", "/a%2Fb/%2e%2e/1%0A.V3", Some("1.V3")),
        ("inline", "/a/%2e%2e%2f1.V3", Some("1.V3")),
        ("inline", "/", None),
        ("", "/a/", None),
    ] {
        let reply = format!(
            "HTTP/1.1 200 OK\r\nContent-Disposition: {disposition}\r\nContent-Length: 3\r\n\r\nabc"
        );
        assert_eq!(right(&reply, path).file_name.as_deref(), name, "{disposition} {path}");
    }
    let long = format!("/{}.wav", "录".repeat(300));
    let name = right("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", &long).file_name.unwrap();
    assert_eq!(name, format!("{}.wav", "录".repeat(116)));
}

#[test]
fn redirects_are_followed_as_far_as_allowed() {
    // `/5` leads to `/4` and so on; `/0.wav` is the recording.
    let server = Server::start(|header, connection| {
        let path = header.split(' ').nth(1).unwrap();
        let reply = match path.trim_start_matches('/').parse::<usize>() {
            Ok(0) | Err(_) => "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc".to_owned(),
            Ok(left) => {
                let status = [301, 302, 303, 307, 308][left % 5];
                // Relative to the path, to the server, and absolute.
                let next = left - 1;
                let to = [format!("{next}"), format!("/{next}#x"), format!("/x/../{next}")];
                let to = if left % 3 == 2 { &to[0] } else { &to[left % 3] };
                format!("HTTP/1.1 {status} Elsewhere\r\nLocation: {to}\r\n\r\nmoved")
            }
        };
        drop(connection.write_all(reply.as_bytes()));
    });
    let (got, bytes) = fetch(&server.url("/5"), &limits());
    got.unwrap();
    assert_eq!(bytes, b"abc");
    assert_eq!(server.requests().len(), 6);

    let (got, bytes) = fetch(&server.url("/20"), &limits());
    let error = got.unwrap_err();
    assert_eq!((error.code(), error.retryable()), ("url_too_many_redirects", false));
    assert!(bytes.is_empty());
    assert_eq!(server.requests().len(), 6 + 6);

    let none = DownloadLimits { max_redirects: 0, ..limits() };
    assert_eq!(fetch(&server.url("/1"), &none).0.unwrap_err().code(), "url_too_many_redirects");
    assert_eq!(server.requests().len(), 6 + 6 + 1);
}

#[test]
fn a_redirect_must_say_where_to_once() {
    for reply in [
        "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation:\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: /1\r\nLocation: /2\r\nContent-Length: 0\r\n\r\n",
    ] {
        let server = Server::always(reply);
        let error = fetch(&server.url("/"), &limits()).0.unwrap_err();
        assert_eq!(error.code(), "url_redirect_nowhere", "{reply:?}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn a_loop_of_redirects_ends() {
    let server = Server::always("HTTP/1.1 302 Found\r\nLocation: /a\r\nContent-Length: 0\r\n\r\n");
    let error = fetch(&server.url("/a"), &limits()).0.unwrap_err();
    assert_eq!(error.code(), "url_too_many_redirects");
    assert_eq!(server.requests().len(), 6);
}

#[test]
fn a_source_is_kept_as_json_and_not_shown_in_logs() {
    for (source, json, shown) in [
        (
            RecordingSource::Path { written: "/27/13800138000.wav".to_owned() },
            r#"{"kind":"path","written":"/27/13800138000.wav"}"#,
            "Path { .. }",
        ),
        (
            RecordingSource::Url { url: "https://oss.example/1.wav?Signature=s".to_owned() },
            r#"{"kind":"url","url":"https://oss.example/1.wav?Signature=s"}"#,
            "Url { .. }",
        ),
        (
            RecordingSource::Upload { blob: "ab12".to_owned() },
            r#"{"kind":"upload","blob":"ab12"}"#,
            "Upload { blob: \"ab12\" }",
        ),
    ] {
        assert_eq!(serde_json::to_string(&source).unwrap(), json);
        assert_eq!(serde_json::from_str::<RecordingSource>(json).unwrap(), source);
        assert_eq!(format!("{source:?}"), shown);
    }
    for wrong in
        [r#"{"kind":"ftp","url":"x"}"#, r#"{"url":"x"}"#, r#"{"kind":"url","url":"x","n":1}"#]
    {
        assert!(serde_json::from_str::<RecordingSource>(wrong).is_err(), "{wrong}");
    }
}
