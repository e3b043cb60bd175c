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
        let mut program = self.current(id).await?;
        loop {
            settle(self.loyalty, &program).await?;
            match next(self.loyalty, &program).await? {
                Some(due) if due <= to => program = set(self.loyalty, id, due).await?,
                _ => break,
            }
        }
        // Nothing is due until then, so nothing is to be done there.
        Ok(set(self.loyalty, id, to).await?.now)
    }
}

/// Does everything that is due in a program and waits until plugins have heard of it. Quarantined plugins are not waited for.
async fn settle(loyalty: &Loyalty, program: &Program) -> Result<()> {
    loop {
        let became_due = fall_due(loyalty, program).await?;
        if became_due == 0 && plugins::is_idle(loyalty, program.id).await? {
            return Ok(());
        }
        if plugins::deliver(loyalty, program).await? == 0 && became_due == 0 {
            // Leased by another node, or waiting for a second try.
            tokio::time::sleep(PATIENCE).await;
        }
    }
}

/// One round of what is due in a program: expiry, timers, deliveries. Answers how much there was to do.
pub(crate) async fn work_on(loyalty: &Loyalty, program: &Program) -> Result<usize> {
    let became_due = fall_due(loyalty, program).await?;
    Ok(became_due.saturating_add(plugins::deliver(loyalty, program).await?))
}

/// Writes down what fell due by the program's now.
async fn fall_due(loyalty: &Loyalty, program: &Program) -> Result<usize> {
    let expired = loyalty.ledger().sweep(program).await?;
    let fired = loyalty.timers().fire(program).await?;
    Ok(expired.saturating_add(fired))
}

async fn next(loyalty: &Loyalty, program: &Program) -> Result<Option<Timestamp>> {
    let timer = loyalty.timers().next_due(program.id).await?;
    let expiry = loyalty.ledger().next_expiry(program).await?;
    Ok([timer, expiry].into_iter().flatten().min())
}

/// Moves the clock on, unless another node moved it further; answers the program as it is then.
async fn set(loyalty: &Loyalty, id: ProgramId, to: Timestamp) -> Result<Program> {
    const UPDATE: &str =
        "UPDATE programs SET test_clock_at = $1 WHERE id = $2 AND test_clock_at < $1";
    let db = loyalty.db().write();
    db.execute_raw(rows::sql(db, UPDATE, [to.into(), rows::id(id)])).await?;
    loyalty.programs().current(id).await
}
