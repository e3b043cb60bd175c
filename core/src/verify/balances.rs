//! What each wallet held after each of its entries, in the order of the journal. Pure.

use super::looked::{Move, number_of};
use super::report::Fault;
use crate::{AccountId, Id};
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

/// Whether an account is of a part among so many.
pub(super) fn has((part, parts): (u64, u64), account: AccountId) -> bool {
    // The last bytes of an id are random.
    parts == 1 || u64::try_from(account.uuid().as_u128() % u128::from(parts)) == Ok(part)
}

impl Balances {
    pub(super) fn new(part: u64, parts: u64) -> Self {
        Self { part, parts, point_types: Vec::new(), held: HashMap::new() }
    }

    /// Goes on by some moves, which name types of points by their place among `point_types`; returns
    /// what is wrong first.
    pub(super) fn follow(&mut self, moves: &[Move], point_types: &[String]) -> Option<Fault> {
        let numbers: Vec<_> = point_types.iter().map(|name| self.point_type(name)).collect();
        let mut wrong = None;
        for entry in moves {
            let fault = self.add(entry, numbers[entry.point_type]);
            wrong = wrong.or(fault);
        }
        wrong
    }

    fn add(&mut self, entry: &Move, point_type: usize) -> Option<Fault> {
        if !has((self.part, self.parts), entry.account) {
            return None;
        }
        let held = self.held.entry((entry.account, point_type)).or_default();
        let expected = held.checked_add(entry.amount);
        let found = entry.balance_after;
        // What it says is gone on with, so that one wrong row is one fault.
        *held = found.or(expected).unwrap_or_default();
        (expected != found).then(|| {
            let key = format!("{} {}", entry.transaction, entry.seq);
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
        if !has((self.part, self.parts), account) {
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
        number_of(&mut self.point_types, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TransactionId;

    fn add(balances: &mut Balances, account: AccountId, amount: i64, after: i64) -> Option<Fault> {
        let transaction = TransactionId::new();
        let balance_after = Some(after);
        let one = Move { transaction, seq: 1, account, point_type: 0, amount, balance_after };
        balances.follow(&[one], &["POINTS".to_owned()])
    }

    #[test]
    fn of_more_wallets_than_fit_each_is_followed_in_one_part() {
        assert_eq!([0, 1, WALLETS_MAX, WALLETS_MAX + 1].map(parts), [1, 1, 1, 2]);
        let accounts: Vec<AccountId> = (0..100).map(|_| AccountId::new()).collect();
        let mut followed = 0;
        for part in 0..3 {
            let mut balances = Balances::new(part, 3);
            for account in &accounts {
                assert_eq!(add(&mut balances, *account, 5, 5), None);
                assert_eq!(add(&mut balances, *account, -2, 3), None);
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
        let steps = [(5, 5), (3, 9), (1, 10)];
        let add = |(amount, after)| add(&mut balances, account, amount, after);
        let faults = steps.map(add);
        assert_eq!(faults.iter().filter(|fault| fault.is_some()).count(), 1);
        assert_eq!(faults[1].as_ref().unwrap().expected, "balance_after 8");
        assert_eq!(balances.left().unwrap().found, "no row");
    }
}
