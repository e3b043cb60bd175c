//! Everything that an operator can ask.

use super::directory::DirectoryQuery;
use super::events::EventQuery;
use super::ledger::LedgerQuery;
use super::members::MemberQuery;
use super::messages::MessageQuery;
use super::nodes::NodeQuery;
use super::plugins::PluginQuery;
use super::programs::ProgramQuery;
use super::purchases::PurchaseQuery;
use async_graphql::MergedObject;

/// What an operator or a back end can ask, about the program of its token.
#[derive(Debug, Default, MergedObject)]
pub(crate) struct Query(
    ProgramQuery,
    MemberQuery,
    LedgerQuery,
    PurchaseQuery,
    MessageQuery,
    EventQuery,
    PluginQuery,
    DirectoryQuery,
    NodeQuery,
);
