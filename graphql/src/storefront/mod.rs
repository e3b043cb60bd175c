//! The storefront schema: what a shop window or a mobile app shows of one member, and what anybody may know of a program.

mod directory;
mod members;
mod mutation;
mod nodes;
mod programs;
mod purchases;
mod query;
mod rewards;

use crate::limits;
use crate::nulls::Nulls;
use async_graphql::{EmptySubscription, Schema, SchemaBuilder};
use mutation::Mutation;
use query::Query;

pub(crate) fn builder() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    let schema = Schema::build(Query::default(), Mutation::default(), EmptySubscription);
    limits::enforce(schema).extension(Nulls)
}
