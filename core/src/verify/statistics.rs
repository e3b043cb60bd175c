//! Statistics and tiers, which follow from purchases and transactions.

use super::Subject;
use super::balances::{has, parts};
use super::report::{Check, Fault, First};
use crate::accounts::{PointType, Standing};
use crate::db::{Snapshot, id};
use crate::tiers::Ladder;
use crate::{AccountId, Points, Result};
use futures::TryStreamExt;
use sea_orm::QueryResult;
use std::collections::HashMap;

const ACCOUNTS_COUNT: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM accounts WHERE program_id = $1";
/// Purchases that count, for their members or for a group alone, by whose they are now: what was paid
/// in money, when, and whether something is left of it.
const PURCHASES: &str = "
    SELECT COALESCE(m.merged_into, b.member_id), b.total_minor - b.paid_minor, b.purchased_at,
        CASE WHEN b.returned_at IS NULL THEN 1 ELSE 0 END, b.is_counted
    FROM purchases AS b
    LEFT JOIN members AS m ON m.program_id = $1 AND m.id = b.member_id
        AND m.merged_into IS NOT NULL
    WHERE b.program_id = $1 AND (b.is_counted = 1 OR b.accrual = 'GROUP')";
/// What came back of them, and what edits added.
const RETURNS: &str = "
    SELECT COALESCE(m.merged_into, b.member_id), r.amount_minor - r.paid_minor
    FROM returns AS r
    JOIN purchases AS b ON b.program_id = $1 AND b.id = r.purchase_id AND b.is_counted = 1
    LEFT JOIN members AS m ON m.program_id = $1 AND m.id = b.member_id
        AND m.merged_into IS NOT NULL
    WHERE r.program_id = $1 AND r.is_of_nobody = 0
    UNION ALL
    SELECT COALESCE(m.merged_into, b.member_id), -i.added_minor
    FROM edits AS i
    JOIN purchases AS b ON b.program_id = $1 AND b.id = i.purchase_id AND b.is_counted = 1
    LEFT JOIN members AS m ON m.program_id = $1 AND m.id = b.member_id
        AND m.merged_into IS NOT NULL
    WHERE i.program_id = $1";
const ACCOUNTS: &str = "
    SELECT a.id, a.purchases, a.spent_minor, a.first_purchase_at, a.last_purchase_at, a.tier,
        COALESCE(w.earned, 0),
        CASE WHEN a.erased_at IS NULL AND a.kind <> 'GIFT_CARD' THEN 1 ELSE 0 END,
        CASE WHEN m.id IS NULL THEN 0 ELSE 1 END, a.purchases_for_groups
    FROM accounts AS a
    LEFT JOIN wallets AS w ON w.program_id = $1 AND w.account_id = a.id AND w.point_type = $2
    LEFT JOIN members AS m ON m.program_id = $1 AND m.id = a.id
    WHERE a.program_id = $1
    ORDER BY a.id";

/// What follows from an account's purchases.
#[derive(Clone, Copy, Default)]
struct Facts {
    purchases: i64,
    purchases_for_groups: i64,
    spent_minor: i64,
    /// Of purchases, if there are any.
    first_purchase_at: i64,
    last_purchase_at: i64,
}

/// Compares the statistics of all accounts, and that the account of everybody who was not erased
/// stands where the ladder puts it; without a ladder these are only counted. The accounts are
/// followed in parts, like wallets.
pub(super) async fn compare(
    snapshot: &mut Snapshot,
    subject: &Subject,
    ladder: Option<&Ladder>,
) -> Result<[Check; 2]> {
    let counted = ladder.and_then(Ladder::counts).cloned().unwrap_or_else(PointType::main);
    let parts = parts(snapshot.number(ACCOUNTS_COUNT, [id(subject.id)]).await?);
    let (mut standing, mut wrong_tier) = (0, None);
    // The first by the accounts' order, which is not that of the parts.
    let mut wrong: Option<(AccountId, Fault)> = None;
    for part in 0..parts {
        let facts = facts(snapshot, subject, (part, parts)).await?;
        let values = [id(subject.id), counted.stored().into()];
        let mut rows = snapshot.stream(ACCOUNTS, values);
        while let Some(row) = rows.try_next().await? {
            let account = Account::of(&row)?;
            let id = account.id;
            if has((part, parts), id) && wrong.as_ref().is_none_or(|(first, _)| id < *first) {
                let fault = account.fault(facts.get(&id).copied().unwrap_or_default());
                wrong = fault.map(|fault| (id, fault)).or(wrong);
            }
            if part == 0 && account.is_standing {
                standing += 1;
                if let Some(fault) = account.misplaced(ladder, &counted) {
                    wrong_tier.first(|| fault);
                }
            }
        }
    }
    let check =
        |name, fault| Check { name, of: "accounts", rows: standing, faults: Vec::from_iter(fault) };
    Ok([check("statistics", wrong.map(|(_, fault)| fault)), check("tiers", wrong_tier)])
}

/// What follows from purchases and returns for the accounts of a part.
async fn facts(
    snapshot: &mut Snapshot,
    subject: &Subject,
    part: (u64, u64),
) -> Result<HashMap<AccountId, Facts>> {
    let mut all: HashMap<AccountId, Facts> = HashMap::new();
    let mut rows = snapshot.stream(PURCHASES, [id(subject.id)]);
    while let Some(row) = rows.try_next().await? {
        let account = row.try_get_by_index(0)?;
        if has(part, account) {
            let (is_left, is_own): (i32, i32) =
                (row.try_get_by_index(3)?, row.try_get_by_index(4)?);
            let facts = all.entry(account).or_default();
            if is_own != 0 {
                facts.add(row.try_get_by_index(1)?, row.try_get_by_index(2)?, is_left != 0);
            } else {
                facts.purchases_for_groups += i64::from(is_left);
            }
        }
    }
    drop(rows);
    let mut rows = snapshot.stream(RETURNS, [id(subject.id)]);
    while let Some(row) = rows.try_next().await? {
        let account = row.try_get_by_index(0)?;
        if has(part, account) {
            let facts = all.entry(account).or_default();
            let minor: i64 = row.try_get_by_index(1)?;
            facts.spent_minor = facts.spent_minor.wrapping_sub(minor);
        }
    }
    Ok(all)
}

impl Facts {
    fn add(&mut self, spent_minor: i64, purchased_at: i64, is_left: bool) {
        self.spent_minor = self.spent_minor.wrapping_add(spent_minor);
        if is_left {
            let is_first = self.purchases == 0;
            let at = |known: i64| if is_first { purchased_at } else { known };
            self.first_purchase_at = at(self.first_purchase_at).min(purchased_at);
            self.last_purchase_at = at(self.last_purchase_at).max(purchased_at);
            self.purchases += 1;
        }
    }
}

/// What an account says.
struct Account {
    id: AccountId,
    purchases: i64,
    purchases_for_groups: i64,
    spent_minor: i64,
    first_purchase_at: Option<i64>,
    last_purchase_at: Option<i64>,
    tier: Option<String>,
    earned: Points,
    /// Whether it stands on the ladder: nobody who was erased does, and no gift card.
    is_standing: bool,
    is_members: bool,
}

impl Account {
    fn of(row: &QueryResult) -> Result<Self> {
        let (is_standing, is_members): (i32, i32) =
            (row.try_get_by_index(7)?, row.try_get_by_index(8)?);
        Ok(Self {
            id: row.try_get_by_index(0)?,
            purchases: row.try_get_by_index(1)?,
            spent_minor: row.try_get_by_index(2)?,
            first_purchase_at: row.try_get_by_index(3)?,
            last_purchase_at: row.try_get_by_index(4)?,
            tier: row.try_get_by_index(5)?,
            earned: row.try_get_by_index(6)?,
            is_standing: is_standing != 0,
            is_members: is_members != 0,
            purchases_for_groups: row.try_get_by_index(9)?,
        })
    }

    /// What is wrong with its statistics; nothing follows for an account that is no member's.
    fn fault(&self, facts: Facts) -> Option<Fault> {
        let facts = if self.is_members { facts } else { Facts::default() };
        let at = |instant| Some(instant).filter(|_| facts.purchases > 0);
        for (name, follows, says) in [
            ("purchases", Some(facts.purchases), Some(self.purchases)),
            ("spent_minor", Some(facts.spent_minor), Some(self.spent_minor)),
            ("first_purchase_at", at(facts.first_purchase_at), self.first_purchase_at),
            ("last_purchase_at", at(facts.last_purchase_at), self.last_purchase_at),
            (
                "purchases_for_groups",
                Some(facts.purchases_for_groups),
                Some(self.purchases_for_groups),
            ),
        ] {
            if says != follows {
                let shown = |value: Option<i64>| {
                    value.map_or(format!("{name} null"), |value| format!("{name} {value}"))
                };
                return Some(Fault::new("accounts", self.id, shown(follows), shown(says)));
            }
        }
        None
    }

    /// Whether it stands elsewhere than where the ladder puts it.
    fn misplaced(self, ladder: Option<&Ladder>, counted: &PointType) -> Option<Fault> {
        let standing = Standing {
            purchases: self.purchases,
            spent_minor: self.spent_minor,
            earned: [(counted.clone(), self.earned)].into(),
            tier: self.tier,
            ..Standing::default()
        };
        let reached = ladder?.reached(&standing).map(|tier| &tier.id);
        (reached != standing.tier.as_ref()).then(|| {
            let shown = |tier: Option<&String>| {
                tier.map_or("no tier".to_owned(), |tier| format!("tier {tier}"))
            };
            Fault::new("accounts", self.id, shown(reached), shown(standing.tier.as_ref()))
        })
    }
}
