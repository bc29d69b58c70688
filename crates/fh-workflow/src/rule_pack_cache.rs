use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use fh_rules::{Diagnostic, Pack, RuleSource};
use fh_store::RulePackFile;

/// Most packs that are kept compiled.
const MOST: usize = 64;

/// Compiled rule packs by the digest under which they are stored.
#[derive(Debug, Default)]
pub(crate) struct RulePackCache {
    packs: Mutex<HashMap<String, Arc<Pack>>>,
}

impl RulePackCache {
    /// The pack with this digest, compiled from `files` where it is not there.
    pub(crate) fn get(
        &self,
        digest: &str,
        files: &[RulePackFile],
    ) -> Result<Arc<Pack>, Vec<Diagnostic>> {
        if let Some(pack) = self.lock().get(digest) {
            return Ok(Arc::clone(pack));
        }
        let pack = Arc::new(compile(files)?);
        let mut packs = self.lock();
        if packs.len() >= MOST {
            packs.clear();
        }
        packs.insert(digest.to_owned(), Arc::clone(&pack));
        Ok(pack)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Pack>>> {
        self.packs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compiles the files of a pack.
pub(crate) fn compile(files: &[RulePackFile]) -> Result<Pack, Vec<Diagnostic>> {
    let sources: Vec<RuleSource> = files
        .iter()
        .map(|file| RuleSource { name: file.name.clone(), text: file.text.clone() })
        .collect();
    fh_rules::compile(&sources)
}
