//! Approvals: adjustments so large that a second operator decides about them.

use crate::support::programs::{SHOP, sandbox_shop};
use crate::support::{Backend, Served, TestApp, TestDb, books, on_both_databases, perennial};
use insta::assert_snapshot;
use perennial_core::programs::definition;
use serde_json::{Value, json};
use std::time::Duration;

on_both_databases!(
    a_large_adjustment_is_posted_once_another_operator_approves_it,
    nobody_approves_what_they_asked_for,
    what_is_approved_is_decided_on_what_there_is_then,
    a_request_is_over_at_its_time_whoever_looks,
    an_end_is_final_and_can_be_asked_for_again,
    a_key_of_a_request_is_taken,
    requests_are_listed_by_state_for_those_who_may_decide,
    each_type_of_points_has_its_own_number,
    what_was_asked_for_a_merged_member_is_the_survivors,
    of_many_who_decide_at_once_one_does,
    a_server_killed_while_somebody_approves_posts_it_once,
);

const ABOVE: &str = "\n[approval]\nadjust_above = 1000\n";
const FIELDS: &str = "id state points reason requestedBy decidedBy decisionReason transactionId";

/// An operator at a server, who may do all that an operator may.
#[derive(Clone, Copy)]
struct Operator<'a> {
    app: &'a TestApp,
    program: &'a str,
    name: &'a str,
    scope: &'a str,
}

impl<'a> Operator<'a> {
    const fn new(app: &'a TestApp, program: &'a str, name: &'a str) -> Self {
        Self { app, program, name, scope: "admin" }
    }

    async fn asks(&self, query: &str, input: Value) -> Value {
        let token = self.app.token(self.program, self.name, self.scope);
        let body = json!({ "query": query, "variables": { "input": input } });
        self.app.send("/admin/graphql", Some(&token), &body).await.1
    }

    /// The payload of `adjustPoints`.
    async fn adjusts(&self, points: i64, key: &str, more: Value) -> Value {
        let mut input = json!({
            "member": { "externalId": "ada" }, "points": points, "reason": "Sorry",
            "idempotencyKey": key,
        });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let query = format!(
            "mutation($input: AdjustPointsInput!) {{ adjustPoints(input: $input) {{ \
             transaction {{ id points actor approvedBy }} approval {{ {FIELDS} decideBy }} \
             userErrors {{ code message field }} }} }}"
        );
        self.asks(&query, input).await["data"]["adjustPoints"].take()
    }

    /// The id of the request that an adjustment makes.
    async fn requests(&self, points: i64, key: &str, more: Value) -> String {
        let asked = self.adjusts(points, key, more).await;
        assert_eq!(asked["userErrors"], json!([]));
        assert_eq!(asked["approval"]["state"], "WAITING", "{asked:#}");
        assert_eq!(asked["transaction"], Value::Null);
        asked["approval"]["id"].as_str().unwrap().to_owned()
    }

    async fn approves(&self, id: &str) -> Value {
        let query = format!(
            "mutation($input: ApproveAdjustmentInput!) {{ approveAdjustment(input: $input) {{ \
             transaction {{ id points actor approvedBy }} approval {{ {FIELDS} }} \
             userErrors {{ code message field }} }} }}"
        );
        let input = json!({ "approvalId": id, "reason": "Fine" });
        self.asks(&query, input).await["data"]["approveAdjustment"].take()
    }

    async fn declines(&self, id: &str) -> Value {
        let query = format!(
            "mutation($input: DeclineAdjustmentInput!) {{ declineAdjustment(input: $input) {{ \
             approval {{ {FIELDS} }} userErrors {{ code message field }} }} }}"
        );
        let input = json!({ "approvalId": id });
        self.asks(&query, input).await["data"]["declineAdjustment"].take()
    }

    /// The points of the requests in a state.
    async fn lists(&self, arguments: &str) -> Vec<i64> {
        let query = format!("{{ approvals{arguments} {{ nodes {{ points }} }} }}");
        let listed = self.asks(&query, Value::Null).await;
        let nodes = listed["data"]["approvals"]["nodes"].as_array();
        let nodes = nodes.unwrap_or_else(|| panic!("{listed:#}"));
        nodes.iter().map(|node| node["points"].as_i64().unwrap()).collect()
    }
}

/// Why a payload was refused.
fn refusal(payload: &Value) -> String {
    let error = &payload["userErrors"][0];
    let text = |of: &Value| of.as_str().unwrap_or_default().to_owned();
    format!("{} {}: {}", text(&error["code"]), text(&error["field"][0]), text(&error["message"]))
}

async fn a_large_adjustment_is_posted_once_another_operator_approves_it(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&format!("{SHOP}{ABOVE}")).await;
    let ada = app.joins("shop", "ada").await;
    let (till, boss) = (Operator::new(&app, "shop", "till"), Operator::new(&app, "shop", "boss"));
    let small = till.adjusts(1000, "small", json!({})).await;
    assert_eq!((&small["transaction"]["points"], &small["approval"]), (&json!(1000), &Value::Null));
    assert_eq!(small["transaction"]["approvedBy"], Value::Null);
    let asked = till.adjusts(1001, "large", json!({ "countsAsEarned": true })).await;
    assert_eq!(ada.points().await, 1000, "nothing has changed");
    assert_eq!(till.adjusts(1001, "large", json!({ "countsAsEarned": true })).await, asked);
    let id = asked["approval"]["id"].as_str().unwrap();
    let done = boss.approves(id).await;
    assert_eq!(boss.approves(id).await, done, "a repeat returns the same");
    let (approval, posted) = (&done["approval"], &done["transaction"]);
    assert_eq!((&approval["state"], &posted["points"]), (&json!("APPROVED"), &json!(1001)));
    assert_eq!(
        (&approval["transactionId"], &approval["decisionReason"]),
        (&posted["id"], &json!("Fine"))
    );
    assert_eq!(
        (&posted["actor"], &posted["approvedBy"]),
        (&json!("operator:till"), &json!("operator:boss"))
    );
    let again = till.adjusts(1001, "large", json!({ "countsAsEarned": true })).await;
    assert_eq!((&again["transaction"], &again["approval"]), (posted, &Value::Null));
    assert_eq!(ada.points().await, 2001);
    let taken = till.requests(-1001, "taken", json!({})).await;
    boss.approves(&taken).await;
    let query = "{ me { transactions { nodes { points cause { ... on AdjustmentCause { \
         reason countsAsEarned } } } } } }";
    let mine = ada.asks(query, Value::Null).await["me"]["transactions"]["nodes"].clone();
    assert_eq!(mine[1]["cause"], json!({ "reason": "Sorry", "countsAsEarned": true }));
    assert_eq!(mine[0]["points"], -1001);
    books::assert_balanced(&app, 1000).await;
    books::assert_sound(&app, "shop").await;
}

async fn nobody_approves_what_they_asked_for(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&format!("{SHOP}{ABOVE}")).await;
    let ada = app.joins("shop", "ada").await;
    let (till, boss) = (Operator::new(&app, "shop", "till"), Operator::new(&app, "shop", "boss"));
    let id = till.requests(5000, "large", json!({})).await;
    // Another token of the same operator, which may do nothing else.
    let himself = Operator { scope: "points:approve", ..till };
    for refused in [till.approves(&id).await, himself.approves(&id).await] {
        assert_snapshot!(
            refusal(&refused),
            @"SECOND_OPERATOR_NEEDED approvalId: you have asked for this yourself: another operator approves it"
        );
    }
    let clerk = Operator { scope: "points:adjust", ..boss };
    let forbidden = clerk.asks(
        "mutation($input: ApproveAdjustmentInput!) { approveAdjustment(input: $input) { \
         approval { id } } }",
        json!({ "approvalId": id }),
    );
    assert_eq!(forbidden.await["errors"][0]["extensions"]["code"], "FORBIDDEN");
    assert_snapshot!(
        refusal(&boss.approves("apv_00000000000000000000000000").await),
        @"APPROVAL_NOT_FOUND approvalId: there is no such request in this program"
    );
    assert_eq!(refusal(&boss.approves("mem_1").await).split(' ').next(), Some("INVALID_ID"));
    assert_eq!(ada.points().await, 0);
    // Who has asked may take it back.
    assert_eq!(himself.declines(&id).await["approval"]["decidedBy"], "operator:till");
}

async fn what_is_approved_is_decided_on_what_there_is_then(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&format!("{SHOP}{ABOVE}")).await;
    let ada = app.joins("shop", "ada").await;
    let (till, boss) = (Operator::new(&app, "shop", "till"), Operator::new(&app, "shop", "boss"));
    let id = till.requests(-1500, "taken", json!({})).await;
    assert_snapshot!(
        refusal(&boss.approves(&id).await),
        @"INSUFFICIENT_POINTS : 1500 points are needed, the balance is 0"
    );
    assert_eq!(boss.lists("(state: WAITING)").await, [-1500], "it goes on waiting");
    ada.buys("order-1", "1600.00").await.done();
    // The program's next revision needs no approval, and the request is still one.
    let app = app.loyalty.programs().apply(SHOP, "test").await.map(|_| &app).unwrap();
    let boss = Operator { app, ..boss };
    assert_eq!(boss.approves(&id).await["transaction"]["points"], -1500);
    books::assert_balanced(app, 100).await;
    books::assert_sound(app, "shop").await;
}

async fn a_request_is_over_at_its_time_whoever_looks(backend: Backend) {
    let source = format!("{}{ABOVE}within_days = 7\n", sandbox_shop());
    let app = TestApp::idle(backend).await.with_program(&source).await;
    app.joins("sandbox", "ada").await;
    let till = Operator::new(&app, "sandbox", "till");
    let boss = Operator::new(&app, "sandbox", "boss");
    let asked = till.adjusts(2000, "first", json!({})).await;
    assert_eq!(asked["approval"]["decideBy"], "2026-01-07T23:00:00Z");
    let soon = json!({ "expiresAt": "2026-01-03T00:00:00Z" });
    let short = till.adjusts(3000, "short", soon.clone()).await;
    assert_eq!(short["approval"]["decideBy"], "2026-01-03T00:00:00Z", "when it is worth nothing");
    books::set_test_clock(&app, "2026-01-03T00:00:00Z").await;
    assert_eq!(till.adjusts(3000, "short", soon).await["approval"]["state"], "EXPIRED");
    assert_eq!(boss.lists("(state: WAITING)").await, [2000]);
    books::set_test_clock(&app, "2026-01-07T23:00:00Z").await;
    assert_eq!(boss.lists("(state: EXPIRED)").await, [3000, 2000]);
    let id = asked["approval"]["id"].as_str().unwrap();
    for refused in [boss.approves(id).await, boss.declines(id).await] {
        assert_snapshot!(
            refusal(&refused),
            @"APPROVAL_ENDED approvalId: the request could be decided until 2026-01-07T23:00:00Z"
        );
    }
    assert_eq!(till.adjusts(2000, "first", json!({})).await["approval"]["state"], "EXPIRED");
    books::assert_balanced(&app, 0).await;
}

async fn an_end_is_final_and_can_be_asked_for_again(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&format!("{SHOP}{ABOVE}")).await;
    app.joins("shop", "ada").await;
    let (till, boss) = (Operator::new(&app, "shop", "till"), Operator::new(&app, "shop", "boss"));
    let (one, two) = (till.requests(1001, "1", json!({})), till.requests(1002, "2", json!({})));
    let (one, two) = (one.await, two.await);
    boss.approves(&one).await;
    let declined = boss.declines(&two).await;
    assert_eq!(
        (&declined["approval"]["state"], &declined["approval"]["transactionId"]),
        (&json!("DECLINED"), &Value::Null)
    );
    assert_eq!(boss.declines(&two).await, declined);
    assert_eq!(till.adjusts(1002, "2", json!({})).await["approval"]["state"], "DECLINED");
    let refusals = [refusal(&boss.declines(&one).await), refusal(&boss.approves(&two).await)];
    assert_snapshot!(refusals.join("\n"), @r"
    APPROVAL_ENDED approvalId: the request was approved by operator:boss
    APPROVAL_ENDED approvalId: the request was declined by operator:boss
    ");
    for change in [
        "UPDATE approvals SET points = 1",
        "UPDATE approvals SET decided_by = 'x'",
        "DELETE FROM approvals",
    ] {
        assert!(books::execute(&app, change).await.is_err(), "{change}");
    }
    books::assert_balanced(&app, 1001).await;
}

async fn a_key_of_a_request_is_taken(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&format!("{SHOP}{ABOVE}")).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "10.00").await.done();
    let till = Operator::new(&app, "shop", "till");
    till.requests(1001, "key", json!({})).await;
    let query = "mutation($input: ExpirePointsInput!) { expirePoints(input: $input) { \
         userErrors { code message field } } }";
    let all = json!({
        "member": { "externalId": "ada" }, "which": { "all": true }, "reason": "r",
        "idempotencyKey": "key",
    });
    let expired = till.asks(query, all).await["data"]["expirePoints"].take();
    for refused in [expired, till.adjusts(5, "key", json!({})).await] {
        assert_snapshot!(
            refusal(&refused),
            @"IDEMPOTENCY_KEY_REUSED idempotencyKey: `key` was used for a request with other arguments"
        );
    }
    let mut refusals = Vec::new();
    for more in [
        json!({ "member": { "externalId": "nobody" } }),
        json!({ "pointType": "stars" }),
        json!({ "effectiveAt": "2120-01-01T00:00:00Z" }),
    ] {
        let refused = till.adjusts(1001, "other", more).await;
        refusals.push(refusal(&refused).split(':').next().unwrap().to_owned());
    }
    assert_snapshot!(refusals.join("\n"), @r"
    MEMBER_NOT_FOUND member
    POINT_TYPE_NOT_FOUND pointType
    FUTURE_INSTANT effectiveAt
    ");
    books::assert_balanced(&app, 10).await;
}

async fn requests_are_listed_by_state_for_those_who_may_decide(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&format!("{SHOP}{ABOVE}")).await;
    app.joins("shop", "ada").await;
    app.joins("shop", "bob").await;
    let till = Operator::new(&app, "shop", "till");
    let boss = Operator { scope: "points:approve", ..Operator::new(&app, "shop", "boss") };
    let bobs = json!({ "member": { "externalId": "bob" } });
    let mut ids = vec![till.requests(5001, "key", bobs).await];
    for points in 2001..=2004 {
        ids.push(till.requests(points, &points.to_string(), json!({})).await);
    }
    boss.approves(&ids[1]).await;
    boss.declines(&ids[2]).await;
    assert_eq!(boss.lists("").await, [2004, 2003, 2002, 2001, 5001]);
    assert_eq!(boss.lists("(state: WAITING, first: 2)").await, [2004, 2003]);
    assert_eq!(boss.lists("(state: APPROVED)").await, [2001]);
    assert_eq!(boss.lists("(state: DECLINED)").await, [2002]);
    let cursor = "{ approvals(state: WAITING, first: 1) { pageInfo { endCursor hasNextPage } } }";
    let first = boss.asks(cursor, Value::Null).await["data"]["approvals"]["pageInfo"].take();
    assert_eq!(first["hasNextPage"], true);
    let next = format!("(state: WAITING, first: 5, after: {})", first["endCursor"]);
    assert_eq!(boss.lists(&next).await, [2003, 5001]);
    let of_bob = "{ member(externalId: \"bob\") { approvals(state: WAITING) { nodes { \
         points member { externalId } } } } }";
    let of_bob = till.asks(of_bob, Value::Null).await["data"]["member"]["approvals"].take();
    let his = json!([{ "points": 5001, "member": { "externalId": "bob" } }]);
    assert_eq!(of_bob["nodes"], his);
    let nosy = Operator { scope: "points:adjust members:read", ..boss };
    let refused = nosy.asks("{ approvals { nodes { id } } }", Value::Null).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
}

async fn each_type_of_points_has_its_own_number(backend: Backend) {
    let source = format!(
        "{SHOP}[[point_types]]\nid = \"stars\"\nname.en = \"Stars\"\n\
         [[point_types]]\nid = \"miles\"\nname.en = \"Miles\"\n\
         [approval]\nadjust_above = {{ points = 0, miles = 10 }}\n"
    );
    let app = TestApp::start(backend).await.with_program(&source).await;
    app.joins("shop", "ada").await;
    let till = Operator::new(&app, "shop", "till");
    for (point_type, points, waits) in [
        ("points", 1, true),
        ("points", -1, true),
        ("miles", 10, false),
        ("miles", 11, true),
        ("stars", 1_000_000, false),
    ] {
        let key = format!("{point_type} {points}");
        let done = till.adjusts(points, &key, json!({ "pointType": point_type })).await;
        assert_eq!(done["approval"].is_object(), waits, "{key}: {done:#}");
    }
}

#[test]
fn a_program_that_asks_for_what_cannot_be_is_refused() {
    let mut refusals = Vec::new();
    for keys in [
        "",
        "adjust_above = -1",
        "adjust_above = \"many\"",
        "adjust_above = { stars = 5 }",
        "adjust_above = 5\nwithin_days = 0",
        "adjust_above = 5\nwithin_days = 366",
    ] {
        let error = definition(&format!("{SHOP}[approval]\n{keys}\n")).unwrap_err();
        refusals.push(error.message().lines().last().unwrap().to_owned());
    }
    assert_snapshot!(refusals.join("\n"), @r"
    line 37, column 1: `adjust_above` is missing
    line 38, column 16: adjust_above: use 0 to 9007199254740991 points
    line 38, column 16: adjust_above: use a number of points, or a table of one for each type
    line 38, column 16: `stars` is no type of points: `points`, or the id of one of [[point_types]]
    line 39, column 15: within_days: use 1 to 365
    line 39, column 15: within_days: use 1 to 365
    ");
}

/// Two approve and two decline, at two servers.
async fn of_many_who_decide_at_once_one_does(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&format!("{SHOP}{ABOVE}")).await;
    let other = TestApp::beside(&app).await;
    let ada = app.joins("shop", "ada").await;
    let till = Operator::new(&app, "shop", "till");
    let (boss, there) =
        (Operator::new(&app, "shop", "boss"), Operator::new(&other, "shop", "chief"));
    let mut posted = 0;
    for round in 0..8 {
        let points = 1001 + round;
        let key = round.to_string();
        let elsewhere = Operator { app: &other, ..till };
        let (id, same) = tokio::join!(
            till.requests(points, &key, json!({})),
            elsewhere.requests(points, &key, json!({}))
        );
        assert_eq!(id, same, "one request");
        let (one, two, three, four) = tokio::join!(
            boss.approves(&id),
            there.declines(&id),
            there.approves(&id),
            boss.declines(&id)
        );
        let ends = [&one, &two, &three, &four].map(|end| end["approval"]["state"].clone());
        let is_approved = ends[0] == "APPROVED";
        assert_eq!(is_approved, ends[2] == "APPROVED", "{ends:?}");
        assert_eq!((&ends[1], &ends[3]), (&ends[3], &ends[1]), "{ends:?}");
        assert_ne!(is_approved, ends[1] == "DECLINED", "{ends:?}");
        if is_approved {
            assert_eq!(one["approval"], three["approval"]);
            posted += points;
        } else {
            assert_eq!(two["approval"], four["approval"]);
        }
    }
    assert_eq!(ada.points().await, posted);
    books::assert_balanced(&app, posted).await;
    books::assert_sound(&app, "shop").await;
}

async fn a_server_killed_while_somebody_approves_posts_it_once(backend: Backend) {
    const ASK: &str = "mutation($input: AdjustPointsInput!) { adjustPoints(input: $input) { \
         approval { id } } }";
    const APPROVE: &str = "mutation($input: ApproveAdjustmentInput!) { \
         approveAdjustment(input: $input) { transaction { id points } userErrors { code } } }";
    const POSTED: &str = "{ transactions(first: 50) { nodes { id points } } }";
    let db = TestDb::create(backend).await;
    let program = db.folder.path().join("shop.toml");
    std::fs::write(&program, format!("{SHOP}{ABOVE}")).unwrap();
    perennial(&db, &["program", "apply", program.to_str().unwrap()]).succeeds();
    let token = |subject| {
        let create = ["token", "create", "--program", "shop", "--scope", "admin"];
        let create = [&create[..], &["--subject", subject]].concat();
        perennial(&db, &create).succeeds().stdout.trim().to_owned()
    };
    let (till, boss) = (token("till"), token("boss"));
    let mut server = Served::start(&db, &till).await;
    let member = json!({ "input": { "externalId": "ada", "name": "Ada" } });
    const CREATE: &str =
        "mutation($input: CreateMemberInput!) { createMember(input: $input) { member { id } } }";
    server.api().ask(CREATE, member).await.unwrap();
    let mut ids = Vec::new();
    for points in 1001..=1003 {
        let input = json!({
            "member": { "externalId": "ada" }, "points": points, "reason": "r",
            "idempotencyKey": points.to_string(),
        });
        let asked = server.api().ask(ASK, json!({ "input": input })).await.unwrap();
        ids.push(asked["adjustPoints"]["approval"]["id"].as_str().unwrap().to_owned());
    }
    for (number, id) in ids.iter().enumerate() {
        server.kill();
        server = Served::start(&db, &boss).await;
        let (api, input) = (server.api().clone(), json!({ "input": { "approvalId": id } }));
        let approving = tokio::spawn(async move { api.ask(APPROVE, input).await });
        tokio::time::sleep(Duration::from_millis(6 * number as u64)).await;
        server.kill();
        drop(approving.await);
    }
    server = Served::start(&db, &boss).await;
    for id in &ids {
        let input = json!({ "input": { "approvalId": id } });
        let approved = server.api().ask(APPROVE, input).await.unwrap();
        assert_eq!(approved["approveAdjustment"]["userErrors"], json!([]));
    }
    let posted = server.api().ask(POSTED, Value::Null).await.unwrap();
    let nodes = posted["transactions"]["nodes"].as_array().unwrap();
    let mut points: Vec<_> = nodes.iter().map(|node| node["points"].as_i64().unwrap()).collect();
    points.sort_unstable();
    assert_eq!(points, (1001..=1003).collect::<Vec<_>>(), "each once");
    server.kill();
    perennial(&db, &["verify"]).succeeds();
}

async fn what_was_asked_for_a_merged_member_is_the_survivors(backend: Backend) {
    const MERGE: &str = "mutation($input: MergeMembersInput!) { mergeMembers(input: $input) { \
         member { id } userErrors { code message field } } }";
    const WAITS: &str = "query($id: ID!) { member(id: $id) { \
         approvals(state: WAITING) { nodes { id member { externalId } } } } }";
    let app = TestApp::start(backend).await.with_program(&format!("{SHOP}{ABOVE}")).await;
    app.joins("shop", "ada").await;
    let bob = app.joins("shop", "bob").await;
    let (till, boss) = (Operator::new(&app, "shop", "till"), Operator::new(&app, "shop", "boss"));
    let id = till.requests(1001, "large", json!({})).await;
    let merge = json!({
        "from": { "externalId": "ada" }, "into": { "externalId": "bob" }, "reason": "One person",
        "idempotencyKey": "one",
    });
    app.does::<Value>("shop", MERGE, merge).await.done();
    let waits = app.admin("shop", WAITS, json!({ "id": bob.member.id })).await;
    let expected = json!([{ "id": id, "member": { "externalId": "bob" } }]);
    assert_eq!(waits["member"]["approvals"]["nodes"], expected);
    let approved = boss.approves(&id).await;
    assert_eq!(approved["approval"]["state"], "APPROVED", "{approved:#}");
    assert_eq!(bob.points().await, 1001);
    let again = till.adjusts(1001, "large", json!({})).await;
    assert_eq!(again["transaction"]["id"], approved["transaction"]["id"], "a repeat");
    books::assert_balanced(&app, 1001).await;
    books::assert_sound(&app, "shop").await;
}
