//! Installing a component: it stands for its version from then on, and no program changes. Which
//! component a program runs stands in `program_plugins` and moves by an act of its own; which it can
//! move to, `approvals` says.

use super::approvals::{self, Approval, Asked, Basis};
use super::grants::Grants;
use super::versions::{self, Offered, is_prerelease};
use super::{quarantine, trust};
use crate::context::Context;
use crate::db::{TryError, Writes, retry, row};
use crate::hash::sha256_hex;
use crate::runtime::{Inspected, Manifest};
use crate::{Code, Error, Result, Timestamp};
use sea_orm::FromQueryResult;
use serde_json::Value;

/// What installing did.
#[derive(Clone, Debug)]
pub struct Installed {
    pub id: String,
    pub version: String,
    pub digest: String,
    /// The publisher's public key; none if nobody has signed it.
    pub signed_by: Option<String>,
    /// None while it waits for approval.
    pub approval: Option<Approval>,
    /// What it asks for, beside what was approved before.
    pub asked: Asked,
    /// False when this very component was installed already.
    pub is_new: bool,
}

row! {
    struct ComponentRow {
        digest: String,
        plugin_id: String,
        version: String,
        manifest: Value,
        wasm: Vec<u8>,
        installed_at: Timestamp,
    }
}

row! {
    struct OfferRow {
        plugin_id: String,
        version: String,
        digest: String,
        offered_at: Timestamp,
        signed_by: Option<String>,
    }
}

/// What was damaged is mended by installing it once more.
const COMPONENT: &str = "
    INSERT INTO plugin_components (digest, plugin_id, version, manifest, wasm, installed_at)
    SELECT digest, plugin_id, version, manifest, wasm, installed_at
    FROM {rows} AS r
    WHERE true
    ON CONFLICT (digest) DO UPDATE
    SET manifest = excluded.manifest, wasm = excluded.wasm";
/// Of two that offer a version at once, one is refused.
const OFFER: &str = "
    INSERT INTO plugin_versions (plugin_id, version, digest, offered_at, signed_by)
    SELECT plugin_id, version, digest, offered_at, signed_by
    FROM {rows} AS r";
const REPLACE: &str = "
    INSERT INTO plugin_versions (plugin_id, version, digest, offered_at, signed_by)
    SELECT plugin_id, version, digest, offered_at, signed_by
    FROM {rows} AS r
    WHERE true
    ON CONFLICT (plugin_id, version) DO UPDATE
    SET digest = excluded.digest, offered_at = excluded.offered_at,
        signed_by = excluded.signed_by";

/// A component that is to be installed.
struct Candidate<'a> {
    manifest: Manifest,
    signed_by: Option<String>,
    digest: String,
    wasm: &'a [u8],
}

/// Checks a component and offers it, approved if it needs nobody's word.
pub(super) async fn install(context: &Context, wasm: &[u8]) -> Result<Installed> {
    let Inspected { manifest, signed_by } = context.runtime.inspect(wasm)?;
    let candidate = Candidate { manifest, signed_by, digest: sha256_hex(wasm), wasm };
    let asked = approvals::asked(context, &candidate.manifest).await?;
    let (approval, is_new) = retry("installing a plugin", || attempt(context, &candidate)).await?;
    let Candidate { manifest: Manifest { id, version, .. }, signed_by, digest, .. } = candidate;
    Ok(Installed { id, version, digest, signed_by, approval, asked, is_new })
}

/// Returns whether it is approved, and whether it is new.
async fn attempt(
    context: &Context,
    candidate: &Candidate<'_>,
) -> Result<(Option<Approval>, bool), TryError> {
    let Candidate { manifest, signed_by, digest, wasm } = candidate;
    let offered = versions::offered(context, &manifest.id).await?;
    let same = offered.into_iter().find(|offered| offered.version == manifest.version);
    let is_offered = same.as_ref().is_some_and(|same| same.digest == *digest);
    let stored = stored(context, digest).await?;
    let is_damaged = stored.as_ref().is_some_and(|stored| stored != wasm);
    let mut approval = approvals::of(context, digest).await?;
    let mut writes = Writes::to_all();
    if stored.is_none() || is_damaged {
        writes.run(COMPONENT, &candidate.row(context.now())?);
    }
    if !is_offered {
        candidate.require_admittance(context, same.as_ref()).await?;
        let offer = if same.is_some() { REPLACE } else { OFFER };
        let (plugin_id, version) = (manifest.id.clone(), manifest.version.clone());
        let (digest, signed_by) = (digest.clone(), signed_by.clone());
        let offered_at = context.now();
        writes.run(offer, &OfferRow { plugin_id, version, digest, offered_at, signed_by });
    }
    if approval.is_none() && candidate.needs_nobodys_word(context).await? {
        let by_itself = Approval { basis: Basis::NothingWider, at: context.now() };
        approvals::add(&mut writes, manifest, digest, by_itself);
        approval = Some(by_itself);
    }
    if is_damaged {
        quarantine::add_resume_everywhere(&mut writes, digest);
    }
    if !writes.is_empty() {
        context.db.commit(writes).await?;
        context.wake();
    }
    Ok((approval, !is_offered || is_damaged))
}

impl Candidate<'_> {
    /// Whether it may stand for its version. What stands for it already needs to ask no more.
    async fn require_admittance(&self, context: &Context, same: Option<&Offered>) -> Result<()> {
        let Manifest { id, version, .. } = &self.manifest;
        let publisher = approvals::publisher(context, id).await?;
        trust::admit(id, version, self.signed_by.as_deref(), publisher.as_deref())?;
        if same.is_some() && !is_prerelease(version) {
            return Err(self.taken());
        }
        Ok(())
    }

    async fn needs_nobodys_word(&self, context: &Context) -> Result<bool> {
        let id = &self.manifest.id;
        let publisher = approvals::publisher(context, id).await?;
        let approved = approvals::approved(context, id).await?;
        Ok(trust::needs_nobodys_word(
            &self.manifest.version,
            self.signed_by.as_deref(),
            publisher.as_deref(),
            &Grants::of(&self.manifest),
            &approved,
        ))
    }

    fn taken(&self) -> Error {
        let Manifest { id, version, .. } = &self.manifest;
        let why = format!(
            "{id} {version} was installed with another content, and a version is immutable: raise \
             `version` in plugin.toml, or call it a pre-release such as {version}-dev while it \
             changes"
        );
        Error::new(Code::PluginVersionTaken, why)
    }

    fn row(&self, installed_at: Timestamp) -> Result<ComponentRow> {
        let broken = |error| Error::internal("a manifest that cannot be JSON").caused_by(error);
        Ok(ComponentRow {
            digest: self.digest.clone(),
            plugin_id: self.manifest.id.clone(),
            version: self.manifest.version.clone(),
            manifest: serde_json::to_value(&self.manifest).map_err(broken)?,
            wasm: self.wasm.to_vec(),
            installed_at,
        })
    }
}

/// The bytes of a component, if it is stored.
async fn stored(context: &Context, digest: &str) -> Result<Option<Vec<u8>>> {
    #[derive(FromQueryResult)]
    struct Row {
        wasm: Vec<u8>,
    }
    const SELECT: &str = "SELECT wasm FROM plugin_components WHERE digest = $1";
    let db = &context.db;
    let found = Row::find_by_statement(db.sql(SELECT, [digest.into()])).one(db.read()).await?;
    Ok(found.map(|row| row.wasm))
}
