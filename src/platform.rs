//! Connecting the parts: database, plugin host and core.

use crate::config::Settings;
use anyhow::Context;
use perennial_core::{Actor, Loyalty, db::Database, programs::Program};
use perennial_plugin_host::{Host, Limits};
use std::path::Path;
use std::sync::Arc;

/// Connects, brings the tables up to date and starts the plugin host.
pub(crate) async fn open(settings: &Settings) -> anyhow::Result<Loyalty> {
    let db = connect(settings).await?;
    migrate(&db).await?;
    Ok(Loyalty::new(db, Arc::new(host(settings)?)))
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

pub(crate) async fn connect(settings: &Settings) -> anyhow::Result<Database> {
    let path = settings.database.strip_prefix("sqlite:").map(|path| path.trim_start_matches("//"));
    if let Some(folder) = path.and_then(|path| Path::new(path).parent()) {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot create the database's folder {}", folder.display()))?;
    }
    let shown = settings.database.split('@').next_back().unwrap_or_default();
    Database::connect(&settings.database)
        .await
        .with_context(|| format!("cannot open the database {shown}"))
}

pub(crate) async fn migrate(db: &Database) -> anyhow::Result<()> {
    let migrated = perennial_migrations::migrate(db.write()).await;
    migrated.context("cannot update the database's tables to this version")
}

/// A program by its slug, and the platform itself as the actor in it.
pub(crate) async fn program(loyalty: &Loyalty, slug: &str) -> anyhow::Result<(Program, Actor)> {
    let program = loyalty.programs().by_slug(slug).await?;
    let actor = Actor::system(program.id);
    Ok((program, actor))
}
