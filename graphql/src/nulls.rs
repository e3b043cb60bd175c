//! Errors and nulls as the GraphQL specification requires: a field that fails is null, and if it is
//! non-null, the nearest nullable object around it is null. The executor alone leaves failed fields
//! out, which clients treat as a broken response.
//!
//! This does not handle lists of nullable items. Neither schema has any.

use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextExecute, NextResolve, ResolveInfo,
};
use async_graphql::{Response, ServerError, ServerResult, Value, async_trait};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Debug)]
pub(crate) struct Nulls;

impl ExtensionFactory for Nulls {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Failures::default())
    }
}

/// What failed in one request.
#[derive(Default)]
struct Failures {
    errors: Mutex<Vec<ServerError>>,
    /// Paths of values that become null because a non-null field inside them failed.
    broken: Mutex<HashSet<String>>,
    /// Saves requests without failures, which are nearly all, the lookup in `broken`.
    is_any_broken: AtomicBool,
}

#[async_trait::async_trait]
impl Extension for Failures {
    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        let mut response = next.run(ctx, operation_name).await;
        response.errors.append(&mut lock(&self.errors));
        if lock(&self.broken).contains("") {
            response.data = Value::Null;
        }
        response
    }

    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        let (node, must_be) = (info.path_node, info.return_type.ends_with('!'));
        match next.run(ctx, info).await {
            Ok(value) if !self.breaks(node) => return Ok(value),
            Ok(_) => {}
            Err(error) => lock(&self.errors).push(error),
        }
        if must_be {
            let around = node.parent.map_or_else(String::new, ToString::to_string);
            lock(&self.broken).insert(around);
            self.is_any_broken.store(true, Ordering::Release);
        }
        Ok(Some(Value::Null))
    }
}

impl Failures {
    fn breaks(&self, node: &impl ToString) -> bool {
        self.is_any_broken.load(Ordering::Acquire) && lock(&self.broken).contains(&node.to_string())
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
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
            Schema::build(Query, EmptyMutation, EmptySubscription).extension(Nulls).finish();
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
