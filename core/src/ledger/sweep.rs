//! Writing down what has expired of accounts at which nobody looked.

use crate::accounts::{Lots, ask_states};
use crate::context::{Context, Program};
use crate::db::TryError;
use crate::due::{DueWork, Part};
use crate::operation::{Operation, decide};
use crate::{Result, accounts::States};

/// Sweeps accounts, those first whose points expired first.
pub(crate) struct Sweep;

/// As many accounts as one commit expires at most; it is the limit of `WHO`.
const ACCOUNTS_MAX: usize = 200;
const WHO: &str = "
    SELECT id
    FROM accounts
    WHERE program_id = $1 AND next_expiry_at <= (SELECT now FROM p)
    ORDER BY next_expiry_at
    LIMIT 200";

#[async_trait::async_trait]
impl DueWork for Sweep {
    fn name(&self) -> &'static str {
        "expiry"
    }

    fn next(&self) -> &'static str {
        "SELECT MIN(next_expiry_at) FROM accounts WHERE program_id = p.id AND next_expiry_at IS NOT NULL"
    }

    async fn work(&self, context: &Context, program: &Program) -> Result<Part> {
        let sweep = |program| sweep(context, program);
        let swept = decide(context, program.id, "sweeping what expired", sweep).await?;
        Ok(Part::of(swept, ACCOUNTS_MAX))
    }
}

async fn sweep(context: &Context, program: Program) -> Result<usize, TryError> {
    let mut look = context.look(program.id);
    look.table("who", WHO);
    let states = ask_states(&mut look, Lots::IfDue);
    let (answers, program) = context.ask(&program, look).await?;
    let due: States = states.read(&answers)?;
    let count = due.len();
    Operation::begin(context, program, due)?.commit().await?;
    Ok(count)
}
