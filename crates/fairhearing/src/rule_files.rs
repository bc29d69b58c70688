//! Rule files: those that the user names, or those that the program brings along.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use fh_rules::{Diagnostic, Pack, RuleSource};

use crate::messages::{Catalogue, Lang, diagnostic_in_chinese, fill};

/// The texts of the rule files that `paths` name; of the shipped ones where it names none.
pub(crate) fn read(paths: &[PathBuf], texts: &Catalogue) -> anyhow::Result<Vec<RuleSource>> {
    if paths.is_empty() {
        let shipped = fh_rules::shipped_packs().into_iter().next();
        return Ok(shipped.map(|pack| pack.sources).unwrap_or_default());
    }
    let mut sources = Vec::new();
    for path in paths {
        let mut files = Vec::new();
        if path.is_dir() {
            list(path, &mut files)?;
            if files.is_empty() {
                bail!(fill(texts.rules_no_files, &[("path", &path.display())]));
            }
        } else {
            files.push(path.clone());
        }
        for file in files {
            let name = file.display().to_string();
            let text = fs::read_to_string(&file).with_context(|| format!("reading `{name}`"))?;
            sources.push(RuleSource { name, text });
        }
    }
    Ok(sources)
}

/// The `.yaml` files below a folder, in the order of their names.
fn list(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("reading `{}`", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let extension = path.extension().and_then(|extension| extension.to_str());
        if hidden {
            continue;
        } else if path.is_dir() {
            list(&path, files)?;
        } else if matches!(extension, Some("yaml" | "yml")) {
            files.push(path);
        }
    }
    Ok(())
}

/// Diagnostics as people read them, with the places in their files.
pub(crate) fn render(diagnostics: &[Diagnostic], sources: &[RuleSource], lang: Lang) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        let source = sources.iter().find(|source| source.name == diagnostic.file);
        let source = source.map_or("", |source| &source.text);
        text.push_str(&match lang {
            Lang::En => diagnostic.render(source),
            Lang::Zh => diagnostic.render_as(source, &diagnostic_in_chinese(diagnostic, source)),
        });
        text.push('\n');
    }
    text
}

/// The pack of rule files that must be sound; what is wrong with them is the error.
pub(crate) fn compile(sources: &[RuleSource], texts: &Catalogue) -> anyhow::Result<Pack> {
    fh_rules::compile(sources).map_err(|diagnostics| {
        let count = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
        let errors = fill(texts.rules_broken, &[("errors", &count), ("files", &sources.len())]);
        anyhow::anyhow!("{errors}\n{}", render(&diagnostics, sources, texts.lang).trim_end())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_in_the_readme_is_sound() {
        let readme = include_str!("../../../README.md");
        let (_, after) = readme.split_once("```yaml\n").expect("a rule in the readme");
        let (rule, _) = after.split_once("```").expect("its end");
        let text: String = rule.lines().map(|line| line.replacen("  ", "", 1) + "\n").collect();
        let source = RuleSource { name: "README.md".to_owned(), text };
        if let Err(error) = compile(&[source], Lang::En.catalogue()) {
            panic!("{error}");
        }
    }
}
