//! Paths as clients write them: only regular files below a mapped folder open.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use fh_workflow::fetch::{FetchError, MappedRoot, MappedRoots, MappingError, PathFault};
use rustix::fs::{CWD, Mode, RenameFlags};
use tempfile::TempDir;

const INSIDE: &str = "inside";

/// A share as an attacker with write access to it would prepare it, and a secret beside it.
struct Share {
    /// Removed at the end.
    folder: TempDir,
    /// Keeps a socket's file alive.
    _socket: UnixListener,
}

impl Share {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (root, outside) = (folder.path().join("root"), folder.path().join("outside"));
        fs::create_dir_all(&outside).unwrap();
        fs::write(outside.join("secret.V3"), "secret").unwrap();
        for inside in [
            "27/0/20210201/1118/0951044.V3",
            "15/0/20201119/186/142702.V3",
            "录音/客服 1.wav",
            "%2e%2e/x.V3",
            "..x/...y.V3",
            "console.V3",
            "trailing.",
            "trailing ",
            "a:b",
            "CON",
            "nul.V3",
        ] {
            let file = root.join(inside);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, INSIDE).unwrap();
        }
        symlink(outside.join("secret.V3"), root.join("link.V3")).unwrap();
        symlink("../outside", root.join("linked")).unwrap();
        symlink(&outside, root.join("absolute")).unwrap();
        symlink("../outside/secret.V3", root.join("27/up.V3")).unwrap();
        symlink("0951044.V3", root.join("27/0/20210201/1118/same.V3")).unwrap();
        symlink("nowhere", root.join("dangling.V3")).unwrap();
        symlink("/proc/self/root", root.join("magic")).unwrap();
        rustix::fs::mkfifoat(CWD, root.join("pipe.V3"), Mode::RUSR | Mode::WUSR).unwrap();
        let socket = UnixListener::bind(root.join("socket.V3")).unwrap();
        Self { folder, _socket: socket }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    fn mapped(&self, prefixes: &[&str]) -> MappedRoots {
        let map = |prefix: &&str| MappedRoot { prefix: (*prefix).to_owned(), folder: self.root() };
        MappedRoots::new(prefixes.iter().map(map).collect()).unwrap()
    }
}

fn content(mut file: File) -> String {
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    text
}

/// `open` where the file opens, else the error's code; no error names a folder of this machine.
fn outcome(share: &Share, roots: &MappedRoots, written: &str) -> &'static str {
    match roots.open(written) {
        Ok(file) => {
            assert_eq!(content(file), INSIDE, "{written:?}");
            "open"
        }
        Err(error) => {
            let told = format!("{error} {} {error:?}", error.for_operator());
            for secret in [share.folder.path().to_str().unwrap(), "outside", "secret"] {
                assert!(!told.contains(secret), "{written:?}: {told}");
            }
            error.code()
        }
    }
}

#[test]
fn right_spellings_open_and_all_others_do_not() {
    let share = Share::new();
    let roots = share.mapped(&["Y:", "/"]);
    let long = format!("Y:\\{}\\x.V3", "a".repeat(256));
    let very_long = format!("Y:{}\\x.V3", "\\a".repeat(600));
    for (written, expected) in [
        // Both separators, mixed; either case of the drive; without a drive.
        (r"Y:\27\0\20210201\1118\0951044.V3", "open"),
        ("Y:/15/0/20201119/186/142702.V3", "open"),
        (r"y:\27/0\20210201/1118\0951044.V3", "open"),
        ("/27/0/20210201/1118/0951044.V3", "open"),
        (r"\27\0\20210201\1118\0951044.V3", "open"),
        ("Y:/录音/客服 1.wav", "open"),
        ("Y:/console.V3", "open"),
        // Two dots are only a way up where they are a whole name, and are never decoded.
        ("Y:/..x/...y.V3", "open"),
        ("Y:/%2e%2e/x.V3", "open"),
        ("Y:/%2e%2e/outside/secret.V3", "path_not_found"),
        ("Y:/27/%2e%2e/console.V3", "path_not_found"),
        ("Y:/27%2f0%2f20210201", "path_not_found"),
        // Ways up.
        (r"Y:\..\outside\secret.V3", "path_refused"),
        ("Y:/27/../../outside/secret.V3", "path_refused"),
        ("Y:/27/0/../../console.V3", "path_refused"),
        ("/../outside/secret.V3", "path_refused"),
        ("Y:/./console.V3", "path_refused"),
        ("Y:/27/..", "path_refused"),
        // Links, also those that stay inside, lead nowhere, or are made by the kernel.
        ("Y:/link.V3", "path_refused"),
        ("Y:/linked/secret.V3", "path_refused"),
        ("Y:/absolute/secret.V3", "path_refused"),
        ("Y:/27/up.V3", "path_refused"),
        ("Y:/27/0/20210201/1118/same.V3", "path_refused"),
        ("Y:/dangling.V3", "path_refused"),
        ("Y:/magic/etc/passwd", "path_refused"),
        // Servers, devices, streams.
        (r"\\server\share\1.V3", "path_refused"),
        ("//server/share/1.V3", "path_refused"),
        (r"/\server\1.V3", "path_refused"),
        (r"\\?\Y:\console.V3", "path_refused"),
        (r"\\.\Y:\console.V3", "path_refused"),
        (r"\\?\GLOBALROOT\Device\x", "path_refused"),
        ("Y:/console.V3:stream", "path_refused"),
        ("Y:/console.V3::$DATA", "path_refused"),
        ("Y:/a:b", "path_refused"),
        ("Y:/CON", "path_refused"),
        ("Y:/nul.V3", "path_refused"),
        ("Y:/27/NUL .tar.V3", "path_refused"),
        ("Y:/com1.V3", "path_refused"),
        ("Y:/LPT9/1.V3", "path_refused"),
        ("Y:/COM¹.V3", "path_refused"),
        ("Y:/conin$", "path_refused"),
        ("Y:/com10.V3", "path_not_found"),
        ("Y:/comx.V3", "path_not_found"),
        // What Windows would drop or refuse.
        ("Y:/trailing.", "path_refused"),
        ("Y:/trailing ", "path_refused"),
        ("Y:/console.V3.", "path_refused"),
        ("Y:/27. /0/x", "path_refused"),
        ("Y:/console.V3\n", "path_refused"),
        ("Y:/console.V3\0.wav", "path_refused"),
        ("Y:/27\t/x", "path_refused"),
        ("Y:/27\u{85}/x", "path_refused"),
        // Not absolute, on another drive, a URL, nothing.
        ("27/0/20210201/1118/0951044.V3", "path_refused"),
        ("console.V3", "path_refused"),
        ("Y:console.V3", "path_refused"),
        ("Y:27/0", "path_refused"),
        ("Y:", "path_refused"),
        (r"Y:\", "path_refused"),
        ("/", "path_refused"),
        ("", "path_refused"),
        (r"C:\console.V3", "path_unmapped"),
        ("Z:/console.V3", "path_unmapped"),
        ("1:/console.V3", "path_refused"),
        ("YY:/console.V3", "path_refused"),
        ("Ｙ:/console.V3", "path_refused"),
        ("file:///console.V3", "path_refused"),
        ("http://127.0.0.1/console.V3", "path_refused"),
        ("Y:/Y:/console.V3", "path_refused"),
        ("Y:/27//0", "path_refused"),
        ("Y:/27/0/", "path_refused"),
        (&long, "path_refused"),
        (&very_long, "path_refused"),
        // There, but nothing to read.
        ("Y:/27", "path_not_a_file"),
        ("Y:/pipe.V3", "path_not_a_file"),
        ("Y:/socket.V3", "path_not_a_file"),
        ("Y:/27/none.V3", "path_not_found"),
        ("Y:/console.V3/x", "path_not_found"),
        ("Y:/27／0", "path_not_found"),
    ] {
        assert_eq!(outcome(&share, &roots, written), expected, "{written:?}");
    }
}

#[test]
fn another_file_system_and_a_device_are_not_reached() {
    let map = |prefix: &str, folder: &str| MappedRoot {
        prefix: prefix.to_owned(),
        folder: PathBuf::from(folder),
    };
    let roots = MappedRoots::new(vec![map("P:", "/"), map("Q:", "/dev")]).unwrap();
    let error = roots.open("P:/proc/version").unwrap_err();
    assert!(matches!(error, FetchError::PathRefused(PathFault::Outside)), "{error:?}");
    // A container may have the device as a mount of its own.
    let error = roots.open("Q:/full").unwrap_err();
    assert!(
        matches!(error, FetchError::NotAFile | FetchError::PathRefused(PathFault::Outside)),
        "{error:?}"
    );
}

#[test]
fn the_longest_prefix_decides() {
    let folder = tempfile::tempdir().unwrap();
    let mut roots = Vec::new();
    for (prefix, name) in
        [("/", "all"), ("/recordings", "some"), (r"/recordings/2021\", "few"), ("y:/2021", "drive")]
    {
        let root = folder.path().join(name);
        fs::create_dir(&root).unwrap();
        fs::write(root.join("1.V3"), name).unwrap();
        roots.push(MappedRoot { prefix: prefix.to_owned(), folder: root });
    }
    let roots = MappedRoots::new(roots).unwrap();
    let read = |written: &str| content(roots.open(written).unwrap());
    assert_eq!(read("/1.V3"), "all");
    assert_eq!(read("/recordings/1.V3"), "some");
    assert_eq!(read(r"\recordings\2021\1.V3"), "few");
    assert_eq!(read(r"Y:\2021\1.V3"), "drive");
    let code = |written: &str| roots.open(written).unwrap_err().code();
    assert_eq!(code("/recordings2/1.V3"), "path_not_found");
    assert_eq!(code("/Recordings/1.V3"), "path_not_found");
    assert_eq!(code(r"Y:\2022\1.V3"), "path_unmapped");
    assert_eq!(code(r"Y:\2021"), "path_not_a_file");
    assert_eq!(code("/recordings"), "path_not_a_file");
}

#[test]
fn a_wrong_mapping_is_told() {
    let map = |prefix: &str, folder: &str| {
        let folder = PathBuf::from(folder);
        MappedRoots::new(vec![MappedRoot { prefix: prefix.to_owned(), folder }])
    };
    for prefix in ["", "Y", "recordings", r"\\server\share", "Y:x", "/a/../b", "/a//b", "//", "Y::"]
    {
        let error = map(prefix, "/srv").unwrap_err();
        assert!(matches!(error, MappingError::Prefix { .. }), "{prefix}: {error}");
    }
    assert!(matches!(map("Y:", "srv"), Err(MappingError::FolderNotAbsolute { .. })));
    let twice = ["Y:", r"y:\"]
        .map(|prefix| MappedRoot { prefix: prefix.to_owned(), folder: PathBuf::from("/srv") });
    assert!(matches!(MappedRoots::new(twice.to_vec()), Err(MappingError::PrefixTwice { .. })));
}

#[test]
fn a_share_that_is_away_may_be_back_later() {
    let share = Share::new();
    let roots = share.mapped(&["Y:"]);
    fs::rename(share.root(), share.folder.path().join("away")).unwrap();
    let error = roots.open("Y:/console.V3").unwrap_err();
    assert_eq!((error.code(), error.retryable()), ("path_root_unavailable", true));
    fs::rename(share.folder.path().join("away"), share.root()).unwrap();
    assert_eq!(content(roots.open("Y:/console.V3").unwrap()), INSIDE);
    // So may a file; what is written wrongly stays wrong.
    assert!(roots.open("Y:/late.V3").unwrap_err().retryable());
    assert!(!roots.open("Y:/../late.V3").unwrap_err().retryable());
    assert!(!roots.open("Z:/late.V3").unwrap_err().retryable());
}

#[test]
fn the_longest_path_is_configurable() {
    let share = Share::new();
    let roots = share.mapped(&["Y:"]).with_max_path_bytes(13);
    assert_eq!(outcome(&share, &roots, "Y:/console.V3"), "open");
    assert_eq!(outcome(&share, &roots, "Y:/console.V34"), "path_refused");
}

/// A small generator with a seed, so that a failure can be had again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        // xorshift64* of Vigna, "An experimental exploration of Marsaglia's xorshift generators".
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

#[test]
fn five_thousand_generated_paths_open_nothing_but_files_of_the_share() {
    const STARTS: &[&str] =
        &["Y:", "y:", "", "", "Y:", "\\\\?\\Y:", "\\\\.\\", "file://", "Z:", "C:", "/", "Y"];
    const SEPARATORS: &[&str] = &["/", "\\", "/", "\\", "//", "\\/", "／", "%2f", "∕", ""];
    const NAMES: &[&str] = &[
        "linked/secret.V3",
        "linked\\secret.V3",
        "absolute/secret.V3",
        "../outside/secret.V3",
        "..\\root/console.V3",
        "27",
        "0",
        "20210201",
        "1118",
        "0951044.V3",
        "console.V3",
        "linked",
        "secret.V3",
        "link.V3",
        "..",
        ".",
        "...",
        "%2e%2e",
        "%2E.",
        "..x",
        "...y.V3",
        "x.V3",
        "outside",
        "root",
        "pipe.V3",
        "socket.V3",
        "up.V3",
        "same.V3",
        "magic",
        "proc",
        "self",
        "etc",
        "passwd",
        "CON",
        "nul.V3",
        "trailing.",
        "trailing ",
        "a:b",
        "录音",
        "客服 1.wav",
        "",
        "\u{0}",
        "\n",
        "．．",
        "~",
        "*",
        "$HOME",
        "root.",
        " ",
        "dangling.V3",
        "Y:",
        "\u{202e}",
        "aux.wav",
        "com1",
    ];
    let share = Share::new();
    let roots = share.mapped(&["Y:", "/"]);
    let mut inside = HashSet::new();
    walk(&share.root(), &mut inside);
    assert_eq!(inside.len(), 11);

    let mut dice = Dice(0x05ee_d000_0000_0027);
    let (mut opened, mut codes) = (0, HashSet::new());
    for _ in 0..5000 {
        let mut written = dice.pick(STARTS).to_owned();
        // Every other one begins as a right path does, so that the rest is looked at, too.
        let way = ["27", "0", "20210201", "1118", "0951044.V3"];
        let right = if dice.below(2) == 0 { 1 + dice.below(5) } else { 0 };
        for name in way.iter().take(right) {
            written.push_str(["/", "\\"][dice.below(2)]);
            written.push_str(name);
        }
        let more = dice.below(5);
        let more = if right == 5 { more.saturating_sub(3) } else { more };
        for _ in 0..more {
            written.push_str(dice.pick(SEPARATORS));
            written.push_str(dice.pick(NAMES));
        }
        match roots.open(&written) {
            Ok(file) => {
                let found = file.metadata().unwrap();
                assert!(found.is_file(), "{written:?}");
                assert!(inside.contains(&(found.dev(), found.ino())), "{written:?}");
                assert!(!written.split(['/', '\\']).any(|name| name == ".."), "{written:?}");
                opened += 1;
            }
            Err(error) => {
                codes.insert(error.code());
            }
        }
    }
    assert!(opened > 100, "only {opened} opened: the generator misses the point");
    for code in ["path_refused", "path_unmapped", "path_not_found", "path_not_a_file"] {
        assert!(codes.contains(code), "{code} never came");
    }
}

/// The regular files below a folder, links not followed.
fn walk(folder: &Path, found: &mut HashSet<(u64, u64)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let kind = fs::symlink_metadata(&path).unwrap();
        if kind.is_dir() {
            walk(&path, found);
        } else if kind.is_file() {
            found.insert((kind.dev(), kind.ino()));
        }
    }
}

#[test]
fn a_folder_that_is_swapped_for_a_link_all_the_time_leads_nowhere_else() {
    const ENOUGH: usize = 300;
    const AT_MOST: usize = 2_000_000;
    let share = Share::new();
    let (day, trap) = (share.root().join("day"), share.root().join("trap"));
    fs::create_dir(&day).unwrap();
    // The same name on both sides: who follows the link reads the wrong one.
    fs::write(day.join("secret.V3"), INSIDE).unwrap();
    symlink("../outside", &trap).unwrap();
    let roots = share.mapped(&["Y:"]);

    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        // Also where the test fails, or it would wait for the swapper for ever.
        let _stop = StopAtEnd(&stop);
        let swapper = scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                rustix::fs::renameat_with(CWD, &day, CWD, &trap, RenameFlags::EXCHANGE).unwrap();
            }
        });
        let (mut opened, mut refused) = (0, 0);
        for _ in 0..AT_MOST {
            match roots.open("Y:/day/secret.V3") {
                Ok(file) => {
                    assert_eq!(content(file), INSIDE);
                    opened += 1;
                }
                Err(error) => {
                    let code = error.code();
                    assert!(matches!(code, "path_refused" | "path_changed"), "{error:?}");
                    refused += 1;
                }
            }
            if opened >= ENOUGH && refused >= ENOUGH {
                break;
            }
        }
        assert!(!swapper.is_finished(), "nobody swaps");
        assert!(opened >= ENOUGH && refused >= ENOUGH, "{opened} opened, {refused} refused");
    });
}

struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
