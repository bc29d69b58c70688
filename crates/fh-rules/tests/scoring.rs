//! Findings become points, points a score.

mod engine_support;

use engine_support::{Call, Dice, call, channel, pack, span, transcript, utterance};
use fh_model::{
    AcousticMeasures, CallMetadata, Language, Millis, Points, Role, TalkOver, Verdict,
    VoiceActivity,
};
use fh_rules::{SpeechCounting, speech_rates};

/// Huawei's first sample: two scenarios, both starting from 80.
const SEEDS: &str = "
pack: seeds
rules:
  - id: no_greeting
    points: -3
    listen_for:
      greeted: { say: [您好], by: agent, in: first 2 utterances }
    flag_if: '!greeted'
  - id: no_closing
    points: -2
    listen_for:
      closed: { say: [再见], by: agent, in: last 2 utterances }
    flag_if: '!closed'
  - id: slow
    points: -3
    listen_for:
      slow: { slower_than: 100, by: agent, per: call }
    flag_if: slow
  - id: silent
    points: -5
    listen_for:
      gap: { silence: 10s }
    flag_if: gap
  - id: cuts_in
    points: -5
    listen_for:
      cut: { interrupts: 500ms, by: agent }
    flag_if: cut
scenarios:
  - { id: first, base: 80, rules: [no_greeting] }
  - { id: second, base: 80, rules: [no_closing, slow, silent, cuts_in] }
";

/// No greeting, no closing, 4 characters in 4 s (60 a minute), no silence, nobody cut off.
fn seed_call() -> Call {
    call(
        &[(Role::Agent, 0, 4_000, "喂请讲话"), (Role::Customer, 4_500, 6_000, "我要查账")],
        &[],
        &[],
    )
}

#[test]
fn the_published_scores_come_out() {
    let outcome = pack(SEEDS).inspect(&seed_call().view(), None);
    let scores: Vec<Points> = outcome.score_cards.iter().map(|card| card.score).collect();
    // 80 - 3 = 77; 80 - 2 - 3 + 0 + 0 = 75.
    assert_eq!(scores, [Points::whole(77), Points::whole(75)]);
    let points: Vec<Points> =
        outcome.score_cards[1].findings.iter().map(|finding| finding.points).collect();
    assert_eq!(points, [Points::whole(-2), Points::whole(-3), Points::whole(0), Points::whole(0)]);
}

#[test]
fn a_score_is_held_between_its_bounds() {
    let rules = "
pack: bounds
rules:
  - { id: bad, points: -90, listen_for: { a: { say: [坏] } }, flag_if: a }
  - { id: good, points: 90, listen_for: { a: { say: [好] } }, flag_if: a }
scenarios:
  - { id: s, base: 60, lower: 20, upper: 100, rules: all }
";
    let score_of = |text| {
        let call = call(&[(Role::Agent, 0, 1_000, text)], &[], &[]);
        pack(rules).inspect(&call.view(), None).score_cards[0].score
    };
    assert_eq!(score_of("坏"), Points::whole(20));
    assert_eq!(score_of("好"), Points::whole(100));
    // Both: 60 - 90 + 90, clamped once at the end.
    assert_eq!(score_of("好坏"), Points::whole(60));
}

#[test]
fn points_count_once_or_for_every_hit_up_to_a_cap() {
    let rules = "
pack: caps
rules:
  - { id: once, points: -3, listen_for: { a: { say: [坏] } }, flag_if: a }
  - { id: each, points: -3, points_per: hit, listen_for: { a: { say: [坏] } }, flag_if: a }
  - { id: capped, points: -3, points_per: hit, cap: -7, listen_for: { a: { say: [坏] } }, flag_if: a }
";
    let call = call(&[(Role::Agent, 0, 1_000, "坏，坏，坏")], &[], &[]);
    let card = &pack(rules).inspect(&call.view(), None).score_cards[0];
    let points: Vec<Points> = card.findings.iter().map(|finding| finding.points).collect();
    assert_eq!(points, [Points::whole(-3), Points::whole(-9), Points::whole(-7)]);
    assert_eq!(card.findings[1].rule_points, Points::whole(-3));
}

#[test]
fn sensitive_words_count_in_every_scenario_that_does_not_ignore_them() {
    let rules = "
pack: sensitive
rules:
  - { id: plain, points: -1, listen_for: { a: { say: [一] } }, flag_if: a }
  - { id: word, sensitive: true, points: -10, listen_for: { a: { say: [坏] } }, flag_if: a }
scenarios:
  - { id: counts, rules: [plain] }
  - { id: ignores, rules: [plain, word], ignore_sensitive: true }
";
    let call = call(&[(Role::Agent, 0, 1_000, "坏")], &[], &[]);
    let cards = pack(rules).inspect(&call.view(), None).score_cards;
    let ids = |index: usize| -> Vec<&str> {
        cards[index].findings.iter().map(|finding| finding.rule_id.as_str()).collect()
    };
    assert_eq!((ids(0), cards[0].score), (vec!["plain", "word"], Points::whole(90)));
    assert_eq!((ids(1), cards[1].score), (vec!["plain"], Points::whole(100)));
}

#[test]
fn scenarios_apply_by_what_is_known_of_the_call() {
    let rules = "
pack: scenarios
rules:
  - { id: r, listen_for: { a: { say: [一] } }, flag_if: a }
scenarios:
  - { id: everybody, rules: all }
  - { id: sales, rules: all, applies_to: { direction: outbound, skill_group: [Sales, retention] } }
  - { id: long, rules: all, applies_to: { longer_than: 1s } }
  - { id: chinese, rules: all, applies_to: { language: zh } }
";
    let pack = pack(rules);
    let mut call = call(&[(Role::Agent, 0, 1_000, "一")], &[], &[]);
    let ids = |call: &Call, scenario| -> Vec<String> {
        let outcome = pack.inspect(&call.view(), scenario);
        outcome.score_cards.into_iter().map(|card| card.scenario_id).collect()
    };
    assert_eq!(ids(&call, None), ["everybody", "chinese"]);
    call.metadata.direction = Some("Outbound".to_owned());
    call.metadata.skill_group = Some("sales".to_owned());
    call.measures.duration = Millis(1_001);
    assert_eq!(ids(&call, None), ["everybody", "sales", "long", "chinese"]);
    // A scenario that is asked for by name is used whatever it says.
    call.metadata = CallMetadata::default();
    assert_eq!(ids(&call, Some("sales")), ["sales"]);
    assert!(ids(&call, Some("nobody's")).is_empty());
}

/// Huawei's published figures: duration, own silence time, characters, speed in 1/1000.
const PUBLISHED: [(u64, u64, usize, u64); 12] = [
    (164_220, 88_460, 305, 241_552),
    (164_220, 110_820, 147, 165_169),
    (347_160, 260_030, 446, 307_127),
    (347_160, 275_650, 380, 318_837),
    (347_160, 260_030, 443, 305_061),
    (347_160, 275_650, 381, 319_676),
    (104_120, 40_800, 342, 324_068),
    (104_120, 84_860, 74, 230_530),
    (347_160, 260_030, 446, 307_127),
    (347_160, 275_650, 383, 321_354),
    (347_160, 260_030, 445, 306_439),
    (347_160, 275_650, 382, 320_515),
];

#[test]
fn the_twelve_published_speeds_come_out_of_transcripts() {
    let characters: Vec<char> = "您好请问有什么可以帮忙的这个问题我来看一下".chars().collect();
    let mut dice = Dice(12);
    for (duration, silence, count, speed) in PUBLISHED {
        // Said in utterances of 1 to 20 characters, with punctuation that must not count.
        let mut utterances = Vec::new();
        let (mut left, mut at) = (count, 0);
        while left > 0 {
            let length = (1 + dice.roll(20)).min(left);
            let text: String = (0..length).map(|_| *dice.pick(&characters)).collect();
            let text = format!("{text}，{}", if dice.chance(50) { "。 " } else { "？" });
            utterances.push(utterance(Role::Customer, at, at + 500, &text));
            left -= length;
            at += 600;
        }
        let speech = duration - silence;
        let measures = AcousticMeasures {
            duration: Millis(duration),
            channels: vec![channel(0, Role::Customer, vec![span(0, speech)], Millis(duration))],
            mutual_silences: Vec::new(),
            mutual_silence_lengths: None,
            talk_overs: Vec::new(),
            talk_over_lengths: None,
        };
        let transcript = transcript(Language::ZhCn, utterances);
        let rates = speech_rates(&transcript, &measures, SpeechCounting::Units);
        assert_eq!(rates[0].units as usize, count);
        assert_eq!(rates[0].per_minute_thousandths, speed);
        assert_eq!(measures.channels[0].own_silence_time, Millis(silence));
        // The same through a rule: at the published speed, neither faster nor slower by one.
        let whole = speed.div_ceil(1_000);
        let rules = format!(
            "
pack: speed
rules:
  - {{ id: above, listen_for: {{ a: {{ faster_than: {}, by: customer, per: call }} }}, flag_if: a }}
  - {{ id: below, listen_for: {{ a: {{ faster_than: {whole}, by: customer, per: call }} }}, flag_if: a }}
",
            whole - 1
        );
        let call = Call {
            metadata: CallMetadata::default(),
            transcript: Some(transcript),
            measures,
            voice_activity: VoiceActivity::SileroWithEnergy,
            warnings: Vec::new(),
        };
        let card = &pack(&rules).inspect(&call.view(), None).score_cards[0];
        assert_eq!(card.findings[0].verdict, Verdict::Flagged);
        assert_eq!(card.findings[1].verdict, Verdict::Clear);
    }
}

#[test]
fn the_same_call_gives_the_same_bytes() {
    let rules = pack(SEEDS);
    let talk_over = TalkOver {
        span: span(3_000, 4_000),
        by_channel: fh_model::ChannelIndex(1),
        by: Role::Agent,
        other_spoke_for: Millis(900),
        inside_other: false,
    };
    let mut call = seed_call();
    call.measures.talk_overs.push(talk_over);
    let bytes = |pack: &fh_rules::Pack| {
        serde_json::to_vec(&pack.inspect(&call.view(), None).score_cards).unwrap()
    };
    assert_eq!(bytes(&rules), bytes(&rules));
    assert_eq!(bytes(&rules), bytes(&pack(SEEDS)));
}

#[test]
fn a_digest_follows_the_meaning_and_nothing_else() {
    let with = |name: &str, points: i32, phrase: &str, base: i32| {
        pack(&format!(
            "
pack: digests
phrases: {{ list: [{phrase}] }}
rules:
  - {{ id: r, name: {name}, why: {name}, points: {points}, listen_for: {{ a: {{ say: $list }} }}, flag_if: a }}
scenarios: [{{ id: s, base: {base}, rules: all }}]
"
        ))
    };
    let first = with("one", -1, "坏", 100);
    let renamed = with("two", -1, "坏", 100);
    assert_eq!(first.digest(), renamed.digest());
    assert_eq!(first.rule_digest("r"), renamed.rule_digest("r"));
    // A phrase in a shared list, or the points, is another rule.
    for changed in [with("one", -1, "差", 100), with("one", -2, "坏", 100)] {
        assert_ne!(first.rule_digest("r"), changed.rule_digest("r"));
        assert_ne!(first.digest(), changed.digest());
    }
    // Another base is the same rule in another pack.
    let rebased = with("one", -1, "坏", 80);
    assert_eq!(first.rule_digest("r"), rebased.rule_digest("r"));
    assert_ne!(first.digest(), rebased.digest());
    assert_eq!(first.digest().len(), 64);
}
