//! What loyalty is: members earn points for what they do, climb tiers, refer others, redeem rewards; plugins add what an
//! industry needs. No transport, no GraphQL and no WebAssembly here.

pub mod db;
pub mod plugins;

mod actor;
mod error;
mod ids;
mod money;
mod points;
mod time;

pub use actor::{Actor, Scope, Subject};
pub use error::{Code, Error, Kind, Result};
pub use ids::{
    ContactId, EventId, Id, LotId, MemberId, MessageId, ProgramId, PurchaseId, RecordId,
    RedemptionId, ServiceCenterId, TimerId, TransactionId, WalletId,
};
pub use money::Currency;
pub use points::Points;
pub use time::{Clock, Timestamp};
