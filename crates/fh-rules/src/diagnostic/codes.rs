use std::fmt;

use serde::{Serialize, Serializer};

/// How bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The pack works, but probably not as meant.
    Warning,
    /// There is no pack.
    Error,
}

/// A stable code: the number never gets another meaning, the name is for reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    /// Shown as `FH-R012`.
    pub number: u16,
    /// In a word or three.
    pub name: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What it means, in one sentence.
    pub meaning: &'static str,
}

/// `FH-R012 unknown-field`.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FH-R{:03} {}", self.number, self.name)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Makes the constants and [`Code::ALL`] from one line a code.
macro_rules! codes {
    ($($number:literal $constant:ident $level:ident $name:literal $meaning:literal,)+) => {
        impl Code {
            $(
                #[doc = $meaning]
                pub const $constant: Self =
                    Self { number: $number, name: $name, level: Level::$level, meaning: $meaning };
            )+

            /// Every code, by number.
            pub const ALL: &'static [Self] = &[$(Self::$constant,)+];
        }
    };
}

codes! {
    // 001-009: the file as a whole.
    1 INVALID_YAML Error "invalid-yaml" "The file is not YAML.",
    2 TOO_LARGE Error "too-large" "A limit on size, depth or number was reached.",
    3 ALIAS_REFUSED Error "alias-refused" "Anchors, aliases, tags and merge keys are not part of the language.",
    4 NOT_ONE_DOCUMENT Error "not-one-document" "A file holds exactly one YAML document, a mapping.",
    // 010-029: the shape of an entry.
    10 WRONG_TYPE Error "wrong-type" "Text, a number, a list or a mapping was expected and something else came.",
    11 MISSING_FIELD Error "missing-field" "A field that is required is not there.",
    12 UNKNOWN_FIELD Error "unknown-field" "The language has no such field here.",
    13 DUPLICATE_FIELD Error "duplicate-field" "A field is written twice.",
    14 FIELDS_CLASH Error "fields-clash" "Two fields that are there exclude each other.",
    15 UNKNOWN_WORD Error "unknown-word" "A word is none of those that the field takes.",
    16 INVALID_NUMBER Error "invalid-number" "A number is malformed or out of its range.",
    17 INVALID_DURATION Error "invalid-duration" "A duration such as `3s` was expected.",
    18 INVALID_WINDOW Error "invalid-window" "A place in the call such as `first 2 utterances` was expected.",
    19 INVALID_NAME Error "invalid-name" "A name has characters that names cannot have.",
    20 EMPTY Error "empty" "A text or list that needs content has none.",
    21 INVALID_DATE Error "invalid-date" "A date and time such as `2026-01-31T09:00:00` was expected.",
    // 030-049: names that refer to something.
    30 DUPLICATE_NAME Error "duplicate-name" "Two things of a kind have the same name.",
    31 UNKNOWN_PHRASES Error "unknown-phrases" "The pack has no phrase list of that name.",
    32 UNKNOWN_CONDITION Error "unknown-condition" "The rule has no condition of that name.",
    33 CONDITION_BELOW Error "condition-below" "A condition may refer only to conditions above it.",
    34 UNKNOWN_RULE Error "unknown-rule" "No rule has that id.",
    // 050-059: texts with a grammar of their own.
    50 INVALID_EXPRESSION Error "invalid-expression" "The `flag_if` expression cannot be read.",
    51 INVALID_DIALOGUE Error "invalid-dialogue" "A line of a test's dialogue cannot be read.",
    52 INVALID_REGEX Error "invalid-regex" "The regular expression cannot be compiled.",
    53 REGEX_TOO_LARGE Error "regex-too-large" "The regular expression needs more memory than one may.",
    54 PHRASE_WITHOUT_WORDS Error "phrase-without-words" "Nothing of the phrase is left when punctuation is taken away.",
    // 100-129: lints.
    100 SHORT_PHRASE Warning "short-phrase" "A phrase this short hits in words that mean something else.",
    101 PHRASE_IN_PHRASE Warning "phrase-in-phrase" "A phrase lies within another of the same list, which therefore never decides anything.",
    102 REPEATED_PHRASE Warning "repeated-phrase" "A phrase stands in its list twice.",
    103 UNTESTED_RULE Warning "untested-rule" "A rule has no test.",
    104 ONE_SIDED_TESTS Warning "one-sided-tests" "A rule has no test that flags, or none that is clear.",
    105 UNUSED_CONDITION Warning "unused-condition" "A condition has no say in whether the rule flags.",
    106 UNUSED_PHRASES Warning "unused-phrases" "No rule uses the phrase list.",
    107 REGEX_WITHOUT_LITERAL Warning "regex-without-literal" "A regular expression has no fixed text, so it must be run over every utterance.",
    108 POINTS_WITHOUT_EFFECT Warning "points-without-effect" "Points or a cap cannot have the effect that they seem to have.",
    109 UNUSED_RULE Warning "unused-rule" "No scenario counts the rule.",
}
