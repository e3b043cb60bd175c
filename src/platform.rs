//! Connecting the parts: database, plugin host and core.

use crate::config::Settings;
use crate::mask::masked;
use anyhow::{Context, anyhow, bail};
use perennial_core::{Actor, Error, Loyalty, copy, db::Database, programs::Program};
use perennial_migrations::DbErr;
use perennial_plugin_host::{Host, Limits};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Connects to a database that is there and has this version's tables: a command that was pointed
/// at the wrong place must not make anything of it.
pub(crate) async fn open(settings: &Settings) -> anyhow::Result<Loyalty> {
    loyalty(settings, existing(&settings.database).await?).await
}

/// False if the database is a file that is not there.
pub(crate) fn may_have_database(settings: &Settings) -> bool {
    file_of(&settings.database).is_none_or(|file| file.exists())
}

/// Connects, creates the database's file if there is none, and brings the tables up to date.
pub(crate) async fn create(settings: &Settings) -> anyhow::Result<Loyalty> {
    loyalty(settings, migrated(&settings.database).await?).await
}

/// The database of an installation, of this version.
pub(crate) async fn existing(url: &str) -> anyhow::Result<Database> {
    let shown = masked(url);
    if file_of(url).is_some_and(|file| !file.exists()) {
        bail!("there is no database {shown}: `perennial serve` or `perennial migrate` creates it");
    }
    let db = Database::connect_existing(url).await.with_context(cannot_open(&shown))?;
    refuse_unfinished(&db, &shown).await?;
    if !perennial_migrations::is_current(db.write()).await.map_err(untouched)? {
        bail!("the tables of {shown} are not those of this version: run `perennial migrate`");
    }
    Ok(db)
}

/// The database of an installation, which may be yet to come.
pub(crate) async fn migrated(url: &str) -> anyhow::Result<Database> {
    let db = created(url).await?;
    refuse_unfinished(&db, &masked(url)).await?;
    migrate(&db).await?;
    Ok(db)
}

/// A database to be filled, whether or not a copy into it was cut off.
pub(crate) async fn to_fill(url: &str) -> anyhow::Result<Database> {
    if url.starts_with("sqlite:") && (file_of(url).is_none() || url.contains("mode=memory")) {
        bail!("{} is no file, and would be gone with the command: name one", masked(url));
    }
    let db = created(url).await?;
    migrate(&db).await?;
    Ok(db)
}

async fn created(url: &str) -> anyhow::Result<Database> {
    if let Some(folder) = file_of(url).as_deref().and_then(Path::parent) {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot create the database's folder {}", folder.display()))?;
    }
    Database::connect(url).await.with_context(cannot_open(&masked(url)))
}

async fn migrate(db: &Database) -> anyhow::Result<()> {
    let migrated = perennial_migrations::migrate(db.write()).await.map_err(untouched);
    migrated.context("cannot update the database's tables to this version")
}

async fn refuse_unfinished(db: &Database, shown: &str) -> anyhow::Result<()> {
    if copy::is_unfinished(db).await.with_context(cannot_open(shown))? {
        bail!(
            "{shown} is being filled by `perennial copy`, or that was cut off: let it finish or run \
             it again, or name another database"
        );
    }
    Ok(())
}

/// On the server's clock, which begins at what the database knows.
async fn loyalty(settings: &Settings, db: Database) -> anyhow::Result<Loyalty> {
    let loyalty = Loyalty::new(db, Arc::new(host(settings)?));
    loyalty.server_clock().begin(settings.clock_bound).await?;
    Ok(loyalty)
}

/// What the database says, or that the tables are another version's.
fn untouched(error: DbErr) -> anyhow::Error {
    match error {
        DbErr::Custom(why) => anyhow!("{why}: use that version's `perennial`"),
        error => Error::from(error).into(),
    }
}

fn cannot_open(shown: &str) -> impl FnOnce() -> String {
    let text = format!("cannot open the database {shown}");
    || text
}

/// The file of an embedded database; none of one on a server or in memory.
fn file_of(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?.trim_start_matches("//");
    let path = path.split('?').next().unwrap_or_default();
    (!path.is_empty() && !path.starts_with(':')).then(|| PathBuf::from(path))
}

/// A plugin host that reuses what an earlier process compiled.
pub(crate) fn host(settings: &Settings) -> anyhow::Result<Host> {
    let kept = Host::with_cache(Limits::default(), &settings.plugin_cache);
    let host = kept.or_else(|error| {
        tracing::warn!(
            why = format!("{error:#}"),
            "compiled plugins cannot be kept, so they are compiled at each start"
        );
        Host::new()
    });
    host.context("the plugin host cannot start")
}

/// A program by its slug, and the platform itself as the actor in it.
pub(crate) async fn program(loyalty: &Loyalty, slug: &str) -> anyhow::Result<(Program, Actor)> {
    let program = loyalty.programs().by_slug(slug).await?;
    let actor = Actor::system(program.id);
    Ok((program, actor))
}
