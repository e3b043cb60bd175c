//! Writing down what has expired of accounts at which nobody looked.
//!
//! While facts of the past come in, as an import brings them, what has expired is left as it is:
//! a later one may keep points that last as long as their member is active. It does not count, in
//! any case.

use crate::accounts::{Lots, ask_states};
use crate::context::{Context, Program};
use crate::db::TryError;
use crate::due::{DueWork, Part};
use crate::operation::{Operation, decide};
use crate::{Result, accounts::States};

/// Sweeps accounts, those first whose points expired first.
pub(crate) struct Sweep;

/// Sweeps accounts of which points end that last as long as their member is active.
pub(crate) struct Inactivity;

/// As many accounts as one commit expires at most; it is the limit of what follows.
const ACCOUNTS_MAX: usize = 200;
const WHO: &str = "
    SELECT id
    FROM accounts
    WHERE program_id = $1 AND next_expiry_at <= (SELECT now FROM p)
        AND NOT EXISTS (
            SELECT 1
            FROM timer_holds AS h
            WHERE h.program_id = $1 AND h.until_at > (SELECT now FROM p)
        )
    ORDER BY next_expiry_at
    LIMIT 200";
const INACTIVE: &str = "
    SELECT DISTINCT account_id AS id
    FROM (
        SELECT account_id
        FROM wallets
        WHERE program_id = $1 AND lasts_until <= (SELECT now FROM p)
            AND NOT EXISTS (
                SELECT 1
                FROM timer_holds AS h
                WHERE h.program_id = $1 AND h.until_at > (SELECT now FROM p)
            )
        ORDER BY lasts_until
        LIMIT 200
    ) AS due";

#[async_trait::async_trait]
impl DueWork for Sweep {
    fn name(&self) -> &'static str {
        "expiry"
    }

    fn next(&self) -> &'static str {
        "SELECT CASE
            WHEN (SELECT MAX(until_at) FROM timer_holds WHERE program_id = p.id)
                > (SELECT MIN(next_expiry_at) FROM accounts
                    WHERE program_id = p.id AND next_expiry_at IS NOT NULL)
            THEN (SELECT MAX(until_at) FROM timer_holds WHERE program_id = p.id)
            ELSE (SELECT MIN(next_expiry_at) FROM accounts
                WHERE program_id = p.id AND next_expiry_at IS NOT NULL)
        END"
    }

    async fn work(&self, context: &Context, program: &Program) -> Result<Part> {
        let sweep = |program| sweep(context, program, WHO);
        let swept = decide(context, program.id, "sweeping what expired", sweep).await?;
        Ok(Part::of(swept, ACCOUNTS_MAX))
    }
}

#[async_trait::async_trait]
impl DueWork for Inactivity {
    fn name(&self) -> &'static str {
        "inactivity"
    }

    fn next(&self) -> &'static str {
        "SELECT CASE
            WHEN (SELECT MAX(until_at) FROM timer_holds WHERE program_id = p.id)
                > (SELECT MIN(lasts_until) FROM wallets
                    WHERE program_id = p.id AND lasts_until IS NOT NULL)
            THEN (SELECT MAX(until_at) FROM timer_holds WHERE program_id = p.id)
            ELSE (SELECT MIN(lasts_until) FROM wallets
                WHERE program_id = p.id AND lasts_until IS NOT NULL)
        END"
    }

    async fn work(&self, context: &Context, program: &Program) -> Result<Part> {
        let sweep = |program| sweep(context, program, INACTIVE);
        let what = "sweeping what ended because nobody was active";
        let swept = decide(context, program.id, what, sweep).await?;
        // Wallets of one account are swept together.
        Ok(Part { done: swept, is_last: swept == 0 })
    }
}

async fn sweep(context: &Context, program: Program, who: &'static str) -> Result<usize, TryError> {
    let mut look = context.look(program.id);
    look.table("who", who);
    let states = ask_states(&mut look, Lots::IfDue);
    let (answers, program) = context.ask(&program, look).await?;
    let due: States = states.read(&answers)?;
    let count = due.len();
    Operation::begin(context, program, due)?.commit().await?;
    Ok(count)
}
