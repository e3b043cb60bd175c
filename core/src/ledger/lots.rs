//! Lots: which points are spent first, and which are past their time. Expiry is decided when anybody looks, so that a late
//! sweeper never changes an answer; the sweeper only writes down what is already true.

use super::Kind;
use super::batch::{Account, Batch, LotPart};
use crate::db::rows::{self, Field};
use crate::events::NewEvent;
use crate::members::Locked;
use crate::{
    Code, Error, LotId, MemberId, Points, ProgramId, Result, Timestamp, TransactionId, WalletId,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult};
use serde_json::json;
use std::collections::BTreeMap;

/// An open lot.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub(crate) struct Lot {
    pub(crate) id: LotId,
    pub(crate) wallet_id: WalletId,
    pub(crate) remaining: Points,
    pub(crate) expires_at: Option<Timestamp>,
}

/// Chooses from `lots`, which come in the order of their expiry, what covers `points`.
pub(crate) fn first_expiring_first(lots: &[Lot], points: Points) -> Result<Vec<LotPart>> {
    let mut missing = points;
    let mut parts = Vec::new();
    for lot in lots {
        if missing == Points::ZERO {
            break;
        }
        let taken = missing.min(lot.remaining);
        parts.push(LotPart { lot: lot.id, points: taken });
        missing = missing.minus(taken)?;
    }
    if missing.is_positive() {
        return Err(Error::internal(format!("open lots lack {missing} points of the balance")));
    }
    Ok(parts)
}

/// The open lots of a wallet, the first to expire first.
pub(crate) async fn open(
    connection: &impl ConnectionTrait,
    program: ProgramId,
    wallet: WalletId,
) -> Result<Vec<Lot>> {
    const SELECT: &str = "SELECT id, wallet_id, remaining, expires_at FROM lots \
         WHERE program_id = $1 AND wallet_id = $2 AND remaining > 0 \
         ORDER BY CASE WHEN expires_at IS NULL THEN 1 ELSE 0 END, expires_at, id";
    let statement = rows::sql(connection, SELECT, [rows::id(program), rows::id(wallet)]);
    Ok(Lot::find_by_statement(statement).all(connection).await?)
}

/// Takes what expired by `now` out of the locked members' wallets; answers the events that tell of it.
pub(crate) async fn expire(
    tx: &DatabaseTransaction,
    batch: &mut Batch,
    program: ProgramId,
    locked: &mut BTreeMap<MemberId, Locked>,
    now: Timestamp,
) -> Result<Vec<NewEvent>> {
    let mut events = Vec::new();
    let due = due(tx, program, locked.values().map(|member| member.wallet), now).await?;
    if due.is_empty() {
        return Ok(events);
    }
    for member in locked.values_mut() {
        let mut by_instant: BTreeMap<Timestamp, Vec<LotPart>> = BTreeMap::new();
        for lot in due.iter().filter(|lot| lot.wallet_id == member.wallet) {
            let part = LotPart { lot: lot.id, points: lot.remaining };
            by_instant.entry(lot.expires_at.unwrap_or(now)).or_default().push(part);
        }
        for (at, parts) in by_instant {
            let points = Points::sum(parts.iter().map(|part| part.points))?;
            let why = json!({ "reason": "expired" });
            let id = batch.take(member, Kind::Expire, Account::Breakage, &parts, at, why)?;
            let data = json!({ "transactionId": id, "points": points, "balance": member.balance });
            events.push(NewEvent::of(member, "points-expired", at, data));
        }
    }
    Ok(events)
}

/// What is spent, when and why.
#[derive(Debug)]
pub(crate) struct Spending {
    pub(crate) points: Points,
    pub(crate) at: Timestamp,
    pub(crate) explanation: serde_json::Value,
}

/// Spends the points of a locked member whose due lots were expired in this batch. Fails with `INSUFFICIENT_POINTS`.
pub(crate) async fn spend(
    tx: &DatabaseTransaction,
    batch: &mut Batch,
    program: ProgramId,
    member: &mut Locked,
    spending: Spending,
) -> Result<TransactionId> {
    let Spending { points, at, explanation } = spending;
    if member.balance < points {
        let lack = points.minus(member.balance)?;
        return Err(Error::new(
            Code::InsufficientPoints,
            format!(
                "this costs {points} points, the balance is {}: {lack} are missing",
                member.balance
            ),
        ));
    }
    let mut lots = open(tx, program, member.wallet).await?;
    lots.retain(|lot| lot.expires_at.is_none_or(|expiry| expiry > at));
    let parts = first_expiring_first(&lots, points)?;
    batch.take(member, Kind::Spend, Account::Redeemed, &parts, at, explanation)
}

async fn due(
    connection: &impl ConnectionTrait,
    program: ProgramId,
    wallets: impl Iterator<Item = WalletId>,
    now: Timestamp,
) -> Result<Vec<Lot>> {
    const FIELDS: &rows::Fields =
        &[("program_id", Field::Id), ("wallet_id", Field::Id), ("now", Field::Int)];
    const SELECT: &str = "SELECT l.id, l.wallet_id, l.remaining, l.expires_at FROM {rows} AS r \
         JOIN lots l ON l.program_id = r.program_id AND l.wallet_id = r.wallet_id \
         WHERE l.remaining > 0 AND l.expires_at <= r.now ORDER BY l.expires_at, l.id";
    let row = |wallet: WalletId| {
        json!({
            "program_id": rows::hex_text(program),
            "wallet_id": rows::hex_text(wallet),
            "now": now.microseconds(),
        })
    };
    let keys: Vec<_> = wallets.map(row).collect();
    rows::query(connection, SELECT, FIELDS, &keys).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lots(amounts: &[i64]) -> Vec<Lot> {
        let lot = |amount: &i64| Lot {
            id: LotId::new(),
            wallet_id: WalletId::new(),
            remaining: Points::new(*amount),
            expires_at: None,
        };
        amounts.iter().map(lot).collect()
    }

    proptest! {
        #[test]
        fn what_is_spent_comes_from_the_first_lots_and_from_no_later_one(
            amounts in prop::collection::vec(1_i64..1_000_000, 1..20),
            share in 0.0_f64..=1.0,
        ) {
            let total: i64 = amounts.iter().sum();
            #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a share of small sums")]
            let points = ((total as f64 * share) as i64).max(1);
            let lots = lots(&amounts);
            let parts = first_expiring_first(&lots, Points::new(points)).unwrap();
            prop_assert_eq!(parts.iter().map(|part| part.points.get()).sum::<i64>(), points);
            for (index, part) in parts.iter().enumerate() {
                prop_assert_eq!(part.lot, lots[index].id);
                let is_last = index + 1 == parts.len();
                prop_assert!(is_last || part.points == lots[index].remaining, "only the last lot is split");
                prop_assert!(part.points.is_positive() && part.points <= lots[index].remaining);
            }
        }

        #[test]
        fn spending_in_two_steps_takes_what_spending_at_once_takes(
            amounts in prop::collection::vec(1_i64..1000, 1..20),
            first in 1_i64..500,
            second in 1_i64..500,
        ) {
            let total: i64 = amounts.iter().sum();
            prop_assume!(first + second <= total);
            let mut lots = lots(&amounts);
            let at_once = taken(&lots, &first_expiring_first(&lots, Points::new(first + second)).unwrap());
            let one = first_expiring_first(&lots, Points::new(first)).unwrap();
            let mut in_steps = taken(&lots, &one);
            for (lot, used) in lots.iter_mut().zip(&in_steps) {
                lot.remaining = Points::new(lot.remaining.get() - used);
            }
            let open: Vec<Lot> = lots.iter().copied().filter(|lot| lot.remaining.is_positive()).collect();
            let two = first_expiring_first(&open, Points::new(second)).unwrap();
            for (used, more) in in_steps.iter_mut().zip(taken(&lots, &two)) {
                *used += more;
            }
            prop_assert_eq!(in_steps, at_once);
        }

        #[test]
        fn more_than_there_is_cannot_be_taken(amounts in prop::collection::vec(1_i64..1000, 0..10)) {
            let total: i64 = amounts.iter().sum();
            prop_assert!(first_expiring_first(&lots(&amounts), Points::new(total + 1)).is_err());
        }
    }

    /// What each lot loses.
    fn taken(lots: &[Lot], parts: &[LotPart]) -> Vec<i64> {
        let of = |lot: &Lot| {
            parts.iter().filter(|part| part.lot == lot.id).map(|part| part.points.get()).sum()
        };
        lots.iter().map(of).collect()
    }
}
