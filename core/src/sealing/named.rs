//! What items name: the rows of a block, found by their keys in one look.

use super::found::{Found, JOINED};
use super::rows::{
    BroughtRow, EntryRow, ErasedRow, EventRow, LineRow, MessageRow, PurchaseRow, ReturnRow,
    TransactionRow, UseRow,
};
use crate::db::{Answers, Look, Question, row};
use crate::journal::Item;
use crate::{MemberId, MessageId, Result, TransactionId};

row! {
    struct EventKey {
        member_id: MemberId,
        member_seq: i64,
    }
}

row! {
    /// Of somebody who may have joined.
    struct JoinedKey {
        member_id: MemberId,
    }
}

row! {
    struct TransactionKey {
        id: TransactionId,
    }
}

row! {
    struct MessageKey {
        id: MessageId,
    }
}

const EVENTS: &str = "
    SELECT v.id, v.member_id, v.member_seq, v.name, CAST(v.data AS TEXT) AS data, v.occurred_at,
        v.recorded_at
    FROM {rows} AS k EACH events AS v
    WHERE v.program_id = $1 AND v.member_id = k.member_id AND v.member_seq = k.member_seq";
const BROUGHT: &str = "
    SELECT f.referred_id, f.referrer_id
    FROM {rows} AS k EACH referrals AS f
    WHERE f.program_id = $1 AND f.referred_id = k.member_id";
const MESSAGES: &str = "SELECT * FROM sealed_messages";
const NAMED_MESSAGES: &str = "
    SELECT y.id, y.member_id, y.contact_id, y.plugin_id, y.event_id, y.template, y.locale, y.subject,
        y.body, CAST(y.parameters AS TEXT) AS parameters, y.occurred_at
    FROM {rows} AS k EACH messages AS y
    WHERE y.program_id = $1 AND y.id = k.id";
const NAMED: &str = "
    SELECT t.id, t.account_id, t.kind, t.effective_at, t.recorded_at, t.actor, t.purchase_id,
        CAST(t.explanation AS TEXT) AS explanation, t.salt, t.veil
    FROM {rows} AS k EACH transactions AS t
    WHERE t.program_id = $1 AND t.id = k.id";
const TRANSACTIONS: &str = "
    SELECT id, account_id, kind, effective_at, recorded_at, actor, purchase_id, explanation, salt, veil
    FROM sealed_transactions";
const ENTRIES: &str = "
    SELECT e.transaction_id, e.seq, e.account_id, e.system_account, e.point_type, e.amount,
        e.balance_after
    FROM sealed_transactions AS k EACH entries AS e
    WHERE e.program_id = $1 AND e.transaction_id = k.id";
const USES: &str = "
    SELECT x.transaction_id, x.lot_id, x.amount
    FROM sealed_transactions AS k EACH lot_uses AS x
    WHERE x.program_id = $1 AND x.transaction_id = k.id";
const RETURNS: &str = "
    SELECT g.transaction_id, g.used_by, g.lot_id, g.amount
    FROM sealed_transactions AS k EACH lot_returns AS g
    WHERE g.program_id = $1 AND g.transaction_id = k.id";
const NAMED_PURCHASES: &str = "
    SELECT DISTINCT purchase_id
    FROM sealed_transactions
    WHERE purchase_id IS NOT NULL";
const PURCHASES: &str = "
    SELECT b.id, b.member_id, b.reference, b.arguments_hash, b.currency,
        b.total_minor, b.purchased_at, b.recorded_at, b.revision, b.points, b.referral_points,
        b.balance_after, CAST(b.appraisal AS TEXT) AS appraisal, CAST(b.standing AS TEXT) AS standing,
        b.transaction_id, b.accrual_of
    FROM sealed_purchases AS k EACH purchases AS b
    WHERE b.program_id = $1 AND b.id = k.purchase_id";
const LINES: &str = "
    SELECT n.purchase_id, n.seq, n.sku, n.category, n.quantity, n.amount_minor
    FROM sealed_purchases AS k EACH purchase_lines AS n
    WHERE n.program_id = $1 AND n.purchase_id = k.purchase_id";

/// Of the members whom the items are about: those who were erased.
const OF_EVENTS: &str = "SELECT DISTINCT r.member_id FROM {rows} AS r";
const OF_ALL: &str = "
    SELECT member_id
    FROM members_of_events
    UNION
    SELECT account_id AS member_id
    FROM sealed_transactions
    UNION
    SELECT member_id
    FROM sealed_messages";
const ERASED: &str = "
    SELECT z.member_id, z.seq
    FROM sealed_members AS k EACH erasures AS z
    WHERE z.program_id = $1 AND z.member_id = k.member_id";

/// The questions about what some items name.
pub(crate) struct Named {
    events: Question<EventRow>,
    brought: Question<BroughtRow>,
    messages: Question<MessageRow>,
    transactions: Question<TransactionRow>,
    entries: Question<EntryRow>,
    uses: Question<UseRow>,
    returns: Question<ReturnRow>,
    purchases: Question<PurchaseRow>,
    lines: Question<LineRow>,
    erased: Question<ErasedRow>,
}

impl Named {
    pub(crate) fn ask(look: &mut Look, items: &[Item]) -> Self {
        let (mut events, mut transactions, mut messages) = (Vec::new(), Vec::new(), Vec::new());
        let mut joined = Vec::new();
        for item in items {
            match *item {
                Item::Event { member, seq } => {
                    events.push(EventKey { member_id: member, member_seq: seq });
                    if seq == JOINED {
                        joined.push(JoinedKey { member_id: member });
                    }
                }
                Item::Transaction(id) => transactions.push(TransactionKey { id }),
                Item::Message(id) => messages.push(MessageKey { id }),
            }
        }
        look.table_over("sealed_transactions", NAMED, &transactions);
        look.table("sealed_purchases", NAMED_PURCHASES);
        look.table_over("sealed_messages", NAMED_MESSAGES, &messages);
        look.table_over("members_of_events", OF_EVENTS, &events);
        look.table("sealed_members", OF_ALL);
        Self {
            events: look.ask_over(EVENTS, &events),
            brought: look.ask_over(BROUGHT, &joined),
            messages: look.ask(MESSAGES),
            transactions: look.ask(TRANSACTIONS),
            entries: look.ask(ENTRIES),
            uses: look.ask(USES),
            returns: look.ask(RETURNS),
            purchases: look.ask(PURCHASES),
            lines: look.ask(LINES),
            erased: look.ask(ERASED),
        }
    }

    pub(crate) fn read(self, answers: &Answers) -> Result<Found> {
        let mut found = Found::default();
        found.add_events(answers.rows(self.events)?);
        found.add_brought(answers.rows(self.brought)?);
        found.add_messages(answers.rows(self.messages)?);
        found.add_transactions(answers.rows(self.transactions)?);
        found.add_entries(answers.rows(self.entries)?);
        found.add_uses(answers.rows(self.uses)?);
        found.add_returns(answers.rows(self.returns)?);
        found.add_purchases(answers.rows(self.purchases)?, answers.rows(self.lines)?);
        found.add_erased(answers.rows(self.erased)?);
        found.put_in_order();
        Ok(found)
    }
}
