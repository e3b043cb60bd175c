//! Holds: points that are reserved, captured, released, or free again when their time is over.

use crate::support::programs::{SHOP, sandbox_shop};
use crate::support::{Backend, Outcome, Person, TestApp, books, on_both_databases};
use futures::future::join_all;
use insta::assert_snapshot;
use serde::Deserialize;
use serde_json::{Value, json};

on_both_databases!(
    what_is_held_is_not_spent_and_what_is_captured_is,
    an_end_is_final_and_can_be_asked_for_again,
    a_hold_ends_at_its_time_whoever_looks,
    what_is_held_does_not_expire_and_what_is_released_late_does,
    a_capture_takes_what_a_spend_would_have_taken,
    a_return_meanwhile_makes_a_debt_and_the_hold_keeps_its_promise,
    what_is_held_is_owed_even_where_nobody_may_owe,
    a_wallet_keeps_room_for_what_is_held,
    fifty_holds_of_a_balance_for_seven_are_seven,
    of_a_capture_and_a_release_at_once_one_happens,
    what_cannot_be_held_is_refused,
);

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
struct Hold {
    id: String,
    state: String,
    points: i64,
    captured: i64,
}

const HOLD: &str = "mutation($input: HoldPointsInput!) { holdPoints(input: $input) { \
     hold { id state points captured } userErrors { code message field } } }";
const CAPTURE: &str = "mutation($input: CaptureHoldInput!) { captureHold(input: $input) { \
     hold { id state points captured } userErrors { code message field } } }";
const RELEASE: &str = "mutation($input: ReleaseHoldInput!) { releaseHold(input: $input) { \
     hold { id state points captured } userErrors { code message field } } }";

impl Person<'_> {
    async fn holds(&self, points: i64, key: &str, more: Value) -> Outcome<Hold> {
        let mut input = json!({
            "member": { "externalId": self.member.external_id }, "points": points,
            "reason": "Order 7", "idempotencyKey": key,
        });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.app.does(self.program, HOLD, input).await
    }

    async fn captures(&self, hold: &Hold, points: Option<i64>) -> Outcome<Hold> {
        let input = json!({ "holdId": hold.id, "points": points });
        self.app.does(self.program, CAPTURE, input).await
    }

    async fn releases(&self, hold: &Hold) -> Outcome<Hold> {
        self.app.does(self.program, RELEASE, json!({ "holdId": hold.id })).await
    }

    /// What can be spent, what is held, and what expires.
    async fn balance(&self) -> Value {
        let query = "{ me { balance { points held expiring { at points } } } }";
        self.asks(query, Value::Null).await["me"]["balance"].clone()
    }

    async fn free_and_held(&self) -> (i64, i64) {
        let balance = self.balance().await;
        (balance["points"].as_i64().unwrap(), balance["held"].as_i64().unwrap())
    }
}

async fn what_is_held_is_not_spent_and_what_is_captured_is(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "25.00").await.done();
    let hold = ada.holds(18, "cart", json!({})).await.done();
    assert_eq!((hold.state.as_str(), hold.points), ("OPEN", 18));
    assert_eq!(ada.free_and_held().await, (7, 18));
    let refused = ada.redeems("mug", "one").await.refused();
    assert_eq!(refused.message, "10 points are needed, the balance is 7");
    books::assert_balanced(&app, 7).await;
    let captured = ada.captures(&hold, Some(12)).await.done();
    assert_eq!((captured.state.as_str(), captured.captured), ("CAPTURED", 12));
    assert_eq!(ada.free_and_held().await, (13, 0));
    books::assert_balanced(&app, 13).await;
    let moved = app.transactions("shop").await;
    let moved: Vec<_> = moved.iter().map(|one| (one.kind.as_str(), one.points)).collect();
    assert_eq!(moved, [("SPEND", -12), ("RELEASE", 18), ("HOLD", -18), ("EARN", 25)]);
    let holds = ada.asks("{ me { holds { nodes { reason state captured } } } }", Value::Null).await;
    let expected = json!([{ "reason": "Order 7", "state": "CAPTURED", "captured": 12 }]);
    assert_eq!(holds["me"]["holds"]["nodes"], expected);
    let events = app.admin(
        "shop",
        "query($id: ID!) { events(memberId: $id, first: 3) { nodes { name data } } }",
        json!({ "id": ada.member.id }),
    );
    let events = events.await["events"]["nodes"].clone();
    let names: Vec<_> = (0..3).map(|index| events[index]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["hold-ended", "points-spent", "points-held"]);
    assert_eq!(events[0]["data"]["outcome"], "captured");
}

async fn an_end_is_final_and_can_be_asked_for_again(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "25.00").await.done();
    let first = ada.holds(5, "first", json!({})).await.done();
    assert_eq!(ada.holds(5, "first", json!({})).await.done(), first, "the same hold");
    let taken = ada.captures(&first, Some(3)).await.done();
    assert_eq!(ada.captures(&first, Some(3)).await.done(), taken);
    let mut refusals = vec![ada.holds(6, "first", json!({})).await.refused().to_string()];
    refusals.push(ada.captures(&first, None).await.refused().to_string());
    refusals.push(ada.releases(&first).await.refused().to_string());
    let second = ada.holds(5, "second", json!({})).await.done();
    let released = ada.releases(&second).await.done();
    assert_eq!(released.state, "RELEASED");
    assert_eq!(ada.releases(&second).await.done(), released);
    refusals.push(ada.captures(&second, None).await.refused().to_string());
    assert_eq!(ada.holds(5, "second", json!({})).await.done(), released, "as it is now");
    assert_eq!(ada.free_and_held().await, (22, 0));
    books::assert_balanced(&app, 22).await;
    assert_snapshot!(refusals.join("\n"), @"
    IDEMPOTENCY_KEY_REUSED idempotencyKey: `first` was used for a request with other arguments
    HOLD_ENDED holdId: 3 points of the hold were captured
    HOLD_ENDED holdId: 3 points of the hold were captured
    HOLD_ENDED holdId: the hold was released
    ");
}

async fn a_hold_ends_at_its_time_whoever_looks(backend: Backend) {
    let app = TestApp::idle(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    ada.buys("order-1", "25.00").await.done();
    let hold = ada.holds(20, "cart", json!({ "expiresAt": "2026-01-02T00:00:00Z" })).await.done();
    books::set_test_clock(&app, "2026-01-01T23:59:59Z").await;
    assert_eq!(ada.free_and_held().await, (5, 20));
    // Nobody has swept.
    books::set_test_clock(&app, "2026-01-02T00:00:00Z").await;
    assert_eq!(ada.free_and_held().await, (25, 0));
    let refused = ada.captures(&hold, None).await.refused();
    assert_eq!(refused.to_string(), "HOLD_ENDED holdId: the time of the hold is over");
    ada.redeems("mug", "one").await.done();
    books::assert_balanced(&app, 15).await;
    // Somebody has swept.
    ada.holds(15, "again", json!({ "expiresAt": "2026-01-03T00:00:00Z" })).await.done();
    app.advance_clock("sandbox", "2026-02-01T00:00:00Z").await;
    books::assert_balanced(&app, 15).await;
    let released = app.transactions("sandbox").await.remove(0);
    assert_eq!((released.kind.as_str(), released.points), ("RELEASE", 15));
    assert_eq!(released.effective_at, "2026-01-03T00:00:00Z");
    assert_eq!(ada.free_and_held().await, (15, 0));
}

async fn what_is_held_does_not_expire_and_what_is_released_late_does(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    ada.buys("order-1", "30.00").await.done();
    app.advance_clock("sandbox", "2026-12-20T00:00:00Z").await;
    let until = json!({ "expiresAt": "2027-02-01T00:00:00Z" });
    let kept = ada.holds(10, "kept", until.clone()).await.done();
    let given_up = ada.holds(10, "given-up", until.clone()).await.done();
    ada.holds(5, "forgotten", until).await.done();
    app.advance_clock("sandbox", "2027-01-15T00:00:00Z").await;
    assert_eq!(ada.free_and_held().await, (0, 25), "the year is over, but not for what is held");
    ada.captures(&kept, None).await.done();
    ada.releases(&given_up).await.done();
    assert_eq!(ada.free_and_held().await, (0, 5));
    books::assert_balanced(&app, 0).await;
    app.advance_clock("sandbox", "2027-03-01T00:00:00Z").await;
    assert_eq!(ada.free_and_held().await, (0, 0));
    books::assert_balanced(&app, 0).await;
    let moved = app.transactions("sandbox").await;
    let moved: Vec<_> = moved.iter().map(|one| (one.kind.as_str(), one.points)).collect();
    let expected = [
        ("EXPIRE", -5),
        ("RELEASE", 5),
        ("EXPIRE", -10),
        ("RELEASE", 10),
        ("SPEND", -10),
        ("RELEASE", 10),
        ("EXPIRE", -5),
        ("HOLD", -5),
        ("HOLD", -10),
        ("HOLD", -10),
        ("EARN", 30),
    ];
    assert_eq!(moved, expected, "each expires after it is free");
}

async fn a_capture_takes_what_a_spend_would_have_taken(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let (ada, bob) = (app.joins("sandbox", "ada").await, app.joins("sandbox", "bob").await);
    for (day, order) in [("01", 1), ("02", 2), ("03", 3)] {
        app.advance_clock("sandbox", &format!("2026-02-{day}T12:00:00Z")).await;
        for person in [&ada, &bob] {
            let reference = format!("{}-{order}", person.member.external_id);
            person.buys(&reference, "8.00").await.done();
        }
    }
    let hold = ada.holds(14, "cart", json!({})).await.done();
    ada.captures(&hold, Some(10)).await.done();
    bob.redeems("mug", "one").await.done();
    assert_eq!(ada.balance().await, bob.balance().await);
    books::assert_balanced(&app, 28).await;
}

/// Held 20 of 20, sent all back: twenty are owed, and the hold is captured all the same.
async fn a_return_meanwhile_makes_a_debt_and_the_hold_keeps_its_promise(backend: Backend) {
    const RETURN: &str = "mutation($input: RecordReturnInput!) { recordReturn(input: $input) { \
         receipt { balance } userErrors { code message field } } }";
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    for (name, captured, balance) in
        [("ada", Some(20), -20), ("bob", Some(5), -5), ("eve", None, 0)]
    {
        let person = app.joins("shop", name).await;
        person.buys(name, "20.00").await.done();
        let hold = person.holds(20, "cart", json!({})).await.done();
        let input = json!({
            "purchase": { "reference": name }, "reference": "all", "what": { "everything": true },
        });
        let returned: Value = app.does("shop", RETURN, input).await.done();
        assert_eq!(returned["balance"], -20);
        match captured {
            Some(points) => person.captures(&hold, Some(points)).await.done(),
            None => person.releases(&hold).await.done(),
        };
        assert_eq!(person.free_and_held().await, (balance, 0), "{name}");
    }
    books::assert_balanced(&app, -25).await;
}

/// Held points are not spent: sending the order back takes them when the hold ends. If it is captured
/// instead, they stay owed: what was there when the order came back is not forgiven.
async fn what_is_held_is_owed_even_where_nobody_may_owe(backend: Backend) {
    const RETURN: &str = "mutation($input: RecordReturnInput!) { recordReturn(input: $input) { \
         receipt { pointsTaken } userErrors { code message field } } }";
    let never = "points.negative_balance = \"never\"\npoints.expire_after_months = 12";
    let source = SHOP.replace("points.expire_after_months = 12", never);
    let app = TestApp::start(backend).await.with_program(&source).await;
    for (name, captured, left) in [("ada", None, 0), ("bob", Some(4), -4), ("eve", Some(10), -10)] {
        let person = app.joins("shop", name).await;
        person.buys(name, "25.00").await.done();
        person.redeems("mug", "one").await.done();
        let hold = person.holds(10, "cart", json!({})).await.done();
        let returns = async |order: &str| {
            let input = json!({
                "purchase": { "reference": order }, "reference": "all",
                "what": { "everything": true },
            });
            app.does::<Value>("shop", RETURN, input).await.done()["pointsTaken"].clone()
        };
        assert_eq!(returns(name).await, 15, "ten were spent, and nobody owes them");
        assert_eq!(person.free_and_held().await, (-10, 10));
        match captured {
            Some(points) => person.captures(&hold, Some(points)).await.done(),
            None => person.releases(&hold).await.done(),
        };
        assert_eq!(person.free_and_held().await, (left, 0), "{name}");
        books::assert_sound(&app, "shop").await;
        let next = format!("next-{name}");
        person.buys(&next, "12.00").await.done();
        assert_eq!(person.free_and_held().await, (12 + left, 0), "{name}: it is paid first");
        assert_eq!(returns(&next).await, 12 + left, "{name}: nothing else is owed");
        assert_eq!(person.free_and_held().await, (0, 0), "{name}");
    }
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

async fn a_wallet_keeps_room_for_what_is_held(backend: Backend) {
    const ADJUST: &str = "mutation($input: AdjustPointsInput!) { adjustPoints(input: $input) { \
         transaction { id } userErrors { code message field } } }";
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "20.00").await.done();
    let hold = ada.holds(20, "cart", json!({})).await.done();
    let most = (1_i64 << 53) - 1;
    let gives = async |points: i64| {
        let input = json!({
            "member": { "externalId": "ada" }, "points": points, "reason": "gift",
            "idempotencyKey": points.to_string(),
        });
        app.does::<Value>("shop", ADJUST, input).await
    };
    assert_eq!(gives(most).await.refused().code, "OVERFLOW");
    gives(most - 20).await.done();
    ada.releases(&hold).await.done();
    assert_eq!(ada.free_and_held().await, (most, 0));
}

async fn fifty_holds_of_a_balance_for_seven_are_seven(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let other = TestApp::beside(&app).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "79.00").await.done();
    let there = ada.at(&other);
    let keys: Vec<_> = (0..50).map(|key| format!("request-{key}")).collect();
    let people = [&ada, &there].into_iter().cycle();
    let asked = keys.iter().zip(people).map(|(key, person)| person.holds(10, key, json!({})));
    let answers = join_all(asked).await;
    let held = answers.iter().filter(|answer| matches!(answer, Outcome::Done(_))).count();
    assert_eq!(held, 7);
    assert_eq!(ada.free_and_held().await, (9, 70));
    books::assert_balanced(&app, 9).await;
}

async fn of_a_capture_and_a_release_at_once_one_happens(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let other = TestApp::beside(&app).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "90.00").await.done();
    let there = ada.at(&other);
    let mut captured = 0;
    for round in 0..8 {
        let hold = ada.holds(10, &format!("hold-{round}"), json!({})).await.done();
        let (one, two) = tokio::join!(ada.captures(&hold, None), there.releases(&hold));
        let is_captured = matches!(one, Outcome::Done(_));
        assert_ne!(is_captured, matches!(two, Outcome::Done(_)), "{one:?} {two:?}");
        captured += i64::from(is_captured);
    }
    assert_eq!(ada.free_and_held().await, (90 - 10 * captured, 0));
    books::assert_balanced(&app, 90 - 10 * captured).await;
}

async fn what_cannot_be_held_is_refused(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    ada.buys("order-1", "20.00").await.done();
    let mut refusals = Vec::new();
    for (points, more) in [
        (21, json!({})),
        (0, json!({})),
        (5, json!({ "reason": "" })),
        (5, json!({ "expiresAt": "2025-12-31T00:00:00Z" })),
        (5, json!({ "expiresAt": "2026-06-01T00:00:00Z" })),
        (5, json!({ "member": { "externalId": "nobody" } })),
    ] {
        let refused = ada.holds(points, "k", more).await.refused().to_string();
        refusals.push(refused.split(" after 20").next().unwrap().to_owned());
    }
    let hold = ada.holds(5, "held", json!({})).await.done();
    for points in [6, 0] {
        refusals.push(ada.captures(&hold, Some(points)).await.refused().to_string());
    }
    let gone = Hold { id: "hld_00000000000000000000000000".to_owned(), ..hold };
    refusals.push(ada.releases(&gone).await.refused().to_string());
    assert_snapshot!(refusals.join("\n"), @"
    INSUFFICIENT_POINTS: 21 points are needed, the balance is 20
    INVALID_INPUT points: use a number above zero
    INVALID_INPUT reason: use 1 to 200 printable characters, without space around them
    INVALID_INPUT expiresAt: use an instant
    INVALID_INPUT expiresAt: use an instant
    MEMBER_NOT_FOUND member: there is no such member in this program
    INVALID_INPUT points: 6 points cannot be captured, 5 are held
    INVALID_INPUT points: use a number above zero, or leave it out for all
    HOLD_NOT_FOUND holdId: there is no such hold in this program
    ");
    books::assert_balanced(&app, 15).await;
}
