//! What a changed state writes.

use super::rows::{AccountRow, LotRow, WalletRow};
use super::state::MemberState;
use crate::db::{JsonRows, Writes};

/// Nothing of an operation is written unless every account is at the version that was read: one
/// that moved on sets its version to nothing, which the column refuses, and all the rest with it.
/// The rows are locked in the order of their ids.
const ACCOUNTS: &str = "
    INSERT INTO accounts (program_id, id, kind, version, event_seq, purchases,
        purchases_for_groups, spent_minor, first_purchase_at, last_purchase_at, tier, tier_since,
        next_expiry_at, erased_at, parked)
    SELECT $1, id, kind, version + 1, event_seq, purchases, purchases_for_groups,
        spent_minor, first_purchase_at, last_purchase_at, tier, tier_since, next_expiry_at, erased_at,
        parked
    FROM {rows} AS r
    WHERE true
    ORDER BY id
    ON CONFLICT (program_id, id) DO UPDATE
    SET version = CASE
            WHEN accounts.version = excluded.version - 1 THEN excluded.version
        END,
        event_seq = excluded.event_seq,
        purchases = excluded.purchases,
        purchases_for_groups = excluded.purchases_for_groups,
        spent_minor = excluded.spent_minor,
        first_purchase_at = excluded.first_purchase_at,
        last_purchase_at = excluded.last_purchase_at,
        tier = excluded.tier,
        tier_since = excluded.tier_since,
        next_expiry_at = excluded.next_expiry_at,
        erased_at = excluded.erased_at,
        parked = excluded.parked";
const WALLETS: &str = "
    INSERT INTO wallets (program_id, account_id, point_type, balance, owed, pending, held, earned,
        lasts_until)
    SELECT $1, account_id, point_type, balance, owed, pending, held, earned, lasts_until
    FROM {rows} AS r
    WHERE true
    ON CONFLICT (program_id, account_id, point_type) DO UPDATE
    SET balance = excluded.balance, owed = excluded.owed, pending = excluded.pending,
        held = excluded.held, earned = excluded.earned, lasts_until = excluded.lasts_until";
const LOTS: &str = "
    INSERT INTO lots (program_id, account_id, id, point_type, transaction_id, earned_at, expires_at,
        slides, in_grace, pending_until, amount, remaining)
    SELECT $1, account_id, id, point_type, transaction_id, earned_at, expires_at, slides, in_grace,
        pending_until, amount, remaining
    FROM {rows} AS r
    WHERE true
    ON CONFLICT (program_id, account_id, id) DO UPDATE
    SET remaining = excluded.remaining, expires_at = excluded.expires_at,
        slides = excluded.slides, in_grace = excluded.in_grace, pending_until = excluded.pending_until";

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
            let earned = |state: &MemberState| state.standing.points_earned(point_type);
            if before.wallets.get(point_type) != Some(wallet) || earned(before) != earned(after) {
                writes.run(WALLETS, &WalletRow::of(after, point_type, wallet));
            }
        }
        for lot in after.lots.iter().filter(|lot| lot.has_changed()) {
            writes.run(LOTS, &LotRow::of(after.account, lot));
        }
    }
    writes.guard::<AccountRow>(ACCOUNTS, guarded);
}
