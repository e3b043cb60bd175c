//! The rows of a purchase itself. What it does to the member is written by the operation.

use super::accrual::{Accruing, EarnedBy, Share};
use super::check::{Checked, Identity};
use super::effect::Applied;
use crate::accounts::PointType;
use crate::cart::CheckedCart;
use crate::db::row;
use crate::hash::ArgumentsHash;
use crate::operation::Operation;
use crate::{Error, MemberId, Points, PurchaseId, Result, Timestamp, TransactionId};
use serde::Serialize;
use serde_json::Value;

row! {
    #[derive(Clone)]
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
        accrual: Option<&'static str>,
        accrual_of: Option<PurchaseId>,
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

/// Adds a purchase to the operation, with all that its receipt says, and what it brought a group.
pub(super) fn write(
    operation: &mut Operation<'_>,
    identity: &Identity,
    (purchase, accruing): (&Checked, Accruing),
    applied: &Applied,
) -> Result<()> {
    let receipt = &applied.receipt;
    let paid = receipt.paid.as_ref();
    let own = applied.shares.iter().find(|share| share.account == receipt.member);
    let row = PurchaseRow {
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
        appraisal: json(&receipt.appraisal)?,
        standing: json(&receipt.standing)?,
        transaction_id: receipt.transaction,
        is_counted: own.is_some(),
        paid_points: paid.map_or(Points::ZERO, |paid| paid.points),
        paid_minor: paid.map_or(0, |paid| paid.amount_minor),
        payment_id: paid.map(|paid| paid.transaction),
        accrual: accruing.stored().filter(|_| !applied.shares.is_empty()),
        accrual_of: None,
    };
    operation.insert(&row);
    let earned = own.map_or(&[][..], |own| &own.earned);
    write_lines(operation, receipt.purchase, &purchase.cart, earned)?;
    write_earnings(operation, receipt.purchase, earned);
    let of_group = applied.shares.iter().filter(|share| share.account != receipt.member);
    of_group.into_iter().try_for_each(|share| write_share(operation, purchase, &row, share))
}

/// Adds what a purchase brought a group: a row like the purchase's, without a word of who bought
/// what.
fn write_share(
    operation: &mut Operation<'_>,
    purchase: &Checked,
    row: &PurchaseRow,
    share: &Share,
) -> Result<()> {
    operation.insert(&PurchaseRow {
        id: share.id,
        member_id: share.account,
        reference: format!(" {}", share.id),
        arguments_hash: ArgumentsHash::of(&()),
        points: share.appraisal.points,
        referral_points: Points::ZERO,
        balance_after: operation.balance(share.account)?,
        appraisal: json(&share.appraisal.clone().without_words())?,
        standing: json(&share.standing(operation)?)?,
        transaction_id: share.transaction(),
        is_counted: true,
        paid_points: Points::ZERO,
        payment_id: None,
        accrual: None,
        accrual_of: Some(row.id),
        ..row.clone()
    });
    let mut cart = purchase.cart.clone();
    for line in &mut cart.lines {
        (line.sku, line.category) = (String::new(), None);
    }
    write_lines(operation, share.id, &cart, &share.earned)?;
    write_earnings(operation, share.id, &share.earned);
    Ok(())
}

fn write_lines(
    operation: &mut Operation<'_>,
    purchase_id: PurchaseId,
    cart: &CheckedCart,
    earned: &[EarnedBy],
) -> Result<()> {
    let shares = shares_of_lines(cart, earned)?;
    for ((seq, line), points) in (1..).zip(&cart.lines).zip(shares) {
        operation.insert(&LineRow {
            purchase_id,
            seq,
            sku: line.sku.clone(),
            category: line.category.clone(),
            quantity: line.quantity,
            amount_minor: line.amount_minor,
            points,
        });
    }
    Ok(())
}

fn write_earnings(operation: &mut Operation<'_>, purchase_id: PurchaseId, earned: &[EarnedBy]) {
    if is_simple(earned) {
        return;
    }
    for (seq, earned) in (1..).zip(earned) {
        operation.insert(&EarningRow {
            purchase_id,
            seq,
            transaction_id: earned.transaction,
            point_type: earned.point_type.clone(),
            points: earned.points,
        });
    }
}

fn json(value: &impl Serialize) -> Result<Value> {
    serde_json::to_value(value)
        .map_err(|error| Error::internal("a receipt that cannot be JSON").caused_by(error))
}

/// Whether the purchase's own row says it all.
fn is_simple(earned: &[EarnedBy]) -> bool {
    matches!(earned, [] | [_]) && earned.iter().all(|one| one.point_type.is_main())
}

/// What each line has of the main points: its shares of what each transaction earned.
fn shares_of_lines(cart: &CheckedCart, earned: &[EarnedBy]) -> Result<Vec<Points>> {
    let mut shares = vec![Points::ZERO; cart.lines.len()];
    for one in earned.iter().filter(|one| one.point_type.is_main()) {
        for (sum, share) in shares.iter_mut().zip(cart.shares(one.points)?) {
            *sum = sum.plus(share)?;
        }
    }
    Ok(shares)
}
