use std::sync::LazyLock;

use fh_model::{Role, Transcript};

use crate::text::fold_phrase;

/// What agents say and customers do not.
const AGENTS_SAY: &[&str] = &[
    "很高兴为您服务",
    "请问有什么可以帮您",
    "有什么可以帮到您",
    "感谢您的来电",
    "欢迎致电",
    "祝您生活愉快",
    "工号为您服务",
    "thank you for calling",
    "how may i help you",
    "how can i help you today",
    "thanks for calling",
    "is there anything else i can help you with",
    "is there anything else i can do for you",
];

static FOLDED: LazyLock<Vec<Vec<u16>>> =
    LazyLock::new(|| AGENTS_SAY.iter().map(|phrase| fold_phrase(phrase)).collect());

/// Whether the words suggest that agent and customer are on each other's channels: at least two
/// utterances of the customer's hold what only agents say, and none of the agent's does.
///
/// `folded` gives each utterance's folded text.
pub(crate) fn roles_look_swapped<'t>(
    transcript: &Transcript,
    folded: impl Fn(usize) -> &'t [u16],
) -> bool {
    let agents_words = |text: &[u16]| {
        FOLDED.iter().any(|phrase| text.windows(phrase.len()).any(|window| window == phrase))
    };
    let mut by_customer = 0;
    for (index, utterance) in transcript.utterances.iter().enumerate() {
        match utterance.role {
            Role::Customer if agents_words(folded(index)) => by_customer += 1,
            Role::Agent if agents_words(folded(index)) => return false,
            _ => {}
        }
    }
    by_customer >= 2
}
