//! The versions of plugins that are installed, and which of them programs can use.
//!
//! A version is immutable, unless it is a pre-release such as `1.1.0-dev`, which its author replaces
//! with each build; whoever runs the build before goes on with that. Programs use what is approved.

use super::approvals::{Approval, not_approved};
use crate::context::Context;
use crate::{Code, Error, Result, Timestamp};
use sea_orm::FromQueryResult;
use semver::Version;
use std::collections::BTreeMap;

/// A version of a plugin, and the component that stands for it.
#[derive(Clone, Debug)]
pub struct Offered {
    pub version: String,
    pub digest: String,
    pub offered_at: Timestamp,
    /// The publisher's public key, in base64url; none of a pre-release that nobody signed, and of
    /// what was installed before plugins were signed.
    pub signed_by: Option<String>,
    /// None while it waits for approval: no program can use it.
    pub approval: Option<Approval>,
}

/// The versions of a plugin, oldest first.
pub(super) async fn offered(context: &Context, plugin: &str) -> Result<Vec<Offered>> {
    Ok(all_offered(context).await?.remove(plugin).unwrap_or_default())
}

/// The versions of each plugin, oldest first.
pub(super) async fn all_offered(context: &Context) -> Result<BTreeMap<String, Vec<Offered>>> {
    #[derive(FromQueryResult)]
    struct Row {
        plugin_id: String,
        version: String,
        digest: String,
        offered_at: Timestamp,
        signed_by: Option<String>,
        basis: Option<String>,
        approved_at: Option<Timestamp>,
    }
    const SELECT: &str = "
        SELECT v.plugin_id, v.version, v.digest, v.offered_at, v.signed_by, a.basis, a.approved_at
        FROM plugin_versions AS v
        LEFT JOIN plugin_approvals AS a ON a.digest = v.digest";
    let db = &context.db;
    let mut all: BTreeMap<String, Vec<Offered>> = BTreeMap::new();
    for row in Row::find_by_statement(db.sql(SELECT, [])).all(db.read()).await? {
        let approval = row.basis.zip(row.approved_at).map(Approval::stored);
        let Row { plugin_id, version, digest, offered_at, signed_by, .. } = row;
        let offered = Offered { version, digest, offered_at, signed_by, approval };
        all.entry(plugin_id).or_default().push(offered);
    }
    for offered in all.values_mut() {
        offered.sort_by_cached_key(|offered| number(&offered.version));
    }
    Ok(all)
}

/// A version of a plugin, approved or not. Fails with `PLUGIN_NOT_FOUND` at `version`, naming those
/// that there are.
pub(super) async fn installed(context: &Context, plugin: &str, version: &str) -> Result<Offered> {
    let offered = offered(context, plugin).await?;
    let missing = missing(plugin, Some(version), &offered);
    offered.into_iter().find(|offered| offered.version == version).ok_or(missing)
}

/// A version of a plugin that a program can use. Fails with `PLUGIN_NOT_FOUND` and
/// `PLUGIN_NOT_APPROVED` at `version`.
pub(super) async fn version(context: &Context, plugin: &str, version: &str) -> Result<Offered> {
    let offered = installed(context, plugin, version).await?;
    if offered.approval.is_none() {
        return Err(not_approved(context, plugin, &offered).await?.at("version"));
    }
    Ok(offered)
}

/// The version that a program takes at first if its file names none: of those that are approved the
/// newest release, or the newest pre-release if there is no release. Fails with `PLUGIN_NOT_FOUND` or
/// `PLUGIN_NOT_APPROVED`.
pub(super) async fn newest(context: &Context, plugin: &str) -> Result<Offered> {
    let (approved, waiting): (Vec<_>, Vec<_>) =
        offered(context, plugin).await?.into_iter().partition(|one| one.approval.is_some());
    match (newest_of(approved), newest_of(waiting)) {
        (Some(newest), _) => Ok(newest),
        (None, Some(waiting)) => Err(not_approved(context, plugin, &waiting).await?),
        (None, None) => Err(missing(plugin, None, &[])),
    }
}

/// The newest release, or the newest pre-release if there is no release.
pub(super) fn newest_of(mut offered: Vec<Offered>) -> Option<Offered> {
    let release = offered.iter().rposition(|offered| !is_prerelease(&offered.version));
    match release {
        Some(index) => Some(offered.swap_remove(index)),
        None => offered.pop(),
    }
}

/// The version that whoever runs `running` goes up to if nobody names one, of some that are approved:
/// the newest release above it; from a pre-release, if there is none, the newest of all, be it
/// another build of the same. None where there is nothing to go up to.
pub(super) fn next(mut approved: Vec<Offered>, running: &str) -> Option<Offered> {
    let release = |one: &Offered| is_above(&one.version, running) && !is_prerelease(&one.version);
    let further = |one: &Offered| is_prerelease(running) && !is_above(running, &one.version);
    let next = approved.iter().rposition(release).or_else(|| approved.iter().rposition(further));
    next.map(|index| approved.swap_remove(index))
}

pub(super) fn is_prerelease(version: &str) -> bool {
    number(version).is_some_and(|version| !version.pre.is_empty())
}

/// Whether one version is newer than the other.
pub(super) fn is_above(one: &str, other: &str) -> bool {
    number(one) > number(other)
}

fn number(version: &str) -> Option<Version> {
    Version::parse(version).ok()
}

fn missing(plugin: &str, version: Option<&str>, offered: &[Offered]) -> Error {
    let versions: Vec<_> = offered.iter().map(|offered| offered.version.as_str()).collect();
    let error = |why| Error::new(Code::PluginNotFound, why);
    match version {
        Some(version) if !versions.is_empty() => {
            let versions = versions.join(", ");
            let why = format!("{plugin} {version} is not installed; installed are {versions}");
            error(why).at("version")
        }
        _ => error(format!("the plugin `{plugin}` is not installed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(versions: &[&str]) -> Vec<Offered> {
        let offered = |version: &&str| Offered {
            version: (*version).to_owned(),
            digest: String::new(),
            offered_at: Timestamp::from_microseconds(0).unwrap(),
            signed_by: None,
            approval: None,
        };
        versions.iter().map(offered).collect()
    }

    #[test]
    fn who_names_no_version_goes_up_and_to_a_release_if_there_is_one() {
        for (running, versions, expected) in [
            ("1.0.0", &["0.9.0", "1.0.0", "1.2.0", "1.10.0"][..], Some("1.10.0")),
            ("1.0.0", &["0.9.0", "1.0.0"], None),
            ("1.0.0", &["1.0.0", "2.0.0-dev"], None),
            ("2.0.0-dev", &["1.0.0", "2.0.0-dev"], Some("2.0.0-dev")),
            ("2.0.0-dev", &["1.0.0", "2.0.0-dev", "2.0.0-rc.1"], Some("2.0.0-rc.1")),
            ("2.0.0-dev", &["1.0.0", "2.0.0-dev", "2.0.0", "3.0.0-dev"], Some("2.0.0")),
            ("2.0.0-rc.1", &["1.0.0", "2.0.0-dev"], None),
            ("1.0.0", &[], None),
        ] {
            let next = next(offered(versions), running);
            assert_eq!(next.map(|one| one.version).as_deref(), expected, "{running} {versions:?}");
        }
    }

    #[test]
    fn the_newest_is_a_release_if_there_is_one() {
        let newest = |versions: &[&str]| newest_of(offered(versions)).map(|one| one.version);
        assert_eq!(newest(&["1.0.0", "1.2.0", "2.0.0-dev"]).as_deref(), Some("1.2.0"));
        assert_eq!(newest(&["1.0.0-dev", "2.0.0-dev"]).as_deref(), Some("2.0.0-dev"));
        assert_eq!(newest(&[]), None);
    }
}
