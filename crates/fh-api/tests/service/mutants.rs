//! Sound requests to every address, of all three families, with a little or a lot of them wrong:
//! each is answered, in the family's own words, and never with a fault of the server.

use std::fmt::Write as _;

use fh_api::dialects::alibaba::encoding::percent_encode;
use fh_api::{FloorRate, ServeLimits};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Map, Value, json};
use sha1::Sha1;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::dice::Dice;
use crate::sound::short;
use crate::stage::{CCISQM, CCSQM, Database, Options, Stage};
use crate::wire::{Answer, Outcome, Wire};

/// After so many requests what they are about is made anew: they erase and switch off, too.
const ROUND: usize = 1_000;

/// Clients at a time.
const CLIENTS: usize = 4;

/// How much more memory the process may have at the end than after the first round.
const GROWTH_KIB: u64 = 96 << 10;

/// Whose words an answer is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Native,
    Huawei,
    Alibaba,
}

/// A request before it is bytes.
#[derive(Debug, Clone)]
struct Draft {
    family: Family,
    method: String,
    path: Vec<u8>,
    query: Vec<(String, String)>,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    /// The operation of the document that it is, as long as nothing makes another of it.
    operation: Option<String>,
    /// Whether its path may be another than that of its family.
    is_elsewhere: bool,
    /// Whether where it ends may be told wrongly.
    is_framed_wrongly: bool,
}

/// What requests are about.
struct Subjects {
    administrator: String,
    /// Good until the first request that signs out.
    doomed: String,
    call: String,
    batch: String,
    webhook: String,
    user: String,
    key: String,
    job: String,
    appeal: String,
    scenario: String,
    finding: String,
}

impl Subjects {
    fn new(stage: &Stage, round: usize) -> Self {
        let token = |key: &str| {
            let asked = json!({ "key": key, "secret": format!("{key}-secret") });
            let reply = stage.post("/v1/tokens", "none", &asked).expect(200);
            reply.json()["token"].as_str().unwrap().to_owned()
        };
        let administrator = token("default-administrator");
        let post = |path: &str, body: Value| stage.post(path, &administrator, &body);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        stage.put_file("sound.wav", short());
        stage.put_file("sound.vtt", "WEBVTT\n\n00:00.200 --> 00:01.800\n<v Agent>您好 hello.\n");
        let batch = format!("6e7d7b1c-9b0a-4a57-8f5a-2f6a1c6f{round:04x}");
        // Before the thousands that mutants submit.
        let calls = json!({ "batch": batch, "calls": [
            { "source": { "path": "Y:/sound.wav" }, "staff_id": "7", "priority": 100 },
            { "source": { "path": "Y:/missing.wav" }, "priority": 100 }
        ] });
        let calls = post("/v1/calls", calls).expect(202).json()["calls"].clone();
        for call in calls.as_array().unwrap() {
            stage.wait_for(call.as_str().unwrap(), &administrator);
        }
        let call = text(&calls[0]);
        let path = format!("/v1/calls/{call}");
        let found = stage.get(&format!("{path}/findings"), &administrator).expect(200).json();
        let scenario = text(&found["scenarios"][0]["id"]);
        let finding = text(&found["scenarios"][0]["findings"][0]["key"]);
        let appeal = json!({ "reason": "a", "reviewer": "b",
                             "findings": [{ "scenario": scenario, "finding": finding }] });
        let appeal = post(&format!("{path}/appeals"), appeal).expect(201).json();
        // Nobody may be connected to there: told receivers cost nothing.
        let webhook = post("/v1/webhooks", json!({ "url": "http://127.0.0.1:9/" })).expect(201);
        let name = format!("person-{round}");
        let user = json!({ "name": name, "password": "a long password", "role": "agent" });
        let dead = stage.get("/v1/jobs?state=dead", &administrator).expect(200).json();
        Self {
            doomed: token("default-administrator"),
            batch,
            webhook: text(&webhook.json()["id"]),
            user: text(&post("/v1/users", user).expect(201).json()["id"]),
            key: text(&post("/v1/keys", json!({ "role": "agent" })).expect(201).json()["key"]),
            job: text(&dead["jobs"][0]["id"]),
            appeal: text(&appeal["id"]),
            administrator,
            call,
            scenario,
            finding,
        }
    }

    fn fill(&self, path: &str) -> String {
        let id = match path.split('/').nth(2) {
            Some("calls") => &self.call,
            Some("batches") => &self.batch,
            Some("webhooks") => &self.webhook,
            Some("users") => &self.user,
            Some("jobs") => &self.job,
            _ => "other",
        };
        path.replace("{id}", id)
            .replace("{appeal}", &self.appeal)
            .replace("{key}", &self.key)
            .replace("{name}", "rules")
            .replace("{version}", "1")
    }

    /// Bodies that the schema alone does not tell.
    fn body(&self, operation: &str) -> Option<Value> {
        let named = json!([{ "scenario": self.scenario, "finding": self.finding }]);
        match operation {
            "post /v1/calls/{id}/revisions" => Some(json!({
                "scenario": self.scenario, "finding": self.finding, "complies": true, "remark": "x"
            })),
            "post /v1/calls/{id}/appeals" => {
                Some(json!({ "reason": "x", "reviewer": "x", "findings": named }))
            }
            "post /v1/calls" => Some(json!({ "calls": [{
                "source": { "chat": [{ "role": "agent", "text": "您好", "at_ms": 5 }] },
                "staff_id": "7", "priority": 3, "file_name": "a.json",
                "call_time": "2026-01-02T03:04:05Z",
                "metadata": { "language": "zh_CN", "begin_time": "2021-02-01T09:51:07",
                              "roles": ["agent"], "attributes": { "customer_id": "c" } }
            }] })),
            "post /v1/rule-packs" => Some(json!({
                "name": "rules", "files": [{ "name": "a.yaml", "text": crate::stage::RULES }]
            })),
            "post /v1/erasures" => Some(json!({ "person": "nobody" })),
            "post /v1/webhooks" => Some(json!({ "url": "http://127.0.0.1:9/", "events": [] })),
            _ => None,
        }
    }
}

/// An operation of the document.
struct Operation {
    /// Method and path.
    name: String,
    method: String,
    path: String,
    query: Vec<(String, Value)>,
    /// Content type and schema of its body.
    body: Option<(String, Value)>,
    statuses: Vec<u16>,
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, details) in methods.as_object().unwrap() {
            let parameters = details["parameters"].as_array().into_iter().flatten();
            let query = parameters
                .filter(|parameter| parameter["in"] == "query")
                .map(|parameter| {
                    (parameter["name"].as_str().unwrap().to_owned(), parameter["schema"].clone())
                })
                .collect();
            let body = details["requestBody"]["content"].as_object().map(|content| {
                let (kind, media) = content.iter().next().unwrap();
                (kind.clone(), media["schema"].clone())
            });
            let statuses = details["responses"].as_object().unwrap().keys();
            operations.push(Operation {
                name: format!("{method} {path}"),
                method: method.to_uppercase(),
                path: path.clone(),
                query,
                body,
                statuses: statuses.map(|status| status.parse().unwrap()).collect(),
            });
        }
    }
    assert!(operations.len() > 45, "only {} operations", operations.len());
    operations
}

/// Something that the schema allows.
fn sample(schema: &Value, document: &Value, dice: &mut Dice) -> Value {
    if let Some(pointer) = schema["$ref"].as_str().and_then(|to| to.strip_prefix('#')) {
        return sample(document.pointer(pointer).unwrap(), document, dice);
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        if let Some(all) = schema[several].as_array() {
            let all: Vec<&Value> = all.iter().filter(|one| one["type"] != "null").collect();
            return sample(all[dice.below(all.len())], document, dice);
        }
    }
    if let Some(all) = schema["enum"].as_array() {
        return dice.pick(all).clone();
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null").unwrap(),
        kind => kind,
    };
    match (kind.as_str(), schema["format"].as_str()) {
        (Some("string"), Some("uuid")) => json!("6e7d7b1c-9b0a-4a57-8f5a-2f6a1c6f8a01"),
        (Some("string"), Some("date-time")) => json!("2026-01-02T03:04:05Z"),
        (Some("string"), Some("password")) => json!("a long password"),
        (Some("string"), _) => json!(*dice.pick(&["a", "agent", "您好", "default"])),
        (Some("integer"), _) => {
            let least = schema["minimum"].as_i64().unwrap_or(0);
            json!(least + i64::try_from(dice.below(5)).unwrap())
        }
        (Some("number"), _) => json!(1.5),
        (Some("boolean"), _) => json!(dice.one_in(2)),
        (Some("array"), _) => json!([sample(&schema["items"], document, dice)]),
        _ => {
            let mut object = Map::new();
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
                if required.contains(&json!(name)) || dice.one_in(2) {
                    object.insert(name.clone(), sample(schema, document, dice));
                }
            }
            Value::Object(object)
        }
    }
}

fn native(operation: &Operation, subjects: &Subjects, document: &Value, dice: &mut Dice) -> Draft {
    let token = match operation.name.as_str() {
        "delete /v1/session" | "delete /v1/tokens" => &subjects.doomed,
        _ => &subjects.administrator,
    };
    let mut headers = vec![("authorization".to_owned(), format!("Bearer {token}").into_bytes())];
    let mut query = Vec::new();
    for (name, schema) in &operation.query {
        if dice.one_in(3) {
            let value = sample(schema, document, dice);
            query.push((name.clone(), value.as_str().map_or(value.to_string(), str::to_owned)));
        }
    }
    let body = match &operation.body {
        None => Vec::new(),
        Some((kind, _)) if kind.starts_with("multipart") => {
            let kind = "multipart/form-data; boundary=b0und";
            headers.push(("content-type".to_owned(), kind.into()));
            multipart()
        }
        Some((kind, schema)) => {
            headers.push(("content-type".to_owned(), kind.clone().into_bytes()));
            let body = subjects.body(&operation.name);
            body.unwrap_or_else(|| sample(schema, document, dice)).to_string().into_bytes()
        }
    };
    Draft {
        family: Family::Native,
        method: operation.method.clone(),
        path: subjects.fill(&operation.path).into_bytes(),
        query,
        headers,
        body,
        operation: Some(operation.name.clone()),
        is_elsewhere: false,
        is_framed_wrongly: false,
    }
}

fn multipart() -> Vec<u8> {
    let part = |disposition: &str, content: &[u8]| {
        let head = format!("--b0und\r\ncontent-disposition: form-data; {disposition}\r\n\r\n");
        [head.as_bytes(), content, b"\r\n"].concat()
    };
    let words = b"WEBVTT\n\n00:00.200 --> 00:01.800\n<v Agent>Good morning.\n";
    [
        part("name=\"recording\"; filename=\"a.wav\"", &short()[..2_000]),
        part("name=\"call\"", br#"{"staff_id":"7","metadata":{"language":"en_US"}}"#),
        part("name=\"transcript\"; filename=\"a.vtt\"", words),
        b"--b0und--\r\n".to_vec(),
    ]
    .concat()
}

fn huawei(subjects: &Subjects, dice: &mut Dice) -> Draft {
    let call = &subjects.call;
    let all = [
        (
            "openapi/qualityInspect",
            json!({
            "language": "zh_CN", "voiceFilePath": "Y:\\27\\0951044.V3", "agentId": 1118,
            "beginTime": "2021-02-01 09:51:07", "endTime": "2021-02-01 09:57:57" }),
        ),
        (
            "openapi/voice2Text",
            json!({
            "language": "zh_CN", "voiceFilePath": "Y:\\27\\0951044.V3", "agentId": 1118,
            "beginTime": "2021-02-01 09:51:07", "endTime": "2021-02-01 09:57:57" }),
        ),
        (
            "openapi/uploadText",
            json!({
            "language": "zh_CN", "agentId": 1, "beginTime": "2021-02-01 09:51:07",
            "endTime": "2021-02-01 09:57:57",
            "sentences": [{ "speaker": "staff", "text": "您好", "start_time": 1.5 }] }),
        ),
        (
            "openapi/getTextByTaskId",
            json!({ "taskId": call.replace('-', ""), "language": "zh_CN" }),
        ),
        (
            "appraisecall/details",
            json!({
            "limit": 10, "page": 1, "call_types": [0, 2], "call_from": 1_621_333_149,
            "call_to": 1_823_925_149, "staff_id": null, "upload_from": null, "upload_to": null,
            "status": [2], "keyword": "您好", "duration_min": 1 }),
        ),
        ("appraisecall/detail", json!({ "call_uuid": call })),
        ("appraisecall/credit", json!({ "call_uuid": call })),
        (
            "appraisecall/complain",
            json!({
            "callGroupId": 1, "callId": call, "leaderRole": "a", "leaderUUID": "b",
            "taskDescription": "c", "callType": "0", "chooseRuleGroupList": [{
                "ruleGroupId": subjects.scenario, "reviseIdList": [subjects.finding] }] }),
        ),
        ("", json!({ "app_key": "default-agent", "app_secret": "default-agent-secret" })),
    ];
    let (operation, body) = dice.pick(&all);
    let path = match *operation {
        "" => "/apigovernance/api/oauth/tokenByAkSk".to_owned(),
        operation => format!("{}/{operation}", dice.pick(&[CCISQM, CCSQM])),
    };
    let bearer = format!("Bearer {}", subjects.administrator);
    Draft {
        family: Family::Huawei,
        method: "POST".to_owned(),
        path: path.into_bytes(),
        query: Vec::new(),
        headers: vec![
            ("authorization".to_owned(), bearer.into_bytes()),
            ("content-type".to_owned(), b"application/json; charset=UTF-8".to_vec()),
            ("x-app-key".to_owned(), b"default-administrator".to_vec()),
        ],
        body: body.to_string().into_bytes(),
        operation: None,
        is_elsewhere: false,
        is_framed_wrongly: false,
    }
}

/// Nonces: no two requests share one, unless a mutation lets them.
static NONCES: AtomicU64 = AtomicU64::new(0);

/// A request whose parameters are mutated before they are signed: what is behind the signature
/// shall be reached.
fn alibaba(subjects: &Subjects, dice: &mut Dice) -> Draft {
    let upload = json!({
        "autoSplit": 1, "sampleRate": 8, "callList": [{
            "callId": "c-1", "voiceFileUrl": "http://127.0.0.1:9/a.wav",
            "callStartTime": 1_704_870_035_381_u64, "callType": 1, "serviceChannel": 0,
            "clientChannel": 1, "customerServiceId": "7", "customerServiceName": "张三",
            "remark1": "x", "remark5": 5 }]
    });
    let result = json!({
        "pageSize": 10, "pageNumber": 1, "startTime": "2023-01-01 00:00:00",
        "endTime": "2026-01-01 00:00:00", "taskId": subjects.batch, "requiredFields": ["agent"]
    });
    let json_str = |value: &Value, dice: &mut Dice| {
        let mut bytes = value.to_string().into_bytes();
        for _ in 0..dice.below(3) {
            mutate_json(&mut bytes, dice);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let (action, version, asked) = match dice.below(3) {
        0 => ("UploadAudioData", "2019-01-15", vec![("JsonStr", json_str(&upload, dice))]),
        1 => ("GetResult", "2019-01-15", vec![("JsonStr", json_str(&result, dice))]),
        _ => {
            let asked =
                vec![("InstanceId", "ccc".to_owned()), ("ContactId", subjects.call.clone())];
            ("GetUploadAudioDataParams", "2020-07-01", asked)
        }
    };
    let nonce = NONCES.fetch_add(1, Ordering::Relaxed);
    let mut parameters: Vec<(String, String)> = [
        ("Action", action.to_owned()),
        ("Version", version.to_owned()),
        ("AccessKeyId", "default-administrator".to_owned()),
        ("SignatureMethod", "HMAC-SHA1".to_owned()),
        ("SignatureVersion", "1.0".to_owned()),
        ("SignatureNonce", format!("nonce-{nonce}")),
        ("Timestamp", "2023-11-14T22:13:20Z".to_owned()),
        ("Format", (*dice.pick(&["JSON", "XML"])).to_owned()),
    ]
    .into_iter()
    .chain(asked)
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    for _ in 0..dice.below(2) {
        mutate_pairs(&mut parameters, dice);
    }
    let method = *dice.pick(&["GET", "POST"]);
    let mut pairs = parameters.clone();
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value)))
        .collect();
    let text = format!("{method}&%2F&{}", percent_encode(&pairs.join("&")));
    let mut mac = Hmac::<Sha1>::new_from_slice(b"default-administrator-secret&").unwrap();
    mac.update(text.as_bytes());
    parameters.push(("Signature".to_owned(), base64(&mac.finalize().into_bytes())));
    let (query, headers, body) = if method == "POST" && dice.one_in(2) {
        let kind = b"application/x-www-form-urlencoded".to_vec();
        let form = form(&parameters).into_bytes();
        (Vec::new(), vec![("content-type".to_owned(), kind)], form)
    } else {
        (parameters, Vec::new(), Vec::new())
    };
    Draft {
        family: Family::Alibaba,
        method: method.to_owned(),
        path: b"/".to_vec(),
        query,
        headers,
        body,
        operation: None,
        is_elsewhere: false,
        is_framed_wrongly: false,
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn form(parameters: &[(String, String)]) -> String {
    let pairs: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value)))
        .collect();
    pairs.join("&")
}

/// Texts that somebody has stumbled over.
fn strange_text(dice: &mut Dice) -> String {
    let texts = [
        "",
        " ",
        "\0",
        "a\0b",
        "\u{feff}",
        "\u{202e}",
        "\u{ffff}",
        "'",
        "\"",
        "\\",
        "%",
        "%00",
        "%s",
        "' OR 1=1 --",
        "$1",
        "../../etc/passwd",
        "..\\..\\x",
        "C:\\x",
        "file:///etc/passwd",
        "null",
        "NaN",
        "-1",
        "1e400",
        "0x10",
        "９",
        "true",
        "<script>",
        "{}",
        "[]",
        "a b",
        "\t",
        "\n",
        "\r\n",
        "9999-12-31T23:59:59Z",
        "-9999-01-01T00:00:00Z",
        "0000-00-00 00:00:00",
        "2021-02-30 09:51:07",
        "2021-02-01 24:00:60",
        "00000000-0000-0000-0000-000000000000",
        "6E7D7B1C9B0A4A578F5A2F6A1C6F8A01",
        "{6e7d7b1c-9b0a-4a57-8f5a-2f6a1c6f8a01}",
        "9223372036854775808",
        "18446744073709551616",
        "👨‍👩‍👧‍👦",
        "İ",
        "ß",
        "中",
    ];
    match dice.below(6) {
        0 => {
            // Letters that nothing compresses: an index has limits.
            let length = *dice.pick(&[200, 256, 257, 3_000, 20_000]);
            (0..length).map(|_| char::from(b'a' + dice.byte() % 26)).collect()
        }
        1 => {
            let length = 1 + dice.below(300);
            let han = |dice: &mut Dice| 0x4e00 + u32::try_from(dice.below(20_000)).unwrap();
            (0..length).map(|_| char::from_u32(han(dice)).unwrap()).collect()
        }
        _ => (*dice.pick(&texts)).to_owned(),
    }
}

fn strange_value(dice: &mut Dice) -> Value {
    match dice.below(12) {
        0 => Value::Null,
        1 => json!(dice.one_in(2)),
        2 => json!(*dice.pick(&[0, -1, 1, i64::MAX, i64::MIN, 4_294_967_296, 253_402_300_800])),
        3 => json!(u64::MAX),
        4 => json!(*dice.pick(&[0.5, -0.0, 1e308, -1e308, 1e-308, 1e18])),
        5 => json!([]),
        6 => json!({}),
        7 => json!([[[[[[[[]]]]]]]]),
        8 => json!({ "a": { "b": [1, "x", null] } }),
        9 => Value::Array(vec![json!("x"); 1 + dice.below(2_000)]),
        _ => json!(strange_text(dice)),
    }
}

/// Changes one place of a JSON text: in its structure, or where it is none (any more), in its bytes.
fn mutate_json(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let Ok(mut value) = serde_json::from_slice::<Value>(bytes) else {
        return mutate_bytes(bytes, dice);
    };
    if dice.one_in(4) {
        return mutate_bytes(bytes, dice);
    }
    let mut pointers = Vec::new();
    collect_pointers(&value, &mut String::new(), &mut pointers);
    let pointer = dice.pick(&pointers).clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap_or(("", ""));
    match (dice.below(4), value.pointer_mut(parent)) {
        (0, Some(Value::Object(object))) => {
            object.remove(key);
        }
        (1, Some(Value::Object(object))) => {
            let name = strange_text(dice);
            object.insert(name, strange_value(dice));
        }
        (2, Some(Value::Array(array))) if !array.is_empty() => {
            let again = dice.pick(array).clone();
            // Not so many that what is kept, and with it every list, grows by them.
            array.extend(vec![again; 1 + dice.below(30)]);
        }
        _ => *value.pointer_mut(&pointer).unwrap() = strange_value(dice),
    }
    *bytes = value.to_string().into_bytes();
    if dice.one_in(10) {
        // A key twice.
        if let Some(at) = bytes.iter().position(|&byte| byte == b'{')
            && let Some(end) = bytes.iter().position(|&byte| byte == b',')
            && at < end
        {
            let pair = bytes[at + 1..=end].to_vec();
            bytes.splice(at + 1..at + 1, pair);
        }
    }
}

fn collect_pointers(value: &Value, at: &mut String, pointers: &mut Vec<String>) {
    pointers.push(at.clone());
    let length = at.len();
    let mut go_on = |name: &str, value: &Value, pointers: &mut Vec<String>| {
        let _ = write!(at, "/{}", name.replace('~', "~0").replace('/', "~1"));
        collect_pointers(value, at, pointers);
        at.truncate(length);
    };
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                go_on(name, value, pointers);
            }
        }
        Value::Array(array) => {
            for (index, value) in array.iter().enumerate().take(20) {
                go_on(&index.to_string(), value, pointers);
            }
        }
        _ => {}
    }
}

/// What is put where something else stood.
const PIECES: [&[u8]; 17] = [
    b"null",
    b"-1",
    b"1e400",
    b"99999999999999999999",
    b"\"\\ud800\"",
    b"\"\\u0000\"",
    b"{}",
    b"[[[[]]]]",
    b"\"\"",
    b",",
    b":",
    b"\"",
    b"\xef\xbb\xbf",
    b"\\",
    b"NaN",
    b"\xff\xfe",
    b"{\"a\":1,\"a\":2}",
];

fn mutate_bytes(bytes: &mut Vec<u8>, dice: &mut Dice) {
    if bytes.is_empty() {
        return bytes.extend_from_slice(dice.pick(&PIECES));
    }
    let at = dice.below(bytes.len());
    let end = (at + 1 + dice.below(12)).min(bytes.len());
    match dice.below(7) {
        0 => {
            bytes.drain(at..end);
        }
        1 => {
            bytes.splice(at..end, dice.pick(&PIECES).iter().copied());
        }
        2 => bytes[at] = dice.byte(),
        3 => {
            let copy = bytes[at..end].to_vec();
            bytes.splice(at..at, copy);
        }
        4 => bytes.truncate(at),
        5 => {
            // UTF-16, as some systems write.
            let text = String::from_utf8_lossy(bytes).into_owned();
            *bytes = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        }
        _ => bytes.extend(vec![*dice.pick(b"[{ x"); 1 << dice.below(18)]),
    }
}

fn mutate_pairs(pairs: &mut Vec<(String, String)>, dice: &mut Dice) {
    let known = [
        "limit",
        "cursor",
        "keyword",
        "before",
        "state",
        "kind",
        "call",
        "batch",
        "staff_id",
        "call_from",
        "score_at_most",
        "duration_min_ms",
        "Expires",
        "Signature",
        "Format",
    ];
    if pairs.is_empty() || dice.one_in(3) {
        pairs.push(((*dice.pick(&known)).to_owned(), strange_text(dice)));
        return;
    }
    let at = dice.below(pairs.len());
    match dice.below(5) {
        0 => {
            pairs.remove(at);
        }
        1 => pairs.push(pairs[at].clone()),
        2 => pairs[at].0 = strange_text(dice),
        _ => pairs[at].1 = strange_text(dice),
    }
}

fn mutate_path(path: &mut Vec<u8>, dice: &mut Dice) {
    let pieces: [&[u8]; 16] = [
        b"/",
        b"//",
        b"/..",
        b"/../..",
        b"%2e%2e%2f",
        b"%00",
        b"%ff",
        b"%",
        b"%zz",
        b";a=b",
        b"*",
        b"\\",
        b"%2f",
        b"%e4%b8%ad",
        b"/v1/calls",
        b"#x",
    ];
    let at = dice.below(path.len() + 1);
    match dice.below(6) {
        0 => {
            let end = (at + 1 + dice.below(20)).min(path.len());
            path.drain(at..end);
        }
        1 => path.extend(vec![b'a'; *dice.pick(&[300, 9_000, 70_000, 100_000])]),
        2 => path.make_ascii_uppercase(),
        3 => {
            // Another identifier in the place of the last part.
            let start = path.iter().rposition(|&byte| byte == b'/').map_or(0, |at| at + 1);
            path.truncate(start);
            path.extend(percent_encode(&strange_text(dice)).bytes().take(8_000));
        }
        _ => {
            path.splice(at..at, dice.pick(&pieces).iter().copied());
        }
    }
}

fn mutate_headers(draft: &mut Draft, dice: &mut Dice) {
    let values: [&[u8]; 24] = [
        b"",
        b" ",
        b"Basic YTpi",
        b"Bearer",
        b"Bearer ",
        b"bearer 0",
        b"\xff\xfe",
        b"application/json",
        b"application/json; charset=gbk",
        b"application/xml",
        b"multipart/form-data",
        b"multipart/form-data; boundary=",
        b"text/plain",
        b"gzip",
        b"bytes=0-",
        b"bytes=9-1,2-3",
        b"bytes=-99999999999999999999",
        b"-1",
        b"99999999999999999999",
        b"*",
        b"\"x\"",
        b"fairhearing_session=x",
        b"a=b; fairhearing_session=\xff",
        b"100-continue",
    ];
    let names = [
        "authorization",
        "content-type",
        "accept",
        "accept-encoding",
        "range",
        "if-range",
        "cookie",
        "x-csrf-token",
        "idempotency-key",
        "last-event-id",
        "x-token-expire",
        "host",
        "expect",
        "x-request-id",
        "x-acs-action",
        "x-acs-version",
        "x-acs-bearer-token",
        "content-encoding",
        "x-forwarded-for",
        "x-http-method-override",
        "connection",
        "upgrade",
    ];
    match dice.below(8) {
        0 if !draft.headers.is_empty() => {
            let at = dice.below(draft.headers.len());
            draft.headers.remove(at);
        }
        1 if !draft.headers.is_empty() => draft.headers.push(dice.pick(&draft.headers).clone()),
        2 if !draft.headers.is_empty() => {
            let at = dice.below(draft.headers.len());
            draft.headers[at].1 = dice.pick(&values).to_vec();
        }
        3 => {
            let many = *dice.pick(&[50, 99, 150, 2_000]);
            draft.headers.extend((0..many).map(|at| (format!("x-{at}"), b"y".to_vec())));
        }
        4 => {
            let long = vec![b'z'; *dice.pick(&[1_000, 60_000, 100_000])];
            draft.headers.push(((*dice.pick(&names)).to_owned(), long));
        }
        _ => {
            let header = ((*dice.pick(&names)).to_owned(), dice.pick(&values).to_vec());
            draft.headers.push(header);
        }
    }
}

fn mutate_framing(draft: &mut Draft, dice: &mut Dice) {
    draft.is_framed_wrongly = true;
    let lengths: [&[u8]; 8] =
        [b"0", b"1", b"99999", b"-1", b"1, 1", b"x", b"99999999999999999999", b"+5"];
    let codings: [&[u8]; 4] = [b"chunked", b"gzip, chunked", b"identity", b"\xff"];
    let header = if dice.one_in(3) {
        ("transfer-encoding".to_owned(), dice.pick(&codings).to_vec())
    } else {
        ("content-length".to_owned(), dice.pick(&lengths).to_vec())
    };
    draft.headers.push(header);
}

fn mutate(draft: &mut Draft, dice: &mut Dice) {
    let is_json = draft.body.starts_with(b"{") || draft.body.starts_with(b"[");
    match dice.below(20) {
        0..=9 if is_json => mutate_json(&mut draft.body, dice),
        0..=4 => mutate_bytes(&mut draft.body, dice),
        5..=11 => mutate_pairs(&mut draft.query, dice),
        12..=13 => {
            mutate_path(&mut draft.path, dice);
            draft.is_elsewhere = true;
            draft.operation = None;
        }
        14..=17 => mutate_headers(draft, dice),
        18 => {
            let methods =
                ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO", "get"];
            draft.method = (*dice.pick(&methods)).to_owned();
            draft.operation = None;
        }
        _ => mutate_framing(draft, dice),
    }
}

/// The bytes before the body.
fn head(draft: &Draft, dice: &mut Dice) -> Vec<u8> {
    let mut head = format!("{} ", draft.method).into_bytes();
    head.extend(&draft.path);
    if !draft.query.is_empty() {
        head.push(b'?');
        head.extend(form(&draft.query).into_bytes());
    }
    head.extend(b" HTTP/1.1\r\nhost: 127.0.0.1\r\n");
    for (name, value) in &draft.headers {
        head.extend(name.as_bytes());
        head.extend(b": ");
        head.extend(value);
        head.extend(b"\r\n");
    }
    if !draft.is_framed_wrongly {
        head.extend(format!("content-length: {}\r\n", draft.body.len()).bytes());
    }
    head.extend(b"\r\n");
    if draft.is_framed_wrongly && dice.one_in(3) {
        let at = dice.below(head.len());
        head[at] = dice.byte();
    }
    head
}

/// Whether the body says in its family's words that something is wrong.
fn is_in_words_of(family: Family, answer: &Answer) -> bool {
    let kind = answer.header("content-type").unwrap_or_default();
    let json = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
    let status = u64::from(answer.status);
    match family {
        Family::Native => {
            kind == "application/problem+json"
                && json["status"] == status
                && ["type", "title", "detail", "request_id"].iter().all(|key| json[key].is_string())
        }
        Family::Huawei => {
            let code = 1_010_000 + status;
            let text = code.to_string();
            let usual = json["resultCode"] == text.as_str() && json["resultDesc"].is_string();
            let other = json["errorCode"] == code && json["errorMessage"].is_string();
            kind.starts_with("application/json") && (usual || other)
        }
        Family::Alibaba if kind.starts_with("text/xml") || kind.starts_with("application/xml") => {
            let text = String::from_utf8_lossy(&answer.body);
            text.contains("<Code>") && text.contains("<RequestId>")
        }
        Family::Alibaba => json["Code"].is_string() && json["RequestId"].is_string(),
    }
}

/// Whether the server's part that reads heads said so: before any address is known there are no
/// words of a family.
fn is_before_any_family(answer: &Answer) -> bool {
    [400, 414, 431, 505].contains(&answer.status) && answer.body.is_empty()
}

fn judge(draft: &Draft, operations: &[Operation], answer: &Answer) -> Result<(), String> {
    if answer.status >= 500 {
        return Err("a fault of the server".to_owned());
    }
    // Only a recording that somebody else erases just then.
    let is_recording = String::from_utf8_lossy(&draft.path).contains("/audio");
    if answer.is_cut && !is_recording {
        return Err("an answer that breaks off".to_owned());
    }
    if let Some(name) = &draft.operation
        && !draft.is_framed_wrongly
        && !is_before_any_family(answer)
    {
        let operation = operations.iter().find(|operation| operation.name == *name).unwrap();
        if !operation.statuses.contains(&answer.status) {
            return Err("a status that the document does not have".to_owned());
        }
    }
    if answer.status < 400 || draft.method == "HEAD" || is_before_any_family(answer) {
        return Ok(());
    }
    let all = [Family::Native, Family::Huawei, Family::Alibaba];
    let is_elsewhere = draft.is_elsewhere || draft.is_framed_wrongly;
    let families = if is_elsewhere { &all[..] } else { std::slice::from_ref(&draft.family) };
    if families.iter().any(|&family| is_in_words_of(family, answer)) {
        Ok(())
    } else {
        Err(format!("an error that is not in the words of {families:?}"))
    }
}

/// Whether this process has one test only, so that what it has of memory is the server's. Where it
/// has not, the test is run by a process of its own, which has one arena: with many, what an
/// allocator keeps for each thread hides what the server keeps.
pub(crate) fn run_alone(test: &str) -> bool {
    const ALONE: &str = "FAIRHEARING_TEST_IS_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let ended = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--include-ignored", "--nocapture"])
        .env(ALONE, "1")
        .env("MALLOC_ARENA_MAX", "1")
        .status()
        .unwrap();
    assert!(ended.success(), "{test} failed in a process of its own");
    false
}

/// How much memory this process has, in KiB.
pub(crate) fn memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn one_client(
    stage: &Stage,
    subjects: &Subjects,
    document: &Value,
    operations: &[Operation],
    requests: usize,
    seed: u64,
) {
    let mut dice = Dice::new(seed);
    let mut wire = Wire::to(stage.address);
    for number in 0..requests {
        let mut draft = match dice.below(10) {
            0..=4 => native(dice.pick(operations), subjects, document, &mut dice),
            5..=7 => huawei(subjects, &mut dice),
            _ => alibaba(subjects, &mut dice),
        };
        for _ in 0..=dice.below(3) {
            mutate(&mut draft, &mut dice);
        }
        let head = head(&draft, &mut dice);
        let verdict = match wire.send(&head, &draft.body, draft.method == "HEAD") {
            Outcome::Answered(answer) => judge(&draft, operations, &answer)
                .map_err(|fault| format!("{fault}: {} {}", answer.status, shown(&answer.body))),
            Outcome::Closed if draft.is_framed_wrongly => Ok(()),
            Outcome::Closed => Err("no answer".to_owned()),
        };
        if draft.is_framed_wrongly {
            wire.hang_up();
        }
        if let Err(fault) = verdict {
            panic!(
                "request {number} of seed {seed}: {fault}\n{}{}",
                shown(&head),
                shown(&draft.body)
            );
        }
    }
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(4_000)]).into_owned()
}

/// Sends so many mutants and looks whether all is well then.
fn send_mutants(stage: &Stage, count: usize, seed: u64, growth_kib: Option<u64>) {
    let document = stage.send("GET", "/v1/openapi.json", &[], None).expect(200).json();
    let operations = operations(&document);
    let mut after_first_round = 0;
    for round in 0..count.div_ceil(ROUND) {
        let subjects = Subjects::new(stage, round);
        std::thread::scope(|scope| {
            for client in 0..CLIENTS {
                let (subjects, document, operations) = (&subjects, &document, &operations);
                let seed = seed + (round * CLIENTS + client) as u64;
                scope.spawn(move || {
                    one_client(stage, subjects, document, operations, ROUND / CLIENTS, seed);
                });
            }
        });
        stage.send("GET", "/v1/ready", &[], None).expect(200);
        if round == 0 {
            after_first_round = memory_kib();
        }
    }
    let grown = memory_kib().saturating_sub(after_first_round);
    if let Some(most) = growth_kib {
        assert!(grown <= most, "{grown} KiB more than after the first {ROUND} requests");
    }
    // Who asks soundly is served as before.
    Subjects::new(stage, 0xffff);
    let numbers = String::from_utf8(stage.send("GET", "/metrics", &[], None).expect(200).body);
    let numbers = numbers.unwrap();
    let faults: Vec<&str> = numbers.lines().filter(|line| line.contains(",status=\"5")).collect();
    assert!(faults.is_empty(), "{faults:?}");
    let panics = numbers.lines().filter(|line| line.starts_with("fairhearing_job_panics_total{"));
    assert!(panics.clone().all(|line| line.ends_with(" 0")), "{:?}", panics.collect::<Vec<_>>());
}

/// Limits that let a request with a wrong length be over soon.
fn options() -> Options {
    let floor = FloorRate { grace: Duration::from_millis(500), bytes_per_s: 1_000 };
    let limits = ServeLimits {
        header_timeout: Duration::from_millis(500),
        body: floor,
        answer: FloorRate { grace: Duration::from_secs(20), ..floor },
        ..ServeLimits::default()
    };
    Options { limits, upload_bytes: 1 << 20, ..Options::default() }
}

fn from_environment(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |number| number.parse().unwrap())
}

/// `FAIRHEARING_MUTANTS` makes it longer, `FAIRHEARING_SEED` picks others.
#[test]
fn ten_thousand_mutants_are_all_answered() {
    if !run_alone("mutants::ten_thousand_mutants_are_all_answered") {
        return;
    }
    let count = from_environment("FAIRHEARING_MUTANTS", 10_000);
    let seed = from_environment("FAIRHEARING_SEED", 1);
    send_mutants(&Stage::with(options()), usize::try_from(count).unwrap(), seed, Some(GROWTH_KIB));
}

fn identifiers_have_a_length_that_every_index_holds(stage: &Stage) {
    let token = stage.token("default-administrator");
    let submit = |staff: &str, agent: &str, customer: &str| {
        let call = json!({
            "source": { "chat": [{ "role": "agent", "text": "hello" }] }, "staff_id": staff,
            "metadata": { "agent_id": agent, "attributes": { "customer_id": customer } }
        });
        stage.post("/v1/calls", &token, &json!({ "calls": [call] }))
    };
    // Four bytes each, and no two alike: nothing makes them shorter.
    let longest: String =
        (0..255_u32).map(|n| char::from_u32(0x2_0000 + n * 37).unwrap()).collect();
    submit(&longest, &longest, &longest).expect(202);
    let one_more = format!("{longest}x");
    for (place, reply) in [
        ("staff_id", submit(&one_more, "a", "a")),
        ("metadata.agent_id", submit("a", &one_more, "a")),
        ("metadata.attributes.customer_id", submit("a", "a", &one_more)),
    ] {
        let problem = reply.expect(400).json();
        assert_eq!(problem["field"], format!("calls[0].{place}"), "{problem}");
    }
}

#[test]
fn identifiers_have_a_length() {
    identifiers_have_a_length_that_every_index_holds(&Stage::new());
}

/// Another engine refuses other things.
#[test]
#[ignore = "needs postgresql"]
fn mutants_are_answered_over_postgresql_too() {
    let options = Options { database: Database::Postgres, ..options() };
    let stage = Stage::with(options);
    identifiers_have_a_length_that_every_index_holds(&stage);
    let count = from_environment("FAIRHEARING_MUTANTS", 10_000) / 5;
    let seed = from_environment("FAIRHEARING_SEED", 1) + 1_000;
    send_mutants(&stage, usize::try_from(count).unwrap(), seed, None);
}
