//! The ledger as the documents describe it, in memory and without haste: what every other test of
//! this folder compares the platform with. It is written from `docs/after-the-sale.md`,
//! `docs/program-file.md`, the decisions and the descriptions of the schemas, and shares no line with
//! the core.

mod activity;
pub(super) mod approvals;
pub(super) mod books;
mod earning;
pub(super) mod editing;
pub(super) mod gaining;
pub(super) mod memberships;
mod merging;
mod orders;
pub(super) mod portions;
mod records;
pub(super) mod taking;
pub(super) mod taking_back;
pub(super) mod terms;
mod time;

pub(super) use orders::{Gain, Order, Payment};

use approvals::Approval;
use books::{Books, Refusal, bonus_of};
use jiff::Timestamp;
use memberships::Membership;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use terms::Terms;

/// What a request is answered: what was done, or the code of its refusal.
pub(super) type Answer = Result<Value, String>;

/// What was answered to requests with keys, by the command and the key: the arguments, and what is
/// answered again.
pub(super) type Answered = BTreeMap<(&'static str, String), (Value, Value)>;

#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) answered: Answered,
    /// What it was created with.
    pub(super) arguments: Value,
    pub(super) brought_by: Option<Referral>,
}

/// Who brought a member, and the transactions that paid both for it: the bringer's, then the
/// member's. None while no purchase has completed it.
#[derive(Clone, Debug)]
pub(super) struct Referral {
    pub(super) referrer: String,
    pub(super) paid: Option<[Option<usize>; 2]>,
}

#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) terms: Terms,
    pub(super) now: Timestamp,
    pub(super) members: BTreeMap<String, Member>,
    pub(super) orders: BTreeMap<String, Order>,
    pub(super) approvals: Vec<Approval>,
    /// What was taken over, by reference.
    pub(super) openings: BTreeMap<String, (String, Value)>,
    pub(super) memberships: Vec<Membership>,
    pub(super) books: Books,
}

impl Reference {
    pub(super) fn new(terms: Terms) -> Self {
        let now = "2025-12-31T23:00:00Z".parse().unwrap();
        let books = Books::new(terms.clone());
        Self {
            terms,
            now,
            members: BTreeMap::new(),
            orders: BTreeMap::new(),
            approvals: Vec::new(),
            openings: BTreeMap::new(),
            memberships: Vec::new(),
            books,
        }
    }

    /// Moves the clock; everything that is over is over at once, whoever looks.
    pub(super) fn move_clock(&mut self, to: Timestamp) {
        self.now = to;
        self.settle();
    }

    /// Does what is due.
    pub(super) fn settle(&mut self) {
        for name in self.members.keys() {
            self.books.settle(name, self.now);
        }
    }

    /// Whoever somebody is now.
    pub(super) fn root(&self, name: &str) -> Result<String, Refusal> {
        match self.members.contains_key(name) {
            true => Ok(self.books.root(name)),
            false => Err("MEMBER_NOT_FOUND"),
        }
    }

    /// Does something as a whole or not at all.
    pub(super) fn whole(
        &mut self,
        change: impl FnOnce(&mut Self) -> Result<Value, Refusal>,
    ) -> Answer {
        let mut changed = self.clone();
        let done = change(&mut changed)?;
        *self = changed;
        Ok(done)
    }

    /// Whom something is done to now, who may be somebody's survivor.
    pub(super) fn member(&mut self, name: &str) -> Result<&mut Member, Refusal> {
        let root = self.root(name)?;
        Ok(self.members.get_mut(&root).unwrap())
    }

    /// What a key was used for before, by whoever it is now as well; refused if it was for something
    /// else.
    pub(super) fn again(
        &self,
        member: &str,
        command: &'static str,
        key: &str,
        arguments: &Value,
    ) -> Option<Answer> {
        let root = self.root(member).ok()?;
        let key = (command, key.to_owned());
        let answered = |name: &str| self.members[name].answered.get(&key);
        let (known, answer) = answered(member).or_else(|| answered(&root))?;
        Some(match known == arguments {
            true => Ok(answer.clone()),
            false => Err("IDEMPOTENCY_KEY_REUSED".to_owned()),
        })
    }

    /// What there is to be spent at this instant, by whoever looks.
    pub(super) fn balance(&self, name: &str) -> i64 {
        let mut books = self.books.clone();
        books.settle(name, self.now);
        books.balance(name)
    }

    /// Everything that can be read of a member, as `world` asks for it.
    pub(super) fn shown(&self, name: &str) -> Value {
        let Ok(name) = self.root(name) else { return Value::Null };
        let counted = self.books.counted(&name);
        let mut wallets = vec![self.wallet(&name, self.books.spendable(&name))];
        if self.terms.bonus {
            let bonus = bonus_of(&name);
            wallets.push(self.wallet(&bonus, self.books.balance(&bonus).max(0)));
        }
        json!({
            "wallets": wallets,
            "tier": self.tier(&name),
            "statistics": {
                "purchases": counted.purchases, "purchasesForGroups": counted.for_groups,
                "pointsEarned": counted.earned, "spent": { "amount": decimal(counted.spent) },
            },
        })
    }

    fn wallet(&self, name: &str, spendable: i64) -> Value {
        let books = &self.books;
        let expiring = books.expiring(name);
        let expiring: Vec<_> =
            expiring.iter().map(|(at, points)| json!({ "at": at, "points": points })).collect();
        json!({
            "points": books.balance(name), "held": books.held(name),
            "pending": books.pending(name), "spendable": spendable, "expiring": expiring,
        })
    }

    /// The tier that somebody is on.
    pub(super) fn tier(&self, name: &str) -> Value {
        json!(terms::tier(self.books.counted(name).earned).map(|key| json!({ "key": key })))
    }

    /// A member's statement, as `world` reads it.
    pub(super) fn statement(&self, name: &str) -> Vec<Value> {
        let Ok(name) = self.root(name) else { return Vec::new() };
        let all = self.books.statement(&name).into_iter();
        all.map(|index| shown(&self.books.transactions[index])).collect()
    }
}

/// A transaction as it is read.
pub(super) fn shown(one: &books::Transaction) -> Value {
    json!({
        "kind": one.kind, "points": one.points, "effectiveAt": one.at,
        "balanceAfter": one.balance_after,
        "pointType": if books::is_bonus(&one.wallet) { terms::BONUS } else { "points" },
    })
}

/// What of a transaction is asked for.
pub(super) const TRANSACTION: &str = "id kind points effectiveAt balanceAfter pointType";

/// Minor units as the decimal that the API sends and takes.
pub(super) fn decimal(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", minor.unsigned_abs() / 100, minor.unsigned_abs() % 100)
}
