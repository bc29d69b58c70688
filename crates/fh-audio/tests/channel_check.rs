//! What the channels' warnings say about sounds with one known fault each.

use fh_audio::{Analysis, Analyzer, VoiceActivityChoice};
use fh_model::{CallWarning, ChannelIndex, Decibels, Role, RoleMap};

const RATE: f64 = 16_000.0;
const SECONDS: f64 = 12.0;

/// Bursts of a tone, half a second long, at seconds that `from` and `every` give; every burst has
/// another level.
fn bursts(frequency: f64, from: f64, every: f64) -> Vec<f32> {
    (0..(SECONDS * RATE) as usize)
        .map(|at| {
            let time = at as f64 / RATE - from;
            let number = (time / every).floor();
            if time < 0.0 || time - number * every > 0.5 {
                return 0.0;
            }
            let amplitude = 0.1 + 0.15 * (number % 4.0);
            (amplitude * (time * frequency * std::f64::consts::TAU).sin()) as f32
        })
        .collect()
}

fn agent() -> Vec<f32> {
    bursts(500.0, 0.2, 1.6)
}

fn customer() -> Vec<f32> {
    bursts(700.0, 1.0, 1.6)
}

fn analyze(channels: &[Vec<f32>], roles: &[Role]) -> Analysis {
    let roles = RoleMap(roles.to_vec());
    let mut analyzer = Analyzer::new(channels.len(), &roles, &VoiceActivityChoice::EnergyOnly)
        .expect("a few channels");
    let slices: Vec<&[f32]> = channels.iter().map(Vec::as_slice).collect();
    analyzer.push(&slices).expect("channels of equal lengths");
    analyzer.finish()
}

fn map(samples: &[f32], change: impl Fn(f32) -> f32) -> Vec<f32> {
    samples.iter().map(|&sample| change(sample)).collect()
}

const BOTH: &[Role] = &[Role::Agent, Role::Customer];

/// Checks the warnings, without the one that says that the level alone decided.
fn check(channels: &[Vec<f32>], roles: &[Role], expected: &[CallWarning]) -> Analysis {
    let analysis = analyze(channels, roles);
    let (last, warnings) = analysis.warnings.split_last().expect("the level alone decided");
    assert_eq!(*last, CallWarning::VoiceActivityByLevelOnly);
    assert_eq!(warnings, expected);
    analysis
}

#[test]
fn nothing_is_said_of_a_sound_call() {
    let analysis = check(&[agent(), customer()], BOTH, &[]);
    assert_eq!(analysis.measures.channels[1].role, Role::Customer);
}

#[test]
fn a_mono_file_mixes_the_parties_unless_one_role_was_named_for_it() {
    let analysis = check(&[agent()], BOTH, &[CallWarning::MixedParties]);
    assert_eq!(analysis.measures.channels[0].role, Role::Unknown);
    let analysis = check(&[agent()], &[Role::Customer], &[]);
    assert_eq!(analysis.measures.channels[0].role, Role::Customer);
}

#[test]
fn roles_that_nobody_named_are_unknown() {
    check(&[agent(), customer()], &[], &[CallWarning::RolesUnknown]);
}

#[test]
fn the_same_sound_twice_is_one_channel() {
    let same = [CallWarning::IdenticalChannels, CallWarning::MixedParties];
    let analysis = check(&[agent(), agent()], BOTH, &same);
    assert_eq!(analysis.measures.channels.len(), 1);
    assert_eq!(analysis.measures.channels[0].role, Role::Unknown);
    assert_eq!(analysis.measures.talk_overs, []);
    // Half as loud, the other way up, and rounded to 16 bits: still the same.
    let copy = map(&agent(), |sample| (sample * -0.5 * 32_768.0).round() / 32_768.0);
    check(&[agent(), copy], BOTH, &same);
    // The same voice over a little noise of another line is not.
    let noisy: Vec<f32> =
        agent().iter().zip(customer()).map(|(own, other)| own + 0.02 * other).collect();
    assert_eq!(analyze(&[agent(), noisy], BOTH).measures.channels.len(), 2);
}

#[test]
fn a_channel_without_level_is_dead() {
    let dead = CallWarning::DeadChannel { channel: ChannelIndex(1) };
    let silent = vec![0.0; agent().len()];
    check(&[agent(), silent.clone()], BOTH, std::slice::from_ref(&dead));
    // -72 dB: the last bit of mu-law.
    let idle = map(&customer(), |sample| if sample > 0.0 { 0.00025 } else { -0.00025 });
    check(&[agent(), idle], BOTH, &[dead]);
    // Two dead channels are dead, and not the same.
    let both = [0, 1].map(|at| CallWarning::DeadChannel { channel: ChannelIndex(at) });
    let analysis = check(&[silent.clone(), silent], BOTH, &both);
    assert_eq!(analysis.measures.channels.len(), 2);
}

#[test]
fn clipped_samples_are_counted() {
    // One sample in a thousand.
    let clipped: Vec<f32> = customer()
        .iter()
        .enumerate()
        .map(|(at, &sample)| if at % 1_000 == 0 { 1.0 } else { sample })
        .collect();
    let channel = ChannelIndex(1);
    check(&[agent(), clipped], BOTH, &[CallWarning::Clipping { channel, per_million: 1_000 }]);
}

#[test]
fn an_offset_is_measured() {
    let shifted = map(&agent(), |sample| sample - 0.02);
    let warnings = analyze(&[shifted, customer()], BOTH).warnings;
    let Some(CallWarning::DcOffset { channel: ChannelIndex(0), millionths }) = warnings.first()
    else {
        panic!("expected an offset, found {warnings:?}");
    };
    assert!((millionths + 20_000).abs() < 100, "{millionths}");
}

#[test]
fn a_leak_is_found_and_measured_and_is_no_speech() {
    let own = customer();
    let leaky: Vec<f32> =
        own.iter().zip(agent()).map(|(own, other)| own + 0.03162 * other).collect();
    let channel = ChannelIndex(1);
    let leak = CallWarning::Crosstalk { channel, leak: Decibels::whole(30) };
    let analysis = check(&[agent(), leaky], BOTH, &[leak]);
    let clean = analyze(&[agent(), own], BOTH);
    assert_eq!(analysis.measures.channels[1].speech, clean.measures.channels[1].speech);
    assert_eq!(analysis.measures.talk_overs, []);
}
