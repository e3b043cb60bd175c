//! Between the core's types and the guest's. Into the guest everything fits; out of it nothing is
//! trusted.

pub(crate) mod from_guest;
pub(crate) mod to_guest;
