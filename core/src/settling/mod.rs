//! Settling: after a revision with another ladder, every member's tier is moved to where the ladder
//! puts it, a part of the accounts at a time.
//!
//! It is the same for everybody whether or not this has come by: whoever looks at a member sees the
//! tier of today's ladder, and whoever changes one settles it first. Settling writes it down, with
//! its event, for those at whom nobody looks. `programs` has how far it is, so that any node goes
//! on, and a still newer revision starts again from the first account.

use crate::accounts::{Lots, ask_states};
use crate::context::{Context, Program};
use crate::db::{TryError, row};
use crate::due::{DueWork, Part};
use crate::operation::{Operation, decide};
use crate::{AccountId, Result, Timestamp};

/// Settles tiers in the order of the accounts.
pub(crate) struct Settling;

/// As many accounts as one commit settles at most; it is the limit of `WHO`.
const ACCOUNTS_MAX: usize = 200;
const WHO: &str = "
    SELECT id
    FROM accounts
    WHERE program_id = $1 AND id > (SELECT settled_to FROM programs WHERE id = $1)
        AND erased_at IS NULL
    ORDER BY id
    LIMIT 200";
const SINCE: &str = "
    SELECT settling_since
    FROM programs
    WHERE id = $1 AND settling_since IS NOT NULL";
const PROGRESS: &str = "
    UPDATE programs
    SET settled_to = CASE WHEN r.is_last = 0 THEN r.settled_to END,
        settling_since = CASE WHEN r.is_last = 0 THEN settling_since END
    FROM {rows} AS r
    WHERE programs.id = $1 AND programs.revision = r.revision";

row! {
    struct Since {
        settling_since: Timestamp,
    }
}

row! {
    struct Progress {
        revision: u32,
        settled_to: Option<AccountId>,
        is_last: i32,
    }
}

#[async_trait::async_trait]
impl DueWork for Settling {
    fn name(&self) -> &'static str {
        "tiers"
    }

    fn next(&self) -> &'static str {
        "p.settling_since"
    }

    async fn work(&self, context: &Context, program: &Program) -> Result<Part> {
        let settle = |program| settle(context, program);
        let settled = decide(context, program.id, "settling tiers", settle).await?;
        Ok(Part::of(settled, ACCOUNTS_MAX))
    }
}

async fn settle(context: &Context, program: Program) -> Result<usize, TryError> {
    let mut look = context.look(program.id);
    look.table("who", WHO);
    let states = ask_states(&mut look, Lots::IfDue);
    let since = look.ask::<Since>(SINCE);
    let (answers, program) = context.ask(&program, look).await?;
    if answers.rows(since)?.is_empty() {
        return Ok(0);
    }
    let states = states.read(&answers)?;
    let count = states.len();
    let settled_to = states.keys().last().map(|member| AccountId::from(*member));
    let (id, revision) = (program.id, program.revision);
    let mut operation = Operation::begin(context, program, states)?;
    let is_last = i32::from(count < ACCOUNTS_MAX);
    operation.run(PROGRESS, &Progress { revision, settled_to, is_last });
    operation.commit().await?;
    tracing::info!(program = %id, accounts = count, is_last = is_last != 0, "tiers are settled");
    Ok(count)
}
