//! What the platform asks of its database: how many statements an operation takes, and that each
//! finds its rows by an index, in the rows of one program.

mod partitions;
mod plans;

use crate::support::{Backend, Person, Sent, TestApp, TestDb, on_both_databases, programs};
use futures::future::join_all;
use perennial_core::ledger::Adjust;
use perennial_core::members::{MemberRef, NewMember};
use perennial_core::purchases::{Cart, Line, NewPurchase};
use perennial_core::rewards::Redeem;
use perennial_core::tokens::Holder;
use perennial_core::{Actor, Points, ProgramId, Timestamp, worker};
use plans::{large, plans, scans};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

on_both_databases!(
    each_operation_keeps_to_its_statements,
    every_hot_statement_finds_its_rows_by_an_index,
    what_was_revoked_is_one_statement_and_found_by_time,
);

const STATUS: &str = "{ me { name balance { points expiring { at points } } tier { name } \
     progress { missing nextTier { name } } } }";
const SHOP_WITH_PLUGIN: &str = "\n[plugins.consumer-goods]\nsilence_days = 180\n";
const ABOVE: &str = "\n[approval]\nadjust_above = 1000\n";
const ERASURE: &str = "an erasure";
const WAITING_PAGE: &str = "a page of what waits";
/// A shop with a plugin, whose worker runs when a test says so, and a member with a history.
struct Shop {
    app: TestApp,
    program: ProgramId,
    sent: Sent,
}

impl Shop {
    async fn open(db: TestDb) -> Self {
        let sent = Sent::default();
        let app = TestApp::observed(db, &sent).await;
        let source = format!("{}{SHOP_WITH_PLUGIN}{ABOVE}", programs::SHOP);
        let app = app.with_program(&source).await;
        let program = app.loyalty.programs().by_slug("shop").await.unwrap().id;
        let shop = Self { app, program, sent };
        let ada = shop.app.joins("shop", "ada").await;
        for order in 0..3 {
            buys(&ada, &format!("before-{order}")).await;
        }
        shop.grow().await;
        // Once, so that tokens, the program and the plugin are known to the process.
        ada.asks(STATUS, Value::Null).await;
        ada.quote("10.00").await;
        shop.works().await;
        shop
    }

    /// Members and purchases enough for a plan to care, and the database told of them.
    async fn grow(&self) {
        let program = self.app.loyalty.programs().by_slug("shop").await.unwrap().id;
        let actor = Actor::system(program);
        let names: Vec<_> = (0..250).map(|name| format!("member-{name}")).collect();
        let referrer = self.app.loyalty.members().find_by_external_id(&actor, "ada").await.unwrap();
        let code = referrer.map(|ada| ada.referral_code);
        let brought =
            |name: &String| NewMember { referral_code: code.clone(), ..NewMember::unnamed(name) };
        let members = names.iter().map(brought).collect();
        self.app.loyalty.members().create_many(&actor, members).await.unwrap();
        let line = Line { sku: "cd".to_owned(), category: None, quantity: 1, amount_minor: 1000 };
        let purchase = |name: &String| NewPurchase {
            member: MemberRef::ExternalId(name.clone()),
            reference: name.clone(),
            purchased_at: None,
            pay_with: None,
            cart: Cart { lines: vec![line.clone()], ..Cart::default() },
        };
        let purchases = names.iter().map(purchase).collect();
        self.app.loyalty.purchases().record_many(&actor, purchases).await.unwrap();
        for name in &names {
            let large = Adjust {
                member: MemberRef::ExternalId(name.clone()),
                points: Points::new(1001),
                point_type: None,
                reason: "r".to_owned(),
                counts_as_earned: false,
                expires_at: None,
                effective_at: None,
                idempotency_key: "k".to_owned(),
            };
            self.app.loyalty.ledger().adjust(&actor, &large).await.unwrap();
        }
        self.app.loyalty.db().write().execute_unprepared("ANALYZE").await.unwrap();
    }

    async fn works(&self) {
        while worker::round(&self.app.loyalty).await.unwrap() > 0 {}
    }

    /// Seals all that was placed.
    async fn seals(&self) {
        worker::seal(&self.app.loyalty, self.program).await.unwrap();
    }

    /// Redeems a mug for each of ten members.
    async fn redeem_at_once(&self) {
        let actor = Actor::system(self.program);
        let redeem = async |member: usize| {
            let request = Redeem {
                member: MemberRef::ExternalId(format!("member-{member}")),
                by: None,
                reward: "mug".to_owned(),
                idempotency_key: "at-once".to_owned(),
            };
            self.app.loyalty.rewards().redeem(&actor, &request).await.unwrap();
        };
        join_all((0..10).map(redeem)).await;
    }

    /// Erases a member who has bought something.
    async fn erases(&self) -> Vec<Statement> {
        let gone = self.app.joins("shop", "gone").await;
        buys(&gone, "gone-1").await;
        self.works().await;
        self.sent.take();
        let erase = format!(
            "mutation {{ eraseMember(input: {{ memberId: \"{}\" }}) {{ erasedAt }} }}",
            gone.member.id
        );
        self.app.admin("shop", &erase, Value::Null).await;
        self.sent.take()
    }

    /// Each operation with the statements that it sent.
    async fn hot(&self) -> Vec<(&'static str, usize, Vec<Statement>)> {
        let ada = self.app.joins("shop", "ada").await;
        self.seals().await;
        // So that the token of whoever approves is known to the process.
        approves(&self.app, "apv_00000000000000000000000000").await;
        let mut hot = Vec::new();
        let mut sent = |name, most| {
            hot.push((name, most, self.sent.take()));
        };
        self.sent.take();
        buys(&ada, "order-1").await;
        sent("a purchase", 2);
        ada.asks(STATUS, Value::Null).await;
        sent("a member's status", 1);
        ada.asks("{ me { name } }", Value::Null).await;
        sent("a member's name", 1);
        ada.asks("{ __typename }", Value::Null).await;
        sent("nothing but a token", 0);
        self.app
            .storefront_with(&self.app.new_token("shop", "ada", "member"), "{ __typename }")
            .await;
        // The program, and a look at what is known of the token and its member.
        sent("nothing but a token that is new", 2);
        ada.redeems("mug", "key-1").await.done();
        sent("a redemption", 2);
        self.redeem_at_once().await;
        // In each of two lanes a first batch, and one of all that came meanwhile.
        sent("ten redemptions at once", 8);
        let id = adjusts(&self.app).await;
        // A look, a commit, and the request as it is.
        sent("an adjustment that waits for a second operator", 3);
        approves(&self.app, &id).await;
        // And the transaction.
        sent("an approval", 4);
        self.app.admin("shop", "{ approvals(state: WAITING) { nodes { id } } }", Value::Null).await;
        sent(WAITING_PAGE, 1);
        returns(&self.app, "before-1").await;
        sent("a return", 2);
        ada.asks("{ me { purchases { nodes { reference lines { sku } } } } }", Value::Null).await;
        // The member; the purchases, and their lines with what came back of them.
        sent("a page of a member's purchases", 3);
        ada.quote("10.00").await;
        sent("a quote", 1);
        self.works().await;
        self.sent.take();
        ada.reports(json!({ "reference": "order-2", "total": "0.10" })).await.done();
        self.sent.take();
        worker::round(&self.app.loyalty).await.unwrap();
        // The round, a claim, a briefing and a commit; and of the purchase before it, its place in
        // the journal.
        let statements = self.sent.take().into_iter();
        let (placing, event) = statements.partition(is_placing);
        hot.push(("one plugin event", 4, event));
        hot.push(("placing what a program's commits recorded", 1, placing));
        self.works().await;
        self.sent.take();
        self.seals().await;
        // What comes next, what it names, and the seal; and a look that finds nothing to seal.
        hot.push(("sealing", 4, self.sent.take()));
        worker::round(&self.app.loyalty).await.unwrap();
        hot.push(("a round of the worker with nothing due", 1, self.sent.take()));
        for call in ["changes(first: 100)", "changes(first: 5, kinds: [MESSAGE, EVENT])"] {
            let query = format!("{{ {call} {{ edges {{ node {{ __typename }} }} }} }}");
            self.app.admin("shop", &query, Value::Null).await;
            // Rows of the journal, and what they list.
            hot.push(("a page of changes", 2, self.sent.take()));
        }
        hot.push((ERASURE, 14, self.erases().await));
        hot
    }
}

async fn each_operation_keeps_to_its_statements(backend: Backend) {
    let shop = Shop::open(TestDb::create(backend).await).await;
    for (operation, most, statements) in shop.hot().await {
        let texts: Vec<_> = statements.iter().map(|statement| &statement.sql).collect();
        assert!(statements.len() <= most, "{operation}: {} of {most}\n{texts:#?}", texts.len());
    }
}

async fn every_hot_statement_finds_its_rows_by_an_index(backend: Backend) {
    let shop = Shop::open(TestDb::create(backend).await).await;
    let hot = shop.hot().await;
    let large = large(shop.app.loyalty.db()).await;
    assert!(large.len() > 10, "a grown shop has more than {large:?}");
    for (operation, _, statements) in hot {
        // It is about tables that have a few rows here, and of such PostgreSQL reads any index.
        if operation == ERASURE && backend == Backend::Postgres {
            continue;
        }
        // It is read in the order of an index that has nothing else, for as long as the page is.
        if operation == WAITING_PAGE {
            continue;
        }
        // A round takes the first row of an index of each program; a plan does not show that it
        // stops.
        for statement in statements.iter().filter(|one| !is_round(one)) {
            for plan in plans(shop.app.loyalty.db(), statement).await {
                let wrong = scans(&plan, &large);
                assert!(
                    wrong.is_empty(),
                    "{operation} reads {wrong:?}:\n{plan}\n{}",
                    statement.sql
                );
            }
        }
    }
}

async fn what_was_revoked_is_one_statement_and_found_by_time(backend: Backend) {
    let shop = Shop::open(TestDb::create(backend).await).await;
    let program = shop.app.loyalty.programs().by_slug("shop").await.unwrap().id;
    let actor = Actor::system(program);
    for number in 0..50 {
        let (id, _) = shop.app.issues("shop", number.to_string()).await;
        let tokens = shop.app.loyalty.tokens();
        tokens.revoke(&actor, id.parse().unwrap()).await.unwrap();
        tokens.revoke_all_of(&actor, &Holder::Operator(number.to_string())).await.unwrap();
    }
    shop.app.loyalty.db().write().execute_unprepared("ANALYZE").await.unwrap();
    shop.sent.take();
    let revoked = shop.app.loyalty.tokens().revoked_since(Timestamp::EPOCH).await.unwrap();
    assert_eq!(revoked.unwrap().len(), 100);
    let statements = shop.sent.take();
    assert_eq!(statements.len(), 1);
    let large = large(shop.app.loyalty.db()).await;
    for plan in plans(shop.app.loyalty.db(), &statements[0]).await {
        assert_eq!(scans(&plan, &large), Vec::<String>::new(), "{plan}");
        for index in ["revoked_tokens_by_time", "token_cutoffs_by_time"] {
            assert!(plan.contains(index), "{index}\n{plan}");
        }
    }
}

/// Whether a statement gives what was committed its place in the journal.
fn is_placing(statement: &Statement) -> bool {
    statement.sql.contains("INSERT INTO journal ")
}

/// Whether a statement is the worker's question to all programs.
fn is_round(statement: &Statement) -> bool {
    statement.sql.starts_with("SELECT p.id,")
}

/// Asks for so many points that another operator has to approve them; returns the request's id.
async fn adjusts(app: &TestApp) -> String {
    const ADJUST: &str = "mutation($input: AdjustPointsInput!) { adjustPoints(input: $input) { \
         approval { id } userErrors { code message field } } }";
    let input = json!({
        "member": { "externalId": "ada" }, "points": 1001, "reason": "r", "idempotencyKey": "k",
    });
    let asked: Value = app.does("shop", ADJUST, input).await.done();
    asked["id"].as_str().unwrap().to_owned()
}

async fn approves(app: &TestApp, id: &str) {
    const APPROVE: &str = "mutation($input: ApproveAdjustmentInput!) { \
         approveAdjustment(input: $input) { transaction { id } approval { state } \
         userErrors { code } } }";
    let token = app.token("shop", "boss", "admin");
    let body = json!({ "query": APPROVE, "variables": { "input": { "approvalId": id } } });
    let (_, body) = app.send("/admin/graphql", Some(&token), &body).await;
    assert!(body["errors"].is_null(), "{body:#}");
}

/// Sends back all of an order.
async fn returns(app: &TestApp, order: &str) {
    const RETURN: &str = "mutation($input: RecordReturnInput!) { recordReturn(input: $input) { \
         receipt { returnId } userErrors { code message field } } }";
    let what = json!({ "everything": true });
    let input = json!({ "purchase": { "reference": order }, "reference": "all", "what": what });
    app.does::<Value>("shop", RETURN, input).await.done();
}

async fn buys(person: &Person<'_>, reference: &str) {
    let line = json!({ "sku": "cd", "category": "music", "quantity": 1, "amount": "12.00" });
    person.reports(json!({ "reference": reference, "lines": [line] })).await.done();
}
