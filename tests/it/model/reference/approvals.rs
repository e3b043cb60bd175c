//! What waits for a second operator.

use super::terms::DECIDE_DAYS;
use super::{Reference, TRANSACTION};
use jiff::Timestamp;
use serde_json::{Value, json};

/// An adjustment that somebody has asked for and another has to approve.
#[derive(Clone, Debug)]
pub(in crate::model) struct Approval {
    /// As it was asked for.
    pub(in crate::model) name: String,
    pub(in crate::model) member: String,
    pub(in crate::model) points: i64,
    pub(in crate::model) is_bonus: bool,
    pub(in crate::model) counts: bool,
    pub(in crate::model) expires: Option<Timestamp>,
    pub(in crate::model) decide_by: Timestamp,
    pub(in crate::model) decided: Option<Decided>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) enum Decided {
    /// By the transaction with this index.
    Approved(usize),
    Declined,
}

/// What of a request is asked for.
pub(in crate::model) const APPROVAL: &str = "id state points countsAsEarned decideBy expiresAt";

/// What of the answer of `adjustPoints` is asked for.
pub(in crate::model) fn adjustment() -> String {
    format!("transaction {{ {TRANSACTION} }} approval {{ {APPROVAL} }}")
}

impl Reference {
    /// Until when somebody can decide about what is asked for now.
    pub(in crate::model) fn decide_by(&self, expires: Option<Timestamp>) -> Timestamp {
        let last = self.terms.days_after(self.now, DECIDE_DAYS);
        expires.map_or(last, |expires| expires.min(last))
    }

    pub(in crate::model) fn approval(&self, index: usize) -> Value {
        let one = &self.approvals[index];
        let state = match one.decided {
            Some(Decided::Approved(_)) => "APPROVED",
            Some(Decided::Declined) => "DECLINED",
            None if one.decide_by <= self.now => "EXPIRED",
            None => "WAITING",
        };
        json!({
            "state": state, "points": one.points, "countsAsEarned": one.counts,
            "decideBy": one.decide_by, "expiresAt": one.expires,
        })
    }
}
