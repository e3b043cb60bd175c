//! The test clock of a sandbox program. Advancing it makes everything that falls due on the way
//! happen in order, each thing with the clock standing at its own instant, and plugins have
//! received the events of one instant before the next begins.

use super::Programs;
use crate::context::{Context, Program};
use crate::db::{Writes, id, row};
use crate::plugins;
use crate::reappraisals;
use crate::worker;
use crate::{Actor, Code, Error, ProgramId, Result, Scope, Timestamp};
use sea_orm::ConnectionTrait;
use std::time::Duration;

/// How long a look for another node's work waits before the next.
const PATIENCE: Duration = Duration::from_millis(20);

row! {
    struct ClockRow {
        at: Timestamp,
    }
}

impl Programs<'_> {
    /// Moves the test clock on; returns the program's new now. Fails with `NOT_A_SANDBOX` or
    /// `CLOCK_MOVES_BACK`.
    pub async fn advance_test_clock(self, actor: &Actor, to: Timestamp) -> Result<Timestamp> {
        actor.require(Scope::Admin)?;
        let id = actor.program();
        let mut program = self.context.current(id).await?;
        if !program.definition.is_sandbox {
            return Err(Error::new(Code::NotASandbox, "this program has no test clock"));
        }
        if to < program.now {
            let why = format!("the test clock stands at {} already", program.now);
            return Err(Error::new(Code::ClockMovesBack, why).at("to"));
        }
        loop {
            settle(self.context, &program).await?;
            match next(self.context, id).await? {
                Some(due) if due <= to => program = set(self.context, id, due).await?,
                _ => break,
            }
        }
        // Nothing is due until then, so nothing is to be done there.
        Ok(set(self.context, id, to).await?.now)
    }
}

/// Does everything that is due in a program and waits until plugins have received it. Quarantined
/// plugins are not waited for.
async fn settle(context: &Context, program: &Program) -> Result<()> {
    loop {
        let became_due = worker::fall_due(context, program).await?;
        let are_idle = plugins::is_idle(context, program.id).await?
            && reappraisals::is_idle(context, program.id).await?;
        if became_due == 0 && are_idle {
            return Ok(());
        }
        if worker::deliver(context, program).await? == 0 && became_due == 0 {
            // Leased by another node, or waiting for a second try.
            tokio::time::sleep(PATIENCE).await;
        }
    }
}

/// When the next thing of the program is due.
async fn next(context: &Context, program: ProgramId) -> Result<Option<Timestamp>> {
    let instants: Vec<_> = worker::TIMED.iter().map(|work| format!("({})", work.next())).collect();
    let text = format!("SELECT {} FROM programs AS p WHERE p.id = $1", instants.join(", "));
    let db = &context.db;
    let Some(row) = db.read().query_one_raw(db.sql(&text, [id(program)])).await? else {
        return Ok(None);
    };
    let at = |index| row.try_get_by_index::<Option<Timestamp>>(index);
    let instants: Vec<_> = (0..worker::TIMED.len()).map(at).collect::<Result<_, _>>()?;
    Ok(instants.into_iter().flatten().min())
}

/// Moves the clock on, unless another node moved it further; returns the program as it is then.
async fn set(context: &Context, id: ProgramId, at: Timestamp) -> Result<Program> {
    const UPDATE: &str = "
        UPDATE programs
        SET test_clock_at = r.at
        FROM {rows} AS r
        WHERE programs.id = $1 AND programs.test_clock_at < r.at";
    let mut writes = Writes::to(id);
    writes.run(UPDATE, &ClockRow { at });
    context.db.commit(writes).await.map_err(Error::from)?;
    context.current(id).await
}
