//! A month in a shop: an order, its delivery, a campaign, a cart that reserves, a part paid with
//! points, a part that comes back, an edited order, a goodwill gift, a mistake that is made good,
//! two members who are merged and are two after all, one who is forgotten.
//! Each number is worked out by hand, from `examples/programs/tea-shop.toml`.

use crate::corrections::voids;
use crate::support::programs::example;
use crate::support::{Backend, Person, TestApp, books, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(a_month_in_a_shop);

const ADJUST: &str = "mutation($input: AdjustPointsInput!) { adjustPoints(input: $input) { \
     transaction { id } userErrors { code message field } } }";
const HOLD: &str = "mutation($input: HoldPointsInput!) { holdPoints(input: $input) { hold { id } \
     userErrors { code message field } } }";
const BUY: &str = "mutation($input: RecordPurchaseInput!) { recordPurchase(input: $input) { \
     receipt { pointsEarned payment { points amount { amount } } } \
     userErrors { code message field } } }";
const RETURN: &str = "mutation($input: RecordReturnInput!) { recordReturn(input: $input) { \
     receipt { pointsTaken pointsRefunded amountPaidWithPoints { amount } } \
     userErrors { code message field } } }";
const EDIT: &str = "mutation($input: EditPurchaseInput!) { editPurchase(input: $input) { \
     receipt { pointsEarned pointsTaken } userErrors { code message field } } }";
const MERGE: &str = "mutation($input: MergeMembersInput!) { mergeMembers(input: $input) { \
     member { id } userErrors { code message field } } }";
const UNMERGE: &str = "mutation($input: UnmergeMembersInput!) { unmergeMembers(input: $input) { \
     member { id } userErrors { code message field } } }";
const ERASE: &str = "mutation($input: EraseMemberInput!) { eraseMember(input: $input) { erasedAt \
     userErrors { code message field } } }";
const EVENT: &str = "mutation($input: RecordPurchaseEventInput!) { recordPurchaseEvent( \
     input: $input) { activation { transactionIds scheduled { points } } \
     userErrors { code message field } } }";

impl Person<'_> {
    /// What there is: leaves, held and pending; status; and the tier.
    async fn stands(&self) -> (i64, i64, i64, i64, Option<String>) {
        let query = "{ me { wallets { points held pending } tier { key } } }";
        let me = self.asks(query, Value::Null).await["me"].clone();
        let wallet = |index: usize, field: &str| me["wallets"][index][field].as_i64().unwrap();
        let tier = me["tier"]["key"].as_str().map(str::to_owned);
        (wallet(0, "points"), wallet(0, "held"), wallet(0, "pending"), wallet(1, "points"), tier)
    }

    async fn acts(&self, mutation: &str, input: Value) -> Value {
        self.app.does(self.program, mutation, input).await.done()
    }

    async fn orders(&self, reference: &str, lines: Value, pay_with: Value) -> Value {
        let input = json!({
            "member": { "externalId": self.member.external_id }, "reference": reference, "lines": lines,
            "payWith": pay_with,
        });
        self.acts(BUY, input).await
    }

    async fn is_delivered(&self, order: &str) {
        let event = json!({ "purchase": { "reference": order }, "event": "delivered" });
        self.acts(EVENT, event).await;
    }

    async fn goods_come_back(&self, order: &str, reference: &str, what: Value) -> Value {
        let input =
            json!({ "purchase": { "reference": order }, "reference": reference, "what": what });
        self.acts(RETURN, input).await
    }
}

async fn a_month_in_a_shop(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&example("tea-shop")).await;
    let ada = app.joins("tea-shop", "ada").await;
    let oolong = || Some("oolong".to_owned());

    // 1 November: three teas and a pot, 60.00. Ten leaves a euro wait for the delivery; 60 status
    // count at once, and make her an oolong.
    let lines = json!([
        { "sku": "tea", "quantity": 3, "amount": "36.00" }, { "sku": "pot", "amount": "24.00" },
    ]);
    let receipt = ada.orders("order-1", lines, Value::Null).await;
    assert_eq!(receipt["pointsEarned"], 600);
    assert_eq!(ada.stands().await, (0, 0, 600, 60, oolong()));

    // 3 November: it is delivered. 5 November: one tea comes back, 12.00 of 60.00: 120 of what waits,
    // and 12 status; 48 are not enough for the tier.
    app.advance_clock("tea-shop", "2026-11-03T12:00:00+01:00").await;
    ada.is_delivered("order-1").await;
    app.advance_clock("tea-shop", "2026-11-05T12:00:00+01:00").await;
    let one_tea = json!({ "lines": [{ "line": { "sku": "tea" }, "quantity": 1 }] });
    let back = ada.goods_come_back("order-1", "return-1", one_tea).await;
    assert_eq!((&back["pointsTaken"], &back["pointsRefunded"]), (&json!(120), &json!(0)));
    assert_eq!(ada.stands().await, (0, 0, 480, 48, None));

    // 17 November: two weeks after the delivery the 480 can be spent.
    app.advance_clock("tea-shop", "2026-11-17T12:00:00+01:00").await;
    assert_eq!(ada.stands().await, (480, 0, 0, 48, None));

    // An Advent calendar for 10.50: 100 leaves wait, the campaign's 300 can be spent at once.
    let calendar = json!([{ "sku": "calendar", "category": "advent", "amount": "10.50" }]);
    ada.orders("order-2", calendar, Value::Null).await;
    assert_eq!(ada.stands().await, (780, 0, 100, 58, oolong()));

    // A cart reserves 400 and pays with them: 4.00 of 20.00. The campaign's 300 go first, for they
    // end with the year, and 100 of the others. 16.00 earn 160 and 16.
    let hold = json!({ "member": { "externalId": "ada" }, "points": 400, "reason": "Cart",
                       "idempotencyKey": "cart" });
    let hold = ada.acts(HOLD, hold).await;
    assert_eq!(ada.stands().await, (380, 400, 100, 58, oolong()));
    let cups = json!([{ "sku": "cup", "quantity": 2, "amount": "20.00" }]);
    let paid = ada.orders("order-3", cups, json!({ "holdId": hold["id"] })).await;
    assert_eq!(paid["payment"], json!({ "points": 400, "amount": { "amount": "4.00" } }));
    assert_eq!(ada.stands().await, (380, 0, 260, 74, oolong()));

    // 20 November: one cup comes back, 10.00: half of what it earned, and half of what points paid.
    // The 100 that last longer are back first, and 100 of the campaign's.
    app.advance_clock("tea-shop", "2026-11-20T12:00:00+01:00").await;
    let cup = json!({ "lines": [{ "line": { "sku": "cup" }, "quantity": 1 }] });
    let back = ada.goods_come_back("order-3", "return-3", cup).await;
    let expected = json!({ "pointsTaken": 80, "pointsRefunded": 200,
                           "amountPaidWithPoints": { "amount": "2.00" } });
    assert_eq!(back, expected);
    assert_eq!(ada.stands().await, (580, 0, 180, 66, oolong()));

    // Her order of the calendar is edited: it costs 0.50 less, and a tin for 12.00 is added. One
    // request books the difference. What is gone takes 18 of the 100 and the 300, rounded down: 4 and
    // 14. At once the order would bring 220 that wait and the 300; it has 382 left and gets the other
    // 138, which wait for the delivery. The tin's 12 status count.
    let edited = json!({
        "purchase": { "reference": "order-2" }, "reference": "edit", "lines": [
            { "sku": "calendar", "category": "advent", "amount": "10.00" },
            { "sku": "tin", "amount": "12.00" },
        ],
    });
    let edited = ada.acts(EDIT, edited).await;
    assert_eq!(edited, json!({ "pointsEarned": 138, "pointsTaken": 18 }));
    assert_eq!(ada.stands().await, (566, 0, 314, 78, oolong()));

    // Goodwill for a broken cup, once too often, and made good.
    let gift = |key: &str| {
        json!({ "member": { "externalId": "ada" }, "points": 150, "reason": "A broken cup",
                "idempotencyKey": key })
    };
    ada.acts(ADJUST, gift("ticket-7")).await;
    let twice = ada.acts(ADJUST, gift("ticket-7 again")).await;
    assert_eq!(ada.stands().await.0, 866);
    voids(&ada, twice["id"].as_str().unwrap()).await.done();
    assert_eq!(ada.stands().await.0, 716);

    // Somebody of the same name has bought for 30.00, which wait for their delivery, and is taken for
    // her; then it is her brother after all.
    let brother = app.joins("tea-shop", "brother").await;
    let teas = json!([{ "sku": "tea", "quantity": 2, "amount": "30.00" }]);
    brother.orders("order-4", teas, Value::Null).await;
    let both = json!({ "from": { "externalId": "brother" }, "into": { "externalId": "ada" },
                       "reason": "One person", "idempotencyKey": "one" });
    ada.acts(MERGE, both).await;
    assert_eq!(ada.stands().await, (716, 0, 614, 108, oolong()));
    let apart = json!({ "member": { "externalId": "brother" }, "reason": "Her brother",
                        "idempotencyKey": "two" });
    ada.acts(UNMERGE, apart).await;
    assert_eq!(ada.stands().await, (716, 0, 314, 78, oolong()));
    let his = "{ member(externalId: \"brother\") { wallets { points pending } } }";
    let his = app.admin("tea-shop", his, Value::Null).await["member"]["wallets"].clone();
    let expected = json!([{ "points": 0, "pending": 300 }, { "points": 30, "pending": 0 }]);
    assert_eq!(his, expected);

    // A tasting, out of what ends first: the campaign's.
    ada.redeems("tasting", "tasting").await.done();
    assert_eq!(ada.stands().await, (466, 0, 314, 78, oolong()));

    // 1 December: the month is over. What is left of the campaign is none; the rest lasts to the end
    // of the quarter a year after it could be spent. What waits still waits for its deliveries.
    app.advance_clock("tea-shop", "2026-12-01T00:00:00+01:00").await;
    let me = ada.asks("{ me { balance { expiring { at points } } } }", Value::Null).await;
    let lasts = json!([{ "at": "2027-12-31T23:00:00Z", "points": 466 }]);
    assert_eq!(me["me"]["balance"]["expiring"], lasts);
    app.advance_clock("tea-shop", "2028-01-01T00:00:00+01:00").await;
    assert_eq!(ada.stands().await, (0, 0, 314, 78, oolong()));
    books::assert_balanced(&app, 78 + 30).await;

    // She asks to be forgotten. What waits is cancelled, her status expires; her brother keeps his.
    ada.acts(ERASE, json!({ "memberId": ada.member.id })).await;
    books::assert_balanced(&app, 30).await;
    books::assert_sound(&app, "tea-shop").await;
}
