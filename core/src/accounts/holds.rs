//! Points that are reserved: an account's open holds, each with the lots that it took from.
//!
//! A hold moves points out of the wallet, like spending, so nothing else can take them; where they
//! came from is kept as the lot uses of its transaction. When it ends they go back to those lots.

use super::PointType;
use super::wallet::{Lot, Stored};
use crate::db::{Answers, Look, Question, row};
use crate::{AccountId, HoldId, LotId, Points, Result, Timestamp, TransactionId};
use std::collections::BTreeMap;

/// An open hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OpenHold {
    pub(crate) id: HoldId,
    pub(crate) point_type: PointType,
    pub(crate) points: Points,
    /// By which they were reserved.
    pub(crate) transaction: TransactionId,
    pub(crate) expires_at: Timestamp,
    /// Lots as they were read, with what the hold took from each.
    pub(crate) parts: Vec<(Lot, Points)>,
}

row! {
    /// A hold with one of the lots that it took from.
    pub(super) struct HeldRow {
        account_id: AccountId,
        id: HoldId,
        point_type: PointType,
        points: Points,
        transaction_id: TransactionId,
        ends_at: Timestamp,
        taken: Points,
        lot_id: LotId,
        lot_transaction_id: TransactionId,
        earned_at: Timestamp,
        expires_at: Option<Timestamp>,
        slides: bool,
        in_grace: bool,
        amount: Points,
        remaining: Points,
    }
}

macro_rules! open_holds {
    ($of:literal) => {
        concat!(
            "SELECT h.account_id, h.id, h.point_type, h.points, h.transaction_id, h.expires_at \
            FROM ",
            $of,
            " AS k EACH holds AS h \
            WHERE h.program_id = $1 AND h.account_id = k.id AND h.ended_at IS NULL"
        )
    };
}

const OF_ALL: &str = open_holds!("who");
const OF_DUE: &str = open_holds!("expired");
const HELD: &str = "
    SELECT k.account_id, k.id, k.point_type, k.points, k.transaction_id, k.expires_at AS ends_at,
        u.amount AS taken, u.lot_id, l.transaction_id AS lot_transaction_id, l.earned_at,
        l.expires_at, l.slides, l.in_grace, l.amount, l.remaining
    FROM open_holds AS k EACH lot_uses AS u CROSS JOIN lots AS l
    WHERE u.program_id = $1 AND u.transaction_id = k.transaction_id
        AND l.program_id = $1 AND l.account_id = k.account_id AND l.id = u.lot_id";

/// Asks for the open holds of the accounts in `who`, or only of those in `expired`.
pub(super) fn ask_holds(look: &mut Look, is_all: bool) -> Question<HeldRow> {
    look.table("open_holds", if is_all { OF_ALL } else { OF_DUE });
    look.ask(HELD)
}

/// The holds, by account, in the order in which they end.
pub(super) fn read_holds(
    answers: &Answers,
    question: Question<HeldRow>,
) -> Result<Vec<(AccountId, OpenHold)>> {
    let mut holds: BTreeMap<_, (AccountId, OpenHold)> = BTreeMap::new();
    for row in answers.rows(question)? {
        let (key, account, part) = ((row.ends_at, row.id), row.account_id, (row.lot(), row.taken));
        let (_, hold) = holds.entry(key).or_insert_with(|| (account, row.hold()));
        hold.parts.push(part);
    }
    Ok(holds.into_values().collect())
}

impl HeldRow {
    fn lot(&self) -> Lot {
        Lot {
            id: self.lot_id,
            point_type: self.point_type.clone(),
            transaction: self.lot_transaction_id,
            earned_at: self.earned_at,
            expires_at: self.expires_at,
            slides: self.slides,
            in_grace: self.in_grace,
            pending_until: None,
            amount: self.amount,
            remaining: self.remaining,
            stored: Some(Stored {
                remaining: self.remaining,
                expires_at: self.expires_at,
                slides: self.slides,
                in_grace: self.in_grace,
                pending_until: None,
            }),
        }
    }

    /// Without its parts.
    fn hold(self) -> OpenHold {
        OpenHold {
            id: self.id,
            point_type: self.point_type,
            points: self.points,
            transaction: self.transaction_id,
            expires_at: self.ends_at,
            parts: Vec::new(),
        }
    }
}
