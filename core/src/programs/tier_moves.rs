//! Who would stand on another tier after a revision: counted where the accounts are, not one by one.

use super::Definition;
use crate::context::Context;
use crate::db::id;
use crate::tiers::{Ladder, Metric};
use crate::{ProgramId, Result};
use sea_orm::{FromQueryResult, Value};

/// So many members who stand on the one rung and would stand on the other; below the first is 0.
#[derive(FromQueryResult)]
struct MovedRow {
    before: i32,
    after: i32,
    members: i64,
}

/// What becomes of the members of a program, in one sentence; none if everybody stays.
pub(super) async fn note(
    context: &Context,
    program: ProgramId,
    (before, after): (&Definition, &Definition),
) -> Result<Option<String>> {
    let (before, after) = (before.ladder(), after.ladder());
    if before.ranks_as(after) {
        return Ok(None);
    }
    let db = &context.db;
    let (text, values) = counting(program, before, after);
    let rows = MovedRow::find_by_statement(db.sql(&text, values)).all(db.read()).await?;
    let name = |ladder: &Ladder, rung: i32| {
        let tier = usize::try_from(rung - 1).ok().and_then(|index| ladder.tiers().get(index));
        tier.map(|tier| tier.id.clone())
    };
    let (mut all, mut moves) = (0, Vec::new());
    for row in &rows {
        all += row.members;
        let (from, to) = (name(before, row.before), name(after, row.after));
        if from != to {
            let shown = |tier: Option<String>| tier.unwrap_or_else(|| "no tier".to_owned());
            moves.push(format!("{} from {} to {}", row.members, shown(from), shown(to)));
        }
    }
    let moves = if moves.is_empty() { "nobody moves".to_owned() } else { moves.join(", ") };
    Ok(Some(format!("tiers: of {all} members, {moves}")))
}

/// One statement over the accounts that stand on a ladder.
fn counting(program: ProgramId, before: &Ladder, after: &Ladder) -> (String, Vec<Value>) {
    let mut values = vec![id(program)];
    let (before_is, after_is) = (rung(before, "b", &mut values), rung(after, "n", &mut values));
    let mut wallets = Vec::new();
    for (ladder, alias) in [(before, "b"), (after, "n")] {
        let Some(point_type) = ladder.counts() else { continue };
        values.push(point_type.stored().into());
        let number = values.len();
        wallets.push(format!(
            " LEFT JOIN wallets AS {alias} ON {alias}.program_id = $1 \
             AND {alias}.account_id = a.id AND {alias}.point_type = ${number}"
        ));
    }
    let wallets = wallets.concat();
    let text = format!(
        "SELECT before, after, COUNT(*) AS members \
         FROM (SELECT {before_is} AS before, {after_is} AS after FROM accounts AS a{wallets} \
               WHERE a.program_id = $1 AND a.kind = 'MEMBER' AND a.erased_at IS NULL) AS stands \
         GROUP BY before, after ORDER BY before, after"
    );
    (text, values)
}

/// The number of the rung that an account has reached.
fn rung(ladder: &Ladder, wallet: &str, values: &mut Vec<Value>) -> String {
    let metric = match ladder.metric() {
        Metric::Purchases => "a.purchases".to_owned(),
        Metric::Spent => "a.spent_minor".to_owned(),
        Metric::PointsEarned => format!("COALESCE({wallet}.earned, 0)"),
    };
    let mut cases = Vec::new();
    for (index, tier) in ladder.tiers().iter().enumerate().rev() {
        values.push(tier.from.into());
        cases.push(format!(" WHEN {metric} >= ${} THEN {}", values.len(), index + 1));
    }
    // A ladder without rungs has no case to choose from.
    if cases.is_empty() { "0".to_owned() } else { format!("CASE{} ELSE 0 END", cases.concat()) }
}
