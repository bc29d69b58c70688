//! What handlers take out of a request. axum's own extractors answer in plain text; these give errors
//! that each dialect turns into its own words.

mod body;
mod in_path;
mod in_query;

pub(crate) use body::{BodyError, Json, read_json};
pub(crate) use in_path::{InPath, InPathPair};
pub(crate) use in_query::InQuery;
