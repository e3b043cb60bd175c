//! All checks of one program, in order.

use super::balances::{self, Balances};
use super::report::{Check, Fault, VerifiedProgram};
use super::walk::Walk;
use super::{Request, Subject, erased, recorded, statistics, sums};
use crate::AccountId;
use crate::Result;
use crate::context::Context;
use crate::db::{Snapshot, id, limit};
use crate::definition::Definition;

/// How many wallets are read at a time.
const ROWS: u64 = 10_000;

const WALLETS_COUNT: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM wallets WHERE program_id = $1";
const WALLETS: &str = "
    SELECT w.account_id, w.point_type, w.balance
    FROM wallets AS w
    WHERE w.program_id = $1 AND (w.account_id, w.point_type) > ($2, $3)
    ORDER BY w.account_id, w.point_type
    LIMIT $4";

/// Returns how many entries there are as well.
pub(super) async fn verify(
    context: &Context,
    snapshot: &mut Snapshot,
    subject: &Subject,
    request: &Request<'_>,
) -> Result<(VerifiedProgram, u64)> {
    snapshot.by_key().await?;
    let wallets = snapshot.number(WALLETS_COUNT, [id(subject.id)]).await?;
    let parts = balances::parts(wallets);
    let mut walk = Walk::new(subject, request, parts);
    walk.all(snapshot).await?;
    let held = follow_wallets(snapshot, subject, &mut walk, parts).await?;

    snapshot.whole().await?;
    let recorded = recorded::compare(snapshot, subject, &mut walk.listed).await?;
    let entries = sums::entries(snapshot, subject).await?;
    let stray = match entries == walk.entries {
        true => None,
        false => sums::stray(snapshot, subject).await?,
    };
    let mut checks = vec![
        check("the chain of seals", "seals", walk.chain.report.seals, [walk.chain.links]),
        check(
            "signatures",
            "signed seals",
            walk.chain.report.seals - walk.chain.report.unsigned,
            [walk.chain.signatures],
        ),
        check("what was sealed", "items", walk.chain.compared, [walk.chain.rows]),
        check("the journal's order", "items", walk.items, [walk.order]),
        check("rows and journal", "rows", recorded.rows, [walk.missing, recorded.fault]),
        check("balances after each entry", "entries", entries, [walk.wrong_balance, held, stray]),
    ];
    checks.extend(sums::balanced(snapshot, subject, 1).await?);
    checks.extend(sums::derived(snapshot, subject, 1).await?);
    let erased = erased::compare(snapshot, subject).await?;
    checks.push(check("what was erased", "members", erased.rows, [erased.fault]));
    let mut notes = Vec::new();
    if walk.chain.erased > 0 {
        let erased = walk.chain.erased;
        notes
            .push(format!("of {erased} items nothing is left to be compared: somebody was erased"));
    }
    checks.extend(statistics_and_tiers(context, snapshot, subject, &mut notes).await?);
    let (program, chain) = (subject.slug.clone(), walk.chain.report);
    Ok((VerifiedProgram { program, chain, checks, notes }, entries))
}

fn check(
    name: &'static str,
    of: &'static str,
    rows: u64,
    faults: impl IntoIterator<Item = Option<Fault>>,
) -> Check {
    // The first of them says most; what follows from it is not another fault.
    Check { name, of, rows, faults: faults.into_iter().flatten().take(1).collect() }
}

/// Compares each wallet with its last entry; those of the first part were followed by the walk.
async fn follow_wallets(
    snapshot: &mut Snapshot,
    subject: &Subject,
    walk: &mut Walk<'_>,
    parts: u64,
) -> Result<Option<Fault>> {
    let mut balances = std::mem::replace(&mut walk.balances, Balances::new(0, 1));
    let mut wrong = None;
    for part in 0..parts {
        if part > 0 {
            balances = walk.balances_of(snapshot, Balances::new(part, parts)).await?;
        }
        let (mut account, mut point_type) = (AccountId::FIRST, String::new());
        loop {
            let values = [id(subject.id), id(account), point_type.as_str().into(), limit(ROWS)];
            let rows = snapshot.rows(WALLETS, values).await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                (account, point_type) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                let fault = balances.compare(account, &point_type, row.try_get_by_index(2)?);
                wrong = wrong.or(fault);
            }
        }
        wrong = wrong.or(balances.left());
        balances = Balances::new(0, 1);
    }
    Ok(wrong)
}

async fn statistics_and_tiers(
    context: &Context,
    snapshot: &mut Snapshot,
    subject: &Subject,
    notes: &mut Vec<String>,
) -> Result<[Check; 2]> {
    let fault = statistics::statistics(snapshot, subject).await?;
    let definition = subject.source.as_ref().and_then(|source| context.assemble(source).ok());
    let ladder = definition.as_ref().filter(|_| !subject.is_settling).map(Definition::ladder);
    if ladder.is_none() {
        let why = match subject.is_settling {
            true => "tiers are being settled after a revision, so they were not compared",
            false => "the current revision cannot be read, so tiers were not compared",
        };
        notes.push(why.to_owned());
    }
    let tiers = statistics::tiers(snapshot, subject, ladder).await?;
    Ok([check("statistics", "accounts", tiers.rows, [fault]), tiers])
}
