//! What is added to the executor's work: errors and nulls as the specification requires, the cost of
//! a request, the bytes of its response, and the order of its keys.

mod budget;
mod failures;
mod order;

pub(crate) use budget::too_long;
pub(crate) use order::arrange;

use crate::admission::{COST_MAX, too_large};
use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextExecute, NextResolve, NextValidation,
    ResolveInfo,
};
use async_graphql::{
    Response, ServerError, ServerResult, ValidationResult, Value, async_trait, value,
};
use budget::Budget;
use failures::Failures;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The key of the response's extensions that tells the cost. Only executed requests have it.
pub(crate) const COST: &str = "cost";

#[derive(Debug)]
pub(crate) struct Execution;

impl ExtensionFactory for Execution {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(OneExecution::default())
    }
}

/// The execution of one request.
#[derive(Debug, Default)]
struct OneExecution {
    failures: Failures,
    budget: Budget,
    cost: AtomicUsize,
}

#[async_trait::async_trait]
impl Extension for OneExecution {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let validated = next.run(ctx).await?;
        let cost = validated.complexity;
        if cost > COST_MAX {
            let why = format!("the query costs {cost}, a query can cost at most {COST_MAX}");
            return Err(vec![too_large(why)]);
        }
        self.cost.store(cost, Ordering::Relaxed);
        Ok(validated)
    }

    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        let mut response = next.run(ctx, operation_name).await;
        self.failures.complete(&mut response);
        if self.budget.is_spent() {
            response.data = Value::Null;
            response.errors = vec![too_long()];
        }
        let requested = self.cost.load(Ordering::Relaxed);
        response.extension(COST, value!({ "requested": requested, "maximum": COST_MAX }))
    }

    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        // The response is refused as a whole, so that nothing more is worth resolving.
        if self.budget.is_spent() {
            return Ok(None);
        }
        let (node, must_be) = (info.path_node, info.return_type.ends_with('!'));
        let key = info.alias.unwrap_or(info.name);
        let is_leaf = info.field.selection_set.node.items.is_empty();
        match next.run(ctx, info).await {
            Ok(value) if !self.failures.is_broken(node) => {
                self.budget.spend(key, value.as_ref().filter(|_| is_leaf));
                return Ok(value);
            }
            Ok(_) => {}
            Err(error) => self.failures.keep(error),
        }
        if must_be {
            self.failures.break_at(node.parent.map_or_else(String::new, ToString::to_string));
        }
        Ok(Some(Value::Null))
    }
}
