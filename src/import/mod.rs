//! Reads files of purchases – CSV, NDJSON or columns separated by spaces – row by row, in bounded
//! memory. Nothing is written here but the error file; a row that cannot be read is reported with
//! its line and column and never stops the others.
//!
//! Start at [`Mapping`], which says what the columns mean, then [`Reader`], which gives rows in the
//! order of the file, or [`InOrder`], which gives them in the order of time.

mod errors;
mod layout;
mod lines;
mod mapping;
mod order;
mod reader;
mod row;
mod source;
mod split;

#[cfg(test)]
mod tests;

pub(crate) use errors::ErrorFile;
pub(crate) use mapping::Mapping;
pub(crate) use order::InOrder;
pub(crate) use reader::{Outcome, Reader};
pub(crate) use row::{Row, RowError, When};
