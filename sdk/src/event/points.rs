//! Events about points.

use serde::Deserialize;

/// Points were credited.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PointsEarned {
    /// The platform's id of the ledger transaction.
    pub transaction_id: String,
    /// How many.
    pub points: i64,
    /// The id of the type of points in the program file; none for the program's main points.
    pub point_type: Option<String>,
    /// The points that the member could spend afterwards.
    pub balance: i64,
    /// The reason shown to the member.
    pub reason: String,
}

/// Points were earned that cannot be spent yet. [`PointsEarned`] says when they can.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PointsPending {
    /// The platform's id of the ledger transaction.
    pub transaction_id: String,
    /// How many.
    pub points: i64,
    /// The id of the type of points in the program file; none for the program's main points.
    pub point_type: Option<String>,
    /// The day from which on they can be spent, as `2026-01-31`, if that is known.
    pub until: Option<String>,
    /// The event that they wait for, such as `delivered`, if they do.
    pub awaits: Option<String>,
    /// The reason shown to the member.
    pub reason: String,
}

/// Points were spent.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PointsSpent {
    /// The platform's id of the ledger transaction.
    pub transaction_id: String,
    /// How many.
    pub points: i64,
    /// The id of the type of points in the program file; none for the program's main points.
    pub point_type: Option<String>,
    /// The points that the member could spend afterwards.
    pub balance: i64,
    /// The reason shown to the member.
    pub reason: String,
    /// The reward's id in the program file, if they were spent on a reward.
    pub reward: Option<String>,
}

/// Points were reserved, for a cart or a till.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PointsHeld {
    /// The platform's id of the hold.
    pub hold_id: String,
    /// The platform's id of the ledger transaction.
    pub transaction_id: String,
    /// How many.
    pub points: i64,
    /// The id of the type of points in the program file; none for the program's main points.
    pub point_type: Option<String>,
    /// The points that the member could spend afterwards.
    pub balance: i64,
    /// When they are free again if nobody captures them: RFC 3339, in UTC. It is text because
    /// reading it makes a component 200 KiB larger; `parse::<Timestamp>()` does.
    pub expires_at: String,
    /// The reason shown to the member.
    pub reason: String,
}

/// A hold ended. What of it was captured is spent, as [`PointsSpent`] says; the rest is free again.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct HoldEnded {
    /// The platform's id of the hold.
    pub hold_id: String,
    /// The platform's id of the ledger transaction that set its points free.
    pub transaction_id: String,
    /// How it ended.
    pub outcome: HoldOutcome,
    /// How many points it had reserved.
    pub points: i64,
    /// How many of them were captured.
    pub captured: i64,
    /// The points that the member could spend afterwards.
    pub balance: i64,
}

/// How a hold ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum HoldOutcome {
    /// Some or all of it was spent.
    Captured,
    /// Somebody gave it up.
    Released,
    /// Its time was over.
    Expired,
}

/// Points expired.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PointsExpired {
    /// The platform's id of the ledger transaction.
    pub transaction_id: String,
    /// How many.
    pub points: i64,
    /// The id of the type of points in the program file; none for the program's main points.
    pub point_type: Option<String>,
    /// The points that the member could spend afterwards.
    pub balance: i64,
}

/// Points that had paid for a purchase were given back, because something of it came back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PointsRefunded {
    /// The platform's id of the ledger transaction.
    pub transaction_id: String,
    /// How many.
    pub points: i64,
    /// The id of the type of points in the program file; none for the program's main points.
    pub point_type: Option<String>,
    /// The points that the member could spend afterwards.
    pub balance: i64,
}

/// Points last longer than they were to. What the member can spend stays.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PointsExtended {
    /// The platform's id of the ledger transaction.
    pub transaction_id: String,
    /// How many.
    pub points: i64,
    /// The id of the type of points in the program file; none for the program's main points.
    pub point_type: Option<String>,
    /// The day on which they expire, as `2026-01-31`, if they do.
    pub until: Option<String>,
    /// Why, for people.
    pub reason: String,
}

/// Points that had expired too early, by a clock that was wrong or before an activity of the
/// member was reported, were given back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PointsRestored {
    /// The platform's id of the ledger transaction.
    pub transaction_id: String,
    /// The platform's id of the ledger transaction that expired them.
    pub expired_transaction_id: String,
    /// How many.
    pub points: i64,
    /// The id of the type of points in the program file; none for the program's main points.
    pub point_type: Option<String>,
    /// The points that the member could spend afterwards.
    pub balance: i64,
}

/// An operator gave points, or took some; or another plugin took some.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PointsAdjusted {
    /// The platform's id of the ledger transaction.
    pub transaction_id: String,
    /// How many were given; negative when they were taken.
    pub points: i64,
    /// The id of the type of points in the program file; none for the program's main points.
    pub point_type: Option<String>,
    /// The points that the member could spend afterwards.
    pub balance: i64,
    /// Why, for people.
    pub reason: String,
}

/// Points that the member had in another system were taken over.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BalanceOpened {
    /// The platform's id of the ledger transaction.
    pub transaction_id: String,
    /// How many.
    pub points: i64,
    /// The id of the type of points in the program file; none for the program's main points.
    pub point_type: Option<String>,
    /// The points that the member could spend afterwards.
    pub balance: i64,
    /// What the other system calls them.
    pub reference: String,
    /// Why, for people.
    pub reason: String,
}

/// The member gave points to another member, or got them. Both members have an event of their own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PointsTransferred {
    /// The platform's id of the ledger transaction.
    pub transaction_id: String,
    /// The platform's id of the transaction of the other member.
    pub other_transaction_id: String,
    /// How many the member got; negative when they were given.
    pub points: i64,
    /// The id of the type of points in the program file; none for the program's main points.
    pub point_type: Option<String>,
    /// The points that the member could spend afterwards.
    pub balance: i64,
    /// Why, for people.
    pub reason: String,
}

/// A wrong ledger transaction was made good by another one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TransactionVoided {
    /// The platform's id of the transaction that makes it good.
    pub transaction_id: String,
    /// The platform's id of the transaction that was wrong.
    pub voided_transaction_id: String,
    /// What the member gained by it; negative when points were taken back.
    pub points: i64,
    /// The id of the type of points in the program file; none for the program's main points.
    pub point_type: Option<String>,
    /// The points that the member could spend afterwards.
    pub balance: i64,
    /// Why, for people.
    pub reason: String,
}
