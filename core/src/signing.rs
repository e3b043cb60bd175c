//! The port through which the core signs what it seals. Whoever composes a server hands it the
//! server's own key; the core knows neither files nor curves.

use std::fmt::Debug;

/// Signs with the key that the server has at this moment.
pub trait Signer: Debug + Send + Sync {
    /// None when there is no key.
    fn sign(&self, message: &[u8]) -> Option<Signature>;
}

/// Checks signatures with the keys that are known.
pub trait KnownKeys: Debug + Send + Sync {
    fn check(&self, message: &[u8], signature: &Signature) -> Checked;
}

/// A signature, and by which key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The public key as text, so that a signature can be checked whatever became of the key.
    pub signed_by: String,
    pub bytes: Vec<u8>,
}

/// What a check of a signature comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    Valid,
    /// It is not this message's, or not this key's.
    Wrong,
    /// It may be valid, but anybody can make a key.
    UnknownKey,
}
