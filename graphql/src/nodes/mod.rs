//! Objects by their global id.

pub(crate) mod admin;
mod find;
mod global_id;
pub(crate) mod storefront;

pub(crate) use find::Found;
pub(crate) use global_id::GlobalId;
pub use global_id::{event_id, event_name};

use async_graphql::{Context, ID, Object, OutputType, Result};
use find::find;
use perennial_core::Error;
use std::marker::PhantomData;

/// The interface `Node` of one schema.
pub(crate) trait SchemaNode: OutputType + Sized {
    /// Whether the schema shows what is public of any program, to anyone.
    const IS_PUBLIC: bool;

    /// What was found as an object of the schema. `None` if the schema has no such type.
    fn shown(found: Found) -> Option<Self>;
}

/// The query of a schema whose interface of objects with an id is `Node`.
#[derive(Debug)]
pub(crate) struct NodeQuery<Node>(PhantomData<fn() -> Node>);

#[Object]
impl<Node: SchemaNode> NodeQuery<Node> {
    /// The object with this id. Null if it does not exist or the token does not give access to it;
    /// what the schema shows without a token is found without one.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id that this API returned as the `id` of an object.")] id: ID,
    ) -> Result<Option<Node>> {
        let id: GlobalId = id.parse().map_err(|error: Error| error.at("id"))?;
        Ok(find(ctx, id, Node::IS_PUBLIC).await?.and_then(Node::shown))
    }
}

/// Not derived: that would require a default node.
impl<Node> Default for NodeQuery<Node> {
    fn default() -> Self {
        Self(PhantomData)
    }
}
