use fh_model::{CallMetadata, Language, Role, Span};

use super::Place;

/// What a test expects of its rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// The rule flags.
    Flagged,
    /// The rule is evaluated and does not flag.
    Clear,
    /// The rule cannot be told, or does not apply.
    NotEvaluated,
}

impl Expectation {
    /// The word in the rule file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Flagged => "flagged",
            Self::Clear => "clear",
            Self::NotEvaluated => "not_evaluated",
        }
    }
}

/// One utterance of a test's dialogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialogueLine {
    /// Who speaks.
    pub role: Role,
    /// When; worked out at a normal pace where the line gives no times.
    pub span: Span,
    /// What is said.
    pub text: String,
}

/// A test of a rule, written beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleTest {
    /// What it shows.
    pub name: String,
    /// The call's language: as written, else Chinese where a line has a Han character.
    pub language: Language,
    /// What is known of the call besides its words.
    pub about: CallMetadata,
    /// Whether it is known who speaks on which channel (`roles: unknown` says no).
    pub roles_known: bool,
    /// The dialogue, in the order written.
    pub call: Vec<DialogueLine>,
    /// The verdict expected.
    pub expect: Expectation,
    /// What the evidence must contain, each in its short form; empty to leave it open.
    pub evidence: Vec<String>,
    /// Where the test begins.
    pub place: Place,
}
