//! What operators and shops read: the offer that was made, and what became of the reactivation.

use crate::rules::{Group, Reactivation};
use perennial_sdk::{Actions, Date, json};

/// What the shop has promised, one for each silence.
const OFFER: &str = "offer";
/// One for each silence of each member, of whichever group, so that the groups can be compared.
const REACTIVATION: &str = "reactivation";

/// How a reactivation stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome<'a> {
    Open,
    /// A purchase, with its day and the shop's number.
    Bought(Date, &'a str),
    OptedOut,
}

/// Writes how it stands. Under the ids of the member and the last purchase each silence has its own.
pub(crate) fn put(actions: &mut Actions, member: &str, it: &Reactivation, outcome: Outcome<'_>) {
    let id = format!("{member}/{}", it.since);
    let mut reactivation = json!({
        "group": it.group, "step": it.step, "silentSince": it.since, "startedOn": it.started_on,
        "outcome": "open",
    });
    match outcome {
        Outcome::Open => {}
        Outcome::OptedOut => reactivation["outcome"] = json!("opted-out"),
        Outcome::Bought(on, reference) => {
            // A purchase that was recorded late can show that there was no silence.
            let has_returned = on >= it.started_on;
            let outcome = if has_returned { "returned" } else { "bought-before" };
            reactivation["outcome"] = json!(outcome);
            reactivation["boughtOn"] = json!(on);
            reactivation["purchaseReference"] = json!(reference);
        }
    }
    actions.put_record(REACTIVATION, &id, &reactivation);
    if it.group == Group::HeldOut || !it.has_offer() {
        return;
    }
    let mut offer = json!({
        "discountPercent": it.discount_percent, "validUntil": it.valid_until, "reason": "silence",
        "status": "open",
    });
    if let Outcome::Bought(on, reference) = outcome {
        let is_used = it.offers_on(on);
        offer["status"] = json!(if is_used { "used" } else { "ended" });
        offer["closedOn"] = json!(on);
        if is_used {
            offer["purchaseReference"] = json!(reference);
        }
    }
    actions.put_record(OFFER, &id, &offer);
}
