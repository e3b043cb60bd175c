//! Approving versions of plugins. Programs can use a version once it is approved: by somebody who has
//! read what it may do, or by itself, where somebody has approved as much of the same publisher
//! before.

use super::grants::Grants;
use super::trust::{self, Approved};
use super::versions::{self, Offered};
use crate::context::Context;
use crate::db::{TryError, Writes, retry, row};
use crate::hash::sha256_hex;
use crate::runtime::{Inspected, Manifest};
use crate::{Code, Error, Result, Timestamp};
use sea_orm::FromQueryResult;
use serde_json::Value;

/// That programs can use a version, since when and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approval {
    pub basis: Basis,
    pub at: Timestamp,
}

/// Why a version is approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// An operator has approved it.
    Operator,
    /// It may do nothing more than a version of the same publisher that is approved, or than the build
    /// of the pre-release that it replaced.
    NothingWider,
    /// It was installed before versions were approved.
    InstalledBefore,
}

/// What a version asks for, beside what is approved.
#[derive(Clone, Debug)]
pub struct Asked {
    /// All that it may do, one sentence each, without the subject.
    pub all: Vec<String>,
    /// What of it the newest approved version may not do.
    pub new: Vec<String>,
    /// The newest approved version of the plugin; none if there is none.
    pub approved: Option<String>,
    /// The plugin's publisher, a public key; none of a plugin of which no signed version is approved.
    pub publisher: Option<String>,
}

/// What approving a version did.
#[derive(Clone, Debug)]
pub struct ApprovedVersion {
    pub id: String,
    pub version: String,
    /// All that it may do, one sentence each, without the subject.
    pub may: Vec<String>,
    /// The publisher's key if the id is that publisher's from now on.
    pub bound_to: Option<String>,
    /// False when it was approved before.
    pub is_new: bool,
}

row! {
    struct ApprovalRow {
        digest: String,
        plugin_id: String,
        version: String,
        basis: &'static str,
        approved_at: Timestamp,
    }
}

row! {
    struct PublisherRow {
        plugin_id: String,
        public_key: String,
        since: Timestamp,
    }
}

/// Of two that approve the same component at once, one did it.
const APPROVE: &str = "
    INSERT INTO plugin_approvals (digest, plugin_id, version, basis, approved_at)
    SELECT digest, plugin_id, version, basis, approved_at
    FROM {rows} AS r
    WHERE true
    ON CONFLICT (digest) DO NOTHING";
/// Of two publishers that are approved at once, one is refused.
const BIND: &str = "
    INSERT INTO plugin_publishers (plugin_id, public_key, since)
    SELECT plugin_id, public_key, since
    FROM {rows} AS r";

/// Lets programs use a version. A first signed one makes its publisher the plugin's. Fails with
/// `PLUGIN_NOT_FOUND`, `PLUGIN_PUBLISHER_DIFFERS`, `PLUGIN_NOT_SIGNED`, or `COMPONENT_INVALID` if what
/// is stored was damaged.
pub(super) async fn approve(
    context: &Context,
    plugin: &str,
    version: &str,
) -> Result<ApprovedVersion> {
    retry("approving a plugin", || attempt(context, plugin, version)).await
}

async fn attempt(
    context: &Context,
    plugin: &str,
    version: &str,
) -> Result<ApprovedVersion, TryError> {
    let offered = versions::installed(context, plugin, version).await?;
    // By whom it is signed is for ever from here on, so it is read from the component itself.
    let wasm = context.component(&offered.digest).await?.wasm;
    if sha256_hex(&wasm) != offered.digest {
        let why = format!("{plugin} {version} is damaged where it is stored: install it once more");
        return Err(Error::new(Code::ComponentInvalid, why).into());
    }
    let Inspected { manifest, signed_by } = context.runtime.inspect(&wasm)?;
    let mut approved = ApprovedVersion {
        id: plugin.to_owned(),
        version: version.to_owned(),
        may: Grants::of(&manifest).sentences(),
        bound_to: None,
        is_new: offered.approval.is_none(),
    };
    if !approved.is_new {
        return Ok(approved);
    }
    let publisher = publisher(context, plugin).await?;
    trust::admit(plugin, version, signed_by.as_deref(), publisher.as_deref())?;
    approved.bound_to = signed_by.filter(|_| publisher.is_none());
    let (mut writes, now) = (Writes::to_all(), context.now());
    add(&mut writes, &manifest, &offered.digest, Approval { basis: Basis::Operator, at: now });
    if let Some(public_key) = approved.bound_to.clone() {
        writes.run(BIND, &PublisherRow { plugin_id: plugin.to_owned(), public_key, since: now });
    }
    context.db.commit(writes).await?;
    Ok(approved)
}

/// Lets programs use a component, with whatever else is written.
pub(super) fn add(writes: &mut Writes, manifest: &Manifest, digest: &str, approval: Approval) {
    let row = ApprovalRow {
        digest: digest.to_owned(),
        plugin_id: manifest.id.clone(),
        version: manifest.version.clone(),
        basis: approval.basis.as_str(),
        approved_at: approval.at,
    };
    writes.run(APPROVE, &row);
}

/// Whether a component is approved.
pub(super) async fn of(context: &Context, digest: &str) -> Result<Option<Approval>> {
    #[derive(FromQueryResult)]
    struct Row {
        basis: String,
        approved_at: Timestamp,
    }
    const SELECT: &str = "SELECT basis, approved_at FROM plugin_approvals WHERE digest = $1";
    let db = &context.db;
    let found = Row::find_by_statement(db.sql(SELECT, [digest.into()])).one(db.read()).await?;
    Ok(found.map(|row| Approval::stored((row.basis, row.approved_at))))
}

/// The public key of a plugin's publisher.
pub(super) async fn publisher(context: &Context, plugin: &str) -> Result<Option<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        public_key: String,
    }
    const SELECT: &str = "SELECT public_key FROM plugin_publishers WHERE plugin_id = $1";
    let db = &context.db;
    let found = Row::find_by_statement(db.sql(SELECT, [plugin.into()])).one(db.read()).await?;
    Ok(found.map(|row| row.public_key))
}

/// The approved versions of a plugin, of those that stand for their version.
pub(super) async fn approved(context: &Context, plugin: &str) -> Result<Vec<Approved>> {
    #[derive(FromQueryResult)]
    struct Row {
        version: String,
        signed_by: Option<String>,
        manifest: Value,
    }
    const SELECT: &str = "
        SELECT v.version, v.signed_by, c.manifest
        FROM plugin_versions AS v
        JOIN plugin_approvals AS a ON a.digest = v.digest
        JOIN plugin_components AS c ON c.digest = v.digest
        WHERE v.plugin_id = $1";
    let db = &context.db;
    let rows = Row::find_by_statement(db.sql(SELECT, [plugin.into()])).all(db.read()).await?;
    let approved = |Row { version, signed_by, manifest }| {
        let manifest: Manifest = serde_json::from_value(manifest)
            .map_err(|error| Error::internal("a stored manifest").caused_by(error))?;
        Ok(Approved { version, signed_by, grants: Grants::of(&manifest) })
    };
    rows.into_iter().map(approved).collect()
}

/// What a manifest asks for, beside what is approved of its plugin.
pub(super) async fn asked(context: &Context, manifest: &Manifest) -> Result<Asked> {
    let grants = Grants::of(manifest);
    let approved = versions::offered(context, &manifest.id).await?.into_iter();
    let approved: Vec<_> = approved.filter(|one| one.approval.is_some()).collect();
    let newest = versions::newest_of(approved);
    let before = match &newest {
        Some(newest) => Grants::of(&context.component(&newest.digest).await?.manifest),
        None => Grants::default(),
    };
    Ok(Asked {
        all: grants.sentences(),
        new: grants.wider_than(&before),
        approved: newest.map(|newest| newest.version),
        publisher: publisher(context, &manifest.id).await?,
    })
}

/// Why a program cannot use a version yet, with what it asks for.
pub(super) async fn not_approved(
    context: &Context,
    plugin: &str,
    offered: &Offered,
) -> Result<Error> {
    let may = Grants::of(&context.component(&offered.digest).await?.manifest).sentences();
    let may = match may.is_empty() {
        true => "asks for nothing".to_owned(),
        false => may.join("; "),
    };
    let version = &offered.version;
    let why = format!(
        "{plugin} {version} waits for approval: it {may}. `perennial plugin approve {plugin} \
         {version}` approves that"
    );
    Ok(Error::new(Code::PluginNotApproved, why))
}

impl Approval {
    pub(super) fn stored((basis, at): (String, Timestamp)) -> Self {
        let basis = match basis.as_str() {
            "NOTHING_WIDER" => Basis::NothingWider,
            "INSTALLED_BEFORE" => Basis::InstalledBefore,
            _ => Basis::Operator,
        };
        Self { basis, at }
    }
}

impl Basis {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "OPERATOR",
            Self::NothingWider => "NOTHING_WIDER",
            Self::InstalledBefore => "INSTALLED_BEFORE",
        }
    }
}
