//! An edit and a return of an order, in either order: lines and money come to the same, and so does
//! what points pay, unless the edit has put something on top of what comes back.

use crate::support::programs::SHOP;
use crate::support::random::{Random, seed};
use crate::support::{Backend, Person, TestApp, books, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(
    an_edit_and_a_return_come_to_the_same_in_lines_and_money,
    what_is_put_on_top_of_a_line_comes_back_first,
    items_cost_what_they_cost_when_they_come_back,
);

/// Product, items, cents.
type Line = (String, i64, i64);

/// 10 points per euro that points do not pay, and 10 points pay a euro.
fn paying() -> String {
    SHOP.replace("points = 1\nper", "points = 10\nper").replace(
        "points.expire_after_months",
        "points.payment = { points = 10, amount = \"1.00\" }\npoints.expire_after_months",
    )
}

/// An order, what it is edited to be, and what comes back of it.
#[derive(Debug)]
struct Case {
    bought: Vec<Line>,
    edited: Vec<Line>,
    back: Line,
    /// What a gift card pays, and then the buyer.
    euros: [i64; 2],
}

impl Case {
    fn any(random: &mut Random) -> Self {
        let mut line =
            |number: i64| (format!("s-{number}"), random.within(1..5), random.within(100..4_000));
        let bought: Vec<Line> = (0..3).map(&mut line).collect();
        let mut edited = Vec::new();
        for (sku, items, cents) in &bought {
            let (items, cents) = match random.within(0..4) {
                0 => (*items, *cents),
                1 => (items + random.within(0..3), cents + random.within(0..2_000)),
                2 => (items - random.within(0..*items), cents - random.within(0..*cents)),
                _ => continue,
            };
            edited.push((sku.clone(), items, cents));
        }
        if edited.is_empty() {
            edited.push(bought[0].clone());
        }
        let (sku, items, cents) =
            edited[usize::try_from(random.within(0..9)).unwrap() % edited.len()].clone();
        let (_, most, dearest) = bought.iter().find(|line| line.0 == sku).unwrap();
        let back = (
            sku,
            random.within(0..items.min(*most) + 1),
            random.within(1..cents.min(*dearest) + 1),
        );
        if random.within(0..2) == 0 {
            edited.push(("new".to_owned(), 1, random.within(1..3_000)));
        }
        let most = bought.iter().map(|line| line.2).sum::<i64>() / 100;
        let gift = random.within(1..most + 1);
        Self { bought, edited, back, euros: [gift, random.within(0..most - gift + 1)] }
    }

    /// Whether the edit adds something to the line of which something comes back.
    fn tops(&self) -> bool {
        let of = |lines: &[Line]| lines.iter().find(|line| line.0 == self.back.0).cloned().unwrap();
        let (before, now) = (of(&self.bought), of(&self.edited));
        now.1 > before.1 || now.2 > before.2
    }

    /// Lives it as another member; how the order stands then.
    async fn live(&self, app: &TestApp, name: &str, edit_first: bool) -> Stands {
        const GIVE: &str = "mutation($input: AdjustPointsInput!) { adjustPoints(input: $input) { \
             transaction { id } userErrors { code message field } } }";
        const GIFT: &str = "mutation($input: IssueGiftCardInput!) { issueGiftCard(input: $input) { \
             code userErrors { code message field } } }";
        let ada = app.joins("shop", name).await;
        let [gift, own] = self.euros.map(|euros| euros * 10);
        let input = json!({
            "member": { "externalId": name }, "points": 10_000, "reason": "r",
            "idempotencyKey": name,
        });
        app.does::<Value>("shop", GIVE, input).await.done();
        let input = json!({ "points": gift, "reason": "r", "idempotencyKey": name });
        let made = app.admin("shop", GIFT, json!({ "input": input })).await;
        let code = &made["issueGiftCard"]["code"];
        let mut sources = vec![json!({ "giftCard": { "card": { "code": code }, "points": gift } })];
        if own > 0 {
            sources.push(json!({ "points": own }));
        }
        let mut bought = cart(&self.bought);
        bought["reference"] = json!(name);
        bought["payWith"] = json!({ "sources": sources });
        ada.reports(bought).await.done();
        let (sku, items, cents) = &self.back;
        let mut part = json!({ "line": { "sku": sku }, "amount": decimal(*cents) });
        if *items > 0 {
            part["quantity"] = json!(items);
        }
        let what = json!({ "lines": [part] });
        if edit_first {
            ada.edits(name, "e", cart(&self.edited)).await.done();
            ada.returns(name, "r", what).await.done();
        } else {
            ada.returns(name, "r", what).await.done();
            ada.edits(name, "e", cart(&self.edited)).await.done();
        }
        Stands::of(&ada, name, 10_000 - own).await
    }
}

/// How an order stands, and what its buyer has of it.
#[derive(Debug)]
struct Stands {
    /// What both schemas say of lines and money.
    lines: Value,
    earned: i64,
    /// Points that still pay, what they are worth, and how many of them are the gift card's.
    paid: [i64; 3],
    left: i64,
    spent: i64,
}

impl Stands {
    async fn of(ada: &Person<'_>, name: &str, kept: i64) -> Self {
        let fields = "total { amount } returned { amount } returnedAt left { amount } \
             lines { position sku quantity amount { amount } returnedQuantity \
               returned { amount } } \
             paymentLeft { points amount { amount } sources { kind points } }";
        let mut lines = ada.order(name, fields).await;
        let paid = lines["paymentLeft"].take();
        lines["returnedAt"] = json!(lines["returnedAt"].is_null());
        let sources = paid["sources"].as_array().unwrap();
        let of = |kind: &str| {
            let source = sources.iter().find(|one| one["kind"] == kind);
            source.map_or(0, |one| one["points"].as_i64().unwrap())
        };
        let (points, own) = (paid["points"].as_i64().unwrap(), of("BUYER"));
        assert_eq!(points, own + of("GIFT_CARD"), "{paid}");
        let (_, spent, earned) = ada.tally().await;
        // What pays no more is with the buyer again.
        let refunded = ada.points().await - kept - earned;
        assert!(refunded >= 0, "{paid}");
        Self {
            left: cents(&lines["left"]["amount"]),
            lines,
            earned,
            paid: [points, cents(&paid["amount"]["amount"]), of("GIFT_CARD")],
            spent: cents(&json!(spent)),
        }
    }
}

fn decimal(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn cents(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}

fn cart(lines: &[Line]) -> Value {
    let line = |(sku, items, cents): &Line| json!({ "sku": sku, "quantity": items, "amount": decimal(*cents) });
    json!({ "lines": lines.iter().map(line).collect::<Vec<_>>() })
}

async fn an_edit_and_a_return_come_to_the_same_in_lines_and_money(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&paying()).await;
    for seed in (0..24).chain([seed()]) {
        let case = Case::any(&mut Random::seeded(seed));
        let edit_first = case.live(&app, &format!("{seed}-e"), true).await;
        let return_first = case.live(&app, &format!("{seed}-r"), false).await;
        let shown = format!("seed {seed}: {case:?}\n{edit_first:?}\n{return_first:?}");
        assert_eq!(edit_first.lines, return_first.lines, "{shown}");
        for stands in [&edit_first, &return_first] {
            assert_eq!(stands.spent + stands.paid[1], stands.left, "money or points pay: {shown}");
        }
        let less = |index: usize| edit_first.paid[index] - return_first.paid[index];
        if case.tops() {
            // What comes back is what money has paid for, as far as it was put on top.
            assert!((0..3).all(|index| less(index) >= -1), "{shown}");
        } else {
            // A point or a cent is rounded where something takes the place of something else.
            assert!((0..3).all(|index| less(index).abs() <= 1), "{shown}");
            // A return takes a share, rounded up to what is kept; an edit after it makes that up.
            assert!((return_first.earned - edit_first.earned).abs() <= 20, "{shown}");
        }
    }
    books::assert_sound(&app, "shop").await;
}

/// Two teas of 5.00 that points have paid by half, and one more that money pays. Whichever of them
/// comes back is worth 5.00: in money after the edit, by half in points before it.
async fn what_is_put_on_top_of_a_line_comes_back_first(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&paying()).await;
    let tea = |items: i64| ("tea".to_owned(), items, items * 500);
    let case = Case { bought: vec![tea(2)], edited: vec![tea(3)], back: tea(1), euros: [2, 3] };
    let edit_first = case.live(&app, "edit first", true).await;
    let return_first = case.live(&app, "return first", false).await;
    assert_eq!(edit_first.lines, return_first.lines);
    assert_eq!((edit_first.paid, edit_first.spent), ([50, 500, 20], 500));
    assert_eq!((return_first.paid, return_first.spent), ([25, 250, 20], 750));
    assert_eq!((edit_first.earned, return_first.earned), (50, 70));
    books::assert_sound(&app, "shop").await;
}

/// A return that names no amount is of what the items cost when it is recorded; one that does comes to
/// the same before a change of the price and after it.
async fn items_cost_what_they_cost_when_they_come_back(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let tea = |cents: i64| cart(&[("tea".to_owned(), 2, cents)]);
    let mut left = Vec::new();
    for (name, amount, edit_first) in [
        ("a", None, true),
        ("b", None, false),
        ("c", Some("4.00"), true),
        ("d", Some("4.00"), false),
    ] {
        let ada = app.joins("shop", name).await;
        let mut bought = tea(1000);
        bought["reference"] = json!(name);
        ada.reports(bought).await.done();
        let part = json!({ "line": { "sku": "tea" }, "quantity": 1, "amount": amount });
        let what = json!({ "lines": [part] });
        if edit_first {
            ada.edits(name, "e", tea(800)).await.done();
            ada.returns(name, "r", what).await.done();
        } else {
            ada.returns(name, "r", what).await.done();
            ada.edits(name, "e", tea(800)).await.done();
        }
        left.push(ada.tally().await.1);
    }
    assert_eq!(left, ["4.00", "3.00", "4.00", "4.00"]);
    books::assert_sound(&app, "shop").await;
}
