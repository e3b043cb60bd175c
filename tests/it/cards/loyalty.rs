//! Cards by which members are found: issuing, replacing, blocking.

use super::{acts, app, card, makes};
use crate::support::{Backend, TestApp, books, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(
    a_card_finds_its_member_however_its_code_is_typed,
    a_replaced_card_is_refused_permanently_and_the_account_stays,
    a_blocked_card_is_refused_until_it_is_unblocked,
    a_repeat_returns_the_same_card_and_not_its_code,
    a_code_is_one_cards_alone,
    what_can_be_no_card_is_refused,
);

/// The member whom a till finds by a code, or the error.
async fn by_card(app: &TestApp, code: &str) -> Result<Value, String> {
    let token = app.token("shop", "till", "members:read");
    let query = json!({
        "query": "query($code: String!) { memberByCard(code: $code) { externalId } }",
        "variables": { "code": code },
    });
    let (_, body) = app.send("/admin/graphql", Some(&token), &query).await;
    match body["errors"][0]["extensions"]["code"].as_str() {
        Some(code) => Err(code.to_owned()),
        None => Ok(body["data"]["memberByCard"]["externalId"].clone()),
    }
}

fn of(member: &str, key: &str) -> Value {
    json!({ "member": { "externalId": member }, "idempotencyKey": key })
}

async fn a_card_finds_its_member_however_its_code_is_typed(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    let made = makes(&app, "issueCard", of("ada", "one")).await.unwrap();
    let code = made.code().to_owned();
    assert_eq!((made.member.as_str(), code.len()), (ada.member.id.as_str(), 24));
    let confused = code.to_lowercase().replace('0', "o").replace('1', "i").replace('-', " ");
    for typed in [code.clone(), code.replace('-', ""), confused] {
        assert_eq!(by_card(&app, &typed).await, Ok(json!("ada")), "{typed}");
    }
    let printed = json!({
        "member": { "externalId": "ada" }, "code": "loyal 4711-0815", "idempotencyKey": "two",
    });
    let second = makes(&app, "issueCard", printed).await.unwrap();
    assert_eq!(by_card(&app, "LOYAL47110815").await, Ok(json!("ada")), "an account has several");
    assert_eq!(card(&app, &second.id).await["lastFour"], "0815");
    let shown = super::member(&app, &ada.member.id).await["cards"]["nodes"].clone();
    assert_eq!(shown.as_array().unwrap().len(), 2, "{shown}");
    assert_eq!(by_card(&app, "4711 0815 4711").await, Ok(Value::Null));
    let unknown =
        books::counted(&app, "SELECT COUNT(*) AS n FROM cards WHERE last_four = ''").await;
    assert_eq!(unknown, 0);
}

async fn a_replaced_card_is_refused_permanently_and_the_account_stays(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "30.00").await.done();
    let before = super::member(&app, &ada.member.id).await["transactions"].clone();
    let old = makes(&app, "issueCard", of("ada", "one")).await.unwrap();
    let lost = json!({ "cardId": old.id, "reason": "Lost", "idempotencyKey": "two" });
    let new = makes(&app, "replaceCard", lost.clone()).await.unwrap();
    assert_eq!(by_card(&app, old.code()).await, Err("CARD_REPLACED".to_owned()));
    assert_eq!(by_card(&app, new.code()).await, Ok(json!("ada")));
    let shown = card(&app, &old.id).await;
    assert_eq!((&shown["status"], &shown["reason"]), (&json!("REPLACED"), &json!("Lost")));
    assert_eq!(shown["replacedById"], json!(new.id));
    let again = makes(&app, "replaceCard", lost).await.unwrap();
    assert_eq!((again.id, again.code), (new.id.clone(), None));
    let other = json!({ "cardId": old.id, "reason": "Lost", "idempotencyKey": "three" });
    assert_eq!(makes(&app, "replaceCard", other).await, Err("CARD_REPLACED".to_owned()));
    for (mutation, input) in [
        ("blockCard", json!({ "cardId": old.id, "reason": "r" })),
        ("unblockCard", json!({ "cardId": old.id })),
    ] {
        assert_eq!(acts(&app, mutation, input).await.refused().code, "CARD_REPLACED");
    }
    let after = super::member(&app, &ada.member.id).await["transactions"].clone();
    assert_eq!(after, before, "nothing in the ledger has moved");
    books::assert_sound(&app, "shop").await;
}

async fn a_blocked_card_is_refused_until_it_is_unblocked(backend: Backend) {
    let app = app(backend).await;
    app.joins("shop", "ada").await;
    let made = makes(&app, "issueCard", of("ada", "one")).await.unwrap();
    let block = json!({ "cardId": made.id, "reason": "Perhaps lost" });
    let blocked = acts(&app, "blockCard", block.clone()).await.done();
    assert_eq!(
        (&blocked["status"], &blocked["reason"]),
        (&json!("BLOCKED"), &json!("Perhaps lost"))
    );
    assert_eq!(acts(&app, "blockCard", block).await.done(), blocked);
    assert_eq!(by_card(&app, made.code()).await, Err("CARD_BLOCKED".to_owned()));
    let unblock = json!({ "cardId": made.id });
    let active = acts(&app, "unblockCard", unblock.clone()).await.done();
    assert_eq!((&active["status"], &active["reason"]), (&json!("ACTIVE"), &Value::Null));
    assert_eq!(acts(&app, "unblockCard", unblock).await.done(), active);
    assert_eq!(by_card(&app, made.code()).await, Ok(json!("ada")));
    acts(&app, "blockCard", json!({ "cardId": made.id, "reason": "Lost" })).await.done();
    let lost = json!({ "cardId": made.id, "reason": "Lost", "idempotencyKey": "two" });
    let new = makes(&app, "replaceCard", lost).await.unwrap();
    assert_eq!(by_card(&app, new.code()).await, Ok(json!("ada")), "the other one is not blocked");
}

async fn a_repeat_returns_the_same_card_and_not_its_code(backend: Backend) {
    let app = app(backend).await;
    app.joins("shop", "ada").await;
    app.joins("shop", "bob").await;
    let other = TestApp::beside(&app).await;
    let tries = (0..8).map(|number| {
        let server = if number % 2 == 0 { &app } else { &other };
        makes(server, "issueCard", of("ada", "one"))
    });
    let made: Vec<_> = futures::future::join_all(tries).await.into_iter().flatten().collect();
    assert_eq!(made.len(), 8);
    assert!(made.iter().all(|one| one.id == made[0].id), "{made:?}");
    assert_eq!(made.iter().filter(|one| one.code.is_some()).count(), 1, "it is said once");
    let mut other = of("bob", "one");
    assert_eq!(makes(&app, "issueCard", other.clone()).await, Err("IDEMPOTENCY_KEY_REUSED".into()));
    other["code"] = json!("12345678");
    assert_eq!(makes(&app, "issueCard", other).await, Err("IDEMPOTENCY_KEY_REUSED".into()));
    let gift = json!({ "points": 1, "reason": "r", "idempotencyKey": "one" });
    assert_eq!(makes(&app, "issueGiftCard", gift).await, Err("IDEMPOTENCY_KEY_REUSED".into()));
}

async fn a_code_is_one_cards_alone(backend: Backend) {
    let app = app(backend).await;
    let names: Vec<_> = (0..6).map(|number| format!("m-{number}")).collect();
    for name in &names {
        app.joins("shop", name).await;
    }
    let other = TestApp::beside(&app).await;
    let issue = |name: &str, code: &str| json!({ "member": { "externalId": name }, "code": code, "idempotencyKey": name });
    let tries = names.iter().enumerate().map(|(number, name)| {
        let server = if number % 2 == 0 { &app } else { &other };
        makes(server, "issueCard", issue(name, "O123 4567-89"))
    });
    let tried = futures::future::join_all(tries).await;
    let refused: Vec<_> = tried.iter().filter_map(|one| one.as_ref().err()).collect();
    assert_eq!(refused, ["CARD_CODE_TAKEN"; 5], "{tried:?}");
    let first = tried.iter().flatten().next().unwrap();
    let lost = json!({ "cardId": first.id, "reason": "Lost", "idempotencyKey": "again" });
    makes(&app, "replaceCard", lost).await.unwrap();
    app.joins("shop", "eve").await;
    let same = makes(&app, "issueCard", issue("eve", "0i23456789")).await;
    assert_eq!(same, Err("CARD_CODE_TAKEN".to_owned()), "also of a card that is none any more");
}

async fn what_can_be_no_card_is_refused(backend: Backend) {
    let app = app(backend).await;
    app.joins("shop", "ada").await;
    for (field, value, code) in [
        ("code", json!("1234567"), "INVALID_INPUT"),
        ("code", json!("12345678€"), "INVALID_INPUT"),
        ("code", json!("x".repeat(65)), "INVALID_INPUT"),
        ("member", json!({ "externalId": "nobody" }), "MEMBER_NOT_FOUND"),
        ("idempotencyKey", json!(" "), "INVALID_INPUT"),
    ] {
        let mut input = of("ada", "one");
        input[field] = value;
        assert_eq!(makes(&app, "issueCard", input).await, Err(code.to_owned()), "{field}");
    }
    let none = json!({ "cardId": "crd_00000000000000000000000000", "reason": "r" });
    let refused = acts(&app, "blockCard", none).await.refused();
    assert_eq!(refused.to_string(), "CARD_NOT_FOUND cardId: there is no such card in this program");
    let gift = super::gift(&app, 10, "gift").await;
    let second = json!({ "member": { "id": gift.member }, "idempotencyKey": "two" });
    assert_eq!(makes(&app, "issueCard", second).await, Err("INVALID_INPUT".to_owned()));
    let short = json!({
        "cardId": gift.id, "code": "123456789012345", "reason": "r", "idempotencyKey": "three",
    });
    assert_eq!(makes(&app, "replaceCard", short).await, Err("INVALID_INPUT".to_owned()));
    let kinds = books::counted(&app, "SELECT COUNT(*) AS n FROM cards").await;
    assert_eq!(kinds, 1, "nothing was issued besides");
}
