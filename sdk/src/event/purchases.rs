//! Events about purchases and rewards.

use crate::{Date, PurchaseLine};
use serde::Deserialize;

/// A purchase and what it earned.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PurchaseRecorded {
    /// The platform's id of the purchase.
    pub purchase_id: String,
    /// The shop's order number.
    pub reference: String,
    /// The ISO 4217 code, such as `EUR`: always the program's currency.
    pub currency: String,
    /// The total in minor units, such as cents.
    pub total_minor: i64,
    /// The day of the purchase, in the program's time zone.
    pub purchased_on: Date,
    /// The points that the member got for the purchase itself. What it brings a group is the group's.
    pub points: i64,
    /// What it did not earn because of a ceiling or a cap of the program.
    #[serde(default)]
    pub cut: i64,
    /// What was bought.
    pub lines: Vec<PurchaseLine>,
}

/// A reward was redeemed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RewardRedeemed {
    /// The platform's id of the redemption.
    pub redemption_id: String,
    /// The reward's id in the program file.
    pub reward: String,
    /// The points that it cost.
    pub points: i64,
}

/// Something of a purchase came back, or all of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PurchaseReturned {
    /// The platform's id of the return.
    pub return_id: String,
    /// The shop's number of the return, unique within the purchase.
    pub reference: String,
    /// The platform's id of the purchase.
    pub purchase_id: String,
    /// The shop's order number.
    pub purchase_reference: String,
    /// The ISO 4217 code, such as `EUR`: always the program's currency.
    pub currency: String,
    /// What came back, in minor units, such as cents.
    pub amount_minor: i64,
    /// The day of the return, in the program's time zone.
    pub returned_on: Date,
    /// Whether nothing of the purchase is left.
    pub is_whole: bool,
    /// The parts of lines that came back.
    pub lines: Vec<ReturnedLine>,
    /// The points that the returned part had earned.
    pub points_earned: i64,
    /// The platform's id of the ledger transaction that took points back, if any were there.
    pub transaction_id: Option<String>,
    /// How many were taken back.
    pub points: i64,
    /// The points that the member could spend afterwards; below zero if more was taken back than
    /// the member had.
    pub balance: i64,
}

/// An order was changed after it was recorded. No other event tells of what was added or taken away.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PurchaseEdited {
    /// The platform's id of the edit.
    pub edit_id: String,
    /// The shop's number of the edit, unique within the purchase.
    pub reference: String,
    /// The platform's id of the purchase.
    pub purchase_id: String,
    /// The shop's order number.
    pub purchase_reference: String,
    /// The ISO 4217 code, such as `EUR`: always the program's currency.
    pub currency: String,
    /// What the order cost before, in minor units, such as cents.
    pub total_before_minor: i64,
    /// What it costs now, what came back of it included.
    pub total_minor: i64,
    /// The day of the edit, in the program's time zone.
    pub edited_on: Date,
    /// Whether nothing of the purchase is left.
    pub is_whole: bool,
    /// What was added. Of what only costs more than before it is one item, with the difference.
    pub added: Vec<PurchaseLine>,
    /// The parts of lines that were taken away.
    pub removed: Vec<ReturnedLine>,
    /// The points that what was added has earned.
    pub points_earned: i64,
    /// What it did not earn because of a ceiling or a cap of the program.
    #[serde(default)]
    pub cut: i64,
    /// The points that what was taken away had earned.
    pub points_removed: i64,
    /// How many of those were taken back.
    pub points_taken: i64,
    /// The points that pay for what was added, and had paid for what was taken away.
    #[serde(default)]
    pub paid_points: i64,
    /// What those are worth, in minor units.
    #[serde(default)]
    pub paid_minor: i64,
    /// The points that the member could spend afterwards; below zero if more was taken back than
    /// the member had.
    pub balance: i64,
}

/// Part of a line that came back, or was taken away.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ReturnedLine {
    /// Which line of the purchase, from 1; 0 for a purchase without lines.
    pub position: u32,
    /// The shop's product number; none for a purchase without lines.
    pub sku: Option<String>,
    /// How many items came back.
    pub quantity: u32,
    /// What was paid back for them, in minor units.
    pub amount_minor: i64,
}
