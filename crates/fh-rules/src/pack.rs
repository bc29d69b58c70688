use fh_model::{CallWarning, Finding, Points, Verdict};

use crate::compile::{Program, pack_digest, rule_digest};
use crate::diagnostic::Diagnostic;
use crate::evaluate::{CallFacts, CompiledFilter, PreparedText, RuleOutcome, Scratch, evaluate};
use crate::explain::explain;
use crate::measures::{SpeechCounting, roles_look_swapped, speech_rates};
use crate::model::{Place, RuleSet, Scenario};
use crate::score;
use crate::syntax::{self, RuleSource};
use crate::testing::{self, TestOutcome};
use crate::view::{CallView, Outcome};

/// Compiles rule files: all that is wrong with them, or a pack with its warnings.
///
/// # Errors
///
/// Diagnostics of which at least one is an error, in the order of the files.
pub fn compile(sources: &[RuleSource]) -> Result<Pack, Vec<Diagnostic>> {
    let mut reading = syntax::read(sources, syntax::Limits::default());
    let names: Vec<String> = sources.iter().map(|source| source.name.clone()).collect();
    let mut program = None;
    if let Some(rules) = &reading.rule_set {
        let (compiled, diagnostics) = Program::compile(&rules.rules);
        program = compiled;
        reading.diagnostics.extend(diagnostics.into_iter().map(|diagnostic| {
            let name = name_of(&names, diagnostic.place);
            diagnostic.in_file(name)
        }));
        reading.diagnostics.sort_by_key(|d| (d.place, d.code.number));
    }
    match (reading.rule_set, program) {
        (Some(rules), Some(program)) => Ok(Pack::new(rules, names, program, reading.diagnostics)),
        _ => Err(reading.diagnostics),
    }
}

/// The name of the rule file in which `place` lies.
fn name_of(names: &[String], place: Place) -> &str {
    names.get(place.source.0 as usize).map_or("", String::as_str)
}

/// Compiled rules, ready for any number of calls. It never changes and can be shared by threads.
///
/// ```
/// use fh_model::{
///     AcousticMeasures, CallMetadata, ChannelIndex, Language, Millis, Role, Span, Transcript,
///     TranscriptSource, Utterance, VoiceActivity,
/// };
/// use fh_rules::{CallView, RuleSource, compile};
///
/// let rules = RuleSource {
///     name: "rude.yaml".to_owned(),
///     text: "
/// pack: example
/// rules:
///   - id: forbidden_words
///     name: Forbidden words
///     points: -20
///     listen_for:
///       rude: { say: [not my problem], by: agent }
///     flag_if: rude
/// ".to_owned(),
/// };
/// let pack = compile(&[rules]).expect("the rule file is sound");
///
/// let said = Utterance {
///     id: 1,
///     channel: ChannelIndex(1),
///     role: Role::Agent,
///     span: Span::new(Millis(0), Millis(2_000)),
///     text: "Sorry, that's not my problem.".to_owned(),
///     words: Vec::new(),
///     confidence_permille: None,
///     language: None,
///     emotion: None,
/// };
/// let source = TranscriptSource::Import { format: "example".to_owned(), digest: String::new() };
/// let outcome = pack.inspect(
///     &CallView {
///         metadata: &CallMetadata::default(),
///         transcript: Some(&Transcript::new(Language::EnUs, source, vec![said])),
///         measures: &AcousticMeasures {
///             duration: Millis(2_000),
///             channels: Vec::new(),
///             mutual_silences: Vec::new(),
///             mutual_silence_lengths: None,
///             talk_overs: Vec::new(),
///             talk_over_lengths: None,
///         },
///         voice_activity: &VoiceActivity::SileroWithEnergy,
///         warnings: &[],
///     },
///     None,
/// );
/// assert_eq!(outcome.score_cards[0].score.to_string(), "80");
/// ```
#[derive(Debug)]
pub struct Pack {
    rules: RuleSet,
    /// The rule files' names, by source.
    source_names: Vec<String>,
    rule_digests: Vec<String>,
    digest: String,
    program: Program,
    scenarios: Vec<CompiledScenario>,
    warnings: Vec<Diagnostic>,
}

#[derive(Debug)]
struct CompiledScenario {
    /// Positions of the rules that count, in the order shown.
    rules: Vec<u32>,
    applies_to: CompiledFilter,
}

impl Pack {
    fn new(
        rules: RuleSet,
        source_names: Vec<String>,
        program: Program,
        warnings: Vec<Diagnostic>,
    ) -> Self {
        let scenarios = rules
            .scenarios
            .iter()
            .map(|scenario| CompiledScenario {
                rules: score::rules_of(scenario, &rules.rules),
                applies_to: CompiledFilter::new(&scenario.applies_to),
            })
            .collect();
        let rule_digests: Vec<String> = rules.rules.iter().map(rule_digest).collect();
        let digest = pack_digest(&rules, &rule_digests);
        Self { rules, source_names, rule_digests, digest, program, scenarios, warnings }
    }

    /// blake3 of everything in the pack that can change a result, in hex.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The rules, scenarios and phrase lists, as they were read.
    pub const fn rule_set(&self) -> &RuleSet {
        &self.rules
    }

    /// The business scenarios, in the order of the files.
    pub fn scenarios(&self) -> &[Scenario] {
        &self.rules.scenarios
    }

    /// blake3 of a rule's meaning, in hex.
    pub fn rule_digest(&self, rule_id: &str) -> Option<&str> {
        let index = self.rules.rules.iter().position(|rule| rule.id == rule_id)?;
        Some(&self.rule_digests[index])
    }

    /// What looks wrong in the rule files, though they work.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// Runs the tests that stand beside the rules, in the order of the files.
    pub fn run_tests(&self) -> Vec<TestOutcome> {
        let mut outcomes = Vec::new();
        for (index, rule) in (0u32..).zip(&self.rules.rules) {
            outcomes.extend(testing::run(rule, &mut |call| self.inspect_rule_at(call, index)));
        }
        for outcome in &mut outcomes {
            name_of(&self.source_names, outcome.place).clone_into(&mut outcome.file);
        }
        outcomes
    }

    /// What a rule means, in sentences, in English and in Chinese. `None` where there is no such
    /// rule.
    pub fn explain(&self, rule_id: &str) -> Option<String> {
        self.rules.rule(rule_id).map(explain)
    }

    /// Inspects one call in every scenario that applies to it, or in the one named, whether it
    /// applies or not. A name that no scenario has gives no card.
    pub fn inspect(&self, call: &CallView<'_>, scenario: Option<&str>) -> Outcome {
        Inspector::new(self).inspect(call, scenario)
    }

    /// Holds one rule against a call. `None` where there is no such rule.
    pub fn inspect_rule(&self, call: &CallView<'_>, rule_id: &str) -> Option<Finding> {
        let index = self.rules.rules.iter().position(|rule| rule.id == rule_id)? as u32;
        Some(self.inspect_rule_at(call, index))
    }

    fn inspect_rule_at(&self, call: &CallView<'_>, index: u32) -> Finding {
        let text = call.transcript.map(PreparedText::new).unwrap_or_default();
        let outcomes = evaluate(&self.program, call, &text, Some(index), &mut Scratch::default());
        self.finding(index, outcomes.into_iter().next())
    }

    fn finding(&self, index: u32, outcome: Option<RuleOutcome>) -> Finding {
        let rule = &self.rules.rules[index as usize];
        let points = outcome.as_ref().map_or(Points::default(), |o| score::points_of(rule, o));
        let (verdict, evidence, excused) = match outcome {
            Some(outcome) => (outcome.verdict, outcome.evidence, outcome.excused),
            None => (Verdict::Clear, Vec::new(), Vec::new()),
        };
        Finding {
            rule_id: rule.id.clone(),
            rule_kind: rule.kind(),
            rule_name: rule.name.both(),
            why: rule.why.both(),
            rule_digest: self.rule_digests[index as usize].clone(),
            severity: rule.severity,
            verdict,
            points,
            rule_points: rule.points.each,
            evidence,
            excused,
        }
    }
}

/// Inspects call after call, keeping its room between them.
#[derive(Debug)]
pub struct Inspector<'p> {
    pack: &'p Pack,
    scratch: Scratch,
}

/// What a call came to, without findings for people: enough to re-score an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    outcomes: Vec<RuleOutcome>,
    /// For each scenario that applies its position in [`Pack::scenarios`] and its score.
    pub scores: Vec<(usize, Points)>,
}

impl Evaluation {
    /// How many rules flagged.
    pub fn flagged(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.verdict == Verdict::Flagged).count()
    }
}

impl<'p> Inspector<'p> {
    /// An inspector for calls against `pack`.
    pub fn new(pack: &'p Pack) -> Self {
        Self { pack, scratch: Scratch::default() }
    }

    /// As [`Pack::inspect`].
    pub fn inspect(&mut self, call: &CallView<'_>, scenario: Option<&str>) -> Outcome {
        let text = call.transcript.map(PreparedText::new).unwrap_or_default();
        let Evaluation { outcomes, scores } = self.evaluate(call, &text, scenario);
        let pack = self.pack;
        let finding = |&rule: &u32| {
            let outcome = outcomes.binary_search_by_key(&rule, |outcome| outcome.rule);
            pack.finding(rule, outcome.ok().map(|found| outcomes[found].clone()))
        };
        let score_cards = scores
            .iter()
            .map(|&(index, _)| {
                let findings = pack.scenarios[index].rules.iter().map(finding).collect();
                score::card(&pack.rules.scenarios[index], findings)
            })
            .collect();
        let mut warnings = Vec::new();
        let mut rates = Vec::new();
        if let Some(transcript) = call.transcript {
            rates = speech_rates(transcript, call.measures, SpeechCounting::Units);
            if roles_look_swapped(transcript, |index| text.units_of(index)) {
                warnings.push(CallWarning::RolesLookSwapped);
            }
        }
        Outcome { speech_rates: rates, score_cards, warnings }
    }

    /// Evaluates all rules and adds up the scores. `text` is the call's transcript prepared; an
    /// empty one where there is none.
    pub fn evaluate(
        &mut self,
        call: &CallView<'_>,
        text: &PreparedText,
        scenario: Option<&str>,
    ) -> Evaluation {
        let pack = self.pack;
        let outcomes = evaluate(&pack.program, call, text, None, &mut self.scratch);
        let facts = CallFacts::new(call);
        let scores = (pack.scenarios.iter().zip(&pack.rules.scenarios).enumerate())
            .filter(|(_, (compiled, model))| match scenario {
                Some(wanted) => model.id == wanted,
                None => compiled.applies_to.lets_through(&facts),
            })
            .map(|(index, (compiled, model))| {
                let points = compiled.rules.iter().filter_map(|rule| {
                    let found = outcomes.binary_search_by_key(rule, |outcome| outcome.rule).ok()?;
                    Some(score::points_of(&pack.rules.rules[*rule as usize], &outcomes[found]))
                });
                (index, score::score(model, points))
            })
            .collect();
        Evaluation { outcomes, scores }
    }
}
