//! That a plugin was not heard about a purchase: a row with the purchase, which ends when the plugin
//! was heard. See `reappraisals`.

use crate::accounts::Cut;
use crate::context::FaultReport;
use crate::db::row;
use crate::earning::MissingBecause;
use crate::operation::Operation;
use crate::plugins::Missed;
use crate::{Error, MemberId, Points, PurchaseId, Result, Timestamp, TransactionId};
use sea_orm::FromQueryResult;
use serde_json::Value;
use std::time::Duration;

/// Before a plugin is asked again that was too slow, or that the server could not run; doubled for each
/// further time.
const BACKOFF: Duration = Duration::from_mins(1);
/// How often it is asked again by itself.
const ATTEMPTS_MAX: i32 = 8;

/// A purchase about which a plugin was not heard, and what came of asking it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissedAppraisal {
    pub purchase: PurchaseId,
    pub plugin: String,
    pub because: MissingBecause,
    pub fault: Option<FaultReport>,
    pub missed_at: Timestamp,
    /// When the plugin is asked again, at the earliest. None if that takes somebody's word, or was
    /// done.
    pub due_at: Option<Timestamp>,
    pub ended: Option<Reappraised>,
}

/// What came of asking a plugin again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reappraised {
    pub at: Timestamp,
    pub outcome: Outcome,
    /// What the buyer got.
    pub points: Points,
    pub transaction: Option<TransactionId>,
    /// What the purchase's ceiling and the buyer's caps took away of what it proposed.
    pub cuts: Vec<Cut>,
}

/// What came of asking a plugin again about a purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The purchase has earned what the plugin proposed, as far as ceiling and caps leave it.
    Booked,
    /// The plugin proposed nothing, or nothing was left of ceiling and caps.
    Nothing,
    /// The program refuses what exceeds a cap, and this would have.
    Refused,
    /// The purchase is not any more what it was: what it would have earned has to be adjusted by hand.
    Changed,
    /// The member was erased.
    Erased,
}

row! {
    pub(crate) struct MissedRow in "missed_appraisals" {
        pub(crate) purchase_id: PurchaseId,
        pub(crate) plugin_id: String,
        pub(crate) member_id: MemberId,
        pub(crate) because: &'static str,
        pub(crate) fault: Option<Value>,
        pub(crate) missed_at: Timestamp,
        pub(crate) due_at: Option<Timestamp>,
        pub(crate) attempts: i32,
        pub(crate) ended_at: Option<Timestamp>,
        pub(crate) outcome: Option<&'static str>,
        pub(crate) points: Points,
        pub(crate) transaction_id: Option<TransactionId>,
        pub(crate) cuts: Option<Value>,
    }
}

row! {
    /// The same as it is read.
    #[derive(Clone, FromQueryResult)]
    pub(crate) struct MissedFound {
        pub(crate) purchase_id: PurchaseId,
        pub(crate) plugin_id: String,
        because: String,
        fault: Option<Value>,
        missed_at: Timestamp,
        due_at: Option<Timestamp>,
        ended_at: Option<Timestamp>,
        outcome: Option<String>,
        pub(crate) points: Points,
        transaction_id: Option<TransactionId>,
        cuts: Option<Value>,
    }
}

/// Writes with a purchase which plugins were not heard about it.
pub(crate) fn write_missed(
    operation: &mut Operation<'_>,
    (purchase, member): (PurchaseId, MemberId),
    missed: &[Missed],
) -> Result<()> {
    let missed_at = operation.recorded_at();
    for one in missed {
        let row = MissedRow {
            purchase_id: purchase,
            plugin_id: one.plugin.id.clone(),
            member_id: member,
            because: one.because.as_str(),
            fault: fault_of(one)?,
            missed_at,
            due_at: due_at(one.because, 0, missed_at),
            attempts: 0,
            ended_at: None,
            outcome: None,
            points: Points::ZERO,
            transaction_id: None,
            cuts: None,
        };
        operation.insert(&row);
    }
    Ok(())
}

/// When a plugin is asked again: as soon as it can be, if it was not asked; after a while, if what was
/// wrong may pass; not by itself, if it fails at this very purchase.
pub(crate) fn due_at(because: MissingBecause, attempts: i32, now: Timestamp) -> Option<Timestamp> {
    match because {
        MissingBecause::Paused | MissingBecause::Quarantined => Some(Timestamp::EPOCH),
        MissingBecause::Failed => None,
        MissingBecause::TooSlow | MissingBecause::Unavailable => {
            let doubled = BACKOFF.saturating_mul(1 << u32::try_from(attempts).unwrap_or_default());
            (attempts < ATTEMPTS_MAX).then(|| now.plus(doubled))
        }
    }
}

pub(crate) fn fault_of(missed: &Missed) -> Result<Option<Value>> {
    let fault = missed.report.as_ref().map(serde_json::to_value).transpose();
    fault.map_err(|error| Error::internal("a fault that cannot be JSON").caused_by(error))
}

/// What ceiling and caps took away, as it is stored: nothing if nothing.
pub(crate) fn cuts_of(cuts: &[Cut]) -> Result<Option<Value>> {
    let cuts = (!cuts.is_empty()).then(|| serde_json::to_value(cuts)).transpose();
    cuts.map_err(|error| Error::internal("cuts that cannot be JSON").caused_by(error))
}

impl Outcome {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Booked => "BOOKED",
            Self::Nothing => "NOTHING",
            Self::Refused => "REFUSED",
            Self::Changed => "CHANGED",
            Self::Erased => "ERASED",
        }
    }

    /// As it is stored.
    pub(crate) fn of(text: &str) -> Self {
        match text {
            "BOOKED" => Self::Booked,
            "NOTHING" => Self::Nothing,
            "REFUSED" => Self::Refused,
            "CHANGED" => Self::Changed,
            _ => Self::Erased,
        }
    }
}

impl MissedFound {
    /// What ceiling and caps took away of what the plugin proposed afterwards.
    pub(crate) fn cuts(&self) -> Result<Vec<Cut>> {
        let cuts = self.cuts.clone().map(serde_json::from_value).transpose();
        let cuts = cuts.map_err(|error| Error::internal("stored cuts").caused_by(error))?;
        Ok(cuts.unwrap_or_default())
    }

    pub(crate) fn missed(self) -> Result<MissedAppraisal> {
        let cuts = self.cuts()?;
        let fault = self.fault.map(serde_json::from_value).transpose();
        let ended = self.ended_at.zip(self.outcome).map(|(at, outcome)| Reappraised {
            at,
            outcome: Outcome::of(&outcome),
            points: self.points,
            transaction: self.transaction_id,
            cuts,
        });
        Ok(MissedAppraisal {
            purchase: self.purchase_id,
            plugin: self.plugin_id,
            because: MissingBecause::of(&self.because),
            fault: fault.map_err(|error| Error::internal("a stored fault").caused_by(error))?,
            missed_at: self.missed_at,
            due_at: self.due_at.filter(|_| ended.is_none()),
            ended,
        })
    }
}
