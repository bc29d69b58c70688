use axum::Json;
use axum::extract::State;
use fh_model::TenantId;
use fh_workflow::{Caller, CreateUser, Permission};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Refusals;
use super::role::require;
use super::users::{NewUser, hashed};
use super::webhooks::Enable;
use crate::Problem;
use crate::extract::{self, InPath};
use crate::parts::Api;
use crate::sign_in::SignedIn;

/// Tenants.
#[derive(Serialize, ToSchema)]
pub(crate) struct TenantList {
    /// By name.
    tenants: Vec<Tenant>,
}

/// A tenant.
#[derive(Serialize, ToSchema)]
struct Tenant {
    /// Its short name.
    id: String,
    /// Its name for people.
    name: String,
    /// After how many days calls are deleted; never where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    retention_days: Option<u32>,
    is_enabled: bool,
    #[schema(format = DateTime)]
    created_at: String,
}

/// Refuses who may not know of other tenants.
fn require_operator(api: &Api, caller: &Caller) -> Result<(), Problem> {
    require(caller, Permission::ManageTenants)?;
    if caller.tenant == api.workflow.settings().operator {
        Ok(())
    } else {
        Err(fh_workflow::CommandError::Forbidden.into())
    }
}

/// Lists the tenants; for administrators of the operator's own tenant.
#[utoipa::path(get, path = "/v1/tenants", tag = "tenants",
    responses((status = 200, body = TenantList), Refusals))]
pub(crate) async fn list_tenants(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
) -> Result<Json<TenantList>, Problem> {
    require_operator(&api, &caller)?;
    let rows = api.store().directory().list_tenants().await?;
    let tenants = rows
        .into_iter()
        .map(|row| Tenant {
            id: row.tenant.id.to_string(),
            name: row.tenant.name,
            retention_days: row.tenant.retention_days,
            is_enabled: row.is_enabled,
            created_at: row.created_at.to_string(),
        })
        .collect();
    Ok(Json(TenantList { tenants }))
}

/// A tenant that is made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTenant {
    /// Its short name: 1 to 64 of `a-z`, `0-9`, `-` and `_`.
    #[schema(pattern = "^[a-z0-9_-]{1,64}$")]
    id: String,
    /// Its name for people.
    #[schema(max_length = 200)]
    name: String,
    /// After how many days calls are deleted; never where absent.
    #[schema(minimum = 1, maximum = 36500)]
    retention_days: Option<u32>,
    /// Its first person, usually an administrator.
    first_user: Option<NewUser>,
}

/// Makes a tenant; for administrators of the operator's own tenant.
#[utoipa::path(post, path = "/v1/tenants", tag = "tenants",
    request_body = NewTenant,
    responses((status = 201), Refusals))]
pub(crate) async fn create_tenant(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    extract::Json(asked): extract::Json<NewTenant>,
) -> Result<StatusCode, Problem> {
    require_operator(&api, &caller)?;
    let id: TenantId = asked.id.parse().map_err(|_| {
        Problem::field("id", "1 to 64 of `a-z`, `0-9`, `-` and `_`", "something else")
    })?;
    if asked.name.chars().count() > 200 {
        return Err(Problem::field("name", "at most 200 characters", "more"));
    }
    let first = match asked.first_user {
        None => None,
        Some(user) => Some(CreateUser {
            name: user.name,
            password_hash: hashed(&api, user.password).await?,
            role: user.role.into(),
            staff_id: user.staff_id,
        }),
    };
    let tenant = fh_store::NewTenant {
        id: id.clone(),
        name: asked.name,
        retention_days: asked.retention_days,
    };
    api.workflow.create_tenant(&caller, tenant).await?;
    if let Some(user) = first {
        // In the new tenant's own log it is the system that made its first person.
        api.workflow.create_user(&Caller::system(id), user).await?;
    }
    Ok(StatusCode::CREATED)
}

/// Switches a tenant on or off, with all its tokens; for administrators of the operator's tenant.
#[utoipa::path(post, path = "/v1/tenants/{id}/enabled", tag = "tenants",
    params(("id" = String, Path)),
    request_body = Enable,
    responses((status = 204), Refusals))]
pub(crate) async fn enable_tenant(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPath(id): InPath<TenantId>,
    extract::Json(asked): extract::Json<Enable>,
) -> Result<StatusCode, Problem> {
    api.workflow.enable_tenant(&caller, &id, asked.enabled).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// After how many days calls are deleted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Retention {
    /// Never where absent.
    #[schema(minimum = 1, maximum = 36500)]
    retention_days: Option<u32>,
}

/// Sets after how many days the calls of one's own tenant are deleted.
#[utoipa::path(put, path = "/v1/retention", tag = "tenants",
    request_body = Retention,
    responses((status = 204), Refusals))]
pub(crate) async fn set_retention(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    extract::Json(asked): extract::Json<Retention>,
) -> Result<StatusCode, Problem> {
    api.workflow.set_retention(&caller, asked.retention_days).await?;
    Ok(StatusCode::NO_CONTENT)
}
