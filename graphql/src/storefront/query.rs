//! Everything that a storefront can ask.

use super::directory::DirectoryQuery;
use super::members::MemberQuery;
use super::nodes::NodeQuery;
use super::programs::ProgramQuery;
use super::purchases::PurchaseQuery;
use async_graphql::MergedObject;

/// What a storefront can ask. Program data and the service network are public; everything else needs a member's token.
#[derive(Debug, Default, MergedObject)]
pub(crate) struct Query(ProgramQuery, MemberQuery, PurchaseQuery, DirectoryQuery, NodeQuery);
