//! A member's purchases as they stood.

use super::history::Past;
use crate::runtime::{PastPurchase, Purchase, PurchaseLine};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

/// What a member had bought, in the order in which it was recorded.
#[derive(Debug, Default)]
pub(super) struct Bought(Vec<PastPurchase>);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recorded {
    purchase_id: String,
    reference: String,
    currency: String,
    total_minor: i64,
    purchased_on: Date,
    lines: Vec<PurchaseLine>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changed {
    purchase_id: String,
    /// What came back of the total; of an edit the lines say it.
    #[serde(default)]
    amount_minor: i64,
    #[serde(default)]
    added: Vec<PurchaseLine>,
    #[serde(default, alias = "lines")]
    removed: Vec<Removed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Removed {
    position: usize,
    quantity: u32,
    amount_minor: i64,
}

impl Bought {
    pub(super) fn goes_on(&mut self, past: &Past) {
        let data = &past.event.data;
        match past.event.name.as_str() {
            "purchase-recorded" => self.0.extend(purchase_of(data, past)),
            "purchase-returned" => self.change(data),
            "purchase-edited" => {
                self.change(data);
                let (id, total) = (&data["purchaseId"], &data["totalMinor"]);
                if let (Some(bought), Some(total)) = (self.find(id.as_str()), total.as_i64()) {
                    bought.total_minor = total;
                }
            }
            _ => {}
        }
    }

    /// As they stand, newest first.
    pub(super) fn standing(&self) -> Vec<PastPurchase> {
        let mut standing = self.0.clone();
        for bought in &mut standing {
            bought.lines.retain(|line| line.quantity > 0);
        }
        standing.reverse();
        // What was recorded late was made earlier.
        standing.sort_by_key(|bought| std::cmp::Reverse(bought.purchased_at));
        standing
    }

    /// Positions count what was ever a line of the purchase.
    fn change(&mut self, data: &Value) {
        let Ok(changed) = Changed::deserialize(data) else { return };
        let Some(bought) = self.find(Some(&changed.purchase_id)) else { return };
        bought.total_minor -= changed.amount_minor;
        for removed in changed.removed {
            let line = removed.position.checked_sub(1).and_then(|at| bought.lines.get_mut(at));
            if let Some(line) = line {
                line.quantity = line.quantity.saturating_sub(removed.quantity);
                line.amount_minor -= removed.amount_minor;
            }
        }
        bought.lines.extend(changed.added);
    }

    fn find(&mut self, id: Option<&str>) -> Option<&mut PastPurchase> {
        self.0.iter_mut().find(|bought| Some(bought.id.as_str()) == id)
    }
}

/// The id of a purchase, and the purchase as it was appraised.
pub(super) fn appraised(past: &Past) -> Option<(String, Purchase)> {
    let it = Recorded::deserialize(&past.event.data).ok()?;
    let purchase = Purchase {
        reference: it.reference,
        currency: it.currency,
        total_minor: it.total_minor,
        purchased_on: it.purchased_on,
        lines: it.lines,
    };
    Some((it.purchase_id, purchase))
}

fn purchase_of(data: &Value, past: &Past) -> Option<PastPurchase> {
    let it = Recorded::deserialize(data).ok()?;
    Some(PastPurchase {
        id: it.purchase_id,
        reference: it.reference,
        purchased_at: past.at.instant(),
        purchased_on: it.purchased_on,
        currency: it.currency,
        total_minor: it.total_minor,
        lines: it.lines,
    })
}
