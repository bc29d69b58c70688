use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use fh_model::{Clock, RandomSource};
use jiff::Timestamp;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Subscriber, span};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::exporter::Message;

/// A value of a span's field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Number(i64),
}

/// A span that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    /// 32 hexadecimal digits.
    pub(crate) trace: String,
    /// 16 of them.
    pub(crate) id: String,
    /// The span that it is a part of.
    pub(crate) parent: Option<String>,
    pub(crate) name: &'static str,
    pub(crate) began: Timestamp,
    pub(crate) ended: Timestamp,
    pub(crate) fields: Vec<(&'static str, Value)>,
}

/// Notes spans from their beginning to their end and hands them to the exporter.
pub(crate) struct TraceLayer {
    sender: SyncSender<Message>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn RandomSource>,
}

impl TraceLayer {
    pub(crate) fn new(
        sender: SyncSender<Message>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn RandomSource>,
    ) -> Self {
        Self { sender, clock, random }
    }

    fn random_digits<const BYTES: usize>(&self) -> String {
        let mut bytes = [0; BYTES];
        self.random.fill(&mut bytes);
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl<S> Layer<S> for TraceLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        let Some(here) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let above = here.parent().and_then(|parent| {
            parent.extensions().get::<Span>().map(|span| (span.trace.clone(), span.id.clone()))
        });
        // All jobs of a call, whichever machine does them, are one trace: that of the call's
        // identifier, which has as many digits.
        let (trace, parent) = above.map_or_else(
            || (fields.call_as_trace().unwrap_or_else(|| self.random_digits::<16>()), None),
            |(trace, id)| (trace, Some(id)),
        );
        let now = self.clock.now();
        let mut span = Span {
            trace,
            id: self.random_digits::<8>(),
            parent,
            name: attributes.metadata().name(),
            began: now,
            ended: now,
            fields: fields.0,
        };
        span.adopt();
        here.extensions_mut().insert(span);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(here) = context.span(id) else { return };
        let mut extensions = here.extensions_mut();
        let Some(span) = extensions.get_mut::<Span>() else { return };
        let mut fields = Fields(std::mem::take(&mut span.fields));
        values.record(&mut fields);
        if let (None, Some(trace)) = (&span.parent, fields.call_as_trace()) {
            span.trace = trace;
        }
        span.fields = fields.0;
        span.adopt();
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(here) = context.span(&id) else { return };
        let Some(mut span) = here.extensions_mut().remove::<Span>() else { return };
        span.ended = self.clock.now();
        // Where the collector does not keep up, what it would have got is lost, and work goes on.
        let _ = self.sender.try_send(Message::Span(span));
    }
}

impl Span {
    /// Takes its place in the trace of whoever sent the request: `00-TRACE-SPAN-FLAGS`, as its
    /// field `trace.parent` has it.
    fn adopt(&mut self) {
        let Some(place) = self.fields.iter().position(|(name, _)| *name == "trace.parent") else {
            return;
        };
        let (_, Value::Text(text)) = self.fields.remove(place) else { return };
        let mut parts = text.split('-').skip(1);
        if let (Some(trace), Some(parent)) = (parts.next(), parts.next()) {
            self.trace = trace.to_owned();
            self.parent = Some(parent.to_owned());
        }
    }
}

#[derive(Default)]
struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        self.0.push((field.name(), value));
    }

    fn call_as_trace(&self) -> Option<String> {
        let (_, value) = self.0.iter().find(|(name, _)| *name == "call.id")?;
        let Value::Text(text) = value else { return None };
        let digits: String = text.chars().filter(|letter| *letter != '-').collect();
        let is_id = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_id.then_some(digits)
    }
}

impl Visit for Fields {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, Value::Number(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, Value::Number(i64::try_from(value).unwrap_or(i64::MAX)));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, Value::Text(value.to_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, Value::Text(format!("{value:?}")));
    }
}
