//! What a compiler does not check: which crate may know which, and the licences of dependencies.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use serde::Deserialize;

use crate::workspace;

/// Which of our crates may name which: the direction of dependency, as ARCHITECTURE.md draws it.
/// A new edge is a line here that somebody reviews.
const EDGES: &[(&str, &[&str])] = &[
    ("fh-model", &[]),
    ("fh-audio", &["fh-model"]),
    ("fh-speech", &["fh-model"]),
    ("fh-rules", &["fh-model"]),
    ("fh-store", &["fh-model"]),
    ("fh-workflow", &["fh-audio", "fh-model", "fh-rules", "fh-speech", "fh-store"]),
    ("fh-api", &["fh-model", "fh-store", "fh-workflow"]),
    (
        "fairhearing",
        &["fh-api", "fh-audio", "fh-model", "fh-rules", "fh-speech", "fh-store", "fh-workflow"],
    ),
    ("xtask", &[]),
];

pub(crate) fn run() -> anyhow::Result<()> {
    let metadata = read_metadata()?;
    let mut faults = wrong_edges(&metadata);
    faults.extend(refused_licences(&metadata)?);
    if faults.is_empty() {
        println!("edges and licences: nothing to object");
        return Ok(());
    }
    bail!("{} faults:\n{}", faults.len(), faults.join("\n"))
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
    path: Option<String>,
}

fn read_metadata() -> anyhow::Result<Metadata> {
    let printed = workspace::capture(workspace::cargo().args([
        "metadata",
        "--format-version=1",
        "--locked",
    ]))?;
    serde_json::from_slice(&printed).context("reading what `cargo metadata` printed")
}

/// Compares the manifests with [`EDGES`]. Edges for tests only do not count.
fn wrong_edges(metadata: &Metadata) -> Vec<String> {
    let allowed: BTreeMap<&str, &[&str]> = EDGES.iter().copied().collect();
    let mut faults = Vec::new();
    for package in metadata.packages.iter().filter(|package| package.source.is_none()) {
        let name = package.name.as_str();
        let Some(allowed) = allowed.get(name) else {
            faults.push(format!(
                "crate `{name}` has no line in the edge table (crates/xtask/src/tidy.rs)"
            ));
            continue;
        };
        for dependency in &package.dependencies {
            let ours = dependency.path.is_some() && dependency.kind.as_deref() != Some("dev");
            if ours && !allowed.contains(&dependency.name.as_str()) {
                faults.push(format!(
                    "crate `{name}` depends on `{}`, which the edge table (crates/xtask/src/tidy.rs) does not allow",
                    dependency.name
                ));
            }
        }
    }
    faults
}

#[derive(Deserialize)]
struct Deny {
    licenses: Licenses,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: Vec<String>,
}

/// Holds every dependency's licence against the list in deny.toml.
fn refused_licences(metadata: &Metadata) -> anyhow::Result<Vec<String>> {
    let path = workspace::root().join("deny.toml");
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("reading `{}`", path.display()))?;
    let deny: Deny =
        toml::from_str(&text).with_context(|| format!("reading `{}`", path.display()))?;

    let mut faults = Vec::new();
    for package in metadata.packages.iter().filter(|package| package.source.is_some()) {
        let excepted =
            deny.licenses.exceptions.iter().filter(|exception| exception.name == package.name);
        let allowed: Vec<&str> = deny
            .licenses
            .allow
            .iter()
            .chain(excepted.flat_map(|exception| &exception.allow))
            .map(String::as_str)
            .collect();
        let who = format!("{} {}", package.name, package.version);
        // Old manifests separate alternatives with a slash.
        let Some(licence) = package.license.as_ref().map(|text| text.replace('/', " OR ")) else {
            faults.push(format!("`{who}` names no licence"));
            continue;
        };
        let expression = spdx::Expression::parse(&licence)
            .with_context(|| format!("reading the licence `{licence}` of `{who}`"))?;
        if !expression.evaluate(|requirement| allowed.contains(&requirement.to_string().as_str())) {
            faults.push(format!("`{who}` is under `{licence}`, which deny.toml does not allow"));
        }
    }
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_depend_in_the_allowed_direction() {
        assert_eq!(wrong_edges(&read_metadata().unwrap()), Vec::<String>::new());
    }

    #[test]
    fn dependencies_have_permissive_licences() {
        assert_eq!(refused_licences(&read_metadata().unwrap()).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn an_edge_that_is_not_in_the_table_is_found() {
        let metadata = Metadata {
            packages: vec![Package {
                name: "fh-model".to_owned(),
                version: "0.1.0".to_owned(),
                license: None,
                source: None,
                dependencies: vec![Dependency {
                    name: "fh-rules".to_owned(),
                    kind: None,
                    path: Some("crates/fh-rules".to_owned()),
                }],
            }],
        };
        assert_eq!(wrong_edges(&metadata).len(), 1);
    }
}
