//! Where each value is in a row, and how a [`Row`] is made of them.

use super::{
    Row, RowError, When,
    mapping::{Columns, Mapping, Part},
    source::{Cells, Source},
};
use perennial_core::{Code, Error, Result};
use std::borrow::Cow;

/// A mapping applied to one file.
#[derive(Debug)]
pub(super) struct Layout {
    member: Source,
    reference: Source,
    date: Source,
    amount: Source,
    currency: Source,
    quantity: Source,
    sku: Source,
    category: Source,
    derive: Vec<Part>,
    date_format: Option<String>,
}

impl Layout {
    /// Finds the columns. `header` is what the first line says, if the file has such a line. Fails
    /// with `INVALID_INPUT`, naming the column that is missing.
    pub(super) fn new(mapping: &Mapping, header: Option<&[String]>) -> Result<Self> {
        let Columns { member, reference, date, amount, currency, quantity, sku, category } =
            mapping.columns.clone();
        let find = |column, label| Source::find(column, label, mapping.format, header);
        let required = |column, label| find(column, label).and_then(Source::required);
        let derive = mapping.reference.derive.clone();
        let member = required(member, "member")?;
        let reference = if derive.is_empty() {
            required(reference, "reference")?
        } else {
            Source::Absent { label: "reference" }
        };
        Ok(Self {
            member,
            reference,
            date: required(date, "date")?,
            amount: required(amount, "amount")?,
            currency: find(currency, "currency")?,
            quantity: find(quantity, "quantity")?,
            sku: find(sku, "sku")?,
            category: find(category, "category")?,
            derive,
            date_format: mapping.date_format.clone(),
        })
    }

    /// The fewest fields that a row can have.
    pub(super) fn fields_min(&self) -> usize {
        let all = [
            &self.member,
            &self.reference,
            &self.date,
            &self.amount,
            &self.currency,
            &self.quantity,
            &self.sku,
            &self.category,
        ];
        all.into_iter().map(Source::fields_min).max().unwrap_or(0)
    }

    /// Reads a row. `occurrence` numbers the rows of one member and date from 1; it is asked as
    /// soon as these two are known, so that correcting another value of a bad row leaves the
    /// references of later rows as they were.
    pub(super) fn row(
        &self,
        line: u64,
        cells: &Cells<'_>,
        occurrence: &mut dyn FnMut(&str) -> u32,
    ) -> Result<Row, RowError> {
        let invalid = |source: &Source, code, reason: String, text: &str| {
            RowError::new(line, code, reason).about(source.label(), text)
        };

        let member = self.member.required_value(line, cells)?.into_owned();
        let date = self.date.required_value(line, cells)?;
        let when = When::parse(&date, self.date_format.as_deref()).ok_or_else(|| {
            let expected =
                self.date_format.as_deref().unwrap_or("2026-11-22 or 2026-11-22T10:00:00Z");
            let reason = format!("is not a date like {expected}");
            invalid(&self.date, Code::InvalidInput, reason, &date)
        })?;
        let reference = if self.derive.is_empty() {
            self.reference.required_value(line, cells)?.into_owned()
        } else {
            self.derived(&member, when, occurrence)
        };
        let amount = self.amount.required_value(line, cells)?;
        if !is_amount(&amount) {
            let reason = "is not a decimal amount such as 29.33, zero or more".to_owned();
            return Err(invalid(&self.amount, Code::InvalidAmount, reason, &amount));
        }
        let currency = self
            .currency
            .value(line, cells)?
            .map(|text| {
                let refuse = |error: Error| {
                    invalid(&self.currency, error.code(), error.message().to_owned(), &text)
                };
                text.parse().map_err(refuse)
            })
            .transpose()?;
        let quantity = self.quantity.value(line, cells)?.map_or(Ok(1), |text| {
            let whole =
                text.parse().ok().filter(|quantity| (1..=i32::MAX as u32).contains(quantity));
            let reason = || "is not a whole number from 1".to_owned();
            whole.ok_or_else(|| invalid(&self.quantity, Code::InvalidInput, reason(), &text))
        })?;
        Ok(Row {
            line,
            member,
            reference,
            when,
            amount: amount.into_owned(),
            currency,
            sku: self.sku.value(line, cells)?.map(Cow::into_owned),
            category: self.category.value(line, cells)?.map(Cow::into_owned),
            quantity,
        })
    }

    fn derived(&self, member: &str, when: When, occurrence: &mut dyn FnMut(&str) -> u32) -> String {
        // The line end cannot be part of a date, so no two pairs give the same text.
        let number = occurrence(&format!("{when}\n{member}"));
        let part = |part: &Part| match part {
            Part::Member => member.to_owned(),
            Part::Date => when.to_string(),
            Part::Occurrence => number.to_string(),
        };
        self.derive.iter().map(part).collect::<Vec<_>>().join("/")
    }
}

/// Digits with at most one point between them.
fn is_amount(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(text),
    }
}
