//! The queue of deliveries: what each plugin has yet to receive of each member, in order.
//!
//! A claim leases the oldest waiting delivery of each plugin and member. A lease that ran out,
//! because its node died, is claimed again.

use crate::context::{Context, Turn};
use crate::db::{Writes, id, limit, row};
use crate::operation::Operation;
use crate::{Error, EventId, MemberId, ProgramId, Result, Timestamp};
use sea_orm::FromQueryResult;
use std::collections::BTreeMap;
use std::time::Duration;

/// Deliveries per claim.
pub(super) const CLAIM_MAX: usize = 64;
/// How long a claim stands: longer than a batch takes, with a wait for a free slot and a commit that is
/// tried again. A crashed node's deliveries are free again after it.
const LEASE: Duration = Duration::from_secs(30);
/// The `not_before` of a delivery that need not wait.
pub(super) const AT_ONCE: Timestamp = Timestamp::EPOCH;

/// An event that a plugin has yet to receive.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Delivery {
    pub(super) plugin_id: String,
    pub(super) member_id: MemberId,
    pub(super) member_seq: i64,
    pub(super) event_id: EventId,
    /// How often somebody has begun to deliver it, this time included. Counted before the plugin is
    /// asked, so that what ends the process is not tried for ever.
    pub(super) attempts: i32,
    /// Until when it is leased: who gives it back has to hold this very lease.
    not_before: Timestamp,
    /// Whether more of the member wait behind it.
    pub(super) is_followed: bool,
}

row! {
    pub(super) struct DeliveryKey {
        plugin_id: String,
        member_id: MemberId,
        member_seq: i64,
    }
}

row! {
    pub(super) struct Leased {
        plugin_id: String,
        member_id: MemberId,
        member_seq: i64,
        lease: Timestamp,
    }
}

row! {
    struct Latest {
        latest: Timestamp,
    }
}

row! {
    struct Retry {
        plugin_id: String,
        member_id: MemberId,
        member_seq: i64,
        attempts: i32,
        not_before: Timestamp,
        lease: Timestamp,
    }
}

/// Which deliveries can be made now: the first of each plugin and member, if its time has come. One
/// plan is possible: each sub-select is about one plugin, or one plugin and member, and
/// `MATERIALIZED` keeps PostgreSQL from asking for the limited, locked rows once per row that it
/// updates.
const CLAIM_POSTGRES: &str = "
    WITH due AS MATERIALIZED (
        SELECT d.plugin_id, d.member_id, d.member_seq
        FROM program_plugins AS e
        CROSS JOIN LATERAL (
            SELECT plugin_id, member_id, member_seq
            FROM deliveries AS q
            WHERE q.program_id = $1 AND q.plugin_id = e.plugin_id AND q.member_id > $5
                AND q.not_before <= $2
                AND q.member_seq = (
                    SELECT MIN(f.member_seq)
                    FROM deliveries AS f
                    WHERE f.program_id = $1 AND f.plugin_id = q.plugin_id
                        AND f.member_id = q.member_id
                )
            LIMIT $4
            FOR UPDATE SKIP LOCKED
        ) AS d
        WHERE e.program_id = $1 AND e.status IN ('ACTIVE', 'PROBING')
    )
    UPDATE deliveries AS d
    SET not_before = $3, attempts = d.attempts + 1
    FROM due
    WHERE d.program_id = $1 AND d.plugin_id = ANY (ARRAY(SELECT plugin_id FROM due))
        AND d.member_id = ANY (ARRAY(SELECT member_id FROM due))
        AND d.plugin_id = due.plugin_id AND d.member_id = due.member_id
        AND d.member_seq = due.member_seq
    RETURNING d.plugin_id, d.member_id, d.member_seq, d.event_id, d.attempts, d.not_before, EXISTS (
        SELECT 1
        FROM deliveries AS n
        WHERE n.program_id = $1 AND n.plugin_id = d.plugin_id AND n.member_id = d.member_id
            AND n.member_seq > d.member_seq
    ) AS is_followed";
const CLAIM_SQLITE: &str = "
    UPDATE deliveries
    SET not_before = $3, attempts = attempts + 1
    WHERE (program_id, plugin_id, member_id, member_seq) IN (
        SELECT d.program_id, d.plugin_id, d.member_id, d.member_seq
        FROM program_plugins AS e
        CROSS JOIN deliveries AS d
        WHERE e.program_id = $1 AND e.status IN ('ACTIVE', 'PROBING')
            AND d.program_id = $1 AND d.plugin_id = e.plugin_id
            AND (d.plugin_id, d.member_id) > ($6, $5) AND d.not_before <= $2
            AND NOT EXISTS (
                SELECT 1
                FROM deliveries AS f
                WHERE f.program_id = $1 AND f.plugin_id = d.plugin_id
                    AND f.member_id = d.member_id AND f.member_seq < d.member_seq
            )
        LIMIT $4
    )
    RETURNING plugin_id, member_id, member_seq, event_id, attempts, not_before, EXISTS (
        SELECT 1
        FROM deliveries AS n
        WHERE n.program_id = $1 AND n.plugin_id = deliveries.plugin_id
            AND n.member_id = deliveries.member_id AND n.member_seq > deliveries.member_seq
    ) AS is_followed";
const RETRY: &str = "
    UPDATE deliveries
    SET attempts = r.attempts, not_before = r.not_before
    FROM {rows} AS r
    WHERE deliveries.program_id = $1
        AND deliveries.plugin_id {in: SELECT k.plugin_id FROM {rows} AS k}
        AND deliveries.member_id {in: SELECT k.member_id FROM {rows} AS k}
        AND deliveries.plugin_id = r.plugin_id AND deliveries.member_id = r.member_id
        AND deliveries.member_seq = r.member_seq AND deliveries.not_before = r.lease";
const FINISH: &str = "
    DELETE FROM deliveries
    WHERE program_id = $1 AND plugin_id {in: SELECT r.plugin_id FROM {rows} AS r}
        AND member_id {in: SELECT r.member_id FROM {rows} AS r}
        AND (plugin_id, member_id, member_seq) IN (
            SELECT r.plugin_id, r.member_id, r.member_seq FROM {rows} AS r
        )";

const FREE: &str = "
    UPDATE deliveries
    SET not_before = 0
    WHERE program_id = $1 AND not_before > (SELECT MAX(r.latest) FROM {rows} AS r)";

/// A select that is zero when something waits for an active plugin of the program `p.id`, else
/// null.
pub(super) const WAITING: &str = "
    SELECT CASE WHEN EXISTS (
        SELECT 1
        FROM program_plugins AS e
        WHERE e.program_id = p.id AND e.status IN ('ACTIVE', 'PROBING') AND EXISTS (
            SELECT 1
            FROM deliveries AS d
            WHERE d.program_id = p.id AND d.plugin_id = e.plugin_id
        )
    ) THEN CAST(0 AS BIGINT) END";

/// Whether no delivery of an active plugin waits or is being worked on.
pub(crate) async fn is_idle(context: &Context, program: ProgramId) -> Result<bool> {
    #[derive(FromQueryResult)]
    struct Waiting {
        since: Option<i64>,
    }
    let text = format!("SELECT ({WAITING}) AS since FROM programs AS p WHERE p.id = $1");
    let statement = context.db.sql(&text, [id(program)]);
    let found = Waiting::find_by_statement(statement).one(context.db.read()).await?;
    Ok(found.is_none_or(|waiting| waiting.since.is_none()))
}

/// Leases what can be delivered now: after those whose turn it was last, so that whoever is busy all the
/// time keeps nobody from being served.
pub(super) async fn claim(context: &Context, program: ProgramId) -> Result<Vec<Delivery>> {
    let after = context.turns_of_plugins.last(program);
    let begins_anew = after.is_none();
    let mut claimed = claim_after(context, program, after).await?;
    if claimed.is_empty() && !begins_anew {
        claimed = claim_after(context, program, None).await?;
    }
    let last = match context.db.backend() {
        sea_orm::DbBackend::Postgres => last_of_each(&claimed),
        _ => last_of_all(&claimed),
    };
    context.turns_of_plugins.put(program, last.filter(|_| claimed.len() >= CLAIM_MAX));
    Ok(claimed)
}

async fn claim_after(
    context: &Context,
    program: ProgramId,
    after: Option<Turn>,
) -> Result<Vec<Delivery>> {
    let (now, limit) = (context.now(), limit(CLAIM_MAX as u64));
    let Turn { plugin, member } = after.unwrap_or_default();
    let mut values = vec![id(program), now.into(), now.plus(LEASE).into(), limit, id(member)];
    let text = match context.db.backend() {
        sea_orm::DbBackend::Postgres => CLAIM_POSTGRES,
        _ => {
            values.push(plugin.into());
            CLAIM_SQLITE
        }
    };
    let claimed = context.db.change(context.db.sql(text, values)).await?;
    let deliveries = claimed.iter().map(|row| Delivery::from_query_result(row, ""));
    Ok(deliveries.collect::<Result<_, _>>()?)
}

/// Where as many are claimed of each plugin: after the first of their last members, so that nobody of
/// the others is passed over.
fn last_of_each(claimed: &[Delivery]) -> Option<Turn> {
    let mut last: BTreeMap<&str, MemberId> = BTreeMap::new();
    for delivery in claimed {
        let of_plugin = last.entry(&delivery.plugin_id).or_insert(delivery.member_id);
        *of_plugin = (*of_plugin).max(delivery.member_id);
    }
    last.into_values().min().map(|member| Turn { plugin: String::new(), member })
}

/// Where as many are claimed of all plugins, one after the other.
fn last_of_all(claimed: &[Delivery]) -> Option<Turn> {
    let turn = |delivery: &Delivery| (delivery.plugin_id.clone(), delivery.member_id);
    claimed.iter().map(turn).max().map(|(plugin, member)| Turn { plugin, member })
}

/// Gives deliveries back as if they had not been claimed.
pub(super) async fn release<'d>(
    context: &Context,
    program: ProgramId,
    deliveries: impl IntoIterator<Item = &'d Delivery>,
) -> Result<()> {
    let mut writes = Writes::to(program);
    for delivery in deliveries {
        writes.run(RETRY, &delivery.again(delivery.attempts - 1, AT_ONCE));
    }
    context.db.commit(writes).await.map_err(Error::from)
}

/// Takes deliveries out of the queue without anything being delivered.
pub(super) async fn forget<'d>(
    context: &Context,
    program: ProgramId,
    deliveries: impl IntoIterator<Item = &'d Delivery>,
) -> Result<()> {
    let mut writes = Writes::to(program);
    for delivery in deliveries {
        writes.run(FINISH, &delivery.key());
    }
    context.db.commit(writes).await.map_err(Error::from)
}

/// Gives a delivery back, to be claimed from `not_before` on.
pub(super) async fn retry(
    context: &Context,
    program: ProgramId,
    delivery: &Delivery,
    not_before: Timestamp,
) -> Result<()> {
    let mut writes = Writes::to(program);
    writes.run(RETRY, &delivery.again(delivery.attempts, not_before));
    context.db.commit(writes).await.map_err(Error::from)
}

/// Gives back what waits for longer than anything waits: a clock that was wrong said until when.
pub(crate) fn free_late(writes: &mut Writes, now: Timestamp) {
    writes.run(FREE, &Latest { latest: now.plus(LEASE * 2) });
}

/// Takes a delivery out of the queue.
pub(super) fn finish(operation: &mut Operation<'_>, delivery: &Delivery) {
    operation.run(FINISH, &delivery.key());
}

impl Delivery {
    pub(super) fn key(&self) -> DeliveryKey {
        DeliveryKey {
            plugin_id: self.plugin_id.clone(),
            member_id: self.member_id,
            member_seq: self.member_seq,
        }
    }

    /// The lease by which it is held.
    pub(super) fn lease(&self) -> Leased {
        Leased {
            plugin_id: self.plugin_id.clone(),
            member_id: self.member_id,
            member_seq: self.member_seq,
            lease: self.not_before,
        }
    }

    fn again(&self, attempts: i32, not_before: Timestamp) -> Retry {
        Retry {
            plugin_id: self.plugin_id.clone(),
            member_id: self.member_id,
            member_seq: self.member_seq,
            attempts,
            not_before,
            lease: self.not_before,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claimed(plugin: &str, members: &[MemberId]) -> Vec<Delivery> {
        let delivery = |member_id: &MemberId| Delivery {
            plugin_id: plugin.to_owned(),
            member_id: *member_id,
            member_seq: 1,
            event_id: EventId::new(),
            attempts: 1,
            not_before: AT_ONCE,
            is_followed: false,
        };
        members.iter().map(delivery).collect()
    }

    #[test]
    fn the_next_turn_passes_over_nobody() {
        let members: Vec<_> = (0..4).map(|_| MemberId::new()).collect();
        let both = [claimed("a", &members[..2]), claimed("b", &members[1..])].concat();
        let of_each = last_of_each(&both).unwrap();
        assert_eq!(of_each.member, members[1], "of `a` there may be more after that one");
        let of_all = last_of_all(&both).unwrap();
        assert_eq!((of_all.plugin.as_str(), of_all.member), ("b", members[3]));
        assert!(last_of_each(&[]).is_none() && last_of_all(&[]).is_none(), "from the start");
    }
}
