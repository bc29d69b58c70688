use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::StoreError;

/// A file of a rule pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulePackFile {
    /// Its name, such as `greeting.yaml`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A rule pack that is uploaded; it was compiled without errors before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRulePack {
    /// Its name; several versions may share one.
    pub name: String,
    /// The compiled pack's digest.
    pub digest: String,
    /// Its files.
    pub files: Vec<RulePackFile>,
    /// Who uploaded it.
    pub author: String,
}

/// A version of a rule pack as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulePackRow {
    /// What was uploaded.
    pub pack: NewRulePack,
    /// Its version: 1 for the first of a name.
    pub version: u32,
    /// Whether calls are inspected by it.
    pub is_active: bool,
    /// When it was uploaded.
    pub uploaded_at: Timestamp,
}

/// The rule packs of one tenant. Exactly one version is active, or none.
#[async_trait]
pub trait RulePacks {
    /// Keeps a new version and returns its number. The same digest under the same name gives the
    /// version that is there.
    async fn put_rule_pack(&self, pack: NewRulePack) -> Result<u32, StoreError>;

    /// Makes a version the one that calls are inspected by. Whether there is such a version.
    async fn activate_rule_pack(&self, name: &str, version: u32) -> Result<bool, StoreError>;

    /// The version that calls are inspected by.
    async fn active_rule_pack(&self) -> Result<Option<RulePackRow>, StoreError>;

    /// A version.
    async fn rule_pack(&self, name: &str, version: u32) -> Result<Option<RulePackRow>, StoreError>;

    /// All versions without their files' texts, by name, the newest first.
    async fn list_rule_packs(&self) -> Result<Vec<RulePackRow>, StoreError>;
}
