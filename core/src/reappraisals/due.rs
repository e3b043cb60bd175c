//! Asking plugins again, by and by: whoever was not heard about a purchase, and can be asked now.

use super::effect::{Effect, Gave};
use super::ending;
use super::look::{Found, OpenRow, too_late};
use crate::cart::{CheckedCart, Line};
use crate::context::{Context, Program};
use crate::db::{TryError, id, limit};
use crate::due::{DueWork, Part};
use crate::members;
use crate::operation::{Operation, decide};
use crate::plugins::{Missed, Occasion, ToAppraise, judge};
use crate::purchases::PurchaseRef;
use crate::returns::{Bought, LineState};
use crate::{ProgramId, PurchaseId, Result};
use sea_orm::FromQueryResult;

/// Appraises again what is due.
pub(crate) struct Reappraising;

/// How many at a time.
const PART: usize = 32;
/// What the plugins that are on duty were not heard about. One on probation is tried on an event, or a
/// purchase of now.
const DUE: &str = "
    SELECT m.purchase_id, m.plugin_id, m.attempts
    FROM program_plugins AS e
    CROSS JOIN missed_appraisals AS m
    WHERE e.program_id = $1 AND e.status = 'ACTIVE' AND m.program_id = $1
        AND m.plugin_id = e.plugin_id AND m.due_at <= $2
    ORDER BY m.plugin_id, m.due_at
    LIMIT $3";

#[async_trait::async_trait]
impl DueWork for Reappraising {
    fn name(&self) -> &'static str {
        "reappraisals"
    }

    /// Instants are the server's, and a program may live by a test clock.
    fn next(&self) -> &'static str {
        "SELECT CASE WHEN EXISTS (
            SELECT 1
            FROM program_plugins AS e
            WHERE e.program_id = p.id AND e.status = 'ACTIVE' AND EXISTS (
                SELECT 1
                FROM missed_appraisals AS m
                WHERE m.program_id = p.id AND m.plugin_id = e.plugin_id AND m.due_at IS NOT NULL
            )
        ) THEN CAST(0 AS BIGINT) END"
    }

    async fn work(&self, context: &Context, program: &Program) -> Result<Part> {
        let due = due(context, program.id, PART).await?;
        let done = due.len();
        let mut missed = Vec::new();
        for one in due {
            let row = OpenRow {
                purchase_id: one.purchase_id,
                plugin_id: one.plugin_id,
                attempts: one.attempts,
            };
            let again = |program| attempt(context, program, &row);
            missed.extend(decide(context, program.id, "appraising again", again).await?);
        }
        judge(context, program, &missed).await;
        Ok(Part::of(done, PART))
    }
}

/// Whether nobody is to be asked again now.
pub(crate) async fn is_idle(context: &Context, program: ProgramId) -> Result<bool> {
    Ok(due(context, program, 1).await?.is_empty())
}

async fn due(context: &Context, program: ProgramId, most: usize) -> Result<Vec<Due>> {
    let db = &context.db;
    let values = [id(program), context.now().into(), limit(most as u64)];
    Ok(Due::find_by_statement(db.sql(DUE, values)).all(db.read()).await?)
}

#[derive(FromQueryResult)]
struct Due {
    purchase_id: PurchaseId,
    plugin_id: String,
    attempts: i32,
}

/// Returns what the plugin failed with, if it did.
async fn attempt(
    context: &Context,
    program: Program,
    row: &OpenRow,
) -> Result<Option<Missed>, TryError> {
    let (found, states, program) = Found::look(context, &program, row).await?;
    let purchase = PurchaseRef::Id(row.purchase_id);
    let Some((open, bought)) = found.open.as_ref().zip(found.purchases.purchase(&purchase)) else {
        return Ok(None);
    };
    let mut operation = Operation::begin(context, program, states)?;
    let (key, member) = ((open.purchase_id, open.plugin_id.as_str()), bought.row.member_id);
    if let Some(outcome) = too_late(bought, operation.is_erased(member)) {
        ending::end(&mut operation, key, outcome, &Gave::default())?;
        operation.commit().await?;
        return Ok(None);
    }
    let cart = cart(operation.program(), bought);
    let asked =
        ToAppraise { reference: &bought.row.reference, at: bought.row.purchased_at, cart: &cart };
    let member = found.member(member).ok_or_else(members::not_found)?;
    let (program, state) = (operation.program(), operation.state(member.id)?);
    let heard =
        found.appraisers.of_one(context, program, &open.plugin_id, member, state, asked).await;
    let about = (member.id, Occasion::Purchase(open.purchase_id));
    let failed = match heard {
        // The program changed meanwhile: it is asked when it is on duty again.
        None => return Ok(None),
        Some(Err(missed)) if missed.is_off_duty() => return Ok(None),
        Some(Err(missed)) => {
            if let Some(recorded) = &missed.recorded {
                recorded.write(&mut operation, about);
            }
            ending::again(&mut operation, open.purchase_id, (&missed, open.attempts + 1))?;
            Some(missed)
        }
        Some(Ok(heard)) => {
            if let Some(recorded) = &heard.recorded {
                recorded.write(&mut operation, about);
            }
            let shares = found.purchases.shares(bought.row.id);
            let shares = shares.filter(|share| !operation.is_erased(share.row.member_id)).collect();
            let (plugin, proposals) = (&open.plugin_id, &heard.proposals);
            Effect { plugin, digest: &heard.digest, own: bought, shares, proposals }
                .apply(&mut operation)?;
            None
        }
    };
    operation.commit().await?;
    Ok(failed)
}

/// The purchase as it was recorded.
fn cart(program: &Program, bought: &Bought) -> CheckedCart {
    let lines = bought.lines.iter().filter(|line| line.position > 0);
    let line = |line: &LineState| Line {
        sku: line.sku.clone(),
        category: line.category.clone(),
        quantity: u32::try_from(line.ordered().quantity).unwrap_or(u32::MAX),
        amount_minor: line.ordered().amount_minor,
    };
    CheckedCart {
        currency: program.definition.currency,
        total_minor: bought.row.total_minor,
        lines: lines.map(line).collect(),
    }
}
