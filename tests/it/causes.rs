//! Why each transaction is there, as both schemas say it.

use crate::support::programs::example;
use crate::support::{Backend, Person, TestApp, books, on_both_databases, plugins};
use insta::assert_snapshot;
use perennial_core::ledger::NewOpening;
use perennial_core::members::MemberRef;
use perennial_core::{Actor, Points};
use serde_json::{Value, json};

on_both_databases!(
    each_transaction_says_why_it_is_there,
    a_rules_name_is_in_the_language_of_who_asks,
    what_a_plugin_gave_names_its_component,
    of_a_referral_operators_see_both_sides_and_shoppers_their_own,
);

/// The example shop, which also rewards whoever brings a friend.
fn shop() -> String {
    format!("{}[referral]\nreferrer_points = 50\nreferred_points = 25\n", example("tea-shop"))
}

const CAUSE: &str = "cause { __typename \
     ... on PurchaseCause { purchaseId purchaseReference revision total { amount } \
       explanation { points awards { ruleKey points reason } } } \
     ... on AwardCause { cuts { points } pluginKey digest eventId awardKey reason revision } \
     ... on ReferralCause { cuts { points } role returnId revision } \
     ... on ActivationCause { transactionId } \
     ... on OpeningCause { reason reference countsAsEarned revision } \
     ... on RewardCause { rewardKey redemptionId revision reward { name } } \
     ... on PaymentCause { purchaseId purchaseReference revision amount { amount } } \
     ... on HoldCause { holdId holdReason: reason captured: revision } \
     ... on ReturnCause { returnId returnReference purchaseId purchaseReference points revision } \
     ... on RefundCause { returnId returnReference purchaseReference paymentId revision } \
     ... on AdjustmentCause { reason countsAsEarned revision } \
     ... on VoidCause { transactionId reason short revision } \
     ... on ExtensionCause { reason until revision } \
     ... on ExpiryCause { by byHand: reason revisionByHand: revision } \
     ... on RestorationCause { transactionId why: reason } \
     ... on ErasureCause { isItsOwn } }";

impl Person<'_> {
    async fn does(&self, mutation: &str, input_type: &str, made: &str, mut input: Value) -> Value {
        if input["member"].is_boolean() {
            input["member"] = json!({ "externalId": self.member.external_id });
        }
        let text = format!(
            "mutation($input: {input_type}!) {{ {mutation}(input: $input) {{ {made} \
             userErrors {{ code message field }} }} }}"
        );
        self.app.does(self.program, &text, input).await.done()
    }

    async fn is_given(&self, points: i64, reason: &str) -> Value {
        let input = json!({
            "member": true, "points": points, "reason": reason, "idempotencyKey": reason,
        });
        self.does("adjustPoints", "AdjustPointsInput", "transaction { id }", input).await["id"]
            .clone()
    }

    /// A line for each transaction, the first first: kind, points and cause, with ids as what they
    /// are ids of.
    async fn causes(&self) -> Vec<String> {
        let query = format!(
            "{{ me {{ transactions(first: 100) {{ nodes {{ kind points {CAUSE} }} }} }} }}"
        );
        let me = self.asks(&query, Value::Null).await;
        let nodes = me["me"]["transactions"]["nodes"].as_array().unwrap().clone();
        nodes.iter().rev().map(line).collect()
    }
}

fn line(node: &Value) -> String {
    let mut cause = node["cause"].clone();
    let name = cause["__typename"].as_str().unwrap_or("nothing").to_owned();
    if let Some(fields) = cause.as_object_mut() {
        fields.remove("__typename");
        for (name, value) in fields {
            if name.ends_with("Id") && value.is_string() {
                *value = json!(value.as_str().unwrap()[..3]);
            }
        }
    }
    format!("{} {}: {name} {cause}", node["kind"].as_str().unwrap(), node["points"])
}

/// Bob, and Ada, whom he brought.
async fn joined(app: &TestApp) -> (Person<'_>, Person<'_>) {
    let bob = app.joins("tea-shop", "bob").await;
    let ada = json!({
        "externalId": "ada", "name": "Ada", "referralCode": bob.member.referral_code,
    });
    let member = app.creates("tea-shop", ada).await.done();
    (bob, Person { app, program: "tea-shop", member })
}

async fn each_transaction_says_why_it_is_there(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&shop()).await;
    let (_, ada) = joined(&app).await;
    ada.buys("order-1", "60.00").await.done();
    let given = ada.is_given(500, "Sorry").await;
    let wrong = ada.is_given(5, "Wrong").await;
    let void = json!({ "transactionId": wrong, "reason": "Right" });
    ada.does("voidTransaction", "VoidTransactionInput", "transaction { id }", void).await;
    ada.redeems("tasting", "key").await.done();
    for key in ["released", "captured"] {
        let hold = json!({ "member": true, "points": 50, "reason": key, "idempotencyKey": key });
        let hold = ada.does("holdPoints", "HoldPointsInput", "hold { id }", hold).await;
        let input = json!({ "holdId": hold["id"] });
        match key {
            "released" => ada.does("releaseHold", "ReleaseHoldInput", "hold { id }", input).await,
            _ => ada.does("captureHold", "CaptureHoldInput", "hold { id }", input).await,
        };
    }
    let paid = json!({ "reference": "order-2", "total": "20.00", "payWith": { "points": 100 } });
    ada.reports(paid).await.done();
    let back = |order: &str| {
        json!({
            "purchase": { "reference": order }, "reference": format!("{order}-back"),
            "what": { "everything": true },
        })
    };
    let returns = ("recordReturn", "RecordReturnInput", "receipt { returnId }");
    ada.does(returns.0, returns.1, returns.2, back("order-2")).await;
    let longer = json!({
        "member": true, "which": { "earnedBy": [given] }, "until": "2028-01-01T00:00:00Z",
        "reason": "A parcel was lost", "idempotencyKey": "longer",
    });
    ada.does("extendPoints", "ExtendPointsInput", "transaction { id }", longer).await;
    let taken_over = NewOpening {
        member: MemberRef::ExternalId("ada".to_owned()),
        reference: "old-7".to_owned(),
        points: Points::new(70),
        point_type: None,
        earned_at: "2026-10-15T00:00:00Z".parse().unwrap(),
        expires_at: None,
        counts_as_earned: false,
        reason: "From the old club".to_owned(),
    };
    let actor = Actor::system(app.loyalty.programs().by_slug("tea-shop").await.unwrap().id);
    let done = app.loyalty.ledger().open_many(&actor, &[taken_over]).await.unwrap();
    assert!(done.iter().all(Result::is_ok));
    let delivered = json!({ "purchase": { "reference": "order-1" }, "event": "delivered" });
    ada.does(
        "recordPurchaseEvent",
        "RecordPurchaseEventInput",
        "activation { transactionIds }",
        delivered,
    )
    .await;
    app.advance_clock("tea-shop", "2026-12-01T00:00:00+01:00").await;
    ada.does(returns.0, returns.1, returns.2, back("order-1")).await;
    let ended = json!({
        "member": true, "which": { "expiringBefore": "2028-01-01T00:00:00Z" }, "reason": "Misuse",
        "idempotencyKey": "ended",
    });
    ada.does("expirePoints", "ExpirePointsInput", "transaction { id }", ended).await;
    app.advance_clock("tea-shop", "2029-01-01T00:00:00+01:00").await;
    assert_snapshot!(ada.causes().await.join("\n"), @r#"
    OPENING 70: OpeningCause {"countsAsEarned":false,"reason":"From the old club","reference":"old-7","revision":1}
    PENDING 600: PurchaseCause {"explanation":{"awards":[{"points":600,"reason":"Ten leaves for each whole euro","ruleKey":"euro"},{"points":60,"reason":"Status for each whole euro","ruleKey":"status"}],"points":600},"purchaseId":"pur","purchaseReference":"order-1","revision":1,"total":{"amount":"60.00"}}
    EARN 60: PurchaseCause {"explanation":{"awards":[{"points":600,"reason":"Ten leaves for each whole euro","ruleKey":"euro"},{"points":60,"reason":"Status for each whole euro","ruleKey":"status"}],"points":600},"purchaseId":"pur","purchaseReference":"order-1","revision":1,"total":{"amount":"60.00"}}
    PENDING 25: ReferralCause {"cuts":[],"returnId":null,"revision":1,"role":"REFERRED"}
    ADJUST 500: AdjustmentCause {"countsAsEarned":false,"reason":"Sorry","revision":1}
    ADJUST 5: AdjustmentCause {"countsAsEarned":false,"reason":"Wrong","revision":1}
    VOID -5: VoidCause {"reason":"Right","revision":1,"short":0,"transactionId":"txn"}
    SPEND -250: RewardCause {"redemptionId":"red","revision":1,"reward":{"name":"A tasting"},"rewardKey":"tasting"}
    HOLD -50: HoldCause {"captured":null,"holdId":"hld","holdReason":"released"}
    RELEASE 50: HoldCause {"captured":null,"holdId":"hld","holdReason":null}
    HOLD -50: HoldCause {"captured":null,"holdId":"hld","holdReason":"captured"}
    RELEASE 50: HoldCause {"captured":null,"holdId":"hld","holdReason":null}
    SPEND -50: HoldCause {"captured":1,"holdId":"hld","holdReason":"captured"}
    SPEND -100: PaymentCause {"amount":{"amount":"1.00"},"purchaseId":"pur","purchaseReference":"order-2","revision":1}
    PENDING 190: PurchaseCause {"explanation":{"awards":[{"points":190,"reason":"Ten leaves for each whole euro","ruleKey":"euro"},{"points":19,"reason":"Status for each whole euro","ruleKey":"status"}],"points":190},"purchaseId":"pur","purchaseReference":"order-2","revision":1,"total":{"amount":"20.00"}}
    EARN 19: PurchaseCause {"explanation":{"awards":[{"points":190,"reason":"Ten leaves for each whole euro","ruleKey":"euro"},{"points":19,"reason":"Status for each whole euro","ruleKey":"status"}],"points":190},"purchaseId":"pur","purchaseReference":"order-2","revision":1,"total":{"amount":"20.00"}}
    RETURN -190: ReturnCause {"points":190,"purchaseId":"pur","purchaseReference":"order-2","returnId":"ret","returnReference":"order-2-back","revision":1}
    RETURN -19: ReturnCause {"points":19,"purchaseId":"pur","purchaseReference":"order-2","returnId":"ret","returnReference":"order-2-back","revision":1}
    REFUND 100: RefundCause {"paymentId":"txn","purchaseReference":"order-2","returnId":"ret","returnReference":"order-2-back","revision":1}
    EXTEND 200: ExtensionCause {"reason":"A parcel was lost","revision":1,"until":"2028-01-01T00:00:00Z"}
    EARN 600: ActivationCause {"transactionId":"txn"}
    EARN 25: ActivationCause {"transactionId":"txn"}
    RETURN -600: ReturnCause {"points":600,"purchaseId":"pur","purchaseReference":"order-1","returnId":"ret","returnReference":"order-1-back","revision":1}
    RETURN -60: ReturnCause {"points":60,"purchaseId":"pur","purchaseReference":"order-1","returnId":"ret","returnReference":"order-1-back","revision":1}
    RETURN -25: ReferralCause {"cuts":[],"returnId":"ret","revision":1,"role":"REFERRED"}
    EXPIRE -70: ExpiryCause {"by":"OPERATOR","byHand":"Misuse","revisionByHand":1}
    EXPIRE -200: ExpiryCause {"by":"TIME","byHand":null,"revisionByHand":null}
    "#);
    books::assert_sound(&app, "tea-shop").await;
}

async fn a_rules_name_is_in_the_language_of_who_asks(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&shop()).await;
    for (name, locale) in [("ada", "de"), ("eve", "en")] {
        let input = json!({ "externalId": name, "name": name, "locale": locale });
        app.creates("tea-shop", input).await.done();
        let order = json!({
            "member": { "externalId": name }, "reference": name, "total": "60.00",
        });
        app.records("tea-shop", order).await.done();
    }
    assert_eq!(reason(&app, "ada").await, "Zehn Blätter je vollem Euro");
    assert_eq!(reason(&app, "eve").await, "Ten leaves for each whole euro");
    // Of a rule that has another name by now it is told what was told then.
    let renamed = shop().replace("Ten leaves for each", "Ten leaves per");
    let app = app.with_program(&renamed).await;
    assert_eq!(reason(&app, "ada").await, "Ten leaves for each whole euro");
}

/// Why somebody's last points were earned, as she reads it.
async fn reason(app: &TestApp, member: &str) -> String {
    const QUERY: &str = "{ me { transactions(kinds: [PENDING], first: 1) { nodes { cause { \
         ... on PurchaseCause { explanation { awards { ruleKey reason } } } } } } } }";
    let me = app.storefront("tea-shop", member, QUERY, Value::Null).await["me"].clone();
    let cause = &me["transactions"]["nodes"][0]["cause"];
    let award = &cause["explanation"]["awards"][0];
    assert_eq!(award["ruleKey"], "euro", "{me:#}");
    award["reason"].as_str().unwrap().to_owned()
}

async fn what_a_plugin_gave_names_its_component(backend: Backend) {
    let app = TestApp::start(backend).await;
    app.offers(&plugins::hostile("generous")).await;
    let app = app.with_program(&format!("{}[plugins.generous]\nmode = \"fair\"\n", shop())).await;
    let ada = app.joins("tea-shop", "ada").await;
    ada.buys("order-1", "10.00").await.done();
    app.advance_clock("tea-shop", "2026-11-02T00:00:00+01:00").await;
    let last = ada.causes().await.pop().unwrap();
    assert_snapshot!(without_digest(&last), @r#"PENDING 1: AwardCause {"awardKey":"award-points","cuts":[],"digest":"…","eventId":"evt","pluginKey":"generous","reason":"fair","revision":1}"#);
}

fn without_digest(line: &str) -> String {
    let (before, after) = line.split_once("\"digest\":\"").unwrap();
    assert_eq!(after.find('"'), Some(64), "hexadecimal of SHA-256");
    format!("{before}\"digest\":\"…{}", &after[64..])
}

async fn of_a_referral_operators_see_both_sides_and_shoppers_their_own(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&shop()).await;
    let (bob, ada) = joined(&app).await;
    ada.buys("order-1", "10.00").await.done();
    let own = bob.causes().await.pop().unwrap();
    assert_snapshot!(own, @r#"PENDING 50: ReferralCause {"cuts":[],"returnId":null,"revision":1,"role":"REFERRER"}"#);
    const SEEN: &str = "query($id: ID!) { member(id: $id) { transactions(first: 1) { nodes { \
         purchaseId otherMember { externalId } cause { ... on ReferralCause { cuts { points } role } } } } } }";
    let seen = app.admin("tea-shop", SEEN, json!({ "id": bob.member.id })).await;
    let seen = &seen["member"]["transactions"]["nodes"][0];
    assert_eq!(seen["cause"]["role"], "REFERRER");
    assert_eq!(seen["otherMember"]["externalId"], "ada");
    assert!(seen["purchaseId"].as_str().unwrap().starts_with("pur_"), "{seen}");
}
