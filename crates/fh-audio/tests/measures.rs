//! Measures of tones whose times and levels are known by construction.
//!
//! Voice activity goes by level here: a tone over digital silence is then found to the frame, so
//! that every expected number follows from the lists in the tests.

use fh_audio::{Analysis, Analyzer, VoiceActivityChoice};
use fh_model::{ChannelIndex, Decibels, Millis, Role, RoleMap, Span};

const RATE: usize = 16_000;

fn span(start: u64, end: u64) -> Span {
    Span::new(Millis(start), Millis(end))
}

/// A tone of 997 Hz and amplitude 0.1 in each of `spans`, silence elsewhere.
fn tones(length_ms: u64, spans: &[(u64, u64)]) -> Vec<f32> {
    let mut samples = vec![0.0; length_ms as usize * RATE / 1000];
    for &(start, end) in spans {
        let sound = start as usize * 16..end as usize * 16;
        for (at, sample) in samples.iter_mut().enumerate().take(sound.end).skip(sound.start) {
            let phase = 997.0 * at as f64 / RATE as f64 * std::f64::consts::TAU;
            *sample = 0.1 * phase.sin() as f32;
        }
    }
    samples
}

fn analyze(channels: &[Vec<f32>], block: usize) -> Analysis {
    let roles = RoleMap(vec![Role::Agent, Role::Customer]);
    let mut analyzer = Analyzer::new(channels.len(), &roles, &VoiceActivityChoice::EnergyOnly)
        .expect("a few channels");
    let length = channels[0].len();
    for start in (0..length).step_by(block) {
        let end = length.min(start + block);
        let slices: Vec<&[f32]> = channels.iter().map(|channel| &channel[start..end]).collect();
        analyzer.push(&slices).expect("blocks of equal lengths");
    }
    analyzer.finish()
}

#[test]
fn speech_silence_and_talk_over_add_up() {
    let agent = tones(10_000, &[(1_000, 3_000), (6_000, 7_000), (7_100, 7_500)]);
    let customer = tones(10_000, &[(2_500, 4_000), (6_200, 6_500), (9_000, 9_600)]);
    let measures = analyze(&[agent, customer], 1_600).measures;

    assert_eq!(measures.duration, Millis(10_000));
    let [agent, customer] = &measures.channels[..] else { panic!("expected two channels") };
    // The pause of 100 ms belongs to the agent's second stretch.
    assert_eq!(agent.speech, [span(1_000, 3_000), span(6_000, 7_500)]);
    assert_eq!(customer.speech, [span(2_500, 4_000), span(6_200, 6_500), span(9_000, 9_600)]);
    assert_eq!(agent.speech_time, Millis(3_500));
    assert_eq!(agent.own_silence_time, Millis(6_500));
    assert_eq!(agent.speech_ratio(), 0.35);
    assert_eq!(customer.speech_time, Millis(2_400));
    assert_eq!(customer.own_silence_time, Millis(7_600));
    let lengths = customer.speech_lengths.unwrap();
    assert_eq!(
        (lengths.count, lengths.min, lengths.median, lengths.max),
        (3, Millis(300), Millis(600), Millis(1_500))
    );

    // Before 1.0 s and after 9.6 s the call has not begun or has ended.
    assert_eq!(measures.mutual_silences, [span(4_000, 6_000), span(7_500, 9_000)]);
    let lengths = measures.mutual_silence_lengths.unwrap();
    assert_eq!((lengths.min, lengths.max), (Millis(1_500), Millis(2_000)));

    let [cut_in, murmur] = &measures.talk_overs[..] else { panic!("expected two talk-overs") };
    assert_eq!(cut_in.span, span(2_500, 3_000));
    assert_eq!((cut_in.by_channel, cut_in.by), (ChannelIndex(1), Role::Customer));
    assert_eq!((cut_in.other_spoke_for, cut_in.inside_other), (Millis(1_500), false));
    assert_eq!(murmur.span, span(6_200, 6_500));
    assert_eq!((murmur.by, murmur.other_spoke_for), (Role::Customer, Millis(200)));
    assert!(murmur.inside_other);
    assert_eq!(measures.talk_over_lengths.unwrap().median, Millis(300));
}

#[test]
fn who_cut_in_is_told_by_who_began_later_then_by_who_ended_first() {
    let by = |left: &[(u64, u64)], right: &[(u64, u64)]| -> Vec<(u8, Span)> {
        let measures = analyze(&[tones(5_000, left), tones(5_000, right)], 4_000).measures;
        measures.talk_overs.iter().map(|cut| (cut.by_channel.0, cut.span)).collect()
    };
    assert_eq!(by(&[(1_000, 2_000)], &[(1_500, 3_000)]), [(1, span(1_500, 2_000))]);
    assert_eq!(by(&[(1_500, 3_000)], &[(1_000, 2_000)]), [(0, span(1_500, 2_000))]);
    assert_eq!(by(&[(1_000, 2_000)], &[(1_000, 3_000)]), [(0, span(1_000, 2_000))]);
    assert_eq!(by(&[(1_000, 3_000)], &[(1_000, 2_000)]), [(1, span(1_000, 2_000))]);
    // One stretch may be cut into, and then cut into the next.
    assert_eq!(
        by(&[(1_000, 2_000), (3_000, 4_000)], &[(1_500, 3_500)]),
        [(1, span(1_500, 2_000)), (0, span(3_000, 3_500))]
    );
    assert_eq!(by(&[(1_000, 2_000)], &[(2_000, 3_000)]), []);
}

#[test]
fn loudness_of_a_tone_is_what_the_standard_says() {
    let measures = analyze(&[tones(4_500, &[(0, 2_000)]), tones(4_500, &[(0, 4_500)])], 999);
    let loudness = &measures.measures.channels[0].loudness;
    // The mean square of a sine of amplitude 0.1 is 0.005, which is -23.01 dB. K-weighting at
    // 997 Hz gains the 0.691 dB that BS.1770 then takes off.
    let tone = Decibels::from_hundredths(-2301);
    let silence = Decibels::whole(-100);
    assert_eq!(loudness.per_second_dbfs, [tone, tone, silence, silence]);
    assert_eq!(loudness.peak_dbfs, Some(Decibels::whole(-20)));
    let speaking = loudness.speaking_dbfs.unwrap();
    assert_eq!((speaking.count, speaking.min, speaking.max), (2, tone, tone));
    let whole = &measures.measures.channels[1].loudness;
    let lufs = whole.integrated_lufs.unwrap().as_f64();
    // EBU Tech 3341 allows a meter to be off by 0.1 LU.
    assert!((lufs + 23.01).abs() <= 0.1, "expected -23.01 LUFS, found {lufs}");
}

#[test]
fn silence_has_no_loudness_and_no_sound_no_length() {
    let silent = analyze(&[tones(2_000, &[])], 1_600).measures;
    assert_eq!(silent.channels[0].loudness.integrated_lufs, None);
    assert_eq!(silent.channels[0].loudness.peak_dbfs, None);
    assert_eq!(silent.channels[0].loudness.speaking_dbfs, None);
    assert_eq!(silent.channels[0].own_silence_time, Millis(2_000));
    assert_eq!(silent.mutual_silences, []);
    assert_eq!(silent.mutual_silence_lengths, None);

    let empty = analyze(&[vec![], vec![]], 1_600).measures;
    assert_eq!(empty.duration, Millis::ZERO);
    assert_eq!(empty.channels[0].speech_ratio(), 0.0);
}

#[test]
fn the_result_does_not_depend_on_where_blocks_are_cut() {
    let channels = [tones(6_007, &[(700, 2_900), (4_000, 6_007)]), tones(6_007, &[(2_500, 3_300)])];
    let whole = analyze(&channels, usize::MAX / 2);
    for block in [1, 37, 160, 512, 16_000] {
        let cut = analyze(&channels, block);
        assert_eq!(cut, whole, "blocks of {block}");
    }
    assert_eq!(whole.measures.duration, Millis(6_007));
    assert_eq!(whole.measures.channels[0].speech[1], span(4_000, 6_007));
}

#[test]
fn blocks_of_another_shape_are_refused() {
    let roles = RoleMap::default();
    let message = |result: Result<(), fh_audio::AudioError>| result.unwrap_err().to_string();
    let mut analyzer = Analyzer::new(2, &roles, &VoiceActivityChoice::EnergyOnly).unwrap();
    assert!(message(analyzer.push(&[&[0.0]])).contains("2 channels, found 1"));
    assert!(message(analyzer.push(&[&[0.0], &[0.0, 0.0]])).contains("1 samples on every channel"));
    assert!(Analyzer::new(0, &roles, &VoiceActivityChoice::EnergyOnly).is_err());
}
