//! Texts of statements, each made once: the values change with every request, what is asked and
//! written does not. Shapes are made of the platform's own texts, so there are not many of them.

use sea_orm::DbBackend;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// A statement without its values.
pub(super) trait Shape: Eq + Hash {
    fn text(&self, backend: DbBackend) -> String;
}

/// The texts that were made so far for shapes of one kind, for one database.
#[derive(Debug)]
pub(super) struct Texts<S>(Mutex<HashMap<S, Arc<str>>>);

impl<S> Default for Texts<S> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<S: Shape> Texts<S> {
    pub(super) fn of(&self, shape: S, backend: DbBackend) -> String {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = known.entry(shape);
        let text = text.or_insert_with_key(|shape| shape.text(backend).into());
        text.as_ref().to_owned()
    }
}
