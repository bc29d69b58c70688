//! Alibaba Cloud: CCC (2020-07-01) and Qualitycheck (2019-01-15), its Smart Conversation Analysis.
//!
//! One endpoint, `/`, in RPC style. What a server does with a request, in order:
//!
//! 1. [`request::RpcRequest::read`]: query and form become one list of parameters.
//! 2. [`operations::find`]: action and version name one line of [`operations::OPERATIONS`].
//! 3. [`signature::verify`]: who asks; ACS3-HMAC-SHA256, ACS3-HMAC-SM3, RPC v1 or a bearer token.
//! 4. [`operations::Operation::admit`]: the way of signing in and the parameters that it needs.
//! 5. The operation's own file reads the request, and turns what was found into the answer.
//! 6. [`reply`]: JSON, or XML where `Format=XML`; failures through [`error`].
//!
//! All of that is pure: the time, the credentials, the nonces and the stored calls are handed in, by
//! `serve`, which does what is asked with the workflow.
//!
//! Sources, read in November 2026: the OpenAPI metadata of both products with its help text
//! (`https://help.aliyun.com/zh/sca/developer-reference/api-qualitycheck-2019-01-15-<operation>`,
//! `https://help.aliyun.com/zh/ccs/developer-reference/api-ccc-2020-07-01-getuploadaudiodataparams`),
//! the signature pages `https://help.aliyun.com/document_detail/2593177.html` (V3) and
//! `https://help.aliyun.com/document_detail/66678.html` (RPC v1), and the official SDKs for Python.
//!
//! # Known differences
//!
//! - Recordings may be fetched from IP addresses and private names where the configuration allows it.
//! - Alibaba publishes no numeric codes for business failures: ours are [`error::ScaCode`].
//! - `pageSize` of `GetResult` may be 100; the page says both "less than 100" and "100 per page".
//! - XML answers use the key names of the JSON, with a list as repeated elements; the documented
//!   example in XML has lower-case initials.
//! - Security tokens (STS) belong to an access key and are compared; there is no token service.
//! - `EmotionValue` is computed from levels relative to full scale: [`operations::get_result`].
//! - All active rules are run: `ruleIds`, `ruleBusinessNames`, `modelId`, `vocabId` and
//!   `serviceChannelKeywords` of an upload choose nothing, and its `callbackUrl` is not called; the
//!   native API's webhooks tell of finished calls.
//! - A call that several scenarios judge has the lowest of their scores.
//! - `GetResult` looks through 20,000 calls at most where it has to read them one by one (filters
//!   other than task, time, status, kind of data and agent's name, or an order), and asks for
//!   narrower times beyond that.
//! - There are no data sets, no schemes by number and no reviewers: who filters by them finds
//!   nothing. A review is what people said of findings.
//! - A request target may have 2 MiB ([`ServeLimits::target_bytes`](crate::ServeLimits)), some 1,000
//!   calls of CCC in one `UploadAudioData`; a longer one is refused with `InvalidRequestTarget`. Only
//!   the first request of a connection may have more than 65,534 bytes, so that each answer ends the
//!   connection.
//! - The recording of an upload whose address the server has signed itself, for the tenant that
//!   uploads, is taken from the store with the transcript that came along with it.
//! - An instance of CCC is the uploaded `instance`, else the tenant's name.
//! - `GetResult` leaves out `Conditions`, `ResultCountId` (reserved) and whatever nobody filled in.

pub mod call_type;
pub mod encoding;
pub mod error;
pub mod fields;
pub mod operations;
pub mod parameters;
pub mod recording_url;
pub mod reply;
pub mod request;
mod serve;
pub mod signature;
pub mod time;
mod wrapped;
mod xml;

pub(crate) use serve::routes;
