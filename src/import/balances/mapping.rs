//! The mapping of a balances file. Every key has a default, so that a CSV file whose header says
//! `member,reference,points,earned_at,expires_at` needs no mapping.

use crate::import::amounts::Amounts;
use crate::import::encoding::Named;
use crate::import::reference::Reference;
use crate::import::shape::{Column, Format, Mapping, Shape, invalid};
use perennial_core::Result;
use serde::Deserialize;

/// A parsed and checked mapping.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct BalanceMapping {
    format: Format,
    /// One ASCII character; CSV only.
    delimiter: char,
    /// Whether the first line names the columns; not for NDJSON, where every row does.
    header: bool,
    encoding: Named,
    /// As in strptime, such as `%Y%m%d`; without it, `2026-11-22` or `2026-11-22T10:00:00Z`.
    pub(super) date_format: Option<String>,
    /// How points are written.
    pub(super) amounts: Amounts,
    pub(super) columns: Columns,
    pub(super) reference: Reference,
}

/// Where each value comes from; a column that is not named here is looked up by its own name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Columns {
    pub(super) member: Option<Column>,
    pub(super) reference: Option<Column>,
    pub(super) points: Option<Column>,
    pub(super) point_type: Option<Column>,
    pub(super) earned_at: Option<Column>,
    pub(super) expires_at: Option<Column>,
    pub(super) counts_as_earned: Option<Column>,
    pub(super) reason: Option<Column>,
}

impl Default for BalanceMapping {
    fn default() -> Self {
        Self {
            format: Format::Csv,
            delimiter: ',',
            header: true,
            encoding: Named::default(),
            date_format: None,
            amounts: Amounts::default(),
            columns: Columns::default(),
            reference: Reference::default(),
        }
    }
}

impl Mapping for BalanceMapping {
    fn shape(&self) -> Result<Shape> {
        Shape::new(self.format, self.delimiter, self.header, self.encoding)
    }

    fn check(&self) -> Result<()> {
        self.amounts.check()?;
        if self.amounts.has_signs() {
            return Err(invalid("amounts.signs: points have no currency"));
        }
        if self.format == Format::Whitespace && self.amounts.has_spaces() {
            return Err(invalid("amounts.thousands: a space separates the columns of this format"));
        }
        self.reference.check(self.columns.reference.as_ref())
    }
}
