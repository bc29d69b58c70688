use serde::Serialize;

use super::Failure;

/// blake3 over everything that a step's result depends on, in hex: the same key, the same bytes.
pub(crate) fn step_key(step: &str, ingredients: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_vec(&(step, env!("CARGO_PKG_VERSION"), ingredients))
        .map_err(|error| Failure::lasting(fh_store::FailureKind::WorkFailed, error.to_string()))?;
    Ok(blake3::hash(&text).to_hex().to_string())
}
