//! What a result depends on, in 32 bytes.

use crate::model::{Rule, RuleSet};
use crate::text::NORMALIZER_VERSION;

/// The version of the way in which digests are taken.
const SCHEME: &str = "fairhearing.rules/1";

/// blake3 of the rule's meaning, in hex: its conditions with their phrases, its expression, its
/// points, and the normaliser's version; not its name, its reason or its tests.
pub(crate) fn rule_digest(rule: &Rule) -> String {
    digest_of("rule", &[canonical(rule)])
}

/// blake3 over the digests of all rules and the meaning of all scenarios, in hex.
pub(crate) fn pack_digest(rules: &RuleSet, rule_digests: &[String]) -> String {
    // Which pack a rule is of decides which scenarios it counts in.
    let rules_and_packs = rule_digests
        .iter()
        .zip(&rules.rules)
        .map(|(digest, rule)| format!("{digest} {}", rule.pack));
    let parts: Vec<String> = rules_and_packs.chain(rules.scenarios.iter().map(canonical)).collect();
    digest_of("pack", &parts)
}

/// As JSON: the fields in the order of their declaration, maps in order of their keys.
fn canonical(meaning: &impl serde::Serialize) -> String {
    serde_json::to_string(meaning).expect("the model's types are plain data with text for keys")
}

fn digest_of(kind: &str, parts: &[String]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in
        [SCHEME, kind, NORMALIZER_VERSION].into_iter().chain(parts.iter().map(String::as_str))
    {
        // Lengths keep neighbouring parts from running into one another.
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}
