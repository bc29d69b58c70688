use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{Write as _, stdout};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use fh_model::TenantId;
use fh_store::{Blobs, ConnectOptions, Store, connect};
use fh_workflow::erased_calls;

use super::backup::tell;
use super::{Ended, Usage};
use crate::backup::{BackupReader, DATABASE, copy_hashed, hash_file, place_of};
use crate::cli::RestoreArguments;
use crate::environment::Environment;
use crate::messages::{Catalogue, Lang, fill};
use crate::serve::configuration::Configuration;
use crate::serve::parts;

/// `fairhearing restore`, where no server runs.
pub(crate) fn run(
    arguments: &RestoreArguments,
    lang: Lang,
    environment: &Environment,
) -> anyhow::Result<Ended> {
    let configuration = Configuration::gather(&arguments.kept.clone().into(), environment)?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().context("starting")?;
    runtime.block_on(restore(arguments, &configuration, environment, lang.catalogue()))
}

async fn restore(
    arguments: &RestoreArguments,
    configuration: &Configuration,
    environment: &Environment,
    texts: &Catalogue,
) -> anyhow::Result<Ended> {
    let backup = BackupReader::open(&arguments.from)?;
    let file = parts::sqlite_file(&configuration.database);
    let expected = match file {
        Some(file) if file.exists() => {
            return Err(Usage(fill(texts.restore_not_empty, &[("path", &file.display())])).into());
        }
        Some(_) if backup.manifest.database.is_none() => {
            return Err(Usage(texts.restore_without_database.to_owned()).into());
        }
        None if backup.manifest.database.is_some() => {
            return Err(Usage(texts.restore_other_database.to_owned()).into());
        }
        file => file,
    };
    // Under another name until all is there: who breaks this off begins it anew.
    let draft = expected.map(|file| extract_database(&backup, file)).transpose()?;
    let store = match &draft {
        Some(draft) => {
            let url = format!("sqlite:{}", draft.display());
            connect(&url, &ConnectOptions::default()).await.context("opening the database")?
        }
        None => parts::store(configuration).await?,
    };
    let blobs = parts::blobs(configuration, environment).await?;
    let erased = erase_again(arguments, store.as_ref(), blobs.as_ref()).await?;
    let restored =
        restore_recordings(&backup, store.as_ref(), blobs.as_ref(), &configuration.temp_dir)
            .await?;
    let faults =
        tell_faults(store.as_ref(), blobs.as_ref(), &backup, &restored.damaged, texts).await?;
    store.close().await;
    if let (Some(draft), Some(file)) = (&draft, file) {
        fs::rename(draft, file).with_context(|| format!("writing `{}`", file.display()))?;
        file.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())?;
    }
    let values: [(&str, &dyn std::fmt::Display); 4] = [
        ("restored", &restored.written),
        ("there", &restored.there),
        ("left_out", &restored.left_out),
        ("erased", &erased),
    ];
    writeln!(stdout(), "{}", fill(texts.restore_done, &values))?;
    Ok(if faults == 0 { Ended::Well } else { Ended::SomeFailed })
}

/// Writes the database's copy beside its place and returns where.
fn extract_database(backup: &BackupReader, file: &Path) -> anyhow::Result<PathBuf> {
    let mut name = file.as_os_str().to_owned();
    name.push(".restoring");
    let draft = PathBuf::from(name);
    if let Some(folder) = file.parent() {
        parts::make_private_folder(folder)?;
    }
    // What an earlier attempt left, with its log.
    for end in ["", "-wal", "-shm"] {
        let mut left = draft.as_os_str().to_owned();
        left.push(end);
        match fs::remove_file(&left) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    let Some(mut copy) = backup.read(DATABASE)? else {
        bail!("expected `{DATABASE}` in the backup, found none");
    };
    let mut written = File::create_new(&draft)?;
    let found = copy_hashed(&mut copy, &mut written).context("reading the copy of the database")?;
    written.sync_all()?;
    if backup.manifest.database.as_ref() != Some(&found) {
        fs::remove_file(&draft)?;
        bail!(
            "expected `{DATABASE}` as the manifest has it, found one of {} bytes with another \
             digest: this backup's database is damaged",
            found.bytes
        );
    }
    Ok(draft)
}

/// Erases what was erased after the backup was made, as far as it is known: from the marks that
/// erasures leave beside the recordings, and from the database that is being replaced.
async fn erase_again(
    arguments: &RestoreArguments,
    store: &dyn Store,
    blobs: &dyn Blobs,
) -> anyhow::Result<u64> {
    let mut tombstones = Vec::new();
    for row in store.directory().list_tenants().await? {
        tombstones.extend(erased_calls(blobs, &row.tenant.id).await?);
    }
    if let Some(url) = &arguments.erased_in {
        if let Some(file) = parts::sqlite_file(url)
            && !file.exists()
        {
            // Opening it would make an empty one.
            bail!("expected a database at `{}`, found none", file.display());
        }
        let earlier = connect(url, &ConnectOptions::default())
            .await
            .context("opening the database of `--erased-in`")?;
        tombstones.extend(earlier.tombstones().await?);
        earlier.close().await;
    }
    Ok(store.bury(&tombstones).await?)
}

/// What became of the recordings.
#[derive(Default)]
struct Restored {
    written: u64,
    /// They were there already, as they should be.
    there: u64,
    /// No call has them: uploads that were never submitted, and what was erased.
    left_out: u64,
    /// Keys of those whose content is not what it was.
    damaged: HashSet<String>,
}

async fn restore_recordings(
    backup: &BackupReader,
    store: &dyn Store,
    blobs: &dyn Blobs,
    temp_dir: &Path,
) -> anyhow::Result<Restored> {
    let mut restored = Restored::default();
    parts::make_private_folder(temp_dir)?;
    for (key, expected) in &backup.manifest.recordings {
        let tenant = key.split('/').next().and_then(|name| name.parse::<TenantId>().ok());
        let is_used = match tenant {
            Some(tenant) => store.scope(&tenant).is_blob_used(key).await?,
            None => false,
        };
        if !is_used {
            restored.left_out += 1;
            continue;
        }
        if let Some(local) = blobs.local_file(key).await?
            && hash_file(local.path())? == *expected
        {
            restored.there += 1;
            continue;
        }
        let Some(mut content) = backup.read(&place_of(key))? else { continue };
        let mut draft = tempfile::Builder::new().prefix("restore").tempfile_in(temp_dir)?;
        // What cannot be read is damaged as well.
        let found = copy_hashed(&mut content, draft.as_file_mut());
        if found.is_ok_and(|found| found == *expected) {
            blobs.put_file(key, draft.path()).await?;
            restored.written += 1;
        } else {
            restored.damaged.insert(key.clone());
        }
    }
    Ok(restored)
}

/// Tells of each call that lacks its recording. Returns their number.
async fn tell_faults(
    store: &dyn Store,
    blobs: &dyn Blobs,
    backup: &BackupReader,
    damaged: &HashSet<String>,
    texts: &Catalogue,
) -> anyhow::Result<u64> {
    let (mut after, mut faults) = (0, 0);
    loop {
        let some = store.recordings(after, 1_000).await?;
        let Some(last) = some.last() else { return Ok(faults) };
        after = last.number;
        for kept in &some {
            let is_sound = match backup.manifest.recordings.get(&kept.blob) {
                // Its content is as the manifest has it, or it is among the damaged.
                Some(entry) => !damaged.contains(&kept.blob) && entry.blake3 == kept.digest,
                None => true,
            };
            let text = match blobs.size(&kept.blob).await? {
                None if is_sound => texts.recording_missing,
                Some(_) if is_sound => continue,
                _ => texts.recording_damaged,
            };
            faults += 1;
            tell(text, kept)?;
        }
    }
}
