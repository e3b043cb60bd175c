//! The public API: two GraphQL schemas over one core, authentication, error shapes and HTTP routes.
//!
//! Start with `endpoint` for the way of a request, then `storefront::query` and `admin::query`, which list what can be asked.
//! A resolver converts its input, calls one service of the core and converts the answer; it decides nothing.

#![expect(clippy::unused_async, reason = "async-graphql's macros ask for it of every resolver")]

mod admin;
mod auth;
mod connection;
mod context;
mod endpoint;
mod error;
mod http;
mod limits;
mod loaders;
mod nulls;
mod router;
mod scalars;
mod sdl;
mod shared;
mod storefront;

pub use auth::TokenKeys;
pub use router::{Api, Options, router};
pub use sdl::{admin_sdl, storefront_sdl};
