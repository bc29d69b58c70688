//! Every decoder gives the samples that it should.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::fs;

use fh_audio::{
    ListenOptions, PreviewOptions, SandboxPolicy, SandboxSupport, VoiceActivityChoice, listen,
    preview,
};
use fh_model::{ChannelIndex, Completeness, DecoderPath, Millis, RoleMap, Span};
use support::{Folder, best_match, decode_all, options, partial_reason, speech, wav, wav_16};

/// Four frames of two channels, and what they are on a scale of 16 bits.
const FRAMES: [[i16; 2]; 4] = [[0, -32_768], [16_384, 256], [-16_384, -256], [32_512, 8]];

fn check_exact(name: &str, file: &[u8], channels: usize, format: &str, tolerance: f32) {
    let folder = Folder::new();
    let (recording, samples) = decode_all(&folder.write(name, file), &options()).unwrap();
    assert_eq!(recording.format, format);
    assert_eq!(recording.completeness, Completeness::Complete, "{format}");
    assert_eq!(usize::from(recording.channels), channels, "{format}");
    for (channel, samples) in samples.iter().enumerate() {
        let expected: Vec<f32> =
            FRAMES.iter().map(|frame| f32::from(frame[channel]) / 32_768.0).collect();
        assert_eq!(samples.len(), expected.len(), "{format}");
        for (found, expected) in samples.iter().zip(&expected) {
            assert!((found - expected).abs() <= tolerance, "{format}: {samples:?}");
        }
    }
}

fn bytes_of(each: impl Fn(i16) -> Vec<u8>) -> Vec<u8> {
    FRAMES.iter().flatten().flat_map(|sample| each(*sample)).collect()
}

#[test]
fn wav_of_every_width_is_exact() {
    let check = |tag, bits, format: &str, tolerance, each: fn(i16) -> Vec<u8>| {
        let file = wav(tag, 2, 16_000, bits, &bytes_of(each));
        check_exact("call.wav", &file, 2, format, tolerance);
    };
    // 8 bits leave 256 steps: half a step off.
    check(1, 8, "wav/pcm_u8", 0.004, |sample| vec![((i32::from(sample) >> 8) + 128) as u8]);
    check(1, 16, "wav/pcm_s16le", 0.0, |sample| sample.to_le_bytes().into());
    check(1, 24, "wav/pcm_s24le", 0.0, |sample| (i32::from(sample) << 8).to_le_bytes()[..3].into());
    check(1, 32, "wav/pcm_s32le", 0.0, |sample| (i32::from(sample) << 16).to_le_bytes().into());
    check(3, 32, "wav/pcm_f32le", 0.0, |sample| {
        (f32::from(sample) / 32_768.0).to_le_bytes().into()
    });
    check(3, 64, "wav/pcm_f64le", 0.0, |sample| {
        (f64::from(sample) / 32_768.0).to_le_bytes().into()
    });
}

#[test]
fn aiff_is_exact_either_way_round() {
    let aiff = |compression: Option<&[u8; 4]>, data: &[u8]| {
        let mut common = 2_u16.to_be_bytes().to_vec();
        common.extend(4_u32.to_be_bytes());
        common.extend(16_u16.to_be_bytes());
        // 16000 as an 80-bit number: 1.953125 * 2^13.
        common.extend([0x40, 0x0C, 0xFA, 0, 0, 0, 0, 0, 0, 0]);
        if let Some(compression) = compression {
            common.extend(compression);
            common.extend([0, 0]);
        }
        let mut file = b"FORM\0\0\0\0".to_vec();
        file.extend(if compression.is_some() { b"AIFC" } else { b"AIFF" });
        file.extend(b"COMM");
        file.extend((common.len() as u32).to_be_bytes());
        file.extend(&common);
        file.extend(b"SSND");
        file.extend((data.len() as u32 + 8).to_be_bytes());
        file.extend([0; 8]);
        file.extend(data);
        file
    };
    let big = bytes_of(|sample| sample.to_be_bytes().into());
    let little = bytes_of(|sample| sample.to_le_bytes().into());
    check_exact("call.aiff", &aiff(None, &big), 2, "aiff/pcm_s16be", 0.0);
    check_exact("call.aiff", &aiff(Some(b"sowt"), &little), 2, "aiff/pcm_s16le", 0.0);
}

#[test]
fn rf64_takes_its_length_from_the_ds64_chunk() {
    let data = bytes_of(|sample| sample.to_le_bytes().into());
    let plain = wav(1, 2, 16_000, 16, &data);
    let mut file = b"RF64\xFF\xFF\xFF\xFFWAVEds64".to_vec();
    file.extend(28_u32.to_le_bytes());
    file.extend(0_u64.to_le_bytes());
    file.extend((data.len() as u64).to_le_bytes());
    file.extend([0; 12]);
    file.extend(&plain[12..40]);
    file.extend(u32::MAX.to_le_bytes());
    file.extend(&data);
    // What follows the samples is no sound.
    file.extend(b"LIST\x04\0\0\0abcd");
    check_exact("call.wav", &file, 2, "wav/pcm_s16le", 0.0);
}

/// Mu-law and A-law as real files have them: symphonia refuses all but the second form.
#[test]
fn g711_wav_with_any_format_chunk() {
    // 0xE7 is segment 1, step 8: ((8 << 3) + 132 << 1) - 132 = 260. 0x80 is full scale.
    let data = [0xE7, 0x80, 0x7F, 0xFF];
    let expected = [260.0, 32_124.0, 0.0, 0.0].map(|sample: f32| sample / 32_768.0);
    let extensions: [&[u8]; 4] = [
        &[],
        &[0, 0],
        &[2, 0, 0x40, 1],
        // Extensible: 22 bytes, valid bits, speakers, the GUID of mu-law.
        &[
            22, 0, 8, 0, 4, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B,
            0x71,
        ],
    ];
    for extension in extensions {
        let plain = wav(7, 1, 16_000, 8, &data);
        let mut file = plain[..16].to_vec();
        file.extend((16 + extension.len() as u32).to_le_bytes());
        file.extend(&plain[20..36]);
        file.extend(extension);
        file.extend(&plain[36..]);
        if extension.len() > 20 {
            file[20..22].copy_from_slice(&0xFFFE_u16.to_le_bytes());
        }
        let folder = Folder::new();
        let (recording, samples) =
            decode_all(&folder.write("call.wav", &file), &options()).unwrap();
        assert_eq!(recording.format, "wav/pcm_mulaw");
        assert_eq!(samples[0], expected, "format chunk of {} bytes", 16 + extension.len());
    }
}

/// Headerless files: which codec, by the call's length.
#[test]
fn headerless_files_are_told_apart_by_the_length_of_the_call() {
    let folder = Folder::new();
    let check = |name: &str, bytes: usize, seconds: Option<u64>, format: &str, length: u64| {
        let path = folder.write(name, &vec![0x80; bytes]);
        let mut options = options();
        options.expected_duration = seconds.map(Millis::from_secs);
        let (recording, samples) = decode_all(&path, &options).unwrap();
        assert_eq!(recording.format, format, "{bytes} bytes in {seconds:?} s");
        assert_eq!(recording.duration, Millis(length));
        assert_eq!(samples[0].len() as u64, length * 16);
    };
    // 60 s: 180,000 bytes of 24 kbit/s, 240,000 of 32 kbit/s, 480,000 of 64 kbit/s.
    check("142702.V3", 180_000, Some(60), "raw/adpcm_oki_6000", 60_000);
    check("142702.V3", 240_000, Some(60), "raw/adpcm_oki_8000", 60_000);
    check("142702.V3", 480_000, Some(60), "raw/pcm_alaw", 60_000);
    // The call's times are whole seconds and include the ringing.
    check("142702.V3", 177_000, Some(66), "raw/adpcm_oki_6000", 59_000);
    check("142702.V3", 30_000, None, "raw/adpcm_oki_6000", 10_000);
    check("142702.vox", 40_000, None, "raw/adpcm_oki_8000", 10_000);
    check("142702.al", 8_000, None, "raw/pcm_alaw", 1_000);
    check("142702.ulaw", 8_000, None, "raw/pcm_mulaw", 1_000);

    let path = folder.write("142702.V3", &[0x80; 1_000_000]);
    let mut wrong = options();
    wrong.expected_duration = Some(Millis::from_secs(60));
    let error = decode_all(&path, &wrong).unwrap_err();
    assert_eq!(error.code(), "headerless_length");
    assert!(error.to_string().contains("180000, 240000, 480000"), "{error}");
}

#[test]
#[ignore = "needs sox"]
fn dialogic_adpcm_is_what_sox_makes_of_it() {
    for rate in [6_000, 8_000] {
        let folder = Folder::new();
        folder.write("in.wav", &wav_16(1, rate, &speech(rate, 5.0, 1)));
        folder.run("sox", "-D in.wav -t vox call.vox");
        folder.run("sox", &format!("-D -t vox -r {rate} -c 1 call.vox -b 16 sox.wav"));
        // Through the same resampler, so that what differs is the decoder.
        let mut options = options();
        options.expected_duration = Some(Millis::from_secs(5));
        let (recording, ours) = decode_all(&folder.path("call.vox"), &options).unwrap();
        assert_eq!(recording.format, format!("raw/adpcm_oki_{rate}"));
        let (_, sox) = decode_all(&folder.path("sox.wav"), &options).unwrap();
        assert!(ours == sox, "{rate} Hz");
    }
}

/// Any bytes are a stream: these also run into both ends of the scale.
#[test]
#[ignore = "needs ffmpeg"]
fn dialogic_adpcm_is_what_ffmpeg_makes_of_any_bytes() {
    let folder = Folder::new();
    let mut state = 1_u32;
    let bytes: Vec<u8> = (0..60_000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    folder.write("call.vox", &bytes);
    folder.ffmpeg("-f u8 -c:a adpcm_ima_oki -ar 8000 -ac 1 -i call.vox ffmpeg.wav");
    let (_, ours) = decode_all(&folder.path("call.vox"), &options()).unwrap();
    let (_, theirs) = decode_all(&folder.path("ffmpeg.wav"), &options()).unwrap();
    assert!(ours == theirs);
}

/// One format: made by ffmpeg out of 6 s of something like speech, decoded here and by ffmpeg.
struct Case {
    /// What ffmpeg is told to make.
    make: &'static str,
    /// The file, whose name decides nothing.
    name: &'static str,
    rate_hz: u32,
    channels: usize,
    format: &'static str,
    decoder: DecoderPath,
    /// Least likeness to what ffmpeg decodes, in dB: 40 where both resample with their own filter.
    least_db: f64,
}

const fn case(
    make: &'static str,
    name: &'static str,
    rate_hz: u32,
    channels: usize,
    format: &'static str,
    decoder: DecoderPath,
) -> Case {
    Case { make, name, rate_hz, channels, format, decoder, least_db: 38.0 }
}

const CASES: &[Case] = {
    use DecoderPath::{Ffmpeg, Symphonia, Wav};
    &[
        case("-c:a pcm_mulaw", "a.wav", 8_000, 2, "wav/pcm_mulaw", Wav),
        case("-c:a pcm_alaw", "a.wav", 8_000, 2, "wav/pcm_alaw", Wav),
        case("-c:a pcm_s16le -rf64 always", "a.wav", 16_000, 2, "wav/pcm_s16le", Wav),
        case("-c:a pcm_s24le", "a.wav", 48_000, 2, "wav/pcm_s24le", Wav),
        case("-c:a adpcm_ima_wav", "a.wav", 8_000, 2, "wav/adpcm_ima_wav", Wav),
        case("-c:a adpcm_ms", "a.wav", 8_000, 2, "wav/adpcm_ms", Wav),
        case("-c:a libmp3lame -b:a 64k", "a.mp3", 44_100, 2, "mp3/mp3", Symphonia),
        case("-c:a libmp3lame -b:a 32k", "a.mp3", 8_000, 2, "mp3/mp3", Symphonia),
        case("-c:a flac", "a.flac", 16_000, 2, "flac/flac", Symphonia),
        case("-c:a flac", "a.oga", 16_000, 1, "ogg/flac", Symphonia),
        case("-c:a libvorbis", "a.ogg", 16_000, 2, "ogg/vorbis", Symphonia),
        case("-c:a aac -b:a 64k", "a.aac", 16_000, 1, "adts/aac", Symphonia),
        case("-c:a aac -b:a 64k", "a.m4a", 16_000, 2, "mp4/aac", Symphonia),
        case("-c:a aac -b:a 32k", "a.m4a", 8_000, 1, "mp4/aac", Symphonia),
        case("-c:a alac", "a.m4a", 16_000, 2, "mp4/alac", Symphonia),
        case("-c:a aac -b:a 64k", "a.mkv", 16_000, 2, "matroska/aac", Symphonia),
        case("-c:a gsm_ms", "a.wav", 8_000, 1, "wav/gsm_ms", Ffmpeg),
        case("-c:a pcm_mulaw", "a.mkv", 8_000, 2, "matroska/pcm_mulaw", Ffmpeg),
        case("-c:a pcm_alaw", "a.caf", 8_000, 2, "caf/pcm_alaw", Ffmpeg),
        case("-c:a pcm_mulaw", "a.au", 8_000, 1, "au/pcm_mulaw", Ffmpeg),
        case("-c:a pcm_s16le", "a.w64", 16_000, 2, "w64/pcm_s16le", Ffmpeg),
        case("-c:a wmav2 -b:a 64k", "a.wma", 16_000, 1, "asf/wmav2", Ffmpeg),
        case("-c:a mp2 -b:a 96k", "a.mp2", 16_000, 1, "mpeg/mp2", Ffmpeg),
        case("-c:a g722", "a.g722", 16_000, 1, "raw/adpcm_g722", Ffmpeg),
        case("-c:a libgsm", "a.gsm", 8_000, 1, "raw/gsm", Ffmpeg),
        case("-c:a libspeex", "a.spx", 16_000, 1, "ogg/speex", Ffmpeg),
        // Against ffmpeg's own decoder at 48 kHz, resampled: another decoder at another rate.
        Case { least_db: 25.0, ..case("-c:a libopus", "a.opus", 16_000, 1, "ogg/opus", Symphonia) },
        Case {
            least_db: 25.0,
            ..case("-c:a libopus", "a.webm", 16_000, 2, "matroska/opus", Symphonia)
        },
    ]
};

#[test]
#[ignore = "needs ffmpeg"]
fn every_format_decodes_as_in_ffmpeg_and_in_time() {
    let mut wrong = Vec::new();
    for case in CASES {
        let folder = Folder::new();
        let sound = speech(case.rate_hz, 6.0, case.channels);
        folder.write("in.wav", &wav_16(case.channels as u16, case.rate_hz, &sound));
        folder.ffmpeg(&format!("-i in.wav {} {}", case.make, case.name));
        let label = format!("{} {} Hz {}", case.format, case.rate_hz, case.name);
        let (recording, samples) = match decode_all(&folder.path(case.name), &options()) {
            Ok(decoded) => decoded,
            Err(error) => {
                wrong.push(format!("{label}: {error}"));
                continue;
            }
        };
        let reference = folder.ffmpeg_decoded(case.name, case.channels);
        if recording.format != case.format || recording.decoder != case.decoder {
            wrong.push(format!("{label}: {} by {:?}", recording.format, recording.decoder));
        }
        if recording.completeness != Completeness::Complete {
            wrong.push(format!("{label}: {:?}", recording.completeness));
        }
        for (channel, (found, expected)) in samples.iter().zip(&reference).enumerate() {
            let (db, lag) = best_match(found, expected, 1_200);
            let ends = found.len().abs_diff(expected.len());
            println!("{label} channel {channel}: {db:.1} dB, lag {lag}, ends {ends} apart");
            // A sample of lag is what two resamplers' rounding of a delay may differ by.
            if db < case.least_db || lag.abs() > 1 {
                wrong.push(format!("{label} channel {channel}: {db:.1} dB at lag {lag}"));
            }
            // ffmpeg keeps what some codecs pad the last frame with.
            if ends > 3 * 1_024 {
                wrong.push(format!("{label}: {} samples, {}", found.len(), expected.len()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// AAC begins with 1024 samples of lead-in and Opus with 6.5 ms, which the edit list takes away:
/// against what went in, because ffmpeg reads Opus's edit list at another rate than it wrote it.
#[test]
#[ignore = "needs ffmpeg"]
fn an_mp4_begins_where_the_sound_began() {
    for (rate, codec) in [(8_000, "aac"), (16_000, "aac"), (16_000, "libopus")] {
        let folder = Folder::new();
        let sound = speech(rate, 3.0, 1);
        folder.write("in.wav", &wav_16(1, rate, &sound));
        folder.ffmpeg(&format!("-i in.wav -c:a {codec} -b:a 64k out.mp4"));
        let (_, expected) = decode_all(&folder.path("in.wav"), &options()).unwrap();
        let (recording, found) = decode_all(&folder.path("out.mp4"), &options()).unwrap();
        let (db, lag) = best_match(&found[0], &expected[0], 2_100);
        assert_eq!(lag, 0, "{codec} at {rate} Hz, {db:.1} dB");
        assert_eq!(recording.duration, Millis(3_000), "{codec}");
        assert_eq!(recording.completeness, Completeness::Complete, "{codec}");
    }
}

/// Alibaba's multi-channel recordings: agent and customer as tracks of their own.
#[test]
#[ignore = "needs ffmpeg"]
fn several_tracks_become_channels_in_time() {
    for codec in ["libopus", "aac", "pcm_mulaw", "flac"] {
        let folder = Folder::new();
        let left = speech(8_000, 5.0, 1);
        let right: Vec<i16> = speech(8_000, 3.0, 2).chunks(2).map(|frame| frame[1]).collect();
        folder.write("left.wav", &wav_16(1, 8_000, &left));
        folder.write("right.wav", &wav_16(1, 8_000, &right));
        // The second party joins after 1.5 s.
        folder.ffmpeg(&format!(
            "-i left.wav -itsoffset 1.5 -i right.wav -map 0:a -map 1:a -c:a {codec} both.mkv"
        ));
        let (recording, samples) = decode_all(&folder.path("both.mkv"), &options()).unwrap();
        assert_eq!(recording.channels, 2, "{codec}");
        assert_eq!(recording.completeness, Completeness::Complete, "{codec}");
        let (_, left) = decode_all(&folder.path("left.wav"), &options()).unwrap();
        let (_, right) = decode_all(&folder.path("right.wav"), &options()).unwrap();
        let (_, lag) = best_match(&samples[0], &left[0], 1_100);
        // Matroska's AAC keeps its lead-in of 1024 samples (2048 at 16 kHz), in players as well.
        let lead = if codec == "aac" { 2_048 } else { 0 };
        assert!((lag - lead).abs() <= 200 || codec == "aac", "{codec}: left lags by {lag}");
        let late = &samples[1][24_000..];
        let (_, lag) = best_match(late, &right[0], 2_300);
        assert!((lag - lead).abs() <= 320, "{codec}: right lags by {lag} samples");
        assert!(samples[1][..20_000].iter().all(|sample| *sample == 0.0), "{codec}");
    }
}

#[test]
fn the_name_of_a_file_decides_nothing_where_its_content_does() {
    let folder = Folder::new();
    let file = wav_16(1, 8_000, &speech(8_000, 1.0, 1));
    for name in ["call.mp3", "call.V3", "call.al", "call", "call.wav"] {
        let (recording, _) = decode_all(&folder.write(name, &file), &options()).unwrap();
        assert_eq!(recording.format, "wav/pcm_s16le", "{name}");
        assert_eq!(recording.file_name, name);
    }
}

#[test]
fn the_same_file_gives_the_same_samples_and_the_digest_of_its_bytes() {
    let folder = Folder::new();
    let file = wav_16(2, 44_100, &speech(44_100, 2.0, 2));
    let path = folder.write("call.wav", &file);
    let first = decode_all(&path, &options()).unwrap();
    assert_eq!(first, decode_all(&path, &options()).unwrap());
    assert_eq!(first.0.digest, blake3::hash(&file).to_hex().to_string());
    assert_eq!(first.0.bytes, file.len() as u64);
    assert_eq!(first.0.duration, Millis(2_000));
}

#[test]
fn listening_keeps_the_samples_if_asked() {
    let folder = Folder::new();
    let path = folder.write("call.wav", &wav_16(2, 16_000, &speech(16_000, 2.0, 2)));
    let (_, samples) = decode_all(&path, &options()).unwrap();
    let listen_options = ListenOptions {
        decode: options(),
        roles: RoleMap::default(),
        voice_activity: VoiceActivityChoice::EnergyOnly,
        keep_samples: true,
    };
    let mut progress = Vec::new();
    let heard = listen(&path, &listen_options, &mut |time| progress.push(time)).unwrap();
    assert_eq!(progress.last(), Some(&Millis(2_000)));
    assert_eq!(heard.measures.duration, Millis(2_000));
    let mut sound = heard.sound.unwrap();
    let all = Span::new(Millis(0), Millis(2_000));
    assert_eq!(sound.read(ChannelIndex(1), all).unwrap(), samples[1]);
    // 500 ms to 501 ms are samples 8,000 to 8,016.
    let part = Span::new(Millis(500), Millis(501));
    assert_eq!(sound.read(ChannelIndex(0), part).unwrap(), samples[0][8_000..8_016]);
}

#[test]
fn a_preview_has_peaks_and_plays_in_time() {
    let folder = Folder::new();
    // Channel 0 is silent but for half a second at half of full scale, channel 1 is speech.
    let mut sound = speech(16_000, 3.0, 2);
    for (at, frame) in sound.chunks_mut(2).enumerate() {
        frame[0] = if (16_000..24_000).contains(&at) { 16_384 } else { 0 };
    }
    let path = folder.write("call.wav", &wav_16(2, 16_000, &sound));
    let preview_options = PreviewOptions { bucket: Some(Millis(500)), ..PreviewOptions::default() };
    let made = preview(&path, &options(), &preview_options).unwrap();
    // 0.5 of 255, rounded.
    assert_eq!(made.peaks[0].values, [0, 0, 128, 0, 0, 0]);
    let opus = made.opus.as_ref().unwrap();
    let encoded = folder.write("call.opus", opus);
    let (recording, samples) = decode_all(&encoded, &options()).unwrap();
    assert_eq!((recording.format.as_str(), recording.channels), ("ogg/opus", 2));
    assert_eq!(recording.duration, Millis(3_000));
    assert_eq!(recording.completeness, Completeness::Complete);
    let (_, original) = decode_all(&path, &options()).unwrap();
    let (db, lag) = best_match(&samples[1], &original[1], 300);
    assert!(lag.abs() <= 4 && db > 6.0, "{db:.1} dB at lag {lag}");
    assert_eq!(preview(&path, &options(), &preview_options).unwrap(), made);
}

#[test]
fn two_channels_that_are_one_are_encoded_as_one() {
    let folder = Folder::new();
    let twice: Vec<i16> =
        speech(16_000, 1.0, 1).into_iter().flat_map(|sample| [sample; 2]).collect();
    let path = folder.write("call.wav", &wav_16(2, 16_000, &twice));
    let made = preview(&path, &options(), &PreviewOptions::default()).unwrap();
    assert_eq!(made.peaks.len(), 2);
    // A second in hundredths.
    assert_eq!((made.peaks[0].bucket, made.peaks[0].values.len()), (Millis(10), 100));
    let encoded = folder.write("call.opus", &made.opus.unwrap());
    let (recording, _) = decode_all(&encoded, &options()).unwrap();
    assert_eq!((recording.channels, recording.duration), (1, Millis(1_000)));
}

#[test]
fn this_kernel_can_lock_a_decoder_in() {
    assert!(SandboxSupport::of_this_kernel().is_enough());
}

#[test]
fn it_decodes_without_a_sandbox_if_told_so() {
    let folder = Folder::new();
    let path = folder.write("call.wav", &wav_16(1, 16_000, &speech(16_000, 1.0, 1)));
    let mut off = options();
    off.sandbox = SandboxPolicy::Off;
    assert_eq!(decode_all(&path, &off).unwrap(), decode_all(&path, &options()).unwrap());
}

/// A program in the place of ffmpeg that tries everything a taken-over ffmpeg would try.
const ESCAPES: &str = r#"#!/usr/bin/python3
import os, socket, sys, signal
import ctypes
def attempt(name, act):
    try:
        act()
    except (OSError, MemoryError):
        return
    escaped.append(name)
def write(path):
    with open(path, "w") as file:
        file.write("x")
escaped = []
here = os.path.dirname(os.path.abspath(__file__))
attempt("read a file of the user", lambda: open(here + "/secret").read())
attempt("read /etc/passwd", lambda: open("/etc/passwd").read())
attempt("list the user's folder", lambda: os.listdir(here))
attempt("write a file", lambda: write(here + "/written"))
attempt("write to /tmp", lambda: write("/tmp/fairhearing-escape"))
attempt("open a socket", lambda: socket.socket())
# Waits for it: the news of its end would stop a process that is traced, as this one soon is.
attempt("fork", lambda: os.wait() if os.fork() else os._exit(0))
attempt("signal the parent", lambda: os.kill(os.getppid(), 0))
attempt("read another's memory", lambda: open("/proc/%d/mem" % os.getppid(), "rb"))
attempt("take 3 GB", lambda: bytearray(3 << 30))
libc = ctypes.CDLL(None, use_errno=True)
def call(*numbers):
    if libc.syscall(*numbers) < 0:
        raise OSError(ctypes.get_errno(), "refused")
attempt("ptrace", lambda: call(101, 0, 0, 0, 0) if os.uname().machine == "x86_64" else call(117, 0, 0, 0, 0))
attempt("io_uring", lambda: call(425, 1, ctypes.create_string_buffer(256)))
attempt("unshare", lambda: call(272 if os.uname().machine == "x86_64" else 97, 0x10000000))
try:
    if open("/proc/self/fd/0", "rb").read(4) != b"riff":
        escaped.append("but cannot read its input")
except OSError:
    escaped.append("but cannot read its input")
sys.stderr.write("\nescapes: " + (", ".join(escaped) or "none") + "\n")
sys.exit(1)
"#;

#[test]
#[ignore = "needs python3"]
fn nothing_gets_out_of_the_sandbox() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let program = folder.write("escapes", ESCAPES.as_bytes());
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    folder.write("secret", b"secret");
    let path = folder.write("call.w64", b"riff\x2E\x91\xCF\x11 and so on");
    let mut options = options();
    options.ffmpeg = fh_audio::Ffmpeg::At(program);
    let error = decode_all(&path, &options).unwrap_err();
    assert!(error.to_string().contains("escapes: none"), "{error}");
    // The same without the sandbox, so that the program is known to try. The limits stay.
    options.sandbox = SandboxPolicy::Off;
    let error = decode_all(&path, &options).unwrap_err().to_string();
    assert!(
        error.contains("read a file of the user") && error.contains("open a socket"),
        "{error}"
    );
    assert!(!error.contains("take 3 GB") && !error.contains("write a file"), "{error}");
    let _ = fs::remove_file("/tmp/fairhearing-escape");
}

/// Discontinuous transmission: most frames carry nothing, and all of them count.
#[test]
#[ignore = "needs libopencore-amrnb0"]
fn silence_frames_of_amr_keep_the_time() {
    let folder = Folder::new();
    let mut file = b"#!AMR\n".to_vec();
    for frame in 0..500 {
        // Every eighth frame updates the comfort noise (type 8, 5 bytes), the others are empty
        // (type 15).
        if frame % 8 == 0 {
            file.extend([0x44, 0, 0, 0, 0, 0]);
        } else {
            file.push(0x7C);
        }
    }
    let (recording, _) = decode_all(&folder.write("call.amr", &file), &options()).unwrap();
    assert_eq!(recording.duration, Millis(10_000));
    assert_eq!(recording.completeness, Completeness::Complete);
}

#[test]
fn a_call_shorter_than_its_own_times_is_partial() {
    let folder = Folder::new();
    let path = folder.write("call.al", &[0xD5; 80_000]);
    let mut options = options();
    options.expected_duration = Some(Millis::from_secs(60));
    let (recording, _) = decode_all(&path, &options).unwrap();
    assert_eq!(recording.duration, Millis(10_000));
    assert_eq!(partial_reason(&recording), "decoded 00:10.000 of a call of 01:00.000");
}

#[test]
fn a_wild_float_does_not_get_out() {
    let folder = Folder::new();
    let data: Vec<u8> = [90.0_f32, f32::NAN, f32::NEG_INFINITY, 0.25]
        .into_iter()
        .flat_map(f32::to_le_bytes)
        .collect();
    let path = folder.write("call.wav", &wav(3, 1, 16_000, 32, &data));
    let (_, samples) = decode_all(&path, &options()).unwrap();
    assert_eq!(samples[0], [32_767.0 / 32_768.0, 0.0, -1.0, 0.25]);
}

#[test]
fn a_mono_call_is_one_channel_whatever_its_rate() {
    let folder = Folder::new();
    for rate in [4_000, 8_000, 11_025, 12_345, 44_100, 96_000, 192_000] {
        let path = folder.write("call.wav", &wav_16(1, rate, &speech(rate, 1.5, 1)));
        let (recording, samples) = decode_all(&path, &options()).unwrap();
        assert_eq!(recording.sample_rate_hz, rate);
        // 1.5 s, less a part of a sample.
        let expected = (f64::from(rate) * 1.5).floor() * 16_000.0 / f64::from(rate);
        assert_eq!(samples[0].len() as f64, expected.round(), "{rate} Hz");
    }
}
