//! Trying a quarantined plugin on one event, now and then: what was wrong may have been the world.

use super::quarantine::program_changed;
use crate::context::Context;
use crate::db::{Writes, row};
use crate::{Error, ProgramId, Result, Timestamp};
use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
struct Due {
    program_id: ProgramId,
    plugin_id: String,
}

row! {
    struct Probed {
        plugin_id: String,
        now: Timestamp,
    }
}

const DUE: &str = "
    SELECT program_id, plugin_id
    FROM program_plugins
    WHERE status = 'QUARANTINED' AND probe_at <= $1";
const PROBE: &str = "
    UPDATE program_plugins
    SET status = 'PROBING', probe_at = NULL
    FROM {rows} AS r
    WHERE program_plugins.program_id = $1 AND program_plugins.plugin_id = r.plugin_id
        AND program_plugins.status = 'QUARANTINED' AND program_plugins.probe_at <= r.now";

/// Lets the next event show whether a plugin can go on, for each whose time has come: how many.
pub(crate) async fn begin_due(context: &Context) -> Result<usize> {
    let (db, now) = (&context.db, context.now());
    let due = Due::find_by_statement(db.sql(DUE, [now.into()])).all(db.read()).await?;
    for Due { program_id, plugin_id } in &due {
        let mut writes = Writes::to(*program_id);
        writes.run(PROBE, &Probed { plugin_id: plugin_id.clone(), now });
        program_changed(&mut writes);
        db.commit(writes).await.map_err(Error::from)?;
        context.forget(*program_id);
    }
    if !due.is_empty() {
        context.wake();
    }
    Ok(due.len())
}
