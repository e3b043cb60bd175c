//! Errors and nulls as the GraphQL specification requires: a field that fails is null, and if it is
//! non-null, the nearest nullable object around it is null. The executor alone leaves failed fields
//! out, which clients treat as a broken response.
//!
//! This does not handle lists of nullable items. Neither schema has any.

use async_graphql::{Response, ServerError, Value};
use std::collections::HashSet;
use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What failed in one request.
#[derive(Debug, Default)]
pub(super) struct Failures {
    errors: Mutex<Vec<ServerError>>,
    /// Paths of values that become null because a non-null field inside them failed.
    broken: Mutex<HashSet<String>>,
    /// Saves requests without failures, which are nearly all, the lookup in `broken`.
    is_any_broken: AtomicBool,
}

impl Failures {
    pub(super) fn keep(&self, error: ServerError) {
        lock(&self.errors).push(error);
    }

    /// Makes the value at a path null.
    pub(super) fn break_at(&self, path: String) {
        lock(&self.broken).insert(path);
        self.is_any_broken.store(true, Ordering::Release);
    }

    pub(super) fn is_broken(&self, path: &impl Display) -> bool {
        self.is_any_broken.load(Ordering::Acquire) && lock(&self.broken).contains(&path.to_string())
    }

    /// Puts the errors into the response.
    pub(super) fn complete(&self, response: &mut Response) {
        response.errors.append(&mut lock(&self.errors));
        if lock(&self.broken).contains("") {
            response.data = Value::Null;
        }
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use crate::execution::Execution;
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Result, Schema};
    use serde_json::json;

    struct Query;

    struct Item(u32);

    #[Object]
    impl Query {
        async fn maybe(&self) -> Option<Item> {
            Some(Item(1))
        }

        async fn surely(&self) -> Item {
            Item(1)
        }

        async fn all(&self) -> Vec<Item> {
            vec![Item(0), Item(1)]
        }

        async fn failing(&self) -> Result<Option<u32>> {
            Err("no".into())
        }
    }

    #[Object]
    impl Item {
        async fn number(&self) -> u32 {
            self.0
        }

        /// Fails for all but the first.
        async fn zero(&self) -> Result<u32> {
            if self.0 == 0 { Ok(0) } else { Err("not zero".into()) }
        }
    }

    async fn answer(query: &str) -> (serde_json::Value, usize) {
        let schema =
            Schema::build(Query, EmptyMutation, EmptySubscription).extension(Execution).finish();
        let response = schema.execute(query).await;
        (response.data.into_json().unwrap(), response.errors.len())
    }

    #[tokio::test]
    async fn a_failed_field_is_null_and_its_neighbours_stay() {
        let expected = json!({ "failing": null, "maybe": { "number": 1 } });
        assert_eq!(answer("{ failing maybe { number } }").await, (expected, 1));
    }

    #[tokio::test]
    async fn a_field_that_must_not_be_null_takes_what_is_around_it_along() {
        assert_eq!(answer("{ maybe { number zero } }").await, (json!({ "maybe": null }), 1));
        assert_eq!(answer("{ maybe { number } surely { zero } }").await, (json!(null), 1));
        assert_eq!(answer("{ all { zero } }").await, (json!(null), 1));
    }
}
