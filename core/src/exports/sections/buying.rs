//! What the member bought and sent back, and what rewards it took.

use super::Section;
use crate::exports::column::{any, flag, id, instant, number, text};
use crate::{PurchaseId, RedemptionId, ReturnId, TransactionId};

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
            text("pointType", "g.point_type"),
            number("points", "g.points"),
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
