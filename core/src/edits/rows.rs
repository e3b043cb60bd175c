//! Edits as their tables store them.

use super::model::{AccrualEdited, EditReceipt, Removed};
use crate::accounts::{Cut, PointType};
use crate::db::row;
use crate::earning::Appraisal;
use crate::hash::ArgumentsHash;
use crate::purchases::EditedLine;
use crate::returns::{Bought, ReturnReceipt};
use crate::{EditId, Error, Points, PurchaseId, Result, ReturnId, Timestamp, TransactionId};
use serde_json::Value;
use std::collections::BTreeMap;

row! {
    pub(super) struct EditRow in "edits" {
        pub(super) purchase_id: PurchaseId,
        pub(super) seq: i32,
        pub(super) id: EditId,
        pub(super) return_id: Option<ReturnId>,
        pub(super) reference: String,
        pub(super) arguments_hash: ArgumentsHash,
        pub(super) reason: Option<String>,
        pub(super) edited_at: Timestamp,
        pub(super) recorded_at: Timestamp,
        pub(super) revision: u32,
        pub(super) total_before_minor: i64,
        pub(super) total_minor: i64,
        pub(super) added_minor: i64,
        pub(super) points: Points,
        pub(super) referral_points: Points,
        pub(super) transaction_id: Option<TransactionId>,
        pub(super) paid_points: Points,
        pub(super) paid_minor: i64,
        pub(super) is_whole: bool,
        pub(super) appraisal: Value,
        pub(super) balance_after: Points,
        pub(super) standing: Value,
    }
}

row! {
    pub(super) struct EditLineRow in "edit_lines" {
        pub(super) purchase_id: PurchaseId,
        pub(super) seq: i32,
        pub(super) edit_id: EditId,
        pub(super) position: i32,
        pub(super) sku: String,
        pub(super) category: Option<String>,
        pub(super) quantity: i64,
        pub(super) amount_minor: i64,
        pub(super) points: Points,
    }
}

row! {
    /// A purchase that is one again.
    pub(super) struct BegunRow {
        pub(super) id: PurchaseId,
        /// Not where it is all a group's.
        pub(super) is_counted: bool,
    }
}

pub(super) const BEGIN: &str = "
    UPDATE purchases
    SET is_counted = r.is_counted, returned_at = NULL
    FROM {rows} AS r
    WHERE purchases.program_id = $1 AND purchases.id = r.id";

row! {
    /// What became of what a purchase had earned by one transaction, when something of it went.
    pub(super) struct TakenRow {
        pub(super) purchase_id: PurchaseId,
        pub(super) transaction_id: TransactionId,
        points: Points,
        points_taken: Points,
        points_expired: Points,
    }
}

impl TakenRow {
    /// What nobody could take back.
    pub(super) fn not_taken(&self) -> Result<Points> {
        self.points.minus(self.points_taken)?.minus(self.points_expired)
    }
}

row! {
    /// What a purchase was worth when it was recorded.
    pub(super) struct FirstRow {
        pub(super) purchase_id: PurchaseId,
        appraisal: Value,
    }
}

impl FirstRow {
    /// What caps of a period or of the wallet cut of it, by type.
    pub(super) fn cut_by_account(&self) -> Result<BTreeMap<PointType, Points>> {
        let broken = |error| Error::internal("the appraisal of a purchase").caused_by(error);
        let first: Appraisal = serde_json::from_value(self.appraisal.clone()).map_err(broken)?;
        let others = first.others.iter().map(|(point_type, of)| (point_type.clone(), &of.cuts));
        let all = [(PointType::main(), &first.cuts)].into_iter().chain(others);
        let of_account = |cuts: &[Cut]| {
            let cuts = cuts.iter().filter(|cut| cut.cap.is_of_account());
            Points::sum(cuts.map(|cut| cut.points))
        };
        all.map(|(point_type, cuts)| Ok((point_type, of_account(cuts)?))).collect()
    }
}

row! {
    /// An edit that an earlier request recorded.
    pub(super) struct KnownRow {
        pub(super) purchase_id: PurchaseId,
        pub(super) id: EditId,
        pub(super) reference: String,
        pub(super) arguments_hash: ArgumentsHash,
        reason: Option<String>,
        edited_at: Timestamp,
        total_before_minor: i64,
        total_minor: i64,
        points: Points,
        referral_points: Points,
        transaction_id: Option<TransactionId>,
        /// Not kept by earlier versions.
        is_whole: Option<bool>,
        appraisal: Value,
        balance_after: Points,
        standing: Value,
    }
}

impl KnownRow {
    /// What was returned when it was recorded, of a purchase to which these lines were added.
    pub(super) fn receipt(&self, bought: &Bought, added: &[EditLineRow]) -> Result<EditReceipt> {
        let removed = bought.removed_by(self.id)?;
        let is_whole = || removed.as_ref().is_some_and(|removed| removed.is_whole);
        Ok(EditReceipt {
            id: self.id,
            reference: self.reference.clone(),
            reason: self.reason.clone(),
            purchase: bought.row.id,
            purchase_reference: bought.row.reference.clone(),
            member: bought.row.member_id,
            edited_at: self.edited_at,
            total_before_minor: self.total_before_minor,
            total_minor: self.total_minor,
            is_whole: self.is_whole.unwrap_or_else(is_whole),
            added: added
                .iter()
                .filter(|row| row.edit_id == self.id)
                .map(EditedLine::from)
                .collect(),
            points: self.points,
            referral_points: self.referral_points,
            transaction: self.transaction_id,
            appraisal: self.appraisal()?,
            removed: removed.map_or_else(Removed::default, Removed::from),
            accruals: Vec::new(),
            balance: self.balance_after,
            standing: serde_json::from_value(self.standing.clone()).map_err(broken)?,
        })
    }

    /// What it did at the account whose row of the order it is of.
    pub(super) fn accrued(&self, bought: &Bought) -> Result<AccrualEdited> {
        let (appraisal, removed) = (self.appraisal()?, self.removed(bought)?);
        let of = (bought.row.member_id, self.balance_after);
        Ok(AccrualEdited::new(of, &appraisal, self.transaction_id, &removed))
    }

    fn appraisal(&self) -> Result<Appraisal> {
        serde_json::from_value(self.appraisal.clone()).map_err(broken)
    }

    fn removed(&self, bought: &Bought) -> Result<Removed> {
        Ok(bought.removed_by(self.id)?.map_or_else(Removed::default, Removed::from))
    }
}

fn broken(error: serde_json::Error) -> Error {
    Error::internal("the receipt of an edit").caused_by(error)
}

impl From<&EditLineRow> for EditedLine {
    fn from(row: &EditLineRow) -> Self {
        Self {
            position: row.position,
            sku: row.sku.clone(),
            quantity: row.quantity,
            amount_minor: row.amount_minor,
            points: row.points,
        }
    }
}

impl From<ReturnReceipt> for Removed {
    fn from(receipt: ReturnReceipt) -> Self {
        Self {
            lines: receipt.parts,
            points: receipt.points,
            points_taken: receipt.points_taken,
            transaction: receipt.transaction,
            referral_points_taken: receipt.referral_points_taken,
            refund: receipt.refund,
            refunds: receipt.refunds,
        }
    }
}
