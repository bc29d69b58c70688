use fh_rules::{Diagnostic, Level};
use fh_store::{NewRulePack, RulePackFile};

use crate::permission::Permission;
use crate::rule_pack_cache::compile;
use crate::{Caller, CommandError, Workflow};

/// A rule pack that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutRulePack {
    /// Its version under its name.
    pub version: u32,
    /// The compiled pack's digest.
    pub digest: String,
    /// What looks wrong in it, though it works.
    pub warnings: Vec<Diagnostic>,
}

impl Workflow {
    /// Compiles a rule pack, runs the tests inside it and keeps it as a new version. The same rules
    /// under the same name give the version that is there.
    ///
    /// # Errors
    /// [`CommandError::Diagnostics`] where it does not compile, [`CommandError::Invalid`] where its
    /// own tests fail.
    pub async fn put_rule_pack(
        &self,
        caller: &Caller,
        name: &str,
        files: Vec<RulePackFile>,
    ) -> Result<PutRulePack, CommandError> {
        caller.require(Permission::WriteRules)?;
        if name.is_empty() || name.chars().count() > 128 {
            return Err(CommandError::invalid("name", "1 to 128 characters", "another length"));
        }
        if files.is_empty() {
            return Err(CommandError::invalid("files", "one rule file at least", "none"));
        }
        let checked = tokio::task::spawn_blocking(move || {
            compile(&files).map(|pack| {
                let failed = pack.run_tests().into_iter().find(|test| !test.passed);
                (files, pack, failed)
            })
        });
        let (files, pack, failed) =
            checked.await.map_err(CommandError::internal)?.map_err(CommandError::Diagnostics)?;
        if let Some(test) = failed {
            return Err(CommandError::invalid(
                format!("files/{}", test.file),
                "that the tests in the rules pass",
                format!("one that fails: `{}` of rule `{}`", test.test, test.rule_id),
            ));
        }
        let digest = pack.digest().to_owned();
        let new = NewRulePack {
            name: name.to_owned(),
            digest: digest.clone(),
            files,
            author: caller.name.clone(),
        };
        let scope = self.scope(caller);
        let version = scope.put_rule_pack(new).await?;
        scope.note(caller.entry("rules.put", format!("{name}/{version}"))).await?;
        let warnings = pack
            .warnings()
            .iter()
            .filter(|diagnostic| diagnostic.level != Level::Error)
            .cloned()
            .collect();
        Ok(PutRulePack { version, digest, warnings })
    }

    /// Makes a version the one that calls are inspected by from now on.
    pub async fn activate_rule_pack(
        &self,
        caller: &Caller,
        name: &str,
        version: u32,
    ) -> Result<(), CommandError> {
        caller.require(Permission::WriteRules)?;
        let scope = self.scope(caller);
        if !scope.activate_rule_pack(name, version).await? {
            return Err(CommandError::NotFound { what: "rule pack" });
        }
        scope.note(caller.entry("rules.activate", format!("{name}/{version}"))).await?;
        Ok(())
    }
}
