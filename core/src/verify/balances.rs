//! What each wallet held after each of its entries, in the order of the journal. Pure.

use super::report::Fault;
use crate::sealing::EntryRow;
use crate::{AccountId, Id, Points, TransactionId};
use std::collections::HashMap;

/// The most wallets that are followed at a time; of more, a part after the other, for each of which
/// the transactions are read again.
const WALLETS_MAX: u64 = 1 << 20;

/// Running balances of the wallets of one part.
pub(super) struct Balances {
    part: u64,
    parts: u64,
    point_types: Vec<String>,
    held: HashMap<(AccountId, usize), i64>,
}

/// How many parts so many wallets are.
pub(super) const fn parts(wallets: u64) -> u64 {
    match wallets.div_ceil(WALLETS_MAX) {
        0 => 1,
        parts => parts,
    }
}

impl Balances {
    pub(super) fn new(part: u64, parts: u64) -> Self {
        Self { part, parts, point_types: Vec::new(), held: HashMap::new() }
    }

    /// Whether the wallets of an account are of this part.
    fn has(&self, account: AccountId) -> bool {
        // The last bytes of an id are random.
        u64::try_from(account.uuid().as_u128() % u128::from(self.parts)) == Ok(self.part)
    }

    /// Goes on by an entry; returns what is wrong with it.
    pub(super) fn add(&mut self, transaction: TransactionId, entry: &EntryRow) -> Option<Fault> {
        let account = entry.account_id.filter(|account| self.has(*account))?;
        let point_type = self.point_type(&entry.point_type);
        let held = self.held.entry((account, point_type)).or_default();
        let expected = held.checked_add(entry.amount.get());
        let found = entry.balance_after.map(Points::get);
        // What it says is gone on with, so that one wrong row is one fault.
        *held = found.or(expected).unwrap_or_default();
        (expected != found).then(|| {
            let key = format!("{transaction} {}", entry.seq);
            let shown = |points: Option<i64>| {
                points.map_or("none".to_owned(), |points| format!("balance_after {points}"))
            };
            Fault::new("entries", key, shown(expected), shown(found))
        })
    }

    /// Compares a wallet with its last entry.
    pub(super) fn compare(
        &mut self,
        account: AccountId,
        point_type: &str,
        balance: i64,
    ) -> Option<Fault> {
        if !self.has(account) {
            return None;
        }
        let point_type_number = self.point_type(point_type);
        let last = self.held.remove(&(account, point_type_number)).unwrap_or_default();
        (last != balance).then(|| {
            let key = format!("{account} {point_type}");
            Fault::new("wallets", key, format!("balance {last}"), format!("balance {balance}"))
        })
    }

    /// An account that has points and no wallet.
    pub(super) fn left(self) -> Option<Fault> {
        let mut left = self.held.into_iter().filter(|(_, held)| *held != 0);
        let ((account, _), held) = left.next()?;
        Some(Fault::new("wallets", account, format!("balance {held}"), "no row"))
    }

    fn point_type(&mut self, name: &str) -> usize {
        // A program has one, or a few.
        self.point_types.iter().position(|known| known == name).unwrap_or_else(|| {
            self.point_types.push(name.to_owned());
            self.point_types.len() - 1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(account: AccountId, amount: i64, after: i64) -> EntryRow {
        EntryRow {
            transaction_id: TransactionId::new(),
            seq: 1,
            account_id: Some(account),
            system_account: None,
            point_type: "POINTS".to_owned(),
            amount: Points::new(amount),
            balance_after: Some(Points::new(after)),
        }
    }

    #[test]
    fn of_more_wallets_than_fit_each_is_followed_in_one_part() {
        assert_eq!([0, 1, WALLETS_MAX, WALLETS_MAX + 1].map(parts), [1, 1, 1, 2]);
        let accounts: Vec<AccountId> = (0..100).map(|_| AccountId::new()).collect();
        let mut followed = 0;
        for part in 0..3 {
            let mut balances = Balances::new(part, 3);
            for account in &accounts {
                let id = TransactionId::new();
                assert_eq!(balances.add(id, &entry(*account, 5, 5)), None);
                assert_eq!(balances.add(id, &entry(*account, -2, 3)), None);
            }
            let wrong = accounts.iter().filter_map(|id| balances.compare(*id, "POINTS", 4));
            followed += wrong.count();
            assert_eq!(balances.left(), None);
        }
        assert_eq!(followed, 100, "each wallet is compared once");
    }

    #[test]
    fn one_wrong_entry_is_one_fault() {
        let (mut balances, account) = (Balances::new(0, 1), AccountId::new());
        let id = TransactionId::new();
        let after = [(5, 5), (3, 9), (1, 10)];
        let add = |(amount, after): &(i64, i64)| balances.add(id, &entry(account, *amount, *after));
        let faults: Vec<_> = after.iter().map(add).collect();
        assert_eq!(faults.iter().filter(|fault| fault.is_some()).count(), 1);
        assert_eq!(faults[1].as_ref().unwrap().expected, "balance_after 8");
        assert_eq!(balances.left().unwrap().found, "no row");
    }
}
