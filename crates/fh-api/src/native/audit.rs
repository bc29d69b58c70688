use axum::Json;
use axum::extract::State;
use fh_workflow::Permission;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Refusals;
use super::role::require;
use crate::Problem;
use crate::extract::InQuery;
use crate::parts::Api;
use crate::sign_in::SignedIn;

/// Which part of the log.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListAudit {
    /// Before this place; from the newest on where absent.
    #[param(minimum = 1)]
    before: Option<i64>,
    /// How many, 100 where absent.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

/// A part of the audit log.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditList {
    /// The newest first.
    entries: Vec<Entry>,
}

/// Who did what to what.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
struct Entry {
    /// Its place in the log, from 1 and without a gap.
    sequence: i64,
    #[schema(format = DateTime)]
    at: String,
    who: String,
    action: String,
    object: String,
    /// From which address.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// blake3 over the entry before and this one, in hex.
    hash: String,
}

/// Lists who read or changed what.
#[utoipa::path(get, path = "/v1/audit", tag = "access", params(ListAudit),
    responses((status = 200, body = AuditList), Refusals))]
pub(crate) async fn list_audit(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InQuery(asked): InQuery<ListAudit>,
) -> Result<Json<AuditList>, Problem> {
    require(&caller, Permission::ManageAccess)?;
    let limit = asked.limit.unwrap_or(100);
    if !(1..=1_000).contains(&limit) {
        return Err(Problem::field("limit", "1 to 1000", limit));
    }
    if asked.before.is_some_and(|before| before < 1) {
        return Err(Problem::field("before", "at least 1", "less"));
    }
    let rows = api.store().scope(&caller.tenant).audit_log(asked.before, limit).await?;
    let entries = rows
        .into_iter()
        .map(|row| Entry {
            sequence: row.sequence,
            at: row.at.to_string(),
            who: row.entry.who,
            action: row.entry.action,
            object: row.entry.object,
            from: row.entry.from,
            hash: row.hash,
        })
        .collect();
    Ok(Json(AuditList { entries }))
}

/// Whether the log is what was written.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditCheck {
    is_whole: bool,
    /// The first place where it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<AuditFault>,
}

/// A place where the log is not what was written.
#[derive(Serialize, ToSchema)]
struct AuditFault {
    sequence: i64,
    found: String,
}

/// Checks the whole log: an edit or a deletion breaks its chain.
#[utoipa::path(get, path = "/v1/audit/verify", tag = "access",
    responses((status = 200, body = AuditCheck), Refusals))]
pub(crate) async fn verify_audit(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
) -> Result<Json<AuditCheck>, Problem> {
    require(&caller, Permission::ManageAccess)?;
    let fault = api.store().scope(&caller.tenant).verify_audit().await?;
    Ok(Json(AuditCheck {
        is_whole: fault.is_none(),
        fault: fault.map(|fault| AuditFault { sequence: fault.sequence, found: fault.found }),
    }))
}
