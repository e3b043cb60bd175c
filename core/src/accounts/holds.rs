//! Points that are reserved: an account's open holds, each with the lots that it took from.
//!
//! A hold moves points out of the wallet, like spending, so nothing else can take them; where they
//! came from is kept as the lot uses of its transaction. When it ends they go back to those lots.

use super::rows::{LotRow, select_lots};
use super::state::MemberState;
use super::wallet::{Lot, LotPart};
use super::{Expiring, PointType};
use crate::db::{Answers, Look, Question, row};
use crate::{AccountId, Code, Error, HoldId, LotId, Points, Result, Timestamp, TransactionId};
use std::collections::HashMap;

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
    struct HoldRow {
        account_id: AccountId,
        id: HoldId,
        point_type: PointType,
        points: Points,
        transaction_id: TransactionId,
        expires_at: Timestamp,
    }
}

row! {
    struct HeldRow {
        hold_id: HoldId,
        lot_id: LotId,
        points: Points,
    }
}

/// The questions about open holds in a look.
#[derive(Clone, Copy)]
pub(super) struct HoldQuestions {
    holds: Question<HoldRow>,
    held: Question<HeldRow>,
    lots: Question<LotRow>,
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
    SELECT k.account_id, k.id AS hold_id, u.lot_id, u.amount AS points
    FROM open_holds AS k EACH lot_uses AS u
    WHERE u.program_id = $1 AND u.transaction_id = k.transaction_id";
const LOTS: &str = select_lots!(
    "held AS k",
    "l.program_id = $1 AND l.account_id = k.account_id AND l.id = k.lot_id"
);

/// Asks for the open holds of the accounts in `who`, or only of those in `expired`.
pub(super) fn ask_holds(look: &mut Look, is_all: bool) -> HoldQuestions {
    look.table("open_holds", if is_all { OF_ALL } else { OF_DUE });
    look.table("held", HELD);
    HoldQuestions {
        holds: look.ask("SELECT * FROM open_holds"),
        held: look.ask("SELECT hold_id, lot_id, points FROM held"),
        lots: look.ask(LOTS),
    }
}

impl HoldQuestions {
    /// The holds, by account, in the order in which they end.
    pub(super) fn read(self, answers: &Answers) -> Result<Vec<(AccountId, OpenHold)>> {
        let mut holds = answers.rows(self.holds)?;
        if holds.is_empty() {
            return Ok(Vec::new());
        }
        holds.sort_by_key(|hold| (hold.expires_at, hold.id));
        let lots = answers.rows(self.lots)?.into_iter().map(LotRow::lot);
        let lots: HashMap<_, _> = lots.map(|lot| (lot.id, lot)).collect();
        let mut parts: HashMap<HoldId, Vec<(Lot, Points)>> = HashMap::new();
        for row in answers.rows(self.held)? {
            if let Some(lot) = lots.get(&row.lot_id) {
                parts.entry(row.hold_id).or_default().push((lot.clone(), row.points));
            }
        }
        let open = |row: HoldRow| {
            let hold = OpenHold {
                parts: parts.remove(&row.id).unwrap_or_default(),
                id: row.id,
                point_type: row.point_type,
                points: row.points,
                transaction: row.transaction_id,
                expires_at: row.expires_at,
            };
            (row.account_id, hold)
        };
        Ok(holds.into_iter().map(open).collect())
    }
}

impl MemberState {
    /// What its open holds have reserved.
    pub(crate) fn held(&self, point_type: &PointType) -> Points {
        self.wallets.get(point_type).map_or(Points::ZERO, |wallet| wallet.held)
    }

    /// Adds a hold whose parts were just taken out of the lots.
    pub(crate) fn add_hold(&mut self, mut hold: OpenHold, parts: &[LotPart]) -> Result<()> {
        let wallet = self.wallet(&hold.point_type);
        wallet.held = wallet.held.plus(hold.points)?;
        let lot = |part: &LotPart| self.lots.iter().find(|lot| lot.id == part.lot).cloned();
        hold.parts = parts.iter().filter_map(|part| Some((lot(part)?, part.points))).collect();
        self.holds.push(hold);
        self.next_expiry_at = self.first_expiry();
        Ok(())
    }

    /// Ends a hold: its points are in their lots again, and pay nothing yet. Fails with
    /// `HOLD_ENDED` if there is no such open hold.
    pub(crate) fn end_hold(&mut self, id: HoldId) -> Result<OpenHold> {
        let index = self.holds.iter().position(|hold| hold.id == id).ok_or_else(|| {
            Error::new(Code::HoldEnded, "the hold has ended: nothing is reserved by it any more")
        })?;
        let hold = self.holds.remove(index);
        for (lot, points) in &hold.parts {
            self.put_back(lot.clone(), *points)?;
        }
        let wallet = self.wallet(&hold.point_type);
        wallet.held = wallet.held.minus(hold.points)?;
        self.next_expiry_at = self.first_expiry();
        Ok(hold)
    }

    /// Takes points that a hold had reserved out of the lots that they came from, whatever else is
    /// owed: they were promised.
    pub(crate) fn take_held(&mut self, hold: &OpenHold, points: Points) -> Result<Vec<LotPart>> {
        let lots: Vec<_> = hold.parts.iter().map(|(lot, _)| lot.id).collect();
        self.take(&hold.point_type, points, &lots)
    }

    /// Pays what is owed out of what a hold has set free.
    pub(crate) fn pay_after(&mut self, hold: &OpenHold) -> Result<Vec<LotPart>> {
        self.pay(&hold.point_type)
    }

    /// The holds that are over by `now`, in the order in which they ended.
    pub(crate) fn holds_over(&self, now: Timestamp) -> Vec<(HoldId, Timestamp)> {
        let is_over = |hold: &&OpenHold| hold.expires_at <= now;
        self.holds.iter().filter(is_over).map(|hold| (hold.id, hold.expires_at)).collect()
    }

    /// Brings the state to `now` for somebody who only looks: ends what holds are over, and takes
    /// out what has expired.
    pub(crate) fn bring_to(&mut self, now: Timestamp) -> Result<()> {
        for (hold, _) in self.holds_over(now) {
            let hold = self.end_hold(hold)?;
            self.pay_after(&hold)?;
        }
        self.expire(now, None).map(drop)
    }

    /// What expires and when, if that is known without asking.
    pub(crate) fn expiring(&self, point_type: &PointType) -> Option<Vec<Expiring>> {
        let of_type = |lot: &&Lot| lot.is_open() && lot.point_type == *point_type;
        let expiring = |lot: &Lot| Some(Expiring { at: lot.expires_at?, points: lot.remaining });
        self.knows_lots.then(|| self.lots.iter().filter(of_type).filter_map(expiring).collect())
    }
}
