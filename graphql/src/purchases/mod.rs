//! Purchases: recording them, and quoting carts.

mod accrued;
pub(crate) mod admin;
mod cart;
mod missed;
mod payment;
mod purchase;
mod quote;
mod receipt;
mod record;
pub(crate) mod storefront;

pub(crate) use accrued::Given;
pub(crate) use cart::{Cart, LineInput};
pub(crate) use missed::MissedAppraisal;
pub(crate) use payment::PayerKind;
pub(crate) use purchase::MemberPurchases;
pub(crate) use record::PurchaseMutation;
