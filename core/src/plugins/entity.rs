//! Reading and writing the tables of plugins.

use super::Manifest;
use super::port::{Component, FaultKind};
use crate::db::rows;
use crate::{Error, EventId, ProgramId, Result, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How a plugin fares in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Active,
    /// Its events wait until an operator resumes it or a new version is installed.
    Quarantined,
}

/// Why a plugin is quarantined.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FaultReport {
    /// `OUT_OF_FUEL`, `TRAP`…
    pub kind: String,
    pub message: String,
    /// The event that met the fault, the first to be delivered again; none when it was an appraisal.
    pub event: Option<EventId>,
    pub digest: String,
    pub log: Vec<String>,
}

/// A plugin that a program enables, in the version in force.
#[derive(Clone, Debug)]
pub struct Enabled {
    pub id: String,
    pub component: Component,
    pub config: Value,
    pub status: Status,
    pub fault: Option<FaultReport>,
    pub quarantined_at: Option<Timestamp>,
}

#[derive(FromQueryResult)]
struct EnabledRow {
    plugin_id: String,
    digest: String,
    config: Value,
    status: String,
    fault: Option<Value>,
    quarantined_at: Option<Timestamp>,
}

/// Components by digest: a digest never means anything else, so nothing here can be stale.
#[derive(Debug, Default)]
pub(crate) struct ComponentCache(Mutex<HashMap<String, Component>>);

/// The most components kept in memory; each is at most a megabyte.
const CACHED_MAX: usize = 64;

impl ComponentCache {
    fn get(&self, digest: &str) -> Option<Component> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(digest).cloned()
    }

    fn put(&self, component: &Component) {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cached.len() >= CACHED_MAX {
            cached.clear();
        }
        cached.insert(component.digest.clone(), component.clone());
    }
}

/// The plugins that a program enables, by id.
pub(crate) async fn enabled(
    connection: &impl ConnectionTrait,
    cache: &ComponentCache,
    program: ProgramId,
) -> Result<Vec<Enabled>> {
    const SELECT: &str = "SELECT e.plugin_id, p.digest, e.config, e.status, e.fault, e.quarantined_at \
         FROM program_plugins e JOIN plugins p ON p.id = e.plugin_id \
         WHERE e.program_id = $1 ORDER BY e.plugin_id";
    let found = EnabledRow::find_by_statement(rows::sql(connection, SELECT, [rows::id(program)]));
    let mut enabled = Vec::new();
    for row in found.all(connection).await? {
        let fault = row.fault.map(serde_json::from_value).transpose();
        enabled.push(Enabled {
            component: component(connection, cache, &row.digest).await?,
            id: row.plugin_id,
            config: row.config,
            status: if row.status == "ACTIVE" { Status::Active } else { Status::Quarantined },
            fault: fault.map_err(|error| Error::internal("a stored fault").caused_by(error))?,
            quarantined_at: row.quarantined_at,
        });
    }
    Ok(enabled)
}

/// An installed component.
pub(crate) async fn component(
    connection: &impl ConnectionTrait,
    cache: &ComponentCache,
    digest: &str,
) -> Result<Component> {
    #[derive(FromQueryResult)]
    struct Row {
        manifest: Value,
        wasm: Vec<u8>,
    }
    const SELECT: &str = "SELECT manifest, wasm FROM plugin_components WHERE digest = $1";
    if let Some(component) = cache.get(digest) {
        return Ok(component);
    }
    let row = Row::find_by_statement(rows::sql(connection, SELECT, [digest.into()]))
        .one(connection)
        .await?;
    let row = row.ok_or_else(|| Error::internal(format!("component {digest} is not installed")))?;
    let manifest: Manifest = serde_json::from_value(row.manifest).map_err(|error| {
        Error::internal(format!("the manifest of component {digest}")).caused_by(error)
    })?;
    let component = Component {
        digest: digest.to_owned(),
        manifest: Arc::new(manifest),
        wasm: row.wasm.into(),
    };
    cache.put(&component);
    Ok(component)
}

/// Parks a plugin of a program, unless a new version came in force since the fault.
pub(crate) async fn quarantine(
    connection: &impl ConnectionTrait,
    program: ProgramId,
    plugin: &str,
    fault: &FaultReport,
    at: Timestamp,
) -> Result<()> {
    const UPDATE: &str = "UPDATE program_plugins SET status = 'QUARANTINED', fault = $1, quarantined_at = $2 \
         WHERE program_id = $3 AND plugin_id = $4 AND status = 'ACTIVE' \
         AND EXISTS (SELECT 1 FROM plugins p WHERE p.id = $4 AND p.digest = $5)";
    let fault_json = serde_json::to_value(fault)
        .map_err(|error| Error::internal("a fault that cannot be JSON").caused_by(error))?;
    let values = [
        fault_json.into(),
        at.into(),
        rows::id(program),
        plugin.into(),
        fault.digest.as_str().into(),
    ];
    connection.execute_raw(rows::sql(connection, UPDATE, values)).await?;
    Ok(())
}

impl FaultReport {
    pub(crate) fn new(fault: &super::port::Fault, event: Option<EventId>, digest: &str) -> Self {
        let kind = serde_json::to_value::<FaultKind>(fault.kind).ok();
        let kind = kind.as_ref().and_then(Value::as_str).unwrap_or("HOST");
        Self {
            kind: kind.to_owned(),
            message: fault.message.clone(),
            event,
            digest: digest.to_owned(),
            log: fault.log.clone(),
        }
    }
}

/// What a plugin stored for a subject: the member itself when `subject` is empty, else a record.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct StoredState {
    pub(crate) plugin_id: String,
    pub(crate) member_id: crate::MemberId,
    pub(crate) subject: String,
    pub(crate) data: Value,
}

/// All that plugins stored about members.
pub(crate) async fn states(
    connection: &impl ConnectionTrait,
    program: ProgramId,
    keys: &[(String, crate::MemberId, String)],
) -> Result<HashMap<(String, crate::MemberId, String), Value>> {
    const FIELDS: &rows::Fields = &[
        ("program_id", rows::Field::Id),
        ("plugin_id", rows::Field::Text),
        ("member_id", rows::Field::Id),
        ("subject", rows::Field::Text),
    ];
    const SELECT: &str = "SELECT s.plugin_id, s.member_id, s.subject, s.data FROM {rows} AS r \
         JOIN plugin_states s ON s.program_id = r.program_id AND s.plugin_id = r.plugin_id \
         AND s.member_id = r.member_id AND s.subject = r.subject";
    let row = |(plugin, member, subject): &(String, crate::MemberId, String)| {
        serde_json::json!({
            "program_id": rows::hex_text(program), "plugin_id": plugin,
            "member_id": rows::hex_text(*member), "subject": subject,
        })
    };
    let keys: Vec<_> = keys.iter().map(row).collect();
    let found: Vec<StoredState> = rows::query(connection, SELECT, FIELDS, &keys).await?;
    Ok(found
        .into_iter()
        .map(|state| ((state.plugin_id, state.member_id, state.subject), state.data))
        .collect())
}
