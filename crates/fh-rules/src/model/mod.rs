//! What rule files mean: the typed, validated model that the engine compiles.
//!
//! A value of these types has been checked: every name it refers to exists, every number is in its
//! range, every condition refers only to conditions above it. What remains to be checked when a
//! pack is compiled is what only the engine knows, such as whether a regular expression is sound;
//! the [`Place`] kept beside each such field says where in the file the diagnostic belongs.
//!
//! Serialising a [`Rule`] gives its *meaning*: everything that can change a result, and nothing
//! else (no place, no name for people, no `why`, no tests). A
//! rule's digest is taken over it.

mod call_filter;
mod condition;
mod conditions;
mod expression;
mod local_text;
mod phrase;
mod place;
mod rule;
mod rule_set;
mod rule_test;
mod scenario;
mod scope;

pub use call_filter::CallFilter;
pub use condition::{Condition, ConditionIndex};
pub use conditions::{
    AnchorHits, ConditionKind, FirstThen, Interrupts, Missing, Needed, Regex, Say, Side, Silence,
    Speed, SpeedLimit, SpeedPer,
};
pub use expression::Expression;
pub use local_text::LocalText;
pub use phrase::{Phrase, PhraseGroup, PhraseList};
pub use place::{Place, SourceIndex};
pub use rule::{Rule, RulePoints};
pub use rule_set::{PackHeader, RuleSet};
pub use rule_test::{DialogueLine, Expectation, RuleTest};
pub use scenario::{Scenario, ScenarioRules};
pub use scope::{Reach, Scope, Window};
