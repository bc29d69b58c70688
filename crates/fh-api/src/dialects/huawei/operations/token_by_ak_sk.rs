use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use serde::{Deserialize, Serialize};

use crate::dialects::huawei::HuaweiError;
use crate::extract::read_json;
use crate::parts::Api;
use crate::sign_in::{peer, sign_in_key};

/// The longest life of a token, as documented.
const LONGEST_S: u64 = 3_600;

/// The life of a token where nobody asks for one: the documents' sample.
const USUAL_S: u64 = 600;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenRequest {
    app_key: String,
    app_secret: String,
}

/// All values are text.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TokenWire {
    access_token: String,
    apply_type: &'static str,
    create_time: String,
    expires: String,
    scope: String,
    app_key: String,
    #[serde(rename = "UserID")]
    user_id: &'static str,
}

/// <https://support.huaweicloud.com/intl/en-us/api-cec/cec_07_2211.html>.
pub(crate) async fn token_by_ak_sk(
    State(api): State<Api>,
    request: Request,
) -> Result<Json<TokenWire>, HuaweiError> {
    let (parts, body) = request.into_parts();
    let lifetime = match parts.headers.get("x-token-expire") {
        None => USUAL_S,
        Some(value) => {
            let seconds = value.to_str().ok().and_then(|text| text.trim().parse::<u64>().ok());
            seconds.filter(|&seconds| seconds > 0).ok_or_else(|| {
                HuaweiError::bad_request(
                    "expected whole seconds from 1 on in the header `X-Token-Expire`, found \
                     something else",
                )
            })?
        }
    };
    let lifetime = Duration::from_secs(lifetime.min(LONGEST_S));
    let address = peer(&parts).unwrap_or_default();
    let request = Request::from_parts(parts, body);
    let asked: TokenRequest = read_json(request, &api.settings.json).await?;
    let (row, issued) =
        sign_in_key(&api, &asked.app_key, &asked.app_secret, &address, lifetime).await?;
    let scope = blake3::hash(row.tenant.as_str().as_bytes()).to_hex();
    Ok(Json(TokenWire {
        access_token: issued.token,
        apply_type: "Bearer",
        create_time: api.clock.now().as_second().to_string(),
        expires: issued.lifetime.as_secs().to_string(),
        // 32 hex digits, as in the sample: the same for everybody of a tenant.
        scope: scope.as_str().chars().take(32).collect(),
        app_key: row.key.key,
        user_id: "Anonymous",
    }))
}
