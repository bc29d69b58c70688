use axum::Json;
use axum::extract::State;
use fh_store::{RulePackFile, RulePackRow};
use fh_workflow::Permission;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Refusals;
use super::role::require;
use crate::Problem;
use crate::RuleProblem;
use crate::extract::{self, InPathPair};
use crate::parts::Api;
use crate::problem::rule_problems;
use crate::sign_in::SignedIn;

/// A version of a rule pack.
#[derive(Serialize, ToSchema)]
pub(crate) struct RulePack {
    name: String,
    /// 1 for the first of a name.
    version: u32,
    /// blake3 of everything in it that can change a result, in hex.
    digest: String,
    author: String,
    /// Whether calls are inspected by it.
    is_active: bool,
    #[schema(format = DateTime)]
    uploaded_at: String,
    /// Its files; left out in lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<RuleFile>,
}

/// A rule file.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleFile {
    /// Such as `greeting.yaml`.
    name: String,
    /// YAML.
    text: String,
}

impl RulePack {
    fn of(row: RulePackRow, with_files: bool) -> Self {
        let files = if with_files { row.pack.files } else { Vec::new() };
        Self {
            name: row.pack.name,
            version: row.version,
            digest: row.pack.digest,
            author: row.pack.author,
            is_active: row.is_active,
            uploaded_at: row.uploaded_at.to_string(),
            files: files
                .into_iter()
                .map(|file| RuleFile { name: file.name, text: file.text })
                .collect(),
        }
    }
}

/// Rule packs.
#[derive(Serialize, ToSchema)]
pub(crate) struct RulePackList {
    /// By name, the newest version first.
    rule_packs: Vec<RulePack>,
}

/// Lists the versions of all rule packs. While none is active, the rules that came with the server
/// count.
#[utoipa::path(get, path = "/v1/rule-packs", tag = "rules",
    responses((status = 200, body = RulePackList), Refusals))]
pub(crate) async fn list_rule_packs(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
) -> Result<Json<RulePackList>, Problem> {
    require(&caller, Permission::ReadAllCalls)?;
    let rows = api.store().scope(&caller.tenant).list_rule_packs().await?;
    let rule_packs = rows.into_iter().map(|row| RulePack::of(row, false)).collect();
    Ok(Json(RulePackList { rule_packs }))
}

/// A rule pack that is uploaded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRulePack {
    /// Several versions may share one.
    #[schema(min_length = 1, max_length = 128)]
    name: String,
    #[schema(min_items = 1)]
    files: Vec<RuleFile>,
}

/// A rule pack that was kept.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeptRulePack {
    version: u32,
    digest: String,
    /// What looks wrong in it, though it works.
    warnings: Vec<RuleProblem>,
}

/// Uploads a rule pack: it is compiled, its own tests are run, and it becomes a new version. The
/// same rules under the same name give the version that is there.
#[utoipa::path(post, path = "/v1/rule-packs", tag = "rules",
    request_body = NewRulePack,
    responses((status = 201, body = KeptRulePack), Refusals))]
pub(crate) async fn put_rule_pack(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    extract::Json(asked): extract::Json<NewRulePack>,
) -> Result<(StatusCode, Json<KeptRulePack>), Problem> {
    let files = asked
        .files
        .into_iter()
        .map(|file| RulePackFile { name: file.name, text: file.text })
        .collect();
    let kept = api.workflow.put_rule_pack(&caller, &asked.name, files).await?;
    let warnings = rule_problems!(kept.warnings);
    let kept = KeptRulePack { version: kept.version, digest: kept.digest, warnings };
    Ok((StatusCode::CREATED, Json(kept)))
}

fn no_such_pack() -> Problem {
    Problem::not_found("expected a `rule pack` of that name and version, found none")
}

/// Gives a version with its files.
#[utoipa::path(get, path = "/v1/rule-packs/{name}/{version}", tag = "rules",
    params(("name" = String, Path), ("version" = u32, Path)),
    responses((status = 200, body = RulePack), Refusals))]
pub(crate) async fn get_rule_pack(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPathPair(name, version): InPathPair<String, u32>,
) -> Result<Json<RulePack>, Problem> {
    require(&caller, Permission::ReadAllCalls)?;
    let row = api.store().scope(&caller.tenant).rule_pack(&name, version).await?;
    Ok(Json(RulePack::of(row.ok_or_else(no_such_pack)?, true)))
}

/// Makes a version the one that calls are inspected by from now on.
#[utoipa::path(post, path = "/v1/rule-packs/{name}/{version}/activate", tag = "rules",
    params(("name" = String, Path), ("version" = u32, Path)),
    responses((status = 204), Refusals))]
pub(crate) async fn activate_rule_pack(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPathPair(name, version): InPathPair<String, u32>,
) -> Result<StatusCode, Problem> {
    api.workflow.activate_rule_pack(&caller, &name, version).await?;
    Ok(StatusCode::NO_CONTENT)
}
