//! Which program runs which version of which plugin.

use crate::context::{Context, Status};
use crate::{ProgramId, Result};
use sea_orm::FromQueryResult;

/// A program that runs a component of a plugin.
#[derive(Clone, Debug)]
pub struct RunBy {
    pub program: ProgramId,
    pub slug: String,
    pub plugin: String,
    pub version: String,
    pub digest: String,
    pub status: Status,
    /// Whether the program has a test clock.
    pub is_sandbox: bool,
}

/// Which program runs which component, of all plugins.
pub(super) async fn run_by(context: &Context) -> Result<Vec<RunBy>> {
    #[derive(FromQueryResult)]
    struct Row {
        program: ProgramId,
        slug: String,
        plugin: String,
        version: String,
        digest: String,
        status: String,
        is_sandbox: bool,
    }
    const SELECT: &str = "
        SELECT g.id AS program, g.slug, e.plugin_id AS plugin, c.version, e.digest, e.status,
            g.sandbox AS is_sandbox
        FROM programs AS g
        JOIN program_plugins AS e ON e.program_id = g.id
        JOIN plugin_components AS c ON c.digest = e.digest
        ORDER BY e.plugin_id, g.slug";
    let db = &context.db;
    let rows = Row::find_by_statement(db.sql(SELECT, [])).all(db.read()).await?;
    let run_by = |row: Row| RunBy {
        program: row.program,
        slug: row.slug,
        plugin: row.plugin,
        version: row.version,
        digest: row.digest,
        status: Status::of(&row.status),
        is_sandbox: row.is_sandbox,
    };
    Ok(rows.into_iter().map(run_by).collect())
}
