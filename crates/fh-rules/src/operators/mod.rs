//! What can be listened for: one file and one page an operator, and one line in [`OPERATORS`].

mod first_then;
mod interrupts;
mod missing;
mod regex;
mod say;
mod silence;
mod speed;

use fh_model::{Evidence, Millis, NearMiss, NotEvaluatedReason};

use crate::compile::Compiling;
use crate::evaluate::{Heard, Hearing, Hit, Searched};
use crate::model::{ConditionKind, Scope};

/// Every operator, in the order of the reference page.
pub const OPERATORS: &[Operator] = &[
    say::OPERATOR,
    regex::OPERATOR,
    first_then::OPERATOR,
    missing::OPERATOR,
    silence::OPERATOR,
    speed::OPERATOR,
    interrupts::OPERATOR,
];

/// One thing that the rule language can listen for.
#[derive(Debug, Clone, Copy)]
pub struct Operator {
    /// Its name: the file's, and the page's.
    pub name: &'static str,
    /// Its page in Markdown. Its rule files in YAML hold tests that are run.
    pub page: &'static str,
    /// Makes the listener for conditions of its kind; `None` for other kinds.
    compile: fn(&mut Compiling<'_>, &ConditionKind) -> Option<Box<dyn Listen>>,
}

/// The listener for a condition; `None` where no operator knows its kind.
pub(crate) fn compile(
    compiling: &mut Compiling<'_>,
    kind: &ConditionKind,
) -> Option<Box<dyn Listen>> {
    OPERATORS.iter().find_map(|operator| (operator.compile)(compiling, kind))
}

/// A compiled condition's own part: it finds its hits in a call and says why they are hits.
///
/// The verdict must not depend on anything but the call and the conditions above; every loop over
/// something that a hostile call or rule can make long is paid for with [`Work::spend`].
///
/// [`Work::spend`]: crate::evaluate::Work::spend
pub(crate) trait Listen: std::fmt::Debug + Send + Sync {
    /// Puts the hits within the listener's scope into `heard`, in order of [`Hit::order`], and
    /// beside them what an exception excused. An error says why it cannot be told.
    fn listen(
        &self,
        hearing: &mut Hearing<'_>,
        listener: &Listener,
        above: &[Heard],
        heard: &mut Heard,
    ) -> Result<(), NotEvaluatedReason>;

    /// Adds the evidence for one hit.
    fn show(&self, hearing: &mut Hearing<'_>, rule: RuleHeard<'_>, shown: Shown<'_>);

    /// What a call must tell for hits to be known; see [`Needs`].
    fn needs(&self, scope: &Scope) -> Needs;

    /// When a call in which no phrase of the rule is said must be looked at all the same.
    fn wakes(&self) -> Wake {
        Wake::Words
    }

    /// The words that are missing where there is no hit; empty where words are not the point.
    fn looked_for(&self, _rule: &[Listener]) -> Vec<String> {
        Vec::new()
    }

    /// What came closest to a hit in `searched`, or was one in the wrong place.
    fn nearest(
        &self,
        _hearing: &mut Hearing<'_>,
        _listener: &Listener,
        _searched: &Searched,
    ) -> Option<NearMiss> {
        None
    }
}

/// A compiled condition.
#[derive(Debug)]
pub(crate) struct Listener {
    /// Its number among all conditions of the pack; the scan's hits are kept under it.
    pub(crate) slot: u32,
    pub(crate) name: String,
    pub(crate) scope: Scope,
    /// Whether the times of its hits decide something, so that they must be exact.
    pub(crate) timed: bool,
    pub(crate) operator: Box<dyn Listen>,
}

/// A rule's conditions and what they heard.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RuleHeard<'r> {
    pub(crate) listeners: &'r [Listener],
    pub(crate) heard: &'r [Heard],
}

impl RuleHeard<'_> {
    /// Adds the evidence for a hit of another condition of the rule.
    pub(crate) fn show(
        self,
        hearing: &mut Hearing<'_>,
        condition: usize,
        hit: &Hit,
        evidence: &mut Vec<Evidence>,
    ) {
        let shown = Shown { condition, hit, evidence };
        self.listeners[condition].operator.show(hearing, self, shown);
    }
}

/// Which hit is to be shown, and where to.
pub(crate) struct Shown<'s> {
    /// The condition's position in the rule.
    pub(crate) condition: usize,
    pub(crate) hit: &'s Hit,
    pub(crate) evidence: &'s mut Vec<Evidence>,
}

/// When a rule must be looked at though none of its phrases was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wake {
    /// Never on its own account.
    Words,
    /// When there is a mutual silence this long.
    Silence(Millis),
    /// When there is a talk-over this long.
    TalkOver(Millis),
    /// Always.
    Always,
}

/// What a call must tell for a condition to be decidable, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Needs(pub(crate) u8);

impl Needs {
    pub(crate) const WORDS: Self = Self(1);
    pub(crate) const AGENTS_WORDS: Self = Self(2);
    pub(crate) const CUSTOMERS_WORDS: Self = Self(4);
    pub(crate) const PARTIES: Self = Self(8);
    pub(crate) const AGENTS_CHANNEL: Self = Self(16);
    pub(crate) const CUSTOMERS_CHANNEL: Self = Self(32);
    pub(crate) const VOICE_ACTIVITY: Self = Self(64);

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn any_of(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Words, and those of the scope's role.
    pub(crate) const fn words_of(scope: &Scope) -> Self {
        match scope.by {
            None => Self::WORDS,
            Some(fh_model::Role::Agent) => Self::WORDS.and(Self::AGENTS_WORDS),
            Some(_) => Self::WORDS.and(Self::CUSTOMERS_WORDS),
        }
    }
}
