//! What plugins show of a member. A plugin that fails here shows its fault; the others are shown
//! all the same.

use super::look_ups::OfMember;
use super::snapshot;
use super::states::{PluginStates, StateKey, ask_all_states};
use crate::accounts::{Lots, MemberState};
use crate::context::{Context, Enabled, FaultReport, Program};
use crate::db::TryError;
use crate::members::{self, Contact, Member, ask_contacts, ask_members};
use crate::operation::{decide, look_at};
use crate::records::{Record, RecordRow};
use crate::runtime::{Fault, Hook, RecordKey, StoredRecord};
use crate::{Actor, MemberId, Result, Scope};
use perennial_contract::limits::RECORDS_SHOWN;
use serde_json::Value;

/// A plugin's account of a member.
#[derive(Clone, Debug)]
pub struct View {
    pub plugin: String,
    /// Absent when the plugin failed.
    pub data: Option<Value>,
    /// Why it failed: for those who can mend it, with the scope `admin`.
    pub fault: Option<FaultReport>,
}

const RECORDS: &str = "
    SELECT o.id, o.record_type, o.external_id, o.member_id, o.data, o.created_at, o.updated_at
    FROM who AS k EACH records AS o
    WHERE o.program_id = $1 AND o.member_id = k.id
    ORDER BY o.id DESC
    LIMIT 1000";

/// All that views of a member are made of.
struct Shown {
    member: Member,
    state: MemberState,
    contacts: Vec<Contact>,
    records: Vec<Record>,
    kept: PluginStates,
}

pub(super) async fn views(context: &Context, actor: &Actor, member: MemberId) -> Result<Vec<View>> {
    let (shown, program) = decide(context, actor.program(), "showing plugins", |program| {
        look(context, program, member)
    })
    .await?;
    let mut views = Vec::new();
    if shown.state.is_erased() {
        return Ok(views);
    }
    for plugin in program.asked(Hook::View) {
        let (data, fault) = match view(context, &program, plugin, &shown).await {
            Ok(data) => (Some(data), None),
            Err(fault) => {
                let (kind, message) = (fault.kind, &fault.message);
                tracing::warn!(plugin = plugin.id, ?kind, message, "a view failed");
                let report = FaultReport::new(&fault, None, &plugin.component.digest);
                (None, Some(report).filter(|_| actor.require(Scope::Admin).is_ok()))
            }
        };
        views.push(View { plugin: plugin.id.clone(), data, fault });
    }
    Ok(views)
}

async fn look(
    context: &Context,
    program: Program,
    member: MemberId,
) -> Result<(Shown, Program), TryError> {
    let (mut look, states) = look_at(context, &program, [member], Lots::IfDue);
    let found = ask_members(&mut look);
    let contacts = ask_contacts(&mut look);
    let records = look.ask::<RecordRow>(RECORDS);
    let plugins = program.asked(Hook::View).map(|plugin| plugin.id.as_str());
    let kept = ask_all_states(&mut look, plugins);
    let (answers, program) = context.ask(&program, look).await?;
    let state = states.read(&answers)?.remove(&member).ok_or_else(members::not_found)?;
    let member = answers.rows(found)?.pop().map(Member::from).ok_or_else(members::not_found)?;
    let shown = Shown {
        member,
        state,
        contacts: answers.rows(contacts)?.into_iter().map(Contact::from).collect(),
        records: answers.rows(records)?.into_iter().map(Record::from).collect(),
        kept: PluginStates::of(kept, &answers)?,
    };
    Ok((shown, program))
}

async fn view(
    context: &Context,
    program: &Program,
    plugin: &Enabled,
    shown: &Shown,
) -> Result<Value, Fault> {
    let manifest = &plugin.component.manifest;
    let member = shown.member.id;
    let state_of =
        |record: Option<&RecordKey>| shown.kept.get(&StateKey::of(&plugin.id, member, record));
    let stored = |record: &Record| {
        let key = record.key();
        StoredRecord { state: state_of(Some(&key)), key, data: record.data.clone() }
    };
    let of_type = |record_type: &str| {
        let of_type = shown.records.iter().filter(|record| record.record_type == record_type);
        of_type.take(RECORDS_SHOWN).map(stored).collect::<Vec<_>>()
    };
    let records: Vec<_> = manifest.shown_records().flat_map(of_type).collect();
    let contacts = match plugin.sees_contacts() {
        true => shown.contacts.clone(),
        false => Vec::new(),
    };
    let occasion = member.to_string();
    let circumstances = snapshot::context(program, plugin, program.now, &occasion, state_of(None));
    let look_ups = OfMember { context, program, plugin, member, state: &shown.state };
    let member = snapshot::member((program, plugin), &shown.member, &shown.state, contacts);
    let (runtime, component) = (&context.runtime, &plugin.component);
    let run = runtime.view(component, &circumstances, &member, &records, &look_ups).await?;
    Ok(run.output)
}
