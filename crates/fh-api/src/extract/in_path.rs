use std::fmt::Display;
use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;

use crate::Problem;

/// The only or the first parameter in the path.
pub(crate) struct InPath<T>(pub(crate) T);

impl<T, S> FromRequestParts<S> for InPath<T>
where
    T: FromStr,
    T::Err: Display,
    S: Send + Sync,
{
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::not_found("expected UTF-8 in the path, found something else"))?;
        let Some((name, value)) = params.iter().next() else {
            return Err(Problem::internal("the route has no parameter"));
        };
        // What cannot be an identifier identifies nothing.
        value.parse().map(Self).map_err(|_| {
            Problem::not_found(format!("expected an identifier as `{name}`, found something else"))
        })
    }
}
