//! How a [`Row`] is made of the values of a row.

use super::columns::Sources;
use super::mapping::PurchaseMapping;
use super::row::{Item, Row};
use crate::import::amounts::Amounts;
use crate::import::cells::Cells;
use crate::import::layout::Layout;
use crate::import::lines::Place;
use crate::import::reference::Reference;
use crate::import::row_error::Outcome;
use crate::import::shape::Shape;
use crate::import::when::When;
use jiff::tz::TimeZone;
use perennial_core::{Currency, Result, Timestamp};

/// The mapping of a purchases file applied to it, for one program.
#[derive(Debug)]
pub(crate) struct PurchaseLayout {
    pub(super) sources: Sources,
    pub(super) lines_key: String,
    reference: Reference,
    date_format: Option<String>,
    pub(super) amounts: Amounts,
    pub(super) terms: Terms,
}

/// What a program says of its purchases.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    /// What dates and local times are meant in.
    pub(crate) zone: TimeZone,
    /// The currency of an amount that says none.
    pub(crate) currency: Currency,
    /// Whether purchases come in the order of time, as a test clock follows them.
    pub(crate) in_order_of_time: bool,
}

impl PurchaseLayout {
    /// Fails with `INVALID_INPUT`, naming the column that is missing.
    pub(crate) fn new(
        mapping: &PurchaseMapping,
        terms: Terms,
        shape: Shape,
        header: Option<&[String]>,
    ) -> Result<Self> {
        Ok(Self {
            sources: Sources::find(mapping, shape, header)?,
            lines_key: mapping.lines.key.clone(),
            reference: mapping.reference.clone(),
            date_format: mapping.date_format.clone(),
            amounts: mapping.amounts.clone(),
            terms,
        })
    }

    /// What the file calls a field of a purchase.
    pub(super) fn label(&self, field: &str) -> &str {
        match field {
            "member" => self.sources.member.label(),
            "reference" => self.sources.reference.label(),
            "purchasedAt" => self.sources.date.label(),
            "currency" => self.sources.currency.label(),
            "total" => self.sources.row.amount.label(),
            _ => "",
        }
    }

    /// What the file calls a field of a line.
    pub(super) fn line_label(&self, item: &Item, field: &str) -> String {
        match &item.path {
            Some(path) => format!("{path}.{}", self.sources.lines.label(field)),
            None => self.sources.row.label(field).to_owned(),
        }
    }

    fn when(&self, place: Place, cells: &Cells<'_>) -> Outcome<When> {
        let date = self.sources.date.required_value(place, cells)?;
        When::of(&self.sources.date, place, &date, self.date_format.as_deref())
    }

    fn reference(
        &self,
        place: Place,
        cells: &Cells<'_>,
        (member, when): (&str, When),
        occurrence: u32,
    ) -> Outcome<String> {
        if self.reference.is_derived() {
            return Ok(self.reference.derived(member, when, occurrence));
        }
        Ok(self.sources.reference.required_value(place, cells)?.text.into_owned())
    }
}

impl Layout for PurchaseLayout {
    type Row = Row;

    fn fields_min(&self) -> usize {
        self.sources.fields_min()
    }

    /// The reference; where it is derived, member and date, whose rows it numbers. As soon as these
    /// two are known, so that correcting another value of a bad row leaves the references of later
    /// rows as they were.
    fn key(&self, place: Place, cells: &Cells<'_>) -> Option<String> {
        if !self.reference.is_derived() {
            return self.sources.reference.text(place, cells).ok()?;
        }
        let member = self.sources.member.text(place, cells).ok()??;
        let when = self.when(place, cells).ok()?;
        Some(Reference::numbered_by(&member, when))
    }

    fn is_numbered(&self) -> bool {
        self.reference.is_derived()
    }

    fn instant(&self, place: Place, cells: &Cells<'_>) -> Option<Timestamp> {
        if !self.terms.in_order_of_time {
            return None;
        }
        self.when(place, cells).ok()?.instant(&self.terms.zone).ok()
    }

    fn row(&self, place: Place, cells: &Cells<'_>, occurrence: u32) -> Outcome<Row> {
        let member = self.sources.member.required_value(place, cells)?.text.into_owned();
        let when = self.when(place, cells)?;
        let reference = self.reference(place, cells, (&member, when), occurrence)?;
        let (items, total, mut signs) = self.items(place, cells)?;
        signs.extend(total.as_ref().and_then(|total| total.currency));
        let currency = self.currency(place, cells, &signs)?;
        let total = total.map(|total| total.text);
        Ok(Row { place, member, reference, when, currency, total, items })
    }
}
