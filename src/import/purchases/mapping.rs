//! The mapping of a purchases file. Every key has a default, so that a CSV file whose header says
//! `member,reference,date,amount,currency,sku,quantity,category` needs no mapping.

use crate::import::amounts::Amounts;
use crate::import::encoding::Named;
use crate::import::reference::Reference;
use crate::import::shape::{Column, Format, Mapping, Shape, invalid};
use perennial_core::Result;
use serde::Deserialize;

/// A parsed and checked mapping.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PurchaseMapping {
    format: Format,
    /// One ASCII character; CSV only.
    delimiter: char,
    /// Whether the first line names the columns; not for NDJSON, where every row does.
    header: bool,
    encoding: Named,
    /// As in strptime, such as `%Y%m%d`; without it, `2026-11-22` or `2026-11-22T10:00:00Z`.
    pub(super) date_format: Option<String>,
    pub(super) amounts: Amounts,
    pub(super) columns: Columns,
    pub(super) lines: LineKeys,
    pub(super) reference: Reference,
    /// Whether the import creates members that it does not find.
    pub(crate) create_members: bool,
}

/// Where each value comes from; a column that is not named here is looked up by its own name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Columns {
    pub(super) member: Option<Column>,
    pub(super) reference: Option<Column>,
    pub(super) date: Option<Column>,
    pub(super) amount: Option<Column>,
    pub(super) currency: Option<Column>,
    pub(super) quantity: Option<Column>,
    pub(super) sku: Option<Column>,
    pub(super) category: Option<Column>,
}

/// The lines that an object of NDJSON may carry: the key of their list, and the keys of each.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LineKeys {
    pub(super) key: String,
    pub(super) sku: String,
    pub(super) category: String,
    pub(super) quantity: String,
    pub(super) amount: String,
}

impl Default for PurchaseMapping {
    fn default() -> Self {
        Self {
            format: Format::Csv,
            delimiter: ',',
            header: true,
            encoding: Named::default(),
            date_format: None,
            amounts: Amounts::default(),
            columns: Columns::default(),
            lines: LineKeys::default(),
            reference: Reference::default(),
            create_members: false,
        }
    }
}

impl Default for LineKeys {
    fn default() -> Self {
        let [key, sku, category, quantity, amount] =
            ["lines", "sku", "category", "quantity", "amount"].map(str::to_owned);
        Self { key, sku, category, quantity, amount }
    }
}

impl Mapping for PurchaseMapping {
    fn shape(&self) -> Result<Shape> {
        Shape::new(self.format, self.delimiter, self.header, self.encoding)
    }

    fn check(&self) -> Result<()> {
        self.amounts.check()?;
        if self.format == Format::Whitespace && self.amounts.has_spaces() {
            return Err(invalid("amounts.thousands: a space separates the columns of this format"));
        }
        if self.format != Format::Ndjson && self.lines != LineKeys::default() {
            return Err(invalid(
                "lines: only an object of NDJSON carries lines; in other formats each line of an \
                 order is a row, and rows of one reference make one purchase",
            ));
        }
        self.reference.check(self.columns.reference.as_ref())
    }
}
