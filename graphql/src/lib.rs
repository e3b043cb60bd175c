//! The public API: two GraphQL schemas over one core, authentication, error shapes and HTTP routes.
//!
//! Start with `schema`, which lists what each schema offers, or with `endpoint` for how a request
//! is handled. Each noun of the domain has a folder with its admin and storefront side. A resolver
//! converts its input, calls one service of the core and converts the answer; it decides nothing.

// Each domain adds its part to a schema's root, and the parts are nested.
#![recursion_limit = "256"]
#![expect(clippy::unused_async, reason = "async-graphql's macros require it of every resolver")]

mod schema;

mod cards;
mod changes;
mod directory;
mod earning;
mod edits;
mod erasures;
mod events;
mod exports;
mod ledger;
mod members;
mod memberships;
mod merging;
mod messages;
mod nodes;
mod plugins;
mod programs;
mod purchases;
mod records;
mod returns;
mod rewards;
mod tiers;
mod tokens;

mod connection;
mod languages;
mod money;
mod scalars;

mod admission;
mod auth;
mod context;
mod endpoint;
mod error;
mod execution;
mod graphiql;
mod holds;
mod http;
mod loaders;
mod pending;
mod router;
mod serve;

pub use admission::examine_document;
pub use auth::TokenKeys;
pub use nodes::{event_id, event_name};
pub use router::{Api, Options, router};
pub use schema::{admin_sdl, storefront_sdl};
pub use serve::serve;
