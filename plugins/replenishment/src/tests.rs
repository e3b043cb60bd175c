//! A year of coffee in a millisecond.

use crate::Replenishment;
use crate::history::{PRODUCTS, PURCHASES};
use perennial_sdk::testing::{
    Line, Member, Recipient, Simulation, languages, message, organization, person, scenarios,
};
use perennial_sdk::{Date, json};
use std::collections::BTreeMap;

const BEANS: (&str, u32, i64) = ("BEANS", 2, 1990);

fn shop() -> Simulation<Replenishment> {
    shop_of(person())
}

fn shop_of(member: Member) -> Simulation<Replenishment> {
    let products = json!({
        "coffee": { "name": "Coffee", "names": { "de": "Kaffee" }, "skus": ["BEANS", "GROUND"] },
        "lenses": { "name": "Lenses", "categories": ["contact-lenses"] },
    });
    Simulation::new("2026-06-01", json!({ "products": products, "roles": ["buyer"] }), member)
}

fn bought_on(shop: &mut Simulation<Replenishment>, days: &[&str]) {
    for on in days {
        shop.purchase(on, &[BEANS]).unwrap();
    }
}

/// A purchase every thirty days, the last on 31 May.
fn regular() -> Simulation<Replenishment> {
    let mut shop = shop();
    bought_on(&mut shop, &["2026-04-01", "2026-05-01", "2026-05-31"]);
    shop
}

fn sent_on(shop: &Simulation<Replenishment>) -> Vec<String> {
    shop.sent().iter().map(|sent| sent.on.to_string()).collect()
}

fn reminders(shop: &Simulation<Replenishment>) -> Vec<(String, String)> {
    shop.timers().iter().map(|(name, on)| ((*name).to_owned(), on.to_string())).collect()
}

fn one(name: &str, on: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), on.to_owned())]
}

#[test]
fn one_reminder_comes_before_the_expected_day_and_two_at_most_without_an_answer() {
    let mut shop = regular();
    shop.advance_to("2027-12-31").unwrap();
    // The 30 days end on 30 June and on 30 July.
    assert_eq!(sent_on(&shop), ["2026-06-25", "2026-07-25"]);
    let reminder = &shop.sent()[0];
    assert_eq!(reminder.parameters["expected"], "2026-06-30");
    assert_eq!(
        reminder.body,
        "You last bought Coffee on May 31, 2026, and usually do so every 30 days. \
         It may run out around June 30, 2026."
    );
    assert!(shop.timers().is_empty());
}

#[test]
fn a_purchase_moves_the_reminder_and_counts_as_an_answer() {
    let mut shop = regular();
    shop.advance_to("2026-06-20").unwrap();
    bought_on(&mut shop, &["2026-06-20"]);
    // The gaps are 30, 30 and 20 days.
    assert_eq!(reminders(&shop), one("remind/coffee", "2026-07-15"));
    shop.advance_to("2026-07-16").unwrap();
    bought_on(&mut shop, &["2026-07-16"]);
    shop.advance_to("2026-12-31").unwrap();
    // The gaps are 20, 26, 30 and 30 days: 28.
    assert_eq!(sent_on(&shop), ["2026-07-15", "2026-08-08", "2026-09-05"]);
}

#[test]
fn too_little_or_too_irregular_a_history_is_not_guessed_from() {
    for days in [
        &["2026-04-01", "2026-05-01"][..],
        // A second purchase on the same day is no rhythm.
        &["2026-04-01", "2026-05-01", "2026-05-01"],
        // 10 and 50 days: the median is 30, and they lie 20 from it.
        &["2026-04-02", "2026-04-12", "2026-06-01"],
        // Every third day: the reminder would come with the purchase.
        &["2026-05-01", "2026-05-04", "2026-05-07", "2026-05-10"],
    ] {
        let mut shop = shop();
        bought_on(&mut shop, days);
        assert!(shop.timers().is_empty(), "{days:?}");
        let product = &shop.view().unwrap()["products"][0];
        assert_eq!(product["everyDays"], json!(null), "{days:?}");
    }
    let mut shop = shop();
    // 20 and 40 days lie 10 from 30.
    bought_on(&mut shop, &["2026-04-02", "2026-04-22", "2026-06-01"]);
    assert_eq!(reminders(&shop), one("remind/coffee", "2026-06-26"));
}

#[test]
fn purchases_are_put_in_order_however_late_they_are_recorded() {
    let mut shop = shop();
    bought_on(&mut shop, &["2026-05-31", "2026-04-01", "2026-05-01"]);
    assert_eq!(reminders(&shop), one("remind/coffee", "2026-06-25"));
}

#[test]
fn each_product_has_a_rhythm_of_its_own() {
    let mut shop = regular();
    let lenses = || [Line::new("L-3", 1, 4990).category("contact-lenses")];
    for on in ["2025-12-01", "2026-03-01", "2026-06-01"] {
        shop.purchase(on, &lenses()).unwrap();
    }
    let timers = reminders(&shop);
    assert_eq!(timers[0], one("remind/coffee", "2026-06-25")[0]);
    // 90 and 92 days.
    assert_eq!(timers[1], one("remind/lenses", "2026-08-26")[0]);
}

#[test]
fn what_came_back_was_not_bought() {
    let mut shop = regular();
    shop.advance_to("2026-06-10").unwrap();
    bought_on(&mut shop, &["2026-06-10"]);
    let moved = reminders(&shop);
    assert_ne!(moved, one("remind/coffee", "2026-06-25"));
    let returned = |quantity: u32, is_whole: bool| {
        json!({
            "returnId": "ret_1", "reference": "R", "purchaseId": "pur_4",
            "purchaseReference": "P-4", "currency": "EUR", "amountMinor": 995,
            "returnedOn": "2026-06-11", "isWhole": is_whole, "pointsEarned": 0,
            "transactionId": null, "points": 0, "balance": 0,
            "lines": [{ "position": 1, "sku": "BEANS", "quantity": quantity, "amountMinor": 995 }],
        })
    };
    // One of two bags is left.
    shop.event("purchase-returned", returned(1, false)).unwrap();
    assert_eq!(reminders(&shop), moved);
    shop.event("purchase-returned", returned(1, false)).unwrap();
    assert_eq!(reminders(&shop), one("remind/coffee", "2026-06-25"));
}

#[test]
fn a_reminder_that_was_sent_before_a_purchase_that_came_back_is_not_sent_again() {
    let mut shop = regular();
    shop.advance_to("2026-06-26").unwrap();
    bought_on(&mut shop, &["2026-06-26"]);
    let returned = json!({
        "returnId": "ret_1", "reference": "R", "purchaseId": "pur_5", "purchaseReference": "P-5",
        "currency": "EUR", "amountMinor": 1990, "returnedOn": "2026-06-27", "isWhole": true,
        "pointsEarned": 0, "transactionId": null, "points": 0, "balance": 0, "lines": [],
    });
    shop.event("purchase-returned", returned).unwrap();
    shop.advance_to("2026-12-31").unwrap();
    assert_eq!(sent_on(&shop), ["2026-06-25", "2026-07-25"]);
}

#[test]
fn an_edit_adds_to_the_rhythm_and_takes_from_it() {
    let edited = |purchase: &str, added, removed| {
        json!({
            "editId": "edi_1", "reference": "E", "purchaseId": purchase, "purchaseReference": "P",
            "currency": "EUR", "totalBeforeMinor": 0, "totalMinor": 0, "editedOn": "2026-06-01",
            "isWhole": false, "added": added, "removed": removed, "pointsEarned": 0,
            "pointsRemoved": 0, "pointsTaken": 0, "balance": 0,
        })
    };
    let mut shop = shop();
    bought_on(&mut shop, &["2026-04-01", "2026-05-01"]);
    shop.purchase("2026-05-31", &[Line::new("L", 1, 1).category("contact-lenses")]).unwrap();
    let coffee = json!([{ "sku": "GROUND", "category": null, "quantity": 1, "amountMinor": 5 }]);
    shop.event("purchase-edited", edited("pur_3", coffee.clone(), json!([]))).unwrap();
    // As of the order's day.
    assert_eq!(reminders(&shop), one("remind/coffee", "2026-06-25"));
    let gone = json!([{ "position": 2, "sku": "GROUND", "quantity": 1, "amountMinor": 5 }]);
    shop.event("purchase-edited", edited("pur_3", json!([]), gone)).unwrap();
    assert!(shop.timers().is_empty());
    shop.event("purchase-edited", edited("pur_unknown", coffee, json!([]))).unwrap();
    // As of the day of the edit: 30 and 31 days.
    assert_eq!(reminders(&shop), one("remind/coffee", "2026-06-26"));
}

#[test]
fn who_opts_out_gets_nothing_and_who_comes_back_what_is_due() {
    let mut shop = regular();
    let opt_out = |data| ("replenishment-opt-out", "ada", data);
    for (data, timers) in [
        (json!({ "optOut": true, "products": ["lenses"] }), one("remind/coffee", "2026-06-25")),
        (json!({ "optOut": true, "products": ["coffee"] }), vec![]),
        (json!({ "optOut": false }), one("remind/coffee", "2026-06-25")),
        (json!({ "optOut": true }), vec![]),
    ] {
        let (record_type, id, data) = opt_out(data);
        shop.put_record(record_type, id, data.clone()).unwrap();
        shop.advance_to("2026-06-01").unwrap();
        assert_eq!(reminders(&shop), timers, "{data}");
    }
    shop.advance_to("2026-07-01").unwrap();
    bought_on(&mut shop, &["2026-06-30"]);
    assert!(shop.timers().is_empty() && shop.sent().is_empty());
    assert_eq!(shop.view().unwrap()["products"][0]["optedOut"], true);
}

#[test]
fn an_organization_is_reminded_by_the_contact_who_buys() {
    let office = organization().with_contact("jan", "engineer", "pl");
    for (member, to, name) in [
        (office.clone().with_contact("uli", "buyer", "de-CH"), Some("uli"), "Kaffee"),
        (office, None, "Coffee"),
    ] {
        let mut shop = shop_of(member);
        bought_on(&mut shop, &["2026-04-01", "2026-05-01", "2026-05-31"]);
        shop.advance_to("2026-06-30").unwrap();
        let to = to.map_or(Recipient::Member, |id| Recipient::Contact(id.to_owned()));
        assert_eq!(
            (&shop.sent()[0].to, shop.sent()[0].parameters["product"].as_str()),
            (&to, name)
        );
    }
}

#[test]
fn the_view_shows_what_is_expected() {
    let shop = regular();
    let coffee = json!({
        "key": "coffee", "name": "Coffee", "lastPurchaseOn": "2026-05-31", "everyDays": 30,
        "expectedOn": "2026-06-30", "remindOn": "2026-06-25", "optedOut": false,
    });
    assert_eq!(shop.view().unwrap(), json!({ "products": [coffee] }));
}

/// The simulation refuses a state of more than 64 KiB, and an answer of more than 64 actions.
#[test]
fn what_is_kept_is_bounded_for_whoever_buys_everything() {
    let product = |number: usize| {
        let skus: Vec<_> = (0..10).map(|sku| format!("{number}-{sku}")).collect();
        (format!("product-{number:02}"), json!({ "name": "P", "skus": skus }))
    };
    let products: BTreeMap<_, _> = (0..50).map(product).collect();
    let config = json!({ "products": products });
    let mut shop = Simulation::<Replenishment>::new("2026-06-01", config, person());
    let first: Date = "2025-01-01".parse().unwrap();
    let skus = |products: std::ops::Range<usize>| {
        let skus = products.flat_map(|number| (0..10).map(move |sku| format!("{number}-{sku}")));
        skus.map(|sku| Line::new(&sku, u32::MAX, 1)).collect::<Vec<_>>()
    };
    for week in 0..20 {
        let on = first.plus_days(week * 7).unwrap().to_string();
        shop.purchase(&on, &skus(0..PRODUCTS)).unwrap();
    }
    let kept = shop.state().unwrap()["products"].as_object().unwrap();
    assert_eq!((kept.len(), shop.timers().len()), (PRODUCTS, PRODUCTS));
    assert!(kept.values().all(|all| all.as_array().unwrap().len() == PURCHASES));
    // Those bought last stand in for those that were not, and their reminders go with them.
    shop.purchase("2025-06-01", &skus(40..50)).unwrap();
    let kept = shop.state().unwrap()["products"].as_object().unwrap();
    assert_eq!((kept.len(), shop.timers().len()), (PRODUCTS, 10));
}

#[test]
fn a_product_that_the_program_no_longer_has_is_not_reminded_of() {
    let config = json!({ "products": { "tea": { "name": "Tea", "skus": ["TEA"] } } });
    let mut shop = Simulation::<Replenishment>::new("2026-06-01", config, person());
    shop.event("timer-fired", json!({ "name": "remind/coffee", "data": null, "record": null }))
        .unwrap();
    assert!(shop.sent().is_empty());
}

#[test]
fn it_does_what_its_scenarios_expect() {
    scenarios::<Replenishment>();
}

/// What is said of five days, and the day as each language writes it.
#[test]
fn the_reminder_is_in_twelve_languages() {
    let said = [
        ("ar", "5 أيام", "22 نوفمبر 2026"),
        ("de", "5 Tage", "22. November 2026"),
        ("en", "5 days", "November 22, 2026"),
        ("es", "5 días", "22 de noviembre de 2026"),
        ("fr", "5 jours", "22 novembre 2026"),
        ("it", "5 giorni", "22 novembre 2026"),
        ("pl", "5 dni", "22 listopada 2026"),
        ("pt", "5 dias", "22 de novembro de 2026"),
        ("ru", "5 дней", "22 ноября 2026"),
        ("tr", "5 günde", "22 Kasım 2026"),
        ("uk", "5 днів", "22 листопада 2026"),
        ("zh", "5 天", "2026年11月22日"),
    ];
    let parameters =
        [("product", "Coffee"), ("days", "5"), ("last", "2026-01-01"), ("expected", "2026-11-22")];
    for (template, languages) in languages::<Replenishment>() {
        assert!(languages.iter().eq(said.iter().map(|(locale, ..)| locale)), "{languages:?}");
        for (locale, days, day) in said {
            let text = message::<Replenishment>(&template, locale, &parameters).unwrap();
            for part in ["Coffee", days, day] {
                assert!(text.body.contains(part), "{locale}: {}", text.body);
            }
        }
    }
}
