//! Causes: why a transaction is there. It is kept with the transaction as JSON, of which the names
//! of the fields tell what it is, and read again as what it was.
//!
//! A purchase is not here: a transaction of what one earned names the purchase, which says the rest
//! in its appraisal.

use super::posting::Because;
use crate::accounts::Cut;
use crate::facts::ReferralRole;
use crate::{
    EditId, EventId, HoldId, MemberId, Points, PurchaseId, RedemptionId, ReturnId, Timestamp,
    TransactionId,
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

macro_rules! causes {
    ($($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $field:ident: $type:ty,)* })*) => {
        /// Why points change. The first that fits what is kept is what it was; none has all of the
        /// fields of another and no more.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(untagged)]
        pub enum Cause {
            $($(#[$doc])* $name($name),)*
        }

        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
            #[serde(rename_all = "camelCase", deny_unknown_fields)]
            pub struct $name {
                $($(#[$of])* pub $field: $type,)*
            }

            impl From<$name> for Cause {
                fn from(cause: $name) -> Self {
                    Self::$name(cause)
                }
            }

            impl From<$name> for Because {
                fn from(cause: $name) -> Self {
                    Self::Of(cause.into())
                }
            }
        )*
    };
}

causes! {
    /// A plugin took points, over an event.
    Deduction {
        plugin: String,
        /// SHA-256 of its component.
        digest: String,
        event: EventId,
        /// The plugin's own name for the deduction.
        key: String,
        reason: String,
        /// What the plugin asked for: more than was taken, if less was there.
        asked: Points,
        revision: u32,
    }
    /// A plugin awarded points, over an event.
    Award {
        plugin: String,
        /// SHA-256 of its component.
        digest: String,
        event: EventId,
        /// The plugin's own name for the award.
        key: String,
        reason: String,
        revision: u32,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        cuts: Vec<Cut>,
    }
    /// Somebody whom a member had brought has bought something.
    Referral {
        referral: ReferralRole,
        with: MemberId,
        purchase: PurchaseId,
        revision: u32,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        cuts: Vec<Cut>,
    }
    /// All that somebody had bought whom a member had brought came back.
    ReferralReturn {
        #[serde(rename = "return")]
        return_id: ReturnId,
        referral: ReferralRole,
        purchase: PurchaseId,
        revision: u32,
    }
    /// Something of a purchase came back; `points` are what that had earned.
    Return {
        #[serde(rename = "return")]
        return_id: ReturnId,
        reference: String,
        purchase: PurchaseId,
        purchase_reference: String,
        points: Points,
        revision: u32,
    }
    /// Something of a purchase came back that points had paid, by `payment`.
    Refund {
        #[serde(rename = "return")]
        return_id: ReturnId,
        reference: String,
        payment: TransactionId,
        purchase_reference: String,
        revision: u32,
    }
    /// What an edit has added to an order has earned; `appraisal` says why.
    EditEarning {
        edit: EditId,
        reference: String,
        purchase: PurchaseId,
        purchase_reference: String,
        appraisal: Value,
        revision: u32,
    }
    /// A plugin was asked about a purchase that had been recorded without it; `appraisal` says what it
    /// gave.
    Reappraisal {
        reappraised: PurchaseId,
        purchase_reference: String,
        plugin: String,
        /// SHA-256 of its component.
        digest: String,
        appraisal: Value,
        revision: u32,
    }
    /// An edit has taken something of an order away; `points` are what that had earned.
    EditReturn {
        edit: EditId,
        reference: String,
        purchase: PurchaseId,
        purchase_reference: String,
        points: Points,
        revision: u32,
    }
    /// After an edit an order costs less than points had paid, by `payment`.
    EditRefund {
        edit: EditId,
        reference: String,
        payment: TransactionId,
        purchase_reference: String,
        revision: u32,
    }
    /// An edit has left nothing of all that somebody had bought whom a member had brought.
    ReferralEdit {
        edit: EditId,
        referral: ReferralRole,
        purchase: PurchaseId,
        revision: u32,
    }
    /// A reward was redeemed.
    Reward {
        reward: String,
        redemption: RedemptionId,
        revision: u32,
    }
    /// Points paid for a purchase.
    Payment {
        payment: PurchaseId,
        reference: String,
        amount_minor: i64,
        revision: u32,
    }
    /// A hold has ended, which had been made by `held`.
    Release {
        hold: HoldId,
        held: TransactionId,
    }
    /// What a hold had reserved was spent.
    Capture {
        hold: HoldId,
        reason: String,
        revision: u32,
    }
    /// Points were reserved.
    Hold {
        hold: HoldId,
        reason: String,
    }
    /// Points can be spent that were pending since `activates`.
    Activation {
        activates: TransactionId,
    }
    /// Another transaction was wrong; `short` is what was not there any more to be taken back.
    Void {
        reason: String,
        voids: TransactionId,
        short: Points,
        revision: u32,
    }
    /// Points last longer; for ever if `until` is nothing.
    Extension {
        reason: String,
        #[serde(deserialize_with = "present")]
        until: Option<Timestamp>,
        revision: u32,
    }
    /// Points were taken over from another system, which called them `reference`.
    Opening {
        reason: String,
        reference: String,
        counts_as_earned: bool,
        revision: u32,
    }
    /// A member gave points to another.
    Transfer {
        transfer: TransferRole,
        member: MemberId,
        /// Of the other side.
        transaction: TransactionId,
        reason: String,
        revision: u32,
    }
    /// Two members were made one, or two again.
    Merge {
        merge: MergeRole,
        member: MemberId,
        /// Of the other side.
        transaction: TransactionId,
        reason: String,
        revision: u32,
    }
    /// An operator gave or took points; another one approved it if it was large.
    Adjustment {
        reason: String,
        counts_as_earned: bool,
        revision: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approved_by: Option<String>,
    }
    /// Points had expired too early.
    Restoration {
        reason: RestorationReason,
        expired: TransactionId,
    }
    /// An operator ended points.
    Ending {
        reason: String,
        revision: u32,
    }
    /// By themselves: what time does, or the erasure of the member.
    Itself {
        reason: ByItself,
    }
    /// What it was is gone, with all that was personal of the member.
    Erased {
        erased: bool,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        counts_as_earned: bool,
    }
}

/// On which side of a transfer a transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransferRole {
    Sent,
    Received,
}

/// On which side of a merge a transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MergeRole {
    Out,
    In,
}

/// What is written of a restoration beside the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RestorationReason {
    /// The clock was wrong.
    #[serde(rename = "expired too early")]
    TooEarly,
    /// The member had been active, which was not known then.
    #[serde(rename = "was active")]
    WasActive,
}

/// What happens to points by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ByItself {
    /// Their time was over.
    Expired,
    /// The member had not been active for as long as they last.
    Inactive,
    /// The member was erased.
    Erased,
}

impl Cause {
    /// What is kept of it. None when it is none that this version knows.
    pub(crate) fn read(kept: Value) -> Option<Self> {
        serde_json::from_value(kept).ok()
    }

    /// Whether what an operator gave, or what was taken over, counts as earned.
    pub(crate) const fn counts_as_earned(&self) -> bool {
        match self {
            Self::Adjustment(adjustment) => adjustment.counts_as_earned,
            Self::Opening(opening) => opening.counts_as_earned,
            Self::Erased(erased) => erased.counts_as_earned,
            _ => false,
        }
    }

    /// Says what caps took away of what it gave.
    pub(super) fn was_cut(&mut self, by: Vec<Cut>) {
        match self {
            Self::Award(Award { cuts, .. }) | Self::Referral(Referral { cuts, .. }) => *cuts = by,
            _ => (),
        }
    }

    /// Whether it has paid for a purchase.
    pub(crate) const fn is_payment(&self) -> bool {
        matches!(self, Self::Payment(_))
    }

    /// The transaction that earned what can be spent by this one.
    pub(crate) const fn activates(&self) -> Option<TransactionId> {
        match self {
            Self::Activation(activation) => Some(activation.activates),
            _ => None,
        }
    }
}

/// Tells a field that is null from one that is not there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    Option::deserialize(deserializer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::to_value;

    /// What is in databases, and stays there: each with what it is.
    const KEPT: [(&str, &str); 33] = [
        (
            "Award",
            r#"{"plugin":"hello","digest":"d","event":"evt_0","key":"k","reason":"r","revision":1}"#,
        ),
        ("Referral", r#"{"referral":"referrer","with":"mem_0","purchase":"pur_0","revision":1}"#),
        (
            "Referral",
            r#"{"referral":"referred","with":"mem_0","purchase":"pur_0","revision":1,
                "cuts":[{"cap":"day","points":5}]}"#,
        ),
        (
            "ReferralReturn",
            r#"{"return":"ret_0","referral":"referred","purchase":"pur_0","revision":1}"#,
        ),
        (
            "Return",
            r#"{"return":"ret_0","reference":"r","purchase":"pur_0","purchaseReference":"p",
                "points":5,"revision":1}"#,
        ),
        (
            "Refund",
            r#"{"return":"ret_0","reference":"r","payment":"txn_0","purchaseReference":"p",
                "revision":1}"#,
        ),
        (
            "EditEarning",
            r#"{"edit":"edt_0","reference":"r","purchase":"pur_0","purchaseReference":"p",
                "appraisal":{"points":5},"revision":1}"#,
        ),
        (
            "Reappraisal",
            r#"{"reappraised":"pur_0","purchaseReference":"p","plugin":"hello","digest":"d",
                "appraisal":{"points":5},"revision":1}"#,
        ),
        (
            "EditReturn",
            r#"{"edit":"edt_0","reference":"r","purchase":"pur_0","purchaseReference":"p",
                "points":5,"revision":1}"#,
        ),
        (
            "EditRefund",
            r#"{"edit":"edt_0","reference":"r","payment":"txn_0","purchaseReference":"p",
                "revision":1}"#,
        ),
        (
            "ReferralEdit",
            r#"{"edit":"edt_0","referral":"referred","purchase":"pur_0","revision":1}"#,
        ),
        ("Reward", r#"{"reward":"mug","redemption":"red_0","revision":1}"#),
        ("Payment", r#"{"payment":"pur_0","reference":"p","amountMinor":500,"revision":1}"#),
        (
            "Deduction",
            r#"{"plugin":"hello","digest":"d","event":"evt_0","key":"k","reason":"r","asked":5,
                "revision":1}"#,
        ),
        ("Release", r#"{"hold":"hld_0","held":"txn_0"}"#),
        ("Capture", r#"{"hold":"hld_0","reason":"r","revision":1}"#),
        ("Hold", r#"{"hold":"hld_0","reason":"r"}"#),
        ("Activation", r#"{"activates":"txn_0"}"#),
        ("Void", r#"{"reason":"r","voids":"txn_0","short":0,"revision":1}"#),
        ("Extension", r#"{"reason":"r","until":null,"revision":1}"#),
        ("Extension", r#"{"reason":"r","until":"2027-01-01T00:00:00Z","revision":1}"#),
        ("Opening", r#"{"reason":"r","reference":"o","countsAsEarned":true,"revision":1}"#),
        (
            "Transfer",
            r#"{"transfer":"sent","member":"mem_0","transaction":"txn_0","reason":"r","revision":1}"#,
        ),
        (
            "Merge",
            r#"{"merge":"out","member":"mem_0","transaction":"txn_0","reason":"r","revision":1}"#,
        ),
        ("Adjustment", r#"{"reason":"r","countsAsEarned":false,"revision":1}"#),
        (
            "Adjustment",
            r#"{"reason":"r","countsAsEarned":false,"revision":1,"approvedBy":"operator:b"}"#,
        ),
        ("Restoration", r#"{"reason":"expired too early","expired":"txn_0"}"#),
        ("Restoration", r#"{"reason":"was active","expired":"txn_0"}"#),
        ("Ending", r#"{"reason":"expired","revision":1}"#),
        ("Itself", r#"{"reason":"expired"}"#),
        ("Itself", r#"{"reason":"inactive"}"#),
        ("Erased", r#"{"erased":true}"#),
        ("Erased", r#"{"erased":true,"countsAsEarned":true}"#),
    ];

    #[test]
    fn what_is_kept_is_read_as_what_it_was() {
        for (name, kept) in KEPT {
            let kept = kept.replace("_0\"", "_00000000000000000000000000\"");
            let kept: Value = serde_json::from_str(&kept).unwrap();
            let cause = Cause::read(kept.clone()).unwrap_or_else(|| panic!("{name}: {kept}"));
            assert!(format!("{cause:?}").starts_with(&format!("{name}({name} ")), "{cause:?}");
            assert_eq!(to_value(&cause).unwrap(), kept, "and it is kept as that");
        }
    }

    #[test]
    fn what_nobody_knows_is_nothing() {
        for unknown in [r#"{"moon":"full"}"#, r#"{"activates":"txn_0","moon":"full"}"#, "null"] {
            assert_eq!(Cause::read(serde_json::from_str(unknown).unwrap()), None, "{unknown}");
        }
    }
}
