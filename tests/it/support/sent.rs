//! The statements that a platform sends, for tests that count or explain them.

use perennial_core::db::Observer;
use sea_orm::Statement;
use std::sync::{Arc, Mutex, PoisonError};

/// What was sent since it was last taken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sent(Arc<Mutex<Vec<Statement>>>);

impl Sent {
    pub(crate) fn observer(&self) -> Observer {
        let sent = Arc::clone(&self.0);
        Arc::new(move |statement| {
            sent.lock().unwrap_or_else(PoisonError::into_inner).push(statement.clone());
        })
    }

    pub(crate) fn take(&self) -> Vec<Statement> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
