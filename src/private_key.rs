//! Ed25519 keys in files that only their owner can read: PKCS #8 in PEM. The server signs tokens and
//! seals with such keys, and publishers their plugins.

use anyhow::Context;
use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, spki::der::pem::LineEnding};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// A new key, as a file has it.
pub(crate) fn new() -> anyhow::Result<String> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| {
        anyhow::anyhow!("the system gives no random bytes for a signing key: {error}")
    })?;
    Ok(SigningKey::from_bytes(&seed).to_pkcs8_pem(LineEnding::LF)?.to_string())
}

/// Writes a new key to a file that is not there. Returns false, and leaves it alone, if it is.
pub(crate) fn create(path: &Path) -> anyhow::Result<bool> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // Written beside and linked into place: another process that starts at the same moment reads a
    // whole key, and the first one wins.
    let beside = write_beside(path, &new()?)?;
    let linked = std::fs::hard_link(&beside, path);
    std::fs::remove_file(&beside)?;
    match linked {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Writes keys to a file beside the one that is to be theirs, to be moved into its place.
pub(crate) fn write_beside(path: &Path, pem: &str) -> anyhow::Result<PathBuf> {
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(pem.as_bytes()).and_then(|()| file.sync_all())?;
    Ok(beside)
}

/// The keys of a file's text.
pub(crate) fn parse(text: &str) -> anyhow::Result<Vec<SigningKey>> {
    let blocks = pem::parse_many(text).context("the signing key is not PEM")?;
    let key = |block: &pem::Pem| SigningKey::from_pkcs8_der(block.contents());
    let keys = blocks.iter().map(key).collect::<Result<_, _>>();
    keys.map_err(|_| anyhow::anyhow!("the signing key is no Ed25519 key in PKCS #8"))
}

/// The public half as text, which names the key.
pub(crate) fn public(key: &SigningKey) -> String {
    BASE64URL_NOPAD.encode(key.verifying_key().as_bytes())
}
