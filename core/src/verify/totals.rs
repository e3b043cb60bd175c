//! Sums that have to be equal, of all accounts, transactions and lots at once and in any order: each
//! amount is multiplied by a hash of what it is of, and all of it is added up. Where the two sides of
//! one key differ, what is left is not zero, whatever the other keys have; then a statement names
//! the row.
//!
//! The hashes are of 128 bits and keyed anew in each run, so nobody can choose amounts that cancel
//! each other out.

use super::earned::{Earns, corrections};
use crate::db::{Snapshot, id};
use crate::sealing::{EntryRow, TransactionFound};
use crate::{AccountId, Id, ProgramId, Result};
use futures::TryStreamExt;
use sea_orm::QueryResult;
use std::hash::{BuildHasher, RandomState};
use uuid::Uuid;

/// What is compared: what is expected, less what is found. `sums` says what is of which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Total {
    Balanced,
    Moved,
    Wallets,
    Lots,
    Held,
    Owed,
    Reserved,
    Pending,
    Earned,
}

const TOTALS: usize = Total::Earned as usize + 1;

/// Sums of some rows; those of others can be added.
#[derive(Clone)]
pub(super) struct Totals {
    keys: [RandomState; 2],
    sums: [u128; TOTALS],
    pub(super) counts: Counts,
}

/// How many rows were added up.
#[derive(Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) transactions: u64,
    pub(super) entries: u64,
    pub(super) uses: u64,
    pub(super) returns: u64,
    pub(super) lots: u64,
    pub(super) wallets: u64,
}

impl Counts {
    /// How many rows of a table were added up; none of one that is not.
    pub(super) fn of(&self, table: &str) -> Option<u64> {
        Some(match table {
            "transactions" => self.transactions,
            "entries" => self.entries,
            "lot_uses" => self.uses,
            "lot_returns" => self.returns,
            "lots" => self.lots,
            "wallets" => self.wallets,
            _ => return None,
        })
    }
}

const LOTS: &str = "
    SELECT l.id, l.account_id, l.point_type, l.transaction_id, l.amount, l.remaining
    FROM lots AS l
    WHERE l.program_id = $1";
const DEBTS: &str = "
    SELECT d.transaction_id, d.account_id, d.point_type, d.amount
    FROM debts AS d
    WHERE d.program_id = $1";
const MOVES: &str = "
    SELECT m.transaction_id, m.amount
    FROM lot_moves AS m
    WHERE m.program_id = $1";
const HOLDS: &str = "
    SELECT h.account_id, h.point_type, h.points
    FROM holds AS h
    WHERE h.program_id = $1 AND h.ended_at IS NULL";

impl Totals {
    pub(super) fn new() -> Self {
        Self {
            keys: [RandomState::new(), RandomState::new()],
            sums: [0; TOTALS],
            counts: Counts::default(),
        }
    }

    /// Of nothing yet, with the same keys.
    pub(super) fn beside(&self) -> Self {
        Self { keys: self.keys.clone(), sums: [0; TOTALS], counts: Counts::default() }
    }

    /// Whether the two sides of a total are the same.
    pub(super) fn agree(&self, total: Total) -> bool {
        self.sums[total as usize] == 0
    }

    /// Adds the sums of other rows, which were made with the same keys.
    pub(super) fn join(&mut self, others: &Self) {
        for (sum, other) in self.sums.iter_mut().zip(others.sums) {
            *sum = sum.wrapping_add(other);
        }
        let (counts, others) = (&mut self.counts, others.counts);
        counts.transactions += others.transactions;
        counts.entries += others.entries;
        counts.uses += others.uses;
        counts.returns += others.returns;
        counts.lots += others.lots;
        counts.wallets += others.wallets;
    }

    fn hash(&self, id: Uuid, point_type: &str) -> u128 {
        let [high, low] = [0, 1].map(|key| self.keys[key].hash_one((id, point_type)));
        (u128::from(high) << 64) | u128::from(low)
    }

    fn add(&mut self, total: Total, hash: u128, amount: i64) {
        let sum = &mut self.sums[total as usize];
        *sum = sum.wrapping_add(i128::from(amount).cast_unsigned().wrapping_mul(hash));
    }

    /// A transaction that the journal lists.
    pub(super) fn add_transaction(&mut self, found: &TransactionFound) {
        let (transaction, earns) = (found.row.id.uuid(), Earns::of(&found.row));
        let mut moved: i64 = 0;
        if earns == Earns::Unknown {
            self.add(Total::Earned, self.hash(transaction, ""), 1);
        }
        for EntryRow { account_id, system_account, point_type, amount, .. } in &found.entries {
            let amount = amount.get();
            self.add(Total::Balanced, self.hash(transaction, point_type), amount);
            if let Some(account) = account_id {
                let hash = self.hash(account.uuid(), point_type);
                self.add(Total::Wallets, hash, amount);
                if *account == found.row.account_id && earns.count(amount) {
                    self.add(Total::Earned, hash, amount);
                }
                moved = moved.wrapping_sub(amount);
            } else if system_account.as_deref() == Some("PENDING") {
                let account = found.row.account_id.uuid();
                self.add(Total::Pending, self.hash(account, point_type), amount);
                moved = moved.wrapping_sub(amount);
            }
        }
        for row in &found.uses {
            let amount = row.amount.get().wrapping_neg();
            self.add(Total::Lots, self.hash(row.lot_id.uuid(), ""), amount);
            moved = moved.wrapping_add(amount);
        }
        for row in &found.returns {
            let amount = row.amount.get();
            self.add(Total::Lots, self.hash(row.lot_id.uuid(), ""), amount);
            moved = moved.wrapping_add(amount);
        }
        self.add(Total::Moved, self.hash(transaction, ""), moved);
        self.counts.transactions += 1;
        self.counts.entries += found.entries.len() as u64;
        self.counts.uses += found.uses.len() as u64;
        self.counts.returns += found.returns.len() as u64;
    }

    /// A wallet, with what counts there.
    pub(super) fn add_wallet(&mut self, account: AccountId, point_type: &str, wallet: &Wallet) {
        let Wallet { balance, pending, held, owed, earned } = *wallet;
        let hash = self.hash(account.uuid(), point_type);
        self.add(Total::Wallets, hash, balance.wrapping_neg());
        self.add(Total::Held, hash, balance.wrapping_add(owed).wrapping_add(pending));
        self.add(Total::Owed, hash, owed.wrapping_neg());
        self.add(Total::Reserved, hash, held.wrapping_neg());
        self.add(Total::Pending, hash, pending.wrapping_neg());
        self.add(Total::Earned, hash, earned.wrapping_neg());
        self.counts.wallets += 1;
    }

    /// What transactions and wallets do not say: lots, and what moved and ended beside them.
    pub(super) async fn add_tables(
        &mut self,
        snapshot: &mut Snapshot,
        id: ProgramId,
    ) -> Result<()> {
        each(snapshot, LOTS, id, |row| self.add_lot(row)).await?;
        each(snapshot, MOVES, id, |row| {
            let (transaction, amount) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            self.add(Total::Moved, self.hash(transaction, ""), amount);
            Ok(())
        })
        .await?;
        each(snapshot, DEBTS, id, |row| self.add_debt(row)).await?;
        let corrections = corrections(snapshot.backend());
        for (total, sql) in [(Total::Reserved, HOLDS), (Total::Earned, &corrections)] {
            each(snapshot, sql, id, |row| {
                let (account, point_type): (Uuid, String) =
                    (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                self.add(total, self.hash(account, &point_type), row.try_get_by_index(2)?);
                Ok(())
            })
            .await?;
        }
        Ok(())
    }

    fn add_lot(&mut self, row: &QueryResult) -> Result<()> {
        let (lot, account): (Uuid, Uuid) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let point_type: String = row.try_get_by_index(2)?;
        let (transaction, amount, remaining): (Uuid, i64, i64) =
            (row.try_get_by_index(3)?, row.try_get_by_index(4)?, row.try_get_by_index(5)?);
        self.add(Total::Moved, self.hash(transaction, ""), amount);
        self.add(Total::Lots, self.hash(lot, ""), amount.wrapping_sub(remaining));
        self.add(Total::Held, self.hash(account, &point_type), remaining.wrapping_neg());
        self.counts.lots += 1;
        Ok(())
    }

    fn add_debt(&mut self, row: &QueryResult) -> Result<()> {
        let (transaction, account): (Uuid, Uuid) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let (point_type, amount): (String, i64) =
            (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
        self.add(Total::Moved, self.hash(transaction, ""), amount.wrapping_neg());
        self.add(Total::Owed, self.hash(account, &point_type), amount);
        Ok(())
    }
}

/// What a wallet says.
pub(super) struct Wallet {
    pub(super) balance: i64,
    pub(super) pending: i64,
    pub(super) held: i64,
    pub(super) owed: i64,
    pub(super) earned: i64,
}

async fn each(
    snapshot: &mut Snapshot,
    sql: &str,
    program: ProgramId,
    mut call: impl FnMut(&QueryResult) -> Result<()>,
) -> Result<()> {
    let mut rows = snapshot.stream(sql, [id(program)]);
    while let Some(row) = rows.try_next().await? {
        call(&row)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_equal_key_by_key_agrees_in_any_order_and_parts() {
        let mut totals = Totals::new();
        let mut part = totals.beside();
        let accounts: Vec<_> = (0..100).map(|_| AccountId::new()).collect();
        let numbered: Vec<(i64, _)> = (0..).zip(&accounts).collect();
        for (number, account) in &numbered {
            let hash = totals.hash(account.uuid(), "POINTS");
            totals.add(Total::Owed, hash, *number);
        }
        for (number, account) in numbered.iter().rev() {
            let wallet = Wallet { balance: 0, pending: 0, held: 0, owed: *number, earned: 0 };
            part.add_wallet(**account, "POINTS", &wallet);
        }
        assert!(!totals.agree(Total::Owed) && !part.agree(Total::Owed));
        totals.join(&part);
        assert!(totals.agree(Total::Owed));
        assert_eq!(totals.counts.wallets, 100);
        // From one to another, so that all together is what it was.
        for (account, amount) in [(accounts[3], 1), (accounts[4], -1)] {
            totals.add(Total::Owed, totals.hash(account.uuid(), "POINTS"), amount);
        }
        assert!(!totals.agree(Total::Owed));
        let other_type = totals.hash(accounts[3].uuid(), "MILES");
        assert_ne!(totals.hash(accounts[3].uuid(), "POINTS"), other_type);
    }
}
