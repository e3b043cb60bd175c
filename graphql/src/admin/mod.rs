//! The admin schema: what operators and back ends ask and do, within one program.

mod directory;
mod events;
mod ledger;
mod members;
mod messages;
mod mutation;
mod nodes;
mod plugins;
mod programs;
mod purchases;
mod query;
mod records;
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
