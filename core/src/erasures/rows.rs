//! Rows that say nothing but what is personal are deleted; the keys that callers chose for
//! redemptions and holds give way: a part of each table at a time, until nothing is left.

use super::each::each;
use super::plugins::PluginParts;
use super::{MemberKey, no_hash, placeholder};
use crate::cards::keep_digests;
use crate::context::Context;
use crate::db::{Answers, Question, TryError, Writes, row};
use crate::operation::decide;
use crate::{
    ApprovalId, CardId, ContactId, EventId, HoldId, MemberId, MembershipId, ProgramId, PurchaseId,
    RecordId, RedemptionId, Result, TransactionId,
};

row! {
    struct EventKey {
        member_id: MemberId,
        member_seq: i64,
        id: EventId,
    }
}

row! {
    struct ContactKey {
        id: ContactId,
    }
}

row! {
    struct RecordKey {
        id: RecordId,
    }
}

row! {
    struct CardKey {
        id: CardId,
        code_hash: Vec<u8>,
        idempotency_key: String,
    }
}

row! {
    struct MembershipKey {
        id: MembershipId,
    }
}

row! {
    struct AdjustmentKey {
        transaction_id: TransactionId,
    }
}

row! {
    struct TransferKey {
        sent_id: TransactionId,
    }
}

row! {
    struct MergeKey {
        from_id: MemberId,
        idempotency_key: String,
    }
}

row! {
    struct UnmergeKey {
        member_id: MemberId,
        idempotency_key: String,
    }
}

row! {
    struct ApprovalKey {
        id: ApprovalId,
    }
}

row! {
    struct RedemptionKey {
        id: RedemptionId,
    }
}

row! {
    struct HoldKey {
        id: HoldId,
    }
}

row! {
    struct MissedKey {
        purchase_id: PurchaseId,
        plugin_id: String,
    }
}

row! {
    struct ClearedRedemption {
        id: RedemptionId,
        idempotency_key: String,
        arguments_hash: Vec<u8>,
    }
}

row! {
    struct ClearedHold {
        id: HoldId,
        idempotency_key: String,
        arguments_hash: Vec<u8>,
    }
}

const WHO: &str = "SELECT r.member_id FROM {rows} AS r";
const ERASED: &str = "
    SELECT z.member_id, z.seq
    FROM who AS k EACH erasures AS z
    WHERE z.program_id = $1 AND z.member_id = k.member_id";
/// Those before the one that tells of the erasure.
const EVENTS: &str = "
    SELECT v.member_id, v.member_seq, v.id
    FROM erased AS k EACH events AS v
    WHERE v.program_id = $1 AND v.member_id = k.member_id AND v.member_seq < k.seq
    LIMIT 1000";
const CONTACTS: &str = "
    SELECT c.id
    FROM who AS k EACH contacts AS c
    WHERE c.program_id = $1 AND c.member_id = k.member_id";
const RECORDS: &str = "
    SELECT o.id
    FROM who AS k EACH records AS o
    WHERE o.program_id = $1 AND o.member_id = k.member_id
    LIMIT 1000";
const CARDS: &str = "
    SELECT c.id, c.code_hash, c.idempotency_key
    FROM who AS k EACH cards AS c
    WHERE c.program_id = $1 AND c.account_id = k.member_id
    LIMIT 1000";
/// Of the person, and of the group, whose people belong to it no longer.
const MEMBERSHIPS: &str = "
    SELECT g.id
    FROM who AS k EACH memberships AS g
    WHERE g.program_id = $1 AND g.person_id = k.member_id
    LIMIT 1000";
const PEOPLE: &str = "
    SELECT g.id
    FROM who AS k EACH memberships AS g
    WHERE g.program_id = $1 AND g.group_id = k.member_id
    LIMIT 1000";
const ADJUSTMENTS: &str = "
    SELECT a.transaction_id
    FROM who AS k EACH adjustments AS a
    WHERE a.program_id = $1 AND a.member_id = k.member_id
    LIMIT 1000";
const TRANSFERS: &str = "
    SELECT f.sent_id
    FROM who AS k EACH transfers AS f
    WHERE f.program_id = $1 AND f.sender_id = k.member_id
    LIMIT 1000";
const MERGES: &str = "
    SELECT g.from_id, g.idempotency_key
    FROM who AS k EACH merges AS g
    WHERE g.program_id = $1 AND g.from_id = k.member_id";
const UNMERGES: &str = "
    SELECT g.member_id, g.idempotency_key
    FROM who AS k EACH unmerges AS g
    WHERE g.program_id = $1 AND g.member_id = k.member_id";
const APPROVALS: &str = "
    SELECT a.id
    FROM who AS k EACH approvals AS a
    WHERE a.program_id = $1 AND a.member_id = k.member_id
    LIMIT 1000";
const REDEMPTIONS: &str = "
    SELECT d.id
    FROM who AS k EACH redemptions AS d
    WHERE d.program_id = $1 AND d.member_id = k.member_id AND d.idempotency_key NOT LIKE ' %'
    LIMIT 1000";
const HOLDS: &str = "
    SELECT h.id
    FROM who AS k EACH holds AS h
    WHERE h.program_id = $1 AND h.account_id = k.member_id AND h.idempotency_key NOT LIKE ' %'
    LIMIT 1000";
/// What plugins failed with at purchases.
const FAULTS: &str = "
    SELECT m.purchase_id, m.plugin_id
    FROM who AS k EACH missed_appraisals AS m
    WHERE m.program_id = $1 AND m.member_id = k.member_id AND m.fault IS NOT NULL
    LIMIT 1000";

const DELETE_EVENTS: &str = "
    DELETE FROM events
    WHERE program_id = $1 AND member_id {in: SELECT r.member_id FROM {rows} AS r}
        AND (member_id, member_seq) IN (SELECT r.member_id, r.member_seq FROM {rows} AS r)";
const DELETE_TIMER_RETURNS: &str = "
    DELETE FROM timer_returns
    WHERE program_id = $1 AND event_id {in: SELECT r.id FROM {rows} AS r}";
const DELETE_CONTACTS: &str = "
    DELETE FROM contacts
    WHERE program_id = $1 AND id {in: SELECT r.id FROM {rows} AS r}";
const DELETE_RECORDS: &str = "
    DELETE FROM records
    WHERE program_id = $1 AND id {in: SELECT r.id FROM {rows} AS r}";
const DELETE_CARDS: &str = "
    DELETE FROM cards
    WHERE program_id = $1 AND id {in: SELECT r.id FROM {rows} AS r}";
const DELETE_MEMBERSHIPS: &str = "
    DELETE FROM memberships
    WHERE program_id = $1 AND id {in: SELECT r.id FROM {rows} AS r}";
const DELETE_ADJUSTMENTS: &str = "
    DELETE FROM adjustments
    WHERE program_id = $1 AND transaction_id {in: SELECT r.transaction_id FROM {rows} AS r}";
const DELETE_TRANSFERS: &str = "
    DELETE FROM transfers
    WHERE program_id = $1 AND sent_id {in: SELECT r.sent_id FROM {rows} AS r}";
const DELETE_MERGES: &str = "
    DELETE FROM merges
    WHERE program_id = $1 AND from_id {in: SELECT r.from_id FROM {rows} AS r}
        AND (from_id, idempotency_key) IN (SELECT r.from_id, r.idempotency_key FROM {rows} AS r)";
const DELETE_UNMERGES: &str = "
    DELETE FROM unmerges
    WHERE program_id = $1 AND member_id {in: SELECT r.member_id FROM {rows} AS r}
        AND (member_id, idempotency_key) IN (
            SELECT r.member_id, r.idempotency_key FROM {rows} AS r
        )";
const DELETE_APPROVALS: &str = "
    DELETE FROM approvals
    WHERE program_id = $1 AND id {in: SELECT r.id FROM {rows} AS r}";
const CLEAR_REDEMPTIONS: &str = "
    UPDATE redemptions
    SET idempotency_key = r.idempotency_key, arguments_hash = r.arguments_hash
    FROM {rows} AS r
    WHERE redemptions.program_id = $1 AND redemptions.id {in: SELECT k.id FROM {rows} AS k}
        AND redemptions.id = r.id";
const CLEAR_HOLDS: &str = "
    UPDATE holds
    SET reason = '', idempotency_key = r.idempotency_key, arguments_hash = r.arguments_hash
    FROM {rows} AS r
    WHERE holds.program_id = $1 AND holds.id {in: SELECT k.id FROM {rows} AS k}
        AND holds.id = r.id";
const CLEAR_FAULTS: &str = "
    UPDATE missed_appraisals
    SET fault = NULL
    FROM {rows} AS r
    WHERE missed_appraisals.program_id = $1
        AND missed_appraisals.purchase_id {in: SELECT k.purchase_id FROM {rows} AS k}
        AND missed_appraisals.purchase_id = r.purchase_id
        AND missed_appraisals.plugin_id = r.plugin_id";

pub(super) async fn all(context: &Context, program: ProgramId, member: MemberId) -> Result<()> {
    while decide(context, program, "erasing rows", |_| part(context, program, member)).await? {}
    Ok(())
}

/// Returns whether there was something.
async fn part(context: &Context, program: ProgramId, member: MemberId) -> Result<bool, TryError> {
    let mut look = context.look(program);
    look.table_over("who", WHO, &[MemberKey { member_id: member }]);
    look.table("erased", ERASED);
    look.table("gone", EVENTS);
    let parts = Parts {
        events: look.ask("SELECT member_id, member_seq, id FROM gone"),
        plugins: PluginParts::ask(&mut look),
        contacts: look.ask(CONTACTS),
        records: look.ask(RECORDS),
        cards: look.ask(CARDS),
        memberships: look.ask(MEMBERSHIPS),
        people: look.ask(PEOPLE),
        adjustments: look.ask(ADJUSTMENTS),
        transfers: look.ask(TRANSFERS),
        merges: look.ask(MERGES),
        unmerges: look.ask(UNMERGES),
        approvals: look.ask(APPROVALS),
        redemptions: look.ask(REDEMPTIONS),
        holds: look.ask(HOLDS),
        faults: look.ask(FAULTS),
    };
    let answers = context.show(look).await?;
    let mut writes = Writes::to(program);
    parts.delete(&answers, &mut writes)?;
    parts.delete_cards(program, &answers, &mut writes)?;
    parts.clear(&answers, &mut writes)?;
    let had_something = !writes.is_empty();
    context.db.commit(writes).await?;
    Ok(had_something)
}

/// Parts of what is left.
struct Parts {
    events: Question<EventKey>,
    plugins: PluginParts,
    contacts: Question<ContactKey>,
    records: Question<RecordKey>,
    cards: Question<CardKey>,
    memberships: Question<MembershipKey>,
    people: Question<MembershipKey>,
    adjustments: Question<AdjustmentKey>,
    transfers: Question<TransferKey>,
    merges: Question<MergeKey>,
    unmerges: Question<UnmergeKey>,
    approvals: Question<ApprovalKey>,
    redemptions: Question<RedemptionKey>,
    holds: Question<HoldKey>,
    faults: Question<MissedKey>,
}

impl Parts {
    /// With the events goes all that names them.
    fn delete(&self, answers: &Answers, writes: &mut Writes) -> Result<()> {
        for event in answers.rows(self.events)? {
            writes.run(DELETE_EVENTS, &event);
            writes.run(DELETE_TIMER_RETURNS, &event);
        }
        self.plugins.delete(answers, writes)?;
        each(answers, self.contacts, DELETE_CONTACTS, writes)?;
        each(answers, self.records, DELETE_RECORDS, writes)?;
        each(answers, self.memberships, DELETE_MEMBERSHIPS, writes)?;
        each(answers, self.people, DELETE_MEMBERSHIPS, writes)?;
        each(answers, self.adjustments, DELETE_ADJUSTMENTS, writes)?;
        each(answers, self.transfers, DELETE_TRANSFERS, writes)?;
        each(answers, self.merges, DELETE_MERGES, writes)?;
        each(answers, self.unmerges, DELETE_UNMERGES, writes)?;
        each(answers, self.approvals, DELETE_APPROVALS, writes)
    }

    /// Their codes and keys are never used again.
    fn delete_cards(
        &self,
        program: ProgramId,
        answers: &Answers,
        writes: &mut Writes,
    ) -> Result<()> {
        for card in answers.rows(self.cards)? {
            writes.run(DELETE_CARDS, &card);
            keep_digests(writes, program, card.code_hash, &card.idempotency_key);
        }
        Ok(())
    }

    fn clear(&self, answers: &Answers, writes: &mut Writes) -> Result<()> {
        each(answers, self.faults, CLEAR_FAULTS, writes)?;
        for RedemptionKey { id } in answers.rows(self.redemptions)? {
            let (idempotency_key, arguments_hash) = (placeholder(id), no_hash());
            let cleared = ClearedRedemption { id, idempotency_key, arguments_hash };
            writes.run(CLEAR_REDEMPTIONS, &cleared);
        }
        for HoldKey { id } in answers.rows(self.holds)? {
            let (idempotency_key, arguments_hash) = (placeholder(id), no_hash());
            writes.run(CLEAR_HOLDS, &ClearedHold { id, idempotency_key, arguments_hash });
        }
        Ok(())
    }
}
