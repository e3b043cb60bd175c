//! The test clock of a sandbox program. Advancing it makes everything that falls due on the way happen in order, each thing with
//! the clock standing at its own instant, and plugins have heard of one instant before the next begins.

use super::entity::programs;
use super::{Program, Programs};
use crate::db::rows;
use crate::plugins;
use crate::{Actor, Code, Error, Loyalty, ProgramId, Result, Scope, Timestamp};
use sea_orm::{ConnectionTrait, EntityTrait};
use std::time::Duration;

/// How long a look for another node's work waits before the next.
const PATIENCE: Duration = Duration::from_millis(20);

impl Programs<'_> {
    /// Moves the test clock on; answers the program's new now. Fails with `NOT_A_SANDBOX` or `CLOCK_MOVES_BACK`.
    pub async fn advance_test_clock(self, actor: &Actor, to: Timestamp) -> Result<Timestamp> {
        actor.require(Scope::Admin)?;
        let id = actor.program();
        let model = programs::Entity::find_by_id(id).one(self.loyalty.db().read()).await?;
        let standing = model.and_then(|model| model.test_clock_at);
        let standing = standing
            .ok_or_else(|| Error::new(Code::NotASandbox, "this program has no test clock"))?;
        if to < standing {
            let why = format!("the test clock stands at {standing} already");
            return Err(Error::new(Code::ClockMovesBack, why).at("to"));
        }
        loop {
            settle(self.loyalty, id).await?;
            let program = self.current(id).await?;
            match next(self.loyalty, &program).await? {
                Some(due) if due <= to => set(self.loyalty, id, due).await?,
                _ => break,
            }
        }
        set(self.loyalty, id, to).await?;
        settle(self.loyalty, id).await?;
        Ok(self.current(id).await?.now)
    }
}

/// Does everything that is due in a program and waits until plugins have heard of it. Quarantined plugins are not waited for.
pub(crate) async fn settle(loyalty: &Loyalty, id: ProgramId) -> Result<()> {
    loop {
        let did = work_on(loyalty, id).await?;
        if did == 0 {
            if plugins::is_idle(loyalty, id).await? {
                return Ok(());
            }
            // Leased by another node, or waiting for a second try.
            tokio::time::sleep(PATIENCE).await;
        }
    }
}

/// One round of what is due in a program: expiry, timers, deliveries. Answers how much there was to do.
pub(crate) async fn work_on(loyalty: &Loyalty, id: ProgramId) -> Result<usize> {
    let program = loyalty.programs().current(id).await?;
    let expired = loyalty.ledger().sweep(&program).await?;
    let fired = loyalty.timers().fire(&program).await?;
    let delivered = plugins::deliver(loyalty, id).await?;
    Ok(usize::try_from(expired)
        .unwrap_or(usize::MAX)
        .saturating_add(fired)
        .saturating_add(delivered))
}

async fn next(loyalty: &Loyalty, program: &Program) -> Result<Option<Timestamp>> {
    let timer = loyalty.timers().next_due(program.id).await?;
    let expiry = loyalty.ledger().next_expiry(program).await?;
    Ok([timer, expiry].into_iter().flatten().min())
}

async fn set(loyalty: &Loyalty, id: ProgramId, to: Timestamp) -> Result<()> {
    const UPDATE: &str =
        "UPDATE programs SET test_clock_at = $1 WHERE id = $2 AND test_clock_at < $1";
    let db = loyalty.db().write();
    db.execute_raw(rows::sql(db, UPDATE, [to.into(), rows::id(id)])).await?;
    Ok(())
}
