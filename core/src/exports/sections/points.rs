//! The member's points: what there is, each movement of them, and what callers said of it.

use super::Section;
use crate::exports::column::{
    actor, any, explanation, flag, id, instant, number, point_type, text,
};
use crate::{ApprovalId, HoldId, LotId, PurchaseId, TransactionId};

pub(super) const SECTIONS: &[Section] = &[
    Section {
        table: "wallets",
        columns: &[
            point_type("pointType", "w.point_type"),
            number("balance", "w.balance"),
            number("pending", "w.pending"),
            number("held", "w.held"),
            number("owed", "w.owed"),
            number("earned", "w.earned"),
            instant("lastsUntil", "w.lasts_until"),
        ],
        from: "wallets AS w WHERE w.program_id = $1 AND w.account_id = $2 ORDER BY w.point_type",
    },
    Section {
        table: "lots",
        columns: &[
            id::<LotId>("id", "l.id"),
            point_type("pointType", "l.point_type"),
            id::<TransactionId>("transactionId", "l.transaction_id"),
            instant("earnedAt", "l.earned_at"),
            instant("pendingUntil", "l.pending_until"),
            instant("expiresAt", "l.expires_at"),
            number("amount", "l.amount"),
            number("remaining", "l.remaining"),
            flag("slides", "l.slides"),
            flag("inGrace", "l.in_grace"),
        ],
        from: "lots AS l WHERE l.program_id = $1 AND l.account_id = $2 ORDER BY l.id",
    },
    Section {
        table: "transactions",
        columns: &[
            id::<TransactionId>("id", "t.id"),
            text("kind", "t.kind"),
            instant("effectiveAt", "t.effective_at"),
            instant("recordedAt", "t.recorded_at"),
            actor("actor", "t.actor"),
            id::<PurchaseId>("purchaseId", "t.purchase_id"),
            explanation("explanation", "t.explanation"),
        ],
        from: "transactions AS t WHERE t.program_id = $1 AND t.account_id = $2 \
               ORDER BY t.effective_at, t.id",
    },
    Section {
        table: "entries",
        columns: &[
            id::<TransactionId>("transactionId", "e.transaction_id"),
            number("position", "e.seq"),
            text("systemAccount", "e.system_account"),
            point_type("pointType", "e.point_type"),
            number("amount", "e.amount"),
            number("balanceAfter", "e.balance_after"),
        ],
        from: "transactions AS t JOIN entries AS e ON e.program_id = $1 \
               AND e.transaction_id = t.id WHERE t.program_id = $1 AND t.account_id = $2 \
               ORDER BY t.effective_at, t.id, e.seq",
    },
    Section {
        table: "lot_uses",
        columns: &[
            id::<TransactionId>("transactionId", "x.transaction_id"),
            id::<LotId>("lotId", "x.lot_id"),
            number("amount", "x.amount"),
        ],
        from: "transactions AS t JOIN lot_uses AS x ON x.program_id = $1 \
               AND x.transaction_id = t.id WHERE t.program_id = $1 AND t.account_id = $2 \
               ORDER BY t.effective_at, t.id, x.lot_id",
    },
    Section {
        table: "lot_returns",
        columns: &[
            id::<TransactionId>("transactionId", "g.transaction_id"),
            id::<TransactionId>("usedBy", "g.used_by"),
            id::<LotId>("lotId", "g.lot_id"),
            number("amount", "g.amount"),
        ],
        from: "transactions AS t JOIN lot_returns AS g ON g.program_id = $1 \
               AND g.transaction_id = t.id WHERE t.program_id = $1 AND t.account_id = $2 \
               ORDER BY t.effective_at, t.id, g.used_by, g.lot_id",
    },
    Section {
        table: "debts",
        columns: &[
            id::<TransactionId>("transactionId", "d.transaction_id"),
            point_type("pointType", "d.point_type"),
            number("amount", "d.amount"),
        ],
        from: "transactions AS t JOIN debts AS d ON d.program_id = $1 \
               AND d.transaction_id = t.id WHERE t.program_id = $1 AND t.account_id = $2 \
               ORDER BY t.effective_at, t.id",
    },
    Section {
        table: "voids",
        columns: &[
            id::<TransactionId>("transactionId", "v.transaction_id"),
            id::<TransactionId>("voidedId", "v.voided_id"),
        ],
        from: "transactions AS t JOIN voids AS v ON v.program_id = $1 AND v.voided_id = t.id \
               WHERE t.program_id = $1 AND t.account_id = $2 ORDER BY t.effective_at, t.id",
    },
    Section {
        table: "lot_moves",
        columns: &[
            id::<TransactionId>("transactionId", "g.transaction_id"),
            id::<LotId>("lotId", "g.lot_id"),
            number("amount", "g.amount"),
        ],
        from: "transactions AS t JOIN lot_moves AS g ON g.program_id = $1 \
               AND g.transaction_id = t.id WHERE t.program_id = $1 AND t.account_id = $2 \
               ORDER BY t.effective_at, t.id, g.lot_id",
    },
    Section {
        table: "spend_parts",
        columns: &[
            id::<TransactionId>("transactionId", "g.transaction_id"),
            id::<TransactionId>("partId", "g.part_id"),
            number("points", "g.points"),
        ],
        // What others paid of the same order is theirs.
        from: "transactions AS t JOIN spend_parts AS g ON g.program_id = $1 \
               AND g.transaction_id = t.id JOIN transactions AS o ON o.program_id = $1 \
               AND o.id = g.part_id AND o.account_id = $2 \
               WHERE t.program_id = $1 AND t.account_id = $2 \
               ORDER BY t.effective_at, t.id, g.seq",
    },
    Section {
        table: "transfers",
        columns: &[
            id::<TransactionId>("transactionId", "f.sent_id"),
            point_type("pointType", "f.point_type"),
            number("points", "f.points"),
            instant("sentAt", "f.sent_at"),
            text("idempotencyKey", "f.idempotency_key"),
        ],
        from: "transfers AS f WHERE f.program_id = $1 AND f.sender_id = $2 \
               ORDER BY f.sent_at, f.sent_id",
    },
    Section {
        table: "adjustments",
        columns: &[
            id::<TransactionId>("transactionId", "a.transaction_id"),
            text("idempotencyKey", "a.idempotency_key"),
        ],
        from: "adjustments AS a WHERE a.program_id = $1 AND a.member_id = $2 \
               ORDER BY a.transaction_id",
    },
    Section {
        table: "approvals",
        columns: &[
            id::<ApprovalId>("id", "a.id"),
            point_type("pointType", "a.point_type"),
            number("points", "a.points"),
            text("reason", "a.reason"),
            flag("countsAsEarned", "a.counts_as_earned"),
            instant("expiresAt", "a.expires_at"),
            instant("effectiveAt", "a.effective_at"),
            text("idempotencyKey", "a.idempotency_key"),
            instant("requestedAt", "a.requested_at"),
            actor("requestedBy", "a.requested_by"),
            instant("decideBy", "a.decide_by"),
            text("outcome", "a.outcome"),
            instant("decidedAt", "a.decided_at"),
            actor("decidedBy", "a.decided_by"),
            text("decisionReason", "a.decision_reason"),
            id::<TransactionId>("transactionId", "a.transaction_id"),
        ],
        from: "approvals AS a WHERE a.program_id = $1 AND a.member_id = $2 ORDER BY a.id",
    },
    Section {
        table: "openings",
        columns: &[
            id::<TransactionId>("transactionId", "o.transaction_id"),
            text("reference", "o.reference"),
        ],
        from: "transactions AS t JOIN openings AS o ON o.program_id = $1 \
               AND o.transaction_id = t.id WHERE t.program_id = $1 AND t.account_id = $2 \
               ORDER BY t.effective_at, t.id",
    },
    Section {
        table: "pendings",
        columns: &[
            id::<TransactionId>("transactionId", "n.transaction_id"),
            id::<LotId>("lotId", "n.lot_id"),
            point_type("pointType", "n.point_type"),
            number("points", "n.points"),
            id::<PurchaseId>("purchaseId", "n.purchase_id"),
            text("awaits", "n.awaits"),
            number("days", "n.days"),
            any("expiry", "n.expiry"),
            text("reason", "n.reason"),
            text("outcome", "n.outcome"),
            instant("endedAt", "n.ended_at"),
            id::<TransactionId>("earnId", "n.earn_id"),
        ],
        from: "transactions AS t JOIN pendings AS n ON n.program_id = $1 \
               AND n.transaction_id = t.id WHERE t.program_id = $1 AND t.account_id = $2 \
               ORDER BY t.effective_at, t.id",
    },
    Section {
        table: "holds",
        columns: &[
            id::<HoldId>("id", "h.id"),
            point_type("pointType", "h.point_type"),
            number("points", "h.points"),
            number("captured", "h.captured"),
            id::<TransactionId>("transactionId", "h.transaction_id"),
            text("reason", "h.reason"),
            text("idempotencyKey", "h.idempotency_key"),
            instant("heldAt", "h.held_at"),
            instant("expiresAt", "h.expires_at"),
            actor("actor", "h.actor"),
            text("outcome", "h.outcome"),
            instant("endedAt", "h.ended_at"),
            id::<TransactionId>("spendId", "h.spend_id"),
        ],
        from: "holds AS h WHERE h.program_id = $1 AND h.account_id = $2 ORDER BY h.id",
    },
];
