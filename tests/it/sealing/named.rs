//! Each comparison that verifying makes names the row that somebody has changed by hand.

use super::rich::Rich;
use crate::support::{Backend, books, on_both_databases};
use perennial_core::verify::Fault;
use perennial_core::{Id, MemberId};
use uuid::Uuid;

on_both_databases!(the_row_that_was_changed_is_named);

/// What somebody does to one row, and what is to be found.
struct Break {
    check: &'static str,
    /// The table that is named.
    names: &'static str,
    /// By which key: a column of the table that is changed.
    key: &'static str,
    table: &'static str,
    /// Which row: the first of these.
    of: &'static str,
    change: Change,
}

enum Change {
    Set(&'static str),
    Delete,
}

use Change::{Delete, Set};

const fn on(
    check: &'static str,
    (names, key): (&'static str, &'static str),
    (table, of): (&'static str, &'static str),
    change: Change,
) -> Break {
    Break { check, names, key, table, of, change }
}

const TOLD: &str = "what events told";
const PENDING: &str = "pending points";
const REFERRED: &str = "what referrals paid";
const BELONGS: &str = "who belongs to a group";
const STATISTICS: &str = "statistics";
const ORDER: &str = "in which order points paid";
const ASKED: &str = "what was asked for";
const CARDS: &str = "what cards open";
const MOVED: &str = "lots move as entries say";
const SEALED: &str = "what was sealed";
const ANY: &str = "1 = 1";
const OWN: &str = "purchase_id IN (SELECT id FROM purchases WHERE accrual_of IS NULL)";

/// The breaks of what has a table of its own among what events and transactions tell.
fn told() -> Vec<Break> {
    let told = |of: (&'static str, &'static str), row: (&'static str, &'static str), change| {
        on(TOLD, of, row, change)
    };
    vec![
        told(("purchases", "id"), ("purchases", "accrual_of IS NULL"), Set("currency = 'USD'")),
        told(("purchases", "purchase_id"), ("purchase_lines", OWN), Set("quantity = quantity + 1")),
        told(("purchases", "id"), ("purchases", "payment_id IS NOT NULL"), Set("paid_points = 3")),
        told(("edits", "id"), ("edits", OWN), Set("total_minor = total_minor + 1")),
        told(("edits", "id"), ("edits", "paid_points > 0"), Set("paid_minor = paid_minor + 1")),
        told(("edits", "edit_id"), ("edit_lines", OWN), Set("amount_minor = amount_minor + 1")),
        told(
            ("returns", "id"),
            ("returns", "edit_id IS NULL AND is_whole = 0"),
            Set("amount_minor = amount_minor + 1"),
        ),
        told(
            ("returns", "edit_id"),
            ("returns", "edit_id IS NOT NULL"),
            Set("points_taken = points_taken + 1"),
        ),
        told(("redemptions", "id"), ("redemptions", ANY), Set("reward = 'pot'")),
        told(("holds", "id"), ("holds", "ended_at IS NULL"), Set("reason = 'Another'")),
        told(("holds", "id"), ("holds", "captured > 0"), Set("captured = captured + 1")),
        told(("pendings", "transaction_id"), ("pendings", ANY), Set("awaits = 'another'")),
        told(("transfers", "sent_id"), ("transfers", ANY), Set("points = points + 1")),
        told(("merges", "from_id"), ("merges", ANY), Set("reason = 'Another'")),
        told(
            ("unmerges", "CASE WHEN member_id < survivor_id THEN member_id ELSE survivor_id END"),
            ("unmerges", ANY),
            Set("reason = 'Another'"),
        ),
        told(
            ("purchase_earnings", "transaction_id"),
            (
                "purchase_earnings",
                "transaction_id NOT IN (SELECT transaction_id FROM purchases \
                 WHERE transaction_id IS NOT NULL)",
            ),
            Set("points = points + 1"),
        ),
        told(
            (
                "purchases",
                "(SELECT b.id FROM purchases AS b WHERE b.payment_id = spend_parts.transaction_id)",
            ),
            (
                "spend_parts",
                "transaction_id IN (SELECT payment_id FROM purchases \
                 WHERE payment_id IS NOT NULL)",
            ),
            Set("points = points + 1"),
        ),
        told(("adjustments", "transaction_id"), ("adjustments", ANY), Delete),
        told(
            ("approvals", "transaction_id"),
            ("approvals", "transaction_id IS NOT NULL"),
            Set("decided_by = 'operator:nobody'"),
        ),
        told(("openings", "transaction_id"), ("openings", ANY), Set("reference = 'another'")),
        told(
            ("referrals", "referred_id"),
            ("referrals", "completed_at IS NOT NULL"),
            Set("completed_at = NULL, purchase_id = NULL, referrer_transaction_id = NULL, \
                 referred_transaction_id = NULL"),
        ),
    ]
}

/// Those of what is recomputed from other rows.
fn recomputed() -> Vec<Break> {
    vec![
        on("what was voided", ("voids", "voided_id"), ("voids", ANY), Delete),
        on(BELONGS, ("memberships", "id"), ("memberships", ANY), Set("may_spend = 1 - may_spend")),
        on(BELONGS, ("memberships", "id"), ("memberships", ANY), Delete),
        on(
            PENDING,
            ("pendings", "transaction_id"),
            ("lots", "pending_until IS NOT NULL AND remaining > 0"),
            Set("pending_until = NULL"),
        ),
        on(PENDING, ("lots", "lot_id"), ("pendings", "outcome IS NULL"), Delete),
        on(
            PENDING,
            ("pendings", "transaction_id"),
            ("pendings", "outcome = 'ACTIVATED'"),
            Set("ended_at = ended_at + 1"),
        ),
        on(
            REFERRED,
            ("referrals", "referred_id"),
            ("referrals", "completed_at IS NOT NULL"),
            Set("completed_at = completed_at + 1"),
        ),
        on(
            REFERRED,
            ("referrals", "referred_id"),
            ("referrals", "completed_at IS NULL"),
            Set("purchase_id = referrer_id"),
        ),
        on(MOVED, ("entries", "transaction_id"), ("lot_moves", ANY), Set("amount = amount + 1")),
        on(
            "wallets owe their debts",
            ("wallets", "account_id"),
            ("debts", ANY),
            Set("amount = amount + 1"),
        ),
        on(
            "lots sum to wallets",
            ("lots", "account_id"),
            ("lots", "remaining > 0"),
            Set("remaining = remaining - 1"),
        ),
        on(
            "lots are their uses and returns",
            ("lots", "id"),
            ("lots", "remaining > 0"),
            Set("remaining = remaining - 1"),
        ),
        on(STATISTICS, ("accounts", "id"), ("accounts", ANY), Set("purchases = purchases + 1")),
        on(
            STATISTICS,
            ("accounts", "id"),
            ("accounts", ANY),
            Set("purchases_for_groups = purchases_for_groups + 1"),
        ),
        on(
            STATISTICS,
            ("accounts", "id"),
            ("accounts", "first_purchase_at IS NOT NULL"),
            Set("first_purchase_at = 1"),
        ),
        on(
            STATISTICS,
            ("accounts", "id"),
            ("accounts", "last_purchase_at IS NOT NULL"),
            Set("last_purchase_at = last_purchase_at + 1"),
        ),
        on("tiers", ("accounts", "id"), ("accounts", "tier IS NOT NULL"), Set("tier = NULL")),
        on(
            "what was erased",
            ("members", "id"),
            ("members", "external_id = 'eve'"),
            Set("erased_at = 7"),
        ),
        on(
            SEALED,
            ("events", "referred_id"),
            ("referrals", "completed_at IS NULL"),
            Set("referrer_id = referred_id"),
        ),
        on(SEALED, ("events", "referred_id"), ("referrals", "completed_at IS NULL"), Delete),
        on(ORDER, ("spend_parts", "part_id"), ("spend_parts", ANY), Set("seq = seq + 1")),
    ]
}

/// Those of what is kept of requests and of cards.
fn kept() -> Vec<Break> {
    const WAITS: &str = "outcome IS NULL";
    let asked = |of, change| on(ASKED, ("approvals", "id"), ("approvals", of), change);
    let cards = |of, change| on(CARDS, ("cards", "id"), ("cards", of), change);
    vec![
        asked(WAITS, Set("points = points * 10")),
        asked(WAITS, Set("point_type = 'bonus'")),
        asked(WAITS, Set("reason = 'Another'")),
        asked(WAITS, Set("counts_as_earned = 1")),
        asked(WAITS, Set("expires_at = NULL")),
        asked(WAITS, Set("effective_at = 7")),
        asked(WAITS, Set("decide_by = expires_at + 1")),
        asked("outcome = 'DECLINED'", Set("points = points - 1")),
        asked("outcome = 'APPROVED'", Set("idempotency_key = 'another'")),
        // What was posted under a key nobody has approved.
        asked(
            WAITS,
            Set("idempotency_key = (SELECT MAX(a.idempotency_key) FROM adjustments AS a \
                 WHERE a.member_id = approvals.member_id AND a.idempotency_key = 'a')"),
        ),
        cards("kind = 'LOYALTY'", Set("kind = 'GIFT'")),
        cards("kind = 'GIFT' AND status = 'ACTIVE'", Set("kind = 'LOYALTY'")),
        cards(
            "kind = 'GIFT' AND status = 'ACTIVE'",
            Set("account_id = (SELECT id FROM members WHERE external_id = 'gus')"),
        ),
        cards(
            "kind = 'LOYALTY'",
            Set("account_id = (SELECT id FROM members WHERE external_id = 'bob')"),
        ),
        cards(
            "kind = 'LOYALTY'",
            Set("origin_id = (SELECT id FROM members WHERE external_id = 'gus')"),
        ),
        cards("status = 'CLAIMED'", Set("ended_points = ended_points + 1")),
        cards("status = 'CLAIMED'", Set("ended_at = ended_at + 1")),
        cards("status = 'CLAIMED'", Set("status = 'REFUNDED'")),
        cards("status = 'CLAIMED'", Set("status = 'ACTIVE', ended_at = NULL, ended_points = NULL")),
        cards("status = 'REFUNDED'", Set("ended_points = ended_points - 1")),
        cards("status = 'REPLACED'", Set("ended_at = ended_at + 1")),
        cards("status = 'REPLACED'", Set("replaced_by = account_id")),
        cards("status = 'REPLACED' AND kind = 'GIFT'", Set("ended_points = 7")),
    ]
}

async fn the_row_that_was_changed_is_named(backend: Backend) {
    let rich = Rich::new(backend).await;
    assert_eq!(rich.faults().await, Vec::new());
    let mut missed = Vec::new();
    let mut saved = Vec::new();
    for one in told().into_iter().chain(recomputed()).chain(kept()) {
        if !saved.contains(&one.table) {
            rich.save(one.table).await;
            saved.push(one.table);
        }
        let key = match rich.breaks(&one).await {
            Ok(key) => key,
            Err(refused) => {
                missed.push(refused);
                continue;
            }
        };
        let faults = rich.faults().await;
        let is_named = |(check, fault): &(&str, Fault)| {
            *check == one.check && fault.table == one.names && names(fault, key)
        };
        if !faults.iter().any(is_named) {
            let what = match one.change {
                Set(what) => what,
                Delete => "gone",
            };
            missed.push(format!("{}, {} {what}: {faults:#?}", one.check, one.table));
        }
        rich.restore(one.table).await;
    }
    assert_eq!(missed, Vec::<String>::new());
    // Of what is not there the account is named.
    const OPENS: &str = "kind = 'GIFT' AND status = 'ACTIVE' AND id NOT IN (SELECT replaced_by \
         FROM cards WHERE replaced_by IS NOT NULL)";
    let account = format!("SELECT account_id FROM cards WHERE {OPENS}");
    let account: Uuid = rich.ask(&account).await[0].try_get_by_index(0).unwrap();
    books::execute(&rich.app, &format!("DELETE FROM cards WHERE {OPENS}")).await.unwrap();
    let account = MemberId::from_uuid(account);
    let faults = rich.faults().await;
    let is_named = |(check, fault): &(&str, Fault)| {
        *check == CARDS && fault.key == format!("of the gift card's account {account}")
    };
    assert!(faults.iter().any(is_named), "{faults:#?}");
    rich.restore("cards").await;
    assert_eq!(rich.faults().await, Vec::new(), "all of it is as it was");
}

impl Rich {
    /// Changes one row; its key, or why there is none.
    async fn breaks(&self, one: &Break) -> Result<Uuid, String> {
        let Break { key, table, of, ref change, .. } = *one;
        let row = match table {
            "purchase_lines" | "edit_lines" => "seq",
            _ => "1",
        };
        let chosen = format!(
            "SELECT {key} AS chosen, {row} AS part FROM {table} WHERE {of} ORDER BY 1, 2 LIMIT 1"
        );
        let Some(found) = self.ask(&chosen).await.pop() else {
            return Err(format!("no row of {table} where {of}"));
        };
        let id: Uuid = found.try_get_by_index(0).unwrap();
        let part = if row == "seq" { " AND seq = (SELECT part FROM chosen)" } else { "" };
        let these = format!("{of} AND {key} = (SELECT chosen FROM chosen){part}");
        let sql = match change {
            Set(what) => {
                format!("WITH chosen AS ({chosen}) UPDATE {table} SET {what} WHERE {these}")
            }
            Delete => format!("WITH chosen AS ({chosen}) DELETE FROM {table} WHERE {these}"),
        };
        match books::execute(&self.app, &sql).await {
            Ok(()) => Ok(id),
            Err(error) => Err(format!("{error}: {sql}")),
        }
    }
}

/// Whether a fault is of the row with this key, whatever kind of id that is.
fn names(fault: &Fault, key: Uuid) -> bool {
    let id = fault.key.split(' ').next().and_then(|id| id.split_once('_'));
    let id = id.and_then(|(_, body)| format!("mem_{body}").parse::<MemberId>().ok());
    id.is_some_and(|id| id.uuid() == key)
}
