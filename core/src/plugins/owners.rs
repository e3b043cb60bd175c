//! That each record type of a program has one owner, and each event of a plugin that another is
//! subscribed to is raised.

use crate::context::Context;
use crate::db::id;
use crate::runtime::{Clash, Manifest, side_by_side};
use crate::{Code, Error, ProgramId, Result};
use sea_orm::FromQueryResult;
use std::sync::Arc;

/// A plugin that a program runs, or has run.
#[derive(FromQueryResult)]
struct Stands {
    plugin_id: String,
    digest: String,
    is_left_out: bool,
}

const STAND: &str = "
    SELECT plugin_id, digest, status = 'DISABLED' AS is_left_out
    FROM program_plugins
    WHERE program_id = $1
    ORDER BY plugin_id";

/// Fails with `RECORD_TYPE_TAKEN`, `RECORD_TYPE_UNKNOWN` or `PLUGIN_EVENT_UNKNOWN` if the plugins cannot be enabled together.
pub(super) fn check(enabled: &[Arc<Manifest>], left_out: &[Arc<Manifest>]) -> Result<()> {
    let enabled: Vec<_> = enabled.iter().map(|manifest| &**manifest).collect();
    let left_out: Vec<_> = left_out.iter().map(|manifest| &**manifest).collect();
    side_by_side(&enabled, &left_out).map_err(|clash| {
        let code = match clash {
            Clash::TwoOwners { .. } => Code::RecordTypeTaken,
            Clash::NoOwner { .. } => Code::RecordTypeUnknown,
            Clash::NoEvent { .. } => Code::PluginEventUnknown,
        };
        Error::new(code, clash.to_string()).at(format!("plugins.{}", clash.plugin()))
    })
}

/// The same for a program of which one plugin runs another component.
pub(super) async fn check_with(
    context: &Context,
    program: ProgramId,
    plugin: &str,
    moved: &Arc<Manifest>,
) -> Result<()> {
    let db = &context.db;
    let stand = Stands::find_by_statement(db.sql(STAND, [id(program)])).all(db.read()).await?;
    let (mut enabled, mut left_out) = (Vec::new(), Vec::new());
    for Stands { plugin_id, digest, is_left_out } in stand {
        let manifest = match plugin_id == plugin {
            true => Arc::clone(moved),
            false => context.component(&digest).await?.manifest,
        };
        if is_left_out { left_out.push(manifest) } else { enabled.push(manifest) }
    }
    check(&enabled, &left_out)
}
