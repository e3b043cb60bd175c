//! Everything that a member can do.

use super::rewards::RewardMutation;
use async_graphql::MergedObject;

/// What a member can do.
#[derive(Debug, Default, MergedObject)]
pub(crate) struct Mutation(RewardMutation);
