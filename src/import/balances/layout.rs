//! How an opening balance is made of the values of a row.

use super::mapping::{BalanceMapping, Columns};
use crate::import::amounts::Amounts;
use crate::import::cells::Cells;
use crate::import::layout::Layout;
use crate::import::lines::Place;
use crate::import::reference::Reference;
use crate::import::row_error::Outcome;
use crate::import::shape::Shape;
use crate::import::source::Source;
use crate::import::when::When;
use jiff::tz::TimeZone;
use perennial_core::ledger::NewOpening;
use perennial_core::members::MemberRef;
use perennial_core::{Points, Result, Timestamp};

/// What a member sees where the file says nothing else.
const REASON: &str = "Opening balance";

/// The mapping of a balances file applied to it, for one program.
#[derive(Debug)]
pub(crate) struct BalanceLayout {
    member: Source,
    reference: Source,
    points: Source,
    point_type: Source,
    earned_at: Source,
    expires_at: Source,
    counts_as_earned: Source,
    reason: Source,
    derive: Reference,
    date_format: Option<String>,
    amounts: Amounts,
    /// What dates and local times are meant in.
    zone: TimeZone,
}

impl BalanceLayout {
    /// Fails with `INVALID_INPUT`, naming the column that is missing.
    pub(crate) fn new(
        mapping: &BalanceMapping,
        zone: TimeZone,
        shape: Shape,
        header: Option<&[String]>,
    ) -> Result<Self> {
        let columns: Columns = mapping.columns.clone();
        let find = |column, label| Source::find(column, label, shape.format, header);
        let required = |column, label| find(column, label).and_then(Source::required);
        Ok(Self {
            member: required(columns.member, "member")?,
            reference: match mapping.reference.is_derived() {
                false => required(columns.reference, "reference")?,
                true => Source::Absent { label: "reference" },
            },
            points: required(columns.points, "points")?,
            point_type: find(columns.point_type, "point_type")?,
            earned_at: required(columns.earned_at, "earned_at")?,
            expires_at: find(columns.expires_at, "expires_at")?,
            counts_as_earned: find(columns.counts_as_earned, "counts_as_earned")?,
            reason: find(columns.reason, "reason")?,
            derive: mapping.reference.clone(),
            date_format: mapping.date_format.clone(),
            amounts: mapping.amounts.clone(),
            zone,
        })
    }

    /// What the file calls a field of an opening balance.
    pub(super) fn label(&self, field: &str) -> &str {
        match field {
            "member" => self.member.label(),
            "reference" => self.reference.label(),
            "points" => self.points.label(),
            "pointType" => self.point_type.label(),
            "earnedAt" => self.earned_at.label(),
            "expiresAt" => self.expires_at.label(),
            "reason" => self.reason.label(),
            _ => "",
        }
    }

    fn sources(&self) -> [&Source; 8] {
        [
            &self.member,
            &self.reference,
            &self.points,
            &self.point_type,
            &self.earned_at,
            &self.expires_at,
            &self.counts_as_earned,
            &self.reason,
        ]
    }

    fn earned(&self, place: Place, cells: &Cells<'_>) -> Outcome<When> {
        let date = self.earned_at.required_value(place, cells)?;
        When::of(&self.earned_at, place, &date, self.date_format.as_deref())
    }

    fn earned_at(&self, place: Place, when: When) -> Outcome<Timestamp> {
        when.instant(&self.zone).map_err(|error| self.earned_at.refused(place, error.message()))
    }

    /// Points can be spent on the day that a date names, and are over with it.
    fn expires_at(&self, place: Place, cells: &Cells<'_>) -> Outcome<Option<Timestamp>> {
        let source = &self.expires_at;
        let Some(date) = source.value(place, cells)? else { return Ok(None) };
        let when = When::of(source, place, &date, self.date_format.as_deref())?;
        let end = when.end(&self.zone);
        end.map(Some).map_err(|error| source.refused(place, error.message()))
    }

    fn points(&self, place: Place, cells: &Cells<'_>) -> Outcome<Points> {
        let value = self.points.required_value(place, cells)?;
        let amount = match value.is_number {
            // JSON writes numbers in one way.
            true => Amounts::default().read(&value.text),
            false => self.amounts.read(&value.text),
        };
        let whole = |text: &str| text.parse().ok().filter(|points| *points <= Points::MAX.get());
        let points = amount.ok().and_then(|amount| whole(&amount.text));
        points.map(Points::new).ok_or_else(|| {
            let why = format!("is not a whole number of points from 1 to {}", Points::MAX);
            self.points.refused(place, why)
        })
    }

    fn counts_as_earned(&self, place: Place, cells: &Cells<'_>) -> Outcome<bool> {
        let source = &self.counts_as_earned;
        let value = source.value(place, cells)?;
        match value.as_ref().map(|value| value.text.to_ascii_lowercase()).as_deref() {
            Some("true") => Ok(true),
            None | Some("false") => Ok(false),
            _ => Err(source.refused(place, "is neither `true` nor `false`")),
        }
    }
}

impl Layout for BalanceLayout {
    type Row = NewOpening;

    fn fields_min(&self) -> usize {
        self.sources().into_iter().map(Source::fields_min).max().unwrap_or(0)
    }

    fn key(&self, place: Place, cells: &Cells<'_>) -> Option<String> {
        if !self.derive.is_derived() {
            return self.reference.text(place, cells).ok()?;
        }
        let member = self.member.text(place, cells).ok()??;
        Some(Reference::numbered_by(&member, self.earned(place, cells).ok()?))
    }

    fn is_numbered(&self) -> bool {
        self.derive.is_derived()
    }

    /// The order in which a member's tiers were reached.
    fn instant(&self, place: Place, cells: &Cells<'_>) -> Option<Timestamp> {
        self.earned(place, cells).ok()?.instant(&self.zone).ok()
    }

    fn row(&self, place: Place, cells: &Cells<'_>, occurrence: u32) -> Outcome<NewOpening> {
        let member = self.member.required_value(place, cells)?.text.into_owned();
        let when = self.earned(place, cells)?;
        let reference = match self.derive.is_derived() {
            true => self.derive.derived(&member, when, occurrence),
            false => self.reference.required_value(place, cells)?.text.into_owned(),
        };
        Ok(NewOpening {
            member: MemberRef::ExternalId(member),
            reference,
            points: self.points(place, cells)?,
            point_type: self.point_type.text(place, cells)?,
            earned_at: self.earned_at(place, when)?,
            expires_at: self.expires_at(place, cells)?,
            counts_as_earned: self.counts_as_earned(place, cells)?,
            reason: self.reason.text(place, cells)?.unwrap_or_else(|| REASON.to_owned()),
        })
    }
}
