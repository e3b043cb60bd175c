//! How far changes are, for the operator.

use crate::context::Context;
use crate::db::id;
use crate::facts::PluginChange;
use crate::{ProgramId, Result, Timestamp};
use sea_orm::FromQueryResult;
use std::collections::BTreeMap;

/// What became of a plugin, as long as not everybody whom it is about has the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeUnderWay {
    pub change: PluginChange,
    pub version: String,
    pub version_before: Option<String>,
    /// By the program's clock.
    pub started_at: Timestamp,
    /// How many events were written so far.
    pub written: i64,
}

#[derive(FromQueryResult)]
struct Row {
    plugin_id: String,
    change: String,
    plugin_version: String,
    plugin_version_before: Option<String>,
    changed_at: Timestamp,
    written: i64,
}

const SELECT: &str = "
    SELECT plugin_id, change, plugin_version, plugin_version_before, changed_at, written
    FROM plugin_changes
    WHERE program_id = $1";

/// What is under way in a program, by plugin.
pub(in crate::plugins) async fn under_way(
    context: &Context,
    program: ProgramId,
) -> Result<BTreeMap<String, ChangeUnderWay>> {
    let db = &context.db;
    let found = Row::find_by_statement(db.sql(SELECT, [id(program)])).all(db.read()).await?;
    let shown = |row: Row| {
        let under_way = ChangeUnderWay {
            change: PluginChange::parse(&row.change)?,
            version: row.plugin_version,
            version_before: row.plugin_version_before,
            started_at: row.changed_at,
            written: row.written,
        };
        Ok((row.plugin_id, under_way))
    };
    found.into_iter().map(shown).collect()
}
