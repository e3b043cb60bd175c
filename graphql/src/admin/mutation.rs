//! Everything that an operator can do.

use super::directory::DirectoryMutation;
use super::members::MemberMutation;
use super::plugins::PluginMutation;
use super::programs::ProgramMutation;
use super::purchases::PurchaseMutation;
use super::records::RecordMutation;
use super::rewards::RewardMutation;
use async_graphql::MergedObject;

/// What an operator or a back end can do, in the program of its token.
#[derive(Debug, Default, MergedObject)]
pub(crate) struct Mutation(
    MemberMutation,
    PurchaseMutation,
    RewardMutation,
    RecordMutation,
    DirectoryMutation,
    PluginMutation,
    ProgramMutation,
);
