//! What loyalty is: members earn points for what they do, climb tiers, refer others, redeem
//! rewards; plugins add what an industry needs. No transport, no GraphQL and no WebAssembly here.

pub mod accounts;
pub mod backtests;
pub mod cards;
pub mod changes;
pub mod copy;
pub mod db;
pub mod directory;
pub mod earning;
pub mod edits;
pub mod erasures;
pub mod events;
pub mod exports;
pub mod facts;
pub mod holds;
pub mod ledger;
pub mod members;
pub mod memberships;
pub mod merging;
pub mod messages;
pub mod page;
pub mod pending;
pub mod plugins;
pub mod programs;
pub mod purchases;
pub mod reappraisals;
pub mod records;
pub mod referrals;
pub mod returns;
pub mod rewards;
pub mod server_clock;
pub mod tiers;
pub mod timers;
pub mod tokens;
pub mod verify;
pub mod worker;

mod actor;
mod cart;
mod clock;
mod context;
mod definition;
mod due;
mod error;
mod hash;
mod idempotency;
mod ids;
mod journal;
mod localized;
mod loyalty;
mod money;
mod operation;
mod point_type;
mod points;
mod runtime;
mod sealing;
mod settling;
mod share;
mod signing;
mod text;
mod time;

pub use actor::{Actor, Scope, Subject};
pub use clock::{BOUND_DEFAULT, Clock, Doubt};
pub use error::{Code, Error, Kind, Result};
pub use hash::sha256_hex;
pub use ids::{
    AccountId, ApprovalId, CardId, ContactId, EditId, EventId, HoldId, Id, LotId, MemberId,
    MembershipId, MessageId, PluginChangeId, ProgramId, PurchaseId, RecordId, RedemptionId,
    ReturnId, RunId, ServiceCenterId, TimerHoldId, TimerId, TokenId, TransactionId,
};
pub use loyalty::{Loyalty, Readiness};
pub use money::Currency;
pub use point_type::PointType;
pub use points::Points;
pub use signing::{Checked, KnownKeys, Signature, Signer};
pub use text::{is_country, is_language};
pub use time::Timestamp;
