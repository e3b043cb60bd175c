//! Documents that were read a short while ago. An app sends the same few again and again, each time
//! with other variables, and reading one costs more than copying what was read.

use super::{Admitted, Measured, read};
use async_graphql::ServerError;
use lru::LruCache;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

/// The most documents that are kept.
const DOCUMENTS_MAX: NonZeroUsize = NonZeroUsize::new(256).expect("some");
/// Larger ones are not kept, for what was read of a document takes many times its text: so all take
/// some 40 megabytes at the most, whatever is sent.
const KEPT_BYTES_MAX: usize = 4 * 1024;
const KEPT_SELECTIONS_MAX: usize = 400;

/// Documents by their text, those forgotten first that were not sent for the longest time. Only such
/// as are within the limits.
#[derive(Debug)]
pub(crate) struct Documents(Mutex<LruCache<Box<str>, Arc<Measured>>>);

impl Default for Documents {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(DOCUMENTS_MAX)))
    }
}

impl Documents {
    /// The document that `query` is, for the execution of one of its operations. Fails with
    /// `GRAPHQL_PARSE_FAILED` or `QUERY_TOO_LARGE`.
    pub(crate) fn admit(
        &self,
        query: &str,
        operation: Option<&str>,
    ) -> Result<Admitted, ServerError> {
        if let Some(known) = self.known(query) {
            return Ok(known.admitted(operation));
        }
        let document = Arc::new(read(query)?);
        if query.len() <= KEPT_BYTES_MAX && document.selections <= KEPT_SELECTIONS_MAX {
            let mut documents = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            documents.put(query.into(), Arc::clone(&document));
        }
        Ok(document.admitted(operation))
    }

    fn known(&self, query: &str) -> Option<Arc<Measured>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(query).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::types::OperationType;

    #[test]
    fn a_document_that_is_sent_again_is_admitted_as_before() {
        let documents = Documents::default();
        let query = "query A { me { id } } mutation B { redeem { id } }";
        for _ in 0..2 {
            let admitted = |name| documents.admit(query, Some(name)).unwrap().operation;
            assert_eq!(admitted("A"), OperationType::Query);
            assert_eq!(admitted("B"), OperationType::Mutation);
            assert!(documents.admit("{ me", None).is_err());
        }
    }

    #[test]
    fn documents_are_kept_within_bounds() {
        let documents = Documents::default();
        let kept = |query: &str| {
            documents.admit(query, None).unwrap();
            documents.known(query).is_some()
        };
        assert!(kept("{ a }"));
        assert!(!kept(&format!("{{ a }} #{}", "-".repeat(KEPT_BYTES_MAX))));
        assert!(!kept(&format!("{{ a {{ {} }} }}", "b ".repeat(KEPT_SELECTIONS_MAX))));
        for number in 0..DOCUMENTS_MAX.get() {
            kept(&format!("{{ a{number} }}"));
        }
        assert!(documents.known("{ a }").is_none());
        assert_eq!(documents.0.lock().unwrap().len(), DOCUMENTS_MAX.get());
    }
}
