//! The lines of a purchase in a row: those that it carries, or the one that it is.

use super::columns::LineSources;
use super::layout::PurchaseLayout;
use super::row::Item;
use crate::import::amounts::{Amount, Amounts};
use crate::import::cells::{Cells, objects};
use crate::import::lines::Place;
use crate::import::row_error::{Outcome, RowError};
use crate::import::source::Source;
use perennial_core::{Code, Currency};

impl PurchaseLayout {
    /// The lines that a row carries, or the one that it is, and the currencies of their signs.
    pub(super) fn items(
        &self,
        place: Place,
        cells: &Cells<'_>,
    ) -> Outcome<(Vec<Item>, Option<Amount>, Vec<Currency>)> {
        let carried = objects(cells, &self.lines_key).map_err(|reason| {
            RowError::new(place, Code::InvalidInput, reason).about(self.lines_key.as_str())
        })?;
        let mut currencies = Vec::new();
        if carried.is_empty() {
            let (item, currency) = self.item(place, &self.sources.row, cells)?;
            currencies.extend(currency);
            return Ok((vec![item], None, currencies));
        }
        let mut items = Vec::new();
        for (index, line) in carried.iter().enumerate() {
            let path = format!("{}.{index}", self.lines_key);
            let (item, currency) = self
                .item(place, &self.sources.lines, line)
                .and_then(|(item, currency)| {
                    // Of several lines, nobody knows what one without a sku is.
                    self.sources.lines.sku.required_value(place, line)?;
                    Ok((item, currency))
                })
                .map_err(|error| error.within(&path))?;
            items.push(Item { path: Some(path), ..item });
            currencies.extend(currency);
        }
        let total = self.amount(place, &self.sources.row.amount, cells)?;
        Ok((items, total, currencies))
    }

    fn item(
        &self,
        place: Place,
        sources: &LineSources,
        cells: &Cells<'_>,
    ) -> Outcome<(Item, Option<Currency>)> {
        let amount = self
            .amount(place, &sources.amount, cells)?
            .ok_or_else(|| sources.amount.refused(place, "the value is missing"))?;
        let quantity = sources.quantity.value(place, cells)?.map_or(Ok(1), |value| {
            let whole =
                value.text.parse().ok().filter(|number| (1..=i32::MAX as u32).contains(number));
            whole.ok_or_else(|| sources.quantity.refused(place, "is not a whole number from 1"))
        })?;
        let item = Item {
            path: None,
            sku: sources.sku.text(place, cells)?,
            category: sources.category.text(place, cells)?,
            quantity,
            amount: amount.text,
        };
        Ok((item, amount.currency))
    }

    fn amount(&self, place: Place, source: &Source, cells: &Cells<'_>) -> Outcome<Option<Amount>> {
        let Some(value) = source.value(place, cells)? else { return Ok(None) };
        let read = match value.is_number {
            // JSON writes numbers in one way.
            true => Amounts::default().read(&value.text),
            false => self.amounts.read(&value.text),
        };
        read.map(Some).map_err(|reason| {
            RowError::new(place, Code::InvalidAmount, reason).about(source.label())
        })
    }

    /// The currency of the column, which the signs of the amounts must not contradict.
    pub(super) fn currency(
        &self,
        place: Place,
        cells: &Cells<'_>,
        signs: &[Currency],
    ) -> Outcome<Currency> {
        let source = &self.sources.currency;
        let stated = source.value(place, cells)?.map(|value| {
            value.text.parse::<Currency>().map_err(|error| {
                RowError::new(place, error.code(), error.message()).about(source.label())
            })
        });
        let stated = stated.transpose()?;
        let currency = stated.or(signs.first().copied()).unwrap_or(self.terms.currency);
        match signs.iter().find(|sign| **sign != currency) {
            Some(sign) => {
                let reason = format!("an amount says {sign}, and the row says {currency}");
                let error = RowError::new(place, Code::CurrencyMismatch, reason);
                Err(error.about(self.sources.row.amount.label()))
            }
            None => Ok(currency),
        }
    }
}
