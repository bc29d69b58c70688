//! Traces: the spans of requests and jobs, sent to a collector as OTLP over HTTP in JSON
//! (OpenTelemetry's protocol 1.x, "OTLP/HTTP", "JSON Protobuf Encoding").
//!
//! [`layer`] notes spans, [`wire`] writes them, [`exporter`] sends them. The protocol's JSON is small
//! and stable: written here it costs no dependency, where the libraries for it bring sixteen.
//!
//! What is sent is what the spans of our own crates hold: identifiers, kinds, routes, states.

mod exporter;
mod layer;
mod wire;

pub(super) use exporter::Exporter;
pub(super) use layer::TraceLayer;
