#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod plugin;

mod actions;
mod appraisal;
mod context;
mod day;
mod event;
mod json;
pub mod log;
mod look_up;
mod record;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;

#[doc(hidden)]
#[expect(clippy::same_length_and_capacity, reason = "generated, and true of the canonical ABI")]
pub mod bindings;
mod export;

pub use actions::{
    Action, Actions, CancelledTimer, Due, Effect, Keyed, Message, Reason, Recipient, Timer,
    UnsetTimer,
};
pub use appraisal::{Proposal, Purchase, PurchaseLine};
pub use context::{Contact, Context, EventOrigin, Member, MemberKind};
pub use day::Date;
pub use event::{
    BalanceOpened, Event, GroupJoined, GroupLeft, HoldEnded, HoldOutcome, MemberJoined,
    MemberTagged, MembersMerged, MembersUnmerged, MembershipChanged, OtherEvent, PluginChange,
    PluginChanged, PluginEvent, PointsAdjusted, PointsEarned, PointsExpired, PointsExtended,
    PointsHeld, PointsPending, PointsRefunded, PointsRestored, PointsSpent, PointsTransferred,
    PurchaseEdited, PurchaseRecorded, PurchaseReturned, RecordPut, ReferralCompleted,
    ReferralReversed, ReferralRole, ReturnedLine, RewardRedeemed, TierChanged, TimerFired,
    TransactionVoided,
};
pub use jiff::{self, Timestamp};
pub use json::Json;
pub use look_up::{
    Balance, CenterQuery, PastPurchase, Position, Purchases, Records, ServiceCenter,
};
pub use perennial_sdk_macros::plugin;
pub use plugin::{Failure, NoConfig, Plugin};
pub use record::{Record, RecordKey};
pub use serde_json::json;

/// For the attribute `plugin`; not part of the SDK's public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::bindings::export;
    pub use crate::export::{Exported, SDK_VERSION, check};
}

/// The chapters of the guide, whose code is compiled and run like that of the README.
#[cfg(doctest)]
mod guide {
    #[doc = include_str!("../guide/01-first-plugin.md")]
    struct FirstPlugin;
    #[doc = include_str!("../guide/02-events.md")]
    struct Events;
    #[doc = include_str!("../guide/03-state-values-records.md")]
    struct StateValuesRecords;
    #[doc = include_str!("../guide/04-timers.md")]
    struct Timers;
    #[doc = include_str!("../guide/05-messages.md")]
    struct Messages;
    #[doc = include_str!("../guide/06-appraisals-and-views.md")]
    struct AppraisalsAndViews;
    #[doc = include_str!("../guide/07-evolving.md")]
    struct Evolving;
    #[doc = include_str!("../guide/08-testing.md")]
    struct Testing;
    #[doc = include_str!("../guide/10-bounds-and-determinism.md")]
    struct BoundsAndDeterminism;
    #[doc = include_str!("../guide/11-recipes.md")]
    struct Recipes;
    #[doc = include_str!("../guide/12-taking-tagging-raising.md")]
    struct TakingTaggingRaising;
}
