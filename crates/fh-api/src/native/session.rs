use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse};
use fh_model::TenantId;
use http::request::Parts;
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Refusals;
use super::role::RoleName;
use crate::Problem;
use crate::extract;
use crate::parts::Api;
use crate::sign_in::{
    Session, csrf_token, ended_cookie, peer, session_cookie, sign_in_key, sign_in_person,
    token_hash,
};

/// Name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// The tenant's short name; the server's usual one where absent.
    tenant: Option<String>,
    /// The sign-in name.
    name: String,
    /// The password.
    #[schema(format = Password)]
    password: String,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionInfo {
    /// The tenant's short name.
    tenant: String,
    /// The name of the person or the key.
    name: String,
    role: RoleName,
    /// The agent's user identifier, for those who see their own calls only.
    #[serde(skip_serializing_if = "Option::is_none")]
    staff_id: Option<String>,
    /// To be sent in the header `x-csrf-token` with every change that is signed in by cookie.
    csrf_token: String,
}

/// Signs a person in: the answer sets a session cookie.
#[utoipa::path(post, path = "/v1/session", tag = "sign-in", security(()),
    request_body = Credentials,
    responses((status = 200, body = SessionInfo), Refusals))]
pub(crate) async fn sign_in(
    State(api): State<Api>,
    peer_parts: PeerOf,
    extract::Json(asked): extract::Json<Credentials>,
) -> Result<impl IntoResponse, Problem> {
    let tenant = match &asked.tenant {
        None => api.settings.tenant.clone(),
        Some(name) => name.parse::<TenantId>().map_err(|_| {
            Problem::field("tenant", "1 to 64 of `a-z`, `0-9`, `-` and `_`", "something else")
        })?,
    };
    let (row, issued) =
        sign_in_person(&api, &tenant, &asked.name, asked.password, &peer_parts.0).await?;
    let cookie = session_cookie(&issued.token, issued.lifetime, api.settings.secure_cookies);
    let info = SessionInfo {
        tenant: row.tenant.to_string(),
        name: row.user.name,
        role: row.user.role.into(),
        staff_id: row.user.staff_id,
        csrf_token: csrf_token(&issued.token),
    };
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Json(info)))
}

/// Says who is signed in.
#[utoipa::path(get, path = "/v1/session", tag = "sign-in",
    responses((status = 200, body = SessionInfo), Refusals))]
pub(crate) async fn get_session(session: Session) -> Json<SessionInfo> {
    Json(SessionInfo {
        tenant: session.row.tenant.to_string(),
        name: session.row.name,
        role: session.row.role.into(),
        staff_id: session.row.staff_id,
        csrf_token: csrf_token(&session.token),
    })
}

/// Signs out: the session's token is good no more.
#[utoipa::path(delete, path = "/v1/session", tag = "sign-in",
    responses((status = 204), Refusals))]
pub(crate) async fn sign_out(
    State(api): State<Api>,
    session: Session,
) -> Result<impl IntoResponse, Problem> {
    api.store().directory().revoke_token(&token_hash(&session.token)).await?;
    let cookie = ended_cookie(api.settings.secure_cookies);
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, cookie)])))
}

/// An access key and its secret.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyAndSecret {
    /// The access key.
    key: String,
    /// Its secret.
    #[schema(format = Password)]
    secret: String,
    /// For how many seconds the token shall be good.
    #[serde(default = "an_hour")]
    #[schema(minimum = 1, maximum = 3600, default = 3600)]
    lifetime_s: u64,
}

const fn an_hour() -> u64 {
    3_600
}

/// A token.
#[derive(Serialize, ToSchema)]
pub(crate) struct Token {
    /// To be sent as `Authorization: Bearer TOKEN`.
    token: String,
    /// For how many seconds it is good.
    expires_in_s: u64,
}

/// Issues a token to a program.
#[utoipa::path(post, path = "/v1/tokens", tag = "sign-in", security(()),
    request_body = KeyAndSecret,
    responses((status = 200, body = Token), Refusals))]
pub(crate) async fn issue_token(
    State(api): State<Api>,
    peer_parts: PeerOf,
    extract::Json(asked): extract::Json<KeyAndSecret>,
) -> Result<Json<Token>, Problem> {
    if !(1..=an_hour()).contains(&asked.lifetime_s) {
        return Err(Problem::field("lifetime_s", "1 to 3600", asked.lifetime_s));
    }
    let lifetime = Duration::from_secs(asked.lifetime_s);
    let (_, issued) = sign_in_key(&api, &asked.key, &asked.secret, &peer_parts.0, lifetime).await?;
    Ok(Json(Token { token: issued.token, expires_in_s: issued.lifetime.as_secs() }))
}

/// Revokes the token that the request is signed in with.
#[utoipa::path(delete, path = "/v1/tokens", tag = "sign-in",
    responses((status = 204), Refusals))]
pub(crate) async fn revoke_token(
    State(api): State<Api>,
    session: Session,
) -> Result<StatusCode, Problem> {
    api.store().directory().revoke_token(&token_hash(&session.token)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The address that a request came from.
pub(crate) struct PeerOf(String);

impl axum::extract::FromRequestParts<Api> for PeerOf {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Self::Rejection> {
        Ok(Self(peer(parts).unwrap_or_default()))
    }
}
