//! Members: people and organizations that take part in a program.

pub(crate) mod admin;
mod contact;
mod create;
mod profile;
mod reference;
mod statistics;
pub(crate) mod storefront;
mod tag;

pub(crate) use contact::{Contact, ContactInput};
pub(crate) use create::MemberMutation;
pub(crate) use profile::{MemberKind, Profile};
pub(crate) use reference::{MemberRefInput, member_id};
pub(crate) use statistics::Statistics;
pub(crate) use tag::TagMutation;
