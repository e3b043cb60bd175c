//! What can happen to a member that a plugin may be told of.

use crate::text::nearest;

/// The names of events that a manifest may subscribe to. A test of the core compares them with its
/// facts.
pub const SUBSCRIBABLE: &[&str] = &[
    "member-joined",
    "members-merged",
    "members-unmerged",
    "group-joined",
    "membership-changed",
    "group-left",
    "purchase-recorded",
    "purchase-returned",
    "purchase-edited",
    "points-earned",
    "points-pending",
    "points-spent",
    "points-held",
    "hold-ended",
    "points-expired",
    "points-refunded",
    "points-extended",
    "points-restored",
    "points-adjusted",
    "balance-opened",
    "points-transferred",
    "transaction-voided",
    "member-tagged",
    "tier-changed",
    "referral-completed",
    "referral-reversed",
    "reward-redeemed",
    "record-put",
    PLUGIN_CHANGED,
];

/// What a plugin is told when it was enabled, configured anew or moved to another version.
pub const PLUGIN_CHANGED: &str = "plugin-changed";

/// What a plugin is told that another one raised, to which it is subscribed as `PLUGIN/NAME`.
pub const PLUGIN_EVENT: &str = "plugin-event";

/// What a plugin is told of its own timers, without being subscribed to it.
pub const TIMER_FIRED: &str = "timer-fired";

/// That there is no such event, and which there are.
pub fn unknown(name: &str) -> String {
    if name == TIMER_FIRED {
        return format!("`{TIMER_FIRED}` comes for the plugin's own timers without being named");
    }
    if name == PLUGIN_EVENT {
        return "name the plugin and its event, `PLUGIN/EVENT`".to_owned();
    }
    match nearest(name, SUBSCRIBABLE) {
        Some(meant) => format!("there is no event `{name}`; did you mean `{meant}`?"),
        None => format!(
            "there is no event `{name}`; known are {}, and those that other plugins raise, as `PLUGIN/EVENT`",
            SUBSCRIBABLE.join(", ")
        ),
    }
}
