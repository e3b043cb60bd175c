//! What plugins show of a member. A plugin that fails here shows its fault; the others are shown all the same.

use super::briefing::record_subject;
use super::entity::{self, Enabled, Status};
use super::port::{Context, Fault, RecordKey, StoredRecord};
use super::{Hook, snapshot};
use crate::members::{self, Locked, Member};
use crate::page::{PAGE_MAX, PageRequest};
use crate::programs::Program;
use crate::{Actor, Loyalty, MemberId, Result};
use serde_json::Value;

/// A plugin's account of a member.
#[derive(Clone, Debug)]
pub struct View {
    pub plugin: String,
    /// Absent when the plugin failed.
    pub data: Option<Value>,
}

pub(super) async fn views(loyalty: &Loyalty, actor: &Actor, member: MemberId) -> Result<Vec<View>> {
    let program = loyalty.programs().current(actor.program()).await?;
    let db = loyalty.db().read();
    let mut plugins = entity::enabled(db, loyalty.components(), program.id).await?;
    plugins.retain(|plugin| {
        plugin.status == Status::Active && plugin.component.manifest.hooks.contains(&Hook::View)
    });
    let member = loyalty.members().get(actor, member).await?;
    let mut locked = members::read(db, program.id, &[member.id]).await?;
    let locked = locked.remove(&member.id).ok_or_else(members::not_found)?;
    let mut views = Vec::new();
    for plugin in plugins {
        let data = match view(loyalty, actor, &program, &plugin, &member, &locked).await? {
            Ok(data) => Some(data),
            Err(fault) => {
                tracing::warn!(plugin = plugin.id, kind = ?fault.kind, message = fault.message, "a view failed");
                None
            }
        };
        views.push(View { plugin: plugin.id, data });
    }
    Ok(views)
}

async fn view(
    loyalty: &Loyalty,
    actor: &Actor,
    program: &Program,
    plugin: &Enabled,
    member: &Member,
    locked: &Locked,
) -> Result<Result<Value, Fault>> {
    let manifest = &plugin.component.manifest;
    let mut records = Vec::new();
    for record_type in manifest.records.keys() {
        let page = PageRequest::new(PAGE_MAX, None)?;
        let of_type =
            loyalty.records().of_member(actor, member.id, Some(record_type), page).await?;
        records.extend(of_type.items);
    }
    let key = |subject: String| (plugin.id.clone(), member.id, subject);
    let mut keys = vec![key(String::new())];
    keys.extend(
        records.iter().map(|record| key(record_subject(&record.record_type, &record.external_id))),
    );
    let mut states = entity::states(loyalty.db().read(), program.id, &keys).await?;
    let records: Vec<_> = records
        .into_iter()
        .map(|record| StoredRecord {
            state: states.remove(&key(record_subject(&record.record_type, &record.external_id))),
            key: RecordKey { record_type: record.record_type, external_id: record.external_id },
            data: record.data,
        })
        .collect();
    let contacts = match manifest.capabilities.contacts {
        true => loyalty.members().contacts(actor, member.id).await?,
        false => Vec::new(),
    };
    let zone = &program.definition.zone;
    let context = Context {
        program: program.definition.slug.clone(),
        revision: program.revision,
        now: program.now,
        today: program.now.date_in(zone),
        seed: snapshot::seed(&[&program.definition.slug, &plugin.id, &member.id.to_string()]),
        config: plugin.config.clone(),
        state: states.remove(&key(String::new())),
    };
    let shown = snapshot::member(zone, member, locked, contacts);
    let run = loyalty.runtime().view(&plugin.component, &context, &shown, &records).await;
    Ok(run.map(|run| run.output))
}
