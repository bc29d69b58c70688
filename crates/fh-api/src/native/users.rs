use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use fh_model::UserId;
use fh_workflow::{CreateUser, Permission};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Refusals;
use super::appeals::Made;
use super::role::{RoleName, require};
use super::webhooks::Enable;
use crate::Problem;
use crate::extract::{self, InPath};
use crate::parts::Api;
use crate::sign_in::SignedIn;

/// The shortest password, in characters: OWASP's ASVS 5.0, 6.2.1.
const SHORTEST_PASSWORD: usize = 8;

/// The longest, in characters.
const LONGEST_PASSWORD: usize = 256;

/// People.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserList {
    /// By name.
    users: Vec<User>,
}

/// A person who may sign in.
#[derive(Serialize, ToSchema)]
struct User {
    #[schema(format = Uuid)]
    id: String,
    name: String,
    role: RoleName,
    /// The agent's user identifier, for those who see their own calls only.
    #[serde(skip_serializing_if = "Option::is_none")]
    staff_id: Option<String>,
    is_enabled: bool,
    #[schema(format = DateTime)]
    created_at: String,
}

/// Lists the people of the tenant.
#[utoipa::path(get, path = "/v1/users", tag = "access",
    responses((status = 200, body = UserList), Refusals))]
pub(crate) async fn list_users(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
) -> Result<Json<UserList>, Problem> {
    require(&caller, Permission::ManageAccess)?;
    let rows = api.store().directory().list_users(&caller.tenant).await?;
    let users = rows
        .into_iter()
        .map(|row| User {
            id: row.user.id.to_string(),
            name: row.user.name,
            role: row.user.role.into(),
            staff_id: row.user.staff_id,
            is_enabled: row.is_enabled,
            created_at: row.created_at.to_string(),
        })
        .collect();
    Ok(Json(UserList { users }))
}

/// A person who is to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    /// The sign-in name, without spaces around it; letter case does not count.
    #[schema(min_length = 1, max_length = 128)]
    pub(super) name: String,
    #[schema(format = Password, min_length = 8, max_length = 256)]
    pub(super) password: String,
    pub(super) role: RoleName,
    /// The agent's user identifier, for those who see their own calls only.
    pub(super) staff_id: Option<String>,
}

/// The hash of a password that is long enough.
pub(super) async fn hashed(api: &Api, password: String) -> Result<String, Problem> {
    let length = password.chars().count();
    if !(SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&length) {
        let expected = format!("{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters");
        return Err(Problem::field("password", expected, length));
    }
    Ok(api.passwords().hash(password, Arc::clone(&api.random)).await?)
}

/// Makes a person.
#[utoipa::path(post, path = "/v1/users", tag = "access",
    request_body = NewUser,
    responses((status = 201, body = Made), Refusals))]
pub(crate) async fn create_user(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    extract::Json(asked): extract::Json<NewUser>,
) -> Result<(StatusCode, Json<Made>), Problem> {
    // Refused before the hash is computed: only who may do this may make the server work.
    require(&caller, Permission::ManageAccess)?;
    let password_hash = hashed(&api, asked.password).await?;
    let user = CreateUser {
        name: asked.name,
        password_hash,
        role: asked.role.into(),
        staff_id: asked.staff_id,
    };
    let id = api.workflow.create_user(&caller, user).await?;
    Ok((StatusCode::CREATED, Json(Made { id: id.to_string() })))
}

/// Switches a person on or off, with all tokens.
#[utoipa::path(post, path = "/v1/users/{id}/enabled", tag = "access",
    params(("id" = String, Path, format = Uuid)),
    request_body = Enable,
    responses((status = 204), Refusals))]
pub(crate) async fn enable_user(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPath(id): InPath<UserId>,
    extract::Json(asked): extract::Json<Enable>,
) -> Result<StatusCode, Problem> {
    api.workflow.enable_user(&caller, id, asked.enabled).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    #[schema(format = Password, min_length = 8, max_length = 256)]
    password: String,
}

/// Sets a person's password; all the person's tokens are good no more.
#[utoipa::path(post, path = "/v1/users/{id}/password", tag = "access",
    params(("id" = String, Path, format = Uuid)),
    request_body = NewPassword,
    responses((status = 204), Refusals))]
pub(crate) async fn set_password(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPath(id): InPath<UserId>,
    extract::Json(asked): extract::Json<NewPassword>,
) -> Result<StatusCode, Problem> {
    require(&caller, Permission::ManageAccess)?;
    let hash = hashed(&api, asked.password).await?;
    api.workflow.set_password(&caller, id, &hash).await?;
    Ok(StatusCode::NO_CONTENT)
}
