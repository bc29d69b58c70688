use std::fmt::Display;
use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;

use crate::Problem;

/// The only parameter in the path.
pub(crate) struct InPath<T>(pub(crate) T);

/// Both parameters in the path.
pub(crate) struct InPathPair<A, B>(pub(crate) A, pub(crate) B);

impl<T, S> FromRequestParts<S> for InPath<T>
where
    T: FromStr<Err: Display>,
    S: Send + Sync,
{
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = params(parts, state).await?;
        Ok(Self(read(&params, 0)?))
    }
}

impl<A, B, S> FromRequestParts<S> for InPathPair<A, B>
where
    A: FromStr<Err: Display>,
    B: FromStr<Err: Display>,
    S: Send + Sync,
{
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = params(parts, state).await?;
        Ok(Self(read(&params, 0)?, read(&params, 1)?))
    }
}

async fn params<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<RawPathParams, Problem> {
    RawPathParams::from_request_parts(parts, state)
        .await
        .map_err(|_| Problem::not_found("expected UTF-8 in the path, found something else"))
}

fn read<T: FromStr>(params: &RawPathParams, index: usize) -> Result<T, Problem> {
    let Some((name, value)) = params.iter().nth(index) else {
        return Err(Problem::internal("the route has too few parameters"));
    };
    // What cannot be an identifier identifies nothing, and NUL is in none.
    let parsed = if value.contains('\0') { None } else { value.parse().ok() };
    parsed.ok_or_else(|| {
        Problem::not_found(format!("expected an identifier as `{name}`, found something else"))
    })
}
