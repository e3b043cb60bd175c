//! Orders: the columns of a purchases file, and the purchase that the rows of one order make.

mod columns;
mod layout;
mod lines;
mod mapping;
mod order;
mod row;

pub(crate) use layout::{PurchaseLayout, Terms};
pub(crate) use mapping::PurchaseMapping;
pub(crate) use order::Order;
#[cfg(test)]
pub(super) use row::Item;
pub(crate) use row::Row;
