//! The rows of a purchase itself. What it does to the member is written by the operation.

use super::check::{Checked, Identity};
use super::effect::{Applied, EarnedBy};
use crate::accounts::PointType;
use crate::db::row;
use crate::hash::ArgumentsHash;
use crate::operation::Operation;
use crate::{Error, MemberId, Points, PurchaseId, Result, Timestamp, TransactionId};
use serde_json::Value;

row! {
    struct PurchaseRow in "purchases" {
        id: PurchaseId,
        member_id: MemberId,
        reference: String,
        arguments_hash: ArgumentsHash,
        currency: &'static str,
        total_minor: i64,
        purchased_at: Timestamp,
        recorded_at: Timestamp,
        revision: u32,
        points: Points,
        referral_points: Points,
        balance_after: Points,
        appraisal: Value,
        standing: Value,
        transaction_id: Option<TransactionId>,
        is_counted: bool,
        paid_points: Points,
        paid_minor: i64,
        payment_id: Option<TransactionId>,
    }
}

row! {
    struct LineRow in "purchase_lines" {
        purchase_id: PurchaseId,
        seq: i32,
        sku: String,
        category: Option<String>,
        quantity: u32,
        amount_minor: i64,
        points: Points,
    }
}

row! {
    /// What it earned by one transaction, where there is not just one of the main points.
    struct EarningRow in "purchase_earnings" {
        purchase_id: PurchaseId,
        seq: i32,
        transaction_id: TransactionId,
        point_type: PointType,
        points: Points,
    }
}

/// Adds a purchase to the operation, with all that its receipt says.
pub(super) fn write(
    operation: &mut Operation<'_>,
    identity: &Identity,
    purchase: &Checked,
    applied: &Applied,
) -> Result<()> {
    let broken = |error| Error::internal("a receipt that cannot be JSON").caused_by(error);
    let receipt = &applied.receipt;
    let json = |value: serde_json::Result<Value>| value.map_err(broken);
    operation.insert(&PurchaseRow {
        id: receipt.purchase,
        member_id: receipt.member,
        reference: identity.reference.clone(),
        arguments_hash: identity.arguments_hash.clone(),
        currency: purchase.cart.currency.code(),
        total_minor: receipt.total_minor,
        purchased_at: receipt.purchased_at,
        recorded_at: operation.recorded_at(),
        revision: operation.program().revision,
        points: receipt.points,
        referral_points: receipt.referral_points,
        balance_after: receipt.balance,
        appraisal: json(serde_json::to_value(&receipt.appraisal))?,
        standing: json(serde_json::to_value(&receipt.standing))?,
        transaction_id: receipt.transaction,
        is_counted: applied.is_counted,
        paid_points: receipt.paid.map_or(Points::ZERO, |paid| paid.points),
        paid_minor: receipt.paid.map_or(0, |paid| paid.amount_minor),
        payment_id: receipt.paid.map(|paid| paid.transaction),
    });
    let shares = shares_of_lines(purchase, &applied.earned)?;
    for ((seq, line), points) in (1..).zip(&purchase.cart.lines).zip(shares) {
        operation.insert(&LineRow {
            purchase_id: receipt.purchase,
            seq,
            sku: line.sku.clone(),
            category: line.category.clone(),
            quantity: line.quantity,
            amount_minor: line.amount_minor,
            points,
        });
    }
    if !is_simple(&applied.earned) {
        for (seq, earned) in (1..).zip(&applied.earned) {
            operation.insert(&EarningRow {
                purchase_id: receipt.purchase,
                seq,
                transaction_id: earned.transaction,
                point_type: earned.point_type.clone(),
                points: earned.points,
            });
        }
    }
    Ok(())
}

/// Whether the purchase's own row says it all.
fn is_simple(earned: &[EarnedBy]) -> bool {
    matches!(earned, [] | [_]) && earned.iter().all(|one| one.point_type.is_main())
}

/// What each line has of the main points: its shares of what each transaction earned.
fn shares_of_lines(purchase: &Checked, earned: &[EarnedBy]) -> Result<Vec<Points>> {
    let mut shares = vec![Points::ZERO; purchase.cart.lines.len()];
    for one in earned.iter().filter(|one| one.point_type.is_main()) {
        for (sum, share) in shares.iter_mut().zip(purchase.cart.shares(one.points)?) {
            *sum = sum.plus(share)?;
        }
    }
    Ok(shares)
}
