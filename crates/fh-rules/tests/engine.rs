//! What the engine finds, why, and what it refuses to say.

mod engine_support;

use engine_support::{Call, call, pack, span};
use fh_model::{
    CallWarning, ChannelIndex, Evidence, Finding, Millis, NotEvaluatedReason, Role, SearchedWindow,
    TalkOver, Verdict, VoiceActivity, Word,
};
use fh_rules::{Code, RuleSource, compile};
use {NotEvaluatedReason as Reason, Role::Agent, Role::Customer};

/// A pack of one rule with these conditions.
fn rule(listen_for: &str, flag_if: &str) -> String {
    let conditions: String =
        listen_for.lines().map(|line| format!("      {}\n", line.trim())).collect();
    format!(
        "pack: test\nrules:\n  - id: r\n    points: -1\n    listen_for:\n{conditions}    flag_if: '{flag_if}'\n"
    )
}

fn finding(rules: &str, call: &Call) -> Finding {
    pack(rules).inspect_rule(&call.view(), "r").expect("there is a rule `r`")
}

fn not_evaluated(reason: Reason) -> Verdict {
    Verdict::NotEvaluated { reason }
}

#[test]
fn a_hit_is_shown_with_its_words_place_and_time() {
    // 10 characters in 5 s; 投訴 is the third and fourth of nine folded ones.
    let call = call(&[(Customer, 1_000, 5_500, "我要，投訴你們公司了")], &[], &[]);
    let finding = finding(&rule("a: { say: [投诉], by: customer }", "a"), &call);
    assert_eq!(finding.verdict, Verdict::Flagged);
    assert_eq!(
        finding.evidence,
        [Evidence::Said {
            condition: "a".to_owned(),
            phrase: "投诉".to_owned(),
            quote: "投訴".to_owned(),
            utterance: 1,
            chars: 3..5,
            // 4500 ms over 9 units: units 2..4 are 1000..2000 ms in.
            span: span(2_000, 3_000),
            channel: ChannelIndex(0),
            role: Customer,
        }]
    );
}

#[test]
fn word_times_are_used_where_there_are_some() {
    let mut call = call(&[(Agent, 0, 10_000, "well thank you")], &[], &[]);
    let words = [(0..4, 0, 700), (5..10, 8_000, 8_400), (11..14, 8_400, 8_600)];
    call.transcript.as_mut().unwrap().utterances[0].words = words
        .map(|(bytes, start, end)| Word {
            bytes,
            span: span(start, end),
            confidence_permille: None,
        })
        .to_vec();
    let flagged = finding(&rule("a: { say: [thank you], in: first 5s }", "a"), &call);
    // Interpolated it would begin at 3.6 s; it was said at 8 s.
    assert_eq!(flagged.verdict, Verdict::Clear);
    let flagged = finding(&rule("a: { say: [thank you], in: first 9s }", "a"), &call);
    assert_eq!(flagged.evidence[0].span(), span(8_000, 8_600));
}

#[test]
fn an_absence_shows_what_was_searched_and_the_nearest_miss() {
    let rules = rule("a: { say: [请问有什么可以帮您], by: agent, in: first 2 utterances }", "!a");
    let absent = |call: &Call| match finding(&rules, call).evidence.remove(0) {
        Evidence::Absent { searched, nearest, .. } => (searched, nearest),
        other => panic!("{other:?}"),
    };
    // Said by the right party, too late.
    let (searched, nearest) = absent(&call(
        &[
            (Agent, 0, 1_000, "喂"),
            (Customer, 1_000, 2_000, "在吗"),
            (Agent, 2_000, 3_000, "在"),
            (Agent, 4_000, 5_000, "请问有什么可以帮您"),
        ],
        &[],
        &[],
    ));
    let expected =
        SearchedWindow { span: span(0, 3_000), utterances: Some((1, 3)), role: Some(Agent) };
    assert_eq!(searched, expected);
    let nearest = nearest.unwrap();
    assert_eq!((nearest.utterance, nearest.similarity_percent), (4, 100));
    assert_eq!(nearest.why_not, "said after the part of the call that counts");
    // Said by the other party.
    let (_, nearest) = absent(&call(
        &[(Agent, 0, 1_000, "喂"), (Customer, 1_000, 2_000, "请问有什么可以帮您")],
        &[],
        &[],
    ));
    assert_eq!(nearest.unwrap().why_not, "said by the customer, not by the agent");
    // Something like it: one of nine characters is another.
    let (_, nearest) = absent(&call(&[(Agent, 0, 1_000, "喂，请问有什么可以帮忙")], &[], &[]));
    let nearest = nearest.unwrap();
    assert_eq!((nearest.quote.as_str(), nearest.similarity_percent), ("请问有什么可以帮忙", 88));
    // Nothing like it.
    let (_, nearest) = absent(&call(&[(Agent, 0, 1_000, "喂")], &[], &[]));
    assert_eq!(nearest, None);
}

#[test]
fn a_missing_phrase_is_searched_for_beside_its_anchor() {
    let rules = rule(
        "check: { say: [核实一下], by: agent }
         change: { say: [更换手机号], by: agent }
         unchecked: { missing: check, before: change, within: 60s }",
        "unchecked",
    );
    let call = call(
        &[
            (Agent, 0, 4_000, "我跟您核实一下"),
            (Customer, 5_000, 6_000, "好"),
            (Agent, 100_000, 105_000, "更换手机号"),
        ],
        &[],
        &[],
    );
    let finding = finding(&rules, &call);
    assert_eq!(finding.verdict, Verdict::Flagged);
    let Evidence::Absent { condition, phrases, searched, nearest } = &finding.evidence[0] else {
        panic!("{finding:?}")
    };
    assert_eq!(
        (condition.as_str(), phrases.as_slice()),
        ("unchecked", &["核实一下".to_owned()][..])
    );
    assert_eq!(searched.span, span(40_000, 100_000));
    let nearest = nearest.as_ref().unwrap();
    assert_eq!(nearest.why_not, "said before the part of the call that counts");
    assert!(
        matches!(&finding.evidence[1], Evidence::Said { condition, .. } if condition == "change")
    );
}

#[test]
fn what_cannot_be_told_is_never_a_flag() {
    let check = |conditions: &str, flag_if: &str, call: &Call, expected: Verdict| {
        let found = finding(&rule(conditions, flag_if), call);
        assert_eq!(found.verdict, expected, "{conditions} {flag_if}");
        assert!(found.evidence.is_empty() || expected == Verdict::Flagged);
    };
    let silence = [span(2_000, 15_000)];
    let known = call(&[(Agent, 0, 2_000, "好"), (Customer, 15_000, 16_000, "好")], &silence, &[]);

    let mut wordless = known.clone();
    wordless.transcript = None;
    check("a: { say: [您好] }", "!a", &wordless, not_evaluated(Reason::NoTranscript));
    check("a: { regex: '您好|早' }", "!a", &wordless, not_evaluated(Reason::NoTranscript));
    check(
        "a: { slower_than: 100, per: call }",
        "a",
        &wordless,
        not_evaluated(Reason::NoTranscript),
    );
    check("gap: { silence: 10s }", "gap", &wordless, Verdict::Flagged);
    let excused = "wait: { say: [请稍等] }\ngap: { silence: 10s, unless_before: wait }";
    check(excused, "gap", &wordless, not_evaluated(Reason::NoTranscript));
    let no_gap = "wait: { say: [请稍等] }\ngap: { silence: 20s, unless_before: wait }";
    check(no_gap, "gap", &wordless, Verdict::Clear);
    // What is known decides where it can.
    check("gap: { silence: 20s }\na: { say: [您好] }", "gap && !a", &wordless, Verdict::Clear);
    check("gap: { silence: 10s }\na: { say: [您好] }", "gap || a", &wordless, Verdict::Flagged);
    let sequence = "gap: { silence: 20s }\na: { say: [您好] }\nboth: { first: gap, then: a }";
    check(sequence, "both", &wordless, Verdict::Clear);

    let mut nobody = known.clone();
    for utterance in &mut nobody.transcript.as_mut().unwrap().utterances {
        utterance.role = Role::Unknown;
    }
    for channel in &mut nobody.measures.channels {
        channel.role = Role::Unknown;
    }
    nobody.warnings.push(CallWarning::RolesUnknown);
    check("a: { say: [您好], by: agent }", "!a", &nobody, not_evaluated(Reason::RolesUnknown));
    check("a: { say: [您好] }", "!a", &nobody, Verdict::Flagged);
    check("a: { interrupts: 1s, by: agent }", "a", &nobody, not_evaluated(Reason::RolesUnknown));

    let mut mixed = nobody.clone();
    mixed.warnings = vec![CallWarning::MixedParties];
    mixed.measures.channels.truncate(1);
    check("a: { say: [您好], by: agent }", "!a", &mixed, not_evaluated(Reason::MixedParties));
    check("a: { interrupts: 1s }", "!a", &mixed, not_evaluated(Reason::MixedParties));

    let mut by_level = known.clone();
    by_level.voice_activity = VoiceActivity::EnergyOnly;
    check("a: { interrupts: 1s }", "!a", &by_level, not_evaluated(Reason::NoVoiceActivity));
    check(
        "a: { faster_than: { en: 100 }, per: call }",
        "a",
        &known,
        not_evaluated(Reason::NotApplicable),
    );
}

#[test]
fn a_rule_for_other_calls_is_not_evaluated() {
    let rules = "
pack: test
rules:
  - { id: r, applies_to: { direction: inbound }, listen_for: { a: { say: [您好] } }, flag_if: '!a' }
";
    let mut call = call(&[(Agent, 0, 2_000, "喂")], &[], &[]);
    assert_eq!(finding(rules, &call).verdict, not_evaluated(Reason::NotApplicable));
    call.metadata.direction = Some("INBOUND".to_owned());
    assert_eq!(finding(rules, &call).verdict, Verdict::Flagged);
}

#[test]
fn exceptions_are_listed_beside_what_they_excuse() {
    let rules = rule(
        "wait: { say: [请稍等], by: agent }
         gap: { silence: 10s, unless_before: wait, within: 15s }",
        "gap",
    );
    let call = call(
        &[(Agent, 0, 2_000, "请稍等"), (Agent, 14_000, 15_000, "好了")],
        &[span(2_000, 14_000)],
        &[],
    );
    let finding = finding(&rules, &call);
    assert_eq!((finding.verdict, finding.evidence.len()), (Verdict::Clear, 0));
    let conditions: Vec<&str> = finding.excused.iter().map(Evidence::condition).collect();
    assert_eq!(conditions, ["wait", "gap"]);
}

#[test]
fn an_interruption_names_who_cut_in() {
    let talk_over = |start, end, by, inside_other| TalkOver {
        span: span(start, end),
        by_channel: ChannelIndex(u8::from(by == Agent)),
        by,
        other_spoke_for: Millis(1_000),
        inside_other,
    };
    let call = call(
        &[(Agent, 0, 60_000, "一"), (Customer, 0, 60_000, "二")],
        &[],
        &[
            talk_over(1_000, 1_499, Agent, false),
            talk_over(3_000, 3_500, Agent, false),
            talk_over(5_000, 6_000, Agent, true),
            talk_over(7_000, 8_001, Agent, true),
            talk_over(9_000, 9_900, Customer, false),
        ],
    );
    let finding = finding(&rule("a: { interrupts: 500ms, by: agent, at_least: 2 }", "a"), &call);
    assert_eq!(finding.verdict, Verdict::Flagged);
    let spans: Vec<_> = finding.evidence.iter().map(Evidence::span).collect();
    // The first is too short; the third is inside the other's speech and a second long.
    assert_eq!(spans, [span(3_000, 3_500), span(7_000, 8_001)]);
}

#[test]
fn later_steps_are_found_where_the_next_one_leads_nowhere() {
    // b at 10 s is in reach of a, but c is not in reach of it; b at 50 s leads on.
    let rules = rule(
        "a: { say: [甲] }\nb: { say: [乙] }\nc: { say: [丙] }
         chain: { first: a, then: [b, c], within: 60s }",
        "chain",
    );
    let call = call(
        &[
            (Agent, 0, 1_000, "甲"),
            (Agent, 10_000, 11_000, "乙"),
            (Agent, 50_000, 51_000, "乙"),
            (Agent, 100_000, 101_000, "丙"),
        ],
        &[],
        &[],
    );
    let finding = finding(&rules, &call);
    assert_eq!(finding.verdict, Verdict::Flagged);
    let spans: Vec<_> = finding.evidence.iter().map(Evidence::span).collect();
    assert_eq!(spans, [span(0, 1_000), span(50_000, 51_000), span(100_000, 101_000)]);
}

#[test]
fn broken_expressions_and_wordless_phrases_are_diagnosed_together() {
    let text = "
pack: test
phrases: { marks: ['!!!'] }
rules:
  - { id: a, listen_for: { x: { say: $marks } }, flag_if: x }
  - { id: b, listen_for: { x: { regex: '(' } }, flag_if: x }
  - { id: c, listen_for: { x: { regex: '(?:\\w{100}){1000}' } }, flag_if: x }
  - { id: d, listen_for: { x: { say: $marks } }, flag_if: x }
";
    let source = RuleSource { name: "bad.yaml".to_owned(), text: text.to_owned() };
    let diagnostics = compile(&[source]).expect_err("three things are wrong");
    let errors: Vec<(u16, u32)> = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.is_error())
        .map(|diagnostic| (diagnostic.code.number, diagnostic.line))
        .collect();
    let code = |code: Code| code.number;
    assert_eq!(
        errors,
        [
            (code(Code::PHRASE_WITHOUT_WORDS), 3),
            (code(Code::INVALID_REGEX), 6),
            (code(Code::REGEX_TOO_LARGE), 7)
        ]
    );
    assert!(diagnostics.iter().all(|diagnostic| diagnostic.file == "bad.yaml"));
}

#[test]
fn hostile_rules_are_given_up_not_waited_for() {
    // One long utterance of one character, and a chain of conditions that all hit everywhere.
    let text = "啊".repeat(20_000);
    let call = call(&[(Agent, 0, 1_000_000, &text)], &[], &[]);
    let mut conditions = String::new();
    for name in ["a", "b", "c"] {
        conditions += &format!("{name}: {{ say: [啊] }}\n");
    }
    conditions += "chain: { first: a, then: [b, c] }";
    let given_up = finding(&rule(&conditions, "chain"), &call);
    assert_eq!(given_up.verdict, not_evaluated(Reason::WorkLimit));
    // An ordinary rule in the same pack is not harmed.
    let many = rule("a: { say: [啊] }", "a");
    assert_eq!(finding(&many, &call).verdict, Verdict::Flagged);
    assert_eq!(finding(&many, &call).evidence.len(), 1_000);
    // An expression that looks to the end for each match, over and over.
    let greedy = finding(&rule("a: { regex: '啊*乙|啊' }", "a"), &call);
    assert!(matches!(greedy.verdict, Verdict::Flagged | Verdict::NotEvaluated { .. }));
}

#[test]
fn swapped_roles_are_suspected_from_the_words() {
    let rules = rule("a: { say: [您好] }", "a");
    let pack = pack(&rules);
    let swapped = call(
        &[
            (Customer, 0, 2_000, "您好，很高興為您服務"),
            (Agent, 3_000, 4_000, "我要查账单"),
            (Customer, 5_000, 6_000, "感谢您的来电"),
        ],
        &[],
        &[],
    );
    assert_eq!(pack.inspect(&swapped.view(), None).warnings, [CallWarning::RolesLookSwapped]);
    let right = call(&[(Agent, 0, 2_000, "您好，很高兴为您服务")], &[], &[]);
    assert!(pack.inspect(&right.view(), None).warnings.is_empty());
}
