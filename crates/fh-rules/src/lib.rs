//! Rule text becomes a compiled pack; a pack and a call become findings and scores.
//!
//! In go rule files (YAML), then the words and the acoustic measures of a call; out come score
//! cards with a reason for every point. The crate is pure: it reads no file, no clock and no
//! network, and the same input gives the same bytes.
//!
//! ```
//! use fh_rules::{RuleSource, compile};
//!
//! let text = "
//! pack: example
//! rules:
//!   - id: greeting-missing
//!     points: -5
//!     listen_for:
//!       greeted: { say: [您好, good morning], by: agent, in: first 2 utterances }
//!     flag_if: not greeted
//!     tests:
//!       - name: a greeting
//!         call: 'agent: Good morning!'
//!         expect: clear
//! ";
//! let source = RuleSource { name: "greeting.yaml".to_owned(), text: text.to_owned() };
//! let pack = compile(&[source]).expect("the rule file is sound");
//! assert!(pack.run_tests().iter().all(|test| test.passed));
//! ```
//!
//! What a call looks like to the rules, and what comes back, shows the example of [`Pack`].

mod compile;
pub mod diagnostic;
mod evaluate;
mod explain;
mod lints;
mod matcher;
mod measures;
pub mod model;
mod operators;
mod pack;
mod reference;
mod schema;
mod score;
mod shipped;
pub mod syntax;
mod testing;
pub mod text;
mod view;

pub use diagnostic::{Code, Diagnostic, Level, Wording};
pub use evaluate::PreparedText;
pub use explain::{explain, explain_in};
pub use measures::{SpeechCounting, count_speech_units, speech_rates};
pub use operators::{OPERATORS, Operator};
pub use pack::{Evaluation, Inspector, Pack, compile};
pub use reference::language_reference;
pub use schema::json_schema;
pub use shipped::{ShippedPack, shipped_packs};
pub use syntax::RuleSource;
pub use testing::TestOutcome;
pub use text::NORMALIZER_VERSION;
pub use view::{CallView, Outcome};
