//! Recordings that are none, that are damaged, or that were made to do harm, from the upload to the
//! score.

use std::process::Command;

use serde_json::{Value, json};

use crate::dice::Dice;
use crate::mutants::{memory_kib, run_alone};
use crate::sound::short;
use crate::stage::{CCISQM, Stage};

/// Uploads a recording; the call, or the status of the refusal.
fn upload(stage: &Stage, token: &str, name: &str, recording: &[u8]) -> Result<String, u16> {
    let mut body = format!(
        "--b0und-of-a-test\r\ncontent-disposition: form-data; name=\"recording\"; \
         filename=\"{name}\"\r\n\r\n"
    )
    .into_bytes();
    body.extend(recording);
    // Words are there, so that nothing but the sound decides.
    body.extend(
        b"\r\n--b0und-of-a-test\r\ncontent-disposition: form-data; name=\"transcript\"; \
          filename=\"a.vtt\"\r\n\r\nWEBVTT\n\n00:00.200 --> 00:01.800\n<v Agent>Good morning.\n\
          \r\n--b0und-of-a-test--\r\n",
    );
    let bearer = format!("Bearer {token}");
    let headers = [
        ("content-type", "multipart/form-data; boundary=b0und-of-a-test"),
        ("authorization", bearer.as_str()),
    ];
    let reply = stage.send("POST", "/v1/calls/upload", &headers, Some(&body));
    match reply.status {
        202 => Ok(reply.json()["calls"][0].as_str().unwrap().to_owned()),
        status => Err(status),
    }
}

/// The status as Huawei's API numbers it.
fn huaweis_status(stage: &Stage, token: &str, call: &str) -> Value {
    let asked = json!({ "call_uuid": call });
    let path = format!("{CCISQM}/appraisecall/detail");
    stage.post(&path, token, &asked).expect(200).json()["status"].clone()
}

/// A WAV whose header says these things, with two seconds of samples behind it.
fn wav(channels: u16, rate_hz: u32, bits: u16, declared: Option<u32>) -> Vec<u8> {
    let sound: Vec<u8> = (0..32_000_u32).map(|n| (n.wrapping_mul(40_503) >> 9) as u8).collect();
    let mut wav = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0".to_vec();
    wav.extend(channels.to_le_bytes());
    wav.extend(rate_hz.to_le_bytes());
    let frame = channels.wrapping_mul(bits / 8);
    wav.extend(rate_hz.wrapping_mul(u32::from(frame)).to_le_bytes());
    wav.extend(frame.to_le_bytes());
    wav.extend(bits.to_le_bytes());
    wav.extend(b"data");
    wav.extend(declared.unwrap_or(32_000).to_le_bytes());
    wav.extend(sound);
    wav
}

/// Ends as a call whose recording is invalid, at once and for good, and says why.
#[track_caller]
fn invalid(stage: &Stage, token: &str, name: &str, recording: &[u8], part: &str) {
    let call = upload(stage, token, name, recording).unwrap();
    let row = stage.wait_for(&call, token);
    assert_eq!(row["failure"], "recording_invalid", "{name}, {part}: {row}");
    assert!(row["detail"].as_str().unwrap().contains(part), "{name}, {part}: {row}");
    assert_eq!(huaweis_status(stage, token, &call), "40", "{name}, {part}");
    let jobs = stage.get(&format!("/v1/jobs?state=dead&call={call}"), token).expect(200).json();
    assert_eq!(jobs["jobs"][0]["attempts"], 1, "{name}, {part}: {jobs}");
    stage.get(&format!("/v1/calls/{call}/findings"), token).expect(409);
}

/// Ends with a score; what is said to be missing.
#[track_caller]
fn scored(stage: &Stage, token: &str, name: &str, recording: &[u8]) -> Option<String> {
    let call = upload(stage, token, name, recording).unwrap();
    let row = stage.wait_for(&call, token);
    assert_eq!(row["state"], "done", "{name}: {row}");
    assert_eq!(huaweis_status(stage, token, &call), "2", "{name}");
    let measures = stage.get(&format!("/v1/calls/{call}/measures"), token).expect(200).json();
    measures["recording"]["partial"].as_str().map(str::to_owned)
}

#[test]
fn what_is_no_recording_ends_as_40_and_what_is_part_of_one_is_scored() {
    let stage = Stage::new();
    let token = stage.token("default-administrator");
    let bad = |name: &str, recording: &[u8], part: &str| {
        invalid(&stage, &token, name, recording, part);
    };
    assert_eq!(upload(&stage, &token, "call.wav", b""), Err(400));
    let whole = wav(1, 8_000, 16, None);
    bad("header.wav", &wav(1, 8_000, 16, Some(0))[..44], "a header and no samples");
    let noise: Vec<u8> =
        (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8 & 0xf7).collect();
    bad("noise.wav", &noise, "bytes of no known kind");
    bad("zeros.mp3", &[0; 4_096], "nothing but zeros");
    bad("paper.wav", b"%PDF-1.7\n...", "a PDF document");
    bad("missing.mp3", b"<!DOCTYPE html><html><body>404</body>", "an HTML page");
    bad("packed.wav", b"\x1f\x8b\x08\0\0\0\0\0", "gzip data");
    bad("list.wav", b"#EXTM3U\nhttp://127.0.0.1/a.wav\n", "a playlist");
    bad("list.mp3", b"ffconcat version 1.0\nfile /etc/passwd\n", "a playlist");
    bad("notes.V3", b"just some notes about a call", "text");
    bad("none.wav", &wav(0, 8_000, 16, None), "0 channels");
    bad("many.wav", &wav(65_535, 8_000, 16, None), "at most 8 channels");
    bad("still.wav", &wav(1, 0, 16, None), "0 Hz");
    bad("slow.wav", &wav(1, 1, 16, None), "a rate of at least 4000 Hz");
    bad("fast.wav", &wav(1, 4_000_000_000, 16, None), "192000 hertz");
    bad("wide.wav", &wav(1, 8_000, 7_000, None), "7000 bits");
    bad("silence.g729", &[0xf8; 602], "frames of 10 bytes");

    let good = |name: &str, recording: &[u8]| scored(&stage, &token, name, recording);
    assert_eq!(good("whole.wav", &whole), None);
    // The content decides, not the name.
    assert_eq!(good("whole.mp3", &whole), None);
    assert_eq!(good("whole", &whole), None);
    for declared in [0, u32::MAX] {
        let partial = good("died.wav", &wav(1, 8_000, 16, Some(declared))).unwrap();
        assert!(partial.contains("the header gives no length"), "{partial}");
    }
    let partial = good("cut.wav", &whole[..20_000]).unwrap();
    assert!(partial.contains("the file ends at byte 20000"), "{partial}");
    let partial = good("long.wav", &wav(1, 8_000, 16, Some(0xffff_fff0))).unwrap();
    assert!(partial.contains("the file ends at byte 32044"), "{partial}");
}

/// A few seconds of sound in a codec, made by ffmpeg.
fn encoded(folder: &std::path::Path, codec: &str, name: &str) -> Vec<u8> {
    let whole = folder.join("in.wav");
    std::fs::write(&whole, short()).unwrap();
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-i"])
        .arg(&whole)
        .args(codec.split(' '))
        .arg(folder.join(name))
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    std::fs::read(folder.join(name)).unwrap()
}

#[test]
#[ignore = "needs ffmpeg"]
fn what_is_left_of_a_compressed_recording_is_scored() {
    let stage = Stage::new();
    let token = stage.token("default-administrator");
    let folder = tempfile::tempdir().unwrap();
    for (codec, name) in [
        ("-c:a libmp3lame -b:a 32k", "call.mp3"),
        ("-c:a libopus", "call.opus"),
        ("-c:a flac", "call.flac"),
        ("-c:a aac", "call.mkv"),
    ] {
        let bytes = encoded(folder.path(), codec, name);
        let partial = scored(&stage, &token, name, &bytes[..bytes.len() * 2 / 3]);
        assert!(partial.is_some(), "{name} is said to be whole");
    }
    let bytes = encoded(folder.path(), "-c:a aac", "call.m4a");
    // The index is at the end.
    invalid(&stage, &token, "call.m4a", &bytes[..bytes.len() / 2], "call.m4a");
}

/// One of the ways in which files go bad.
fn damage(bytes: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..=dice.below(3) {
        if bytes.is_empty() {
            return;
        }
        // Half of the damage goes to the head, where it does most.
        let reach = if dice.one_in(2) { bytes.len() } else { bytes.len().min(256) };
        let at = dice.below(reach);
        let end = (at + 1 + dice.below(2_000)).min(bytes.len());
        match dice.below(7) {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << dice.below(8),
            2 => {
                for _ in 0..bytes.len().div_ceil(200) {
                    let at = dice.below(bytes.len());
                    bytes[at] = dice.byte();
                }
            }
            3 => bytes[at..end.min(at + 4)].fill(*dice.pick(&[0, 1, 0x7f, 0x80, 0xff])),
            4 => {
                bytes.drain(at..end);
            }
            5 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => bytes[at..end].iter_mut().for_each(|byte| *byte = dice.byte()),
        }
    }
}

/// Damages recordings so many times and sees each to its end.
fn see_through(recordings: &[(&str, Vec<u8>)], count: usize, seed: u64) {
    let stage = Stage::new();
    let token = stage.token("default-administrator");
    let mut dice = Dice::new(seed);
    let mut ends = std::collections::BTreeMap::<String, usize>::new();
    let mut most_memory = 0;
    for round in 0..count.div_ceil(50) {
        let mut calls = Vec::new();
        for number in 0..50.min(count - round * 50) {
            let (name, whole) = dice.pick(recordings);
            let mut bytes = whole.clone();
            damage(&mut bytes, &mut dice);
            match upload(&stage, &token, name, &bytes) {
                Ok(call) => calls.push(call),
                Err(status) => {
                    assert_eq!(status, 400, "number {number} of round {round}, seed {seed}");
                    assert!(bytes.is_empty());
                }
            }
        }
        for call in calls {
            let row = stage.wait_for(&call, &token);
            let end = row["failure"].as_str().or(row["state"].as_str()).unwrap().to_owned();
            assert!(
                ["done", "recording_invalid"].contains(&end.as_str()),
                "round {round}, seed {seed}: {row}"
            );
            *ends.entry(end).or_default() += 1;
        }
        most_memory = most_memory.max(memory_kib());
    }
    assert!(ends.len() == 2, "only {ends:?}: the damage is too small or too large");
    assert!(most_memory < 300 << 10, "{most_memory} KiB in this process");
    assert_eq!(stage.files("temp"), Vec::<String>::new());
}

fn from_environment(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |number| number.parse().unwrap())
}

/// `FAIRHEARING_RECORDINGS` makes it longer, `FAIRHEARING_SEED` picks others.
#[test]
fn damaged_recordings_end_scored_or_refused() {
    if !run_alone("bad_recordings::damaged_recordings_end_scored_or_refused") {
        return;
    }
    let recordings = [
        ("stereo.wav", short()),
        ("mono.wav", wav(1, 8_000, 16, None)),
        ("bytes.wav", wav(1, 8_000, 8, None)),
        ("wide.wav", wav(2, 48_000, 32, None)),
    ];
    let count = from_environment("FAIRHEARING_RECORDINGS", 150);
    see_through(
        &recordings,
        usize::try_from(count).unwrap(),
        from_environment("FAIRHEARING_SEED", 1),
    );
}

#[test]
#[ignore = "needs ffmpeg"]
fn damaged_compressed_recordings_end_scored_or_refused() {
    if !run_alone("bad_recordings::damaged_compressed_recordings_end_scored_or_refused") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let recordings = [
        ("-c:a libmp3lame -b:a 32k", "call.mp3"),
        ("-c:a libopus", "call.opus"),
        ("-c:a flac", "call.flac"),
        ("-c:a aac", "call.m4a"),
        ("-c:a libvorbis", "call.ogg"),
        ("-c:a aac", "call.mkv"),
        ("-c:a pcm_mulaw", "mulaw.wav"),
        ("-c:a adpcm_ima_wav", "ima.wav"),
    ]
    .map(|(codec, name)| (name, encoded(folder.path(), codec, name)));
    let count = from_environment("FAIRHEARING_RECORDINGS", 150);
    see_through(
        &recordings,
        usize::try_from(count).unwrap(),
        from_environment("FAIRHEARING_SEED", 2),
    );
}
