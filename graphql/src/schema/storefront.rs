//! The storefront schema: what a shop or a mobile app shows of one member, and what is public of a
//! program.

use crate::cards::storefront::{GiftCardQuery, OwnGiftCardMutation};
use crate::directory::storefront::DirectoryQuery;
use crate::ledger::transfer::OwnTransferMutation;
use crate::members::storefront::MemberQuery;
use crate::nodes::NodeQuery;
use crate::nodes::storefront::Node;
use crate::programs::storefront::ProgramQuery;
use crate::purchases::storefront::PurchaseQuery;
use crate::rewards::storefront::RewardMutation;
use async_graphql::{EmptySubscription, MergedObject, SchemaBuilder};

/// Queries for storefronts and mobile apps. Program data and the service network are public; all
/// other queries require a member's token. Names are in the language of the member whose token it
/// is, or in the one that `Accept-Language` prefers, or in the program's.
#[derive(Debug, Default, MergedObject)]
pub(crate) struct Query(
    ProgramQuery,
    MemberQuery,
    PurchaseQuery,
    GiftCardQuery,
    DirectoryQuery,
    NodeQuery<Node>,
);

/// Mutations for members. All of them require a member's token.
#[derive(Debug, Default, MergedObject)]
pub(crate) struct Mutation(RewardMutation, OwnTransferMutation, OwnGiftCardMutation);

pub(crate) fn builder() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    super::builder(Query::default(), Mutation::default())
}
