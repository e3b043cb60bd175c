//! What becomes of cards when members are merged, unmerged, erased and exported.

use super::{acts, app, card, claims, gift, makes, member, on, pays};
use crate::support::{Backend, Person, TestApp, books, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(
    cards_go_with_a_merge_and_come_back_with_an_unmerge,
    a_card_of_a_merged_member_claims_for_the_survivor,
    of_who_is_erased_no_card_is_left,
    what_was_done_for_who_is_erased_is_not_done_again,
    an_export_has_the_cards,
);

const MERGE: &str = "mutation($input: MergeMembersInput!) { mergeMembers(input: $input) { \
     member { id } userErrors { code message field } } }";
const UNMERGE: &str = "mutation($input: UnmergeMembersInput!) { unmergeMembers(input: $input) { \
     member { id } userErrors { code message field } } }";
const ERASE: &str = "mutation($input: EraseMemberInput!) { eraseMember(input: $input) { \
     erasedAt userErrors { code message field } } }";

pub(super) async fn erases(app: &TestApp, member: &str) {
    app.does::<Value>("shop", ERASE, json!({ "memberId": member })).await.done();
}

async fn merges(app: &TestApp, from: &Person<'_>, into: &Person<'_>) {
    let input = json!({
        "from": { "id": from.member.id }, "into": { "id": into.member.id }, "reason": "r",
        "idempotencyKey": "k",
    });
    app.does::<Value>("shop", MERGE, input).await.done();
}

async fn parts(app: &TestApp, person: &Person<'_>) {
    let input = json!({
        "member": { "id": person.member.id }, "reason": "r", "idempotencyKey": "k",
    });
    app.does::<Value>("shop", UNMERGE, input).await.done();
}

async fn issues(app: &TestApp, person: &Person<'_>, key: &str) -> super::Made {
    let input = json!({ "member": { "id": person.member.id }, "idempotencyKey": key });
    makes(app, "issueCard", input).await.unwrap()
}

/// The external id of the member whom a card finds.
async fn finds(app: &TestApp, code: &str) -> Value {
    let query = "query($code: String!) { memberByCard(code: $code) { externalId } }";
    let found = app.admin("shop", query, json!({ "code": code })).await;
    found["memberByCard"]["externalId"].clone()
}

async fn cards_go_with_a_merge_and_come_back_with_an_unmerge(backend: Backend) {
    let app = app(backend).await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    let bea = app.joins("shop", "bea").await;
    let (first, second) = (issues(&app, &old, "1").await, issues(&app, &ada, "2").await);
    let claimed = gift(&app, 30, "g").await;
    claims(&old, claimed.code()).await.done();
    merges(&app, &old, &ada).await;
    for of in [&first, &second] {
        assert_eq!(finds(&app, of.code()).await, "ada");
    }
    let replace = json!({ "cardId": first.id, "reason": "Lost", "idempotencyKey": "3" });
    let third = makes(&app, "replaceCard", replace).await.unwrap();
    merges(&app, &ada, &bea).await;
    assert_eq!(finds(&app, third.code()).await, "bea");
    assert_eq!(bea.points().await, 30);
    parts(&app, &ada).await;
    assert_eq!((finds(&app, second.code()).await, ada.points().await), (json!("ada"), 30));
    parts(&app, &old).await;
    assert_eq!(card(&app, &first.id).await["member"]["externalId"], "old");
    assert_eq!(card(&app, &claimed.id).await["member"]["externalId"], "old");
    assert_eq!(card(&app, &claimed.id).await["status"], "CLAIMED");
    assert_eq!(finds(&app, third.code()).await, "ada", "it was issued to ada");
    assert_eq!((old.points().await, ada.points().await, bea.points().await), (30, 0, 0));
    books::assert_sound(&app, "shop").await;
}

async fn a_card_of_a_merged_member_claims_for_the_survivor(backend: Backend) {
    let app = app(backend).await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    let made = gift(&app, 30, "g").await;
    merges(&app, &old, &ada).await;
    let claim = json!({ "card": { "code": made.code() }, "member": { "externalId": "old" } });
    let first = acts(&app, "claimGiftCard", claim.clone()).await.done();
    assert_eq!(first["member"]["externalId"], "ada");
    assert_eq!(acts(&app, "claimGiftCard", claim).await.done(), first);
    parts(&app, &old).await;
    assert_eq!((old.points().await, ada.points().await), (0, 30), "it was claimed since");
    books::assert_sound(&app, "shop").await;
}

async fn of_who_is_erased_no_card_is_left(backend: Backend) {
    let app = app(backend).await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    let own = issues(&app, &ada, "secret-key").await;
    let claimed = gift(&app, 300, "g").await;
    let other = gift(&app, 300, "h").await;
    pays(&bob, "secret-bob", "1.00", json!([claimed.pays()])).await.done();
    claims(&ada, claimed.code()).await.done();
    pays(&ada, "secret-ada", "1.00", json!([other.pays()])).await.done();
    erases(&app, &ada.member.id).await;
    assert_eq!(finds(&app, own.code()).await, Value::Null);
    assert_eq!(
        (card(&app, &own.id).await, card(&app, &claimed.id).await),
        (Value::Null, Value::Null)
    );
    let whole = member(&app, &other.member).await;
    assert_eq!(whole["balance"]["points"], 200, "a gift card that paid for ada stays");
    for text in ["secret-ada", "secret-key"] {
        assert!(crate::privacy::places(&app, text).await.is_empty(), "{text}");
    }
    assert_eq!(on(&app, &other).await, 200);
    let refused = super::back(&app, "secret-bob", "r", json!({ "everything": true })).await.done();
    assert_eq!(refused["pointsRefunded"], 0, "whose it was is nobody");
    erases(&app, &other.member).await;
    assert_eq!(card(&app, &other.id).await, Value::Null);
    books::assert_sound(&app, "shop").await;
}

async fn what_was_done_for_who_is_erased_is_not_done_again(backend: Backend) {
    let app = app(backend).await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    let from = gift(&app, 300, "bought").await;
    let issued = |key: &str| {
        json!({
            "member": { "id": ada.member.id }, "code": "1234-5678", "idempotencyKey": key,
        })
    };
    let sold = json!({ "points": 50, "reason": "Sold", "idempotencyKey": "sold" });
    let split = json!({
        "card": { "id": from.id }, "points": 100, "reason": "For ada", "idempotencyKey": "split",
    });
    let printed = makes(&app, "issueCard", issued("own")).await.unwrap();
    let replace = json!({ "cardId": printed.id, "reason": "Lost", "idempotencyKey": "replaced" });
    makes(&app, "replaceCard", replace.clone()).await.unwrap();
    for (mutation, input) in [("issueGiftCard", &sold), ("splitGiftCard", &split)] {
        let made = makes(&app, mutation, input.clone()).await.unwrap();
        claims(&ada, made.code()).await.done();
    }
    erases(&app, &ada.member.id).await;
    let before = books::counted(&app, "SELECT COUNT(*) AS n FROM transactions").await;
    let mut other_reason = sold.clone();
    other_reason["reason"] = json!("Sold once more");
    for (mutation, input) in [
        ("issueCard", issued("own")),
        ("replaceCard", replace),
        ("issueGiftCard", sold),
        ("issueGiftCard", other_reason),
        ("splitGiftCard", split),
    ] {
        assert_eq!(makes(&app, mutation, input).await, Err("MEMBER_ERASED".to_owned()));
    }
    let stolen = json!({
        "member": { "id": bob.member.id }, "code": "1234 5678", "idempotencyKey": "bobs",
    });
    assert_eq!(makes(&app, "issueCard", stolen).await, Err("CARD_CODE_TAKEN".to_owned()));
    assert_eq!(finds(&app, "1234-5678").await, Value::Null, "whose it was is nobody");
    assert_eq!(on(&app, &from).await, 200);
    let after = books::counted(&app, "SELECT COUNT(*) AS n FROM transactions").await;
    assert_eq!(after, before);
    let refused = books::execute(&app, "DELETE FROM erased_cards").await.unwrap_err();
    assert!(refused.contains("append-only"), "{refused}");
    makes(&app, "issueCard", json!({ "member": { "id": bob.member.id }, "idempotencyKey": "new" }))
        .await
        .unwrap();
    books::assert_sound(&app, "shop").await;
}

async fn an_export_has_the_cards(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    let own = issues(&app, &ada, "1").await;
    let claimed = gift(&app, 300, "g").await;
    claims(&ada, claimed.code()).await.done();
    let token = app.token("shop", "officer", "members:export");
    let address = format!("{}/admin/members/export?id={}", app.address(), ada.member.id);
    let response = reqwest::Client::new().get(address).bearer_auth(token).send().await;
    let text = response.unwrap().text().await.unwrap();
    let cards: Vec<_> = text.lines().filter(|line| line.contains("\"cards\"")).collect();
    assert_eq!(cards.len(), 2, "{text}");
    for id in [&own.id, &claimed.id] {
        assert!(cards.iter().any(|line| line.contains(id.as_str())), "{cards:?}");
    }
    assert!(!text.contains("hash"), "{text}");
}
