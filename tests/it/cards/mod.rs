//! Cards: codes by which accounts are found, and gift cards.

mod gift;
mod life;
mod loyalty;
mod paying;

use crate::support::programs::SHOP;
use crate::support::{Backend, Outcome, Person, TestApp};
use serde_json::{Value, json};

/// What a card is shown as.
const SHOWN: &str = "id kind lastFour status replacedById endedPoints reason \
     member { id kind externalId balance { points expiring { at points } } }";
const BUY: &str = "mutation($input: RecordPurchaseInput!) { recordPurchase(input: $input) { \
     receipt { pointsEarned balance payment { points amount { amount } transactionId \
       sources { kind memberId points amount { amount } transactionId } } } \
     userErrors { code message field } } }";
const RETURN: &str = "mutation($input: RecordReturnInput!) { recordReturn(input: $input) { \
     receipt { pointsTaken pointsRefunded amountPaidWithPoints { amount } balance \
       refunds { kind memberId points amount { amount } transactionId } } \
     userErrors { code message field } } }";

/// A shop whose points are worth a cent each, on a clock of its own.
async fn app(backend: Backend) -> TestApp {
    let sandbox = "program = \"shop\"\nsandbox = true\nclock_starts_on = \"2026-01-01\"";
    let paying = "points.expire_after_months = 12\n\
         points.payment = { points = 1, amount = \"0.01\" }";
    let program = SHOP.replace("program = \"shop\"", sandbox);
    let program = program.replace("points.expire_after_months = 12", paying);
    TestApp::start(backend).await.with_program(&program).await
}

/// A card as the request answers that makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Made {
    id: String,
    code: Option<String>,
    /// Whose account it is.
    member: String,
}

impl Made {
    fn of(payload: &Value) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Self {
            id: text(&payload["card"]["id"]).unwrap(),
            code: text(&payload["code"]),
            member: text(&payload["card"]["member"]["id"]).unwrap(),
        }
    }

    fn code(&self) -> &str {
        self.code.as_deref().unwrap()
    }

    /// As a source of a payment.
    fn pays(&self) -> Value {
        json!({ "giftCard": { "card": { "code": self.code() } } })
    }
}

/// Makes a card by one of the requests that do.
async fn makes(app: &TestApp, mutation: &str, input: Value) -> Result<Made, String> {
    let of = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let query = format!(
        "mutation($input: {of}!) {{ {mutation}(input: $input) \
         {{ code card {{ {SHOWN} }} userErrors {{ code message field }} }} }}"
    );
    let answer = app.admin("shop", &query, json!({ "input": input })).await;
    match answer[mutation]["userErrors"][0]["code"].as_str() {
        Some(code) => Err(code.to_owned()),
        None => Ok(Made::of(&answer[mutation])),
    }
}

/// Does something with a card; returns the card.
async fn acts(app: &TestApp, mutation: &str, input: Value) -> Outcome<Value> {
    let of = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let query = format!(
        "mutation($input: {of}!) {{ {mutation}(input: $input) \
         {{ card {{ {SHOWN} }} userErrors {{ code message field }} }} }}"
    );
    app.does("shop", &query, input).await
}

/// A gift card with so many points.
async fn gift(app: &TestApp, points: i64, key: &str) -> Made {
    let input = json!({ "points": points, "reason": "Sold", "idempotencyKey": key });
    makes(app, "issueGiftCard", input).await.unwrap()
}

/// A card as it is now.
async fn card(app: &TestApp, id: &str) -> Value {
    let query = format!("query($id: ID!) {{ card(id: $id) {{ {SHOWN} }} }}");
    app.admin("shop", &query, json!({ "id": id })).await["card"].clone()
}

/// What is on a card.
async fn on(app: &TestApp, made: &Made) -> i64 {
    let found = member(app, &made.member).await;
    found["balance"]["points"].as_i64().unwrap()
}

async fn member(app: &TestApp, id: &str) -> Value {
    let query = "query($id: ID!) { member(id: $id) { id kind name externalId tier { key } \
         balance { points expiring { at points } } statistics { purchases pointsEarned } \
         transactions(first: 50) { nodes { id kind points cause { __typename \
           ... on PaymentCause { purchaseReference amount { amount } } \
           ... on RefundCause { purchaseReference returnReference } } } } \
         cards { nodes { id status lastFour } } } }";
    app.admin("shop", query, json!({ "id": id })).await["member"].clone()
}

/// Records a purchase that several accounts pay.
async fn pays(person: &Person<'_>, order: &str, total: &str, sources: Value) -> Outcome<Value> {
    let input = json!({
        "member": { "externalId": person.member.external_id }, "reference": order,
        "total": total, "payWith": { "sources": sources },
    });
    person.app.does(person.program, BUY, input).await
}

/// Sends something of an order back.
async fn back(app: &TestApp, order: &str, reference: &str, what: Value) -> Outcome<Value> {
    let input = json!({
        "purchase": { "reference": order }, "reference": reference, "what": what,
    });
    app.does("shop", RETURN, input).await
}

/// Claims a gift card in the storefront.
async fn claims(person: &Person<'_>, code: &str) -> Outcome<Value> {
    const CLAIM: &str = "mutation($input: ClaimGiftCardInput!) { claimGiftCard(input: $input) { \
         points userErrors { code message field } } }";
    Outcome::of(person.asks(CLAIM, json!({ "input": { "code": code } })).await)
}

async fn adjusts(app: &TestApp, member: &str, points: i64, key: &str) -> Outcome<Value> {
    const ADJUST: &str = "mutation($input: AdjustPointsInput!) { adjustPoints(input: $input) { \
         transaction { id } userErrors { code message field } } }";
    let input = json!({
        "member": { "id": member }, "points": points, "reason": "given", "idempotencyKey": key,
    });
    app.does("shop", ADJUST, input).await
}

/// Of a receipt: who has paid how many points.
fn paid(receipt: &Value) -> Vec<String> {
    let sources = receipt["payment"]["sources"].as_array().unwrap().iter();
    let shown = |one: &Value| {
        let (kind, amount) = (one["kind"].as_str().unwrap(), one["amount"]["amount"].as_str());
        format!("{kind} {} {}", one["points"], amount.unwrap())
    };
    sources.map(shown).collect()
}
