use axum::Json;
use axum::extract::State;
use fh_workflow::Permission;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Refusals;
use super::role::{RoleName, require};
use crate::Problem;
use crate::extract::{self, InPath};
use crate::parts::Api;
use crate::sign_in::SignedIn;

/// Access keys.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeyList {
    /// The oldest first.
    keys: Vec<Key>,
}

/// An access key of a program.
#[derive(Serialize, ToSchema)]
struct Key {
    /// What the program sends: Huawei's `app_key`, Alibaba's `AccessKeyId`.
    key: String,
    label: String,
    role: RoleName,
    is_enabled: bool,
    #[schema(format = DateTime)]
    created_at: String,
}

/// Lists the access keys of the tenant, without their secrets.
#[utoipa::path(get, path = "/v1/keys", tag = "access",
    responses((status = 200, body = KeyList), Refusals))]
pub(crate) async fn list_keys(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
) -> Result<Json<KeyList>, Problem> {
    require(&caller, Permission::ManageAccess)?;
    let rows = api.store().directory().list_api_keys(&caller.tenant).await?;
    let keys = rows
        .into_iter()
        .map(|row| Key {
            key: row.key.key,
            label: row.key.label,
            role: row.key.role.into(),
            is_enabled: row.is_enabled,
            created_at: row.created_at.to_string(),
        })
        .collect();
    Ok(Json(KeyList { keys }))
}

/// A key that is made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewKey {
    /// For people.
    #[serde(default)]
    #[schema(max_length = 200)]
    label: String,
    role: RoleName,
}

/// A key with its secret, which is shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeKey {
    key: String,
    /// Huawei's `app_secret`, Alibaba's `AccessKeySecret`.
    secret: String,
}

/// Makes an access key for a program.
#[utoipa::path(post, path = "/v1/keys", tag = "access",
    request_body = NewKey,
    responses((status = 201, body = MadeKey), Refusals))]
pub(crate) async fn create_key(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    extract::Json(asked): extract::Json<NewKey>,
) -> Result<(StatusCode, Json<MadeKey>), Problem> {
    if asked.label.chars().count() > 200 {
        return Err(Problem::field("label", "at most 200 characters", "more"));
    }
    let made = api.workflow.create_api_key(&caller, &asked.label, asked.role.into()).await?;
    Ok((StatusCode::CREATED, Json(MadeKey { key: made.key, secret: made.secret })))
}

/// Deletes an access key; its tokens are good no more.
#[utoipa::path(delete, path = "/v1/keys/{key}", tag = "access",
    params(("key" = String, Path)),
    responses((status = 204), Refusals))]
pub(crate) async fn delete_key(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPath(key): InPath<String>,
) -> Result<StatusCode, Problem> {
    api.workflow.delete_api_key(&caller, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}
