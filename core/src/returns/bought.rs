//! A purchase as it is known before something of it comes back or is edited: its lines in the portions
//! in which they were bought, what each has earned, and what came back of it. Pure.

use super::earned::{Earned, earned};
use super::model::{ReturnReceipt, ReturnedPart, by_line};
use super::portion::{LineState, Part, Portion, Taken};
use super::rows::{
    AddedRow, BoughtRow, EarningRow, EditedRow, KnownRow, OthersRow, PartRow, PaymentRow, RefundRow,
};
use crate::accounts::PointType;
use crate::{EditId, Points, Result, Timestamp, TransactionId, share};

/// A purchase with what came back of it.
#[derive(Clone)]
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
    pub(super) edits: Vec<EditedRow>,
    pub(super) earnings: Vec<EarningRow>,
    pub(super) payments: Vec<PaymentRow>,
    pub(super) refunds: Vec<RefundRow>,
}

/// What points pay of what was bought at once: as it was recorded, or by an edit.
struct PaidFor {
    edit: Option<EditId>,
    points: Points,
    minor: i64,
    whole_minor: i64,
}

impl PaidFor {
    /// What of it is given back for so much that is gone in all.
    fn of(&self, gone_minor: i64) -> Result<(Points, i64)> {
        let points = share::up_to(self.points, gone_minor, self.whole_minor)?;
        let minor = share::up_to(Points::new(self.minor), gone_minor, self.whole_minor)?;
        Ok((points, minor.get()))
    }
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
            edits: Vec::new(),
            earnings: Vec::new(),
            payments: Vec::new(),
            refunds: Vec::new(),
        }
    }

    /// Orders the lines, puts on them what edits have added, gives each its shares of what was
    /// earned, and takes out what came back.
    pub(super) fn put_together(&mut self) -> Result<()> {
        if self.lines.is_empty() {
            self.lines.push(LineState::whole(self.row.total_minor));
        }
        self.lines.sort_by_key(|line| line.position);
        self.payments.sort_by_key(|payment| payment.seq);
        let others = Points::sum(self.payments.iter().map(|payment| payment.points))?;
        if let Some(first) = self.payments.first_mut() {
            first.points = self.row.paid_points.minus(others)?;
        }
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

    /// What it earned of a type, whatever became of that.
    pub(crate) fn got(&self, point_type: &PointType) -> Result<Points> {
        let of_type = self.earned.iter().filter(|earned| earned.point_type == *point_type);
        Points::sum(of_type.map(|earned| earned.points))
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

    /// When the last edit of it was made.
    pub(crate) fn edited_at(&self) -> Option<Timestamp> {
        self.edits.iter().map(|edit| edit.edited_at).max()
    }

    /// How many edits of it there were.
    pub(crate) fn edits(&self) -> i32 {
        i32::try_from(self.edits.len()).unwrap_or(i32::MAX)
    }

    /// Whether a revision of the program has judged all of it, what edits have added included.
    pub(crate) fn is_judged_by(&self, revision: u32) -> bool {
        self.row.revision == revision && self.edits.iter().all(|edit| edit.revision == revision)
    }

    /// Whether it is as it was recorded: nothing of it came back, and no edit has changed it.
    pub(crate) fn is_as_recorded(&self) -> bool {
        self.edits.is_empty() && self.returns.is_empty()
    }

    /// What it had earned by its one transaction of what is gone, and nobody could take back.
    pub(crate) fn not_taken(&self) -> Result<Points> {
        let not_taken =
            |known: &KnownRow| known.points.minus(known.points_taken)?.minus(known.points_expired);
        Points::sum(self.returns.iter().map(not_taken).collect::<Result<Vec<_>>>()?)
    }

    /// What it cost when it was recorded, and what of that points paid.
    pub(crate) fn recorded_as(&self) -> (i64, i64) {
        (self.row.total_minor, self.row.paid_minor)
    }

    /// What is left to be paid for.
    pub(crate) fn left_minor(&self) -> i64 {
        self.lines.iter().map(|line| line.left().amount_minor).sum()
    }

    /// Whether it is a purchase as it is: something follows from it, and something of it is left.
    pub(crate) fn stands(&self) -> bool {
        self.row.counts() && self.row.returned_at.is_none()
    }

    /// Whether none of its member's other purchases that stand was made before it.
    pub(crate) fn is_first(&self) -> bool {
        self.others.first_at.is_none_or(|first| first > self.row.purchased_at)
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

    /// The points that had paid for parts of it that go now, and what they were worth.
    pub(crate) fn paid_for(&self, parts: &[Part]) -> Result<(Points, i64)> {
        let amount_of = |portion: &Portion| -> i64 {
            parts.iter().filter(|part| part.seq == portion.seq).map(|part| part.amount_minor).sum()
        };
        self.paid_of(amount_of)
    }

    /// The points that have paid for what is left, and what they are worth.
    pub(crate) fn paid_left(&self) -> Result<(Points, i64)> {
        self.paid_of(|portion| portion.amount_minor - portion.returned.amount_minor)
    }

    /// What points have paid of so much of each portion, in the order in which it goes. What they
    /// paid for falls to what was bought at once, by its amount.
    fn paid_of(&self, amount_of: impl Fn(&Portion) -> i64) -> Result<(Points, i64)> {
        let (mut points, mut minor) = (Points::ZERO, 0);
        for paid in self.paid() {
            let portions = self.lines.iter().flat_map(|line| &line.portions);
            let (mut gone, mut goes) = (0, 0);
            for portion in portions.filter(|portion| portion.edit == paid.edit) {
                gone += portion.returned.amount_minor;
                goes += amount_of(portion);
            }
            let (had, had_minor) = paid.of(gone)?;
            let (has, has_minor) = paid.of(gone + goes)?;
            points = points.plus(has.minus(had)?)?;
            minor += has_minor - had_minor;
        }
        Ok((points, minor))
    }

    fn paid(&self) -> impl Iterator<Item = PaidFor> {
        let row = &self.row;
        let first = PaidFor {
            edit: None,
            points: row.paid_points,
            minor: row.paid_minor,
            whole_minor: row.total_minor,
        };
        let of_edit = |edit: &EditedRow| PaidFor {
            edit: Some(edit.id),
            points: edit.paid_points,
            minor: edit.paid_minor,
            whole_minor: edit.added_minor,
        };
        [first].into_iter().chain(self.edits.iter().map(of_edit))
    }

    pub(super) fn receipt(&self, known: &KnownRow) -> Result<ReturnReceipt> {
        let of_it = self.parts.iter().filter(|part| part.return_id == known.id);
        let receipt = known.receipt(&self.row, by_line(of_it.map(|part| self.shown(part)))?)?;
        Ok(ReturnReceipt { refunds: self.refunds_of(known)?, ..receipt })
    }

    /// The same with what came back since of the lines by which a group has got something for it.
    pub(super) fn left_by(&self, share: &Self) -> Self {
        let mut left = self.clone();
        for line in &mut left.lines {
            let of_share = share.lines.iter().find(|one| one.position == line.position);
            let of_share = of_share.map_or(&[][..], |one| &one.portions);
            for (portion, other) in line.portions.iter_mut().zip(of_share) {
                portion.returned = other.returned;
            }
        }
        left
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
