//! Points that last as long as their member is active.

use super::liability::liability;
use super::{EURO, shop};
use crate::support::random::{Random, seed};
use crate::support::{Backend, Person, Sent, TestApp, TestDb, books, on_both_databases};
use insta::assert_snapshot;
use perennial_core::{Actor, programs, worker};
use serde_json::{Value, json};

on_both_databases!(
    all_points_last_from_the_last_activity_on,
    what_is_no_activity_keeps_nothing,
    a_purchase_that_was_reported_late_counts_from_when_it_was_made,
    history_in_any_order_is_as_if_it_had_been_lived,
    an_import_leaves_what_a_later_row_keeps,
    what_nobody_looked_at_has_ended_all_the_same,
    what_is_held_ends_when_it_is_free_again,
    what_was_pending_lasts_from_when_it_can_be_spent,
    what_comes_back_lasts_with_the_others_or_for_the_days_of_grace,
    what_an_operator_lets_last_longer_has_an_instant_of_its_own,
    a_revision_leaves_what_slides_and_what_does_not,
    activity_costs_no_statement_and_only_what_is_late_looks_back,
);

const MUG: &str = r#"
    [[rewards]]
    id = "mug"
    name.en = "A mug"
    points = 10
"#;

fn year(rest: &str) -> String {
    shop(&format!("points.expiry = {{ inactive_months = 12 }}\n{rest}{MUG}{EURO}"))
}

async fn app(backend: Backend, source: &str) -> TestApp {
    TestApp::start(backend).await.with_program(source).await
}

impl Person<'_> {
    pub(super) async fn bought(&self, order: &str, total: &str, at: &str) -> i64 {
        let purchase = json!({ "reference": order, "total": total, "purchasedAt": at });
        self.reports(purchase).await.done().balance
    }

    /// The statement, the first recorded first, as `kind points`.
    pub(super) async fn moved(&self) -> Vec<String> {
        let all = self.statement().await;
        let short = |line: &String| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
        all.iter().map(short).collect()
    }
}

const ADJUST: &str = "mutation($input: AdjustPointsInput!) { adjustPoints(input: $input) { \
     transaction { id } userErrors { code message field } } }";
const EXTEND: &str = "mutation($input: ExtendPointsInput!) { extendPoints(input: $input) { \
     transaction { id points } userErrors { code message field } } }";
const HOLD: &str = "mutation($input: HoldPointsInput!) { holdPoints(input: $input) { hold { id } \
     userErrors { code message field } } }";
const RELEASE: &str = "mutation($input: ReleaseHoldInput!) { releaseHold(input: $input) { \
     hold { id } userErrors { code message field } } }";

fn given(points: i64, key: &str) -> Value {
    json!({ "member": { "externalId": "ada" }, "points": points, "reason": "Sorry",
            "idempotencyKey": key })
}

async fn all_points_last_from_the_last_activity_on(backend: Backend) {
    let stars = r#"
        [[point_types]]
        id = "stars"
        name.en = "Stars"
        expiry = { inactive_months = 3, end_of = "month" }
        [[earning_rules]]
        id = "star"
        name.en = "A star for the first order"
        when = "member.purchases == 0"
        points = 1
        point_type = "stars"
    "#;
    let app = app(backend, &year(stars)).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "9.00").await.done();
    assert_eq!(ada.expiring().await, ["2026-12-31T23:00:00Z 9"]);
    app.advance_clock("shop", "2026-03-01T12:00:00+01:00").await;
    ada.buys("order-2", "5.00").await.done();
    assert_eq!(ada.expiring().await, ["2027-03-01T11:00:00Z 14"], "one instant for all");
    app.advance_clock("shop", "2026-06-01T12:00:00+02:00").await;
    ada.redeems("mug", "one").await.done();
    assert_eq!(ada.expiring().await, ["2027-06-01T10:00:00Z 4"], "who spends is active");
    let found = liability(&app, "points", 1).await;
    let months = found["expiring"].as_array().unwrap().iter();
    let expiring: Vec<_> = months.filter(|month| month["points"] != 0).collect();
    assert_eq!((expiring.len(), &expiring[0]["month"]), (1, &json!("2027-06")), "{found:#}");
    app.advance_clock("shop", "2026-09-30T23:59:59+02:00").await;
    assert_eq!(ada.wallets().await, ["points 4 0 0", "stars 1 0 0"], "of every type");
    app.advance_clock("shop", "2026-10-01T00:00:00+02:00").await;
    assert_eq!(ada.wallets().await, ["points 4 0 0", "stars 0 0 0"]);
    app.advance_clock("shop", "2027-06-01T09:59:59Z").await;
    assert_eq!(ada.points().await, 4);
    app.advance_clock("shop", "2027-06-01T10:00:00Z").await;
    assert_eq!(ada.points().await, 0);
    books::assert_balanced(&app, 0).await;
    assert_eq!(ada.buys("order-3", "3.00").await.done().balance, 3);
    assert_eq!(ada.expiring().await, ["2028-06-01T10:00:00Z 3"]);
    books::assert_sound(&app, "shop").await;
}

async fn what_is_no_activity_keeps_nothing(backend: Backend) {
    let app = app(backend, &year("")).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "50.00").await.done();
    ada.buys("order-2", "20.00").await.done();
    app.advance_clock("shop", "2026-06-01T00:00:00Z").await;
    app.does::<Value>("shop", ADJUST, given(7, "grant")).await.done();
    app.does::<Value>("shop", ADJUST, given(-3, "take")).await.done();
    ada.returns("order-1", "part", json!({ "amount": "10.00" })).await.done();
    let hold = json!({ "member": { "externalId": "ada" }, "points": 5, "reason": "Cart",
                       "idempotencyKey": "cart" });
    let hold: Value = app.does("shop", HOLD, hold).await.done();
    app.does::<Value>("shop", RELEASE, json!({ "holdId": hold["id"] })).await.done();
    assert_eq!(ada.expiring().await, ["2026-12-31T23:00:00Z 64"]);
    // A purchase that came back was made.
    app.advance_clock("shop", "2026-07-01T00:00:00Z").await;
    ada.buys("order-3", "5.00").await.done();
    ada.returns_all("order-3").await;
    assert_eq!(ada.expiring().await, ["2027-07-01T00:00:00Z 64"]);
    app.advance_clock("shop", "2027-07-01T00:00:00Z").await;
    assert_eq!(ada.points().await, 0);
    assert_eq!(ada.returns_all("order-2").await.points_taken, 0, "what expired is not taken");
    // Who is given points when nothing lasts has them as if active then.
    app.does::<Value>("shop", ADJUST, given(7, "again")).await.done();
    assert_eq!(ada.expiring().await, ["2028-07-01T00:00:00Z 7"]);
    books::assert_balanced(&app, 7).await;
    books::assert_sound(&app, "shop").await;
}

async fn a_purchase_that_was_reported_late_counts_from_when_it_was_made(backend: Backend) {
    let app = app(backend, &year("")).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "50.00").await.done();
    app.advance_clock("shop", "2027-02-01T00:00:00Z").await;
    assert_eq!(ada.moved().await, ["EARN 50", "EXPIRE -50"]);
    // In time, had it been known.
    assert_eq!(ada.bought("order-2", "5.00", "2026-12-15T12:00:00Z").await, 55);
    assert_eq!(ada.expiring().await, ["2027-12-15T12:00:00Z 55"]);
    let mut moved = ada.moved().await;
    moved.sort_unstable();
    assert_eq!(moved, ["EARN 5", "EARN 50", "EXPIRE -50", "RESTORE 50"]);
    // Too late: it has ended since.
    app.advance_clock("shop", "2028-02-01T00:00:00Z").await;
    assert_eq!(ada.points().await, 0);
    assert_eq!(ada.bought("order-3", "3.00", "2025-12-30T12:00:00Z").await, 0);
    // They would have lasted a little longer with it, and not until now.
    assert_eq!(ada.bought("order-4", "4.00", "2026-12-31T12:00:00Z").await, 0);
    // With this one nothing has ended.
    assert_eq!(ada.bought("order-5", "6.00", "2027-12-15T00:00:00Z").await, 68);
    assert_eq!(ada.expiring().await, ["2028-12-15T00:00:00Z 68"]);
    // What came back is spent and taken like any other.
    ada.redeems("mug", "one").await.done();
    assert_eq!(ada.returns_all("order-1").await.points_taken, 50);
    books::assert_balanced(&app, 8).await;
    books::assert_sound(&app, "shop").await;
}

/// The same purchases, each when it was made, and all of them years later in no order.
async fn history_in_any_order_is_as_if_it_had_been_lived(backend: Backend) {
    const MEMBERS: usize = 6;
    let lived = year("").replacen("program = \"shop\"", "program = \"lived\"", 1);
    let app = TestApp::idle(backend).await.with_program(&lived).await;
    let app = app.with_program(&year("")).await;
    let seed = seed();
    let mut random = Random::seeded(seed);
    let start: jiff::Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let mut purchases = Vec::new();
    for member in 0..MEMBERS {
        for order in 0..random.within(1..7) {
            let hours = 24 * random.within(1..1_500) + i64::try_from(member).unwrap();
            let at = start + jiff::SignedDuration::from_hours(hours);
            let total = format!("{}.00", random.within(1..50));
            purchases.push((at, member, format!("m{member}-{order}"), total));
        }
    }
    purchases.sort();
    let mut people = Vec::new();
    for member in 0..MEMBERS {
        let name = format!("m{member}");
        people.push((app.joins("lived", &name).await, app.joins("shop", &name).await));
    }
    for (at, member, order, total) in &purchases {
        app.advance_clock("lived", &at.to_string()).await;
        people[*member].0.buys(order, total).await.done();
    }
    let now = "2030-06-01T00:00:00Z";
    app.advance_clock("lived", now).await;
    app.advance_clock("shop", now).await;
    for index in (1..purchases.len()).rev() {
        let other = usize::try_from(random.within(0..64)).unwrap() % (index + 1);
        purchases.swap(index, other);
    }
    for (at, member, order, total) in &purchases {
        people[*member].1.bought(order, total, &at.to_string()).await;
        // Sometimes somebody looks in between.
        if random.within(0..3) == 0 {
            while worker::round(&app.loyalty).await.unwrap() > 0 {}
        }
    }
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    let mut points = 0;
    for (lived, late) in &people {
        let name = &lived.member.external_id;
        assert_eq!(late.wallets().await, lived.wallets().await, "{name} of seed {seed}");
        assert_eq!(late.expiring().await, lived.expiring().await, "{name} of seed {seed}");
        points += 2 * lived.points().await;
    }
    books::assert_balanced(&app, points).await;
    books::assert_sound(&app, "shop").await;
    books::assert_sound(&app, "lived").await;
}

/// A live program, and a member whose purchases of years ago are ten months apart.
async fn an_import_leaves_what_a_later_row_keeps(backend: Backend) {
    let live = year("").replacen("sandbox = true", "", 1);
    let live = live.replacen("clock_starts_on = \"2026-01-01\"", "", 1);
    let app = TestApp::idle(backend).await.with_program(&live).await;
    let ada = app.joins("shop", "ada").await;
    let program = app.loyalty.programs().by_slug("shop").await.unwrap().id;
    let hold = app.loyalty.timers().hold(&Actor::system(program)).await.unwrap();
    let now = jiff::Timestamp::now();
    let ago = |days: i64| (now - jiff::SignedDuration::from_hours(24 * days)).to_string();
    for (order, days) in [("order-1", 2_000), ("order-2", 1_700), ("order-3", 1_400)] {
        assert_eq!(ada.bought(order, "20.00", &ago(days)).await, 0, "its time is over");
        while worker::round(&app.loyalty).await.unwrap() > 0 {}
        assert_eq!(ada.wallets().await, ["points 0 0 0"]);
    }
    assert_eq!(ada.moved().await, ["EARN 20", "EARN 20", "EARN 20"], "nothing is written yet");
    assert_eq!(ada.redeems("mug", "one").await.refused().code, "INSUFFICIENT_POINTS");
    app.loyalty.timers().release(hold).await.unwrap();
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    let once = ["EARN 20", "EARN 20", "EARN 20", "EXPIRE -60"];
    assert_eq!(ada.moved().await, once, "and then once");
    books::assert_balanced(&app, 0).await;
    for days in [1_100, 800, 500, 200] {
        ada.bought(&format!("order-{days}"), "1.00", &ago(days)).await;
    }
    assert_eq!(ada.points().await, 64, "up to today");
    books::assert_balanced(&app, 64).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_nobody_looked_at_has_ended_all_the_same(backend: Backend) {
    let app = TestApp::idle(backend).await.with_program(&year("")).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "50.00").await.done();
    books::set_test_clock(&app, "2027-01-01T00:00:00Z").await;
    assert_eq!(ada.wallets().await, ["points 0 0 0"]);
    assert!(ada.expiring().await.is_empty());
    assert_eq!(ada.redeems("mug", "one").await.refused().code, "INSUFFICIENT_POINTS");
    const AT: &str = "query($at: DateTime!) { me { balanceAt(at: $at) } }";
    for (at, points) in [("2026-12-31T22:59:59Z", 50), ("2026-12-31T23:00:00Z", 0)] {
        let me = ada.asks(AT, json!({ "at": at })).await;
        assert_eq!(me["me"]["balanceAt"], points, "{at}");
    }
    let found = liability(&app, "points", 2).await;
    assert_eq!((&found["total"], &found["months"][0]["expired"]), (&json!(0), &json!(-50)));
    assert_eq!(ada.returns_all("order-1").await.points_taken, 0);
    assert_eq!(ada.moved().await, ["EARN 50", "EXPIRE -50"]);
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_is_held_ends_when_it_is_free_again(backend: Backend) {
    let app = app(backend, &year("")).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "50.00").await.done();
    app.advance_clock("shop", "2026-12-30T00:00:00Z").await;
    let hold = json!({ "member": { "externalId": "ada" }, "points": 50, "reason": "Cart",
                       "idempotencyKey": "cart", "expiresAt": "2027-01-05T00:00:00Z" });
    app.does::<Value>("shop", HOLD, hold).await.done();
    app.advance_clock("shop", "2027-01-02T00:00:00Z").await;
    assert_eq!(ada.wallets().await, ["points 0 50 0"], "what is held does not end");
    ada.buys("order-2", "5.00").await.done();
    app.advance_clock("shop", "2027-01-05T00:00:00Z").await;
    assert_eq!(ada.wallets().await, ["points 5 0 0"], "its time was over");
    assert_eq!(ada.moved().await, ["EARN 50", "HOLD -50", "EARN 5", "RELEASE 50", "EXPIRE -50"]);
    // It would not have been, had this been known.
    assert_eq!(ada.bought("order-3", "2.00", "2026-12-31T00:00:00Z").await, 57);
    books::assert_balanced(&app, 57).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_was_pending_lasts_from_when_it_can_be_spent(backend: Backend) {
    let app = app(backend, &year("points.pending = { event = \"delivered\" }\n")).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "50.00").await.done();
    app.advance_clock("shop", "2027-06-01T00:00:00Z").await;
    assert_eq!(ada.wallets().await, ["points 0 0 50"], "what is pending does not end");
    ada.happens("delivered", "order-1").await.done();
    assert_eq!(ada.expiring().await, ["2028-06-01T00:00:00Z 50"]);
    app.advance_clock("shop", "2027-08-01T00:00:00Z").await;
    ada.buys("order-2", "5.00").await.done();
    assert_eq!(ada.expiring().await, ["2028-08-01T00:00:00Z 50"]);
    app.advance_clock("shop", "2028-08-01T00:00:00Z").await;
    assert_eq!(ada.wallets().await, ["points 0 0 5"]);
    books::assert_sound(&app, "shop").await;
}

async fn what_comes_back_lasts_with_the_others_or_for_the_days_of_grace(backend: Backend) {
    let paying = "points.payment = { points = 1, amount = \"0.01\" }\npoints.grace_days = 30\n";
    let app = app(backend, &year(paying)).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "50.00").await.done();
    for order in ["paid-1", "paid-2"] {
        let paid = json!({ "reference": order, "total": "0.20", "payWith": { "points": 20 } });
        ada.reports(paid).await.done();
    }
    app.advance_clock("shop", "2026-06-01T00:00:00Z").await;
    ada.returns_all("paid-1").await;
    assert_eq!(ada.expiring().await, ["2026-12-31T23:00:00Z 30"]);
    app.advance_clock("shop", "2027-06-01T00:00:00Z").await;
    assert_eq!(ada.points().await, 0);
    ada.returns_all("paid-2").await;
    assert_eq!(ada.expiring().await, ["2027-07-01T00:00:00Z 20"], "for thirty days");
    // They have an instant of their own now.
    ada.buys("order-2", "5.00").await.done();
    assert_eq!(ada.expiring().await, ["2027-07-01T00:00:00Z 20", "2028-06-01T00:00:00Z 5"]);
    app.advance_clock("shop", "2027-07-01T00:00:00Z").await;
    books::assert_balanced(&app, 5).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_an_operator_lets_last_longer_has_an_instant_of_its_own(backend: Backend) {
    let app = app(backend, &year("")).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "50.00").await.done();
    let first = app.transactions("shop").await[0].id.clone();
    app.advance_clock("shop", "2026-06-01T00:00:00Z").await;
    ada.buys("order-2", "5.00").await.done();
    let input = |which: Value, until: &str, key: &str| {
        json!({ "member": { "externalId": "ada" }, "which": which, "reason": "Closed",
                "idempotencyKey": key, "until": until })
    };
    let soon = input(json!({ "all": true }), "2027-05-01T00:00:00Z", "1");
    let refused = app.does::<Value>("shop", EXTEND, soon).await.refused();
    assert_eq!(refused.code, "INSUFFICIENT_POINTS", "they last longer anyway");
    let longer = input(json!({ "earnedBy": [first] }), "2029-01-01T00:00:00Z", "2");
    let extended: Value = app.does("shop", EXTEND, longer).await.done();
    assert_eq!(extended["points"], 50);
    assert_eq!(ada.expiring().await, ["2027-06-01T00:00:00Z 5", "2029-01-01T00:00:00Z 50"]);
    ada.redeems("mug", "one").await.done();
    assert_eq!(ada.expiring().await, ["2029-01-01T00:00:00Z 45"], "the first to end goes first");
    app.advance_clock("shop", "2028-06-01T00:00:00Z").await;
    books::assert_balanced(&app, 45).await;
    books::assert_sound(&app, "shop").await;
}

async fn a_revision_leaves_what_slides_and_what_does_not(backend: Backend) {
    let app = app(backend, &shop(&format!("points.expire_after_months = 6\n{MUG}{EURO}"))).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "1.00").await.done();
    app.loyalty.programs().apply(&year(""), "test").await.unwrap();
    ada.buys("order-2", "2.00").await.done();
    app.advance_clock("shop", "2026-02-01T00:00:00Z").await;
    ada.buys("order-3", "4.00").await.done();
    assert_eq!(ada.expiring().await, ["2026-06-30T22:00:00Z 1", "2027-02-01T00:00:00Z 6"]);
    let never = shop(&format!("{MUG}{EURO}"));
    app.loyalty.programs().apply(&never, "test").await.unwrap();
    app.advance_clock("shop", "2026-03-01T00:00:00Z").await;
    ada.buys("order-4", "8.00").await.done();
    assert_eq!(ada.expiring().await, ["2026-06-30T22:00:00Z 1", "2027-02-01T00:00:00Z 6"]);
    app.advance_clock("shop", "2030-01-01T00:00:00Z").await;
    assert_eq!(ada.points().await, 8);
    books::assert_balanced(&app, 8).await;
    books::assert_sound(&app, "shop").await;
}

async fn activity_costs_no_statement_and_only_what_is_late_looks_back(backend: Backend) {
    let sent = Sent::default();
    let app = TestApp::observed(TestDb::create(backend).await, &sent).await;
    let plain = shop(&format!("{MUG}{EURO}")).replacen("\"shop\"", "\"plain\"", 1);
    let app = app.with_program(&plain).await.with_program(&year("")).await;
    for (program, slides) in [("plain", false), ("shop", true)] {
        let ada = app.joins(program, "ada").await;
        ada.buys("order-1", "70.00").await.done();
        ada.redeems("mug", "one").await.done();
        app.advance_clock(program, "2026-02-01T00:00:00Z").await;
        for (order, at) in [("order-2", None), ("order-3", Some("2026-01-15T00:00:00Z"))] {
            sent.take();
            let order = json!({ "reference": order, "total": "5.00", "purchasedAt": at });
            ada.reports(order).await.done();
            let statements = sent.take();
            assert_eq!(statements.len(), 2, "{program}: {statements:#?}");
            let looks_back = statements[0].sql.contains("ended_since");
            assert_eq!(looks_back, slides && at.is_some(), "{program} {at:?}");
        }
        ada.redeems("mug", "two").await.done();
        assert_eq!(sent.take().len(), 2, "{program}");
    }
    books::assert_sound(&app, "shop").await;
}

#[test]
fn what_is_wrong_with_inactivity_in_a_program_file_is_said_with_its_line() {
    let wrong = [
        "points.expiry = { inactive_months = 0 }",
        "points.expiry = { inactive_months = 12, after_months = 1 }",
        "points.expiry = { inactive_months = 12, on = [\"12-31\"] }",
        "[[earning_rules]]\nid = \"x\"\nname.en = \"X\"\npoints = 1\n\
         expiry = { inactive_months = 12 }",
    ];
    let why = |rest: &&str| programs::definition(&shop(rest)).unwrap_err().message().to_owned();
    assert_snapshot!(wrong.iter().map(why).collect::<Vec<_>>().join("\n"), @r"
    line 8, column 25: expiry: inactive_months: use 1 to 1200
    line 8, column 25: expiry: inactive_months: goes with `end_of` alone
    line 8, column 25: expiry: inactive_months: goes with `end_of` alone
    line 12, column 10: expiry: inactive_months: all points of a type last as long as their member is active, or none: use it in [points] or [[point_types]]
    ");
}
