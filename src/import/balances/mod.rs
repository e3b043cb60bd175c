//! Opening balances: the columns of a balances file, and the points that a row takes over.

mod balance;
mod layout;
mod mapping;

pub(crate) use balance::Balance;
pub(crate) use layout::BalanceLayout;
pub(crate) use mapping::BalanceMapping;
