//! What the API answers, as far as several tests look at it. A struct and the query that fills it
//! name the same fields.

use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Receipt {
    pub(crate) purchase_id: String,
    pub(crate) points_earned: i64,
    pub(crate) referral_points: i64,
    pub(crate) balance: i64,
    pub(crate) tier: Option<Tier>,
    pub(crate) progress: Progress,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Quote {
    pub(crate) points: i64,
    pub(crate) tier_after: Option<Tier>,
    pub(crate) progress: Progress,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Progress {
    pub(crate) metric: String,
    pub(crate) value: i64,
    pub(crate) missing: i64,
    pub(crate) next_tier: Option<Tier>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tier {
    pub(crate) key: String,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Redemption {
    pub(crate) id: String,
    pub(crate) balance: i64,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) external_id: String,
    pub(crate) name: String,
    pub(crate) locale: String,
    pub(crate) referral_code: String,
    pub(crate) contacts: Vec<Contact>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contact {
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) locale: String,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Transaction {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) points: i64,
    pub(crate) effective_at: String,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Message {
    pub(crate) template: String,
    pub(crate) locale: String,
    pub(crate) occurred_at: String,
    pub(crate) body: String,
    pub(crate) contact: Option<Contact>,
}
