//! Gift cards: issuing, loading, splitting, claiming, refunding, and what their bearers see.

use super::{Made, acts, adjusts, app, card, claims, gift, makes, member, on};
use crate::privacy::places;
use crate::support::programs::SHOP;
use crate::support::{Backend, Outcome, TestApp, books, on_both_databases, plugins};
use serde_json::{Value, json};

on_both_databases!(
    a_gift_card_is_an_account_and_nobody,
    no_plugin_receives_what_happens_to_a_gift_card,
    a_part_goes_to_another_card_and_expires_when_it_would_have,
    what_is_claimed_is_the_members_with_its_dates,
    a_card_is_claimed_once_whoever_tries,
    what_is_left_is_refunded_and_the_card_ends,
    a_blocked_card_pays_nothing_for_anybody,
    an_order_of_before_the_card_is_paid_when_it_is_paid,
    what_an_operator_said_of_the_buyer_the_claimer_does_not_see,
    whoever_has_the_code_sees_what_is_on_the_card_and_nobody_else_does,
    what_a_second_operator_has_to_approve_is_loaded_later,
    what_was_asked_for_a_card_is_not_given_to_whoever_has_claimed_it,
    who_may_issue_may_not_give_points,
    the_books_have_what_is_on_the_cards,
);

async fn a_gift_card_is_an_account_and_nobody(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    let input = json!({
        "points": 500, "expiresAt": "2027-06-01T00:00:00Z", "reason": "Sold", "idempotencyKey": "g",
    });
    let made = makes(&app, "issueGiftCard", input.clone()).await.unwrap();
    let again = makes(&app, "issueGiftCard", input).await.unwrap();
    assert_eq!(again, Made { code: None, ..made.clone() });
    let shown = member(&app, &made.member).await;
    assert_eq!((&shown["kind"], &shown["tier"]), (&json!("GIFT_CARD"), &Value::Null));
    assert_eq!(
        shown["balance"],
        json!({ "points": 500, "expiring": [{ "at": "2027-06-01T00:00:00Z", "points": 500 }] })
    );
    assert_eq!(shown["statistics"], json!({ "purchases": 0, "pointsEarned": 0 }));
    assert_eq!(app.external_ids("shop").await, ["ada"], "it is no member that is listed");
    adjusts(&app, &made.member, 40, "more").await.done();
    assert_eq!(on(&app, &made).await, 540, "it is loaded as any account is");
    let events =
        books::counted(&app, "SELECT COUNT(*) AS n FROM events WHERE name = 'member-joined'");
    assert_eq!(events.await, 1, "nobody has joined but ada");
    let id = json!({ "id": made.member });
    let buy = json!({ "member": id, "reference": "order-1", "total": "5.00" });
    let refused = app.records("shop", buy).await.refused();
    assert_eq!(
        (refused.code.as_str(), refused.field),
        ("INVALID_INPUT", Some(vec!["member".into()]))
    );
    for (mutation, input, code) in [
        (
            "joinGroup",
            json!({ "group": id, "person": { "id": ada.member.id }, "accrual": "GROUP" }),
            "INVALID_INPUT",
        ),
        (
            "joinGroup",
            json!({ "group": { "id": ada.member.id }, "person": id, "accrual": "GROUP" }),
            "INVALID_INPUT",
        ),
        (
            "createMember",
            json!({ "externalId": "g", "kind": "GIFT_CARD", "name": "g" }),
            "INVALID_INPUT",
        ),
        (
            "mergeMembers",
            json!({ "from": id, "into": { "id": ada.member.id }, "reason": "r", "idempotencyKey": "k" }),
            "CANNOT_BE_MERGED",
        ),
    ] {
        let of = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let query = format!(
            "mutation($input: {of}!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}"
        );
        let answer = app.admin("shop", &query, json!({ "input": input })).await;
        assert_eq!(answer[mutation]["userErrors"][0]["code"], code, "{mutation}: {answer}");
    }
    books::assert_balanced(&app, 540).await;
    books::assert_sound(&app, "shop").await;
}

async fn no_plugin_receives_what_happens_to_a_gift_card(backend: Backend) {
    let app = TestApp::idle(backend).await;
    let payment = "points.payment = { points = 1, amount = \"0.01\" }\n[[earning_rules]]";
    let events = ["member-joined", "points-adjusted", "points-transferred", "members-merged"];
    app.offers(&plugins::subscribed_to(&events)).await;
    let program = format!("{SHOP}[plugins.hostile]\nmode = \"none\"\n");
    let app = app.with_program(&program.replacen("[[earning_rules]]", payment, 1)).await;
    let ada = app.joins("shop", "ada").await;
    adjusts(&app, &ada.member.id, 1, "own").await.done();
    let deliveries = async || books::counted(&app, "SELECT COUNT(*) AS n FROM deliveries").await;
    let before = deliveries().await;
    assert_eq!(before, 2, "the plugin receives what happens to ada");
    let made = gift(&app, 300, "g").await;
    adjusts(&app, &made.member, 40, "more").await.done();
    let split = json!({
        "card": { "id": made.id }, "points": 40, "reason": "r", "idempotencyKey": "s",
    });
    makes(&app, "splitGiftCard", split).await.unwrap();
    claims(&ada, made.code()).await.done();
    assert_eq!(deliveries().await, before);
    assert!(
        books::counted(&app, "SELECT COUNT(*) AS n FROM events").await > 4,
        "they are recorded"
    );
}

async fn a_part_goes_to_another_card_and_expires_when_it_would_have(backend: Backend) {
    let app = app(backend).await;
    let made = gift(&app, 300, "g").await;
    app.advance_clock("shop", "2026-02-01T00:00:00Z").await;
    adjusts(&app, &made.member, 200, "more").await.done();
    let split = json!({
        "card": { "code": made.code() }, "points": 400, "reason": "For two", "idempotencyKey": "s",
    });
    let other = makes(&app, "splitGiftCard", split.clone()).await.unwrap();
    let again = makes(&app, "splitGiftCard", split).await.unwrap();
    assert_eq!(again, Made { code: None, ..other.clone() });
    let first = json!({ "at": "2026-12-31T23:00:00Z", "points": 300 });
    let expiring =
        async |of: &Made| card(&app, &of.id).await["member"]["balance"]["expiring"].clone();
    let later = |points: i64| json!({ "at": "2027-02-01T00:00:00Z", "points": points });
    assert_eq!(expiring(&other).await, json!([first, later(100)]));
    assert_eq!(expiring(&made).await, json!([later(100)]));
    let more = json!({
        "card": { "id": made.id }, "points": 101, "reason": "r", "idempotencyKey": "t",
    });
    assert_eq!(makes(&app, "splitGiftCard", more).await, Err("INSUFFICIENT_POINTS".to_owned()));
    app.advance_clock("shop", "2027-01-02T00:00:00Z").await;
    assert_eq!((on(&app, &made).await, on(&app, &other).await), (100, 100), "what is over is over");
    books::assert_sound(&app, "shop").await;
}

async fn what_is_claimed_is_the_members_with_its_dates(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    let made = gift(&app, 300, "g").await;
    app.advance_clock("shop", "2026-02-01T00:00:00Z").await;
    adjusts(&app, &ada.member.id, 50, "own").await.done();
    assert_eq!(claims(&ada, made.code()).await.done(), json!(300));
    assert_eq!(claims(&ada, made.code()).await.done(), json!(300), "a repeat");
    let balance = member(&app, &ada.member.id).await["balance"].clone();
    assert_eq!(
        balance,
        json!({ "points": 350, "expiring": [
            { "at": "2026-12-31T23:00:00Z", "points": 300 },
            { "at": "2027-02-01T00:00:00Z", "points": 50 },
        ] })
    );
    let shown = card(&app, &made.id).await;
    assert_eq!((&shown["status"], &shown["endedPoints"]), (&json!("CLAIMED"), &json!(300)));
    assert_eq!(shown["member"]["id"], json!(ada.member.id));
    let bob = app.joins("shop", "bob").await;
    assert_eq!(claims(&bob, made.code()).await.refused().code, "CARD_ENDED");
    for (mutation, more) in [
        ("splitGiftCard", json!({ "points": 1, "idempotencyKey": "s" })),
        ("refundGiftCard", json!({})),
    ] {
        let mut input = json!({ "card": { "id": made.id }, "reason": "r" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(acts(&app, mutation, input).await.refused().code, "CARD_ENDED");
    }
    books::assert_balanced(&app, 350).await;
    books::assert_sound(&app, "shop").await;
    // An operator claims for somebody, and takes a claim back that was a mistake.
    let second = gift(&app, 20, "h").await;
    let claim = json!({ "card": { "id": second.id }, "member": { "externalId": "bob" } });
    acts(&app, "claimGiftCard", claim).await.done();
    assert_eq!(bob.points().await, 20);
    const UNMERGE: &str = "mutation($input: UnmergeMembersInput!) { unmergeMembers(input: $input) { \
         member { id } userErrors { code message field } } }";
    let mistake =
        json!({ "member": { "id": second.member }, "reason": "r", "idempotencyKey": "k" });
    app.does::<Value>("shop", UNMERGE, mistake).await.done();
    let shown = card(&app, &second.id).await;
    assert_eq!((&shown["status"], &shown["endedPoints"]), (&json!("ACTIVE"), &Value::Null));
    assert_eq!((on(&app, &second).await, bob.points().await), (20, 0));
    claims(&ada, second.code()).await.done();
    assert_eq!(ada.points().await, 370);
    books::assert_sound(&app, "shop").await;
}

async fn a_card_is_claimed_once_whoever_tries(backend: Backend) {
    let app = app(backend).await;
    let made = gift(&app, 300, "g").await;
    let other = TestApp::beside(&app).await;
    let mut people = Vec::new();
    for number in 0..6 {
        people.push(app.joins("shop", &format!("m-{number}")).await);
    }
    let there: Vec<_> = people.iter().map(|person| person.at(&other)).collect();
    let tries = people.iter().zip(&there).enumerate().map(|(number, (here, there))| {
        claims(if number % 2 == 0 { here } else { there }, made.code())
    });
    let tried = futures::future::join_all(tries).await;
    let done = tried.iter().filter(|one| matches!(one, Outcome::Done(_))).count();
    assert_eq!(done, 1, "{tried:?}");
    let mut sum = 0;
    for person in &people {
        sum += person.points().await;
    }
    assert_eq!(sum, 300);
    books::assert_sound(&app, "shop").await;
}

async fn what_is_left_is_refunded_and_the_card_ends(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    let made = gift(&app, 300, "g").await;
    super::pays(&ada, "order-1", "1.00", json!([made.pays()])).await.done();
    let refund = json!({ "card": { "code": made.code() }, "reason": "Money back" });
    let refunded = acts(&app, "refundGiftCard", refund.clone()).await.done();
    assert_eq!(
        (&refunded["status"], &refunded["endedPoints"], &refunded["member"]["balance"]["points"]),
        (&json!("REFUNDED"), &json!(200), &json!(0)),
        "what was spent stays spent"
    );
    assert_eq!(acts(&app, "refundGiftCard", refund).await.done(), refunded);
    adjusts(&app, &ada.member.id, 5, "own").await.done();
    let load = json!({
        "from": { "id": ada.member.id }, "to": { "id": made.member }, "points": 5,
        "reason": "r", "idempotencyKey": "t",
    });
    assert_eq!(refusal(&app, "transferPoints", load).await, "CARD_ENDED");
    assert_eq!(adjusts(&app, &made.member, 5, "more").await.refused().code, "CARD_ENDED");
    adjusts(&app, &ada.member.id, -5, "back").await.done();
    assert_eq!(claims(&ada, made.code()).await.refused().code, "CARD_ENDED");
    let refused = super::pays(&ada, "order-2", "1.00", json!([made.pays()])).await.refused();
    assert_eq!(refused.code, "CARD_ENDED");
    super::back(&app, "order-1", "back", json!({ "everything": true })).await.done();
    assert_eq!(on(&app, &made).await, 100, "what it has paid comes back to it, for an operator");
    books::assert_balanced(&app, 100).await;
    books::assert_sound(&app, "shop").await;
}

/// The code of the error with which a request is refused.
async fn refusal(app: &TestApp, mutation: &str, input: Value) -> String {
    let of = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let query = format!(
        "mutation($input: {of}!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}"
    );
    let answer = app.admin("shop", &query, json!({ "input": input })).await;
    let code = answer[mutation]["userErrors"][0]["code"].as_str();
    code.unwrap_or_else(|| panic!("{mutation} was done: {answer}")).to_owned()
}

async fn a_blocked_card_pays_nothing_for_anybody(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    let made = gift(&app, 300, "g").await;
    let id = json!({ "id": made.member });
    let hold = |key: &str| {
        json!({
            "member": id, "points": 10, "reason": "r", "idempotencyKey": key,
            "expiresAt": "2026-01-02T00:00:00Z",
        })
    };
    const HOLD: &str = "mutation($input: HoldPointsInput!) { holdPoints(input: $input) { \
         hold { id } userErrors { code message field } } }";
    let held = app.does::<Value>("shop", HOLD, hold("before")).await.done();
    acts(&app, "blockCard", json!({ "cardId": made.id, "reason": "Stolen" })).await.done();
    let to_ada = json!({
        "from": id, "to": { "id": ada.member.id }, "points": 10, "reason": "r",
        "idempotencyKey": "t",
    });
    for (mutation, input) in [
        ("holdPoints", hold("after")),
        ("captureHold", json!({ "holdId": held["id"], "points": 10 })),
        ("transferPoints", to_ada.clone()),
        ("redeemReward", json!({ "member": id, "rewardKey": "mug", "idempotencyKey": "m" })),
    ] {
        assert_eq!(refusal(&app, mutation, input).await, "CARD_BLOCKED", "{mutation}");
    }
    let pays = super::pays(&ada, "order-1", "1.00", json!([made.pays()])).await.refused();
    assert_eq!(pays.code, "CARD_BLOCKED");
    const RELEASE: &str = "mutation($input: ReleaseHoldInput!) { releaseHold(input: $input) { \
         hold { id } userErrors { code message field } } }";
    app.does::<Value>("shop", RELEASE, json!({ "holdId": held["id"] })).await.done();
    adjusts(&app, &made.member, -20, "wrong").await.done();
    adjusts(&app, &made.member, 5, "right").await.done();
    assert_eq!(on(&app, &made).await, 285, "an operator corrects what is on it");
    acts(&app, "unblockCard", json!({ "cardId": made.id })).await.done();
    const TRANSFER: &str = "mutation($input: TransferPointsInput!) { transferPoints(input: $input) { \
         sent { id } userErrors { code message field } } }";
    app.does::<Value>("shop", TRANSFER, to_ada).await.done();
    assert_eq!((on(&app, &made).await, ada.points().await), (275, 10));
    books::assert_sound(&app, "shop").await;
}

async fn an_order_of_before_the_card_is_paid_when_it_is_paid(backend: Backend) {
    let app = app(backend).await;
    app.joins("shop", "ada").await;
    app.advance_clock("shop", "2026-02-01T00:00:00Z").await;
    let made = gift(&app, 300, "g").await;
    app.advance_clock("shop", "2026-03-01T00:00:00Z").await;
    let input = json!({
        "member": { "externalId": "ada" }, "reference": "order-1", "total": "0.60",
        "purchasedAt": "2026-01-15T00:00:00Z", "payWith": { "sources": [made.pays()] },
    });
    app.does::<Value>("shop", super::BUY, input).await.done();
    const PAST: &str = "query($id: ID!, $at: DateTime!) { member(id: $id) { balanceAt(at: $at) } }";
    for (at, points) in
        [("2026-01-20T00:00:00Z", 0), ("2026-02-02T00:00:00Z", 300), ("2026-03-01T00:00:00Z", 240)]
    {
        let past = app.admin("shop", PAST, json!({ "id": made.member, "at": at })).await;
        assert_eq!(past["member"]["balanceAt"], points, "{at}");
    }
    super::back(&app, "order-1", "back", json!({ "everything": true })).await.done();
    assert_eq!(on(&app, &made).await, 300);
    books::assert_sound(&app, "shop").await;
}

async fn what_an_operator_said_of_the_buyer_the_claimer_does_not_see(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    let input = json!({ "points": 300, "reason": "Bob was rude", "idempotencyKey": "g" });
    let made = makes(&app, "issueGiftCard", input).await.unwrap();
    adjusts(&app, &made.member, 7, "more").await.done();
    let split = json!({
        "card": { "id": made.id }, "points": 100, "reason": "Bob again", "idempotencyKey": "s",
    });
    let part = makes(&app, "splitGiftCard", split).await.unwrap();
    for card in [&made, &part] {
        claims(&ada, card.code()).await.done();
    }
    assert_eq!(ada.points().await, 307);
    const SEE: &str = "{ me { transactions(first: 50) { nodes { kind cause { \
         ... on AdjustmentCause { adjusted: reason } ... on TransferCause { given: reason } \
         ... on MergeCause { merged: reason } } } } } }";
    let seen = ada.asks(SEE, json!({})).await.to_string();
    assert!(!seen.contains("Bob") && seen.matches("Gift card").count() >= 6, "{seen}");
    assert_eq!(card(&app, &made.id).await["reason"], "Bob was rude", "an operator reads why");
    let shown = app
        .admin(
            "shop",
            "{ transactions(first: 50) { nodes { cause { \
         ... on AdjustmentCause { reason } } } } }",
            json!({}),
        )
        .await;
    assert!(shown.to_string().contains("Bob was rude"), "{shown}");
    books::assert_sound(&app, "shop").await;
}

async fn whoever_has_the_code_sees_what_is_on_the_card_and_nobody_else_does(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    let made = gift(&app, 300, "g").await;
    const SEE: &str = "query($code: String!) { giftCard(code: $code) { status \
         balance { points expiring { at points } } wallets { pointType { key } } } }";
    let sees = async |code: &str| ada.asks(SEE, json!({ "code": code })).await["giftCard"].clone();
    let seen = sees(&made.code().to_lowercase().replace('-', "")).await;
    assert_eq!(
        (&seen["status"], &seen["balance"]["points"]),
        (&json!("ACTIVE"), &json!(300)),
        "{seen}"
    );
    assert_eq!(seen["balance"]["expiring"][0]["at"], "2026-12-31T23:00:00Z");
    assert_eq!(seen["wallets"].as_array().unwrap().len(), 1);
    let printed = json!({ "member": { "externalId": "ada" }, "idempotencyKey": "own",
        "code": "AAAA-BBBB-CCCC-DDDD" });
    makes(&app, "issueCard", printed).await.unwrap();
    for code in ["AAAA-BBBB-CCCC-DDDD", "0000-0000-0000-0000-0000", "12345678"] {
        assert_eq!(sees(code).await, Value::Null, "{code}");
        let refused = claims(&ada, code).await.refused();
        assert_eq!(
            (refused.code.as_str(), refused.field),
            ("CARD_NOT_FOUND", Some(vec!["code".into()]))
        );
    }
    acts(&app, "blockCard", json!({ "cardId": made.id, "reason": "r" })).await.done();
    let seen = sees(made.code()).await;
    assert_eq!(seen, json!({ "status": "BLOCKED", "balance": null, "wallets": [] }));
    assert_eq!(claims(&ada, made.code()).await.refused().code, "CARD_BLOCKED");
    let query =
        json!({ "query": format!("{{ giftCard(code: \"{}\") {{ status }} }}", made.code()) });
    let (_, body) = app.send("/graphql", None, &query).await;
    assert_eq!(body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{body}");
    for kept in [made.code(), &made.code().replace('-', "")] {
        assert!(places(&app, kept).await.is_empty(), "the code is kept nowhere");
    }
}

async fn what_a_second_operator_has_to_approve_is_loaded_later(backend: Backend) {
    let program = format!("{SHOP}\n[approval]\nadjust_above = 1000\n");
    let app = TestApp::start(backend).await.with_program(&program).await;
    let gift = |points: i64, key: &str| {
        makes(
            &app,
            "issueGiftCard",
            json!({ "points": points, "reason": "r", "idempotencyKey": key }),
        )
    };
    assert_eq!(gift(1001, "a").await, Err("INVALID_INPUT".to_owned()));
    let made = gift(1000, "b").await.unwrap();
    let empty = gift(0, "c").await.unwrap();
    assert_eq!((on(&app, &made).await, on(&app, &empty).await), (1000, 0));
    assert_eq!(gift(-1, "d").await, Err("INVALID_INPUT".to_owned()));
    books::assert_sound(&app, "shop").await;
}

async fn what_was_asked_for_a_card_is_not_given_to_whoever_has_claimed_it(backend: Backend) {
    const ASK: &str = "mutation($input: AdjustPointsInput!) { adjustPoints(input: $input) { \
         approval { id } userErrors { code message field } } }";
    const APPROVE: &str = "mutation($input: ApproveAdjustmentInput!) { approveAdjustment(input: $input) { \
         approval { state } userErrors { code message field } } }";
    const UNMERGE: &str = "mutation($input: UnmergeMembersInput!) { unmergeMembers(input: $input) { \
         member { id } userErrors { code message field } } }";
    let program = format!("{SHOP}\n[approval]\nadjust_above = 1000\n");
    let app = TestApp::start(backend).await.with_program(&program).await;
    let ada = app.joins("shop", "ada").await;
    let made = gift(&app, 500, "card").await;
    let asks = async |points: i64| {
        let input = json!({
            "member": { "id": made.member }, "points": points, "reason": "A load",
            "idempotencyKey": points.to_string(),
        });
        let mut asked = app.admin("shop", ASK, json!({ "input": input })).await;
        asked["adjustPoints"]["approval"]["id"].take()
    };
    let approves = async |id: &Value| {
        let input = json!({ "input": { "approvalId": id } });
        let mut answer = app.admin_as("shop", "boss", APPROVE, input).await;
        answer["approveAdjustment"].take()
    };
    let (load, taken) = (asks(5000).await, asks(-2000).await);
    claims(&ada, made.code()).await.done();
    for id in [&load, &taken] {
        let refused = approves(id).await;
        assert_eq!(refused["userErrors"][0]["code"], "CARD_ENDED", "{refused}");
        assert_eq!(refused["userErrors"][0]["field"], json!(["approvalId"]));
        let why = refused["userErrors"][0]["message"].as_str().unwrap();
        assert!(why.contains("was claimed since: decline the request"), "{why}");
    }
    assert_eq!(ada.points().await, 500);
    // A claim that was a mistake is taken back, and the load is the card's.
    let input =
        json!({ "member": { "id": made.member }, "reason": "Not hers", "idempotencyKey": "u" });
    app.does::<Value>("shop", UNMERGE, input).await.done();
    let approved = approves(&load).await;
    assert_eq!(approved["approval"]["state"], "APPROVED", "{approved}");
    assert_eq!((ada.points().await, on(&app, &made).await), (0, 5500));
    books::assert_sound(&app, "shop").await;
}

async fn who_may_issue_may_not_give_points(backend: Backend) {
    let app = app(backend).await;
    app.joins("shop", "ada").await;
    let token = app.token("shop", "desk", "cards:write");
    let answers = async |call: &str| {
        let query =
            json!({ "query": format!("mutation {{ {call} {{ userErrors {{ code }} }} }}") });
        let (_, body) = app.send("/admin/graphql", Some(&token), &query).await;
        body["errors"][0]["extensions"]["code"].clone()
    };
    let issue = "issueCard(input: { member: { externalId: \"ada\" }, idempotencyKey: \"k\" })";
    assert_eq!(answers(issue).await, Value::Null);
    let gift = "issueGiftCard(input: { points: 5, reason: \"r\", idempotencyKey: \"g\" })";
    assert_eq!(answers(gift).await, "FORBIDDEN");
    let refund = "refundGiftCard(input: { card: { code: \"0000000000000000\" }, reason: \"r\" })";
    assert_eq!(answers(refund).await, "FORBIDDEN");
}

async fn the_books_have_what_is_on_the_cards(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    let (one, two) = (gift(&app, 300, "a").await, gift(&app, 500, "b").await);
    claims(&ada, one.code()).await.done();
    super::pays(&ada, "order-1", "4.00", json!([two.pays()])).await.done();
    const LIABILITY: &str = "{ pointsLiability { total months { adjusted redeemed } } }";
    let liability = app.admin("shop", LIABILITY, Value::Null).await["pointsLiability"][0].clone();
    assert_eq!(liability["total"], 400, "{liability}");
    let month = liability["months"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(month, json!({ "adjusted": 800, "redeemed": -400 }));
    assert_eq!((ada.points().await, on(&app, &two).await), (300, 100));
    books::assert_balanced(&app, 400).await;
    books::assert_sound(&app, "shop").await;
}
