//! What belongs to purchases, as it is read: lines, what edits have added to them, and what came back
//! or was taken away.

use super::look::ShareRow;
use super::missed::MissedFound;
use super::sources::PaidParts;
use super::{Accrued, EditedLine, PurchaseEdit, PurchaseLine, PurchaseReturn, ReturnedLine};
use crate::cart::Line;
use crate::db::row;
use crate::{EditId, Error, Points, PurchaseId, Result, ReturnId, Timestamp, TransactionId, share};
use serde_json::Value;
use std::collections::BTreeMap;

row! {
    pub(super) struct LineRow {
        purchase_id: PurchaseId,
        seq: i32,
        sku: String,
        category: Option<String>,
        quantity: u32,
        amount_minor: i64,
        points: Option<Points>,
    }
}

row! {
    pub(super) struct ReturnRow {
        purchase_id: PurchaseId,
        id: ReturnId,
        reference: String,
        returned_at: Timestamp,
        amount_minor: i64,
        points: Points,
        points_taken: Points,
        transaction_id: Option<TransactionId>,
        refunded_points: Points,
        edit_id: Option<EditId>,
    }
}

row! {
    /// What came back of a portion of a line in one return.
    pub(super) struct ReturnedRow {
        purchase_id: PurchaseId,
        pub(super) return_id: ReturnId,
        seq: i32,
        quantity: i64,
        pub(super) amount_minor: i64,
        pub(super) points: Points,
    }
}

row! {
    pub(super) struct EditRow {
        purchase_id: PurchaseId,
        seq: i32,
        id: EditId,
        reference: String,
        reason: Option<String>,
        edited_at: Timestamp,
        total_before_minor: i64,
        total_minor: i64,
        pub(super) added_minor: i64,
        pub(super) points: Points,
        transaction_id: Option<TransactionId>,
        appraisal: Value,
        paid_points: Points,
        paid_minor: i64,
    }
}

row! {
    /// What an edit has added to a line, or as one.
    pub(super) struct AddedRow {
        purchase_id: PurchaseId,
        seq: i32,
        edit_id: EditId,
        position: i32,
        sku: String,
        category: Option<String>,
        quantity: u32,
        amount_minor: i64,
        points: Points,
    }
}

row! {
    /// What an edit has changed of the points that a group got.
    pub(super) struct ShareEditedRow {
        purchase_id: PurchaseId,
        points: Points,
    }
}

/// What belongs to purchases.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) lines: Vec<LineRow>,
    pub(super) returns: Vec<ReturnRow>,
    pub(super) returned: Vec<ReturnedRow>,
    pub(super) edits: Vec<EditRow>,
    pub(super) added: Vec<AddedRow>,
    /// What they brought groups.
    pub(super) shares: Vec<ShareRow>,
    pub(super) shares_edited: Vec<ShareEditedRow>,
    /// What plugins said of them afterwards, and of what they brought groups.
    pub(super) missed: Vec<MissedFound>,
    /// Who has paid for them with points.
    pub(super) paid: PaidParts,
}

impl Parts {
    /// Those of one purchase, each in its order.
    pub(super) fn take(&mut self, of: PurchaseId) -> Self {
        let shares: Vec<_> = self.shares.extract_if(.., |share| share.accrual_of == of).collect();
        let is_edited =
            |edited: &mut ShareEditedRow| shares.iter().any(|share| share.id == edited.purchase_id);
        let is_its = |missed: &mut MissedFound| {
            missed.purchase_id == of || shares.iter().any(|share| share.id == missed.purchase_id)
        };
        let mut parts = Self {
            missed: self.missed.extract_if(.., is_its).collect(),
            shares_edited: self.shares_edited.extract_if(.., is_edited).collect(),
            lines: self.lines.extract_if(.., |line| line.purchase_id == of).collect(),
            returns: self.returns.extract_if(.., |one| one.purchase_id == of).collect(),
            returned: self.returned.extract_if(.., |part| part.purchase_id == of).collect(),
            edits: self.edits.extract_if(.., |edit| edit.purchase_id == of).collect(),
            added: self.added.extract_if(.., |added| added.purchase_id == of).collect(),
            shares,
            paid: self.paid.take(of),
        };
        parts.lines.sort_by_key(|line| line.seq);
        parts.returns.sort_by_key(|one| one.id);
        parts.returned.sort_by_key(|part| part.seq);
        parts.edits.sort_by_key(|edit| edit.seq);
        parts.missed.sort_by(|one, other| one.plugin_id.cmp(&other.plugin_id));
        parts.added.sort_by_key(|added| added.seq);
        parts
    }

    /// What a purchase brought a group, after its edits.
    pub(super) fn accrued(&self, share: &ShareRow) -> Result<Accrued> {
        let mut accrued = share.accrued()?;
        for edited in self.shares_edited.iter().filter(|one| one.purchase_id == share.id) {
            accrued.points = accrued.points.plus(edited.points)?;
        }
        accrued.points = accrued.points.plus(self.reappraised(share.id)?)?;
        Ok(accrued)
    }

    /// What a purchase, or what it brought a group, has earned because plugins were asked again.
    pub(super) fn reappraised(&self, of: PurchaseId) -> Result<Points> {
        let its = self.missed.iter().filter(|missed| missed.purchase_id == of);
        Points::sum(its.map(|missed| missed.points))
    }

    /// What points pay of what is left, as `returns` gives it back: what was bought at once, first or
    /// by an edit, has its part of what they have paid.
    pub(super) fn paid_left(
        &self,
        (points, minor): (Points, i64),
        total_minor: i64,
    ) -> Result<(Points, i64)> {
        let of_edit =
            |edit: &EditRow| (Some(edit.id), (edit.paid_points, edit.paid_minor), edit.added_minor);
        let first = (None, (points, minor), total_minor);
        let (mut left, mut left_minor) = (Points::ZERO, 0);
        for (edit, (points, minor), whole) in
            [first].into_iter().chain(self.edits.iter().map(of_edit))
        {
            let its = self.returned.iter().filter(|part| self.edit_of(part.seq) == edit);
            let gone = its.map(|part| part.amount_minor).sum();
            let of_gone = |paid| share::up_to(paid, gone, whole);
            left = left.plus(points)?.minus(of_gone(points)?)?;
            left_minor += minor - of_gone(Points::new(minor))?.get();
        }
        Ok((left, left_minor))
    }

    /// By which edit a portion was added; none if it was bought first.
    fn edit_of(&self, seq: i32) -> Option<EditId> {
        self.added.iter().find(|added| added.seq == seq).map(|added| added.edit_id)
    }

    /// Whether an edit has taken it away, and it did not come back.
    pub(super) fn is_of_edit(&self, one: ReturnId) -> bool {
        self.returns.iter().any(|known| known.id == one && known.edit_id.is_some())
    }

    /// The lines as they are now; those of which nothing is ordered any more are left out. What was
    /// recorded first has earned `points`, and `later` because plugins were asked again.
    pub(super) fn shown_lines(
        &self,
        points: Points,
        later: &[Points],
    ) -> Result<Vec<PurchaseLine>> {
        let amounts: Vec<_> = self.lines.iter().map(|line| line.amount_minor).collect();
        // Of a purchase whose shares were not kept they follow from its amounts.
        let shares = share::shares(points, &amounts)?;
        let mut lines: BTreeMap<i32, PurchaseLine> = BTreeMap::new();
        for (row, share) in self.lines.iter().zip(shares) {
            lines.insert(row.seq, row.line(share));
        }
        let is_free = amounts.iter().all(|amount| *amount == 0);
        let quantities = self.lines.iter().map(|line| i64::from(line.quantity));
        let measures = if is_free { quantities.collect() } else { amounts };
        for points in later {
            for (line, share) in lines.values_mut().zip(share::shares(*points, &measures)?) {
                line.points = line.points.plus(share)?;
            }
        }
        for row in self.added.iter().filter(|row| row.position > 0) {
            let line = lines.entry(row.position).or_insert_with(|| row.nothing());
            line.line.quantity += row.quantity;
            line.line.amount_minor += row.amount_minor;
            line.points = line.points.plus(row.points)?;
        }
        for part in &self.returned {
            let Some(line) = lines.get_mut(&self.position(part.seq)) else { continue };
            if self.is_of_edit(part.return_id) {
                let quantity = u32::try_from(part.quantity).unwrap_or(u32::MAX);
                line.line.quantity = line.line.quantity.saturating_sub(quantity);
                line.line.amount_minor -= part.amount_minor;
                line.points = line.points.minus(part.points)?;
            } else {
                line.returned_quantity += part.quantity;
                line.returned_minor += part.amount_minor;
            }
        }
        let is_there = |line: &PurchaseLine| line.line.quantity > 0 || line.line.amount_minor > 0;
        Ok(lines.into_values().filter(is_there).collect())
    }

    pub(super) fn shown_returns(&self) -> Vec<PurchaseReturn> {
        let came_back = self.returns.iter().filter(|one| one.edit_id.is_none());
        let shown = |one: &ReturnRow| PurchaseReturn {
            lines: self.lines_of(one.id),
            id: one.id,
            reference: one.reference.clone(),
            returned_at: one.returned_at,
            amount_minor: one.amount_minor,
            points: one.points,
            points_taken: one.points_taken,
            transaction: one.transaction_id,
            points_refunded: one.refunded_points,
        };
        came_back.map(shown).collect()
    }

    pub(super) fn shown_edits(&self) -> Result<Vec<PurchaseEdit>> {
        self.edits.iter().map(|edit| self.shown_edit(edit)).collect()
    }

    fn shown_edit(&self, edit: &EditRow) -> Result<PurchaseEdit> {
        let broken = |error| {
            Error::internal("the appraisal of an edit that cannot be read").caused_by(error)
        };
        let removed = self.returns.iter().find(|one| one.edit_id == Some(edit.id));
        let points_of = |of: fn(&ReturnRow) -> Points| removed.map_or(Points::ZERO, of);
        let added = self.added.iter().filter(|row| row.edit_id == edit.id);
        Ok(PurchaseEdit {
            id: edit.id,
            reference: edit.reference.clone(),
            reason: edit.reason.clone(),
            edited_at: edit.edited_at,
            total_before_minor: edit.total_before_minor,
            total_minor: edit.total_minor,
            added: added.map(AddedRow::shown).collect(),
            removed: removed.map(|one| self.lines_of(one.id)).unwrap_or_default(),
            points: edit.points,
            transaction: edit.transaction_id,
            points_removed: points_of(|one| one.points),
            points_taken: points_of(|one| one.points_taken),
            taken_by: removed.and_then(|one| one.transaction_id),
            points_refunded: points_of(|one| one.refunded_points),
            appraisal: serde_json::from_value(edit.appraisal.clone()).map_err(broken)?,
        })
    }

    /// What of each line came back in one return.
    fn lines_of(&self, one: ReturnId) -> Vec<ReturnedLine> {
        let mut lines: BTreeMap<i32, ReturnedLine> = BTreeMap::new();
        for part in self.returned.iter().filter(|part| part.return_id == one) {
            let position = self.position(part.seq);
            let none =
                ReturnedLine { position, quantity: 0, amount_minor: 0, points: Points::ZERO };
            let line = lines.entry(position).or_insert(none);
            line.quantity += part.quantity;
            line.amount_minor += part.amount_minor;
            line.points = line.points.plus(part.points).unwrap_or(line.points);
        }
        lines.into_values().collect()
    }

    /// Of which line a portion is.
    fn position(&self, seq: i32) -> i32 {
        let added = self.added.iter().find(|added| added.seq == seq);
        added.map_or(seq, |added| added.position)
    }
}

impl LineRow {
    fn line(&self, share: Points) -> PurchaseLine {
        PurchaseLine {
            position: self.seq,
            points: self.points.unwrap_or(share),
            returned_quantity: 0,
            returned_minor: 0,
            line: Line {
                sku: self.sku.clone(),
                category: self.category.clone(),
                quantity: self.quantity,
                amount_minor: self.amount_minor,
            },
        }
    }
}

impl AddedRow {
    fn shown(&self) -> EditedLine {
        EditedLine {
            position: self.position,
            sku: self.sku.clone(),
            quantity: self.quantity.into(),
            amount_minor: self.amount_minor,
            points: self.points,
        }
    }

    /// Its line, to which nothing is added yet.
    fn nothing(&self) -> PurchaseLine {
        PurchaseLine {
            position: self.position,
            points: Points::ZERO,
            returned_quantity: 0,
            returned_minor: 0,
            line: Line {
                sku: self.sku.clone(),
                category: self.category.clone(),
                quantity: 0,
                amount_minor: 0,
            },
        }
    }
}
