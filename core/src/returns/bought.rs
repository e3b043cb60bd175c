//! A purchase as it is known before something of it comes back or is edited: its lines in the portions
//! in which they were bought, what each has earned, and what came back of it. Pure.

use super::earned::{Earned, earned};
use super::model::{ReturnReceipt, ReturnedPart, by_line};
use super::portion::{LineState, Portion, Taken};
use super::rows::{
    AddedRow, BoughtRow, EarningRow, EditedRow, KnownRow, OthersRow, PartRow, PaymentRow,
};
use crate::{EditId, Points, Result, Timestamp, TransactionId, share};

/// A purchase with what came back of it.
pub(crate) struct Bought {
    pub(crate) row: BoughtRow,
    pub(crate) lines: Vec<LineState>,
    /// What it earned, by transaction.
    pub(crate) earned: Vec<Earned>,
    /// Whether what it earned is written by transaction.
    pub(crate) is_written_out: bool,
    /// When the member's other purchases were that still stand.
    pub(super) others: OthersRow,
    pub(super) returns: Vec<KnownRow>,
    pub(super) parts: Vec<PartRow>,
    pub(super) added: Vec<AddedRow>,
    /// The last edit of it.
    edited: Option<EditedRow>,
    pub(super) earnings: Vec<EarningRow>,
    pub(super) payments: Vec<PaymentRow>,
}

impl Bought {
    pub(super) fn of(row: BoughtRow) -> Self {
        let others = OthersRow { purchase_id: row.id, first_at: None, last_at: None };
        Self {
            row,
            lines: Vec::new(),
            earned: Vec::new(),
            is_written_out: false,
            others,
            returns: Vec::new(),
            parts: Vec::new(),
            added: Vec::new(),
            edited: None,
            earnings: Vec::new(),
            payments: Vec::new(),
        }
    }

    /// Of its edits the last one says what points pay.
    pub(super) fn was_edited(&mut self, row: EditedRow) {
        let is_last = self.edited.as_ref().is_none_or(|last| last.seq < row.seq);
        self.edited = if is_last { Some(row) } else { self.edited.take() };
    }

    /// Orders the lines, puts on them what edits have added, gives each its shares of what was
    /// earned, and takes out what came back.
    pub(super) fn put_together(&mut self) -> Result<()> {
        if self.lines.is_empty() {
            self.lines.push(LineState::whole(self.row.total_minor));
        }
        self.lines.sort_by_key(|line| line.position);
        self.payments.sort_by_key(|payment| payment.seq);
        self.added.sort_by_key(|row| row.seq);
        for row in &self.added {
            row.add_to(&mut self.lines);
        }
        let earnings = std::mem::take(&mut self.earnings);
        self.is_written_out = !earnings.is_empty();
        self.earned = earned(&self.row, earnings);
        for earned in &self.earned {
            share_out(&mut self.lines, earned)?;
        }
        for part in &self.parts {
            let of_edit = self
                .returns
                .iter()
                .any(|known| known.id == part.return_id && known.edit_id.is_some());
            take_out(&mut self.lines, part, of_edit);
        }
        Ok(())
    }

    /// An earlier return of the purchase with the reference.
    pub(super) fn known(&self, reference: &str) -> Option<&KnownRow> {
        let mut returns = self.returns.iter().filter(|known| known.edit_id.is_none());
        returns.find(|known| known.reference == reference)
    }

    /// What the order says now, what came back of it included.
    pub(crate) fn total_minor(&self) -> i64 {
        self.lines.iter().map(|line| line.ordered().amount_minor).sum()
    }

    /// What came back and what edits have taken away, in all.
    pub(crate) fn returned_minor(&self) -> i64 {
        self.parts.iter().map(|part| part.amount().amount_minor).sum()
    }

    /// When the last edit of it was made.
    pub(crate) fn edited_at(&self) -> Option<Timestamp> {
        self.edited.as_ref().map(|edited| edited.edited_at)
    }

    /// How many edits of it there were.
    pub(crate) fn edits(&self) -> i32 {
        self.edited.as_ref().map_or(0, |edited| edited.seq)
    }

    /// The number of the last of its portions.
    pub(crate) fn last_seq(&self) -> i32 {
        let portions = self.lines.iter().flat_map(|line| &line.portions);
        portions.map(|portion| portion.seq).max().unwrap_or_default()
    }

    /// By which points have paid for it, in the order in which they were spent.
    pub(super) fn payments(&self) -> impl DoubleEndedIterator<Item = TransactionId> {
        self.payments.iter().map(|payment| payment.id)
    }

    /// What points that have paid of it are given back for so much that came back in all, in the
    /// order in which it comes back: since the last edit.
    fn paid_of(&self, returned_minor: i64) -> Result<(Points, i64)> {
        let row = &self.row;
        let (paid, before, whole) = match &self.edited {
            Some(edited) => (
                (edited.left_paid_points, edited.left_paid_minor),
                edited.returned_minor,
                edited.left_minor,
            ),
            None => ((row.paid_points, row.paid_minor), 0, row.total_minor),
        };
        let part = returned_minor - before;
        let minor = share::up_to(Points::new(paid.1), part, whole)?;
        Ok((share::up_to(paid.0, part, whole)?, minor.get()))
    }

    /// The points that had paid for so much that comes back now, and what they were worth.
    pub(super) fn paid_for(&self, amount_minor: i64) -> Result<(Points, i64)> {
        let before = self.returned_minor();
        let (had, had_minor) = self.paid_of(before)?;
        let (has, has_minor) = self.paid_of(before + amount_minor)?;
        Ok((has.minus(had)?, has_minor - had_minor))
    }

    /// The points that have paid for what is left, and what they are worth.
    pub(crate) fn paid_left(&self) -> Result<(Points, i64)> {
        self.paid_for(self.lines.iter().map(|line| line.left().amount_minor).sum())
    }

    pub(super) fn receipt(&self, known: &KnownRow) -> Result<ReturnReceipt> {
        let of_it = self.parts.iter().filter(|part| part.return_id == known.id);
        known.receipt(&self.row, by_line(of_it.map(|part| self.shown(part)))?)
    }

    /// What an edit has taken away.
    pub(crate) fn removed_by(&self, edit: EditId) -> Result<Option<ReturnReceipt>> {
        let known = self.returns.iter().find(|known| known.edit_id == Some(edit));
        known.map(|known| self.receipt(known)).transpose()
    }

    fn shown(&self, part: &PartRow) -> ReturnedPart {
        let has_it = |line: &&LineState| line.portions.iter().any(|one| one.seq == part.seq);
        let line = self.lines.iter().find(has_it);
        let Taken { quantity, amount_minor } = part.amount();
        let position = line.map_or(part.seq, |line| line.position);
        ReturnedPart { position, quantity, amount_minor, points: part.points }
    }
}

/// Gives each portion that was bought at once its share of what that earned: by its amount, or by
/// its quantity where nothing costs anything.
fn share_out(lines: &mut [LineState], earned: &Earned) -> Result<()> {
    let (mut its, others): (Vec<_>, Vec<_>) = lines
        .iter_mut()
        .flat_map(|line| &mut line.portions)
        .partition(|portion| portion.edit == earned.edit);
    its.sort_by_key(|portion| portion.seq);
    let is_free = its.iter().all(|portion| portion.amount_minor == 0);
    let measure =
        |portion: &&mut Portion| if is_free { portion.quantity } else { portion.amount_minor };
    let measures: Vec<_> = its.iter().map(measure).collect();
    for (portion, share) in its.into_iter().zip(share::shares(earned.points, &measures)?) {
        portion.points.push(share);
    }
    for portion in others {
        portion.points.push(Points::ZERO);
    }
    Ok(())
}

/// Takes a part out of the portion that it was of.
fn take_out(lines: &mut [LineState], part: &PartRow, of_edit: bool) {
    for line in lines {
        if let Some(portion) = line.portions.iter_mut().find(|one| one.seq == part.seq) {
            portion.returned = portion.returned.and(part.amount());
            if of_edit {
                line.removed = line.removed.and(part.amount());
            }
        }
    }
}

impl LineState {
    /// A purchase without lines, as one.
    fn whole(total_minor: i64) -> Self {
        Self {
            position: 0,
            sku: String::new(),
            category: None,
            portions: vec![Portion::of(0, None, 1, total_minor)],
            removed: Taken::default(),
        }
    }
}
