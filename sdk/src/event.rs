//! The events that plugins receive.

use crate::{Date, Failure, Json, PurchaseLine, Record, RecordKey};
use serde::{Deserialize, de::DeserializeOwned};

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident $name:literal;)*) => {
        /// An event that the platform recorded.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Event {
            $($(#[$doc])* $variant($variant),)*
            /// An event that this version of the SDK has no type for.
            Other(OtherEvent),
        }

        impl Event {
            /// Reads an event's JSON; fields that this version does not know are ignored.
            pub(crate) fn parse(name: &str, data: &str) -> Result<Self, Failure> {
                match name {
                    $($name => read(name, data).map(Self::$variant),)*
                    _ => Ok(Self::Other(OtherEvent {
                        name: name.to_owned(),
                        data: Json::parse(name, data)?,
                    })),
                }
            }

            /// The event's name, as in `subscribes` of `plugin.toml`.
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $name,)*
                    Self::Other(other) => &other.name,
                }
            }
        }
    };
}

events! {
    /// Somebody became a member.
    MemberJoined "member-joined";
    /// A purchase was recorded, with the points that it earned.
    PurchaseRecorded "purchase-recorded";
    /// Points were credited.
    PointsEarned "points-earned";
    /// Points were spent.
    PointsSpent "points-spent";
    /// Points expired.
    PointsExpired "points-expired";
    /// Points that had expired too early were given back.
    PointsRestored "points-restored";
    /// An operator gave points, or took some.
    PointsAdjusted "points-adjusted";
    /// A wrong transaction was made good.
    TransactionVoided "transaction-voided";
    /// The member moved to another tier.
    TierChanged "tier-changed";
    /// A referred member made the first purchase.
    ReferralCompleted "referral-completed";
    /// A reward was redeemed.
    RewardRedeemed "reward-redeemed";
    /// A record was created, or its data changed.
    RecordPut "record-put";
    /// A timer that this plugin set is due.
    TimerFired "timer-fired";
}

/// Somebody became a member: [`Context::member`](crate::Context::member).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct MemberJoined {}

/// A purchase and what it earned.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PurchaseRecorded {
    /// The platform's id of the purchase.
    pub purchase_id: String,
    /// The shop's order number.
    pub reference: String,
    /// The ISO 4217 code, such as `EUR`: always the program's currency.
    pub currency: String,
    /// The total in minor units, such as cents.
    pub total_minor: i64,
    /// The day of the purchase, in the program's time zone.
    pub purchased_on: Date,
    /// The points that the purchase itself earned.
    pub points: i64,
    /// What was bought.
    pub lines: Vec<PurchaseLine>,
}

/// Points were credited.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PointsEarned {
    /// The platform's id of the ledger transaction.
    pub transaction_id: String,
    /// How many.
    pub points: i64,
    /// The points that the member could spend afterwards.
    pub balance: i64,
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
    /// The points that the member could spend afterwards.
    pub balance: i64,
    /// The reason shown to the member.
    pub reason: String,
    /// The reward's id in the program file, if they were spent on a reward.
    pub reward: Option<String>,
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
    /// The points that the member could spend afterwards.
    pub balance: i64,
}

/// Points that had expired too early, by a clock that was wrong, were given back.
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
    /// The points that the member could spend afterwards.
    pub balance: i64,
}

/// An operator gave points, or took some.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PointsAdjusted {
    /// The platform's id of the ledger transaction.
    pub transaction_id: String,
    /// How many were given; negative when they were taken.
    pub points: i64,
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
    /// The points that the member could spend afterwards.
    pub balance: i64,
    /// Why, for people.
    pub reason: String,
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

/// A reward was redeemed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RewardRedeemed {
    /// The platform's id of the redemption.
    pub redemption_id: String,
    /// The reward's id in the program file.
    pub reward: String,
    /// The points that it cost.
    pub points: i64,
}

/// A record was created, or its data changed. The context's state is what the plugin stored for
/// this record.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RecordPut {
    /// A type that a manifest declares.
    #[serde(rename = "type")]
    pub record_type: String,
    /// Unique among the records of the type.
    pub external_id: String,
    /// The data, valid against the manifest's schema of the type.
    pub data: Json,
    /// Whether the record was created by this event.
    pub is_new: bool,
}

impl RecordPut {
    /// The record's type and external id.
    pub fn key(&self) -> RecordKey {
        RecordKey::new(&self.record_type, &self.external_id)
    }
}

/// A timer of this plugin is due. The context's state is what the plugin stored for the timer's
/// record, otherwise for the member.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct TimerFired {
    /// The name given to [`Actions::timer`](crate::Actions::timer).
    pub name: String,
    /// The value given to [`Timer::data`](crate::Timer::data); `null` without one.
    pub data: Json,
    /// The record that the timer is [about](crate::Timer::about), with its current data; none if
    /// the timer is not about one, or there is no such record.
    pub record: Option<Record>,
}

/// An event that this version of the SDK has no type for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct OtherEvent {
    /// The event's name, as in `subscribes` of `plugin.toml`.
    pub name: String,
    /// The event's data.
    pub data: Json,
}

fn read<T: DeserializeOwned>(name: &str, data: &str) -> Result<T, Failure> {
    serde_json::from_str(data)
        .map_err(|error| Failure::new("unexpected-event", format!("{name}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_by_name_and_unknown_fields_and_names_do_no_harm() {
        let tier = Event::parse("tier-changed", r#"{"from":null,"to":"gold","since":2030}"#);
        let expected = TierChanged { from: None, to: Some("gold".to_owned()) };
        assert_eq!(tier, Ok(Event::TierChanged(expected)));
        let joined = Event::parse("member-joined", r#"{"channel":"app"}"#).unwrap();
        assert_eq!(joined, Event::MemberJoined(MemberJoined {}));
        let survey = Event::parse("survey-answered", r#"{"stars":5}"#).unwrap();
        assert_eq!(survey.name(), "survey-answered");
    }

    #[test]
    fn an_event_that_does_not_fit_is_refused_by_name() {
        let failure = Event::parse("points-earned", "{}").unwrap_err();
        assert_eq!(failure.code, "unexpected-event");
        assert!(failure.message.starts_with("points-earned: missing field"), "{failure}");
    }
}
