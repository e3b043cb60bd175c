//! What the books are made of: lots, transactions, holds, and what is kept of a wallet and of a member.

use jiff::Timestamp;

/// Points that came together and expire together.
#[derive(Clone, Debug)]
pub(in crate::model) struct Lot {
    pub(in crate::model) owner: String,
    /// Of whom the transaction was recorded that made it.
    pub(in crate::model) maker: String,
    /// When it expires; while it slides, its owner's instant is meant.
    pub(in crate::model) expires: Option<Timestamp>,
    pub(in crate::model) slides: bool,
    /// When it ended that slid.
    pub(in crate::model) ended: Option<Timestamp>,
    /// Its time was over when something came back to it: it lasts for the days of grace.
    pub(in crate::model) graced: bool,
    /// It cannot be spent yet.
    pub(in crate::model) waits: Option<Waits>,
    pub(in crate::model) amount: i64,
    pub(in crate::model) remaining: i64,
    /// What has expired of it and did not come back.
    pub(in crate::model) expired: i64,
    /// What of that was left out when it should have been taken back: it does not come back.
    pub(in crate::model) lost: i64,
}

/// What pending points wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) enum Waits {
    Until(Timestamp),
    Event,
}

/// So many points of the lot with this index, and how many of them came back to it.
#[derive(Clone, Copy, Debug)]
pub(in crate::model) struct Use {
    pub(in crate::model) lot: usize,
    pub(in crate::model) points: i64,
    pub(in crate::model) back: i64,
}

#[derive(Clone, Debug)]
pub(in crate::model) struct Transaction {
    /// The member of whom it was recorded, the wallet, and its number among the member's.
    pub(in crate::model) member: String,
    pub(in crate::model) wallet: String,
    /// In whose statistics it counts, if it does.
    pub(in crate::model) counts_for: String,
    pub(in crate::model) number: usize,
    pub(in crate::model) kind: &'static str,
    pub(in crate::model) points: i64,
    pub(in crate::model) at: Timestamp,
    pub(in crate::model) balance_after: i64,
    /// Whether it is about what is pending, so that the balance stays.
    pub(in crate::model) is_aside: bool,
    /// The lot that it made or let be spent.
    pub(in crate::model) made: Option<usize>,
    /// Out of which lots it took.
    pub(in crate::model) used: Vec<Use>,
    /// Whether it counts among what was earned.
    pub(in crate::model) counts: bool,
    /// Whether caps count it.
    pub(in crate::model) is_given: bool,
    /// What was taken back of it.
    pub(in crate::model) taken: i64,
    /// The transaction that made it good.
    pub(in crate::model) voided: Option<usize>,
    /// The purchase that it is about.
    pub(in crate::model) order: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) enum State {
    Open,
    Captured,
    Released,
    Expired,
}

#[derive(Clone, Debug)]
pub(in crate::model) struct Hold {
    pub(in crate::model) owner: String,
    /// As it was asked for.
    pub(in crate::model) name: String,
    /// Of whom it was recorded, and under which key.
    pub(in crate::model) member: String,
    pub(in crate::model) key: String,
    pub(in crate::model) points: i64,
    pub(in crate::model) captured: i64,
    pub(in crate::model) ends: Timestamp,
    pub(in crate::model) ended: Option<Timestamp>,
    pub(in crate::model) state: State,
    /// Whether it has paid for a purchase: nobody else has captured it.
    pub(in crate::model) has_paid: bool,
    pub(in crate::model) parts: Vec<Use>,
}

#[derive(Clone, Debug, Default)]
pub(in crate::model) struct Wallet {
    pub(in crate::model) owed: i64,
    /// Until when the lots last that slide.
    pub(in crate::model) lasts: Option<Timestamp>,
}

/// Into whom somebody is merged, and what it owed then.
#[derive(Clone, Debug)]
pub(in crate::model) struct Merged {
    pub(in crate::model) into: String,
    pub(in crate::model) owed: i64,
}

/// What is counted of a member, by what was recorded of it.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::model) struct Counts {
    pub(in crate::model) purchases: i64,
    /// Those that count for a group alone.
    pub(in crate::model) for_groups: i64,
    pub(in crate::model) spent: i64,
    pub(in crate::model) earned: i64,
}

impl Counts {
    /// Purchases that somebody made, for whomever they count.
    pub(in crate::model) fn made(&self) -> i64 {
        self.purchases + self.for_groups
    }
}
