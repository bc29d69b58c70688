//! The operations, one file each, and their one list.

mod complain;
mod credit;
mod detail;
mod details;
mod get_text_by_task_id;
mod quality_inspect;
mod token_by_ak_sk;
mod upload_text;
mod voice_to_text;

use axum::routing::{MethodRouter, post};

use super::Root;
use crate::parts::Api;

/// Where tokens are issued; above both roots.
pub(crate) const TOKEN_PATH: &str = "/apigovernance/api/oauth/tokenByAkSk";

/// Issues tokens.
pub(crate) fn token() -> MethodRouter<Api> {
    post(token_by_ak_sk::token_by_ak_sk)
}

type Operation = fn(Root) -> MethodRouter<Api>;

/// Every operation by its path under a root.
pub(crate) const OPERATIONS: [(&str, Operation); 8] = [
    ("openapi/qualityInspect", |_| post(quality_inspect::quality_inspect)),
    ("openapi/voice2Text", |_| post(voice_to_text::voice_to_text)),
    ("openapi/getTextByTaskId", |_| post(get_text_by_task_id::get_text_by_task_id)),
    ("openapi/uploadText", |_| post(upload_text::upload_text)),
    ("appraisecall/details", |_| post(details::details)),
    ("appraisecall/detail", |root| post(move |api, asked| detail::detail(root, api, asked))),
    ("appraisecall/credit", |_| post(credit::credit)),
    ("appraisecall/complain", |_| post(complain::complain)),
];
