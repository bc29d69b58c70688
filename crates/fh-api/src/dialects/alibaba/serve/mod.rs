//! The dialect on a server: requests come in, commands and queries of the workflow run.
//!
//! [`keyring`] says who asks, each operation has its handler in a file of its own, and [`kept`] is how
//! a call's fields in Alibaba's words lie in a call's metadata.

mod endpoint;
pub(crate) mod get_result;
pub(crate) mod get_upload_audio_data_params;
mod kept;
mod keyring;
mod recording_address;
mod recording_url;
mod recordings;
mod refused;
mod result_filter;
pub(crate) mod upload_audio_data;

use fh_workflow::Caller;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::error::Refusal;
use super::parameters::Parameters;
use super::reply::{Reply, ReplyContext};
use crate::parts::Api;

pub(crate) use endpoint::routes;
use recording_address::RecordingAddress;
use recording_url::recording_url;

/// What an operation is asked, and by whom.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// What the server works with.
    pub(crate) api: &'a Api,
    /// Who asks, proved by signature or token.
    pub(crate) caller: &'a Caller,
    /// What is asked.
    pub(crate) parameters: &'a Parameters,
    /// What the answer shares with every other one.
    pub(crate) context: &'a ReplyContext<'a>,
    /// When it was asked.
    pub(crate) now: Timestamp,
}

/// Does what an operation asks.
pub(crate) type Handler = for<'a> fn(Asked<'a>) -> BoxFuture<'a, Result<Reply, Refusal>>;
