//! Who the member is, where it stands, and what it can sign in with.

use super::Section;
use crate::exports::column::{any, flag, id, instant, number, text};
use crate::{CardId, ContactId, MemberId, PurchaseId, TokenId, TransactionId};

pub(super) const SECTIONS: &[Section] = &[
    Section {
        table: "members",
        columns: &[
            id::<MemberId>("id", "m.id"),
            text("externalId", "m.external_id"),
            text("kind", "m.kind"),
            text("name", "m.name"),
            text("email", "m.email"),
            text("locale", "m.locale"),
            text("country", "m.country"),
            text("referralCode", "m.referral_code"),
            instant("joinedAt", "m.joined_at"),
            any("tags", "m.tags"),
        ],
        from: "members AS m WHERE m.program_id = $1 AND m.id = $2",
    },
    Section {
        table: "contacts",
        columns: &[
            id::<ContactId>("id", "c.id"),
            text("name", "c.name"),
            text("email", "c.email"),
            text("role", "c.role"),
            text("locale", "c.locale"),
        ],
        from: "contacts AS c WHERE c.program_id = $1 AND c.member_id = $2 ORDER BY c.position",
    },
    Section {
        table: "accounts",
        columns: &[
            number("purchases", "a.purchases"),
            number("purchasesForGroups", "a.purchases_for_groups"),
            number("spentMinor", "a.spent_minor"),
            instant("firstPurchaseAt", "a.first_purchase_at"),
            instant("lastPurchaseAt", "a.last_purchase_at"),
            text("tier", "a.tier"),
            instant("tierSince", "a.tier_since"),
            instant("nextExpiryAt", "a.next_expiry_at"),
            number("events", "a.event_seq"),
        ],
        from: "accounts AS a WHERE a.program_id = $1 AND a.id = $2",
    },
    Section {
        table: "referrals",
        columns: &[
            text("role", "CASE WHEN f.referred_id = $2 THEN 'referred' ELSE 'referrer' END"),
            instant("completedAt", "f.completed_at"),
            id::<PurchaseId>("purchaseId", "CASE WHEN f.referred_id = $2 THEN f.purchase_id END"),
            id::<TransactionId>(
                "transactionId",
                "CASE WHEN f.referred_id = $2 THEN f.referred_transaction_id \
                 ELSE f.referrer_transaction_id END",
            ),
        ],
        from: "referrals AS f WHERE f.program_id = $1 \
               AND (f.referred_id = $2 OR f.referrer_id = $2) ORDER BY f.referred_id",
    },
    Section {
        table: "memberships",
        columns: &[
            text("role", "CASE WHEN g.person_id = $2 THEN 'person' ELSE 'group' END"),
            id::<MemberId>("groupId", "CASE WHEN g.person_id = $2 THEN g.group_id END"),
            text("accrual", "g.accrual"),
            flag("maySpend", "g.may_spend"),
            instant("joinedAt", "g.joined_at"),
            instant("leftAt", "g.left_at"),
            any("pastAccruals", "g.past_accruals"),
        ],
        from: "memberships AS g WHERE g.program_id = $1 \
               AND (g.person_id = $2 OR g.group_id = $2) ORDER BY g.id",
    },
    Section {
        table: "cards",
        columns: &[
            id::<CardId>("id", "c.id"),
            text("kind", "c.kind"),
            text("lastFour", "c.last_four"),
            text("status", "c.status"),
            id::<CardId>("replacedBy", "c.replaced_by"),
            instant("issuedAt", "c.issued_at"),
            instant("endedAt", "c.ended_at"),
            number("endedPoints", "c.ended_points"),
            text("reason", "c.reason"),
            text("idempotencyKey", "c.idempotency_key"),
        ],
        from: "cards AS c WHERE c.program_id = $1 AND c.account_id = $2 ORDER BY c.id",
    },
    Section {
        table: "merges",
        columns: &[
            text("reason", "g.reason"),
            any("owed", "g.owed"),
            instant("mergedAt", "g.merged_at"),
            text("idempotencyKey", "g.idempotency_key"),
        ],
        from: "merges AS g WHERE g.program_id = $1 AND g.from_id = $2 ORDER BY g.merged_at",
    },
    Section {
        table: "unmerges",
        columns: &[
            text("reason", "g.reason"),
            instant("unmergedAt", "g.unmerged_at"),
            text("idempotencyKey", "g.idempotency_key"),
        ],
        from: "unmerges AS g WHERE g.program_id = $1 AND g.member_id = $2 ORDER BY g.unmerged_at",
    },
    Section {
        table: "tokens",
        columns: &[
            id::<TokenId>("id", "t.id"),
            text("scopes", "t.scopes"),
            instant("issuedAt", "t.issued_at"),
            instant("expiresAt", "t.expires_at"),
            instant("revokedAt", "t.revoked_at"),
        ],
        from: "members AS m JOIN tokens AS t ON t.program_id = $1 \
               AND t.holder = 'member:' || m.external_id WHERE m.program_id = $1 AND m.id = $2 \
               ORDER BY t.id",
    },
    Section {
        table: "token_cutoffs",
        columns: &[instant("issuedUntil", "t.issued_until")],
        from: "members AS m JOIN token_cutoffs AS t ON t.program_id = $1 \
               AND t.holder = 'member:' || m.external_id WHERE m.program_id = $1 AND m.id = $2",
    },
];
