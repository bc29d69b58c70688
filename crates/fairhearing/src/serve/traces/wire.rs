use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::layer::{Span, Value};

/// OTLP's numbers for what a span is.
const INTERNAL: u8 = 1;
const SERVER: u8 = 2;
const CONSUMER: u8 = 5;

/// OTLP's number for what went wrong.
const ERROR: u8 = 2;

/// The fields that OpenTelemetry's semantic conventions call otherwise.
const CONVENTIONS: &[(&str, &str)] = &[
    ("method", "http.request.method"),
    ("route", "http.route"),
    ("status", "http.response.status_code"),
];

/// The body of a request to a collector.
pub(super) fn body(spans: &[Span], instance: &str) -> Json {
    json!({
        "resourceSpans": [{
            "resource": { "attributes": [
                attribute("service.name", &Value::Text("fairhearing".to_owned())),
                attribute("service.version", &Value::Text(env!("CARGO_PKG_VERSION").to_owned())),
                attribute("service.instance.id", &Value::Text(instance.to_owned())),
            ] },
            "scopeSpans": [{
                "scope": { "name": "fairhearing" },
                "spans": spans.iter().map(span).collect::<Vec<_>>(),
            }],
        }],
    })
}

fn span(span: &Span) -> Json {
    let field = |name: &str| {
        span.fields.iter().find(|(found, _)| *found == name).map(|(_, value)| match value {
            Value::Text(text) => text.clone(),
            Value::Number(number) => number.to_string(),
        })
    };
    let (kind, name) = match span.name {
        "request" => (SERVER, field("method").zip(field("route")).map(|(a, b)| format!("{a} {b}"))),
        "job" => (CONSUMER, field("kind")),
        _ => (INTERNAL, None),
    };
    let attributes: Vec<Json> = span
        .fields
        .iter()
        .map(|(name, value)| {
            let known = CONVENTIONS.iter().find(|(ours, _)| ours == name);
            attribute(known.map_or(*name, |(_, theirs)| *theirs), value)
        })
        .collect();
    let mut written = json!({
        "traceId": span.trace,
        "spanId": span.id,
        "name": name.unwrap_or_else(|| span.name.to_owned()),
        "kind": kind,
        "startTimeUnixNano": nanoseconds(span.began),
        "endTimeUnixNano": nanoseconds(span.ended),
        "attributes": attributes,
    });
    if let Some(parent) = &span.parent {
        written["parentSpanId"] = json!(parent);
    }
    if field("error.type").is_some() {
        written["status"] = json!({ "code": ERROR });
    }
    written
}

/// 64-bit numbers are text in the protocol's JSON.
fn nanoseconds(time: Timestamp) -> String {
    time.as_nanosecond().to_string()
}

fn attribute(name: &str, value: &Value) -> Json {
    let value = match value {
        Value::Text(text) => json!({ "stringValue": text }),
        Value::Number(number) => json!({ "intValue": number.to_string() }),
    };
    json!({ "key": name, "value": value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_written_as_the_protocol_has_it() {
        // Field names and encodings: opentelemetry-proto, examples/trace.json.
        let moment = |text: &str| text.parse::<Timestamp>().unwrap();
        let span = Span {
            trace: "5b8efff798038103d269b633813fc60c".to_owned(),
            id: "eee19b7ec3c1b174".to_owned(),
            parent: Some("eee19b7ec3c1b173".to_owned()),
            name: "request",
            began: moment("2018-12-13T14:51:00Z"),
            ended: moment("2018-12-13T14:51:01.5Z"),
            fields: vec![
                ("method", Value::Text("GET".to_owned())),
                ("route", Value::Text("/v1/calls/{id}".to_owned())),
                ("status", Value::Number(500)),
                ("error.type", Value::Text("500".to_owned())),
            ],
        };
        let written = body(&[span], "web-1-77");
        let expected = json!({
            "traceId": "5b8efff798038103d269b633813fc60c",
            "spanId": "eee19b7ec3c1b174",
            "parentSpanId": "eee19b7ec3c1b173",
            "name": "GET /v1/calls/{id}",
            "kind": 2,
            "startTimeUnixNano": "1544712660000000000",
            "endTimeUnixNano": "1544712661500000000",
            "attributes": [
                { "key": "http.request.method", "value": { "stringValue": "GET" } },
                { "key": "http.route", "value": { "stringValue": "/v1/calls/{id}" } },
                { "key": "http.response.status_code", "value": { "intValue": "500" } },
                { "key": "error.type", "value": { "stringValue": "500" } },
            ],
            "status": { "code": 2 },
        });
        assert_eq!(written["resourceSpans"][0]["scopeSpans"][0]["spans"], json!([expected]));
        let resource = &written["resourceSpans"][0]["resource"]["attributes"];
        assert_eq!(
            resource[2],
            json!({ "key": "service.instance.id", "value": { "stringValue": "web-1-77" } })
        );
    }
}
