//! Who brought whom, and what that paid: a referral that is completed names the transactions by which
//! both earned, and these say for which purchase, and who the other was. That it is completed the events
//! tell (`told`). Of one that is not, nothing sealed says who brought whom.

use super::Subject;
use super::report::Fault;
use crate::db::{Snapshot, id};
use crate::facts::ReferralRole;
use crate::{MemberId, PurchaseId, Result, Timestamp, TransactionId};
use futures::TryStreamExt;
use sea_orm::QueryResult;
use serde::Deserialize;
use std::collections::HashSet;

const ROWS: &str = "
    SELECT f.referred_id, f.referrer_id, f.purchase_id, f.completed_at, f.referrer_transaction_id,
        t.account_id, t.effective_at, CAST(t.explanation AS TEXT), f.referred_transaction_id,
        u.account_id, u.effective_at, CAST(u.explanation AS TEXT)
    FROM referrals AS f
    LEFT JOIN transactions AS t ON t.program_id = $1 AND t.id = f.referrer_transaction_id
    LEFT JOIN transactions AS u ON u.program_id = $1 AND u.id = f.referred_transaction_id
    WHERE f.program_id = $1
    ORDER BY f.referred_id";

/// How many rows there are, and the first that is wrong.
#[derive(Default)]
pub(super) struct Referrals {
    pub(super) rows: u64,
    pub(super) fault: Option<Fault>,
}

/// Members of whom less is known.
#[derive(Clone, Copy)]
pub(super) struct Apart<'a> {
    /// What their transactions said is gone.
    pub(super) erased: &'a HashSet<MemberId>,
    /// They may stand under another id.
    pub(super) merged: &'a HashSet<MemberId>,
}

pub(super) async fn compare(
    snapshot: &mut Snapshot,
    subject: &Subject,
    apart: Apart<'_>,
) -> Result<Referrals> {
    let mut found = Referrals::default();
    let mut rows = snapshot.stream(ROWS, [id(subject.id)]);
    while let Some(row) = rows.try_next().await? {
        found.rows += 1;
        if found.fault.is_none() {
            found.fault = Row::of(&row)?.fault(apart);
        }
    }
    Ok(found)
}

struct Row {
    referred: MemberId,
    referrer: MemberId,
    purchase: Option<PurchaseId>,
    completed_at: Option<Timestamp>,
    paid: [Paid; 2],
}

/// By which one side earned.
struct Paid {
    transaction: Option<TransactionId>,
    account: Option<MemberId>,
    at: Option<Timestamp>,
    explanation: Option<String>,
}

/// Why, as the transaction keeps it.
#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Cause {
    referral: ReferralRole,
    with: MemberId,
    purchase: PurchaseId,
}

impl Row {
    fn of(row: &QueryResult) -> Result<Self> {
        Ok(Self {
            referred: row.try_get_by_index(0)?,
            referrer: row.try_get_by_index(1)?,
            purchase: row.try_get_by_index(2)?,
            completed_at: row.try_get_by_index(3)?,
            paid: [Paid::of(row, 4)?, Paid::of(row, 8)?],
        })
    }

    fn fault(&self, apart: Apart<'_>) -> Option<Fault> {
        let fault = |expected: String, found: String| {
            Some(Fault::new("referrals", self.referred, expected, found))
        };
        let Some((purchase, at)) = self.purchase.zip(self.completed_at) else {
            let is_open = self.purchase.is_none()
                && self.completed_at.is_none()
                && self.paid.iter().all(|paid| paid.transaction.is_none());
            return if is_open {
                None
            } else {
                fault("a referral that is completed, or not".to_owned(), "some of both".to_owned())
            };
        };
        let sides = [
            (ReferralRole::Referrer, self.referrer, self.referred),
            (ReferralRole::Referred, self.referred, self.referrer),
        ];
        for (paid, (referral, member, with)) in self.paid.iter().zip(sides) {
            let Some(transaction) = paid.transaction else { continue };
            if paid.account.is_some_and(|account| apart.erased.contains(&account)) {
                continue;
            }
            let told = paid.cause();
            let is_known = |id: &MemberId| !apart.merged.contains(id);
            let is_same = told.as_ref().is_some_and(|told| {
                told.referral == referral
                    && told.purchase == purchase
                    && (told.with == with || !is_known(&told.with) || !is_known(&with))
            });
            let is_its = paid.account.is_some_and(|account| {
                account == member || !is_known(&account) || !is_known(&member)
            });
            if !(is_same && is_its && paid.at == Some(at)) {
                let expected = format!("{member} with {with} for {purchase} at {at}");
                let found = format!("{transaction}: {told:?}");
                return fault(expected, found);
            }
        }
        None
    }
}

impl Paid {
    fn of(row: &QueryResult, column: usize) -> Result<Self> {
        Ok(Self {
            transaction: row.try_get_by_index(column)?,
            account: row.try_get_by_index(column + 1)?,
            at: row.try_get_by_index(column + 2)?,
            explanation: row.try_get_by_index(column + 3)?,
        })
    }

    fn cause(&self) -> Option<Cause> {
        serde_json::from_str(self.explanation.as_deref()?).ok()
    }
}
