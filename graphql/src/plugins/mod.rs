//! Plugins: their status for the operator, and what they show of a member.

pub(crate) mod admin;
mod change;
mod missed;
pub(crate) mod plugin;
mod queues;
mod recordings;
mod view;

pub(crate) use view::{AdminView, MemberViews, StorefrontView};
