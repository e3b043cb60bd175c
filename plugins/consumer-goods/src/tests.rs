//! Half a year of silence in a millisecond.

use crate::rules::State;
use crate::{Config, ConsumerGoods};
use perennial_sdk::testing::{
    Change, Line, Simulation, basket, languages, message, person, scenarios,
};
use perennial_sdk::{Date, Json, json};

const TEA: &[(&str, u32, i64)] = &[("TEA", 1, 590)];

fn shop() -> Simulation<ConsumerGoods> {
    Simulation::new("2026-01-01", json!({ "welcome_back_points": 25 }), person())
}

fn sent_on(simulation: &Simulation<ConsumerGoods>) -> Vec<String> {
    simulation.sent().iter().map(|sent| sent.on.to_string()).collect()
}

#[test]
fn silence_brings_one_offer_and_no_second_one() {
    let mut shop = shop();
    shop.purchase("2026-01-01", TEA).unwrap();
    shop.advance_to("2026-06-29").unwrap();
    assert!(shop.sent().is_empty());
    shop.advance_to("2030-01-01").unwrap();
    assert_eq!(sent_on(&shop), ["2026-06-30"]);
    assert_eq!(shop.sent()[0].parameters["valid_until"], "2026-07-30");
    let offer = json!({
        "discountPercent": 10, "validUntil": "2026-07-30", "reason": "silence", "status": "open",
    });
    assert_eq!(shop.record("offer", "mem_person/2026-01-01"), Some(&offer));
}

#[test]
fn each_purchase_moves_the_silence_and_each_silence_counts() {
    let mut shop = shop();
    shop.purchase("2026-01-01", TEA).unwrap();
    shop.advance_to("2026-06-29").unwrap();
    shop.purchase("2026-06-29", TEA).unwrap();
    shop.advance_to("2026-12-25").unwrap();
    assert!(shop.sent().is_empty());
    shop.advance_to("2026-12-27").unwrap();
    shop.purchase("2026-12-27", TEA).unwrap();
    assert_eq!(shop.view().unwrap()["status"], "active");
    shop.advance_to("2027-12-31").unwrap();
    assert_eq!(sent_on(&shop), ["2026-12-26", "2027-06-25"]);
}

#[test]
fn a_purchase_on_the_last_day_comes_after_the_silence() {
    let mut shop = shop();
    shop.purchase("2026-01-01", TEA).unwrap();
    shop.advance_to("2026-06-30").unwrap();
    shop.purchase("2026-06-30", TEA).unwrap();
    assert_eq!(sent_on(&shop), ["2026-06-30"]);
}

#[test]
fn a_purchase_recorded_late_never_shortens_the_silence() {
    let mut shop = shop();
    shop.purchase("2026-01-01", TEA).unwrap();
    assert!(shop.purchase("2025-10-01", TEA).unwrap().is_empty());
    assert_eq!(shop.timers()["silence"].to_string(), "2026-06-30");
}

#[test]
fn an_old_history_is_looked_at_once_and_as_a_whole() {
    let mut shop = shop();
    for on in ["2020-01-01", "2021-01-01", "2025-12-01"] {
        shop.purchase(on, TEA).unwrap();
    }
    shop.advance_to("2026-01-02").unwrap();
    assert!(shop.sent().is_empty());
    shop.advance_to("2026-12-31").unwrap();
    assert_eq!(sent_on(&shop), ["2026-05-30"]);
}

#[test]
fn points_welcome_back_once_and_only_while_the_offer_is_valid() {
    let mut shop = shop();
    shop.purchase("2026-01-01", TEA).unwrap();
    let proposed = |shop: &Simulation<ConsumerGoods>, on: &str| {
        let proposals = shop.appraise(&basket("cart", on, TEA)).unwrap();
        proposals.iter().map(|proposal| proposal.points).sum::<i64>()
    };
    assert_eq!(proposed(&shop, "2026-01-02"), 0);
    shop.advance_to("2026-07-01").unwrap();
    assert_eq!(proposed(&shop, "2026-07-01"), 25);
    assert_eq!(proposed(&shop, "2026-07-30"), 25);
    assert_eq!(proposed(&shop, "2026-07-31"), 0);
    // Bought, but this plugin has not received the event yet.
    let today = shop.today();
    shop.member_mut().last_purchase_on = Some(today);
    assert_eq!(proposed(&shop, "2026-07-01"), 0);
    shop.purchase("2026-07-01", TEA).unwrap();
    assert_eq!(proposed(&shop, "2026-07-01"), 0);
}

#[test]
fn a_silence_that_the_platform_knows_to_be_none_is_none() {
    let mut shop = shop();
    shop.purchase("2026-01-01", TEA).unwrap();
    shop.member_mut().last_purchase_on = Some("2026-06-01".parse().unwrap());
    shop.advance_to("2026-07-01").unwrap();
    assert!(shop.sent().is_empty());
    assert_eq!(shop.timers()["silence"].to_string(), "2026-11-28");
}

#[test]
fn whoever_bought_before_the_plugin_was_there_is_waited_for() {
    let mut shop = shop();
    shop.change(Change::LeftOut).unwrap();
    shop.purchase("2025-12-01", TEA).unwrap();
    shop.change(Change::Enabled).unwrap();
    assert_eq!(shop.timers()["silence"].to_string(), "2026-05-30");
    shop.advance_to("2026-06-01").unwrap();
    assert_eq!(sent_on(&shop), ["2026-05-30"]);
    // Whoever is being won back is not won back again.
    shop.change(Change::Enabled).unwrap();
    assert!(shop.timers().is_empty());
}

#[test]
fn whoever_has_been_silent_for_long_gets_the_offer_on_the_next_day() {
    let mut shop = shop();
    shop.change(Change::LeftOut).unwrap();
    shop.purchase("2020-01-01", TEA).unwrap();
    shop.change(Change::Enabled).unwrap();
    shop.advance_to("2027-01-01").unwrap();
    assert_eq!(sent_on(&shop), ["2026-01-02"]);
}

#[test]
fn who_never_bought_is_not_waited_for() {
    let mut shop = shop();
    shop.change(Change::Enabled).unwrap();
    assert!(shop.timers().is_empty() && shop.state().is_none());
}

#[test]
fn another_silence_moves_the_end_of_everybodys() {
    let mut shop = shop();
    shop.purchase("2026-01-01", TEA).unwrap();
    shop.change(Change::Configured(json!({ "silence_days": 30 }))).unwrap();
    assert_eq!(shop.timers()["silence"].to_string(), "2026-01-31");
}

#[test]
fn the_view_tells_status_and_offer() {
    let mut shop = shop();
    let view = json!({ "lastPurchaseOn": null, "status": "active", "offer": null });
    assert_eq!(shop.view().unwrap(), view);
    shop.purchase("2026-01-01", TEA).unwrap();
    shop.advance_to("2026-07-01").unwrap();
    let offer = json!({ "discountPercent": 10, "validUntil": "2026-07-30" });
    let view = json!({ "lastPurchaseOn": "2026-01-01", "status": "reactivating", "offer": offer });
    assert_eq!(shop.view().unwrap(), view);
    shop.advance_to("2026-09-01").unwrap();
    assert_eq!(shop.view().unwrap()["offer"], json!(null));
}

/// A shop whose offers grow from step to step.
fn patient_shop(hold_out_percent: u64) -> Simulation<ConsumerGoods> {
    let steps = json!([
        { "offer_discount_percent": 0 },
        { "after_days": 30, "offer_valid_days": 20 },
        { "after_days": 30, "offer_discount_percent": 20, "offer_valid_days": 20 },
    ]);
    let config = json!({
        "steps": steps, "hold_out_percent": hold_out_percent, "welcome_back_points": 25,
    });
    let mut shop = Simulation::new("2026-01-01", config, person());
    shop.purchase("2026-01-01", TEA).unwrap();
    shop
}

fn steps_sent(simulation: &Simulation<ConsumerGoods>) -> Vec<String> {
    let sent = simulation.sent().iter();
    sent.map(|sent| format!("{} {}", sent.on, sent.template)).collect()
}

#[test]
fn offers_grow_from_step_to_step_and_end_with_the_last() {
    let mut shop = patient_shop(0);
    shop.advance_to("2027-12-31").unwrap();
    let expected = [
        "2026-06-30 reactivation-reminder",
        "2026-07-30 reactivation-again",
        "2026-08-29 reactivation-last",
    ];
    assert_eq!(steps_sent(&shop), expected);
    let offer = shop.record("offer", "mem_person/2026-01-01").unwrap();
    assert_eq!(
        (&offer["discountPercent"], &offer["validUntil"]),
        (&json!(20), &json!("2026-09-18"))
    );
    assert!(shop.timers().is_empty());
}

#[test]
fn a_purchase_uses_the_offer_and_ends_the_steps() {
    let mut shop = patient_shop(0);
    shop.advance_to("2026-08-05").unwrap();
    let cart = basket("cart", "2026-08-05", TEA);
    assert_eq!(shop.appraise(&cart).unwrap()[0].points, 25);
    shop.purchase("2026-08-05", TEA).unwrap();
    let offer = shop.record("offer", "mem_person/2026-01-01").unwrap();
    assert_eq!((&offer["status"], &offer["closedOn"]), (&json!("used"), &json!("2026-08-05")));
    let reactivation = json!({
        "group": "treated", "step": 2, "silentSince": "2026-01-01", "startedOn": "2026-06-30",
        "outcome": "returned", "boughtOn": "2026-08-05",
        "purchaseReference": offer["purchaseReference"],
    });
    assert_eq!(shop.record("reactivation", "mem_person/2026-01-01"), Some(&reactivation));
    // Half a year later it begins again, with the first step.
    shop.advance_to("2027-02-02").unwrap();
    assert_eq!(steps_sent(&shop)[2..], ["2027-02-01 reactivation-reminder"]);
}

#[test]
fn an_offer_that_nobody_used_in_time_ends_with_the_purchase() {
    let mut shop = patient_shop(0);
    shop.advance_to("2026-08-25").unwrap();
    assert!(shop.appraise(&basket("cart", "2026-08-25", TEA)).unwrap().is_empty());
    shop.purchase("2026-08-25", TEA).unwrap();
    let offer = shop.record("offer", "mem_person/2026-01-01").unwrap();
    assert_eq!((&offer["status"], &offer["purchaseReference"]), (&json!("ended"), &json!(null)));
}

#[test]
fn a_step_without_an_offer_promises_nothing() {
    let mut shop = patient_shop(0);
    shop.advance_to("2026-07-01").unwrap();
    assert_eq!(steps_sent(&shop), ["2026-06-30 reactivation-reminder"]);
    assert_eq!(shop.record("offer", "mem_person/2026-01-01"), None);
    assert_eq!(shop.view().unwrap()["offer"], json!(null));
    assert!(shop.appraise(&basket("cart", "2026-07-01", TEA)).unwrap().is_empty());
}

#[test]
fn a_purchase_recorded_late_shows_that_there_was_no_silence() {
    let mut shop = patient_shop(0);
    shop.advance_to("2026-07-02").unwrap();
    shop.purchase("2026-06-15", TEA).unwrap();
    let outcome = |shop: &Simulation<ConsumerGoods>| {
        shop.record("reactivation", "mem_person/2026-01-01").unwrap()["outcome"].clone()
    };
    assert_eq!(outcome(&shop), "bought-before");
    assert_eq!(shop.timers()["silence"].to_string(), "2026-12-12");
}

#[test]
fn whoever_is_held_out_gets_nothing_and_is_recorded() {
    let mut shop = patient_shop(100);
    shop.advance_to("2026-08-05").unwrap();
    let held = |shop: &Simulation<ConsumerGoods>| {
        shop.record("reactivation", "mem_person/2026-01-01").unwrap().clone()
    };
    assert_eq!((&held(&shop)["group"], &held(&shop)["step"]), (&json!("held-out"), &json!(2)));
    assert!(shop.sent().is_empty());
    assert_eq!(shop.record("offer", "mem_person/2026-01-01"), None);
    assert!(shop.appraise(&basket("cart", "2026-08-05", TEA)).unwrap().is_empty());
    assert_eq!(shop.view().unwrap()["status"], "active", "nobody sees which group it is");
    shop.purchase("2026-08-05", TEA).unwrap();
    assert_eq!(held(&shop)["outcome"], "returned");
    assert_eq!(shop.points(), 0);
}

#[test]
fn who_opts_out_gets_no_further_step_and_who_comes_back_the_next() {
    let mut shop = patient_shop(0);
    shop.advance_to("2026-07-01").unwrap();
    let outcome = |shop: &Simulation<ConsumerGoods>| {
        shop.record("reactivation", "mem_person/2026-01-01").unwrap()["outcome"].clone()
    };
    shop.put_record("reactivation-opt-out", "ada", json!({ "optOut": true })).unwrap();
    shop.advance_to("2026-09-01").unwrap();
    assert_eq!((shop.sent().len(), outcome(&shop)), (1, json!("opted-out")));
    assert!(shop.timers().is_empty());
    shop.put_record("reactivation-opt-out", "ada", json!({ "optOut": false })).unwrap();
    shop.advance_to("2026-09-02").unwrap();
    assert_eq!(steps_sent(&shop)[1..], ["2026-09-02 reactivation-again"]);
    assert_eq!(outcome(&shop), "open");
    // A purchase while nothing is wanted is counted, and begins no wait.
    shop.put_record("reactivation-opt-out", "ada", json!({ "optOut": true })).unwrap();
    shop.advance_to("2026-09-03").unwrap();
    shop.purchase("2026-09-03", TEA).unwrap();
    assert_eq!(outcome(&shop), "returned");
    assert!(shop.timers().is_empty());
}

#[test]
fn each_category_has_a_silence_of_its_own() {
    let categories = json!({ "coffee": { "silence_days": 45 }, "sofas": { "silence_days": 900 } });
    let silent_on = |bought: &[&str]| {
        let config = json!({ "categories": categories });
        let mut shop = Simulation::<ConsumerGoods>::new("2026-01-01", config, person());
        let line = |category: &&str| Line::new("SKU", 1, 590).category(category);
        let lines: Vec<_> = bought.iter().map(line).collect();
        shop.purchase("2026-01-01", &lines).unwrap();
        shop.timers()["silence"].to_string()
    };
    assert_eq!(silent_on(&["coffee"]), "2026-02-15");
    assert_eq!(silent_on(&["sofas"]), "2028-06-19");
    assert_eq!(silent_on(&["sofas", "coffee"]), "2026-02-15", "whoever comes back soonest");
    assert_eq!(silent_on(&["books"]), "2026-06-30");
}

#[test]
fn what_earlier_versions_kept_is_read() {
    let kept = json!({
        "last_purchase_on": "2026-01-01",
        "reactivation": {
            "since": "2026-01-01", "started_on": "2026-06-30", "discount_percent": 10,
            "valid_until": "2026-07-30",
        },
    });
    let state: State = Json::from(kept).read().unwrap();
    let day = |day: &str| day.parse::<Date>().unwrap();
    assert!(state.welcomes_back(Some(day("2026-01-01")), day("2026-07-30")));
    assert_eq!(state.due_step(&Config::default(), day("2027-01-01")).unwrap(), None);
}

#[test]
fn it_does_what_its_scenarios_expect() {
    scenarios::<ConsumerGoods>();
}

const LANGUAGES: [&str; 12] =
    ["ar", "de", "en", "es", "fr", "it", "pl", "pt", "ru", "tr", "uk", "zh"];

#[test]
fn every_step_is_in_twelve_languages() {
    let parameters = [
        ("percent", "10"),
        ("days", "30"),
        ("valid_until", "2026-11-22"),
        ("last_purchase", "2026-01-01"),
    ];
    for (template, languages) in languages::<ConsumerGoods>() {
        assert!(languages.iter().eq(LANGUAGES.iter()), "{template}: {languages:?}");
        for locale in LANGUAGES {
            let said = message::<ConsumerGoods>(&template, locale, &parameters).unwrap().body;
            assert!(said.contains("2026"), "{template}, {locale}: {said}");
        }
    }
}

/// What follows "valid for", where a language has other words for other numbers.
#[test]
fn days_are_counted_as_each_language_counts() {
    let body = |locale: &str, days: &str| {
        let parameters = [
            ("percent", "10"),
            ("days", days),
            ("valid_until", "2026-11-22"),
            ("last_purchase", "2026-01-01"),
        ];
        message::<ConsumerGoods>("reactivation", locale, &parameters).unwrap().body
    };
    for (locale, [one, two, five, twenty_one, many]) in [
        ("ar", ["يوم واحد", "يومين", "5 أيام", "21 يومًا", "1,200 يوم"]),
        ("de", ["1 Tag,", "2 Tage", "5 Tage", "21 Tage", "1.200 Tage"]),
        ("en", ["1 day,", "2 days", "5 days", "21 days", "1,200 days"]),
        ("es", ["1 día,", "2 días", "5 días", "21 días", "1200 días"]),
        ("fr", ["1 jour,", "2 jours", "5 jours", "21 jours", "1\u{202f}200 jours"]),
        ("it", ["1 giorno,", "2 giorni", "5 giorni", "21 giorni", "1200 giorni"]),
        ("pl", ["1 dzień", "2 dni", "5 dni", "21 dni", "1200 dni"]),
        ("pt", ["1 dia,", "2 dias", "5 dias", "21 dias", "1.200 dias"]),
        ("ru", ["1 день", "2 дня", "5 дней", "21 день", "1\u{a0}200 дней"]),
        ("tr", ["1 gün", "2 gün", "5 gün", "21 gün", "1.200 gün"]),
        ("uk", ["1 день", "2 дні", "5 днів", "21 день", "1\u{a0}200 днів"]),
        ("zh", ["1 天", "2 天", "5 天", "21 天", "1,200 天"]),
    ] {
        let said = [("1", one), ("2", two), ("5", five), ("21", twenty_one), ("1200", many)];
        for (days, expected) in said {
            let body = body(locale, days);
            assert!(body.contains(expected), "{locale}, {days}: {body}");
        }
    }
    assert_eq!(
        body("en-GB", "1"),
        "Your last purchase was on 1 January 2026. You get 10% off for 1 day, until 22 November 2026."
    );
    assert_eq!(
        body("ru", "21"),
        "Дата вашей последней покупки: 1 января 2026\u{202f}г. Скидка 10\u{a0}% действует 21 день – до \
         22 ноября 2026\u{202f}г. включительно."
    );
}
