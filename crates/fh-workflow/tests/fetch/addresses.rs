//! Where a URL may lead: judged before a byte is sent, and judged again on every redirect.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};

use fh_workflow::fetch::{
    AddressPolicy, DownloadLimits, FetchError, Network, NetworkError, SystemResolver, download,
    download_with,
};

use crate::server::{Answers, Canary, FRIEND, STRANGER, Server, fetch, friends, limits};

/// The code of the error that the URL ends in under a policy, names being looked up by the system.
fn refusal(url: &str, policy: &AddressPolicy) -> String {
    let mut into = Vec::new();
    let result = download_with(url, &limits(), policy, &SystemResolver, &mut into);
    assert!(into.is_empty(), "{url}: {} bytes came", into.len());
    match result {
        Ok(got) => panic!("{url}: downloaded {got:?}"),
        Err(error) => {
            assert!(!error.retryable(), "{url}: {error}");
            error.code().to_owned()
        }
    }
}

/// Every way to write an address that is not public, `inet_aton`'s and Unicode's included.
const INNER: &[&str] = &[
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0X7F.0.0.1",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "00000177.1",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "１２７.0.0.1",
    "%31%32%37.0.0.1",
    "0.0.0.0",
    "0",
    "localhost",
    "LocalHost",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:0:0]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    // Teredo: the server 127.0.0.1, then the client 127.0.0.1 with its bits turned.
    "[2001:0:7f00:1::f7f7:f7f7]",
    "[2001:0:808:808::80ff:fffe]",
    "10.0.0.1",
    "10.255.255.255",
    "012.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "168.63.129.16",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "[::ffff:169.254.169.254]",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "[fe80::1]",
    "[febf::1]",
    "[fec0::1]",
    "[fc00::1]",
    "[fd00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[100::1]",
    "[2001:db8::1]",
    "[2001:2::1]",
    "[3fff:abc::1]",
    "[5f00::1]",
    "[4000::1]",
];

#[test]
fn an_inner_address_is_refused_in_every_spelling_before_a_byte_is_sent() {
    let canary = Canary::on(Ipv4Addr::UNSPECIFIED.into(), 0);
    let port = canary.port();
    let sixth = Canary::on(Ipv6Addr::LOCALHOST.into(), port);
    let policy = AddressPolicy::default();
    for scheme in ["http", "https", "HTTP"] {
        for host in INNER {
            let url = format!("{scheme}://{host}:{port}/1.wav");
            assert_eq!(refusal(&url, &policy), "url_address_refused", "{url}");
        }
    }
    assert!(!canary.was_reached());
    assert!(!sixth.was_reached());
}

#[test]
fn the_canary_would_have_sung() {
    let canary = Canary::on(FRIEND, 0);
    let url = format!("http://127.0.0.1:{}/", canary.port());
    let quick = DownloadLimits { answer_time: std::time::Duration::from_millis(200), ..limits() };
    assert_eq!(fetch(&url, &quick).0.unwrap_err().code(), "url_timed_out");
    assert!(canary.was_reached());
}

#[test]
fn public_addresses_are_allowed_in_every_form() {
    let policy = AddressPolicy::default();
    for address in [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2400:3200::1",
        "2606:4700::1111",
        "::ffff:1.1.1.1",
        "::1.1.1.1",
        "64:ff9b::1.1.1.1",
        "2002:101:101::1",
        // Teredo: server 8.8.8.8, client 1.1.1.1.
        "2001:0:808:808::fefe:fefe",
    ] {
        assert_eq!(policy.judge(address.parse().unwrap()), Ok(()), "{address}");
    }
}

#[test]
fn a_configured_range_is_allowed_and_nothing_beside_it() {
    let policy = AddressPolicy {
        allow: vec!["10.1.0.0/16".parse().unwrap(), "fd00:7::/32".parse().unwrap()],
        ..AddressPolicy::default()
    };
    let judge = |address: &str| policy.judge(address.parse().unwrap());
    assert_eq!(judge("10.1.255.255"), Ok(()));
    assert_eq!(judge("::ffff:10.1.0.9"), Ok(()));
    assert_eq!(judge("fd00:7::9"), Ok(()));
    assert_eq!(judge("10.2.0.0"), Err("private"));
    assert_eq!(judge("::ffff:10.0.255.255"), Err("private"));
    assert_eq!(judge("fd00:8::9"), Err("unique local"));
    // Teredo through an allowed server to a client that is not.
    assert_eq!(judge("2001:0:a01:1::80ff:fffe"), Err("this machine"));
}

#[test]
fn ranges_are_read_strictly() {
    let parse = |text: &str| text.parse::<Network>();
    assert!(parse("0.0.0.0/0").unwrap().contains("255.255.255.255".parse().unwrap()));
    assert!(!parse("0.0.0.0/0").unwrap().contains("::1".parse().unwrap()));
    assert!(parse("::/0").unwrap().contains("ffff::".parse().unwrap()));
    assert!(!parse("10.0.0.1").unwrap().contains("10.0.0.2".parse().unwrap()));
    assert_eq!(parse("fd00::/8").unwrap().to_string(), "fd00::/8");
    for wrong in ["", "10", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/+8", "::/129", "10.0.0.0/8/8"] {
        assert!(matches!(parse(wrong), Err(NetworkError::Unreadable(_))), "{wrong}");
    }
    assert!(matches!(parse("10.0.0.1/8"), Err(NetworkError::NotTheFirst(_))));
    assert!(matches!(parse("fd00::1/8"), Err(NetworkError::NotTheFirst(_))));
    assert!(matches!(parse("::ffff:10.0.0.0/104"), Err(NetworkError::MappedIpv4(_))));
}

#[test]
fn other_schemes_misleading_spellings_and_passwords_are_refused() {
    let canary = Canary::on(FRIEND, 0);
    let port = canary.port();
    for (url, code) in [
        ("file:///etc/passwd", "url_scheme_refused"),
        ("FILE:///etc/passwd", "url_scheme_refused"),
        ("file:/etc/passwd", "url_scheme_refused"),
        ("gopher://127.0.0.1:PORT/_x", "url_scheme_refused"),
        ("ftp://127.0.0.1:PORT/1.wav", "url_scheme_refused"),
        ("ws://127.0.0.1:PORT/", "url_scheme_refused"),
        ("data:audio/wav;base64,AAAA", "url_scheme_refused"),
        ("javascript:alert(1)", "url_scheme_refused"),
        ("jar:http://127.0.0.1:PORT/1.jar!/1.wav", "url_invalid"),
        ("", "url_invalid"),
        ("1.wav", "url_invalid"),
        ("//127.0.0.1:PORT/1.wav", "url_invalid"),
        ("http:127.0.0.1:PORT/1.wav", "url_scheme_refused"),
        ("http:/127.0.0.1:PORT/1.wav", "url_scheme_refused"),
        ("http:///127.0.0.1:PORT/1.wav", "url_invalid"),
        ("http://", "url_invalid"),
        ("http://:PORT/", "url_invalid"),
        (" http://127.0.0.1:PORT/", "url_invalid"),
        ("http://127.0.0.1:PORT/ ", "url_invalid"),
        ("ht\ntp://127.0.0.1:PORT/", "url_invalid"),
        ("http://127.0.0.1:PORT/\r\nX-Y: z", "url_invalid"),
        ("http://127.0.0.1:PORT/\u{85}", "url_invalid"),
        ("http:\\\\127.0.0.1:PORT\\1.wav", "url_invalid"),
        ("http://example.com\\@127.0.0.1:PORT/", "url_invalid"),
        ("http://127.0.0.1:99999/", "url_invalid"),
        ("http://127.0.0.1:-1/", "url_invalid"),
        ("http://256.0.0.1:PORT/", "url_invalid"),
        ("http://0x100000000:PORT/", "url_invalid"),
        ("http://1.2.3.4.5:PORT/", "url_invalid"),
        ("http://[::1%25lo]:PORT/", "url_invalid"),
        ("http://[127.0.0.1]:PORT/", "url_invalid"),
        ("http://exa mple.com:PORT/", "url_invalid"),
        ("http://user@127.0.0.1:PORT/", "url_userinfo_refused"),
        ("http://user:secret@127.0.0.1:PORT/", "url_userinfo_refused"),
        ("http://@127.0.0.1:PORT/", "url_userinfo_refused"),
        ("http://example.com@127.0.0.1:PORT/", "url_userinfo_refused"),
        ("http://127.0.0.1:0/", "url_port_refused"),
        ("http://127.0.0.1:22/", "url_port_refused"),
        ("https://127.0.0.1:25/", "url_port_refused"),
        ("http://127.0.0.1:5432/", "url_port_refused"),
        ("http://127.0.0.1:6379/", "url_port_refused"),
        ("http://127.0.0.1:00011211/", "url_port_refused"),
    ] {
        let url = url.replace("PORT", &port.to_string());
        assert_eq!(refusal(&url, &friends()), code, "{url:?}");
    }
    // What looks like another server is a part of the path or of the fragment.
    for url in ["http://127.0.0.1:PORT#@example.com/", "http://127.0.0.1:PORT?@example.com/"] {
        let url = url.replace("PORT", &port.to_string());
        assert_eq!(refusal(&url, &AddressPolicy::default()), "url_address_refused", "{url}");
    }
    let long = format!("http://127.0.0.1:{port}/{}", "a".repeat(8192));
    assert_eq!(refusal(&long, &friends()), "url_invalid");
    assert!(!canary.was_reached());
}

#[test]
fn refused_ports_are_configurable() {
    let server = Server::always("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
    let policy = AddressPolicy { deny_ports: vec![server.address.port()], ..friends() };
    assert_eq!(refusal(&server.url("/"), &policy), "url_port_refused");
    assert!(server.requests().is_empty());
    assert!(!AddressPolicy { deny_ports: Vec::new(), ..friends() }.allows_port(0));
    assert!(AddressPolicy { deny_ports: Vec::new(), ..friends() }.allows_port(22));
}

#[test]
fn what_is_connected_is_what_was_checked() {
    // Good at the first look, bad at the second: there is no second look.
    let server = Server::always("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
    let port = server.address.port();
    let canary = Canary::on(STRANGER, port);
    let names = Answers::new(&[&["127.0.0.1"], &["127.0.0.2"]]);
    let url = format!("http://recordings.example:{port}/1.wav");
    let mut into = Vec::new();
    let got = download_with(&url, &limits(), &friends(), &names, &mut into).unwrap();
    assert_eq!((got.bytes, into.as_slice()), (3, b"abc".as_slice()));
    assert_eq!(names.left(), 1);
    assert!(server.requests()[0].contains(&format!("recordings.example:{port}")));
    assert!(!canary.was_reached());
}

#[test]
fn a_redirect_is_looked_up_and_checked_again() {
    let server = Server::always("HTTP/1.1 302 Found\r\nLocation: /2.wav\r\n\r\n");
    let port = server.address.port();
    let canary = Canary::on(STRANGER, port);
    let names = Answers::new(&[&["127.0.0.1"], &["127.0.0.2"]]);
    let url = format!("http://recordings.example:{port}/1.wav");
    let result = download_with(&url, &limits(), &friends(), &names, &mut Vec::new());
    let error = result.unwrap_err();
    assert!(matches!(&error, FetchError::AddressRefused { address, .. } if *address == STRANGER));
    // The client learns the name that it wrote; the operator learns the address.
    assert!(!error.to_string().contains("127.0.0.2"), "{error}");
    assert!(error.for_operator().contains("127.0.0.2, this machine"), "{}", error.for_operator());
    assert_eq!((server.requests().len(), names.left()), (1, 0));
    assert!(!canary.was_reached());
}

#[test]
fn one_inner_address_among_others_refuses_the_name() {
    let friend = Canary::on(FRIEND, 0);
    let port = friend.port();
    let stranger = Canary::on(STRANGER, port);
    let sixth = Canary::on(Ipv6Addr::LOCALHOST.into(), port);
    for answer in [
        &["127.0.0.1", "127.0.0.2"][..],
        &["127.0.0.2", "127.0.0.1"],
        &["127.0.0.1", "::1"],
        &["::1", "127.0.0.1"],
        &["127.0.0.1", "::ffff:127.0.0.2"],
        &["127.0.0.1", "169.254.169.254"],
    ] {
        let url = format!("http://mixed.example:{port}/");
        let names = Answers::new(&[answer]);
        let result = download_with(&url, &limits(), &friends(), &names, &mut Vec::new());
        assert_eq!(result.unwrap_err().code(), "url_address_refused", "{answer:?}");
    }
    for canary in [friend, stranger, sixth] {
        assert!(!canary.was_reached());
    }
}

#[test]
fn an_unknown_name_and_a_silent_name_server_may_be_tried_again() {
    let names = Answers::new(&[]);
    let result =
        download_with("http://nobody.example/", &limits(), &friends(), &names, &mut Vec::new());
    let error = result.unwrap_err();
    assert_eq!((error.code(), error.retryable()), ("url_name_not_found", true));

    #[derive(Debug)]
    struct Silent;
    impl fh_workflow::fetch::NameResolver for Silent {
        fn addresses(&self, _: &str, within: std::time::Duration) -> std::io::Result<Vec<IpAddr>> {
            assert!(within <= limits().connect_time);
            Err(std::io::ErrorKind::TimedOut.into())
        }
    }
    let result =
        download_with("http://nobody.example/", &limits(), &friends(), &Silent, &mut Vec::new());
    let error = result.unwrap_err();
    assert_eq!((error.code(), error.retryable()), ("url_timed_out", true));
}

#[test]
fn a_redirect_leads_to_no_place_that_a_url_may_not() {
    let canary = Canary::on(STRANGER, 0);
    let port = canary.port();
    let sixth = Canary::on(Ipv6Addr::LOCALHOST.into(), port);
    let mut cases = vec![
        ("file:///etc/passwd".to_owned(), "url_scheme_refused"),
        ("gopher://127.0.0.2:PORT/".to_owned(), "url_scheme_refused"),
        ("ftp://127.0.0.2:PORT/".to_owned(), "url_scheme_refused"),
        ("data:,x".to_owned(), "url_scheme_refused"),
        ("//127.0.0.2:PORT/".to_owned(), "url_address_refused"),
        ("///127.0.0.2:PORT/".to_owned(), "url_invalid"),
        ("http:127.0.0.2:PORT/".to_owned(), "url_status"),
        ("/\\127.0.0.2:PORT/".to_owned(), "url_invalid"),
        ("http://127.0.0.1:6379/".to_owned(), "url_port_refused"),
        ("http://127.0.0.1:22/".to_owned(), "url_port_refused"),
        ("http://user@127.0.0.1/".to_owned(), "url_userinfo_refused"),
        ("//user:pw@127.0.0.1/".to_owned(), "url_userinfo_refused"),
        ("http://2130706434:PORT/".to_owned(), "url_address_refused"),
        ("http://0x7f000002:PORT/".to_owned(), "url_address_refused"),
        ("http://127.0.0.2.:PORT/".to_owned(), "url_address_refused"),
        (String::new(), "url_redirect_nowhere"),
        ("http://[".to_owned(), "url_invalid"),
    ];
    cases.extend(INNER.iter().map(|host| (format!("http://{host}:PORT/"), "url_address_refused")));

    // The redirecting server has an address that no case means; it alone is allowed.
    let listener = TcpListener::bind("127.0.0.3:0").unwrap();
    let policy =
        AddressPolicy { allow: vec!["127.0.0.3".parse().unwrap()], ..AddressPolicy::default() };
    let mut left: Vec<String> = cases.iter().rev().map(|(to, _)| to.clone()).collect();
    let server = Server::on(listener, move |header, connection| {
        let reply = match header.starts_with("GET /from ") {
            true => {
                let to = left.pop().unwrap_or_default().replace("PORT", &port.to_string());
                format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
            }
            // Where a relative reference led.
            false => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned(),
        };
        drop(connection.write_all(reply.as_bytes()));
    });
    for (to, code) in cases {
        assert_eq!(refusal(&server.url("/from"), &policy), code, "{to}");
    }
    assert!(!canary.was_reached());
    assert!(!sixth.was_reached());
}

#[test]
fn a_proxy_of_the_environment_is_ignored() {
    const PROXY: &str = "FETCH_TEST_EXPECTS_A_PROXY";
    if std::env::var_os(PROXY).is_none() {
        // The environment can only be changed for another process: this test once more.
        let canary = Canary::on(STRANGER, 0);
        let proxy = format!("http://127.0.0.2:{}", canary.port());
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", "addresses::a_proxy_of_the_environment_is_ignored"]).env(PROXY, "1");
        for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"] {
            again.env(name, &proxy).env(name.to_lowercase(), &proxy);
        }
        again.env_remove("NO_PROXY").env_remove("no_proxy");
        let output = again.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
        assert!(!canary.was_reached());
        return;
    }
    assert!(ureq::Proxy::try_from_env().is_some(), "the environment names no proxy");
    let server = Server::always("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
    let mut into = Vec::new();
    download(&server.url("/1.wav"), &limits(), &friends(), &mut into).unwrap();
    assert_eq!(into, b"abc");
    assert!(server.requests()[0].starts_with("GET /1.wav HTTP/1.1\r\n"));
}
