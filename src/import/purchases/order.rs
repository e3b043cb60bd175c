//! The purchase that the rows of one reference make.

use super::layout::PurchaseLayout;
use super::row::{Item, Row};
use crate::import::group::{Group, Whole};
use crate::import::row_error::RowError;
use perennial_core::members::MemberRef;
use perennial_core::purchases::{Cart, Line, NewPurchase};
use perennial_core::{Code, Error, Timestamp};

/// Rows of one order, which agree on whose it is.
#[derive(Debug)]
pub(crate) struct Order(Whole<Row>);

impl Order {
    /// Joins the rows of one reference. Fails with an error for each of them: an order with a row
    /// that cannot be read would be recorded with too small a total, permanently.
    pub(crate) fn of(group: Group<Row>, layout: &PurchaseLayout) -> Result<Self, Vec<RowError>> {
        let order = Self(group.whole("an order")?);
        match order.disagreement(layout) {
            Some(error) => Err(order.0.refused_for(&error)),
            None => Ok(order),
        }
    }

    /// The member's external id.
    pub(crate) fn member(&self) -> &str {
        &self.first().member
    }

    /// How many rows the order has, repeated ones among them.
    pub(crate) fn row_count(&self) -> u64 {
        self.0.places.len() as u64
    }

    /// How many rows say what an earlier one of the order says.
    pub(crate) fn repeated_count(&self) -> u64 {
        self.row_count() - self.0.rows.len() as u64
    }

    /// The purchase and its instant. Fails with an error for each row.
    pub(crate) fn purchase(
        &self,
        layout: &PurchaseLayout,
    ) -> Result<(NewPurchase, Timestamp), Vec<RowError>> {
        let first = self.first();
        let at = first.when.instant(&layout.terms.zone);
        let at = at.map_err(|error| self.refused(&error.at("purchasedAt"), layout))?;
        let mut total_minor: i64 = 0;
        let mut lines = Vec::new();
        for row in &self.0.rows {
            let minor = row_minor(row, layout, &mut lines);
            let sum = minor.and_then(|minor| {
                total_minor.checked_add(minor).ok_or_else(|| too_large(row, layout))
            });
            total_minor = sum.map_err(|error| self.0.refused_for(&error))?;
        }
        let purchase = NewPurchase {
            member: MemberRef::ExternalId(first.member.clone()),
            reference: first.reference.clone(),
            purchased_at: Some(at),
            cart: Cart { currency: Some(first.currency), total_minor: Some(total_minor), lines },
            pay_with: None,
        };
        Ok((purchase, at))
    }

    /// What the platform refused, as an error for each row.
    pub(crate) fn refused(&self, error: &Error, layout: &PurchaseLayout) -> Vec<RowError> {
        let field = error.field().unwrap_or_default();
        let line = field.strip_prefix("lines.").and_then(|rest| rest.split_once('.'));
        let line = line.and_then(|(index, field)| Some((self.line(index.parse().ok()?)?, field)));
        match line {
            Some(((row, item), field)) => self.0.refused_for(
                &RowError::new(row.place, error.code(), error.message())
                    .about(layout.line_label(item, field)),
            ),
            None => self.0.refused_all(error.code(), error.message(), layout.label(field)),
        }
    }

    fn first(&self) -> &Row {
        self.0.rows.first().expect("a group has a row, and one that is whole a good one")
    }

    /// A line of the purchase, by its number from 0.
    fn line(&self, index: usize) -> Option<(&Row, &Item)> {
        let items =
            self.0.rows.iter().flat_map(|row| row.items.iter().map(move |item| (row, item)));
        items.filter(|(_, item)| item.sku.is_some()).nth(index)
    }

    /// The first row that is not of the same order as those before it.
    fn disagreement(&self, layout: &PurchaseLayout) -> Option<RowError> {
        let first = self.first();
        let has_lines = first.items.iter().all(|item| item.sku.is_some());
        self.0.rows.iter().skip(1).find_map(|row| {
            let said = |field: &str, own: String, before: String| {
                let why = format!(
                    "the order `{}` has {before} in line {} and {own} here: correct one of them, \
                     or give another order another reference",
                    row.reference, first.place.line
                );
                RowError::new(row.place, Code::ReferenceReused, why).about(layout.label(field))
            };
            if row.reference != first.reference {
                return Some(Whole::<Row>::changed(row.place));
            }
            if row.member != first.member {
                let [own, before] = [row, first].map(|row| format!("the member `{}`", row.member));
                return Some(said("member", own, before));
            }
            if row.when != first.when {
                let [own, before] = [row, first].map(|row| format!("the date {}", row.when));
                return Some(said("purchasedAt", own, before));
            }
            if row.currency != first.currency {
                let [own, before] = [row, first].map(|row| format!("amounts in {}", row.currency));
                return Some(said("currency", own, before));
            }
            let all = row.items.iter().all(|item| item.sku.is_some());
            (all != has_lines).then(|| {
                let why = "of the rows of one order, either each names its sku or none does";
                let sku = layout.line_label(&row.items[0], "sku");
                RowError::new(row.place, Code::InvalidInput, why).about(sku)
            })
        })
    }
}

/// The amount of a row in minor units; its lines join those of the order.
fn row_minor(row: &Row, layout: &PurchaseLayout, lines: &mut Vec<Line>) -> Result<i64, RowError> {
    let minor = |text: &str, column: String| {
        row.currency
            .minor_units(text)
            .map_err(|error| RowError::new(row.place, error.code(), error.message()).about(column))
    };
    let mut sum: i64 = 0;
    for item in &row.items {
        let amount_minor = minor(&item.amount, layout.line_label(item, "amount"))?;
        sum = sum.checked_add(amount_minor).ok_or_else(|| too_large(row, layout))?;
        lines.extend(item.sku.as_ref().map(|sku| Line {
            sku: sku.clone(),
            category: item.category.clone(),
            quantity: item.quantity,
            amount_minor,
        }));
    }
    let Some(total) = &row.total else { return Ok(sum) };
    if minor(total, layout.label("total").to_owned())? == sum {
        return Ok(sum);
    }
    let why = format!("the lines add up to {}, not {total}", row.currency.decimal(sum));
    Err(RowError::new(row.place, Code::InvalidAmount, why).about(layout.label("total")))
}

fn too_large(row: &Row, layout: &PurchaseLayout) -> RowError {
    let why = "the lines add up to too large an amount";
    RowError::new(row.place, Code::Overflow, why).about(layout.label("total"))
}
