//! Reads files of purchases, members and opening balances – CSV, NDJSON or columns separated by spaces – in
//! bounded memory. Nothing is written here but the error file; a row that cannot be read is
//! reported with its line and column and never stops the others.
//!
//! # From the bytes up
//!
//! | file | what |
//! | --- | --- |
//! | `encoding.rs` | the file as UTF-8, whatever it is written in |
//! | `lines.rs`, `split.rs` | lines with their places; a line cut into fields |
//! | `frames.rs`, `frame.rs`, `header.rs` | rows, without what an error file adds to them |
//! | `shape.rs`, `source.rs`, `cells.rs` | what a mapping says of the file; where a value is |
//! | `amounts.rs`, `when.rs`, `reference.rs` | amounts and dates as people write them; what a row is called |
//! | `index.rs`, `groups.rs`, `group.rs` | which rows belong together, in a file beside; the rows in that order |
//! | `purchases/`, `members/`, `balances/` | the columns, and what the rows of one order, member or balance make |
//! | `examine.rs` | what holds of whatever bytes, for tests and fuzzing |
//! | `error_file.rs`, `refused.rs` | the rows that were refused, to be corrected and imported again |

mod amounts;
pub(crate) mod balances;
mod cells;
mod encoding;
mod error_file;
#[cfg(any(test, fuzzing))]
pub(crate) mod examine;
mod frame;
mod frames;
mod group;
mod groups;
mod header;
mod index;
mod layout;
mod lines;
pub(crate) mod members;
pub(crate) mod purchases;
mod reference;
mod refused;
mod row_error;
mod shape;
mod source;
mod split;
mod when;

#[cfg(test)]
mod tests;

pub(crate) use error_file::ErrorFile;
pub(crate) use group::Group;
pub(crate) use groups::{Groups, Opened};
pub(crate) use layout::Layout;
pub(crate) use row_error::RowError;
pub(crate) use shape::Mapping;
