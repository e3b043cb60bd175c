//! What a changed state writes.

use super::PointType;
use super::state::MemberState;
use super::wallet::Lot;
use crate::db::{JsonRows, Writes, row};
use crate::{AccountId, LotId, Points, Timestamp, TransactionId};

row! {
    struct AccountRow {
        id: AccountId,
        kind: &'static str,
        version: i64,
        event_seq: i64,
        purchases: i64,
        spent_minor: i64,
        points_earned: i64,
        first_purchase_at: Option<Timestamp>,
        last_purchase_at: Option<Timestamp>,
        tier: Option<String>,
        tier_since: Option<Timestamp>,
        next_expiry_at: Option<Timestamp>,
    }
}

row! {
    struct WalletRow {
        account_id: AccountId,
        point_type: PointType,
        balance: Points,
        pending: Points,
        held: Points,
    }
}

row! {
    struct LotRow {
        account_id: AccountId,
        id: LotId,
        point_type: PointType,
        transaction_id: TransactionId,
        earned_at: Timestamp,
        expires_at: Option<Timestamp>,
        amount: Points,
        remaining: Points,
    }
}

/// Nothing of an operation is written unless every account is at the version that was read: one
/// that moved on sets its version to nothing, which the column refuses, and all the rest with it.
/// The rows are locked in the order of their ids.
const ACCOUNTS: &str = "
    INSERT INTO accounts (program_id, id, kind, version, event_seq, purchases, spent_minor, points_earned,
        first_purchase_at, last_purchase_at, tier, tier_since, next_expiry_at)
    SELECT $1, id, kind, version + 1, event_seq, purchases, spent_minor, points_earned,
        first_purchase_at, last_purchase_at, tier, tier_since, next_expiry_at
    FROM {rows} AS r
    WHERE true
    ORDER BY id
    ON CONFLICT (program_id, id) DO UPDATE
    SET version = CASE
            WHEN accounts.version = excluded.version - 1 THEN excluded.version
        END,
        event_seq = excluded.event_seq,
        purchases = excluded.purchases,
        spent_minor = excluded.spent_minor,
        points_earned = excluded.points_earned,
        first_purchase_at = excluded.first_purchase_at,
        last_purchase_at = excluded.last_purchase_at,
        tier = excluded.tier,
        tier_since = excluded.tier_since,
        next_expiry_at = excluded.next_expiry_at";
const WALLETS: &str = "
    INSERT INTO wallets (program_id, account_id, point_type, balance, pending, held)
    SELECT $1, account_id, point_type, balance, pending, held
    FROM {rows} AS r
    WHERE true
    ON CONFLICT (program_id, account_id, point_type) DO UPDATE
    SET balance = excluded.balance, pending = excluded.pending, held = excluded.held";
const LOTS: &str = "
    INSERT INTO lots (program_id, account_id, id, point_type, transaction_id, earned_at, expires_at,
        amount, remaining)
    SELECT $1, account_id, id, point_type, transaction_id, earned_at, expires_at, amount, remaining
    FROM {rows} AS r
    WHERE true
    ON CONFLICT (program_id, account_id, id) DO UPDATE
    SET remaining = excluded.remaining";

/// Writes what became of states since they were read as `before`; one that did not change is not
/// written.
pub(crate) fn write<'s>(
    writes: &mut Writes,
    changed: impl IntoIterator<Item = (&'s MemberState, &'s MemberState)>,
) {
    let mut guarded = JsonRows::new();
    for (before, after) in changed {
        if before == after && !after.is_new() {
            continue;
        }
        guarded.push(&AccountRow::of(after));
        for (point_type, wallet) in &after.wallets {
            if before.wallets.get(point_type) != Some(wallet) {
                writes.run(
                    WALLETS,
                    &WalletRow {
                        account_id: after.account,
                        point_type: point_type.clone(),
                        balance: wallet.balance,
                        pending: wallet.pending,
                        held: wallet.held,
                    },
                );
            }
        }
        for lot in after.lots.iter().filter(|lot| lot.has_changed()) {
            writes.run(LOTS, &LotRow::of(after.account, lot));
        }
    }
    writes.guard::<AccountRow>(ACCOUNTS, guarded);
}

impl LotRow {
    fn of(account_id: AccountId, lot: &Lot) -> Self {
        Self {
            account_id,
            id: lot.id,
            point_type: lot.point_type.clone(),
            transaction_id: lot.transaction,
            earned_at: lot.earned_at,
            expires_at: lot.expires_at,
            amount: lot.amount,
            remaining: lot.remaining,
        }
    }
}

impl AccountRow {
    fn of(state: &MemberState) -> Self {
        let standing = &state.standing;
        Self {
            id: state.account,
            kind: "MEMBER",
            version: state.version,
            event_seq: state.event_seq,
            purchases: standing.purchases,
            spent_minor: standing.spent_minor,
            points_earned: standing.points_earned,
            first_purchase_at: standing.first_purchase_at,
            last_purchase_at: standing.last_purchase_at,
            tier: standing.tier.clone(),
            tier_since: standing.tier_since,
            next_expiry_at: state.next_expiry_at,
        }
    }
}
