//! Why points were earned.

use super::{edited, purchase, returned, transaction};
use crate::earning::{Explanation, PointsCut};
use crate::money::Money;
use crate::nodes::GlobalId;
use crate::programs::Audience;
use async_graphql::{ComplexObject, Context, Enum, ID, Result, SimpleObject};
use perennial_core::ledger::{Earned, cause};
use perennial_core::{MemberId, facts};

/// A purchase earned the points.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub(crate) struct PurchaseCause {
    /// The purchase's id.
    pub(super) purchase_id: ID,
    /// The shop's order number.
    pub(super) purchase_reference: String,
    /// The revision of the program that the purchase was recorded under.
    pub(super) revision: u32,
    /// What all of the purchase earned: each rule and plugin, and what was cut. What it earned on
    /// terms of its own, such as points of another type, are transactions of their own.
    pub(super) explanation: Explanation,
    #[graphql(skip)]
    pub(super) total_minor: i64,
}

#[ComplexObject]
impl PurchaseCause {
    /// The total amount of the purchase, as it was bought.
    async fn total(&self, ctx: &Context<'_>) -> Result<Money> {
        Ok(Audience::of_session(ctx)?.money(self.total_minor))
    }
}

impl From<Earned> for PurchaseCause {
    fn from(earned: Earned) -> Self {
        Self {
            purchase_id: purchase(earned.purchase),
            // Of a member who was erased it is a number of nobody's, which begins with a space.
            purchase_reference: earned.reference.trim_start().to_owned(),
            revision: earned.revision,
            explanation: earned.appraisal.into(),
            total_minor: earned.total_minor,
        }
    }
}

/// A purchase of one of the group's people earned the points. Whose it was only the admin schema
/// shows, beside the cause.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub(crate) struct GroupPurchaseCause {
    /// The revision of the program that the purchase was recorded under.
    pub(super) revision: u32,
    /// What all of the purchase earned the group: each rule and plugin, and what was cut. What
    /// plugins say of the person is left out.
    pub(super) explanation: Explanation,
    #[graphql(skip)]
    pub(super) total_minor: i64,
}

#[ComplexObject]
impl GroupPurchaseCause {
    /// The total amount of the purchase, as it was bought.
    async fn total(&self, ctx: &Context<'_>) -> Result<Money> {
        Ok(Audience::of_session(ctx)?.money(self.total_minor))
    }
}

impl From<Earned> for GroupPurchaseCause {
    fn from(earned: Earned) -> Self {
        Self {
            revision: earned.revision,
            explanation: earned.appraisal.into(),
            total_minor: earned.total_minor,
        }
    }
}

/// A plugin awarded the points, over something that had happened.
#[derive(Debug, SimpleObject)]
pub(crate) struct AwardCause {
    /// The plugin's id in the program file.
    pub(super) plugin_key: String,
    /// SHA-256 digest of the plugin's component, in hexadecimal.
    pub(super) digest: String,
    /// The id of the event that it was over.
    pub(super) event_id: ID,
    /// The plugin's own name for the award.
    pub(super) award_key: String,
    /// Why the points were awarded, in the plugin's words.
    pub(super) reason: String,
    /// What caps took away of what the plugin asked for.
    pub(super) cuts: Vec<PointsCut>,
    /// The revision of the program that ran.
    pub(super) revision: u32,
}

impl AwardCause {
    pub(super) fn new(member: MemberId, cause: cause::Award) -> Self {
        Self {
            plugin_key: cause.plugin,
            digest: cause.digest,
            event_id: GlobalId::Event(member, cause.event).into(),
            award_key: cause.key,
            reason: cause.reason,
            cuts: cause.cuts.into_iter().map(PointsCut::from).collect(),
            revision: cause.revision,
        }
    }
}

/// One member brought another, who has bought something: the points were earned by that, or taken
/// back because all of it came back.
#[derive(Debug, SimpleObject)]
pub(crate) struct ReferralCause {
    /// On which side of the referral the member stands.
    pub(super) role: ReferralRole,
    /// The id of the return with which the last of it came back. Null if the points were earned, or an
    /// edit has left nothing of it.
    pub(super) return_id: Option<ID>,
    /// The id of the edit that has left nothing of it. Null if it came back, or the points were
    /// earned.
    pub(super) edit_id: Option<ID>,
    /// What caps took away of the points.
    pub(super) cuts: Vec<PointsCut>,
    /// The revision of the program that ran.
    pub(super) revision: u32,
}

impl From<cause::Referral> for ReferralCause {
    fn from(cause: cause::Referral) -> Self {
        Self {
            role: cause.referral.into(),
            return_id: None,
            edit_id: None,
            cuts: cause.cuts.into_iter().map(PointsCut::from).collect(),
            revision: cause.revision,
        }
    }
}

impl From<cause::ReferralReturn> for ReferralCause {
    fn from(cause: cause::ReferralReturn) -> Self {
        Self {
            role: cause.referral.into(),
            return_id: Some(returned(cause.return_id)),
            edit_id: None,
            cuts: Vec::new(),
            revision: cause.revision,
        }
    }
}

impl From<cause::ReferralEdit> for ReferralCause {
    fn from(cause: cause::ReferralEdit) -> Self {
        Self {
            role: cause.referral.into(),
            return_id: None,
            edit_id: Some(edited(cause.edit)),
            cuts: Vec::new(),
            revision: cause.revision,
        }
    }
}

/// On which side of a referral a member stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "facts::ReferralRole")]
pub(crate) enum ReferralRole {
    /// The member has brought another.
    Referrer,
    /// The member was brought by another.
    Referred,
}

/// Points that were pending can be spent from now on.
#[derive(Debug, SimpleObject)]
pub(crate) struct ActivationCause {
    /// The id of the transaction of the kind `PENDING` that earned them; its cause says why.
    pub(super) transaction_id: ID,
}

impl From<cause::Activation> for ActivationCause {
    fn from(cause: cause::Activation) -> Self {
        Self { transaction_id: transaction(cause.activates) }
    }
}

/// Points were taken over that the member had in another system.
#[derive(Debug, SimpleObject)]
pub(crate) struct OpeningCause {
    /// Why, in the operator's words.
    pub(super) reason: String,
    /// What the other system calls them.
    pub(super) reference: String,
    /// Whether they count as earned, as for the tiers.
    pub(super) counts_as_earned: bool,
    /// The revision of the program that ran.
    pub(super) revision: u32,
}

impl From<cause::Opening> for OpeningCause {
    fn from(cause: cause::Opening) -> Self {
        Self {
            reason: cause.reason,
            reference: cause.reference,
            counts_as_earned: cause.counts_as_earned,
            revision: cause.revision,
        }
    }
}
