//! What each account has paid of a purchase: by the transactions that spent its points, the first that
//! the purchase's row names and those that were spent with it.

use super::model::{Paid, PaidBy, PayerKind};
use crate::db::{Answers, Look, Question, row};
use crate::members::MemberKind;
use crate::{MemberId, Points, PurchaseId, Result, TransactionId, share};
use std::collections::HashMap;

/// What one transaction has paid.
#[derive(Clone, Copy, Debug)]
pub(super) struct PaidPart {
    pub(super) transaction: TransactionId,
    pub(super) account: MemberId,
    pub(super) kind: PayerKind,
    pub(super) points: Points,
}

row! {
    #[derive(Debug)]
    pub(super) struct PaidPartRow {
        purchase_id: PurchaseId,
        seq: i32,
        id: TransactionId,
        points: Points,
        account_id: MemberId,
        kind: MemberKind,
        is_buyers: bool,
    }
}

const PARTS: &str = "
    SELECT k.purchase_id, k.member_id, k.payment_id AS id, 0 AS seq, 0 AS points
    FROM paid AS k
    UNION ALL
    SELECT k.purchase_id, k.member_id, p.part_id, p.seq, p.points
    FROM paid AS k EACH spend_parts AS p
    WHERE p.program_id = $1 AND p.transaction_id = k.payment_id";
/// A gift card is named by its own account, also when somebody has claimed it: who that is, is not the
/// buyer's business.
const PAYERS: &str = "
    SELECT k.purchase_id, k.seq, k.id, k.points, m.kind,
        CASE WHEN m.kind = 'GIFT_CARD' THEN m.id ELSE COALESCE(m.merged_into, m.id) END
            AS account_id,
        CASE WHEN COALESCE(m.merged_into, m.id) = k.member_id AND m.kind <> 'GIFT_CARD' THEN 1
            ELSE 0 END AS is_buyers
    FROM paid_parts AS k EACH transactions AS t
    JOIN members AS m ON m.program_id = $1 AND m.id = t.account_id
    WHERE t.program_id = $1 AND t.id = k.id";

/// The question who has paid for the purchases in `paid`, which has the columns `purchase_id`,
/// `member_id` and `payment_id`.
#[derive(Clone, Copy)]
pub(super) struct PaidQuestion(Question<PaidPartRow>);

/// The parts of each purchase that points have paid, without what the first of them is.
#[derive(Debug, Default)]
pub(super) struct PaidParts(HashMap<PurchaseId, Vec<PaidPartRow>>);

pub(super) fn ask_paid(look: &mut Look) -> PaidQuestion {
    look.table("paid_parts", PARTS);
    PaidQuestion(look.ask(PAYERS))
}

impl PaidQuestion {
    pub(super) fn read(self, answers: &Answers) -> Result<PaidParts> {
        let mut all: HashMap<_, Vec<_>> = HashMap::new();
        for row in answers.rows(self.0)? {
            all.entry(row.purchase_id).or_default().push(row);
        }
        for rows in all.values_mut() {
            rows.sort_by_key(|row| row.seq);
        }
        Ok(PaidParts(all))
    }
}

impl PaidParts {
    /// Those of one purchase.
    pub(super) fn take(&mut self, of: PurchaseId) -> Self {
        Self(self.0.remove_entry(&of).into_iter().collect())
    }

    /// What points have paid of a purchase, as its row has it.
    pub(super) fn paid(
        &self,
        purchase: PurchaseId,
        (points, amount_minor): (Points, i64),
        transaction: Option<TransactionId>,
    ) -> Result<Option<Paid>> {
        let Some(transaction) = transaction else { return Ok(None) };
        let rows = self.0.get(&purchase).map_or(&[][..], Vec::as_slice);
        let others = Points::sum(rows.iter().map(|row| row.points))?;
        let part = |row: &PaidPartRow| {
            let is_first = row.seq == 0;
            let points = if is_first { points.minus(others)? } else { row.points };
            Ok(PaidPart { transaction: row.id, account: row.account_id, kind: row.kind(), points })
        };
        let parts: Vec<_> = rows.iter().map(part).collect::<Result<_>>()?;
        let sources = sources(&parts, amount_minor)?;
        Ok(Some(Paid { points, amount_minor, transaction, sources }))
    }
}

impl PaidPartRow {
    fn kind(&self) -> PayerKind {
        match self.kind {
            MemberKind::GiftCard => PayerKind::GiftCard,
            _ if self.is_buyers => PayerKind::Buyer,
            _ => PayerKind::Group,
        }
    }
}

impl Paid {
    /// The same where so much of it still pays: who has paid last got back first.
    pub(super) fn left(&self, points: Points, amount_minor: i64) -> Result<Self> {
        let (mut left, mut sources) = (points, Vec::new());
        for source in &self.sources {
            let points = source.points.min(left);
            left = left.minus(points)?;
            if points.is_positive() {
                sources.push(PaidBy { points, ..*source });
            }
        }
        value_all(&mut sources, amount_minor)?;
        Ok(Self { points, amount_minor, transaction: self.transaction, sources })
    }
}

/// What each account has paid, in the order in which they paid.
pub(super) fn sources(parts: &[PaidPart], amount_minor: i64) -> Result<Vec<PaidBy>> {
    let mut all: Vec<PaidBy> = Vec::new();
    for part in parts {
        match all.iter_mut().find(|one| one.member == part.account) {
            Some(one) => one.points = one.points.plus(part.points)?,
            None => all.push(PaidBy {
                member: part.account,
                kind: part.kind,
                points: part.points,
                amount_minor: 0,
                transaction: part.transaction,
            }),
        }
    }
    value_all(&mut all, amount_minor)?;
    Ok(all)
}

/// Shares out what all of them are worth.
fn value_all(all: &mut [PaidBy], amount_minor: i64) -> Result<()> {
    let measures: Vec<_> = all.iter().map(|one| one.points.get()).collect();
    let shares = share::shares(Points::new(amount_minor), &measures)?;
    for (one, share) in all.iter_mut().zip(shares) {
        one.amount_minor = share.get();
    }
    Ok(())
}
