//! The two schemas, each merged from the nouns it offers.

pub(crate) mod admin;
#[cfg(test)]
mod conventions;
mod sdl;
pub(crate) mod storefront;

pub use sdl::{admin_sdl, storefront_sdl};

use crate::admission;
use crate::execution::Execution;
use async_graphql::{EmptySubscription, ObjectType, Schema, SchemaBuilder};

/// What both schemas are built with.
fn builder<Q, M>(query: Q, mutation: M) -> SchemaBuilder<Q, M, EmptySubscription>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
{
    admission::enforce(Schema::build(query, mutation, EmptySubscription)).extension(Execution)
}
