//! Caps: the most that a member gets by one purchase and in a day, a week, a month and a year, and
//! the most that a wallet holds.

use super::{EURO, shop};
use crate::corrections::voids;
use crate::support::random::{Random, seed};
use crate::support::{
    Backend, Outcome, Person, Sent, TestApp, TestDb, books, on_both_databases, plugins,
};
use futures::future::join_all;
use insta::assert_snapshot;
use perennial_core::{programs, worker};
use serde::Deserialize;
use serde_json::{Value, json};

on_both_databases!(
    a_purchase_gives_what_its_caps_leave_and_its_quote_says_the_same,
    a_period_of_the_calendar_is_full_and_the_next_is_empty,
    a_wallet_holds_no_more_whatever_is_held_and_pending_of_it,
    a_program_that_refuses_says_which_cap_and_what_is_left,
    what_is_taken_back_makes_room_where_it_had_been_given,
    referrals_and_plugins_give_what_the_caps_leave,
    each_type_has_caps_of_its_own,
    a_day_gives_its_cap_however_it_is_split_and_whoever_is_first,
    many_at_once_give_what_they_give_one_by_one,
    caps_cost_no_statement_and_none_ask_nothing,
);

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
struct Bought {
    points_earned: i64,
    balance: i64,
    explanation: Value,
}

const RECEIPT: &str = "receipt { pointsEarned balance explanation { points pending cut \
     cuts { cap points } otherPoints { pointType points cut cuts { cap points } } } } \
     userErrors { code message field }";

impl Person<'_> {
    /// Reports a purchase, now or at an instant.
    async fn buys_at(&self, order: &str, total: &str, at: Option<&str>) -> Outcome<Bought> {
        let buy = format!(
            "mutation($input: RecordPurchaseInput!) {{ recordPurchase(input: $input) {{ {RECEIPT} }} }}"
        );
        let input = json!({
            "member": { "externalId": self.member.external_id }, "reference": order,
            "total": total, "purchasedAt": at,
        });
        self.app.does(self.program, &buy, input).await
    }

    /// What a purchase gives, and what is cut of it, as `points CAP points …`.
    async fn gets(&self, order: &str, total: &str, at: Option<&str>) -> String {
        self.buys_at(order, total, at).await.done().shown()
    }

    /// The same of a cart.
    async fn explains(&self, total: &str) -> Outcome<Value> {
        const QUOTE: &str = "query($input: QuotePurchaseInput!) { quotePurchase(input: $input) { \
             quote { explanation { points pending cut cuts { cap points } \
             otherPoints { pointType points cut cuts { cap points } } } } \
             userErrors { code message field } } }";
        Outcome::of(self.asks(QUOTE, json!({ "input": { "total": total } })).await)
    }
}

impl Bought {
    fn shown(&self) -> String {
        let cuts = self.explanation["cuts"].as_array().unwrap();
        let cut = |cut: &Value| format!(" {} {}", cut["cap"].as_str().unwrap(), cut["points"]);
        let total: i64 = cuts.iter().map(|cut| cut["points"].as_i64().unwrap()).sum();
        assert_eq!(self.explanation["cut"], total, "the cuts are what was cut");
        format!("{}{}", self.points_earned, cuts.iter().map(cut).collect::<String>())
    }
}

async fn app(backend: Backend, caps: &str) -> TestApp {
    let file = shop(&format!("points.caps = {caps}\n{EURO}"));
    TestApp::idle(backend).await.with_program(&file).await
}

async fn a_purchase_gives_what_its_caps_leave_and_its_quote_says_the_same(backend: Backend) {
    let app = app(backend, "{ transaction = 60, day = 100 }").await;
    let ada = app.joins("shop", "ada").await;
    for (order, total, expected) in [
        ("order-1", "50.00", "50"),
        ("order-2", "70.99", "50 TRANSACTION 10 DAY 10"),
        ("order-3", "1.00", "0 DAY 1"),
        ("order-4", "0.99", "0"),
    ] {
        let quoted = ada.explains(total).await.done();
        let bought = ada.buys_at(order, total, None).await.done();
        assert_eq!(bought.shown(), expected);
        assert_eq!(quoted["explanation"], bought.explanation, "a quote is the booking");
        let again = ada.buys_at(order, total, None).await.done();
        assert_eq!(again, bought, "a repeat");
    }
    let transactions = app.transactions("shop").await;
    assert_eq!(transactions.len(), 2, "nothing is posted where nothing is given");
    const EXPLAINED: &str = "{ me { transactions { nodes { points cause { \
         ... on PurchaseCause { explanation { cuts { cap points } } } \
         ... on ReferralCause { cuts { cap points } } } } } } }";
    let shown = ada.asks(EXPLAINED, Value::Null).await;
    let last = &shown["me"]["transactions"]["nodes"][0];
    let cuts = json!([{ "cap": "TRANSACTION", "points": 10 }, { "cap": "DAY", "points": 10 }]);
    assert_eq!(last["cause"]["explanation"]["cuts"], cuts, "{last:#}");
    let events = "{ changes(first: 100, kinds: [EVENT]) { edges { node { \
         ... on Event { name data } } } } }";
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    let events = cut_of_events(&app.admin("shop", events, Value::Null).await);
    assert_eq!(events, [None, Some(20), Some(1), None]);
    assert_eq!(ada.points().await, 100);
    books::assert_balanced(&app, 100).await;
    books::assert_sound(&app, "shop").await;
    app.advance_clock("shop", "2026-01-02T00:00:00+01:00").await;
    assert_eq!(ada.gets("order-5", "70.00", None).await, "60 TRANSACTION 10");
    books::assert_sound(&app, "shop").await;
}

/// What the events of purchases say that was cut.
fn cut_of_events(data: &Value) -> Vec<Option<i64>> {
    let edges = data["changes"]["edges"].as_array().unwrap();
    let events = edges.iter().map(|edge| &edge["node"]);
    let purchases = events.filter(|event| event["name"] == "purchase-recorded");
    purchases.map(|event| event["data"]["cut"].as_i64()).collect()
}

/// 2026 begins on a Thursday.
async fn a_period_of_the_calendar_is_full_and_the_next_is_empty(backend: Backend) {
    let app = app(backend, "{ week = 100, month = 150, year = 200 }").await;
    let ada = app.joins("shop", "ada").await;
    assert_eq!(ada.gets("thursday", "120.00", None).await, "100 WEEK 20");
    let late = Some("2025-12-31T22:59:59Z");
    assert_eq!(ada.gets("old-year", "10.00", late).await, "0 WEEK 10", "the same week");
    let before = Some("2025-12-28T12:00:00Z");
    assert_eq!(ada.gets("christmas", "90.00", before).await, "90", "as it would have then");
    app.advance_clock("shop", "2026-01-04T23:59:59+01:00").await;
    assert_eq!(ada.gets("sunday", "10.00", None).await, "0 WEEK 10");
    app.advance_clock("shop", "2026-01-05T00:00:00+01:00").await;
    assert_eq!(ada.gets("monday", "70.00", None).await, "50 MONTH 20");
    app.advance_clock("shop", "2026-02-02T00:00:00+01:00").await;
    assert_eq!(ada.gets("february", "70.00", None).await, "50 YEAR 20");
    assert_eq!(ada.gets("forgotten", "9.00", Some("2026-01-01T00:00:00Z")).await, "0 WEEK 9");
    app.advance_clock("shop", "2027-01-01T00:00:00+01:00").await;
    assert_eq!(ada.gets("new-year", "70.00", None).await, "70");
    books::assert_balanced(&app, 360).await;
    books::assert_sound(&app, "shop").await;
}

async fn a_wallet_holds_no_more_whatever_is_held_and_pending_of_it(backend: Backend) {
    let rest = r#"
        points.caps = { balance = 100 }
        [[earning_rules]]
        id = "later"
        name.en = "Later"
        points = 10
        pending = { days = 14 }
    "#;
    let file = shop(&format!("{rest}{EURO}"));
    let app = TestApp::start(backend).await.with_program(&file).await;
    let ada = app.joins("shop", "ada").await;
    assert_eq!(ada.gets("order-1", "50.00", None).await, "60");
    const HOLD: &str = "mutation($input: HoldPointsInput!) { holdPoints(input: $input) { hold { id } \
         userErrors { code message field } } }";
    let input = json!({ "member": { "externalId": "ada" }, "points": 30, "reason": "Cart",
                        "idempotencyKey": "cart" });
    app.does::<Value>("shop", HOLD, input).await.done();
    assert_eq!(ada.wallets().await, ["points 20 30 10"]);
    assert_eq!(ada.gets("order-2", "35.00", None).await, "40 BALANCE 5");
    const ADJUST: &str = "mutation($input: AdjustPointsInput!) { adjustPoints(input: $input) { \
         transaction { points } userErrors { code message field } } }";
    let adjust = |points: i64, key: &str| {
        json!({ "member": { "externalId": "ada" }, "points": points, "reason": "Sorry",
                "idempotencyKey": key })
    };
    app.does::<Value>("shop", ADJUST, adjust(25, "grant")).await.done();
    assert_eq!(ada.gets("order-3", "35.00", None).await, "0 BALANCE 45", "a grant goes past it");
    app.does::<Value>("shop", ADJUST, adjust(-40, "take")).await.done();
    assert_eq!(ada.gets("order-4", "35.00", None).await, "15 BALANCE 30");
    assert_eq!(ada.wallets().await, ["points 40 30 30"]);
    books::assert_sound(&app, "shop").await;
}

async fn a_program_that_refuses_says_which_cap_and_what_is_left(backend: Backend) {
    let file = "{ day = 100, transaction = 80, when_over = \"refuse\" }";
    let app = app(backend, file).await;
    let ada = app.joins("shop", "ada").await;
    assert_eq!(ada.gets("order-1", "70.00", None).await, "70");
    let refused = ada.buys_at("order-2", "31.00", None).await.refused();
    assert_snapshot!(
        refused,
        @"CAP_REACHED: this gives 31 points, and 30 are left of the 100 that a member gets in a day"
    );
    assert_eq!(ada.explains("31.00").await.refused(), refused, "a quote is the booking");
    assert_snapshot!(
        ada.buys_at("order-2", "81.00", None).await.refused(),
        @"CAP_REACHED: this gives 81 points, and 80 are left of the 80 that one transaction gives"
    );
    assert_eq!(ada.gets("order-2", "30.00", None).await, "30", "nothing was recorded of it");
    assert_eq!(ada.points().await, 100);
    books::assert_balanced(&app, 100).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_is_taken_back_makes_room_where_it_had_been_given(backend: Backend) {
    let rest = format!(
        "points.caps = {{ day = 100 }}\npoints.negative_balance = \"never\"\n[[rewards]]\nid = \
         \"mug\"\nname.en = \"A mug\"\npoints = 50\n{EURO}"
    );
    let app = TestApp::start(backend).await.with_program(&shop(&rest)).await;
    let ada = app.joins("shop", "ada").await;
    let lines = json!([{ "sku": "tea", "amount": "90.00" }, { "sku": "mug", "amount": "60.00" }]);
    ada.reports(json!({ "reference": "order-1", "lines": lines })).await.done();
    let what = json!({ "lines": [{ "line": { "sku": "mug" } }] });
    let returned = ada.returns("order-1", "mug", what).await.done();
    assert_eq!((returned.points_earned, returned.points_taken), (40, 40), "of what was given");
    assert_eq!(ada.gets("order-2", "45.00", None).await, "40 DAY 5");
    // What was spent and is forgiven was had: it makes no room.
    ada.redeems("mug", "one").await.done();
    ada.redeems("mug", "two").await.done();
    assert_eq!(ada.returns_all("order-1").await.points_taken, 0);
    assert_eq!(ada.gets("order-3", "10.00", None).await, "0 DAY 10");
    let bob = app.joins("shop", "bob").await;
    assert_eq!(bob.gets("order-4", "99.00", None).await, "99");
    let of_bob = app.transactions("shop").await.into_iter().find(|one| one.points == 99);
    voids(&bob, &of_bob.unwrap().id).await.done();
    app.advance_clock("shop", "2026-01-02T00:00:00+01:00").await;
    let late = Some("2026-01-01T12:00:00Z");
    assert_eq!(bob.gets("order-5", "70.00", late).await, "70", "in the period of the purchase");
    assert_eq!(bob.gets("order-6", "70.00", late).await, "30 DAY 40");
    books::assert_sound(&app, "shop").await;
}

async fn referrals_and_plugins_give_what_the_caps_leave(backend: Backend) {
    let app = TestApp::idle(backend).await;
    app.offers(&plugins::hostile("fair")).await;
    let rest = format!(
        "points.caps = {{ day = 40, when_over = \"refuse\" }}\n{EURO}\n[referral]\n\
         referrer_points = 30\nreferred_points = 10\n[plugins.fair]\nmode = \"behave\"\n"
    );
    let app = app.with_program(&shop(&rest)).await;
    let ada = app.joins("shop", "ada").await;
    let code = &ada.member.referral_code;
    let input =
        json!({ "externalId": "bob", "kind": "PERSON", "name": "Bob", "referralCode": code });
    let bob = Person { member: app.creates("shop", input).await.done(), ..ada.clone() };
    assert_eq!(ada.gets("order-1", "20.00", None).await, "21", "one of them is the plugin's");
    let receipt = bob.buys("order-2", "34.00").await.done();
    assert_eq!((receipt.points_earned, receipt.referral_points), (35, 5), "nobody asked for it");
    assert_eq!((ada.points().await, bob.points().await), (40, 40), "what was left of their day");
    const EXPLAINED: &str = "{ me { transactions { nodes { points cause { \
         ... on PurchaseCause { explanation { cuts { cap points } } } \
         ... on ReferralCause { cuts { cap points } } } } } } }";
    let shown = bob.asks(EXPLAINED, Value::Null).await;
    let cuts = &shown["me"]["transactions"]["nodes"][0]["cause"]["cuts"];
    assert_eq!(*cuts, json!([{ "cap": "DAY", "points": 5 }]), "{shown:#}");
    // Where nothing is given, no transaction says why, but the event does.
    let input =
        json!({ "externalId": "eve", "kind": "PERSON", "name": "Eve", "referralCode": code });
    let eve = Person { member: app.creates("shop", input).await.done(), ..ada.clone() };
    eve.buys("order-e", "1.00").await.done();
    let events = "query($id: ID!) { events(memberId: $id, first: 1) { nodes { name data } } }";
    let events = app.admin("shop", events, json!({ "id": ada.member.id })).await;
    let expected = json!({ "role": "referrer", "points": 0, "cut": 30 });
    assert_eq!(events["events"]["nodes"][0]["data"], expected, "{events:#}");
    // The plugin's awards for what happened today find no room; tomorrow's do.
    app.advance_clock("shop", "2026-01-02T00:00:00+01:00").await;
    assert_eq!((ada.points().await, bob.points().await), (40, 40));
    ada.buys("order-3", "5.00").await.done();
    app.advance_clock("shop", "2026-01-03T00:00:00+01:00").await;
    assert_eq!(ada.points().await, 40 + 6 + 1);
    books::assert_sound(&app, "shop").await;
}

async fn each_type_has_caps_of_its_own(backend: Backend) {
    const TYPES: &str = r#"
        [points.caps]
        month = 1000
        [[point_types]]
        id = "stars"
        name.en = "Stars"
        purchase_max = 90
        caps = { day = 120 }
        [[earning_rules]]
        id = "star"
        name.en = "Stars"
        points = 2
        per = "1.00"
        point_type = "stars"
    "#;
    let file = shop(&format!("{TYPES}{EURO}"));
    let app = TestApp::start(backend).await.with_program(&file).await;
    let ada = app.joins("shop", "ada").await;
    let first = ada.buys_at("order-1", "50.00", None).await.done();
    let stars = |points: i64, cuts: Value| {
        let cut: i64 =
            cuts.as_array().unwrap().iter().map(|cut| cut["points"].as_i64().unwrap()).sum();
        json!([{ "pointType": "stars", "points": points, "cut": cut, "cuts": cuts }])
    };
    let by_purchase = json!([{ "cap": "PURCHASE", "points": 10 }]);
    assert_eq!(first.explanation["otherPoints"], stars(90, by_purchase));
    let second = ada.buys_at("order-2", "50.00", None).await.done();
    let cuts = json!([{ "cap": "PURCHASE", "points": 10 }, { "cap": "DAY", "points": 60 }]);
    assert_eq!(second.explanation["otherPoints"], stars(30, cuts));
    assert_eq!(second.shown(), "50");
    ada.returns_all("order-1").await;
    let third = ada.buys_at("order-3", "20.00", None).await.done();
    assert_eq!(third.explanation["otherPoints"], stars(40, json!([])), "room by each type");
    assert_eq!(ada.wallets().await, ["points 70 0 0", "stars 70 0 0"]);
    books::assert_sound(&app, "shop").await;
}

/// Purchases of some days in any order, over two servers at once.
async fn a_day_gives_its_cap_however_it_is_split_and_whoever_is_first(backend: Backend) {
    const CAP: i64 = 100;
    let app = app(backend, "{ day = 100, week = 250 }").await;
    let beside = TestApp::beside(&app).await;
    app.advance_clock("shop", "2026-01-31T00:00:00+01:00").await;
    let ada = app.joins("shop", "ada").await;
    let there = ada.at(&beside);
    let seed = seed();
    let mut random = Random::seeded(seed);
    // From the fifth to the eleventh of January, which is a week.
    let mut asked = [0; 7];
    let purchases: Vec<_> = (0..40)
        .map(|order| {
            let (day, euros) = (random.within(0..7), random.within(1..60));
            asked[usize::try_from(day).unwrap()] += euros;
            let at = format!("2026-01-{:02}T12:00:00Z", 5 + day);
            (format!("order-{order}"), format!("{euros}.00"), at)
        })
        .collect();
    let people = [&ada, &there].into_iter().cycle();
    let all = purchases.iter().zip(people);
    let all = all.map(|((order, total, at), person)| person.buys_at(order, total, Some(at)));
    let bought = join_all(all).await.into_iter().map(Outcome::done);
    let given: i64 = bought.map(|one| one.points_earned).sum();
    let of_days: i64 = asked.into_iter().map(|asked| asked.min(CAP)).sum();
    assert_eq!(given, of_days.min(250), "seed {seed}");
    assert_eq!(ada.points().await, given);
    books::assert_balanced(&app, given).await;
    books::assert_sound(&app, "shop").await;
}

async fn many_at_once_give_what_they_give_one_by_one(backend: Backend) {
    let app = app(backend, "{ transaction = 40, day = 100, balance = 220 }").await;
    app.advance_clock("shop", "2026-01-31T00:00:00+01:00").await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    let seed = seed();
    let mut random = Random::seeded(seed);
    let orders: Vec<_> = (0..15)
        .map(|_| {
            let at = format!("2026-01-{:02}T12:00:00Z", 5 + random.within(0..3));
            (format!("{}.00", random.within(1..60)), at)
        })
        .collect();
    let purchase = |(index, (total, at)): (usize, &(String, String))| {
        let member = json!({ "externalId": "ada" });
        json!({ "member": member, "reference": format!("ada-{index}"), "total": total,
                "purchasedAt": at })
    };
    let purchases: Vec<_> = orders.iter().enumerate().map(purchase).collect();
    let many = format!(
        "mutation($input: RecordPurchasesInput!) {{ recordPurchases(input: $input) {{ results {{ \
         {RECEIPT} }} userErrors {{ code message field }} }} }}"
    );
    let results: Vec<Value> =
        app.does("shop", &many, json!({ "purchases": purchases })).await.done();
    for ((index, (total, at)), result) in orders.iter().enumerate().zip(results) {
        let alone = bob.buys_at(&format!("bob-{index}"), total, Some(at)).await.done();
        assert_eq!(Outcome::<Bought>::of_payload(result).done(), alone, "seed {seed}");
    }
    assert!(ada.points().await <= 220);
    books::assert_sound(&app, "shop").await;
}

async fn caps_cost_no_statement_and_none_ask_nothing(backend: Backend) {
    let sent = Sent::default();
    let app = TestApp::observed(TestDb::create(backend).await, &sent).await;
    let plain = shop(EURO).replacen("program = \"shop\"", "program = \"plain\"", 1);
    let capped = shop(&format!("points.caps = {{ day = 100, year = 500, balance = 900 }}\n{EURO}"));
    let app = app.with_program(&plain).await.with_program(&capped).await;
    for (program, is_asked) in [("plain", false), ("shop", true)] {
        let ada = app.joins(program, "ada").await;
        ada.buys("order-1", "70.00").await.done();
        ada.quote("70.00").await;
        sent.take();
        ada.buys("order-2", "70.00").await.done();
        let statements = sent.take();
        assert_eq!(statements.len(), 2, "{program}: {statements:#?}");
        assert_eq!(statements[0].sql.contains("earned_lately"), is_asked, "{program}");
        ada.quote("70.00").await;
        assert_eq!(sent.take().len(), 1, "{program}");
    }
}

#[test]
fn what_is_wrong_with_caps_in_a_program_file_is_said_with_its_line() {
    let wrong = [
        "points.caps = {}",
        "points.caps = { when_over = \"refuse\" }",
        "points.caps = { day = 0 }",
        "points.caps = { balance = 9007199254740992 }",
        "[[point_types]]\nid = \"stars\"\nname.en = \"Stars\"\ncaps = { week = -1 }",
    ];
    let why = |rest: &&str| programs::definition(&shop(rest)).unwrap_err().message().to_owned();
    assert_snapshot!(wrong.iter().map(why).collect::<Vec<_>>().join("\n"), @r"
    line 8, column 23: caps: name `transaction`, `day`, `week`, `month`, `year` or `balance`
    line 8, column 23: caps: name `transaction`, `day`, `week`, `month`, `year` or `balance`
    line 8, column 31: points must be a whole number above zero
    line 8, column 35: points must be at most 9007199254740991
    line 11, column 17: points must be a whole number above zero
    ");
    for unknown in ["{ quarter = 5 }", "{ day = 5, when_over = \"ask\" }"] {
        let refused = programs::definition(&shop(&format!("points.caps = {unknown}")));
        assert!(refused.unwrap_err().message().contains("there is no "), "{unknown}");
    }
}
