//! The engine against an evaluator that is slow and plain: it folds and searches every utterance
//! for every phrase, tries every combination of hits, and skips nothing.

mod engine_support;
#[path = "engine_support/slow_text.rs"]
mod slow_text;

use engine_support::{Call, Dice, channel, pack, span, transcript, utterance};
use fh_model::{
    AcousticMeasures, CallMetadata, CallWarning, ChannelIndex, Language, Millis,
    NotEvaluatedReason, Points, Role, Span, TalkOver, Verdict, VoiceActivity,
};
use fh_rules::model::{
    AnchorHits, Condition, ConditionKind, Expression, FirstThen, Missing, Needed, Phrase, Reach,
    Rule, Say, Scope, Side, Silence, Speed, SpeedLimit, SpeedPer, Window,
};
use fh_rules::{Pack, count_speech_units};
use slow_text::{slow_find, slow_fold};

type Unknown = NotEvaluatedReason;

/// A hit as the reference sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Hit {
    span: Span,
    first: usize,
    last: usize,
    /// Characters of the folded utterance, for words.
    words: Option<(usize, usize)>,
}

struct Reference<'c> {
    call: &'c Call,
    roles_known: bool,
}

impl Reference<'_> {
    fn utterances(&self) -> &[fh_model::Utterance] {
        self.call.transcript.as_ref().map_or(&[], |transcript| &transcript.utterances)
    }

    fn folded(&self, index: usize) -> Vec<(char, usize)> {
        slow_fold(&self.utterances()[index].text)
    }

    fn require_words(&self, by: Option<Role>) -> Result<(), Unknown> {
        if self.call.transcript.is_none() {
            return Err(Unknown::NoTranscript);
        }
        if by.is_some() && !self.roles_known { Err(self.why()) } else { Ok(()) }
    }

    fn why(&self) -> Unknown {
        if self.call.warnings.contains(&CallWarning::MixedParties) {
            Unknown::MixedParties
        } else {
            Unknown::RolesUnknown
        }
    }

    fn conversation(&self) -> Span {
        let said: Vec<Span> = if self.utterances().is_empty() {
            self.call.measures.channels.iter().flat_map(|c| c.speech.clone()).collect()
        } else {
            self.utterances().iter().map(|u| u.span).collect()
        };
        let start = said.iter().map(|s| s.start).min();
        let end = said.iter().map(|s| s.end).max();
        match (start, end) {
            (Some(start), Some(end)) => Span::new(start, end),
            _ => Span::new(Millis(0), self.call.measures.duration),
        }
    }

    /// The utterances that the scope's role said, in the part counted in utterances.
    fn scoped_utterances(&self, scope: &Scope) -> Vec<usize> {
        let of_role: Vec<usize> = (0..self.utterances().len())
            .filter(|&i| scope.by.is_none_or(|role| self.utterances()[i].role == role))
            .collect();
        match scope.window {
            Window::FirstUtterances(n) => of_role.into_iter().take(n as usize).collect(),
            Window::LastUtterances(n) => {
                let skip = of_role.len().saturating_sub(n as usize);
                of_role.into_iter().skip(skip).collect()
            }
            _ => of_role,
        }
    }

    fn in_time(&self, span: Span, window: Window) -> bool {
        let whole = self.conversation();
        match window {
            Window::FirstTime(t) => span.start.0.saturating_sub(whole.start.0) < t.0,
            Window::LastTime(t) => whole.end.0.saturating_sub(span.end.0) < t.0,
            _ => true,
        }
    }

    fn in_window(&self, hit: &Hit, scope: &Scope) -> Result<bool, Unknown> {
        match scope.window {
            Window::FirstUtterances(_) | Window::LastUtterances(_) => {
                self.require_words(scope.by)?;
                let counted = self.scoped_utterances(scope);
                let all = self.scoped_utterances(&Scope { window: Window::Whole, ..scope.clone() });
                if counted.len() == all.len() {
                    let n = match scope.window {
                        Window::FirstUtterances(n) | Window::LastUtterances(n) => n as usize,
                        _ => 0,
                    };
                    if all.len() < n {
                        return Ok(true);
                    }
                }
                Ok(match scope.window {
                    Window::FirstUtterances(_) => {
                        let last = counted[counted.len() - 1];
                        hit.span.start < self.utterances()[last].span.end
                    }
                    _ => hit.span.end > self.utterances()[counted[0]].span.start,
                })
            }
            window => Ok(self.in_time(hit.span, window)),
        }
    }

    fn time_of(&self, index: usize, (start, end): (usize, usize)) -> Span {
        let said = self.utterances()[index].span;
        let length = self.folded(index).len().max(1) as u64;
        let at = |unit: usize| said.start.0 + said.length().0 * unit as u64 / length;
        Span::new(Millis(at(start)), Millis(at(end)))
    }

    /// The utterances before and after something without words.
    fn beside(&self, span: Span) -> (usize, usize) {
        let starts: Vec<Millis> = self.utterances().iter().map(|u| u.span.start).collect();
        let before = starts.iter().rposition(|start| *start < span.start).unwrap_or(0);
        let last = starts.len().saturating_sub(1);
        let after = starts.iter().position(|start| *start >= span.end).unwrap_or(last);
        (before, after.max(before))
    }

    fn evaluate(&self, rule: &Rule) -> (Verdict, Points) {
        let mut heard: Vec<Result<Vec<Hit>, Unknown>> = Vec::new();
        for condition in &rule.conditions {
            let mut hits = self.listen(condition, &heard);
            if let Ok(hits) = &mut hits {
                hits.sort_by_key(order);
            }
            heard.push(hits);
        }
        let values: Vec<(i8, Option<Unknown>)> = heard
            .iter()
            .zip(&rule.conditions)
            .map(|(hits, condition)| match hits {
                Err(reason) => (1, Some(*reason)),
                Ok(hits) if hits.len() >= condition.scope.at_least as usize => (2, None),
                Ok(_) => (0, None),
            })
            .collect();
        match value(&rule.flag_if, &values) {
            (2, _) => {
                let mut grounds = Vec::new();
                support(&rule.flag_if, 2, &values, &mut grounds);
                grounds.sort_unstable();
                grounds.dedup();
                let hits: usize = grounds
                    .iter()
                    .filter(|&&(_, wanted)| wanted == 2)
                    .map(|&(condition, _)| heard[condition].as_ref().map_or(0, Vec::len))
                    .sum();
                (Verdict::Flagged, rule.points.total(hits as u32))
            }
            (0, _) => (Verdict::Clear, Points::default()),
            (_, reason) => {
                let reason = reason.expect("what is not known has a reason");
                (Verdict::NotEvaluated { reason }, Points::default())
            }
        }
    }

    fn listen(
        &self,
        condition: &Condition,
        above: &[Result<Vec<Hit>, Unknown>],
    ) -> Result<Vec<Hit>, Unknown> {
        let scope = &condition.scope;
        match &condition.kind {
            ConditionKind::Say(say) => self.say(say, scope),
            ConditionKind::Regex(regex) => {
                self.require_words(scope.by)?;
                let build = |pattern: &str| {
                    let pattern = pattern.replace('訴', "诉");
                    regex::RegexBuilder::new(&pattern)
                        .case_insensitive(true)
                        .build()
                        .expect("the patterns above are sound")
                };
                let (wanted, excluded) =
                    (build(&regex.pattern), regex.not_matching.as_deref().map(build));
                let mut hits = Vec::new();
                for index in self.scoped_utterances(scope) {
                    let text: String = self.folded(index).iter().map(|(c, _)| *c).collect();
                    if excluded.as_ref().is_some_and(|excluded| excluded.is_match(&text)) {
                        continue;
                    }
                    for found in wanted.find_iter(&text).filter(|found| !found.is_empty()) {
                        let start = text[..found.start()].chars().count();
                        let words = (start, start + found.as_str().chars().count());
                        hits.push(self.words_hit(index, words));
                    }
                }
                hits.retain(|hit| self.in_time(hit.span, scope.window));
                Ok(hits)
            }
            ConditionKind::FirstThen(first_then) => self.first_then(first_then, scope, above),
            ConditionKind::Missing(missing) => self.missing(missing, scope, above),
            ConditionKind::Silence(silence) => self.silence(silence, scope, above),
            ConditionKind::Speed(speed) => self.speed(speed, scope, above),
            ConditionKind::Interrupts(interrupts) => {
                if self.call.measures.channels.len() < 2 {
                    return Err(Unknown::MixedParties);
                }
                if scope.by.is_some() && !self.roles_known {
                    return Err(self.why());
                }
                if self.call.voice_activity == VoiceActivity::EnergyOnly {
                    return Err(Unknown::NoVoiceActivity);
                }
                let mut hits = Vec::new();
                for talk_over in &self.call.measures.talk_overs {
                    let length = talk_over.span.length();
                    let murmur = talk_over.inside_other && length <= interrupts.backchannel;
                    if length < interrupts.overlap
                        || talk_over.other_spoke_for < interrupts.other_spoke_for
                        || murmur
                        || scope.by.is_some_and(|role| role != talk_over.by)
                    {
                        continue;
                    }
                    let (first, last) = self.beside(talk_over.span);
                    let hit = Hit { span: talk_over.span, first, last, words: None };
                    if self.in_window(&hit, scope)? {
                        hits.push(hit);
                    }
                }
                Ok(hits)
            }
            other => panic!("the reference does not know {other:?}"),
        }
    }

    fn words_hit(&self, index: usize, words: (usize, usize)) -> Hit {
        Hit { span: self.time_of(index, words), first: index, last: index, words: Some(words) }
    }

    fn say(&self, say: &Say, scope: &Scope) -> Result<Vec<Hit>, Unknown> {
        self.require_words(scope.by)?;
        // Utterance, words, group.
        let mut counted: Vec<(usize, (usize, usize), usize)> = Vec::new();
        for index in self.scoped_utterances(scope) {
            let text = self.folded(index);
            let find = |phrase: &Phrase| slow_find(&text, &slow_fold(&phrase.text));
            let beside = say.not_beside.iter().any(|phrase| !find(phrase).is_empty());
            let longer: Vec<(usize, usize)> = say.not_part_of.iter().flat_map(find).collect();
            for (group, phrases) in say.groups.iter().enumerate() {
                for words in phrases.phrases.iter().flat_map(find) {
                    let covered = longer.iter().any(|l| l.0 < words.1 && words.0 < l.1);
                    let in_time = self.in_time(self.time_of(index, words), scope.window);
                    if in_time && !beside && !covered {
                        counted.push((index, words, group));
                    }
                }
            }
        }
        let needed = match say.needed {
            Needed::Any => 1,
            Needed::All => say.groups.len(),
            Needed::AtLeast(count) => count as usize,
        };
        let groups_in = |utterance: Option<usize>| {
            let mut groups: Vec<usize> = counted
                .iter()
                .filter(|hit| utterance.is_none_or(|wanted| wanted == hit.0))
                .map(|hit| hit.2)
                .collect();
            groups.sort_unstable();
            groups.dedup();
            groups.len()
        };
        let enough: Vec<_> = counted
            .iter()
            .filter(|hit| groups_in(say.same_utterance.then_some(hit.0)) >= needed)
            .collect();
        // The longest first, of equals the leftmost, and nothing that overlaps what was taken.
        let mut left: Vec<(usize, (usize, usize))> = enough.iter().map(|h| (h.0, h.1)).collect();
        left.sort_by_key(|(index, words)| (usize::MAX - (words.1 - words.0), *index, words.0));
        let mut taken: Vec<(usize, (usize, usize))> = Vec::new();
        for (index, words) in left {
            let clash =
                |t: &(usize, (usize, usize))| t.0 == index && t.1.0 < words.1 && words.0 < t.1.1;
            if !taken.iter().any(clash) {
                taken.push((index, words));
            }
        }
        Ok(taken.into_iter().map(|(index, words)| self.words_hit(index, words)).collect())
    }

    fn first_then(
        &self,
        first_then: &FirstThen,
        scope: &Scope,
        above: &[Result<Vec<Hit>, Unknown>],
    ) -> Result<Vec<Hit>, Unknown> {
        let steps: Vec<_> = first_then.steps.iter().map(|step| &above[step.0]).collect();
        if steps.iter().any(|step| step.as_ref().is_ok_and(Vec::is_empty)) {
            return Ok(Vec::new());
        }
        let mut lists = Vec::new();
        for step in steps {
            lists.push(step.clone()?);
        }
        let mut found = Vec::new();
        for first in &lists[0] {
            // Every way to take one hit of each further step.
            let mut combinations: Vec<Vec<&Hit>> = vec![vec![first]];
            for list in &lists[1..] {
                combinations = combinations
                    .iter()
                    .flat_map(|chosen| list.iter().map(move |hit| [&chosen[..], &[hit]].concat()))
                    .collect();
            }
            combinations.retain(|chosen| {
                if first_then.in_order {
                    chosen.windows(2).all(|pair| {
                        follows(pair[1], pair[0]) && apart(first_then.within, pair[0], pair[1])
                    })
                } else {
                    let begins = chosen.iter().min_by_key(|hit| order(hit)).expect("two steps");
                    chosen.iter().all(|hit| apart(first_then.within, begins, hit))
                }
            });
            let end_of = |chosen: &Vec<&Hit>| chosen.iter().map(|h| h.span.end).max();
            // In order it is the last step's end that counts.
            let key = |chosen: &&Vec<&Hit>| {
                if first_then.in_order {
                    chosen.last().map(|hit| hit.span.end)
                } else {
                    end_of(chosen)
                }
            };
            let Some(best) = combinations.iter().min_by_key(key) else { continue };
            let hit = Hit {
                span: Span::new(
                    best.iter().map(|h| h.span.start).min().expect("two steps"),
                    end_of(best).expect("two steps"),
                ),
                first: best.iter().map(|h| h.first).min().expect("two steps"),
                last: best.iter().map(|h| h.last).max().expect("two steps"),
                words: best
                    .iter()
                    .map(|h| h.words.filter(|_| h.first == best[0].first && h.last == h.first))
                    .collect::<Option<Vec<_>>>()
                    .map(|all| {
                        let start = all.iter().map(|w| w.0).min().expect("two steps");
                        (start, all.iter().map(|w| w.1).max().expect("two steps"))
                    }),
            };
            if self.in_window(&hit, scope)? {
                found.push(hit);
            }
        }
        Ok(found)
    }

    fn missing(
        &self,
        missing: &Missing,
        scope: &Scope,
        above: &[Result<Vec<Hit>, Unknown>],
    ) -> Result<Vec<Hit>, Unknown> {
        let anchors = above[missing.anchor.0].clone()?;
        let anchors = match missing.which {
            AnchorHits::Each => anchors,
            AnchorHits::First => anchors.into_iter().take(1).collect(),
            AnchorHits::Last => anchors.into_iter().rev().take(1).collect(),
        };
        let mut found = Vec::new();
        for anchor in anchors {
            if !self.in_window(&anchor, scope)? {
                continue;
            }
            let there = above[missing.wanted.0].clone()?.into_iter().any(|wanted| {
                let before = follows(&anchor, &wanted) && apart(missing.within, &wanted, &anchor);
                let after = follows(&wanted, &anchor) && apart(missing.within, &anchor, &wanted);
                let (one, other) = in_order(&anchor, &wanted);
                match missing.side {
                    Side::Before => before,
                    Side::After => after,
                    Side::Around => apart(missing.within, one, other),
                }
            });
            if !there {
                found.push(anchor);
            }
        }
        Ok(found)
    }

    fn silence(
        &self,
        silence: &Silence,
        scope: &Scope,
        above: &[Result<Vec<Hit>, Unknown>],
    ) -> Result<Vec<Hit>, Unknown> {
        let mut found = Vec::new();
        for &gap in &self.call.measures.mutual_silences {
            let (first, last) = self.beside(gap);
            let hit = Hit { span: gap, first, last, words: None };
            if gap.length() < silence.at_least_long || !self.in_window(&hit, scope)? {
                continue;
            }
            let near = |from: u64, to: u64, utterances: usize| match silence.within {
                Reach::Unlimited => true,
                Reach::Time(limit) => to.saturating_sub(from) <= limit.0,
                Reach::Utterances(limit) => utterances <= limit as usize,
                other => panic!("{other:?}"),
            };
            let before = |excuse: &Hit| {
                excuse.span.end <= gap.end
                    && near(excuse.span.end.0, gap.start.0, first.saturating_sub(excuse.last))
            };
            let after = |excuse: &Hit| {
                excuse.span.start >= gap.start
                    && near(gap.end.0, excuse.span.start.0, excuse.first.saturating_sub(last))
            };
            let (mut excused, mut unknown) = (false, None);
            let lists = silence.unless_before.iter().map(|c| (c, true));
            for (condition, is_before) in
                lists.chain(silence.unless_after.iter().map(|c| (c, false)))
            {
                match &above[condition.0] {
                    Ok(hits) => {
                        excused |=
                            hits.iter().any(|h| if is_before { before(h) } else { after(h) });
                    }
                    Err(reason) => unknown = unknown.or(Some(*reason)),
                }
            }
            match unknown {
                _ if excused => {}
                Some(reason) => return Err(reason),
                None => found.push(hit),
            }
        }
        Ok(found)
    }

    fn speed(
        &self,
        speed: &Speed,
        scope: &Scope,
        above: &[Result<Vec<Hit>, Unknown>],
    ) -> Result<Vec<Hit>, Unknown> {
        self.require_words(scope.by)?;
        let language = self.call.transcript.as_ref().expect("there are words").language;
        let limit = *speed.per_minute.get(&language).ok_or(Unknown::NotApplicable)?;
        let beyond = |units: u32, time: Millis| {
            if units < speed.min_length || time.0 == 0 {
                return false;
            }
            let (said, allowed) = (u64::from(units) * 60_000, u64::from(limit) * time.0);
            match speed.direction {
                SpeedLimit::FasterThan => said > allowed,
                SpeedLimit::SlowerThan => said < allowed,
            }
        };
        let mut fast = Vec::new();
        match speed.per {
            SpeedPer::Utterance => {
                for index in self.scoped_utterances(scope) {
                    let said = &self.utterances()[index];
                    if self.in_time(said.span, scope.window)
                        && beyond(count_speech_units(&said.text), said.span.length())
                    {
                        fast.push(Hit { span: said.span, first: index, last: index, words: None });
                    }
                }
            }
            SpeedPer::Call => {
                for channel in &self.call.measures.channels {
                    let units = self
                        .utterances()
                        .iter()
                        .filter(|u| u.channel == channel.channel)
                        .map(|u| count_speech_units(&u.text))
                        .sum();
                    if scope.by.is_none_or(|role| channel.role == role)
                        && beyond(units, channel.speech_time)
                    {
                        let last = self.utterances().len().saturating_sub(1);
                        let span = self.conversation();
                        fast.push(Hit { span, first: 0, last, words: None });
                    }
                }
            }
        }
        let mut found = Vec::new();
        for hit in fast {
            let (mut excused, mut unknown) = (false, None);
            for condition in &speed.unless {
                match &above[condition.0] {
                    Ok(hits) => {
                        excused |= hits.iter().any(|excuse| {
                            let (one, other) = in_order(&hit, excuse);
                            apart(speed.within, one, other)
                        });
                    }
                    Err(reason) => unknown = unknown.or(Some(*reason)),
                }
            }
            match unknown {
                _ if excused => {}
                Some(reason) => return Err(reason),
                None => found.push(hit),
            }
        }
        Ok(found)
    }
}

fn order(hit: &Hit) -> (Millis, usize, usize, Millis) {
    (hit.span.start, hit.first, hit.words.map_or(0, |words| words.0), hit.span.end)
}

fn in_order<'h>(one: &'h Hit, other: &'h Hit) -> (&'h Hit, &'h Hit) {
    if order(one) <= order(other) { (one, other) } else { (other, one) }
}

fn follows(later: &Hit, earlier: &Hit) -> bool {
    match (later.words, earlier.words) {
        (Some(late), Some(early))
            if later.first == earlier.first
                && later.last == earlier.last
                && later.first == later.last =>
        {
            late.0 >= early.1
        }
        // The time of a word and the edge of a sound may be 300 ms apart for the same moment.
        (Some(_), None) | (None, Some(_)) => {
            later.span.start >= earlier.span.start && later.span.start.0 + 300 >= earlier.span.end.0
        }
        _ => later.span.start >= earlier.span.end,
    }
}

fn apart(reach: Reach, earlier: &Hit, later: &Hit) -> bool {
    match reach {
        Reach::Unlimited => true,
        Reach::Time(limit) => later.span.start.0.saturating_sub(earlier.span.end.0) <= limit.0,
        Reach::Utterances(limit) => later.first.saturating_sub(earlier.last) <= limit as usize,
        other => panic!("{other:?}"),
    }
}

/// 0 false, 1 not known, 2 true: `and` is the least, `or` the greatest, `n of` the n-th greatest.
fn value(expression: &Expression, values: &[(i8, Option<Unknown>)]) -> (i8, Option<Unknown>) {
    let (parts, rank) = match expression {
        Expression::Holds(condition) => return values[condition.0],
        Expression::Not(inner) => {
            let (inner, reason) = value(inner, values);
            return (2 - inner, reason);
        }
        Expression::All(parts) => (parts, parts.len()),
        Expression::Any(parts) => (parts, 1),
        Expression::AtLeast { count, of } => (of, *count as usize),
    };
    let parts: Vec<_> = parts.iter().map(|part| value(part, values)).collect();
    let mut ranked: Vec<i8> = parts.iter().map(|part| part.0).collect();
    ranked.sort_unstable_by(|one, other| other.cmp(one));
    let reason = parts.iter().find(|part| part.0 == 1).and_then(|part| part.1);
    (ranked[rank - 1], reason)
}

fn support(
    expression: &Expression,
    wanted: i8,
    values: &[(i8, Option<Unknown>)],
    grounds: &mut Vec<(usize, i8)>,
) {
    match expression {
        Expression::Holds(condition) => grounds.push((condition.0, wanted)),
        Expression::Not(inner) => support(inner, 2 - wanted, values, grounds),
        Expression::All(parts) | Expression::Any(parts) | Expression::AtLeast { of: parts, .. } => {
            for part in parts.iter().filter(|part| value(part, values).0 == wanted) {
                support(part, wanted, values, grounds);
            }
        }
    }
}

// Random rules and calls.

const WORDS: &[&str] = &[
    "你好",
    "投訴",
    "投诉",
    "没有投诉",
    "请稍等",
    "請稍等",
    "抱歉",
    "ab",
    "abc",
    "b",
    "sorry",
    "3",
    "12",
    "好",
];
const FILL: &[&str] = &[" ", "，", "。", "嗯", " a ", "", "", "!"];
const PATTERNS: &[&str] =
    &["投訴|抱歉", "(?:ab)+c?", r"\d+", "请.{0,2}等", "a.*b", "好{2,}", "[你好]", "b|."];

fn random_condition(dice: &mut Dice, names: &[String], togethers: &[bool]) -> (String, bool) {
    let by = ["", ", by: agent", ", by: customer"][dice.roll(3)];
    let utterance_window = [
        "",
        "",
        "",
        ", in: first 2 utterances",
        ", in: last utterance",
        ", in: first 4s",
        ", in: last 3s",
    ][dice.roll(7)];
    let time_window = ["", "", ", in: first 4s", ", in: last 3s"][dice.roll(4)];
    let at_least = ["", "", "", ", at_least: 2"][dice.roll(4)];
    let within =
        ["", ", within: 2s", ", within: 500ms", ", within: 1 utterance", ", within: 0 utterances"]
            [dice.roll(5)];
    let phrases = |dice: &mut Dice| {
        let mut chosen: Vec<String> = Vec::new();
        for _ in 0..1 + dice.roll(3) {
            let phrase = format!("\"{}\"", dice.pick(WORDS));
            if !chosen.contains(&phrase) {
                chosen.push(phrase);
            }
        }
        chosen
    };
    // A hit of `together` may be completed in several equally early ways, so nothing refers to it.
    let earlier: Vec<&String> =
        names.iter().zip(togethers).filter(|(_, together)| !**together).map(|(n, _)| n).collect();
    let kind = if earlier.len() < 2 { dice.roll(6) } else { dice.roll(11) };
    let refer = |dice: &mut Dice| (*dice.pick(&earlier)).clone();
    let text = match kind {
        0..=2 => {
            let chosen = phrases(dice);
            let needed = if chosen.len() > 1 && dice.chance(30) {
                let same = if dice.chance(50) { ", same_utterance: true" } else { "" };
                format!(", needed: all{same}")
            } else {
                String::new()
            };
            let exception = if dice.chance(20) {
                let name = if dice.chance(50) { "not_part_of" } else { "not_beside" };
                format!(", {name}: [{}]", phrases(dice).join(", "))
            } else {
                String::new()
            };
            let chosen = chosen.join(", ");
            format!("{{ say: [{chosen}]{needed}{exception}{by}{utterance_window}{at_least} }}")
        }
        3 => {
            let not = if dice.chance(30) { ", not_matching: 'ab|嗯'" } else { "" };
            let pattern = dice.pick(PATTERNS);
            format!("{{ regex: '{pattern}'{not}{by}{utterance_window}{at_least} }}")
        }
        4 => {
            let limit = [60, 200, 400, 900][dice.roll(4)];
            let head = if dice.chance(50) { "faster_than" } else { "slower_than" };
            let language =
                if dice.chance(20) { format!("{{ en: {limit} }}") } else { limit.to_string() };
            if dice.chance(50) {
                let unless = if earlier.is_empty() || dice.chance(50) {
                    String::new()
                } else {
                    format!(", unless: {}{within}", refer(dice))
                };
                format!(
                    "{{ {head}: {language}, per: utterance, min_length: 2{unless}{by}{time_window}{at_least} }}"
                )
            } else {
                format!("{{ {head}: {language}, per: call{by} }}")
            }
        }
        5 => {
            let after = ["", ", after_other_spoke: 1s"][dice.roll(2)];
            let murmur = ["", ", backchannel: 0s"][dice.roll(2)];
            format!("{{ interrupts: 1s{after}{murmur}{by}{time_window}{at_least} }}")
        }
        6 => {
            let steps = if dice.chance(70) {
                refer(dice)
            } else {
                format!("[{}, {}]", refer(dice), refer(dice))
            };
            format!("{{ first: {}, then: {steps}{within} }}", refer(dice))
        }
        7 => {
            let (one, other) = (refer(dice), refer(dice));
            return (format!("{{ together: [{one}, {other}]{within} }}"), true);
        }
        8 | 9 => {
            let side = ["before", "after", "around"][dice.roll(3)];
            let which = ["", ", of_which: first", ", of_which: last"][dice.roll(3)];
            format!("{{ missing: {}, {side}: {}{within}{which} }}", refer(dice), refer(dice))
        }
        _ => {
            let excuse = match dice.roll(3) {
                0 => String::new(),
                1 => format!(", unless_before: {}{within}", refer(dice)),
                _ => format!(", unless_after: {}{within}", refer(dice)),
            };
            format!("{{ silence: 1s{excuse}{time_window}{at_least} }}")
        }
    };
    (text, false)
}

fn random_expression(dice: &mut Dice, names: &[String], depth: usize) -> String {
    if depth == 0 || dice.chance(35) {
        return dice.pick(names).clone();
    }
    let mut part = || random_expression(dice, names, depth - 1);
    let (a, b, c) = (part(), part(), part());
    match dice.roll(5) {
        0 => format!("!({a})"),
        1 => format!("({a} && {b})"),
        2 => format!("({a} || {b})"),
        3 => format!("({a} && !{})", dice.pick(names)),
        _ => format!("2 of ({a}, {b}, {c})"),
    }
}

fn random_pack(dice: &mut Dice) -> Pack {
    let mut rules = "pack: random\nrules:\n".to_owned();
    for id in 0..4 {
        let mut names: Vec<String> = Vec::new();
        let mut togethers = Vec::new();
        rules += &format!("  - id: r{id}\n    points: -1\n    points_per: hit\n    listen_for:\n");
        for index in 0..1 + dice.roll(5) {
            let (condition, together) = random_condition(dice, &names, &togethers);
            let name = format!("c{index}");
            rules += &format!("      {name}: {condition}\n");
            names.push(name);
            togethers.push(together);
        }
        rules += &format!("    flag_if: '{}'\n", random_expression(dice, &names, 2));
    }
    pack(&rules)
}

fn half_seconds(dice: &mut Dice, sides: usize) -> u64 {
    500 * dice.roll(sides) as u64
}

fn random_call(dice: &mut Dice) -> (Call, bool) {
    let roles_known = !dice.chance(12);
    let mixed = !roles_known && dice.chance(50);
    let mut utterances = Vec::new();
    // Half seconds, so that limits are often met exactly.
    let mut at = half_seconds(dice, 3);
    for _ in 0..dice.roll(7) {
        let role = if dice.chance(50) { Role::Agent } else { Role::Customer };
        let text: String = (0..1 + dice.roll(5))
            .map(|_| format!("{}{}", dice.pick(WORDS), dice.pick(FILL)))
            .collect();
        let length = 500 + half_seconds(dice, 5);
        let mut said = utterance(role, at, at + length, &text);
        if !roles_known {
            said.role = Role::Unknown;
        }
        if mixed {
            said.channel = ChannelIndex(0);
        }
        utterances.push(said);
        // Mostly one after the other, sometimes at once.
        at += if dice.chance(20) { length / 1_000 * 500 } else { length + half_seconds(dice, 5) };
    }
    let duration = Millis(at + 3_000);
    let language = if dice.chance(80) { Language::ZhCn } else { Language::EnUs };
    let speech = |index: u8| -> Vec<Span> {
        utterances.iter().filter(|u| u.channel == ChannelIndex(index)).map(|u| u.span).collect()
    };
    let role = |role| if roles_known { role } else { Role::Unknown };
    let mut channels = vec![
        channel(0, role(Role::Customer), speech(0), duration),
        channel(1, role(Role::Agent), speech(1), duration),
    ];
    if mixed {
        channels.truncate(1);
    }
    let mut random_spans = |most: usize| {
        let mut spans: Vec<Span> = (0..dice.roll(most))
            .map(|_| {
                let start = half_seconds(dice, at as usize / 500 + 2);
                span(start, start + 500 + half_seconds(dice, 5))
            })
            .collect();
        spans.sort();
        spans
    };
    let (mutual_silences, overlaps) = (random_spans(4), random_spans(4));
    let talk_overs = overlaps
        .into_iter()
        .map(|span| {
            let agent = dice.chance(50);
            TalkOver {
                span,
                by_channel: ChannelIndex(u8::from(agent)),
                by: role(if agent { Role::Agent } else { Role::Customer }),
                other_spoke_for: Millis(half_seconds(dice, 5)),
                inside_other: dice.chance(30),
            }
        })
        .collect();
    let level_only = dice.chance(10);
    let call = Call {
        metadata: CallMetadata::default(),
        transcript: (!dice.chance(6)).then(|| transcript(language, utterances)),
        measures: AcousticMeasures {
            duration,
            channels,
            mutual_silences,
            mutual_silence_lengths: None,
            talk_overs,
            talk_over_lengths: None,
        },
        voice_activity: if level_only {
            VoiceActivity::EnergyOnly
        } else {
            VoiceActivity::SileroWithEnergy
        },
        warnings: match (roles_known, mixed) {
            (true, _) => Vec::new(),
            (false, true) => vec![CallWarning::MixedParties],
            (false, false) => vec![CallWarning::RolesUnknown],
        },
    };
    (call, roles_known)
}

#[test]
fn the_engine_agrees_with_the_slow_evaluator() {
    let mut dice = Dice(0xFA1A);
    let mut verdicts = [0usize; 3];
    for round in 0..1_600 {
        let pack = random_pack(&mut dice);
        for _ in 0..6 {
            let (call, roles_known) = random_call(&mut dice);
            let reference = Reference { call: &call, roles_known };
            let outcome = pack.inspect(&call.view(), None);
            for (rule, finding) in
                pack.rule_set().rules.iter().zip(&outcome.score_cards[0].findings)
            {
                let (verdict, points) = reference.evaluate(rule);
                verdicts[match verdict {
                    Verdict::Flagged => 0,
                    Verdict::Clear => 1,
                    Verdict::NotEvaluated { .. } => 2,
                }] += 1;
                assert_eq!(
                    (&finding.verdict, finding.points),
                    (&verdict, points),
                    "round {round}\n{rule:#?}\n{call:#?}\n{finding:#?}"
                );
            }
        }
    }
    // 38,400 verdicts; each kind must occur often, or the test says little.
    assert!(verdicts.iter().all(|&count| count > 2_000), "{verdicts:?}");
}
