//! The keys that tokens are verified with, read from files when a server starts and whenever the
//! files change.

use crate::config::Settings;
use crate::mask::masked;
use crate::seal_keys::SealKeys;
use crate::signals::Hangups;
use crate::token_key;
use anyhow::Context;
use perennial_graphql::{Api, TokenKeys};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How often the files are read again: they are small, and a file that was replaced, linked or
/// mounted anew is told by its content alone.
const INTERVAL: Duration = Duration::from_secs(2);

/// What the files say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyFiles {
    own: String,
    /// The issuer and its JWKS document.
    trusted: Option<(String, String)>,
    issuer_programs: Vec<String>,
}

impl KeyFiles {
    /// Reads the files; creates the server's own key if there is none.
    pub(crate) fn read_or_create(settings: &Settings) -> anyhow::Result<Self> {
        token_key::read_or_create(&settings.token_key)?;
        Self::read(settings)
    }

    fn read(settings: &Settings) -> anyhow::Result<Self> {
        let trusted = match (&settings.jwks, &settings.issuer) {
            (Some(path), Some(issuer)) => {
                let jwks = std::fs::read_to_string(path)
                    .with_context(|| format!("cannot read the JWKS file {}", shown(path)))?;
                Some((issuer.clone(), jwks))
            }
            _ => None,
        };
        let own = token_key::read(&settings.token_key)?;
        Ok(Self { own, trusted, issuer_programs: settings.issuer_programs.clone() })
    }

    /// What signs seals: the server's own keys.
    pub(crate) fn seal_keys(&self) -> anyhow::Result<SealKeys> {
        SealKeys::from_pem(&self.own)
    }

    pub(crate) fn keys(&self) -> anyhow::Result<TokenKeys> {
        let keys = TokenKeys::from_ed25519_pem(&self.own).context("the signing key is invalid")?;
        match &self.trusted {
            Some((issuer, jwks)) => {
                Ok(keys.trust(issuer, jwks, self.issuer_programs.iter().cloned())?)
            }
            None => Ok(keys),
        }
    }
}

/// Who uses the keys and is given those that changed.
pub(crate) struct Followers {
    pub(crate) api: Api,
    pub(crate) seals: Arc<SealKeys>,
}

/// A path that may be an address: whoever mistakes the one for the other is shown no password.
fn shown(path: &Path) -> String {
    masked(&path.to_string_lossy())
}

/// Follows the files until it is dropped, every two seconds and when the process is told to. What cannot be read changes nothing: the keys before it
/// are used, and the log says so once.
pub(crate) async fn follow(
    settings: Settings,
    mut known: KeyFiles,
    followers: Followers,
    mut hangups: Hangups,
) {
    let mut complaint = None;
    loop {
        drop(tokio::time::timeout(INTERVAL, hangups.next()).await);
        match next(&settings, &known).await {
            Ok(None) => complaint = None,
            Ok(Some((files, keys))) => {
                if let Err(error) = followers.seals.replace(&files.own) {
                    tracing::warn!(
                        why = format!("{error:#}"),
                        "seals are signed with the key of before"
                    );
                }
                (known, complaint) = (files, None);
                followers.api.replace_keys(keys);
                tracing::info!("the keys that tokens are verified with have changed");
            }
            Err(error) => {
                let why = format!("{error:#}");
                if complaint.as_ref() != Some(&why) {
                    tracing::warn!(why, "changed keys cannot be used, so those before them are");
                }
                complaint = Some(why);
            }
        }
    }
}

/// The files and their keys, if they have changed. Read apart: a shared folder may be slow.
async fn next(
    settings: &Settings,
    known: &KeyFiles,
) -> anyhow::Result<Option<(KeyFiles, TokenKeys)>> {
    let settings = settings.clone();
    let files = tokio::task::spawn_blocking(move || KeyFiles::read(&settings)).await??;
    if files == *known {
        return Ok(None);
    }
    let keys = files.keys()?;
    Ok(Some((files, keys)))
}
