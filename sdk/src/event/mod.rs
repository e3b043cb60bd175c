//! The events that plugins receive.

mod members;
mod plugins;
mod points;
mod purchases;

pub use members::*;
pub use plugins::*;
pub use points::*;
pub use purchases::*;

use crate::record::{RECORDS_DATA, RECORDS_STATE};
use crate::{Failure, Json, Record, RecordKey};
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
                        data: Json::parse("the data of the event", data)?,
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
    /// Another member was merged into this one.
    MembersMerged "members-merged";
    /// Two members who had been merged are two again.
    MembersUnmerged "members-unmerged";
    /// The member belongs to a group from now on.
    GroupJoined "group-joined";
    /// The terms changed on which the member belongs to a group.
    MembershipChanged "membership-changed";
    /// The member does not belong to a group any more.
    GroupLeft "group-left";
    /// A purchase was recorded, with the points that it earned.
    PurchaseRecorded "purchase-recorded";
    /// Something of a purchase came back, or all of it.
    PurchaseReturned "purchase-returned";
    /// An order was changed after it was recorded.
    PurchaseEdited "purchase-edited";
    /// Points were credited.
    PointsEarned "points-earned";
    /// Points were earned that cannot be spent yet.
    PointsPending "points-pending";
    /// Points were spent.
    PointsSpent "points-spent";
    /// Points were reserved.
    PointsHeld "points-held";
    /// A hold ended.
    HoldEnded "hold-ended";
    /// Points expired.
    PointsExpired "points-expired";
    /// Points that had paid for a purchase were given back.
    PointsRefunded "points-refunded";
    /// Points last longer than they were to.
    PointsExtended "points-extended";
    /// Points that had expired too early were given back.
    PointsRestored "points-restored";
    /// An operator gave points, or took some; or another plugin took some.
    PointsAdjusted "points-adjusted";
    /// Points that the member had in another system were taken over.
    BalanceOpened "balance-opened";
    /// The member gave points to another member, or got them.
    PointsTransferred "points-transferred";
    /// A wrong transaction was made good.
    TransactionVoided "transaction-voided";
    /// The member got tags, or lost some.
    MemberTagged "member-tagged";
    /// The member moved to another tier.
    TierChanged "tier-changed";
    /// A referred member made the first purchase.
    ReferralCompleted "referral-completed";
    /// A referral is not completed any more.
    ReferralReversed "referral-reversed";
    /// A reward was redeemed.
    RewardRedeemed "reward-redeemed";
    /// A record was created, or its data changed.
    RecordPut "record-put";
    /// This plugin was enabled, configured anew or moved to another version.
    PluginChanged "plugin-changed";
    /// Another plugin raised an event of its own.
    PluginEvent "plugin-event";
    /// A timer that this plugin set is due.
    TimerFired "timer-fired";
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

impl Event {
    /// Says of the event's JSON which it is, and which state the call brings.
    pub(crate) fn name_json(&mut self, state: Option<&mut Json>) {
        let record = match self {
            Self::RecordPut(put) => Some(&mut put.data),
            Self::PluginChanged(changed) => changed.record.as_mut().map(|record| &mut record.data),
            Self::TimerFired(fired) => {
                fired.data.call("the data of the timer");
                fired.record.as_mut().map(|record| &mut record.data)
            }
            _ => None,
        };
        if let Some(data) = record {
            data.call(RECORDS_DATA);
            if let Some(state) = state {
                state.call(RECORDS_STATE);
            }
        }
    }
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
    fn a_change_that_there_was_none_of_yet_is_another() {
        let moved = Event::parse("plugin-changed", r#"{"change":"moved","version":"2.0.0"}"#);
        let Ok(Event::PluginChanged(moved)) = moved else { panic!("{moved:?}") };
        assert_eq!((moved.change, moved.version_before), (PluginChange::Other, None));
    }

    #[test]
    fn an_event_that_does_not_fit_is_refused_by_name() {
        let failure = Event::parse("points-earned", "{}").unwrap_err();
        assert_eq!(failure.code, "unexpected-event");
        assert!(failure.message.starts_with("points-earned: missing field"), "{failure}");
    }
}
