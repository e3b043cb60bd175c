//! The beginning: the commit after which the member is nobody.

use super::{Erasure, no_hash, placeholder};
use crate::accounts::{Lots, ask_states};
use crate::context::{Context, Program};
use crate::db::{TryError, row};
use crate::members::{Member, MemberRef, ask_members, ask_named, not_found};
use crate::operation::{Operation, decide};
use crate::plugins::plugins_with;
use crate::tokens::Holder;
use crate::{Actor, MemberId, Result, TimerId, Timestamp, tokens};
use std::collections::HashMap;

/// An erasure that has begun.
pub(super) struct Begun {
    pub(super) erasure: Erasure,
    /// The member, and whoever was merged into it.
    pub(super) who: Vec<MemberId>,
    pub(super) is_finished: bool,
}

row! {
    struct Known {
        member_id: MemberId,
        finished_at: Option<Timestamp>,
    }
}

row! {
    struct Count {
        member_id: MemberId,
        count: i64,
    }
}

row! {
    struct ErasureRow in "erasures" {
        member_id: MemberId,
        recorded_at: Timestamp,
        actor: String,
        seq: i64,
        finished_at: Option<Timestamp>,
    }
}

row! {
    struct TimerKey {
        id: TimerId,
    }
}

row! {
    struct Nobody {
        id: MemberId,
        placeholder: String,
        arguments_hash: Vec<u8>,
        erased_at: Timestamp,
    }
}

/// The member, and whoever was merged into it: they are one.
const WHO: &str = "
    SELECT id
    FROM named
    UNION
    SELECT m.id
    FROM named AS k EACH members AS m
    WHERE m.program_id = $1 AND m.merged_into = k.id";
const KNOWN: &str = "
    SELECT z.member_id, z.finished_at
    FROM who AS k EACH erasures AS z
    WHERE z.program_id = $1 AND z.member_id = k.id";
const MESSAGES: &str = "
    SELECT m.member_id, CAST(COUNT(*) AS BIGINT) AS count
    FROM who AS k
    CROSS JOIN messages AS m
    WHERE m.program_id = $1 AND m.member_id = k.id
    GROUP BY m.member_id";
const FORGET: &str = "
    UPDATE members
    SET external_id = r.placeholder, name = '', email = NULL, email_key = NULL, unique_email = NULL,
        locale = 'und', country = NULL, tags = NULL, referral_code = r.placeholder,
        arguments_hash = r.arguments_hash, erased_at = r.erased_at
    FROM {rows} AS r
    WHERE members.program_id = $1 AND members.id = r.id";
/// All of them, for a timer that fires finds nobody.
const TIMERS: &str = "
    SELECT x.id
    FROM (SELECT q.plugin_id, who.id FROM timer_plugins AS q CROSS JOIN who) AS k EACH timers AS x
    WHERE x.program_id = $1 AND x.plugin_id = k.plugin_id AND x.member_id = k.id
    ORDER BY x.name";
const DELETE_TIMERS: &str = "
    DELETE FROM timers
    WHERE program_id = $1 AND id {in: SELECT r.id FROM {rows} AS r}";

pub(super) async fn begin(context: &Context, actor: &Actor, member: MemberId) -> Result<Begun> {
    decide(context, actor.program(), "erasing a member", |program| {
        attempt(context, program, actor, member)
    })
    .await
}

async fn attempt(
    context: &Context,
    program: Program,
    actor: &Actor,
    member: MemberId,
) -> Result<Begun, TryError> {
    let mut look = context.look(program.id);
    let meant = MemberRef::Id(member);
    let named = ask_named(&mut look, [&meant]);
    look.table("who", WHO);
    let states = ask_states(&mut look, Lots::All);
    let members = ask_members(&mut look);
    let known = look.ask::<Known>(KNOWN);
    let messages = look.ask::<Count>(MESSAGES);
    look.table("timer_plugins", plugins_with!("timers"));
    let timers = look.ask::<TimerKey>(TIMERS);
    let (answers, program) = context.ask(&program, look).await?;
    let found = named.read(&answers)?.get(&meant).cloned();
    let found = found.ok_or_else(|| not_found().at("memberId"))?;
    let members: Vec<_> = answers.rows(members)?.into_iter().map(Member::from).collect();
    let who = members.iter().map(|member| member.id).collect();
    let known = answers.rows(known)?;
    if let Some(erased_at) = found.erased_at {
        let is_finished = known.iter().all(|known| known.finished_at.is_some());
        return Ok(Begun { erasure: Erasure { member: found.id, erased_at }, who, is_finished });
    }
    let messages: HashMap<_, _> =
        answers.rows(messages)?.into_iter().map(|row| (row.member_id, row.count)).collect();
    let mut operation = Operation::begin(context, program, states.read(&answers)?)?;
    operation.act_as(actor.subject());
    for member in &members {
        forget(&mut operation, actor, member, messages.get(&member.id).copied().unwrap_or(0))?;
    }
    for timer in answers.rows(timers)? {
        operation.run(DELETE_TIMERS, &timer);
    }
    let erased_at = operation.program().now;
    operation.commit().await?;
    Ok(Begun { erasure: Erasure { member: found.id, erased_at }, who, is_finished: false })
}

/// Ends what a member has, and takes away who it is.
fn forget(
    operation: &mut Operation<'_>,
    actor: &Actor,
    member: &Member,
    messages: i64,
) -> Result<()> {
    let id = member.id;
    let seq = operation.erase(id, messages)?;
    let erased_at = operation.program().now;
    operation.insert(&ErasureRow {
        member_id: id,
        recorded_at: operation.recorded_at(),
        actor: actor.subject().to_string(),
        seq,
        finished_at: None,
    });
    let (placeholder, arguments_hash) = (placeholder(id), no_hash());
    operation.run(FORGET, &Nobody { id, placeholder, arguments_hash, erased_at });
    tokens::forget_holder(operation, &Holder::Member(member.external_id.clone()));
    Ok(())
}
