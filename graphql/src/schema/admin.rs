//! The admin schema: what operators and back ends can query and change, within one program.

use crate::cards::admin::CardQuery;
use crate::cards::{CardMutation, GiftCardMutation};
use crate::changes::ChangeQuery;
use crate::directory::DirectoryMutation;
use crate::directory::admin::DirectoryQuery;
use crate::edits::{EditMutation, EditQuery};
use crate::erasures::ErasureMutation;
use crate::events::EventQuery;
use crate::holds::HoldMutation;
use crate::ledger::admin::LedgerQuery;
use crate::ledger::approvals::{ApprovalMutation, ApprovalQuery};
use crate::ledger::correct::LedgerMutation;
use crate::ledger::extend::ExtendMutation;
use crate::ledger::liability::LiabilityQuery;
use crate::ledger::transfer::TransferMutation;
use crate::members::admin::MemberQuery;
use crate::members::{MemberMutation, TagMutation};
use crate::memberships::MembershipMutation;
use crate::merging::MergingMutation;
use crate::messages::admin::MessageQuery;
use crate::nodes::NodeQuery;
use crate::nodes::admin::Node;
use crate::pending::PendingMutation;
use crate::plugins::admin::{PluginMutation, PluginQuery};
use crate::programs::admin::{ProgramMutation, ProgramQuery};
use crate::purchases::PurchaseMutation;
use crate::purchases::admin::PurchaseQuery;
use crate::records::RecordMutation;
use crate::returns::ReturnMutation;
use crate::rewards::admin::RewardMutation;
use crate::tokens::{TokenMutation, TokenQuery};
use async_graphql::{EmptySubscription, MergedObject, SchemaBuilder};

/// Queries for operators and back ends, about the program that the token is for. They require the
/// scope `read` unless they say otherwise. A member's token gets nothing here. Names are in the
/// language that `Accept-Language` prefers, or in the program's.
#[derive(Debug, Default, MergedObject)]
pub(crate) struct Query(
    ProgramQuery,
    MemberQuery,
    CardQuery,
    LedgerQuery,
    ApprovalQuery,
    LiabilityQuery,
    PurchaseQuery,
    EditQuery,
    MessageQuery,
    EventQuery,
    ChangeQuery,
    PluginQuery,
    DirectoryQuery,
    TokenQuery,
    NodeQuery<Node>,
);

/// Mutations for operators and back ends, in the program that the token is for.
#[derive(Debug, Default, MergedObject)]
pub(crate) struct Mutation(
    MemberMutation,
    TagMutation,
    ErasureMutation,
    MergingMutation,
    MembershipMutation,
    CardMutation,
    GiftCardMutation,
    PurchaseMutation,
    ReturnMutation,
    EditMutation,
    RewardMutation,
    LedgerMutation,
    ApprovalMutation,
    ExtendMutation,
    TransferMutation,
    PendingMutation,
    HoldMutation,
    RecordMutation,
    DirectoryMutation,
    PluginMutation,
    ProgramMutation,
    TokenMutation,
);

pub(crate) fn builder() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    super::builder(Query::default(), Mutation::default())
}
