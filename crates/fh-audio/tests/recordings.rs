//! The real recordings beside this project.

mod support;

use fh_audio::Ffmpeg;
use fh_model::{Completeness, Millis};
use support::{decode_all, options, shared_recordings};

/// Name, format, rate, channels and length in milliseconds, by the list that came with them; the
/// lengths there are hundredths of seconds.
const RECORDINGS: &[(&str, &str, u32, u8, u64)] = &[
    ("azure_callCenterRecording.mp3", "mp3/mp3", 44_100, 2, 32_180),
    ("azure_mulaw.wav", "wav/pcm_mulaw", 16_000, 1, 2_030),
    ("azure_test_stereo.wav", "wav/pcm_s16le", 16_000, 2, 1_720),
    ("azure_zhcn_continuous.wav", "wav/pcm_s16le", 16_000, 1, 52_730),
    ("firered_meeting.wav", "wav/pcm_s16le", 16_000, 1, 12_370),
    ("funasr_asr_example.wav", "wav/pcm_s16le", 16_000, 1, 5_550),
    ("funasr_mid.wav", "wav/pcm_s16le", 16_000, 1, 4_990),
    ("google_commercial_mono.wav", "wav/pcm_s16le", 8_000, 1, 45_300),
    ("google_multi.wav", "wav/pcm_s16le", 44_100, 2, 5_150),
    ("lca_auto_repairs_40_agent.wav", "wav/pcm_s16le", 8_000, 1, 245_380),
    ("lca_auto_repairs_40_caller.wav", "wav/pcm_s16le", 8_000, 1, 245_380),
    ("lca_auto_repairs_40_stereo_8k_ulaw.wav", "wav/pcm_mulaw", 8_000, 2, 245_380),
    ("ms_convo_132ac838.wav", "wav/pcm_s16le", 16_000, 1, 127_090),
    ("pyannote_sample.wav", "wav/pcm_s16le", 16_000, 1, 30_000),
    ("speechmatics_callcenter_stereo.wav", "wav/pcm_s16le", 16_000, 2, 9_980),
    ("vosk_test.wav", "wav/pcm_s16le", 16_000, 1, 8_310),
    ("watson_sample1.webm", "matroska/vorbis", 44_100, 1, 7_100),
    ("watson_weather.ogg", "ogg/opus", 48_000, 1, 7_100),
    ("wenet_aishell.wav", "wav/pcm_s16le", 16_000, 1, 4_280),
    ("reference/en_az1.wav", "wav/pcm_s16le", 16_000, 1, 35_230),
    ("reference/en_jfk.wav", "wav/pcm_s16le", 16_000, 1, 11_000),
    ("reference/zh_az1.wav", "wav/pcm_s16le", 16_000, 1, 38_860),
];

#[test]
#[ignore = "needs ../shared"]
fn every_recording_decodes_whole_without_ffmpeg() {
    let mut options = options();
    options.ffmpeg = Ffmpeg::Never;
    for &(name, format, rate, channels, length) in RECORDINGS {
        let (recording, _) = decode_all(&shared_recordings().join(name), &options)
            .unwrap_or_else(|error| panic!("{error}"));
        let found = (recording.format.as_str(), recording.sample_rate_hz, recording.channels);
        assert_eq!(found, (format, rate, channels), "{name}");
        assert_eq!(recording.completeness, Completeness::Complete, "{name}");
        // A WebM's frames are whole packets: 20 ms more.
        let apart = recording.duration.0.abs_diff(length);
        assert!(
            apart <= 20,
            "{name}: {} is {apart} ms from {}",
            recording.duration,
            Millis(length)
        );
    }
}

/// The stereo file was made of the two others: agent left, caller right, through mu-law.
#[test]
#[ignore = "needs ../shared"]
fn left_and_right_are_not_swapped() {
    let decoded = |name: &str| {
        decode_all(&shared_recordings().join(name), &options()).unwrap_or_else(|e| panic!("{e}")).1
    };
    let both = decoded("lca_auto_repairs_40_stereo_8k_ulaw.wav");
    for (channel, name) in
        [(0, "lca_auto_repairs_40_agent.wav"), (1, "lca_auto_repairs_40_caller.wav")]
    {
        let alone = decoded(name);
        let (db, lag) = support::best_match(&both[channel], &alone[0], 2);
        // Mu-law's noise lies 38 dB below the signal.
        assert!(lag == 0 && db > 30.0, "{name}: {db:.1} dB at lag {lag}");
    }
}

#[test]
#[ignore = "needs ../shared"]
fn the_fake_stereo_has_two_channels_that_are_one() {
    let path = shared_recordings().join("azure_callCenterRecording.mp3");
    let (_, samples) = decode_all(&path, &options()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(samples[0], samples[1]);
}
