//! Small calls made on the spot: tones that stand for voices, and the words they stand for.

use std::f64::consts::TAU;
use std::fs;
use std::path::Path;

/// What is said in the English call: on the left from 0.5 s to 3 s, on the right from 4 s to 7 s.
pub(crate) const TRANSCRIPT_EN: &str = "\
WEBVTT

00:00:00.500 --> 00:00:01.500
<v Agent>Good morning, this is Jane speaking.

00:00:01.600 --> 00:00:03.000
<v Agent>You are stupid.

00:00:04.000 --> 00:00:07.000
<v Customer>I want to change my address please.
";

/// The same in Chinese.
pub(crate) const TRANSCRIPT_ZH: &str = "\
WEBVTT

00:00:00.500 --> 00:00:01.500
<v Agent>您好，很高兴为您服务。

00:00:01.600 --> 00:00:03.000
<v Agent>你真是个笨蛋。

00:00:04.000 --> 00:00:07.000
<v Customer>我想修改一下我的地址。
";

/// Samples a second.
const RATE: u32 = 8_000;

/// Seconds that the call lasts.
const SECONDS: u32 = 8;

/// Writes eight seconds of stereo 16-bit WAV and the transcript beside it as WebVTT.
pub(crate) fn write_call(path: &Path, transcript: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut data = Vec::new();
    for index in 0..RATE * SECONDS {
        let time = f64::from(index) / f64::from(RATE);
        for sample in [voice(time, 0.5, 3.0, 140.0), voice(time, 4.0, 7.0, 210.0)] {
            data.extend(((sample * 12_000.0) as i16).to_le_bytes());
        }
    }
    let length = u32::try_from(data.len()).unwrap();
    let mut wav = Vec::new();
    wav.extend(b"RIFF");
    wav.extend((36 + length).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    wav.extend(1_u16.to_le_bytes());
    wav.extend(2_u16.to_le_bytes());
    wav.extend(RATE.to_le_bytes());
    wav.extend((RATE * 4).to_le_bytes());
    wav.extend(4_u16.to_le_bytes());
    wav.extend(16_u16.to_le_bytes());
    wav.extend(b"data");
    wav.extend(length.to_le_bytes());
    wav.extend(data);
    fs::write(path, wav).unwrap();
    fs::write(path.with_extension("vtt"), transcript).unwrap();
}

/// A buzz with the harmonics and the syllables of a voice between `start` and `end`.
fn voice(time: f64, start: f64, end: f64, pitch: f64) -> f64 {
    if !(start..end).contains(&time) {
        return 0.0;
    }
    let syllables = 0.6 + 0.4 * (TAU * 4.0 * time).sin();
    let buzz: f64 = (1..12)
        .map(|harmonic| (TAU * pitch * f64::from(harmonic) * time).sin() / f64::from(harmonic))
        .sum();
    syllables * buzz / 2.0
}
