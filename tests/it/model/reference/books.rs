//! The books: lots, what is owed, holds, and the transactions that tell how it came to them, of
//! whichever wallet. What belongs to whom follows from who is merged into whom.

pub(in crate::model) use super::records::{
    Counts, Hold, Lot, Merged, State, Transaction, Use, Waits, Wallet,
};

use super::terms::{BONUS, Terms};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

pub(in crate::model) type Refusal = &'static str;

#[derive(Clone, Debug)]
pub(in crate::model) struct Books {
    pub(in crate::model) terms: Terms,
    pub(in crate::model) lots: Vec<Lot>,
    /// In the order in which they were written.
    pub(in crate::model) transactions: Vec<Transaction>,
    pub(in crate::model) wallets: BTreeMap<String, Wallet>,
    pub(in crate::model) holds: Vec<Hold>,
    pub(in crate::model) counts: BTreeMap<String, Counts>,
    /// When members did something.
    pub(in crate::model) active: BTreeMap<String, BTreeSet<Timestamp>>,
    pub(in crate::model) merged: BTreeMap<String, Merged>,
}

/// The wallet of somebody's points of the second type. That of the main ones has the member's name.
pub(in crate::model) fn bonus_of(name: &str) -> String {
    format!("{name} {BONUS}")
}

/// Whose a wallet is.
pub(in crate::model) fn member_of(wallet: &str) -> &str {
    wallet.split(' ').next().unwrap()
}

pub(in crate::model) fn is_bonus(wallet: &str) -> bool {
    wallet != member_of(wallet)
}

impl Books {
    pub(in crate::model) fn new(terms: Terms) -> Self {
        Self {
            terms,
            lots: Vec::new(),
            transactions: Vec::new(),
            wallets: BTreeMap::new(),
            holds: Vec::new(),
            counts: BTreeMap::new(),
            active: BTreeMap::new(),
            merged: BTreeMap::new(),
        }
    }

    /// Whoever somebody is now.
    pub(in crate::model) fn root(&self, name: &str) -> String {
        let mut name = name;
        while let Some(merged) = self.merged.get(name) {
            name = &merged.into;
        }
        name.to_owned()
    }

    /// Whether what is of the one is the other's, or of somebody who came along with it.
    pub(in crate::model) fn is_of(&self, name: &str, whose: &str) -> bool {
        let mut name = name;
        while name != whose {
            match self.merged.get(name) {
                Some(merged) => name = &merged.into,
                None => return false,
            }
        }
        true
    }

    pub(in crate::model) fn wallet(&mut self, of: &str) -> &mut Wallet {
        self.wallets.entry(of.to_owned()).or_default()
    }

    pub(in crate::model) fn owed(&self, of: &str) -> i64 {
        self.wallets.get(of).map_or(0, |wallet| wallet.owed)
    }

    pub(in crate::model) fn count(&mut self, of: &str) -> &mut Counts {
        self.counts.entry(of.to_owned()).or_default()
    }

    /// What is counted of somebody and of whoever is merged into it.
    pub(in crate::model) fn counted(&self, of: &str) -> Counts {
        let own = self.counts.iter().filter(|(name, _)| self.is_of(name, of));
        own.fold(Counts::default(), |sum, (_, one)| Counts {
            purchases: sum.purchases + one.purchases,
            for_groups: sum.for_groups + one.for_groups,
            spent: sum.spent + one.spent,
            earned: sum.earned + one.earned,
        })
    }

    pub(in crate::model) fn lots_of(&self, of: &str) -> impl Iterator<Item = usize> {
        (0..self.lots.len()).filter(move |lot| self.lots[*lot].owner == of)
    }

    /// What remains in lots that can be spent.
    pub(in crate::model) fn open(&self, of: &str) -> i64 {
        let open = self.lots_of(of).filter(|lot| self.lots[*lot].waits.is_none());
        open.map(|lot| self.lots[lot].remaining).sum()
    }

    pub(in crate::model) fn balance(&self, of: &str) -> i64 {
        self.open(of) - self.owed(of)
    }

    pub(in crate::model) fn pending(&self, of: &str) -> i64 {
        let pending = self.lots_of(of).filter(|lot| self.lots[*lot].waits.is_some());
        pending.map(|lot| self.lots[lot].remaining).sum()
    }

    pub(in crate::model) fn held(&self, of: &str) -> i64 {
        let is_open = |hold: &&Hold| hold.state == State::Open && hold.owner == of;
        self.holds.iter().filter(is_open).map(|hold| hold.points).sum()
    }

    /// When a lot expires, by what is known now.
    pub(in crate::model) fn end_of(&self, lot: usize) -> Option<Timestamp> {
        let lot = &self.lots[lot];
        match lot.slides {
            true => self.wallets.get(&lot.owner).and_then(|wallet| wallet.lasts),
            false => lot.expires,
        }
    }

    /// What expires, by when.
    pub(in crate::model) fn expiring(&self, of: &str) -> BTreeMap<Timestamp, i64> {
        let mut expiring = BTreeMap::new();
        for lot in self.lots_of(of).filter(|lot| self.lots[*lot].waits.is_none()) {
            let remaining = self.lots[lot].remaining;
            if let Some(at) = self.end_of(lot).filter(|_| remaining > 0) {
                *expiring.entry(at).or_default() += remaining;
            }
        }
        expiring
    }

    /// Indexes of the transactions of somebody and of whoever is merged into it, the last that took
    /// effect first.
    pub(in crate::model) fn statement(&self, of: &str) -> Vec<usize> {
        let mut all: Vec<_> = (0..self.transactions.len())
            .filter(|index| self.is_of(&self.transactions[*index].member, of))
            .collect();
        all.sort_by_key(|index| (self.transactions[*index].at, *index));
        all.reverse();
        all
    }

    /// What could be spent at an instant, by all that is known now; what came with a merge since
    /// then.
    pub(in crate::model) fn balance_at(&self, of: &str, at: Timestamp) -> i64 {
        let own = self.transactions.iter().filter(|one| one.wallet == of);
        own.filter(|one| one.at <= at && !one.is_aside).map(|one| one.points).sum()
    }

    /// How many transactions were recorded of a member.
    pub(in crate::model) fn written(&self, of: &str) -> usize {
        self.transactions.iter().filter(|one| one.member == of).count()
    }

    /// The index of a member's transaction by its number.
    pub(in crate::model) fn find(&self, name: impl Fn(&Transaction) -> bool) -> Option<usize> {
        self.transactions.iter().position(name)
    }

    /// Writes a transaction; what it did to lots is done.
    pub(in crate::model) fn post(
        &mut self,
        of: &str,
        kind: &'static str,
        points: i64,
        at: Timestamp,
    ) -> &mut Transaction {
        let balance_after = self.balance(of);
        let number = self.written(member_of(of));
        self.transactions.push(Transaction {
            member: member_of(of).to_owned(),
            wallet: of.to_owned(),
            counts_for: of.to_owned(),
            number,
            kind,
            points,
            at,
            balance_after,
            is_aside: false,
            made: None,
            used: Vec::new(),
            counts: false,
            is_given: false,
            taken: 0,
            voided: None,
            order: None,
        });
        self.transactions.last_mut().unwrap()
    }

    /// The index of what was written last.
    pub(in crate::model) fn last(&self) -> usize {
        self.transactions.len() - 1
    }
}
