//! Rows read as what they say.

use super::events::{added, unmerge};
use super::says::{
    Completed, Edit, Hold, HoldEnded, Left, Line, Merge, Parts, Pending, Purchase, Redemption,
    Returned, Says, Transfer, WholeReturn,
};
use crate::{EditId, MemberId, Result};
use sea_orm::QueryResult;

impl Says {
    pub(super) const fn has_lines(&self) -> bool {
        matches!(self, Self::Purchase(_) | Self::Edit(_) | Self::Removed(_) | Self::Return(_))
    }

    /// Adds the lines of another row of the same.
    pub(super) fn join(&mut self, other: Self) {
        match (self, other) {
            (Self::Purchase(one), Self::Purchase(other)) => one.lines.extend(other.lines),
            (Self::Edit(one), Self::Edit(other)) => one.added.extend(other.added),
            (Self::Removed(one), Self::Removed(other)) => one.join(other.lines),
            (Self::Return(one), Self::Return(other)) => one.join(other.lines),
            _ => (),
        }
    }

    pub(super) fn in_order(self) -> Self {
        match self {
            Self::Edit(edit) => Self::Edit(Edit { added: added(edit.added), ..edit }),
            other => other,
        }
    }
}

impl<I> Returned<I> {
    fn join(&mut self, lines: Parts) {
        for (position, (quantity, minor)) in lines {
            let (many, sum) = self.lines.entry(position).or_default();
            (*many, *sum) = (many.saturating_add(quantity), sum.saturating_add(minor));
        }
    }
}

/// The line from a column on; none where there is none.
fn line(row: &QueryResult, column: usize) -> Result<Vec<Line>> {
    let Some(sku) = row.try_get_by_index(column)? else { return Ok(Vec::new()) };
    Ok(vec![Line {
        sku,
        category: row.try_get_by_index(column + 1)?,
        quantity: row.try_get_by_index(column + 2)?,
        amount_minor: row.try_get_by_index(column + 3)?,
    }])
}

pub(super) fn purchase(row: &QueryResult) -> Result<Says> {
    Ok(Says::Purchase(Purchase {
        id: row.try_get_by_index(1)?,
        member: row.try_get_by_index(0)?,
        reference: row.try_get_by_index(2)?,
        currency: row.try_get_by_index(3)?,
        total_minor: row.try_get_by_index(4)?,
        points: row.try_get_by_index(5)?,
        purchased_at: row.try_get_by_index(6)?,
        recorded_at: row.try_get_by_index(7)?,
        lines: line(row, 8)?,
    }))
}

pub(super) fn edit(row: &QueryResult) -> Result<Says> {
    Ok(Says::Edit(Edit {
        id: row.try_get_by_index(1)?,
        purchase: row.try_get_by_index(2)?,
        reference: row.try_get_by_index(3)?,
        total_before_minor: row.try_get_by_index(4)?,
        total_minor: row.try_get_by_index(5)?,
        points: row.try_get_by_index(6)?,
        edited_at: row.try_get_by_index(7)?,
        recorded_at: row.try_get_by_index(8)?,
        added: line(row, 9)?,
        left: left(row)?,
    }))
}

fn left(row: &QueryResult) -> Result<Option<Left>> {
    let is_whole: Option<i64> = row.try_get_by_index(13)?;
    let Some(is_whole) = is_whole else { return Ok(None) };
    Ok(Some(Left {
        is_whole: is_whole != 0,
        paid_points: row.try_get_by_index(14)?,
        paid_minor: row.try_get_by_index(15)?,
    }))
}

pub(super) fn completed(row: &QueryResult) -> Result<Says> {
    let referred = row.try_get_by_index(0)?;
    Ok(Says::Completed(Completed { referred, is_completed: true }))
}

pub(super) fn returned(row: &QueryResult) -> Result<Says> {
    let position: Option<i64> = row.try_get_by_index(12)?;
    let lines = match position {
        Some(position) => {
            [(position, (row.try_get_by_index(13)?, row.try_get_by_index(14)?))].into()
        }
        None => Parts::new(),
    };
    let edit: Option<EditId> = row.try_get_by_index(3)?;
    Ok(match edit {
        Some(by) => Says::Removed(returned_by(row, by, lines, None)?),
        None => {
            let whole = WholeReturn {
                reference: row.try_get_by_index(9)?,
                amount_minor: row.try_get_by_index(10)?,
                transaction: row.try_get_by_index(11)?,
            };
            Says::Return(returned_by(row, row.try_get_by_index(1)?, lines, Some(whole))?)
        }
    })
}

fn returned_by<I>(
    row: &QueryResult,
    by: I,
    lines: Parts,
    whole: Option<WholeReturn>,
) -> Result<Returned<I>> {
    let is_whole: i64 = row.try_get_by_index(4)?;
    Ok(Returned {
        by,
        purchase: row.try_get_by_index(2)?,
        is_whole: is_whole != 0,
        points: row.try_get_by_index(5)?,
        points_taken: row.try_get_by_index(6)?,
        returned_at: row.try_get_by_index(7)?,
        recorded_at: row.try_get_by_index(8)?,
        lines,
        whole,
    })
}

pub(super) fn redemption(row: &QueryResult) -> Result<Says> {
    Ok(Says::Redemption(Redemption {
        id: row.try_get_by_index(1)?,
        member: row.try_get_by_index(0)?,
        reward: row.try_get_by_index(2)?,
        points: row.try_get_by_index(3)?,
        redeemed_at: row.try_get_by_index(4)?,
    }))
}

pub(super) fn hold(row: &QueryResult) -> Result<Says> {
    Ok(Says::Hold(Hold {
        id: row.try_get_by_index(1)?,
        member: row.try_get_by_index(0)?,
        transaction: row.try_get_by_index(2)?,
        point_type: row.try_get_by_index(3)?,
        points: row.try_get_by_index(4)?,
        reason: row.try_get_by_index(5)?,
        held_at: row.try_get_by_index(6)?,
        expires_at: row.try_get_by_index(7)?,
    }))
}

pub(super) fn hold_ended(row: &QueryResult) -> Result<Option<Says>> {
    let Some(outcome) = row.try_get_by_index(8)? else { return Ok(None) };
    Ok(Some(Says::HoldEnded(HoldEnded {
        id: row.try_get_by_index(1)?,
        outcome,
        captured: row.try_get_by_index(9)?,
        ended_at: row.try_get_by_index(10)?,
    })))
}

pub(super) fn pending(row: &QueryResult) -> Result<Says> {
    Ok(Says::Pending(Pending {
        transaction: row.try_get_by_index(1)?,
        point_type: row.try_get_by_index(2)?,
        points: row.try_get_by_index(3)?,
        awaits: row.try_get_by_index(4)?,
        reason: row.try_get_by_index(5)?,
    }))
}

pub(super) fn transfer(row: &QueryResult) -> Result<Says> {
    let is_received: i32 = row.try_get_by_index(6)?;
    Ok(Says::Transfer(Transfer {
        sent: row.try_get_by_index(1)?,
        sender: row.try_get_by_index(0)?,
        received: row.try_get_by_index(2)?,
        is_received: is_received != 0,
        point_type: row.try_get_by_index(3)?,
        points: row.try_get_by_index(4)?,
        sent_at: row.try_get_by_index(5)?,
    }))
}

pub(super) fn merge(row: &QueryResult) -> Result<Says> {
    Ok(Says::Merge(Merge {
        from: row.try_get_by_index(0)?,
        into: row.try_get_by_index(1)?,
        reason: row.try_get_by_index(2)?,
        merged_at: row.try_get_by_index(3)?,
    }))
}

pub(super) fn unmerged(row: &QueryResult) -> Result<Says> {
    let members: [MemberId; 2] = [row.try_get_by_index(0)?, row.try_get_by_index(1)?];
    Ok(unmerge(members, row.try_get_by_index(2)?, row.try_get_by_index(3)?))
}
