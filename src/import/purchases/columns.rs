//! Where each value of a purchase is in a row, or in a line that the row carries.

use super::mapping::{Columns, LineKeys, PurchaseMapping};
use crate::import::shape::Shape;
use crate::import::source::Source;
use perennial_core::Result;

/// What says a line: the row itself, or each object that it carries.
#[derive(Debug)]
pub(super) struct LineSources {
    pub(super) sku: Source,
    pub(super) category: Source,
    pub(super) quantity: Source,
    pub(super) amount: Source,
}

#[derive(Debug)]
pub(super) struct Sources {
    pub(super) member: Source,
    pub(super) reference: Source,
    pub(super) date: Source,
    pub(super) currency: Source,
    pub(super) row: LineSources,
    pub(super) lines: LineSources,
}

impl Sources {
    /// Finds the columns. `header` is what the first line says, if the file has such a line. Fails
    /// with `INVALID_INPUT`, naming the column that is missing.
    pub(super) fn find(
        mapping: &PurchaseMapping,
        shape: Shape,
        header: Option<&[String]>,
    ) -> Result<Self> {
        let Columns { member, reference, date, amount, currency, quantity, sku, category } =
            mapping.columns.clone();
        let find = |column, label| Source::find(column, label, shape.format, header);
        let required = |column, label| find(column, label).and_then(Source::required);
        let member = required(member, "member")?;
        let reference = match mapping.reference.is_derived() {
            false => required(reference, "reference")?,
            true => Source::Absent { label: "reference" },
        };
        Ok(Self {
            member,
            reference,
            date: required(date, "date")?,
            currency: find(currency, "currency")?,
            row: LineSources {
                sku: find(sku, "sku")?,
                category: find(category, "category")?,
                quantity: find(quantity, "quantity")?,
                amount: required(amount, "amount")?,
            },
            lines: LineSources::keys(&mapping.lines),
        })
    }

    /// The fewest fields that a row can have.
    pub(super) fn fields_min(&self) -> usize {
        let LineSources { sku, category, quantity, amount } = &self.row;
        let all = [
            &self.member,
            &self.reference,
            &self.date,
            &self.currency,
            sku,
            category,
            quantity,
            amount,
        ];
        all.into_iter().map(Source::fields_min).max().unwrap_or(0)
    }
}

impl LineSources {
    fn keys(keys: &LineKeys) -> Self {
        let key = |label: &String| Source::Key { label: label.clone() };
        Self {
            sku: key(&keys.sku),
            category: key(&keys.category),
            quantity: key(&keys.quantity),
            amount: key(&keys.amount),
        }
    }

    /// What the file calls a field of a line.
    pub(super) fn label(&self, field: &str) -> &str {
        match field {
            "sku" => self.sku.label(),
            "category" => self.category.label(),
            "quantity" => self.quantity.label(),
            _ => self.amount.label(),
        }
    }
}
