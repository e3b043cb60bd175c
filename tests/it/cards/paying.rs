//! Paying for an order from other accounts than the buyer's: gift cards, groups.

use super::{Made, acts, app, back, claims, gift, makes, member, on, paid, pays};
use crate::memberships::group;
use crate::support::{Backend, Outcome, Person, TestApp, books, on_both_databases, perennial};
use insta::assert_snapshot;
use serde_json::{Value, json};

on_both_databases!(
    a_gift_card_pays_first_and_the_buyer_the_rest,
    what_comes_back_goes_to_whoever_paid_in_reverse,
    portions_in_any_order_give_back_exactly,
    two_tills_never_spend_more_than_is_on_a_card,
    what_was_paid_comes_back_to_a_card_that_was_replaced_or_claimed_or_is_over,
    a_group_pays_for_whoever_may_spend,
    an_edit_gives_back_to_whoever_paid_and_nobody_else_does,
    what_an_erased_payer_had_paid_is_nobodys,
    what_others_had_paid_for_who_was_erased_comes_back_to_them,
    what_cannot_pay_is_refused,
);

const EVERYTHING: &str = "everything";

fn everything() -> Value {
    json!({ EVERYTHING: true })
}

fn own(points: i64) -> Value {
    json!({ "points": points })
}

/// What a cart of the member would be paid with, as the storefront says.
async fn quoted(person: &Person<'_>, total: &str, sources: Value) -> Outcome<Value> {
    const QUOTE: &str = "query($input: QuotePurchaseInput!) { quotePurchase(input: $input) { \
         quote { payment { points amount { amount } sources { kind points amount { amount } } } } \
         userErrors { code message field } } }";
    let input = json!({ "total": total, "payWith": { "sources": sources } });
    Outcome::of(person.asks(QUOTE, json!({ "input": input })).await)
}

async fn a_gift_card_pays_first_and_the_buyer_the_rest(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    super::adjusts(&app, &ada.member.id, 1000, "own").await.done();
    let made = gift(&app, 300, "g").await;
    let sources = json!([made.pays(), own(500)]);
    let expected = ["GIFT_CARD 300 3.00", "BUYER 500 5.00"];
    let quote = quoted(&ada, "20.00", sources.clone()).await.done();
    assert_eq!(paid(&quote), expected);
    assert_eq!((on(&app, &made).await, ada.points().await), (300, 1000), "a quote spends nothing");
    let receipt = pays(&ada, "order-1", "20.00", sources.clone()).await.done();
    assert_eq!(paid(&receipt), expected);
    let payment = &receipt["payment"];
    assert_eq!((&payment["points"], &payment["amount"]["amount"]), (&json!(800), &json!("8.00")));
    assert_eq!(payment["transactionId"], payment["sources"][0]["transactionId"]);
    assert_eq!(payment["sources"][0]["memberId"], json!(made.member));
    assert_eq!((&receipt["pointsEarned"], &receipt["balance"]), (&json!(12), &json!(512)));
    assert_eq!((on(&app, &made).await, ada.points().await), (0, 512));
    // The card is not emptied for a small cart, and pays before what is named after it.
    let big = gift(&app, 900, "big").await;
    let receipt = pays(&ada, "order-2", "5.00", json!([big.pays(), own(100)])).await.done();
    assert_eq!(paid(&receipt), ["GIFT_CARD 400 4.00", "BUYER 100 1.00"]);
    let some = json!({ "giftCard": { "card": { "id": big.id }, "points": 50 } });
    let receipt = pays(&ada, "order-3", "5.00", json!([own(60), some])).await.done();
    assert_eq!(paid(&receipt), ["BUYER 60 0.60", "GIFT_CARD 50 0.50"]);
    // Whatever becomes of the card, what was answered stays.
    let lost = json!({ "cardId": made.id, "reason": "Lost", "idempotencyKey": "r" });
    makes(&app, "replaceCard", lost).await.unwrap();
    let again = pays(&ada, "order-1", "20.00", sources.clone()).await.done();
    assert_eq!(paid(&again), expected);
    assert_eq!(again["payment"], *payment);
    let other = pays(&ada, "order-1", "20.00", json!([own(500), made.pays()])).await.refused();
    assert_eq!(other.code, "REFERENCE_REUSED");
    const PURCHASE: &str = "{ purchase(reference: \"order-1\") { payment { points transactionId \
         amount { amount } sources { kind memberId points amount { amount } transactionId } } } }";
    let found = app.admin("shop", PURCHASE, Value::Null).await["purchase"]["payment"].clone();
    assert_eq!(found, *payment);
    // At the card it is said which purchase it was, and not what the shop calls it.
    let shown = member(&app, &made.member).await["transactions"]["nodes"].clone();
    assert!(!shown.to_string().contains("order-1"), "{shown}");
    // Nor what the buyer has paid besides.
    let export = ["export", "member", "--program", "shop", "--id", &made.member];
    let exported = perennial(&app.db, &export).succeeds().stdout;
    let of = |source: usize| payment["sources"][source]["transactionId"].as_str().unwrap();
    assert!(exported.contains(of(0)) && !exported.contains(of(1)), "{exported}");
    books::assert_sound(&app, "shop").await;
}

async fn what_comes_back_goes_to_whoever_paid_in_reverse(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    super::adjusts(&app, &ada.member.id, 400, "own").await.done();
    let made = gift(&app, 600, "g").await;
    pays(&ada, "order-1", "10.00", json!([made.pays(), own(400)])).await.done();
    let part = back(&app, "order-1", "a", json!({ "amount": "3.00" })).await.done();
    assert_eq!(part["pointsRefunded"], 300);
    assert_eq!(refunds(&part), ["BUYER 300 3.00"]);
    assert_eq!((on(&app, &made).await, ada.points().await), (0, 300), "the buyer paid last");
    assert_eq!(still_pays(&app, "order-1").await, ["GIFT_CARD 600 6.00", "BUYER 100 1.00"]);
    back(&app, "order-1", "b", json!({ "amount": "2.00" })).await.done();
    assert_eq!((on(&app, &made).await, ada.points().await), (100, 400));
    assert_eq!(still_pays(&app, "order-1").await, ["GIFT_CARD 500 5.00"]);
    let rest = back(&app, "order-1", "c", everything()).await.done();
    assert_eq!((&rest["pointsRefunded"], &rest["balance"]), (&json!(500), &json!(400)));
    assert_eq!((on(&app, &made).await, ada.points().await), (600, 400));
    assert_eq!(refunds(&rest), ["GIFT_CARD 500 5.00"]);
    assert_eq!(rest["refunds"][0]["memberId"], json!(made.member));
    assert_eq!(still_pays(&app, "order-1").await, Vec::<String>::new());
    let again = back(&app, "order-1", "c", everything()).await.done();
    assert_eq!(again, rest, "a repeat");
    let shown = member(&app, &made.member).await["transactions"]["nodes"].clone();
    assert!(!shown.to_string().contains("order-1"), "{shown}");
    books::assert_balanced(&app, 1000).await;
    books::assert_sound(&app, "shop").await;
}

/// Who still pays how much of an order.
async fn still_pays(app: &TestApp, order: &str) -> Vec<String> {
    const LEFT: &str = "query($of: String!) { purchase(reference: $of) { \
         payment: paymentLeft { sources { kind points amount { amount } } } } }";
    paid(&app.admin("shop", LEFT, json!({ "of": order })).await["purchase"])
}

/// To whom points went back.
fn refunds(receipt: &Value) -> Vec<String> {
    let all = receipt["refunds"].as_array().unwrap().iter();
    let shown = |one: &Value| {
        let (kind, amount) = (one["kind"].as_str().unwrap(), one["amount"]["amount"].as_str());
        format!("{kind} {} {}", one["points"], amount.unwrap())
    };
    all.map(shown).collect()
}

async fn what_others_had_paid_for_who_was_erased_comes_back_to_them(backend: Backend) {
    let app = app(backend).await;
    let home = group(&app, "home", "HOUSEHOLD").await;
    super::adjusts(&app, &home.member.id, 900, "home").await.done();
    for (index, accrual) in ["MEMBER", "BOTH", "GROUP"].into_iter().enumerate() {
        let ada = app.joins("shop", &format!("ada-{index}")).await;
        ada.belongs_to(&home, accrual, true).await.done();
        super::adjusts(&app, &ada.member.id, 400, "own").await.done();
        let made = gift(&app, 200, &format!("g-{index}")).await;
        let of_home = json!({ "group": { "group": home.named(), "points": 300 } });
        let order = format!("order-{index}");
        pays(&ada, &order, "10.00", json!([of_home, own(400), made.pays()])).await.done();
        back(&app, &order, "a", json!({ "amount": "1.00" })).await.done();
        assert_eq!(on(&app, &made).await, 90);
        const ID: &str = "query($of: String!) { purchase(reference: $of) { id } }";
        let id = app.admin("shop", ID, json!({ "of": order })).await["purchase"]["id"].clone();
        ada.is_erased().await;
        let has = home.points().await;
        let on_card = on(&app, &made).await;
        let by_id = async |reference: &str, what: Value| {
            let input = json!({ "purchase": { "id": id }, "reference": reference, "what": what });
            app.does::<Value>("shop", super::RETURN, input).await
        };
        let before = by_id("a", json!({ "amount": "1.00" })).await.done();
        assert_eq!(refunds(&before), ["GIFT_CARD 90 0.90"], "{accrual}: from before");
        assert_eq!((home.points().await, on(&app, &made).await), (has, on_card), "a repeat");
        let part = by_id("b", json!({ "amount": "3.00" })).await.done();
        assert_eq!(refunds(&part), ["GIFT_CARD 110 2.70"], "{accrual}: the rest is nobody's");
        let next = by_id("c", json!({ "amount": "3.00" })).await.done();
        assert_eq!(refunds(&next), ["GROUP 30 2.70"], "{accrual}");
        let rest = by_id("d", everything()).await.done();
        assert_eq!(rest["pointsRefunded"], 270, "{accrual}");
        for (reference, what, first) in [
            ("a", json!({ "amount": "1.00" }), &before),
            ("b", json!({ "amount": "3.00" }), &part),
            ("c", json!({ "amount": "3.00" }), &next),
            ("d", everything(), &rest),
        ] {
            assert_eq!(by_id(reference, what).await.done(), *first, "a repeat");
        }
        let other = by_id("b", everything()).await.refused();
        assert_eq!(other.code, "REFERENCE_REUSED");
        assert_eq!(by_id("e", everything()).await.refused().code, "MORE_THAN_IS_LEFT");
        // What the group had earned by it is gone.
        let earned = i64::from(accrual != "MEMBER");
        let gained = home.points().await - has;
        assert_eq!((on(&app, &made).await, gained + earned), (200, 300), "{accrual}");
        books::assert_sound(&app, "shop").await;
    }
}

async fn portions_in_any_order_give_back_exactly(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    super::adjusts(&app, &ada.member.id, 5000, "own").await.done();
    let (one, two) = (gift(&app, 333, "one").await, gift(&app, 500, "two").await);
    let named = json!({ "giftCard": { "card": { "id": two.id }, "points": 77 } });
    let portions = ["0.01", "3.33", "1.17", "0.99", "2.00", "1.01"];
    for (order, turn) in [("order-1", 0), ("order-2", 2), ("order-3", 4)] {
        let sources = json!([one.pays(), own(111), named]);
        pays(&ada, order, "12.34", sources).await.done();
        assert_eq!((on(&app, &one).await, on(&app, &two).await), (0, 423));
        let mut given = 0;
        for index in 0..portions.len() {
            let amount = portions[(index + turn) % portions.len()];
            let what = json!({ "amount": amount });
            let part = back(&app, order, &format!("r-{index}"), what).await.done();
            given += part["pointsRefunded"].as_i64().unwrap();
            let there = on(&app, &one).await + on(&app, &two).await + ada.points().await;
            assert!(there <= 5833 + 12, "never more than was paid: {there}");
        }
        let rest = back(&app, order, "rest", everything()).await.done();
        assert_eq!(given + rest["pointsRefunded"].as_i64().unwrap(), 521, "{order}");
        assert_eq!((on(&app, &one).await, on(&app, &two).await), (333, 500), "{order}");
        assert_eq!(ada.points().await, 5000, "{order}");
    }
    books::assert_sound(&app, "shop").await;
}

async fn two_tills_never_spend_more_than_is_on_a_card(backend: Backend) {
    let app = app(backend).await;
    let made = gift(&app, 1000, "g").await;
    let other = TestApp::beside(&app).await;
    let mut people = Vec::new();
    for number in 0..6 {
        people.push(app.joins("shop", &format!("m-{number}")).await);
    }
    let there: Vec<_> = people.iter().map(|person| person.at(&other)).collect();
    let tries = (0..24).map(|number| {
        let person = if number % 2 == 0 { &people[number % 6] } else { &there[number % 6] };
        let with = json!({ "giftCard": { "card": { "code": made.code() }, "points": 150 } });
        async move { pays(person, &format!("try-{number}"), "2.00", json!([with])).await }
    });
    let tried = futures::future::join_all(tries).await;
    let done = tried.iter().filter(|one| matches!(one, Outcome::Done(_))).count();
    for refused in tried.into_iter().filter(|one| matches!(one, Outcome::Refused(_))) {
        assert_eq!(refused.refused().code, "INSUFFICIENT_POINTS");
    }
    assert_eq!((done, on(&app, &made).await), (6, 100));
    books::assert_sound(&app, "shop").await;
}

async fn what_was_paid_comes_back_to_a_card_that_was_replaced_or_claimed_or_is_over(
    backend: Backend,
) {
    let app = app(backend).await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    let lost = gift(&app, 300, "lost").await;
    let claimed = gift(&app, 500, "claimed").await;
    let over = gift(&app, 200, "over").await;
    pays(&ada, "order-1", "3.00", json!([lost.pays()])).await.done();
    pays(&ada, "order-2", "4.00", json!([claimed.pays()])).await.done();
    pays(&ada, "order-3", "2.00", json!([over.pays()])).await.done();
    let replace = json!({ "cardId": lost.id, "reason": "Lost", "idempotencyKey": "r" });
    let new = makes(&app, "replaceCard", replace).await.unwrap();
    assert_eq!(claims(&bob, claimed.code()).await.done(), json!(100));
    back(&app, "order-1", "r", everything()).await.done();
    assert_eq!((on(&app, &new).await, new.member.as_str()), (300, lost.member.as_str()));
    let refused = pays(&ada, "order-4", "1.00", json!([lost.pays()])).await.refused();
    assert_eq!(refused.code, "CARD_REPLACED");
    pays(&ada, "order-4", "1.00", json!([new.pays()])).await.done();
    back(&app, "order-2", "r", json!({ "amount": "1.00" })).await.done();
    back(&app, "order-2", "s", everything()).await.done();
    assert_eq!(bob.points().await, 500, "it is the card's, and that is bob's");
    let balance = member(&app, &bob.member.id).await["balance"]["expiring"].clone();
    assert_eq!(balance, json!([{ "at": "2026-12-31T23:00:00Z", "points": 500 }]));
    const PURCHASE: &str = "{ purchase(reference: \"order-2\") { \
         payment { sources { kind memberId points amount { amount } } } } }";
    let found = app.admin("shop", PURCHASE, Value::Null).await["purchase"].clone();
    assert_eq!(paid(&found), ["GIFT_CARD 400 4.00"]);
    assert_eq!(found["payment"]["sources"][0]["memberId"], json!(claimed.member));
    app.advance_clock("shop", "2027-02-01T00:00:00Z").await;
    back(&app, "order-3", "r", everything()).await.done();
    let shown = member(&app, &over.member).await["balance"].clone();
    let grace = json!([{ "at": "2027-03-03T00:00:00Z", "points": 200 }]);
    assert_eq!(shown, json!({ "points": 200, "expiring": grace }), "for the days of grace");
    books::assert_sound(&app, "shop").await;
}

/// A household with so many points, to which some belong who may spend.
async fn home<'a>(app: &'a TestApp, points: i64, spenders: &[&Person<'_>]) -> Person<'a> {
    let input = json!({ "externalId": "home", "kind": "HOUSEHOLD", "name": "home" });
    let home = Person { app, program: "shop", member: app.creates("shop", input).await.done() };
    super::adjusts(app, &home.member.id, points, "home").await.done();
    const JOIN: &str = "mutation($input: JoinGroupInput!) { joinGroup(input: $input) { \
         membership { id } userErrors { code message field } } }";
    for person in spenders {
        let input = json!({
            "group": { "id": home.member.id }, "person": { "id": person.member.id },
            "accrual": "MEMBER", "maySpend": true,
        });
        app.does::<Value>("shop", JOIN, input).await.done();
    }
    home
}

fn of_home(points: i64) -> Value {
    json!({ "group": { "group": { "externalId": "home" }, "points": points } })
}

async fn a_group_pays_for_whoever_may_spend(backend: Backend) {
    let app = app(backend).await;
    let (ada, eve) = (app.joins("shop", "ada").await, app.joins("shop", "eve").await);
    let home = home(&app, 700, &[&ada]).await;
    super::adjusts(&app, &ada.member.id, 100, "own").await.done();
    let made = gift(&app, 50, "g").await;
    let sources = json!([made.pays(), of_home(400), own(100)]);
    let quote = quoted(&ada, "9.00", sources.clone()).await.done();
    let receipt = pays(&ada, "secret-order", "9.00", sources).await.done();
    let expected = ["GIFT_CARD 50 0.50", "GROUP 400 4.00", "BUYER 100 1.00"];
    assert_eq!(
        (paid(&quote), paid(&receipt)),
        (expected.map(String::from).to_vec(), expected.map(String::from).to_vec())
    );
    assert_eq!((home.points().await, ada.points().await), (300, 3));
    for who in [&eve, &home] {
        let refused = pays(who, "order-2", "9.00", json!([of_home(10)])).await.refused();
        assert_eq!(refused.code, "MAY_NOT_SPEND");
        assert_eq!(refused.field.unwrap().join("."), "payWith.sources.0.group.group");
    }
    let more = pays(&ada, "order-2", "9.00", json!([of_home(301)])).await.refused();
    assert_eq!(more.code, "INSUFFICIENT_POINTS");
    let seen = home
        .asks(
            "{ me { transactions(first: 20) { nodes { kind points \
         cause { __typename ... on PaymentCause { purchaseReference } } } } } }",
            Value::Null,
        )
        .await;
    assert!(!seen.to_string().contains("secret"), "what the buyer bought is the buyer's: {seen}");
    back(&app, "secret-order", "secret-back", json!({ "amount": "5.00" })).await.done();
    assert_eq!((home.points().await, on(&app, &made).await), (505, 0));
    back(&app, "secret-order", "secret-rest", everything()).await.done();
    assert_eq!((home.points().await, on(&app, &made).await, ada.points().await), (700, 50, 100));
    let whole = member(&app, &home.member.id).await.to_string();
    assert!(!whole.contains("secret"), "{whole}");
    books::assert_sound(&app, "shop").await;
}

async fn an_edit_gives_back_to_whoever_paid_and_nobody_else_does(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    let home = home(&app, 700, &[&ada]).await;
    let made = gift(&app, 300, "g").await;
    pays(&ada, "order-1", "8.00", json!([made.pays(), of_home(500)])).await.done();
    const EDIT: &str = "mutation($input: EditPurchaseInput!) { editPurchase(input: $input) { \
         receipt { editId } userErrors { code message field } } }";
    let edit = json!({
        "purchase": { "reference": "order-1" }, "reference": "e", "total": "2.00",
    });
    app.does::<Value>("shop", EDIT, edit).await.done();
    assert_eq!((home.points().await, on(&app, &made).await), (700, 100));
    let spend = member(&app, &made.member).await["transactions"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["kind"] == "SPEND")
        .unwrap()["id"]
        .clone();
    const VOID: &str = "mutation($input: VoidTransactionInput!) { voidTransaction(input: $input) { \
         transaction { points } userErrors { code message field } } }";
    let void = json!({ "transactionId": spend, "reason": "Mistake" });
    let refused = app.does::<Value>("shop", VOID, void).await.refused();
    assert!(refused.to_string().starts_with("CANNOT_BE_VOIDED transactionId: it has paid"));
    let rest = back(&app, "order-1", "r", everything()).await.done();
    assert_eq!(rest["pointsRefunded"], 200);
    assert_eq!((home.points().await, on(&app, &made).await), (700, 300));
    books::assert_sound(&app, "shop").await;
}

async fn what_an_erased_payer_had_paid_is_nobodys(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    let home = home(&app, 700, &[&ada]).await;
    let made = gift(&app, 300, "g").await;
    pays(&ada, "order-1", "8.00", json!([made.pays(), of_home(500)])).await.done();
    super::life::erases(&app, &home.member.id).await;
    let part = back(&app, "order-1", "a", json!({ "amount": "4.00" })).await.done();
    let rest = back(&app, "order-1", "b", everything()).await.done();
    let given = [part, rest].map(|one| one["pointsRefunded"].as_i64().unwrap());
    assert_eq!((given.iter().sum::<i64>(), on(&app, &made).await), (300, 300));
    books::assert_sound(&app, "shop").await;
}

async fn what_cannot_pay_is_refused(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    let made = gift(&app, 300, "g").await;
    let loyalty = json!({ "member": { "externalId": "ada" }, "code": "AAAABBBBCCCCDDDD",
        "idempotencyKey": "l" });
    makes(&app, "issueCard", loyalty).await.unwrap();
    let coded = |code: &str| json!({ "giftCard": { "card": { "code": code } } });
    let mut mistyped = made.code().to_owned();
    let last = if mistyped.ends_with('7') { '8' } else { '7' };
    mistyped.pop();
    mistyped.push(last);
    let blocked = gift(&app, 300, "blocked").await;
    acts(&app, "blockCard", json!({ "cardId": blocked.id, "reason": "r" })).await.done();
    let empty = Made { ..gift(&app, 0, "empty").await };
    let mut refusals = Vec::new();
    for sources in [
        json!([]),
        json!([coded("AAAABBBBCCCCDDDD")]),
        json!([coded("12345678")]),
        json!([coded(&mistyped)]),
        json!([blocked.pays()]),
        json!([empty.pays()]),
        json!([made.pays(), { "giftCard": { "card": { "id": made.id }, "points": 5 } }]),
        json!([{ "giftCard": { "card": { "id": made.id }, "points": 0 } }]),
        json!([{ "giftCard": { "card": { "id": made.id }, "points": 301 } }]),
        json!([of_home(5)]),
        json!([own(5)]),
        Value::Array(vec![own(5); 11]),
    ] {
        refusals.push(pays(&ada, "order-1", "5.00", sources).await.refused().to_string());
    }
    assert_snapshot!(refusals.join("\n"), @r"
    INVALID_INPUT payWith.sources: name who pays
    CARD_NOT_FOUND payWith.sources.0.giftCard.card: there is no such card in this program
    CARD_NOT_FOUND payWith.sources.0.giftCard.card: there is no such card in this program
    CARD_NOT_FOUND payWith.sources.0.giftCard.card: there is no such card: the code was mistyped
    CARD_BLOCKED payWith.sources.0.giftCard.card: the card is blocked
    INSUFFICIENT_POINTS payWith: there is too little to pay with, or too little to be paid
    INVALID_INPUT payWith.sources.1: pays already: name it once
    INVALID_INPUT payWith.sources.0.giftCard.points: use a number above zero
    INSUFFICIENT_POINTS payWith.sources.0: 301 points are needed, the balance is 300
    MEMBER_NOT_FOUND payWith.sources.0.group.group: there is no such member in this program
    INSUFFICIENT_POINTS payWith.sources.0: 5 points are needed, the balance is 0
    TOO_MANY payWith.sources: at most 10 sources pay for a purchase
    ");
    let by_id = json!([{ "giftCard": { "card": { "id": made.id } } }]);
    assert_eq!(quoted(&ada, "5.00", by_id).await.refused().code, "CARD_NOT_FOUND");
    assert_eq!(on(&app, &made).await, 300, "nothing was spent");
}
