//! The beginning: the commit after which the member is nobody.

use super::{Erasure, no_hash, placeholder};
use crate::accounts::Lots;
use crate::context::{Context, Program};
use crate::db::{TryError, row};
use crate::members::{Member, MemberRef, ask_named_states, not_found};
use crate::operation::{Operation, decide};
use crate::plugins::plugins_with;
use crate::tokens::Holder;
use crate::{Actor, MemberId, Result, TimerId, Timestamp, tokens};

/// An erasure that has begun.
pub(super) struct Begun {
    pub(super) erasure: Erasure,
    pub(super) is_finished: bool,
}

row! {
    struct Known {
        finished_at: Option<Timestamp>,
    }
}

row! {
    struct Count {
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

const KNOWN: &str = "
    SELECT z.finished_at
    FROM named AS k EACH erasures AS z
    WHERE z.program_id = $1 AND z.member_id = k.id";
const MESSAGES: &str = "
    SELECT CAST(COUNT(*) AS BIGINT) AS count
    FROM named AS k
    CROSS JOIN messages AS m
    WHERE m.program_id = $1 AND m.member_id = k.id";
const FORGET: &str = "
    UPDATE members
    SET external_id = r.placeholder, name = '', email = NULL, email_key = NULL, unique_email = NULL,
        locale = 'und', country = NULL, referral_code = r.placeholder,
        arguments_hash = r.arguments_hash, erased_at = r.erased_at
    FROM {rows} AS r
    WHERE members.program_id = $1 AND members.id = r.id";
/// All of them, for a timer that fires finds nobody.
const TIMERS: &str = "
    SELECT x.id
    FROM (SELECT q.plugin_id, named.id FROM timer_plugins AS q CROSS JOIN named) AS k EACH timers AS x
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
    let (named, states) = ask_named_states(&mut look, &MemberRef::Id(member), Lots::All);
    let known = look.ask::<Known>(KNOWN);
    let messages = look.ask::<Count>(MESSAGES);
    look.table("timer_plugins", plugins_with!("timers"));
    let timers = look.ask::<TimerKey>(TIMERS);
    let (answers, program) = context.ask(&program, look).await?;
    let found =
        answers.rows(named)?.pop().map(Member::from).ok_or_else(|| not_found().at("memberId"))?;
    let known = answers.rows(known)?.pop();
    if let (Some(known), Some(erased_at)) = (known, found.erased_at) {
        let is_finished = known.finished_at.is_some();
        return Ok(Begun { erasure: Erasure { member, erased_at }, is_finished });
    }
    let messages = answers.rows(messages)?.pop().map_or(0, |row| row.count);
    let mut operation = Operation::begin(context, program, states.read(&answers)?)?;
    operation.act_as(actor.subject());
    let seq = operation.erase(member, messages)?;
    let erased_at = operation.program().now;
    let holder = Holder::Member(found.external_id);
    operation.insert(&ErasureRow {
        member_id: member,
        recorded_at: operation.recorded_at(),
        actor: actor.subject().to_string(),
        seq,
        finished_at: None,
    });
    operation.run(
        FORGET,
        &Nobody {
            id: member,
            placeholder: placeholder(member),
            arguments_hash: no_hash(),
            erased_at,
        },
    );
    tokens::forget_holder(&mut operation, &holder);
    for timer in answers.rows(timers)? {
        operation.run(DELETE_TIMERS, &timer);
    }
    operation.commit().await?;
    Ok(Begun { erasure: Erasure { member, erased_at }, is_finished: false })
}
