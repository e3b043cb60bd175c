//! All checks of one program, in order.

use super::asked::{self, Asked};
use super::balances::{self, Balances};
use super::cards::{self, Cards};
use super::erased::{self, Erased};
use super::listed::Listed;
use super::pending::{self, Pendings};
use super::reading::Readers;
use super::recorded::{self, Recorded};
use super::referrals::{self, Apart, Referrals};
use super::report::{Check, Fault, VerifiedProgram};
use super::spent::{self, Order};
use super::sums::{self, Comparing};
use super::told::Told;
use super::totals::{Totals, Wallet};
use super::walk::Walk;
use super::{Connections, Request, Subject, statistics, voided};
use crate::context::Context;
use crate::db::{Snapshot, id};
use crate::definition::Definition;
use crate::{AccountId, Result};
use futures::TryStreamExt;

const WALLETS_COUNT: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM wallets WHERE program_id = $1";
const WALLETS: &str = "
    SELECT w.account_id, w.point_type, w.balance, w.pending, w.held, w.owed, w.earned
    FROM wallets AS w
    WHERE w.program_id = $1
    ORDER BY w.account_id, w.point_type";

/// Returns how many entries there are as well.
pub(super) async fn verify(
    context: &Context,
    connections: &mut Connections,
    subject: &Subject,
    request: &Request<'_>,
) -> Result<(VerifiedProgram, u64)> {
    let Connections { main, beside, readers } = connections;
    main.by_key().await?;
    let wallets = main.number(WALLETS_COUNT, [id(subject.id)]).await?;
    let parts = balances::parts(wallets);
    let mut walk = Walk::new(subject, request, parts, Told::of(main, subject.id).await?);
    let mut sums = Sums {
        listed: walk.listed.beside(),
        totals: walk.totals.beside(),
        told: walk.told.beside(),
    };
    let walking = async {
        walk.all(main, readers).await?;
        follow_wallets(main, readers, &mut walk, parts).await
    };
    let tables = tables(context, beside, subject, &mut sums);
    let (held, tables) = tokio::try_join!(walking, tables)?;
    walk.listed.join(&sums.listed);
    walk.totals.join(&sums.totals);
    walk.told.join(&sums.told);

    let mut missing = walk.missing.take().or(tables.recorded.fault);
    if missing.is_none() {
        missing = recorded::compare(beside, subject, &walk.listed).await?;
    }
    let is_listed = missing.is_none();
    let is_whole = sums::are_whole(beside, subject, &walk.totals).await?;
    let is_known = is_whole && is_listed;
    let comparing = Comparing { totals: is_known.then_some(&walk.totals), faults_max: 1 };
    let entries = sums::entries(beside, subject).await?;
    let stray = match is_whole {
        true => None,
        false => sums::stray(beside, subject).await?,
    };
    let mut checks = vec![
        check("the chain of seals", "seals", walk.chain.report.seals, [walk.chain.links.take()]),
        check(
            "signatures",
            "signed seals",
            walk.chain.report.seals - walk.chain.report.unsigned,
            [walk.chain.signatures.take()],
        ),
        check("what was sealed", "items", walk.chain.compared, [walk.chain.rows.take()]),
        check("the journal's order", "items", walk.items, [walk.order.take()]),
        check("rows and journal", "rows", tables.recorded.rows, [missing]),
        check(
            "balances after each entry",
            "entries",
            entries,
            [walk.wrong_balance.take(), held, stray],
        ),
    ];
    checks.extend(sums::balanced(beside, subject, comparing).await?);
    checks.extend(sums::derived(beside, subject, comparing).await?);
    checks.push(check("pending points", "pendings", tables.pendings.rows, [tables.pendings.fault]));
    let Referrals { rows, fault } = tables.referrals;
    checks.push(check("what referrals paid", "referrals", rows, [fault]));
    let Order { rows, fault } = tables.order;
    checks.push(check("in which order points paid", "parts", rows, [fault]));
    let Asked { rows, fault } = tables.asked;
    checks.push(check("what was asked for", "approvals", rows, [fault]));
    let Cards { rows, fault } = tables.cards;
    checks.push(check("what cards open", "cards", rows, [fault]));
    let (chain, erased) = (std::mem::take(&mut walk.chain.report), walk.chain.erased);
    checks.extend(told(beside, walk, is_listed).await?);
    checks.push(check("what was erased", "members", tables.erased.rows, [tables.erased.fault]));
    checks.extend(tables.statistics);
    let mut notes = Vec::new();
    if erased > 0 {
        notes
            .push(format!("of {erased} items nothing is left to be compared: somebody was erased"));
    }
    notes.extend(tables.note);
    let program = subject.slug.clone();
    Ok((VerifiedProgram { program, chain, checks, notes }, entries))
}

/// Sums of tables, with the keys of the walk's.
struct Sums {
    listed: Listed,
    totals: Totals,
    told: Told,
}

/// Checks of what sealed events and transactions tell of other rows. Where the journal lists something
/// that is not there, what it told is not known.
async fn told(snapshot: &mut Snapshot, walk: Walk<'_>, is_listed: bool) -> Result<[Check; 3]> {
    let Walk { subject, told, voids, belonging, .. } = walk;
    let mut faults = [None, None];
    if is_listed {
        faults = [
            told.compare(snapshot, subject).await?,
            voided::compare(snapshot, subject, &voids).await?,
        ];
    }
    let [differs, not_void] = faults;
    let (memberships, belongs) = belonging.compare(snapshot, subject).await?;
    Ok([
        check("what events told", "rows", told.rows, [differs]),
        check("what was voided", "voids", voids.len() as u64, [not_void]),
        check(
            "who belongs to a group",
            "memberships",
            memberships,
            [belongs.filter(|_| is_listed)],
        ),
    ])
}

/// What is found in tables while the journal is followed.
struct Tables {
    recorded: Recorded,
    erased: Erased,
    pendings: Pendings,
    referrals: Referrals,
    order: Order,
    asked: Asked,
    cards: Cards,
    statistics: [Check; 2],
    note: Option<String>,
}

/// Reads whole tables, each once.
async fn tables(
    context: &Context,
    snapshot: &mut Snapshot,
    subject: &Subject,
    sums: &mut Sums,
) -> Result<Tables> {
    snapshot.whole().await?;
    let recorded = recorded::add_rows(snapshot, subject, &mut sums.listed).await?;
    sums.totals.add_tables(snapshot, subject.id).await?;
    sums.told.add_rows(snapshot, subject.id).await?;
    let pendings = pending::compare(snapshot, subject).await?;
    let apart = Apart { erased: &sums.told.erased, merged: &sums.told.merged };
    let referrals = referrals::compare(snapshot, subject, apart).await?;
    let order = spent::compare(snapshot, subject).await?;
    let asked = asked::compare(snapshot, subject).await?;
    let cards = cards::compare(snapshot, subject, &sums.told.merged).await?;
    let erased = erased::compare(snapshot, subject).await?;
    let (statistics, note) = statistics_and_tiers(context, snapshot, subject).await?;
    Ok(Tables { recorded, erased, pendings, referrals, order, asked, cards, statistics, note })
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
    readers: &mut Readers,
    walk: &mut Walk<'_>,
    parts: u64,
) -> Result<Option<Fault>> {
    let subject = walk.subject;
    let mut balances = std::mem::replace(&mut walk.balances, Balances::new(0, 1));
    let mut wrong = None;
    for part in 0..parts {
        if part > 0 {
            let next = Balances::new(part, parts);
            balances = walk.balances_of(snapshot, readers, next).await?;
        }
        let mut rows = snapshot.stream(WALLETS, [id(subject.id)]);
        while let Some(row) = rows.try_next().await? {
            let (account, point_type): (AccountId, String) =
                (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let wallet = Wallet {
                balance: row.try_get_by_index(2)?,
                pending: row.try_get_by_index(3)?,
                held: row.try_get_by_index(4)?,
                owed: row.try_get_by_index(5)?,
                earned: row.try_get_by_index(6)?,
            };
            if part == 0 {
                walk.totals.add_wallet(account, &point_type, &wallet);
            }
            let fault = balances.compare(account, &point_type, wallet.balance);
            wrong = wrong.or(fault);
        }
        drop(rows);
        wrong = wrong.or(balances.left());
        balances = Balances::new(0, 1);
    }
    Ok(wrong)
}

/// The checks, and why tiers were not compared.
async fn statistics_and_tiers(
    context: &Context,
    snapshot: &mut Snapshot,
    subject: &Subject,
) -> Result<([Check; 2], Option<String>)> {
    let definition = subject.source.as_ref().and_then(|source| context.assemble(source).ok());
    let ladder = definition.as_ref().filter(|_| !subject.is_settling).map(Definition::ladder);
    let note = ladder.is_none().then(|| {
        let why = match subject.is_settling {
            true => "tiers are being settled after a revision, so they were not compared",
            false => "the current revision cannot be read, so tiers were not compared",
        };
        why.to_owned()
    });
    Ok((statistics::compare(snapshot, subject, ladder).await?, note))
}
