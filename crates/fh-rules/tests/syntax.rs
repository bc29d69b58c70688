//! Rule text becomes the typed model.

use fh_model::{Language, Millis, Points, Role, Severity, Span};
use fh_rules::model::{
    AnchorHits, ConditionIndex, ConditionKind, Expectation, Expression, Needed, Reach, RuleSet,
    ScenarioRules, Side, SpeedLimit, SpeedPer, Window,
};
use fh_rules::syntax::{Limits, read};
use fh_rules::{RuleSource, compile, explain_in, shipped_packs};

fn source(name: &str, text: &str) -> RuleSource {
    RuleSource { name: name.to_owned(), text: text.to_owned() }
}

fn rule_set(sources: &[RuleSource]) -> RuleSet {
    let reading = read(sources, Limits::default());
    reading.rule_set.unwrap_or_else(|| panic!("{:#?}", reading.diagnostics))
}

/// A rule with these conditions, all of them in `flag_if`.
fn conditions(conditions: &str) -> Vec<fh_rules::model::Condition> {
    let text = format!(
        "pack: p\nphrases: {{ list: [one, two], other: [three] }}\nrules:\n- id: r\n  listen_for:\n    x: {{ say: xx }}\n    y: {{ say: yy }}\n    {conditions}\n  flag_if: x\n"
    );
    rule_set(&[source("p.yaml", &text)]).rules.remove(0).conditions
}

/// The last of these conditions.
fn condition(text: &str) -> fh_rules::model::Condition {
    conditions(text).pop().expect("there is a condition")
}

const X: ConditionIndex = ConditionIndex(0);
const Y: ConditionIndex = ConditionIndex(1);

#[test]
fn say_reads_phrases_lists_and_scope() {
    let read = condition(
        "a: { say: [$list, hello there, 12315, $100], needed: 2, by: agent, in: last 3 utterances, at_least: 2, not_part_of: $other, not_beside: [no] }",
    );
    assert_eq!(read.name, "a");
    assert_eq!(read.scope.by, Some(Role::Agent));
    assert_eq!(read.scope.window, Window::LastUtterances(3));
    assert_eq!(read.scope.at_least, 2);
    let ConditionKind::Say(say) = read.kind else { panic!("a `say` condition") };
    let groups: Vec<Vec<&str>> = say
        .groups
        .iter()
        .map(|group| group.phrases.iter().map(|phrase| phrase.text.as_str()).collect())
        .collect();
    // `$100` is money: a list's name starts with a letter.
    assert_eq!(groups, [vec!["one", "two"], vec!["hello there"], vec!["12315"], vec!["$100"]]);
    assert_eq!(say.groups[0].list.as_deref(), Some("list"));
    assert_eq!(say.needed, Needed::AtLeast(2));
    assert_eq!(say.not_part_of[0].text, "three");
    assert_eq!(say.not_beside[0].text, "no");
}

#[test]
fn relations_refer_to_conditions_above() {
    let ConditionKind::FirstThen(read) = condition("a: { first: x, then: y, within: 30s }").kind
    else {
        panic!("a `first` condition")
    };
    assert_eq!((read.steps, read.in_order), (vec![X, Y], true));
    assert_eq!(read.within, Reach::Time(Millis(30_000)));

    let ConditionKind::FirstThen(read) =
        condition("a: { together: [y, x], within: 2 utterances }").kind
    else {
        panic!("a `together` condition")
    };
    assert_eq!((read.steps, read.in_order), (vec![Y, X], false));
    assert_eq!(read.within, Reach::Utterances(2));

    let ConditionKind::Missing(read) =
        condition("a: { missing: x, around: y, of_which: last }").kind
    else {
        panic!("a `missing` condition")
    };
    assert_eq!((read.wanted, read.anchor), (X, Y));
    assert_eq!(
        (read.side, read.within, read.which),
        (Side::Around, Reach::Unlimited, AnchorHits::Last)
    );
}

#[test]
fn acoustic_conditions_have_documented_defaults() {
    let ConditionKind::Silence(read) = condition("a: { silence: 2.5s, unless_after: [x, y] }").kind
    else {
        panic!("a `silence` condition")
    };
    assert_eq!(read.at_least_long, Millis(2_500));
    assert_eq!((read.unless_before, read.unless_after), (vec![], vec![X, Y]));
    assert_eq!(read.within, Reach::Time(Millis(15_000)));

    let ConditionKind::Speed(read) = condition("a: { slower_than: 90, per: utterance }").kind
    else {
        panic!("a speed condition")
    };
    assert_eq!((read.direction, read.per), (SpeedLimit::SlowerThan, SpeedPer::Utterance));
    assert_eq!(read.per_minute.get(&Language::ZhCn), Some(&90));
    assert_eq!(read.per_minute.get(&Language::EnUs), Some(&90));
    assert_eq!((read.min_length, read.within), (1, Reach::Unlimited));

    let ConditionKind::Speed(read) = condition("a: { faster_than: { zh: 300 }, per: call }").kind
    else {
        panic!("a speed condition")
    };
    assert_eq!(read.per_minute.get(&Language::EnUs), None);

    let read = condition("a: { interrupts: 500ms, by: customer, in: first 1m }");
    assert_eq!(read.scope.window, Window::FirstTime(Millis(60_000)));
    let ConditionKind::Interrupts(read) = read.kind else { panic!("an interruption") };
    assert_eq!(read.overlap, Millis(500));
    assert_eq!((read.other_spoke_for, read.backchannel), (Millis(0), Millis(1_000)));
}

#[test]
fn expressions_bind_not_before_and_before_or() {
    let check = |text: &str, expected: Expression| {
        let yaml = format!(
            "pack: p\nrules:\n- id: r\n  listen_for: {{ a: {{ say: aa }}, b: {{ say: bb }}, c: {{ say: cc }} }}\n  flag_if: '{text}'\n"
        );
        assert_eq!(rule_set(&[source("p.yaml", &yaml)]).rules[0].flag_if, expected, "{text}");
    };
    let holds = |index| Expression::Holds(ConditionIndex(index));
    let not = |inner| Expression::Not(Box::new(inner));
    let (a, b, c) = (holds(0), holds(1), holds(2));
    let or_of_and =
        Expression::Any(vec![a.clone(), Expression::All(vec![not(b.clone()), c.clone()])]);
    check("a || !b && c", or_of_and.clone());
    check("a or not b and c", or_of_and.clone());
    check("(a or ((not b) and c))", or_of_and);
    check("!!a", not(not(a.clone())));
    check("a", a.clone());
    let all = vec![a.clone(), b.clone(), c.clone()];
    check("2 of (a, b, c)", Expression::AtLeast { count: 2, of: all.clone() });
    check("any of (a, b, c)", Expression::Any(all.clone()));
    check("all of (a, b, c)", Expression::All(all.clone()));
    check("none of (a, b, c)", not(Expression::Any(all)));
    check(
        "1 of (a && b, not c)",
        Expression::AtLeast { count: 1, of: vec![Expression::All(vec![a, b]), not(c)] },
    );
}

#[test]
fn a_rule_has_its_fields_and_sensible_defaults() {
    let text = "
pack: p
version: 7
name: { en: Pack, zh: 规则包 }
rules:
  - id: full
    name: { en: Full, zh: 完整 }
    why: because
    severity: critical
    points: -2.5
    points_per: hit
    cap: -10
    sensitive: true
    applies_to: { language: zh, skill_group: [a, b], attributes: { product: loan }, longer_than: 20s, begun_from: 2026-01-31T09:00:00 }
    listen_for: { x: { say: xx } }
    flag_if: x
    tests:
      - name: said
        language: en
        about: { direction: inbound, attributes: { product: loan } }
        roles: unknown
        call: 'agent 0.5-3.0: xx'
        expect: not_evaluated
        evidence: [xx]
  - id: bare
    listen_for: { x: { say: xx } }
    flag_if: x
";
    let read = rule_set(&[source("p.yaml", text)]);
    assert_eq!((read.packs[0].version, read.packs[0].name.en.as_str()), (7, "Pack"));
    let full = &read.rules[0];
    assert_eq!(full.name.pick(Language::ZhCn), "完整");
    assert_eq!(full.why.both(), "because");
    assert_eq!(full.severity, Severity::Critical);
    assert_eq!(full.points.each, Points::from_hundredths(-250));
    assert_eq!(full.points.total(3), Points::from_hundredths(-750));
    assert_eq!(full.points.total(30), Points::whole(-10));
    assert!(full.sensitive);
    assert_eq!(full.applies_to.languages, [Language::ZhCn]);
    assert_eq!(full.applies_to.attributes["product"], ["loan"]);
    assert_eq!(full.applies_to.longer_than, Some(Millis(20_000)));
    let test = &full.tests[0];
    assert_eq!((test.expect, test.roles_known), (Expectation::NotEvaluated, false));
    assert_eq!(test.call[0].span, Span::new(Millis(500), Millis(3_000)));
    assert_eq!(test.about.language, Some(Language::EnUs));

    let bare = &read.rules[1];
    assert_eq!(bare.name.en, "bare");
    assert_eq!((bare.severity, bare.points.each), (Severity::Normal, Points::default()));
    assert!(bare.applies_to.is_empty());
    // No scenario is written, so one with all rules stands in.
    let scenario = &read.scenarios[0];
    assert_eq!((scenario.id.as_str(), &scenario.rules), ("p", &ScenarioRules::All));
    assert_eq!((scenario.base, scenario.upper), (Points::whole(100), Points::whole(100)));
}

#[test]
fn several_files_make_one_pack() {
    let read = rule_set(&[
        source(
            "a.yaml",
            "pack: p\nrules: [{ id: r, listen_for: { x: { say: $words } }, flag_if: x }]\n",
        ),
        source("b.yaml", "pack: p\nversion: 2\nphrases: { words: [one] }\n"),
        source(
            "c.yaml",
            "pack: q\nphrases: { words: [two] }\nscenarios: [{ id: s, base: 80, rules: [r] }]\n",
        ),
    ]);
    let packs: Vec<(&str, u32)> =
        read.packs.iter().map(|pack| (pack.id.as_str(), pack.version)).collect();
    assert_eq!(packs, [("p", 2), ("q", 0)]);
    let ConditionKind::Say(say) = &read.rules[0].conditions[0].kind else { panic!("a `say`") };
    // Lists are told apart by pack.
    assert_eq!(say.groups[0].phrases[0].text, "one");
    let scenarios: Vec<&str> = read.scenarios.iter().map(|scenario| scenario.id.as_str()).collect();
    assert_eq!(scenarios, ["s", "p"]);
}

#[test]
fn limits_end_in_diagnostics() {
    let check = |limits: Limits, text: &str| {
        let reading = read(&[source("p.yaml", text)], limits);
        assert!(reading.rule_set.is_none(), "{text}");
        let codes: Vec<u16> = reading.diagnostics.iter().map(|found| found.code.number).collect();
        assert!(codes.contains(&2), "{codes:?}");
    };
    let defaults = Limits::default();
    let rule = "pack: p\nrules: [{ id: r, listen_for: { x: { say: [aa, bb] } }, flag_if: x }]\n";
    check(Limits { source_bytes: 10, ..defaults }, rule);
    check(Limits { depth: 3, ..defaults }, rule);
    check(Limits { nodes: 8, ..defaults }, rule);
    check(Limits { rules: 0, ..defaults }, rule);
    check(Limits { conditions: 0, ..defaults }, rule);
    check(Limits { phrase_chars: 1, ..defaults }, rule);
    check(Limits { sources: 0, ..defaults }, rule);
    check(Limits { phrase_uses: 1, ..defaults }, rule);
    check(Limits { phrases: 0, ..defaults }, "pack: p\nphrases: { a: [aa] }\n");
    let many = read(&[source("p.yaml", &format!("pack: p\n{}", "x: 1\n".repeat(900)))], defaults);
    assert_eq!(many.diagnostics.len(), defaults.diagnostics);
}

#[test]
fn a_rule_is_explained_in_both_languages() {
    let text = "
pack: p
phrases: { wait: [one moment, hold on, bear with me, let me check, please hold] }
rules:
  - id: hold-unannounced
    name: { en: Hold not announced, zh: 静默未告知 }
    why: { en: The line seems dead., zh: 客户以为断线。 }
    severity: critical
    points: -5
    points_per: hit
    cap: -15
    applies_to: { direction: inbound }
    listen_for:
      wait: { say: $wait, by: agent, in: first 3 utterances }
      gap: { silence: 10s, unless_before: wait, at_least: 2 }
    flag_if: gap and not wait
";
    let rules = rule_set(&[source("p.yaml", text)]).rules;
    assert_eq!(
        explain_in(&rules[0], Language::EnUs),
        "\
hold-unannounced: Hold not announced
  Why: The line seems dead.
  Calls: direction inbound
  Listens for wait: the agent says $wait (“one moment”, “hold on”, “bear with me”, “let me check”, 1 more), in the first 3 utterances
  Listens for gap: nobody speaks for 10 s or longer, unless wait comes within 15 s before it, at least 2 times
  Flags when: gap and not wait
  Points: -5 for every hit, no further than -15
  Severity: critical
"
    );
    assert_eq!(
        explain_in(&rules[0], Language::ZhCn),
        "\
hold-unannounced：静默未告知
  缘由：客户以为断线。
  适用通话：呼叫方向 inbound
  留意 wait：坐席说到$wait（「one moment」、「hold on」、「bear with me」、「let me check」等 5 句），在前 3 句内
  留意 gap：双方静默达到 10 秒，除非静默之前 15 秒内有 wait，至少 2 次
  判定命中的条件：gap 且 未出现 wait
  分值：-5，每次命中，累计不超过 -15
  严重程度：严重
"
    );
}

/// Files as large as may be whose work would grow with the square of their size if a list were
/// searched where a set belongs. They end at once; nothing here measures time.
#[test]
fn large_files_are_read_in_one_pass() {
    let check = |text: String| {
        let _ = read(&[source("p.yaml", &text)], Limits::default());
    };
    let numbered = |before: &str, item: &dyn Fn(usize) -> String, after: &str| {
        let items: String = (0..50_000).map(item).collect();
        check(format!("{before}{items}{after}"));
    };
    numbered("pack: p\n", &|n| format!("k{n}: 1\n"), "");
    numbered("pack: p\nscenarios: [{ id: s, rules: [", &|n| format!("r{n},"), "] }]\n");
    numbered("pack: p\nphrases:\n  a:\n", &|n| format!("  - phrase {n}\n"), "");
    numbered(
        "pack: p\nrules: [{ id: r, listen_for: { x: { say: [",
        &|n| format!("w{n},"),
        "] } }, flag_if: x }]\n",
    );
    numbered(
        "pack: p\nrules: [{ id: r, listen_for: { x: { say: aa } }, flag_if: '",
        &|_| "x && ".into(),
        "x' }]\n",
    );
    let list = "aaaa".repeat(40);
    numbered("pack: p\nphrases:\n  a:\n", &|n| format!("  - {list}{n}\n"), "");
}

/// The same numbers on every machine: xorshift by Marsaglia.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).expect("below a usize")
    }
}

#[test]
fn damaged_rule_files_end_in_a_pack_or_in_diagnostics() {
    const SPLINTERS: &[&str] = &[
        "",
        ":",
        " ",
        "\n",
        "- ",
        "{",
        "}",
        "[",
        "]",
        "'",
        "\"",
        "&a",
        "*a",
        "!",
        "|",
        "$",
        "您",
        "é",
        "\t",
        "10s",
        "not ",
        "(",
        "~",
        "#",
        "\u{0}",
        "\u{feff}",
        "999999999999",
        "-",
        "first 2 utterances",
    ];
    let packs = shipped_packs();
    let files: Vec<&RuleSource> = packs.iter().flat_map(|pack| &pack.sources).collect();
    let mut numbers = Numbers(2026);
    for _ in 0..400 {
        let file = files[numbers.below(files.len())];
        let mut characters: Vec<char> = file.text.chars().collect();
        // A part of the file is as good as the whole and quicker.
        characters.truncate(200 + numbers.below(4_000));
        for _ in 0..=numbers.below(6) {
            let at = numbers.below(characters.len());
            let end = (at + numbers.below(4)).min(characters.len());
            let splinter = SPLINTERS[numbers.below(SPLINTERS.len())];
            characters.splice(at..end, splinter.chars());
        }
        let text: String = characters.into_iter().collect();
        let diagnostics = match compile(&[source(&file.name, &text)]) {
            Ok(pack) => pack.warnings().to_vec(),
            Err(diagnostics) => {
                assert!(diagnostics.iter().any(fh_rules::Diagnostic::is_error), "{text}");
                diagnostics
            }
        };
        for diagnostic in diagnostics {
            assert!(diagnostic.render(&text).contains(&diagnostic.message));
        }
    }
}
