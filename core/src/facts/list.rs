//! The list of facts. To add one is to add it here; a test then asks for its form in the SDK and in
//! `docs/events.md`.

use super::{HoldOutcome, LineFact, PluginChange, RecordFact, ReferralRole, ReturnedLineFact};
use crate::{
    Currency, EditId, HoldId, MemberId, MembershipId, PointType, Points, PurchaseId, RedemptionId,
    ReturnId, Timestamp, TransactionId,
};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

macro_rules! facts {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident $text:literal $($subscribable:ident)? {
            $($(#[doc = $field_doc:literal])+ $(#[$meta:meta])* $field:ident: $type:ty,)*
        }
    )*) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Debug, PartialEq, Serialize)]
            #[serde(rename_all = "camelCase")]
            pub struct $name { $($(#[doc = $field_doc])+ $(#[$meta])* pub $field: $type,)* }

            impl From<$name> for Fact {
                fn from(fact: $name) -> Self {
                    Self::$name(fact)
                }
            }
        )*

        /// Something that happened to a member. Serialized it is the data of its event.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum Fact { $($(#[doc = $doc])+ $name($name),)* }

        impl Fact {
            /// The name of its event.
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$name(_) => $text,)* }
            }
        }

        /// The names of events that a plugin may subscribe to.
        pub const SUBSCRIBABLE: &[&str] = &[$($(facts!(@$subscribable $text),)?)*];

        /// Every event with what it means and the fields of its data: (name, meaning, fields with
        /// their meaning).
        pub const DOCUMENTED: &[(&str, &[&str], &[(&str, &[&str])])] = &[$((
            $text,
            &[$($doc),+],
            &[$((stringify!($field), &[$($field_doc),+])),*],
        ),)*];
    };
    (@subscribable $text:literal) => { $text };
}

facts! {
    /// A member was created.
    MemberJoined "member-joined" subscribable {}

    /// A member was erased: what followers have of the member is to go. It is the last event of the
    /// member, and those before it are gone.
    MemberErased "member-erased" {
        /// How many messages to the member are gone.
        messages: i64,
    }

    /// Another member was merged into this one: what was its is this one's now.
    MembersMerged "members-merged" subscribable {
        /// The id of the member that was merged.
        merged_member_id: MemberId,
        /// Why, for people.
        reason: String,
    }

    /// Two members who had been merged are two again: what came from the one and is still there is
    /// its own. Both have an event of their own.
    MembersUnmerged "members-unmerged" subscribable {
        /// The id of the other member.
        other_member_id: MemberId,
        /// Why, for people.
        reason: String,
    }

    /// The person belongs to a group from now on.
    GroupJoined "group-joined" subscribable {
        /// The membership's id.
        membership_id: MembershipId,
        /// The member id of the group.
        group_id: MemberId,
        /// Whose account gets what the person's purchases earn: `MEMBER`, `GROUP` or `BOTH`.
        accrual: &'static str,
        /// Whether the person may spend the group's points.
        may_spend: bool,
        /// From when on purchases that are recorded late accrue by it.
        joined_at: Timestamp,
    }

    /// The terms changed on which the person belongs to a group.
    MembershipChanged "membership-changed" subscribable {
        /// The membership's id.
        membership_id: MembershipId,
        /// The member id of the group.
        group_id: MemberId,
        /// Whose account gets what purchases earn from now on: `MEMBER`, `GROUP` or `BOTH`.
        accrual: &'static str,
        /// Whether the person may spend the group's points from now on.
        may_spend: bool,
        /// From when on purchases that are recorded late accrue by it.
        joined_at: Timestamp,
    }

    /// The person does not belong to a group any more.
    GroupLeft "group-left" subscribable {
        /// The membership's id.
        membership_id: MembershipId,
        /// The member id of the group.
        group_id: MemberId,
    }

    /// A purchase was recorded.
    PurchaseRecorded "purchase-recorded" subscribable {
        /// The purchase's id.
        purchase_id: PurchaseId,
        /// The shop's order number.
        reference: String,
        /// ISO 4217.
        currency: Currency,
        /// The total in minor units, such as cents.
        total_minor: i64,
        /// The day in the program's time zone.
        purchased_on: Date,
        /// What the member got for the purchase itself. What it brings a group is the group's.
        points: Points,
        /// What it did not earn because of a ceiling or a cap of the program; absent if that is nothing.
        #[serde(skip_serializing_if = "Points::is_zero")]
        cut: Points,
        /// What was bought; empty when the shop sent a total only.
        lines: Vec<LineFact>,
    }

    /// Something of a purchase came back, or all of it, as when an order is cancelled.
    PurchaseReturned "purchase-returned" subscribable {
        /// The return's id.
        return_id: ReturnId,
        /// The shop's number of the return, unique within the purchase.
        reference: String,
        /// The purchase's id.
        purchase_id: PurchaseId,
        /// The shop's order number.
        purchase_reference: String,
        /// ISO 4217.
        currency: Currency,
        /// What came back, in minor units, such as cents.
        amount_minor: i64,
        /// The day in the program's time zone.
        returned_on: Date,
        /// Whether nothing of the purchase is left.
        is_whole: bool,
        /// The parts of lines that came back.
        lines: Vec<ReturnedLineFact>,
        /// What the returned part had earned.
        points_earned: Points,
        /// The id of the transaction that took points back; null when none were there to be taken.
        transaction_id: Option<TransactionId>,
        /// How many were taken back.
        points: Points,
        /// What the wallet holds after it; negative when more was taken back than it had.
        balance: Points,
    }

    /// An order was changed after it was recorded. What the change did is all here: no other event
    /// tells of what was added or taken away.
    PurchaseEdited "purchase-edited" subscribable {
        /// The edit's id.
        edit_id: EditId,
        /// The shop's number of the edit, unique within the purchase.
        reference: String,
        /// The purchase's id.
        purchase_id: PurchaseId,
        /// The shop's order number.
        purchase_reference: String,
        /// ISO 4217.
        currency: Currency,
        /// What the order cost before, in minor units, such as cents.
        total_before_minor: i64,
        /// What it costs now, what came back of it included.
        total_minor: i64,
        /// The day in the program's time zone.
        edited_on: Date,
        /// Whether nothing of the purchase is left.
        is_whole: bool,
        /// What was added; of what only costs more it is one item. Empty when the shop sent a total only.
        added: Vec<LineFact>,
        /// The parts of lines that were taken away.
        removed: Vec<ReturnedLineFact>,
        /// What was added has earned.
        points_earned: Points,
        /// What it did not earn because of a ceiling or a cap of the program; absent if that is nothing.
        #[serde(skip_serializing_if = "Points::is_zero")]
        cut: Points,
        /// What was taken away had earned.
        points_removed: Points,
        /// How many of those were taken back.
        points_taken: Points,
        /// How many points pay for what was added, which had paid for what was taken away.
        paid_points: Points,
        /// What those are worth, in minor units.
        paid_minor: i64,
        /// What the wallet holds after it; negative when more was taken back than it had.
        balance: Points,
    }

    /// Points were earned.
    PointsEarned "points-earned" subscribable {
        /// The transaction's id.
        transaction_id: TransactionId,
        /// How many.
        points: Points,
        /// The id of the type of points; absent for the program's main points.
        #[serde(skip_serializing_if = "PointType::is_main")]
        point_type: PointType,
        /// What the wallet holds after it.
        balance: Points,
        /// Why, for people.
        reason: String,
    }

    /// Points were earned that cannot be spent yet. Once they can, the event `points-earned` says
    /// so.
    PointsPending "points-pending" subscribable {
        /// The transaction's id.
        transaction_id: TransactionId,
        /// How many.
        points: Points,
        /// The id of the type of points; absent for the program's main points.
        #[serde(skip_serializing_if = "PointType::is_main")]
        point_type: PointType,
        /// The day from which on they can be spent, in the program's zone; null while it is not known.
        until: Option<Date>,
        /// The event that they wait for, such as `delivered`; null if they wait for a day.
        awaits: Option<String>,
        /// Why, for people.
        reason: String,
    }

    /// Points were spent.
    PointsSpent "points-spent" subscribable {
        /// The transaction's id.
        transaction_id: TransactionId,
        /// How many.
        points: Points,
        /// The id of the type of points; absent for the program's main points.
        #[serde(skip_serializing_if = "PointType::is_main")]
        point_type: PointType,
        /// What the wallet holds after it.
        balance: Points,
        /// Why, for people.
        reason: String,
        /// The id of the reward in the program file; null if they were spent on something else.
        reward: Option<String>,
    }

    /// Points were reserved, for a cart or a till.
    PointsHeld "points-held" subscribable {
        /// The hold's id.
        hold_id: HoldId,
        /// The transaction's id.
        transaction_id: TransactionId,
        /// How many.
        points: Points,
        /// The id of the type of points; absent for the program's main points.
        #[serde(skip_serializing_if = "PointType::is_main")]
        point_type: PointType,
        /// What the wallet holds after it, without what is reserved.
        balance: Points,
        /// When they are free again if nobody captures them.
        expires_at: Timestamp,
        /// Why, for people.
        reason: String,
    }

    /// A hold ended. What of it was captured is spent, and the event `points-spent` says so; the
    /// rest is free again.
    HoldEnded "hold-ended" subscribable {
        /// The hold's id.
        hold_id: HoldId,
        /// The id of the transaction that set its points free.
        transaction_id: TransactionId,
        /// `captured`, `released` or `expired`.
        outcome: HoldOutcome,
        /// How many points it had reserved.
        points: Points,
        /// How many of them were captured.
        captured: Points,
        /// What the wallet holds after it.
        balance: Points,
    }

    /// Points expired. The event happens at the instant of their expiry.
    PointsExpired "points-expired" subscribable {
        /// The transaction's id.
        transaction_id: TransactionId,
        /// How many.
        points: Points,
        /// The id of the type of points; absent for the program's main points.
        #[serde(skip_serializing_if = "PointType::is_main")]
        point_type: PointType,
        /// What the wallet holds after it.
        balance: Points,
    }

    /// Points that had paid for a purchase were given back, because something of it came back.
    PointsRefunded "points-refunded" subscribable {
        /// The transaction's id.
        transaction_id: TransactionId,
        /// How many.
        points: Points,
        /// The id of the type of points; absent for the program's main points.
        #[serde(skip_serializing_if = "PointType::is_main")]
        point_type: PointType,
        /// What the wallet holds after it.
        balance: Points,
    }

    /// Points last longer than they were to. The balance stays.
    PointsExtended "points-extended" subscribable {
        /// The transaction's id.
        transaction_id: TransactionId,
        /// How many.
        points: Points,
        /// The id of the type of points; absent for the program's main points.
        #[serde(skip_serializing_if = "PointType::is_main")]
        point_type: PointType,
        /// The day on which they expire, in the program's zone; null if they do not any more.
        until: Option<Date>,
        /// Why, for people.
        reason: String,
    }

    /// Points that had expired too early, by a clock that was wrong or before an activity of the member
    /// was reported, were given back.
    PointsRestored "points-restored" subscribable {
        /// The transaction's id.
        transaction_id: TransactionId,
        /// The id of the transaction that expired them.
        expired_transaction_id: TransactionId,
        /// How many.
        points: Points,
        /// The id of the type of points; absent for the program's main points.
        #[serde(skip_serializing_if = "PointType::is_main")]
        point_type: PointType,
        /// What the wallet holds after it.
        balance: Points,
    }

    /// An operator gave points, or took some; or a plugin took some.
    PointsAdjusted "points-adjusted" subscribable {
        /// The transaction's id.
        transaction_id: TransactionId,
        /// How many were given; negative when they were taken.
        points: Points,
        /// The id of the type of points; absent for the program's main points.
        #[serde(skip_serializing_if = "PointType::is_main")]
        point_type: PointType,
        /// What the wallet holds after it.
        balance: Points,
        /// Why, for people.
        reason: String,
    }

    /// Points that the member had in another system were taken over.
    BalanceOpened "balance-opened" subscribable {
        /// The transaction's id.
        transaction_id: TransactionId,
        /// How many.
        points: Points,
        /// The id of the type of points; absent for the program's main points.
        #[serde(skip_serializing_if = "PointType::is_main")]
        point_type: PointType,
        /// What the wallet holds after it.
        balance: Points,
        /// What the other system calls them.
        reference: String,
        /// Why, for people.
        reason: String,
    }

    /// The member gave points to another member, or got them. Both members have an event of their
    /// own.
    PointsTransferred "points-transferred" subscribable {
        /// The transaction's id.
        transaction_id: TransactionId,
        /// The id of the transaction of the other member.
        other_transaction_id: TransactionId,
        /// How many the member got; negative when they were given.
        points: Points,
        /// The id of the type of points; absent for the program's main points.
        #[serde(skip_serializing_if = "PointType::is_main")]
        point_type: PointType,
        /// What the wallet holds after it.
        balance: Points,
        /// Why, for people.
        reason: String,
    }

    /// A wrong transaction was made good by another one.
    TransactionVoided "transaction-voided" subscribable {
        /// The id of the transaction that makes it good.
        transaction_id: TransactionId,
        /// The id of the transaction that was wrong.
        voided_transaction_id: TransactionId,
        /// What the wallet gained by it; negative when points were taken back.
        points: Points,
        /// The id of the type of points; absent for the program's main points.
        #[serde(skip_serializing_if = "PointType::is_main")]
        point_type: PointType,
        /// What the wallet holds after it.
        balance: Points,
        /// Why, for people.
        reason: String,
    }

    /// The member got tags, or lost some.
    MemberTagged "member-tagged" subscribable {
        /// Those that it had not before.
        added: Vec<String>,
        /// Those that it has no longer.
        removed: Vec<String>,
    }

    /// The member moved to another tier.
    TierChanged "tier-changed" subscribable {
        /// The id of the tier that was left; null below the first.
        from: Option<String>,
        /// The id of the tier that was reached; null below the first.
        to: Option<String>,
    }

    /// A referral was completed by the first purchase of the referred member. Both members have an
    /// event of their own.
    ReferralCompleted "referral-completed" subscribable {
        /// `referrer` or `referred`: which of the two this member is.
        role: ReferralRole,
        /// What the member earned by it.
        points: Points,
        /// What it did not earn because of a cap of the program; absent if that is nothing.
        #[serde(skip_serializing_if = "Points::is_zero")]
        cut: Points,
    }

    /// A referral is not completed any more, because the referred member has returned all
    /// purchases. Both members have an event of their own.
    ReferralReversed "referral-reversed" subscribable {
        /// `referrer` or `referred`: which of the two this member is.
        role: ReferralRole,
        /// The id of the transaction that took points back; null when none were there to be taken.
        transaction_id: Option<TransactionId>,
        /// How many were taken back.
        points: Points,
        /// What the wallet holds after it; negative when more was taken back than it had.
        balance: Points,
    }

    /// A reward was redeemed.
    RewardRedeemed "reward-redeemed" subscribable {
        /// The redemption's id.
        redemption_id: RedemptionId,
        /// The id of the reward in the program file.
        reward: String,
        /// What it cost.
        points: Points,
    }

    /// A record was created, or its data changed. A plugin receives it for the record types that it
    /// declares.
    RecordPut "record-put" subscribable {
        /// The record's type.
        #[serde(rename = "type")]
        record_type: String,
        /// The record's identifier in the operator's own system.
        external_id: String,
        /// Valid against the schema of the type.
        data: Value,
        /// Whether the record was created.
        is_new: bool,
    }

    /// The plugin was enabled in the program, configured anew, or moved to another version, so it can
    /// plan anew. Only that plugin receives it: once for each record of the types that it declares, and
    /// once for each member – for all members when it was enabled, otherwise for those of whom it keeps
    /// something or has a timer.
    PluginChanged "plugin-changed" subscribable {
        /// `enabled`, also of a plugin that comes back, `configured`, `upgraded` or `rolled-back`.
        change: PluginChange,
        /// The version that the program runs from then on.
        version: String,
        /// The version that the program ran before; null if it enables the plugin for the first time.
        version_before: Option<String>,
        /// The record that it is about, as it is now; null if it is about the member.
        record: Option<RecordFact>,
    }

    /// A plugin raised an event of its own. Other plugins receive it that subscribe to it as
    /// `PLUGIN/EVENT`.
    PluginEvent "plugin-event" {
        /// The plugin that raised it.
        plugin: String,
        /// What the plugin calls it.
        event: String,
        /// Valid against the plugin's schema of the event.
        data: Value,
    }

    /// A timer that the plugin set is due. Only that plugin receives it, without subscribing.
    TimerFired "timer-fired" {
        /// The name that the plugin gave the timer.
        name: String,
        /// What the plugin set it with.
        data: Value,
        /// The record that the timer is about, as it is now; null when there is none.
        record: Option<RecordFact>,
    }
}
