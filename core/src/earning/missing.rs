//! Plugins that were not heard about a purchase.

use serde::{Deserialize, Serialize};

/// A plugin that has not said what a purchase is worth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Missing {
    pub plugin: String,
    pub because: MissingBecause,
}

/// Why a plugin was not heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MissingBecause {
    /// An operator has stopped it.
    Paused,
    /// It failed too often and is left alone.
    Quarantined,
    /// It failed at this very purchase.
    Failed,
    /// It took too long, here or just before.
    TooSlow,
    /// The server could not run it.
    Unavailable,
}

impl MissingBecause {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paused => "PAUSED",
            Self::Quarantined => "QUARANTINED",
            Self::Failed => "FAILED",
            Self::TooSlow => "TOO_SLOW",
            Self::Unavailable => "UNAVAILABLE",
        }
    }

    /// As it is stored.
    pub(crate) fn of(text: &str) -> Self {
        match text {
            "PAUSED" => Self::Paused,
            "QUARANTINED" => Self::Quarantined,
            "TOO_SLOW" => Self::TooSlow,
            "UNAVAILABLE" => Self::Unavailable,
            _ => Self::Failed,
        }
    }
}
