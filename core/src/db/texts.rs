//! Texts of statements, each made once: the values change with every request, what is asked and
//! written does not. Shapes are made of the platform's own texts, so there are not many of them.

use super::look::LookShape;
use super::writes::WriteShape;
use sea_orm::DbBackend;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A statement without its values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    Look(LookShape),
    Writes(WriteShape),
}

/// The texts that were made so far, for one database.
#[derive(Debug, Default)]
pub(super) struct Texts(Mutex<HashMap<Shape, Arc<str>>>);

impl Texts {
    pub(super) fn of(&self, shape: Shape, backend: DbBackend) -> String {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = known.entry(shape);
        let text = text.or_insert_with_key(|shape| shape.text(backend).into());
        text.as_ref().to_owned()
    }
}

impl Shape {
    fn text(&self, backend: DbBackend) -> String {
        match self {
            Self::Look(look) => look.text(backend),
            Self::Writes(writes) => writes.text(backend),
        }
    }
}
