//! Who made a component: the custom section at its end that signs all before it.
//!
//! Its content is a version, an Ed25519 public key and a signature, over the SHA-256 of a name of
//! this purpose and of every byte before the section. It stands last and once, in the one form that
//! [`sign`] gives it, so that a signed file has no second form that is valid too.

use crate::sections;
use anyhow::{Context, Result, ensure};
use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{PUBLIC_KEY_LENGTH, Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// The custom section.
const SECTION: &str = "perennial:signature";
/// Of the section's form.
const VERSION: u8 = 1;
/// What is signed here is a signature of nothing else.
const PURPOSE: &[u8] = b"perennial:plugin-signature:1\0";

/// The component with a signature by `key`, in place of the one that it may have.
pub fn sign(wasm: &[u8], key: &SigningKey) -> Result<Vec<u8>> {
    let mut signed = without(wasm)?;
    let signature = key.sign(&digest(&signed));
    let mut content = vec![VERSION];
    content.extend_from_slice(key.verifying_key().as_bytes());
    content.extend_from_slice(&signature.to_bytes());
    sections::append(&mut signed, SECTION, &content);
    Ok(signed)
}

/// The component without its signature, if it has one.
pub(crate) fn without(wasm: &[u8]) -> Result<Vec<u8>> {
    sections::without(wasm, SECTION)
}

/// The public key that a component is signed by, in base64url; none if it has no signature. Fails
/// when it has one that is not this file's.
pub(crate) fn signed_by(wasm: &[u8]) -> Result<Option<String>> {
    let Some(content) = sections::find(wasm, SECTION)? else { return Ok(None) };
    let last = sections::all(wasm)?.pop().context("the file is empty")?;
    ensure!(last.is_custom(SECTION), "there is something behind its signature");
    ensure!(
        last.bytes == encoded(content),
        "its signature is not in the form that `sign` gives it"
    );
    let (&version, content) = content.split_first().context("its signature is empty")?;
    ensure!(version == VERSION, "its signature has a form that this version does not know");
    let (key, signature) =
        content.split_at_checked(PUBLIC_KEY_LENGTH).context("its signature is cut")?;
    let before = &wasm[..wasm.len() - last.bytes.len()];
    verify(before, key, signature).context(
        "its signature is not of this file: the file was changed after it was signed, or damaged",
    )?;
    Ok(Some(BASE64URL_NOPAD.encode(key)))
}

fn verify(before: &[u8], key: &[u8], signature: &[u8]) -> Result<()> {
    let key = VerifyingKey::try_from(key)?;
    Ok(key.verify_strict(&digest(before), &Signature::from_slice(signature)?)?)
}

fn digest(before: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(PURPOSE).chain_update(before).finalize().into()
}

fn encoded(content: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    sections::append(&mut encoded, SECTION, content);
    encoded
}
