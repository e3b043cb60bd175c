//! The ledger as the documents describe it, in memory and without haste: what every other test of
//! this folder compares the platform with. It is written from `docs/after-the-sale.md`, the
//! decisions 0021 and 0022 and the descriptions of the schemas, and shares no line with the core.

pub(super) mod account;
pub(super) mod portions;
pub(super) mod terms;

use account::{Account, Refusal};
use jiff::Timestamp;
use portions::Line;
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
    pub(super) account: Account,
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
    pub(super) paid: Option<[usize; 2]>,
}

#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) member: String,
    pub(super) at: Timestamp,
    /// What was sent, to tell a repeat.
    pub(super) arguments: Value,
    pub(super) receipt: Value,
    pub(super) lines: Vec<Line>,
    pub(super) transaction: Option<usize>,
    /// What returns left out because it had expired.
    pub(super) left_out: i64,
    pub(super) is_over: bool,
    /// By reference, what was sent and what is answered.
    pub(super) returns: BTreeMap<String, (Value, Value)>,
}

#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) terms: Terms,
    pub(super) now: Timestamp,
    pub(super) members: BTreeMap<String, Member>,
    pub(super) orders: BTreeMap<String, Order>,
}

impl Reference {
    pub(super) fn new(terms: Terms) -> Self {
        let now = "2025-12-31T23:00:00Z".parse().unwrap();
        Self { terms, now, members: BTreeMap::new(), orders: BTreeMap::new() }
    }

    /// Moves the clock; everything that is over is over at once, whoever looks.
    pub(super) fn move_clock(&mut self, to: Timestamp) {
        self.now = to;
        self.members.values_mut().for_each(|member| member.account.settle(to));
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

    pub(super) fn member(&mut self, name: &str) -> Result<&mut Member, Refusal> {
        self.members.get_mut(name).ok_or("MEMBER_NOT_FOUND")
    }

    /// What a key was used for before; refused if it was for something else.
    pub(super) fn again(
        &self,
        member: &str,
        command: &'static str,
        key: &str,
        arguments: &Value,
    ) -> Option<Answer> {
        let answered = &self.members.get(member)?.answered;
        let (known, answer) = answered.get(&(command, key.to_owned()))?;
        Some(match known == arguments {
            true => Ok(answer.clone()),
            false => Err("IDEMPOTENCY_KEY_REUSED".to_owned()),
        })
    }

    /// Everything that can be read of a member, as `world::LOOK` asks for it.
    pub(super) fn shown(&self, name: &str) -> Value {
        let Some(Member { account, .. }) = self.members.get(name) else { return Value::Null };
        let expiring = account.expiring();
        let expiring: Vec<_> =
            expiring.iter().map(|(at, points)| json!({ "at": at, "points": points })).collect();
        json!({
            "balance": { "points": account.balance(), "held": account.held(), "expiring": expiring },
            "tier": terms::tier(account.earned).map(|key| json!({ "key": key })),
            "statistics": {
                "purchases": account.purchases, "pointsEarned": account.earned,
                "spent": { "amount": decimal(account.spent) },
            },
        })
    }

    /// A member's statement, as `world` reads it.
    pub(super) fn statement(&self, name: &str) -> Vec<Value> {
        let Some(Member { account, .. }) = self.members.get(name) else { return Vec::new() };
        account.statement().into_iter().map(|index| shown(&account.transactions[index])).collect()
    }
}

/// A transaction as it is read.
pub(super) fn shown(one: &account::Transaction) -> Value {
    json!({
        "kind": one.kind, "points": one.points, "effectiveAt": one.at,
        "balanceAfter": one.balance_after,
    })
}

/// Minor units as the decimal that the API sends and takes.
pub(super) fn decimal(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", minor.unsigned_abs() / 100, minor.unsigned_abs() % 100)
}
