//! The dashboard and the alerts that are shipped ask for numbers that there are.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::sound::short;
use crate::stage::Stage;

/// Labels that Prometheus adds itself.
const OF_THE_SCRAPE: [&str; 2] = ["instance", "job"];

/// The names of the numbers, each with its labels.
type Numbers = BTreeMap<String, BTreeSet<String>>;

/// A number as a query asks for it: its name and what its labels shall be.
#[derive(Debug, PartialEq)]
struct Asked {
    name: String,
    labels: Vec<(String, String)>,
}

fn shipped(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every query of the dashboard.
fn queries_of_dashboard() -> Vec<String> {
    let dashboard: Value = serde_json::from_str(&shipped("grafana/fairhearing.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.filter_map(|panel| panel["targets"].as_array()).flatten();
    targets.map(|target| target["expr"].as_str().unwrap().to_owned()).collect()
}

/// Every query of the alerts: what stands behind `expr:`, on its line or in the lines below it.
fn queries_of_alerts() -> Vec<String> {
    let text = shipped("prometheus/alerts.yaml");
    let mut queries: Vec<String> = Vec::new();
    let mut inside = None;
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        if let Some(query) = line.trim_start().strip_prefix("expr:") {
            queries.push(query.trim().trim_start_matches(">-").to_owned());
            inside = Some(indent);
        } else if inside.is_some_and(|outer| indent > outer) {
            let query = queries.last_mut().unwrap();
            *query = format!("{query} {}", line.trim());
        } else {
            inside = None;
        }
    }
    queries
}

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// The numbers in a query.
fn asked(query: &str) -> Vec<Asked> {
    let mut found = Vec::new();
    let mut rest = query;
    while let Some(start) = rest.find("fairhearing_") {
        rest = &rest[start..];
        let end = rest.find(|letter| !is_of_name(letter)).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        let mut labels = Vec::new();
        rest = behind;
        if let Some(inner) = behind.strip_prefix('{') {
            let (inner, behind) = inner.split_once('}').expect("a brace that closes");
            rest = behind;
            for matcher in inner.split("\",") {
                let (label, value) = matcher.split_once('"').expect("a value in quotes");
                let label = label.trim_end_matches(['=', '~', '!']).trim();
                labels.push((label.to_owned(), value.trim_end_matches('"').to_owned()));
            }
        }
        found.push(Asked { name: name.to_owned(), labels });
    }
    found
}

/// The labels that a query groups by.
fn grouped(query: &str) -> Vec<&str> {
    let lists = query.split("by (").skip(1).map(|rest| rest.split_once(')').unwrap().0);
    lists.flat_map(|list| list.split(',')).map(str::trim).collect()
}

/// Reads a page of numbers. Those that a page declares and gives no value for have no labels.
fn numbers(page: &str) -> Numbers {
    let mut numbers = Numbers::new();
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let (name, rest) = line.split_once('{').expect("a number with labels");
        let (labels, _) = rest.rsplit_once('}').unwrap();
        let names = labels.split("\",").filter_map(|label| label.split_once('='));
        let known = numbers.entry(name.to_owned()).or_default();
        known.extend(names.map(|(name, _)| name.to_owned()));
    }
    numbers
}

/// Whether a value of a label can ever come: where the values are known.
fn can_be(label: &str, value: &str) -> bool {
    match label {
        "kind" => fh_workflow::job_kinds().contains(&value),
        "state" => ["waiting", "leased", "dead"].contains(&value),
        "end" => ["done", "retried", "given_up", "handed_back", "lost"].contains(&value),
        _ => true,
    }
}

#[test]
fn a_query_is_taken_apart() {
    let query = r#"sum by (kind) (rate(fairhearing_a_total{end=~"done|x", kind!="y"}[5m])) / fairhearing_b"#;
    let label = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let expected = [
        Asked {
            name: "fairhearing_a_total".to_owned(),
            labels: vec![label("end", "done|x"), label("kind", "y")],
        },
        Asked { name: "fairhearing_b".to_owned(), labels: Vec::new() },
    ];
    assert_eq!(asked(query), expected);
    assert_eq!(grouped(query), ["kind"]);
}

#[test]
fn dashboard_and_alerts_ask_for_numbers_that_there_are() {
    let stage = Stage::new();
    let token = stage.token("default-administrator");
    stage.put_file("good.wav", short());
    stage.put_file("good.vtt", "WEBVTT\n\n00:00.200 --> 00:01.800\n<v Agent>Good morning.\n");
    let source = |name: &str| json!({ "source": { "path": format!("Y:/{name}") } });
    let body = json!({ "calls": [source("good.wav"), source("missing.wav")] });
    let accepted = stage.post("/v1/calls", &token, &body).expect(202).json();
    for call in accepted["calls"].as_array().unwrap() {
        stage.wait_for(call.as_str().unwrap(), &token);
    }
    // A worker counts a job a moment after its call is seen to be done.
    let page = (0..500)
        .find_map(|_| {
            let page = stage.send("GET", "/metrics", &[], None).expect(200).body;
            let page = String::from_utf8(page).unwrap();
            let ended = |kind: &str, end: &str| {
                let start = format!("fairhearing_jobs_ended_total{{kind=\"{kind}\",end=\"{end}\"");
                page.lines().any(|line| line.starts_with(&start))
            };
            let all = ended("inspect_call", "done") && ended("fetch_recording", "given_up");
            if !all {
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            all.then_some(page)
        })
        .expect("jobs that are counted when they have ended");
    let numbers = numbers(&page);

    let (dashboard, alerts) = (queries_of_dashboard(), queries_of_alerts());
    assert!(dashboard.len() > 15 && alerts.len() > 5, "{} {}", dashboard.len(), alerts.len());
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for query in dashboard.iter().chain(&alerts) {
        let mut labels: BTreeSet<&str> = OF_THE_SCRAPE.into();
        for Asked { name, labels: wanted } in asked(query) {
            let Some((name, known)) = numbers.get_key_value(&name) else {
                wrong.push(format!("there is no `{name}`: {query}"));
                continue;
            };
            used.insert(name.trim_end_matches("_bucket").trim_end_matches("_sum"));
            labels.extend(known.iter().map(String::as_str));
            for (label, value) in wanted {
                if !known.contains(&label) {
                    wrong.push(format!("`{name}` has no `{label}`: {query}"));
                }
                let values = value.split('|').filter(|value| value.chars().all(is_of_name));
                let never = values.filter(|value| !can_be(&label, value));
                wrong.extend(never.map(|value| format!("`{label}` is never `{value}`: {query}")));
            }
        }
        let strange = grouped(query).into_iter().filter(|label| !labels.contains(label));
        wrong.extend(strange.map(|label| format!("nothing has `{label}`: {query}")));
    }
    assert_eq!(wrong, Vec::<String>::new());
    for name in numbers.keys() {
        let name = name.trim_end_matches("_bucket").trim_end_matches("_sum");
        let is_used = used.iter().any(|used| name.starts_with(used));
        assert!(is_used, "no panel and no alert shows `{name}`");
    }
}
