//! What a member has bought of each product: the newest purchases, as they are after returns and
//! edits. What is kept is bounded, whatever a member buys.

use crate::config::Config;
use perennial_sdk::{Date, PurchaseLine, ReturnedLine};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The products that are kept, those bought last.
pub(crate) const PRODUCTS: usize = 20;
/// The purchases of each product that are kept, the newest.
pub(crate) const PURCHASES: usize = 10;
/// The SKUs of a product that are told apart in one purchase.
const SKUS: usize = 6;

/// What the plugin remembers of a member.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(crate) struct State {
    /// By the product's key; of each the oldest purchase first.
    #[serde(default)]
    pub(crate) products: BTreeMap<String, Vec<Bought>>,
    #[serde(default)]
    pub(crate) opt_out: OptOut,
}

/// A purchase of a product.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Bought {
    purchase: String,
    pub(crate) on: Date,
    /// How many of each SKU are left of it, by [`short`].
    items: Vec<(u32, u32)>,
    /// How many reminders followed it. They stay with it, so that a later purchase that is returned
    /// leaves this one as it was.
    #[serde(default)]
    pub(crate) reminders: i32,
}

/// As the record says it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct OptOut {
    opt_out: bool,
    /// None means of all.
    products: Option<Vec<String>>,
}

impl OptOut {
    pub(crate) fn covers(&self, product: &String) -> bool {
        self.opt_out && self.products.as_ref().is_none_or(|these| these.contains(product))
    }
}

impl State {
    pub(crate) fn buy(
        &mut self,
        config: &Config,
        purchase: &str,
        on: Date,
        lines: &[PurchaseLine],
    ) {
        for (key, product) in &config.products {
            let items = lines.iter().filter(|line| product.matches(line));
            let items = items.map(|line| (short(&line.sku), line.quantity)).collect::<Vec<_>>();
            if !items.is_empty() {
                self.products.entry(key.clone()).or_default();
                self.bought(key, purchase, on).add(&items);
            }
        }
        self.keep_within_bounds(config);
    }

    /// Parts of a purchase came back, or were taken out of the order; or nothing is left of it.
    pub(crate) fn give_back(&mut self, purchase: &str, lines: &[ReturnedLine], is_whole: bool) {
        for bought in self.products.values_mut() {
            for one in bought.iter_mut().filter(|one| one.purchase == purchase) {
                for line in lines {
                    one.take(line);
                }
            }
            bought.retain(|one| !(one.purchase == purchase && (is_whole || one.items.is_empty())));
        }
        self.products.retain(|_, all| !all.is_empty());
    }

    /// The day of a purchase, if any of its products is known.
    pub(crate) fn day_of(&self, purchase: &str) -> Option<Date> {
        let mut all = self.products.values().flatten();
        all.find(|bought| bought.purchase == purchase).map(|bought| bought.on)
    }

    /// The purchase of the product, which takes its place among the others if it is not there yet.
    fn bought(&mut self, product: &str, purchase: &str, on: Date) -> &mut Bought {
        let all = self.products.entry(product.to_owned()).or_default();
        let at = all.iter().position(|one| one.purchase == purchase).unwrap_or_else(|| {
            let at = all.partition_point(|one| one.on <= on);
            let new = Bought { purchase: purchase.to_owned(), on, items: vec![], reminders: 0 };
            all.insert(at, new);
            at
        });
        &mut all[at]
    }

    fn keep_within_bounds(&mut self, config: &Config) {
        self.products.retain(|key, all| config.products.contains_key(key) && !all.is_empty());
        for all in self.products.values_mut() {
            all.drain(..all.len().saturating_sub(PURCHASES));
        }
        while self.products.len() > PRODUCTS {
            let last_on = |all: &Vec<Bought>| all.last().map(|bought| bought.on);
            let stalest = self.products.iter().min_by_key(|(_, all)| last_on(all));
            let Some(stalest) = stalest.map(|(key, _)| key.clone()) else { return };
            self.products.remove(&stalest);
        }
    }
}

impl Bought {
    fn add(&mut self, items: &[(u32, u32)]) {
        for (sku, quantity) in items {
            match self.items.iter().position(|(known, _)| known == sku) {
                Some(at) => self.items[at].1 = self.items[at].1.saturating_add(*quantity),
                None if self.items.len() < SKUS => self.items.push((*sku, *quantity)),
                None => {}
            }
        }
    }

    fn take(&mut self, line: &ReturnedLine) {
        let Some(sku) = line.sku.as_deref().map(short) else { return };
        for (known, quantity) in &mut self.items {
            if *known == sku {
                *quantity = quantity.saturating_sub(line.quantity);
            }
        }
        self.items.retain(|(_, quantity)| *quantity > 0);
    }
}

/// A number for a SKU (FNV-1a), so that long ones do not fill the state: within the few of one
/// purchase of a product two are hardly ever the same.
fn short(sku: &str) -> u32 {
    sku.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
