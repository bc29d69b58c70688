use axum::extract::{FromRequest, Request};
use fh_workflow::Caller;
use serde::de::DeserializeOwned;

use super::HuaweiError;
use crate::extract::read_json;
use crate::parts::Api;
use crate::sign_in::identify;

/// Who asks, by the token of `tokenByAkSk`, and what.
///
/// Who asks is found out first: a stranger learns nothing about how a request should look.
pub(crate) struct Asked<T> {
    pub(crate) caller: Caller,
    pub(crate) body: T,
}

impl<T: DeserializeOwned> FromRequest<Api> for Asked<T> {
    type Rejection = HuaweiError;
    async fn from_request(request: Request, api: &Api) -> Result<Self, HuaweiError> {
        let (parts, body) = request.into_parts();
        let caller = identify(api, &parts).await?.caller;
        let body = read_json(Request::from_parts(parts, body), &api.settings.json).await?;
        Ok(Self { caller, body })
    }
}
