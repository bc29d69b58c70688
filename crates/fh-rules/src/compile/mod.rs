//! Rules become a program: one matcher for all phrases, and for each rule what to do when some of
//! them are found.

mod digest;
mod literals;

use std::collections::HashMap;
use std::sync::Arc;

use fh_model::Millis;

pub(crate) use digest::{pack_digest, rule_digest};

use crate::diagnostic::{Code, Diagnostic};
use crate::evaluate::{CompiledFilter, Truth, WorkLimits, value_of};
use crate::matcher::{Matcher, Occurrence};
use crate::model::{
    Condition, ConditionIndex, ConditionKind, Expression, Phrase, Place, Reach, Rule, Window,
};
use crate::operators::{self, Listener, Needs, Wake};
use crate::text::{fold_regex, is_word_unit};

/// Everything that is needed to hold a call against the rules.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) matcher: Matcher,
    /// For each pattern where its listeners begin in `listening`; one entry more than patterns.
    first_listening: Vec<u32>,
    listening: Vec<Listening>,
    /// For each pattern whether it begins, and whether it ends, with a unit of a word.
    word_ends: Vec<(bool, bool)>,
    slots: usize,
    pub(crate) rules: Vec<CompiledRule>,
    /// One bit a rule: to be looked at in every call.
    pub(crate) always_woken: Vec<u64>,
    pub(crate) woken_by_silence: Vec<(u32, Millis)>,
    pub(crate) woken_by_talk_over: Vec<(u32, Millis)>,
    pub(crate) limits: WorkLimits,
}

/// A condition that wants to know where a pattern occurs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listening {
    pub(crate) slot: u32,
    pub(crate) rule: u32,
    /// What the operator calls the pattern.
    pub(crate) tag: u32,
    /// Only where it is not part of a longer word.
    pub(crate) whole_words: bool,
}

/// A rule, ready to be evaluated.
#[derive(Debug)]
pub(crate) struct CompiledRule {
    pub(crate) listeners: Vec<Listener>,
    pub(crate) flag_if: Expression,
    pub(crate) applies_to: CompiledFilter,
    pub(crate) needs: Needs,
}

impl Program {
    /// Compiles `rules`. The diagnostics are complete, and hold no error where there is a program.
    pub(crate) fn compile(rules: &[Rule]) -> (Option<Self>, Vec<Diagnostic>) {
        let mut book = Book::default();
        let mut compiled = Vec::with_capacity(rules.len());
        for (index, rule) in (0u32..).zip(rules) {
            compiled.extend(compile_rule(index, rule, &mut book));
        }
        let mut diagnostics = book.diagnostics;
        // A phrase list that several rules use is complained of once.
        diagnostics.sort_by_key(|diagnostic| (diagnostic.place, diagnostic.code.number));
        diagnostics.dedup();
        if diagnostics.iter().any(Diagnostic::is_error) || compiled.len() != rules.len() {
            return (None, diagnostics);
        }
        let mut program = Self {
            matcher: Matcher::new(&book.patterns),
            first_listening: Vec::with_capacity(book.patterns.len() + 1),
            listening: Vec::new(),
            word_ends: book.patterns.iter().map(|pattern| word_ends(pattern)).collect(),
            slots: book.slots as usize,
            rules: compiled,
            always_woken: vec![0; rules.len().div_ceil(64)],
            woken_by_silence: Vec::new(),
            woken_by_talk_over: Vec::new(),
            limits: WorkLimits::default(),
        };
        for listening in book.listening {
            program.first_listening.push(program.listening.len() as u32);
            program.listening.extend(listening);
        }
        program.first_listening.push(program.listening.len() as u32);
        program.note_what_wakes();
        (Some(program), diagnostics)
    }

    fn note_what_wakes(&mut self) {
        for (index, rule) in (0u32..).zip(&self.rules) {
            // Who is not spoken of at all is at least not applicable; and some rules flag when
            // nothing is said.
            let silent: Vec<Truth> = rule.listeners.iter().map(|_| Truth::False).collect();
            let mut always =
                !rule.applies_to.is_empty() || value_of(&rule.flag_if, &silent) == Truth::True;
            for listener in &rule.listeners {
                match listener.operator.wakes() {
                    Wake::Words => {}
                    Wake::Silence(limit) => self.woken_by_silence.push((index, limit)),
                    Wake::TalkOver(limit) => self.woken_by_talk_over.push((index, limit)),
                    Wake::Always => always = true,
                }
            }
            if always {
                self.always_woken[index as usize / 64] |= 1 << (index % 64);
            }
        }
    }

    /// How many conditions there are.
    pub(crate) const fn slots(&self) -> usize {
        self.slots
    }

    /// Who listens for a pattern.
    pub(crate) fn listening_for(&self, pattern: u32) -> &[Listening] {
        let first = self.first_listening[pattern as usize] as usize;
        let end = self.first_listening[pattern as usize + 1] as usize;
        &self.listening[first..end]
    }

    /// Whether the words at both ends of an occurrence end with it.
    pub(crate) fn stands_as_words(&self, occurrence: Occurrence, text: &[u16]) -> bool {
        let (begins, ends) = self.word_ends[occurrence.pattern as usize];
        let is_word = |index: usize| text.get(index).is_some_and(|&unit| is_word_unit(unit));
        let (start, end) = (occurrence.start as usize, occurrence.end as usize);
        let joined_before = begins && start > 0 && is_word(start - 1);
        let joined_after = ends && is_word(end);
        !joined_before && !joined_after
    }
}

fn word_ends(pattern: &[u16]) -> (bool, bool) {
    let is_word = |unit: Option<&u16>| unit.is_some_and(|&unit| is_word_unit(unit));
    (is_word(pattern.first()), is_word(pattern.last()))
}

/// `None` where a diagnostic says what is wrong.
fn compile_rule(index: u32, rule: &Rule, book: &mut Book) -> Option<CompiledRule> {
    let timed = timed_conditions(&rule.conditions);
    let mut listeners = Vec::with_capacity(rule.conditions.len());
    let mut needs = Needs::default();
    for (condition, timed) in rule.conditions.iter().zip(timed) {
        let slot = book.slots;
        book.slots += 1;
        let mut compiling = Compiling { book: &mut *book, rule: index, slot };
        let Some(operator) = operators::compile(&mut compiling, &condition.kind) else { continue };
        needs = needs.and(operator.needs(&condition.scope));
        listeners.push(Listener {
            slot,
            name: condition.name.clone(),
            scope: condition.scope.clone(),
            timed,
            operator,
        });
    }
    (listeners.len() == rule.conditions.len()).then(|| CompiledRule {
        listeners,
        flag_if: rule.flag_if.clone(),
        applies_to: CompiledFilter::new(&rule.applies_to),
        needs,
    })
}

/// Which conditions' hits must have exact times: those that others compare with their own.
fn timed_conditions(conditions: &[Condition]) -> Vec<bool> {
    let mut timed = vec![false; conditions.len()];
    let mut mark = |list: &[ConditionIndex]| {
        for index in list {
            timed[index.0] = true;
        }
    };
    for condition in conditions {
        match &condition.kind {
            ConditionKind::FirstThen(c) => mark(&c.steps),
            ConditionKind::Missing(c) => mark(&[c.wanted, c.anchor]),
            ConditionKind::Silence(c) => {
                mark(&c.unless_before);
                mark(&c.unless_after);
            }
            ConditionKind::Speed(c) if c.within != Reach::Unlimited => mark(&c.unless),
            _ => {}
        }
    }
    // Hits in a part of the call by time are timed when they are found; `order` wants them too.
    for (timed, condition) in timed.iter_mut().zip(conditions) {
        *timed |= matches!(condition.scope.window, Window::FirstTime(_) | Window::LastTime(_));
    }
    timed
}

/// What is collected over all rules.
#[derive(Debug, Default)]
struct Book {
    patterns: Vec<Vec<u16>>,
    /// Patterns by their units, so that each is scanned for once.
    known: HashMap<Vec<u16>, u32>,
    listening: Vec<Vec<Listening>>,
    regexes: HashMap<String, Option<Arc<regex::Regex>>>,
    slots: u32,
    diagnostics: Vec<Diagnostic>,
}

/// What an operator may do while its condition is compiled.
pub(crate) struct Compiling<'b> {
    book: &'b mut Book,
    rule: u32,
    slot: u32,
}

/// Memory that one regular expression may take, in bytes. Ordinary ones take some thousands; the
/// time that a search takes per byte grows with it in the worst case.
const REGEX_SIZE: usize = 1 << 20;
/// Groups within groups.
const REGEX_DEPTH: u32 = 50;

impl Compiling<'_> {
    /// Asks the scan for the occurrences of `units`, which are not empty, to be kept as raw hits
    /// of the condition at hand with this tag.
    pub(crate) fn listen_for(&mut self, units: &[u16], tag: u32, whole_words: bool) {
        let book = &mut *self.book;
        let pattern = match book.known.get(units) {
            Some(&pattern) => pattern,
            None => {
                let pattern = book.patterns.len() as u32;
                book.known.insert(units.to_vec(), pattern);
                book.patterns.push(units.to_vec());
                book.listening.push(Vec::new());
                pattern
            }
        };
        book.listening[pattern as usize].push(Listening {
            slot: self.slot,
            rule: self.rule,
            tag,
            whole_words,
        });
    }

    /// Says that there is nothing in `phrase` to listen for.
    pub(crate) fn phrase_without_words(&mut self, phrase: &Phrase) {
        let message = format!("nothing is left of `{}` without its punctuation", phrase.text);
        self.book.diagnostics.push(
            Diagnostic::new(Code::PHRASE_WITHOUT_WORDS, phrase.place, message)
                .expecting("letters, digits or Han characters"),
        );
    }

    /// The compiled expression; `None` after saying what is wrong with it.
    pub(crate) fn regex(&mut self, pattern: &str, place: Place) -> Option<Arc<regex::Regex>> {
        if let Some(Some(known)) = self.book.regexes.get(pattern) {
            return Some(Arc::clone(known));
        }
        let compiled = regex::RegexBuilder::new(&fold_regex(pattern))
            .case_insensitive(true)
            .size_limit(REGEX_SIZE)
            .dfa_size_limit(REGEX_SIZE)
            .nest_limit(REGEX_DEPTH)
            .build();
        let regex = match compiled {
            Ok(regex) => Some(Arc::new(regex)),
            Err(regex::Error::CompiledTooBig(limit)) => {
                self.book.diagnostics.push(
                    Diagnostic::new(
                        Code::REGEX_TOO_LARGE,
                        place,
                        format!("the regular expression needs more than {limit} bytes"),
                    )
                    .expecting("smaller repetition counts, or several conditions"),
                );
                None
            }
            Err(error) => {
                // The library's message is a drawing; its last line says what is wrong.
                let message = error.to_string();
                let last = message.lines().last().unwrap_or_default();
                let what = last.trim().trim_start_matches("error: ");
                self.book.diagnostics.push(
                    Diagnostic::new(
                        Code::INVALID_REGEX,
                        place,
                        format!("the regular expression cannot be read: {what}"),
                    )
                    .expecting(
                        "the syntax of Rust's `regex` crate: no look-around, no back-references",
                    ),
                );
                None
            }
        };
        self.book.regexes.insert(pattern.to_owned(), regex.clone());
        regex
    }

    /// Folded texts of which every match of the expression contains at least one; `None` where
    /// there are no such texts, which is worth a warning.
    pub(crate) fn required_literals(
        &mut self,
        pattern: &str,
        place: Place,
    ) -> Option<Vec<Vec<u16>>> {
        let literals = literals::required(&fold_regex(pattern));
        if literals.is_none() && self.book.regexes.get(pattern).is_some_and(Option::is_some) {
            self.book.diagnostics.push(
                Diagnostic::new(
                    Code::REGEX_WITHOUT_LITERAL,
                    place,
                    "no fixed text is in every match, so every utterance must be searched",
                )
                .expecting("a word that is always there"),
            );
        }
        literals
    }
}
