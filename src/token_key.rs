//! The server's own signing keys: a PEM file that only its owner can read, shared by the nodes. The
//! first key signs; a second one, if there is one, is the key before it, which is still accepted.

use crate::private_key;
use anyhow::{Context, bail};
use std::io::ErrorKind;
use std::path::Path;

/// The keys as PKCS #8 PEM.
pub(crate) fn read(path: &Path) -> anyhow::Result<String> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => bail!(
            "there is no signing key {}: `perennial serve` creates it; name the file that the servers use",
            path.display()
        ),
        read => read.with_context(|| format!("cannot read the signing key {}", path.display())),
    }
}

pub(crate) fn read_or_create(path: &Path) -> anyhow::Result<String> {
    if !path.exists() {
        private_key::create(path).with_context(|| cannot_write(path))?;
    }
    read(path)
}

/// Puts a new key before the one that signs, in place of the one before that.
pub(crate) fn rotate(path: &Path, forget_previous: bool) -> anyhow::Result<()> {
    let known = pem::parse_many(read(path)?).with_context(|| path.display().to_string())?;
    let previous = known.first().filter(|_| !forget_previous).map(encode);
    let pem = private_key::new()? + &previous.unwrap_or_default();
    let rotate = || -> anyhow::Result<()> {
        let beside = private_key::write_beside(path, &pem)?;
        // Whoever reads the file meanwhile reads all of the old one or all of the new one.
        Ok(std::fs::rename(beside, path)?)
    };
    rotate().with_context(|| cannot_write(path))
}

fn encode(key: &pem::Pem) -> String {
    pem::encode_config(key, pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF))
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write the signing key {}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_kept_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/token-key.pem");
        assert!(read(&path).is_err(), "reading makes none");
        let first = read_or_create(&path).unwrap();
        assert!(first.starts_with("-----BEGIN PRIVATE KEY-----"));
        assert_eq!(read_or_create(&path).unwrap(), first);
        is_private(&path);
    }

    #[test]
    fn a_rotation_keeps_the_key_before_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token-key.pem");
        assert!(rotate(&path, false).is_err(), "there is nothing to rotate");
        let keys = || pem::parse_many(read(&path).unwrap()).unwrap();
        read_or_create(&path).unwrap();
        let first = keys();
        rotate(&path, false).unwrap();
        let second = keys();
        assert_eq!((second.len(), &second[1]), (2, &first[0]));
        rotate(&path, false).unwrap();
        let third = keys();
        assert_eq!((third.len(), &third[1]), (2, &second[0]));
        rotate(&path, true).unwrap();
        assert_eq!(keys().len(), 1);
        assert!(!third.contains(&keys()[0]));
        is_private(&path);
    }

    fn is_private(path: &Path) {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }
}
