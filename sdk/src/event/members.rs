//! Events about members, their tiers and referrals.

use serde::Deserialize;

/// Somebody became a member: [`Context::member`](crate::Context::member).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct MemberJoined {}

/// Another member was merged into this one: what was its is this one's now, records and what was kept
/// of them too. Plan anew what follows from both.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MembersMerged {
    /// The platform's id of the member that was merged.
    pub merged_member_id: String,
    /// Why, for people.
    pub reason: String,
}

/// Two members who had been merged are two again, each with what came from it. Plan anew what follows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MembersUnmerged {
    /// The platform's id of the other member.
    pub other_member_id: String,
    /// Why, for people.
    pub reason: String,
}

/// The member got tags, or lost some, by an operator or another plugin.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MemberTagged {
    /// Those that it had not before.
    pub added: Vec<String>,
    /// Those that it has no longer.
    pub removed: Vec<String>,
}

/// The member belongs to a group from now on: a household, or a company with its people.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GroupJoined {
    /// The platform's id of the membership.
    pub membership_id: String,
    /// The platform's id of the group, which is a member too.
    pub group_id: String,
    /// Whose account gets what the member's purchases earn: `MEMBER`, `GROUP` or `BOTH`.
    pub accrual: String,
    /// Whether the member may spend the group's points.
    pub may_spend: bool,
    /// From when on purchases that are recorded late accrue by it, in RFC 3339.
    pub joined_at: String,
}

/// The terms changed on which the member belongs to a group.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MembershipChanged {
    /// The platform's id of the membership.
    pub membership_id: String,
    /// The platform's id of the group, which is a member too.
    pub group_id: String,
    /// Whose account gets what the member's purchases earn from now on: `MEMBER`, `GROUP` or `BOTH`.
    pub accrual: String,
    /// Whether the member may spend the group's points from now on.
    pub may_spend: bool,
    /// From when on purchases that are recorded late accrue by it, in RFC 3339.
    pub joined_at: String,
}

/// The member does not belong to a group any more.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GroupLeft {
    /// The platform's id of the membership.
    pub membership_id: String,
    /// The platform's id of the group, which is a member too.
    pub group_id: String,
}

/// The member moved up or down the tier ladder.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct TierChanged {
    /// The id of the tier before, as in the program file; none below the first tier.
    pub from: Option<String>,
    /// The id of the tier after; none below the first tier.
    pub to: Option<String>,
}

/// A referral was completed. Each side has an event of its own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ReferralCompleted {
    /// The side of [`Context::member`](crate::Context::member).
    pub role: ReferralRole,
    /// The points that the member received for it.
    pub points: i64,
    /// The points that it did not receive because of a cap of the program.
    #[serde(default)]
    pub cut: i64,
}

/// A side of a referral.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReferralRole {
    /// The member who recommended the program.
    Referrer,
    /// The member who joined on the recommendation.
    Referred,
}

/// A referral is not completed any more, because the referred member has returned all purchases.
/// Each side has an event of its own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ReferralReversed {
    /// The side of [`Context::member`](crate::Context::member).
    pub role: ReferralRole,
    /// The platform's id of the ledger transaction that took points back, if any were there.
    pub transaction_id: Option<String>,
    /// How many were taken back.
    pub points: i64,
    /// The points that the member could spend afterwards; below zero if more was taken back than
    /// the member had.
    pub balance: i64,
}
