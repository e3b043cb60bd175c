//! The mapping of a members file. Every key has a default, so that a CSV file whose header has
//! `external_id`, `name` and what else is known needs no mapping.

use crate::import::encoding::Named;
use crate::import::shape::{Column, Format, Mapping, Shape, invalid};
use perennial_core::Result;
use serde::Deserialize;

/// A parsed and checked mapping.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MemberMapping {
    format: Format,
    /// One ASCII character; CSV only.
    delimiter: char,
    /// Whether the first line names the columns; not for NDJSON, where every row does.
    header: bool,
    encoding: Named,
    pub(super) columns: Columns,
    pub(super) contacts: ContactKeys,
}

/// Where each value comes from; a column that is not named here is looked up by its own name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Columns {
    pub(super) external_id: Option<Column>,
    pub(super) kind: Option<Column>,
    pub(super) name: Option<Column>,
    pub(super) email: Option<Column>,
    pub(super) locale: Option<Column>,
    pub(super) country: Option<Column>,
    pub(super) referral_code: Option<Column>,
    pub(super) contact_name: Option<Column>,
    pub(super) contact_email: Option<Column>,
    pub(super) contact_role: Option<Column>,
    pub(super) contact_locale: Option<Column>,
}

/// The contacts that an object of NDJSON may carry: the key of their list, and the keys of each.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ContactKeys {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) role: String,
    pub(super) locale: String,
}

impl Default for MemberMapping {
    fn default() -> Self {
        Self {
            format: Format::Csv,
            delimiter: ',',
            header: true,
            encoding: Named::default(),
            columns: Columns::default(),
            contacts: ContactKeys::default(),
        }
    }
}

impl Default for ContactKeys {
    fn default() -> Self {
        let [key, name, email, role, locale] =
            ["contacts", "name", "email", "role", "locale"].map(str::to_owned);
        Self { key, name, email, role, locale }
    }
}

impl Mapping for MemberMapping {
    fn shape(&self) -> Result<Shape> {
        Shape::new(self.format, self.delimiter, self.header, self.encoding)
    }

    fn check(&self) -> Result<()> {
        if self.format != Format::Ndjson && self.contacts != ContactKeys::default() {
            return Err(invalid(
                "contacts: only an object of NDJSON carries contacts; in other formats each \
                 contact is a row, in the columns that begin with `contact_`",
            ));
        }
        Ok(())
    }
}
