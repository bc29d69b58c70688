use std::collections::BTreeMap;
use std::io::{ErrorKind, Write as _, stdout};

use anyhow::Context as _;
use fh_model::Clock as _;
use fh_store::{Backend, Blobs, KeptRecording, Store};

use super::{Ended, Usage};
use crate::backup::{BackupWriter, Entry, Manifest};
use crate::cli::BackupArguments;
use crate::environment::Environment;
use crate::messages::{Catalogue, Lang, fill};
use crate::serve::configuration::Configuration;
use crate::serve::parts;
use crate::serve::system::SystemClock;

/// `fairhearing backup`, also beside a server that runs.
pub(crate) fn run(
    arguments: &BackupArguments,
    lang: Lang,
    environment: &Environment,
) -> anyhow::Result<Ended> {
    let configuration = Configuration::gather(&arguments.kept.clone().into(), environment)?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().context("starting")?;
    runtime.block_on(back_up(arguments, &configuration, environment, lang.catalogue()))
}

async fn back_up(
    arguments: &BackupArguments,
    configuration: &Configuration,
    environment: &Environment,
    texts: &Catalogue,
) -> anyhow::Result<Ended> {
    if let Some(file) = parts::sqlite_file(&configuration.database)
        && !file.exists()
    {
        // Opening it would make an empty one.
        return Err(Usage(fill(texts.backup_no_database, &[("path", &file.display())])).into());
    }
    let out = &arguments.out;
    let begun_at = SystemClock.now();
    let store = parts::store(configuration).await?;
    let blobs = parts::blobs(configuration, environment).await?;
    let mut writer = BackupWriter::create(out).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Usage(fill(texts.backup_exists, &[("path", &out.display())])).into()
        }
        _ => anyhow::Error::new(error).context(format!("making `{}`", out.display())),
    })?;

    // The database first: what is erased meanwhile is then missing at worst, and never too much.
    let database = match store.backend() {
        Backend::Sqlite => {
            store.backup(&writer.database()).await.context("copying the database")?;
            Some(writer.add_database().context("copying the database")?)
        }
        Backend::Postgres => {
            writeln!(stdout(), "{}", texts.backup_postgres)?;
            None
        }
    };
    let mut recordings = BTreeMap::new();
    for info in blobs.list("").await? {
        // The database has its own record of what was erased.
        if info.key.split('/').nth(1) != Some("recordings") {
            continue;
        }
        // Erased meanwhile: not in the backup.
        let Some(local) = blobs.local_file(&info.key).await? else { continue };
        let added = writer.add_object(&info.key, local.path());
        let entry = match added {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            added => added.with_context(|| format!("copying `{}`", info.key))?,
        };
        recordings.insert(info.key, entry);
    }
    let faults = faults(store.as_ref(), blobs.as_ref(), &recordings, texts).await?;
    store.close().await;

    let program = concat!("fairhearing ", env!("CARGO_PKG_VERSION")).to_owned();
    let count = recordings.len();
    let manifest = Manifest { format: Manifest::FORMAT, program, begun_at, database, recordings };
    writer.finish(&manifest).with_context(|| format!("writing `{}`", out.display()))?;
    let values: [(&str, &dyn std::fmt::Display); 2] =
        [("path", &out.display()), ("recordings", &count)];
    writeln!(stdout(), "{}", fill(texts.backup_done, &values))?;
    Ok(if faults == 0 { Ended::Well } else { Ended::SomeFailed })
}

/// Tells of each call whose recording is not there or is not what it was. Returns their number.
async fn faults(
    store: &dyn Store,
    blobs: &dyn Blobs,
    recordings: &BTreeMap<String, Entry>,
    texts: &Catalogue,
) -> anyhow::Result<u64> {
    let (mut after, mut faults) = (0, 0);
    loop {
        let some = store.recordings(after, 1_000).await?;
        let Some(last) = some.last() else { return Ok(faults) };
        after = last.number;
        for kept in &some {
            let text = match recordings.get(&kept.blob) {
                Some(entry) if entry.blake3 == kept.digest => continue,
                Some(_) => texts.recording_damaged,
                // Came after the recordings were copied, or went with its call.
                None if blobs.size(&kept.blob).await?.is_some() => continue,
                None if is_gone(store, kept).await? => continue,
                None => texts.recording_missing,
            };
            faults += 1;
            tell(text, kept)?;
        }
    }
}

async fn is_gone(store: &dyn Store, kept: &KeptRecording) -> anyhow::Result<bool> {
    Ok(store.scope(&kept.tenant).call(kept.call).await?.is_none())
}

/// Names a call with its recording.
pub(super) fn tell(text: &str, kept: &KeptRecording) -> anyhow::Result<()> {
    let values: [(&str, &dyn std::fmt::Display); 3] =
        [("tenant", &kept.tenant), ("call", &kept.call), ("key", &kept.blob)];
    writeln!(stdout(), "{}", fill(text, &values))?;
    Ok(())
}
