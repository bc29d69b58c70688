//! HTTP in front of the workflow: the native API and the dialects of other vendors.

pub mod dialects;
pub mod strict_json;
