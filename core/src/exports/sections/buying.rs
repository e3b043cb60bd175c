//! What the member bought and sent back, and what rewards it took.

use super::Section;
use crate::exports::column::{any, flag, id, instant, number, point_type, text};
use crate::{EditId, PurchaseId, RedemptionId, ReturnId, TransactionId};

pub(super) const SECTIONS: &[Section] = &[
    Section {
        table: "purchases",
        columns: &[
            id::<PurchaseId>("id", "b.id"),
            text("reference", "b.reference"),
            text("currency", "b.currency"),
            number("totalMinor", "b.total_minor"),
            instant("purchasedAt", "b.purchased_at"),
            instant("recordedAt", "b.recorded_at"),
            number("revision", "b.revision"),
            number("points", "b.points"),
            number("referralPoints", "b.referral_points"),
            number("balanceAfter", "b.balance_after"),
            any("appraisal", "b.appraisal"),
            any("standing", "b.standing"),
            id::<TransactionId>("transactionId", "b.transaction_id"),
            flag("isCounted", "b.is_counted"),
            text("accrual", "b.accrual"),
            flag("isOfPerson", "CASE WHEN b.accrual_of IS NULL THEN 0 ELSE 1 END"),
            instant("returnedAt", "b.returned_at"),
            number("paidPoints", "b.paid_points"),
            number("paidMinor", "b.paid_minor"),
            id::<TransactionId>("paymentId", "b.payment_id"),
        ],
        from: "purchases AS b WHERE b.program_id = $1 AND b.member_id = $2 \
               ORDER BY b.purchased_at, b.id",
    },
    Section {
        table: "purchase_lines",
        columns: &[
            id::<PurchaseId>("purchaseId", "l.purchase_id"),
            number("position", "l.seq"),
            text("sku", "l.sku"),
            text("category", "l.category"),
            number("quantity", "l.quantity"),
            number("amountMinor", "l.amount_minor"),
            number("points", "l.points"),
        ],
        from: "purchases AS b JOIN purchase_lines AS l ON l.program_id = $1 \
               AND l.purchase_id = b.id WHERE b.program_id = $1 AND b.member_id = $2 \
               ORDER BY b.purchased_at, b.id, l.seq",
    },
    Section {
        table: "purchase_earnings",
        columns: &[
            id::<PurchaseId>("purchaseId", "g.purchase_id"),
            number("position", "g.seq"),
            id::<TransactionId>("transactionId", "g.transaction_id"),
            point_type("pointType", "g.point_type"),
            number("points", "g.points"),
            id::<EditId>("editId", "g.edit_id"),
        ],
        from: "purchases AS b JOIN purchase_earnings AS g ON g.program_id = $1 \
               AND g.purchase_id = b.id WHERE b.program_id = $1 AND b.member_id = $2 \
               ORDER BY b.purchased_at, b.id, g.seq",
    },
    Section {
        table: "returns",
        columns: &[
            id::<ReturnId>("id", "r.id"),
            id::<PurchaseId>("purchaseId", "r.purchase_id"),
            text("reference", "r.reference"),
            number("amountMinor", "r.amount_minor"),
            number("points", "r.points"),
            number("pointsTaken", "r.points_taken"),
            number("pointsExpired", "r.points_expired"),
            number("referralPointsTaken", "r.referral_points_taken"),
            id::<TransactionId>("transactionId", "r.transaction_id"),
            flag("isWhole", "r.is_whole"),
            instant("returnedAt", "r.returned_at"),
            instant("recordedAt", "r.recorded_at"),
            number("balanceAfter", "r.balance_after"),
            any("standing", "r.standing"),
            number("pointsPending", "r.points_pending"),
            number("refundedPoints", "r.refunded_points"),
            number("paidMinor", "r.paid_minor"),
            id::<TransactionId>("refundId", "r.refund_id"),
            id::<EditId>("editId", "r.edit_id"),
        ],
        from: "purchases AS b JOIN returns AS r ON r.program_id = $1 AND r.purchase_id = b.id \
               WHERE b.program_id = $1 AND b.member_id = $2 \
               ORDER BY b.purchased_at, b.id, r.id",
    },
    Section {
        table: "return_lines",
        columns: &[
            id::<ReturnId>("returnId", "r.return_id"),
            id::<PurchaseId>("purchaseId", "r.purchase_id"),
            number("position", "r.seq"),
            number("quantity", "r.quantity"),
            number("amountMinor", "r.amount_minor"),
            number("points", "r.points"),
        ],
        from: "purchases AS b JOIN return_lines AS r ON r.program_id = $1 \
               AND r.purchase_id = b.id WHERE b.program_id = $1 AND b.member_id = $2 \
               ORDER BY b.purchased_at, b.id, r.return_id, r.seq",
    },
    Section {
        table: "return_earnings",
        columns: &[
            id::<ReturnId>("returnId", "g.return_id"),
            id::<PurchaseId>("purchaseId", "g.purchase_id"),
            id::<TransactionId>("transactionId", "g.transaction_id"),
            number("points", "g.points"),
            number("pointsTaken", "g.points_taken"),
            number("pointsExpired", "g.points_expired"),
            number("pointsPending", "g.points_pending"),
            id::<TransactionId>("takenBy", "g.taken_by"),
        ],
        from: "purchases AS b JOIN return_earnings AS g ON g.program_id = $1 \
               AND g.purchase_id = b.id WHERE b.program_id = $1 AND b.member_id = $2 \
               ORDER BY b.purchased_at, b.id, g.return_id, g.transaction_id",
    },
    Section {
        table: "edits",
        columns: &[
            id::<EditId>("id", "i.id"),
            id::<PurchaseId>("purchaseId", "i.purchase_id"),
            number("number", "i.seq"),
            id::<ReturnId>("returnId", "i.return_id"),
            text("reference", "i.reference"),
            text("reason", "i.reason"),
            instant("editedAt", "i.edited_at"),
            instant("recordedAt", "i.recorded_at"),
            number("revision", "i.revision"),
            number("totalBeforeMinor", "i.total_before_minor"),
            number("totalMinor", "i.total_minor"),
            number("addedMinor", "i.added_minor"),
            number("points", "i.points"),
            number("referralPoints", "i.referral_points"),
            id::<TransactionId>("transactionId", "i.transaction_id"),
            number("paidPoints", "i.paid_points"),
            number("paidMinor", "i.paid_minor"),
            any("appraisal", "i.appraisal"),
            number("balanceAfter", "i.balance_after"),
            any("standing", "i.standing"),
        ],
        from: "purchases AS b JOIN edits AS i ON i.program_id = $1 AND i.purchase_id = b.id \
               WHERE b.program_id = $1 AND b.member_id = $2 \
               ORDER BY b.purchased_at, b.id, i.seq",
    },
    Section {
        table: "edit_lines",
        columns: &[
            id::<EditId>("editId", "l.edit_id"),
            id::<PurchaseId>("purchaseId", "l.purchase_id"),
            number("number", "l.seq"),
            number("position", "l.position"),
            text("sku", "l.sku"),
            text("category", "l.category"),
            number("quantity", "l.quantity"),
            number("amountMinor", "l.amount_minor"),
            number("points", "l.points"),
        ],
        from: "purchases AS b JOIN edit_lines AS l ON l.program_id = $1 \
               AND l.purchase_id = b.id WHERE b.program_id = $1 AND b.member_id = $2 \
               ORDER BY b.purchased_at, b.id, l.seq",
    },
    Section {
        table: "redemptions",
        columns: &[
            id::<RedemptionId>("id", "d.id"),
            text("reward", "d.reward"),
            number("points", "d.points"),
            id::<TransactionId>("transactionId", "d.transaction_id"),
            text("idempotencyKey", "d.idempotency_key"),
            number("balanceAfter", "d.balance_after"),
            instant("redeemedAt", "d.redeemed_at"),
        ],
        from: "redemptions AS d WHERE d.program_id = $1 AND d.member_id = $2 ORDER BY d.id",
    },
];
