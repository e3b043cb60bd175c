//! Plugins: their status for the operator, and what they show of a member.

pub(crate) mod admin;
mod view;

pub(crate) use view::PluginView;
