//! Pages that the program writes about itself, kept in the repository so that they can be read there.

use std::fs;

use anyhow::{Context, bail};

use crate::workspace;

/// Each generated file, and the arguments with which `fairhearing` prints it.
const PAGES: &[(&str, &[&str])] = &[
    ("docs/reference/cli.md", &["reference", "cli"]),
    ("docs/reference/rules.md", &["reference", "rules"]),
    ("docs/reference/models.md", &["reference", "models"]),
    ("rules/rules.schema.json", &["rules", "schema"]),
];

pub(crate) fn run(check: bool) -> anyhow::Result<()> {
    let mut stale = Vec::new();
    for &(path, arguments) in PAGES {
        let mut command = workspace::cargo();
        command.args(["run", "--quiet", "--package", "fairhearing", "--", "--lang", "en"]);
        let fresh = workspace::capture(command.args(arguments))?;
        let file = workspace::root().join(path);
        if fs::read(&file).is_ok_and(|kept| kept == fresh) {
            continue;
        }
        if check {
            stale.push(path);
        } else {
            fs::write(&file, fresh).with_context(|| format!("writing `{}`", file.display()))?;
            println!("wrote {path}");
        }
    }
    if !stale.is_empty() {
        bail!("stale: {}; run `cargo xtask generate` and commit what it writes", stale.join(", "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn generated_pages_are_fresh() {
        super::run(true).unwrap();
    }
}
