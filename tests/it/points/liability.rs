//! What a program owes its members in points, month by month.

use super::{EURO, shop};
use crate::corrections::voids;
use crate::support::{Backend, Outcome, Person, TestApp, books, on_both_databases, perennial};
use insta::assert_snapshot;
use perennial_core::worker;
use serde_json::{Value, json};

on_both_databases!(
    every_month_begins_with_what_the_one_before_it_left,
    what_is_due_counts_whether_or_not_it_was_written_down,
    a_report_is_about_one_program_and_within_bounds,
);

const LIABILITY: &str = "query($type: String, $months: Int! = 12) { \
     pointsLiability(pointType: $type, months: $months) { \
     pointType at outstanding held pending owed total expiringLater neverExpiring redeemed \
     redeemedOf expiring { month points expected } months { month opening opened earned adjusted \
     redeemed expired returned voided closing } } }";

/// Points last two months and to the end of the third; stars wait for two weeks and last for ever.
fn program() -> String {
    shop(&format!(
        r#"
        points.expiry = {{ after_months = 2, end_of = "month" }}
        [[point_types]]
        id = "stars"
        name.en = "Stars"
        pending = {{ days = 14 }}
        [[earning_rules]]
        id = "star"
        name.en = "Three stars an order"
        points = 3
        point_type = "stars"
        [[rewards]]
        id = "mug"
        name.en = "A mug"
        points = 10
        {EURO}"#
    ))
}

pub(super) async fn liability(app: &TestApp, point_type: &str, months: i64) -> Value {
    let variables = json!({ "type": point_type, "months": months });
    let mut found = app.admin("shop", LIABILITY, variables).await["pointsLiability"].take();
    assert_eq!(found.as_array().unwrap().len(), 1);
    let found = found[0].take();
    let months = found["months"].as_array().unwrap();
    for (one, next) in months.iter().zip(&months[1..]) {
        assert_eq!(one["closing"], next["opening"]);
    }
    for month in months {
        let part = |part: &str| month[part].as_i64().unwrap();
        let moved: i64 =
            ["opened", "earned", "adjusted", "redeemed", "expired", "returned", "voided"]
                .map(part)
                .iter()
                .sum();
        assert_eq!(part("opening") + moved, part("closing"), "{month}");
    }
    let number = |field: &str| found[field].as_i64().unwrap();
    // Movements come from entries, and what there is from lots, holds and wallets.
    assert_eq!(months.last().unwrap()["closing"], found["total"]);
    let expiring = found["expiring"].as_array().unwrap();
    assert_eq!(expiring.len(), 24);
    let expiring: i64 = expiring.iter().map(|one| one["points"].as_i64().unwrap()).sum();
    let outstanding = expiring + number("expiringLater") + number("neverExpiring");
    assert_eq!(outstanding, number("outstanding"));
    found
}

/// A line for each month in which something is there or happened.
fn shown(liability: &Value) -> String {
    let number = |one: &Value, field: &str| one[field].as_i64().unwrap();
    let sums =
        ["outstanding", "held", "pending", "owed", "total", "expiringLater", "neverExpiring"];
    let sums = sums.map(|field| format!("{field} {}", number(liability, field)));
    let month = |one: &Value| {
        let of = ["opened", "earned", "adjusted", "redeemed", "expired", "returned", "voided"];
        let of = of.into_iter().filter(|field| number(one, field) != 0);
        let moved: Vec<_> = of.map(|field| format!(" {field} {}", number(one, field))).collect();
        let (opening, closing) = (number(one, "opening"), number(one, "closing"));
        let month = one["month"].as_str().unwrap();
        format!("{month}: {opening}{} = {closing}", moved.concat())
    };
    let months = liability["months"].as_array().unwrap().iter().map(month);
    let expiring = liability["expiring"].as_array().unwrap().iter();
    let expiring = expiring.filter(|one| number(one, "points") > 0).map(|one| {
        let month = one["month"].as_str().unwrap();
        format!(
            "expires in {month}: {}, expected {}",
            number(one, "points"),
            number(one, "expected")
        )
    });
    let rate = format!(
        "redeemed {} of {}",
        number(liability, "redeemed"),
        number(liability, "redeemedOf")
    );
    [sums.join(" ")]
        .into_iter()
        .chain(months)
        .chain(expiring)
        .chain([rate])
        .collect::<Vec<_>>()
        .join("\n")
}

async fn holds(person: &Person<'_>, points: i64, until: &str) {
    const HOLD: &str = "mutation($input: HoldPointsInput!) { holdPoints(input: $input) { \
         hold { id } userErrors { code message field } } }";
    let input = json!({
        "member": { "externalId": person.member.external_id }, "points": points,
        "reason": "Order 7", "idempotencyKey": until, "expiresAt": until,
    });
    person.app.does::<Value>(person.program, HOLD, input).await.done();
}

async fn adjusts(person: &Person<'_>, points: i64, more: Value) -> Outcome<Value> {
    const ADJUST: &str = "mutation($input: AdjustPointsInput!) { adjustPoints(input: $input) { \
         transaction { id } userErrors { code message field } } }";
    let mut input = json!({
        "member": { "externalId": person.member.external_id }, "points": points,
        "reason": "Sorry", "idempotencyKey": format!("{points}{more}"),
    });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    person.app.does(person.program, ADJUST, input).await
}

fn imports(app: &TestApp, rows: &str) {
    let path = app.db.folder.path().join("balances.csv");
    std::fs::write(&path, format!("member,reference,points,earned_at,expires_at\n{rows}")).unwrap();
    let path = path.to_str().unwrap();
    perennial(&app.db, &["import", "balances", path, "--program", "shop"]).succeeds();
}

/// Some months of two members: an opening balance of which a part was over, purchases and returns
/// that leave a debt, rewards, adjustments and what makes them good, holds.
async fn lives(app: &TestApp) -> [Person<'_>; 2] {
    app.advance_clock("shop", "2026-01-10T12:00:00Z").await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    imports(
        app,
        "ada,old-1,100,2025-12-20,2026-02-28\nbob,old-2,7,2025-08-01,\nbob,old-3,9,2026-01-01,2030-01-01\n",
    );
    app.advance_clock("shop", "2026-01-15T12:00:00Z").await;
    ada.buys("order-1", "50.00").await.done();
    ada.redeems("mug", "mug-1").await.done();
    bob.buys("order-2", "12.00").await.done();
    app.advance_clock("shop", "2026-02-10T12:00:00Z").await;
    bob.redeems("mug", "mug-2").await.done();
    bob.redeems("mug", "mug-3").await.done();
    bob.returns("order-2", "back-1", json!({ "everything": true })).await.done();
    let given = adjusts(&ada, 5, json!({})).await.done();
    adjusts(&ada, -4, json!({})).await.done();
    adjusts(&ada, 6, json!({ "effectiveAt": "2026-01-31T12:00:00Z" })).await.done();
    voids(&ada, given["id"].as_str().unwrap()).await.done();
    app.advance_clock("shop", "2026-03-05T12:00:00Z").await;
    ada.redeems("mug", "mug-4").await.done();
    holds(&ada, 20, "2026-03-06T12:00:00Z").await;
    ada.buys("order-3", "8.00").await.done();
    [ada, bob]
}

async fn every_month_begins_with_what_the_one_before_it_left(backend: Backend) {
    const BALANCE_AT: &str = "query($at: DateTime!) { me { balanceAt(at: $at) } }";
    let app = TestApp::start(backend).await.with_program(&program()).await;
    let people = lives(&app).await;
    let points = liability(&app, "points", 8).await;
    assert_snapshot!(shown(&points), @r"
    outstanding 34 held 20 pending 0 owed 11 total 43 expiringLater 0 neverExpiring 0
    2025-08: 0 opened 7 = 7
    2025-09: 7 expired -7 = 0
    2025-10: 0 = 0
    2025-11: 0 = 0
    2025-12: 0 opened 100 = 100
    2026-01: 100 opened 9 earned 62 adjusted 6 redeemed -10 = 167
    2026-02: 167 adjusted 1 redeemed -20 expired -86 returned -12 voided -5 = 45
    2026-03: 45 earned 8 redeemed -10 = 43
    expires in 2026-03: 26, expected 26
    expires in 2026-05: 8, expected 8
    redeemed 30 of 274
    ");
    assert_snapshot!(shown(&liability(&app, "stars", 3).await), @r"
    outstanding 3 held 0 pending 3 owed 0 total 6 expiringLater 0 neverExpiring 3
    2026-01: 0 earned 6 = 6
    2026-02: 6 returned -3 = 3
    2026-03: 3 earned 3 = 6
    redeemed 0 of 6
    ");
    let shorter = liability(&app, "points", 1).await;
    let last = points["months"].as_array().unwrap().last().unwrap();
    assert_eq!(shorter["months"], json!([last]), "a shorter report ends alike");
    // What members could spend at the end of a month is what it closed with.
    let closing = |month: &str| {
        let months = points["months"].as_array().unwrap();
        let found = months.iter().find(|one| one["month"] == month).unwrap();
        found["closing"].as_i64().unwrap()
    };
    for (month, end) in [
        ("2025-12", "2025-12-31T22:59:59Z"),
        ("2026-01", "2026-01-31T23:00:00Z"),
        ("2026-02", "2026-02-28T23:00:00Z"),
    ] {
        let mut sum = 0;
        for person in &people {
            let me = person.asks(BALANCE_AT, json!({ "at": end })).await;
            sum += me["me"]["balanceAt"].as_i64().unwrap();
        }
        assert_eq!(sum, closing(month), "at {end}");
    }
    let all = app.admin("shop", LIABILITY, json!({ "months": 8 })).await["pointsLiability"].take();
    let command = ["report", "liability", "--program", "shop", "--months", "8", "--json"];
    let printed: Value = perennial(&app.db, &command).succeeds().printed();
    assert_eq!(printed, all, "the command prints what the API answers");
    let command =
        ["report", "liability", "--program", "shop", "--months", "4", "--point-type", "points"];
    assert_snapshot!(perennial(&app.db, &command).succeeds().stdout, @r"
    points at 2026-03-05T12:00:00Z: 43
    outstanding 34, held 20, pending 0, owed 11

    month    opening  opened  earned  adjusted  redeemed  expired  returned  voided  closing
    2025-12        0     100       0         0         0        0         0       0      100
    2026-01      100       9      62         6       -10        0         0       0      167
    2026-02      167       0       0         1       -20      -86       -12      -5       45
    2026-03       45       0       8         0       -10        0         0       0       43

    expires  points  expected
    2026-03      26        26
    2026-05       8         8
    later         0
    never         0
    ");
    books::assert_sound(&app, "shop").await;
}

async fn what_is_due_counts_whether_or_not_it_was_written_down(backend: Backend) {
    let app = TestApp::idle(backend).await.with_program(&program()).await;
    lives(&app).await;
    for now in [
        "2026-03-06T11:59:59Z",
        "2026-03-06T12:00:00Z",
        "2026-03-19T12:00:00Z",
        "2026-03-31T22:00:00Z",
        "2026-07-01T00:00:00Z",
        "2031-01-01T00:00:00Z",
    ] {
        books::set_test_clock(&app, now).await;
        let due = (liability(&app, "points", 3).await, liability(&app, "stars", 3).await);
        while worker::round(&app.loyalty).await.unwrap() > 0 {}
        let done = (liability(&app, "points", 3).await, liability(&app, "stars", 3).await);
        assert_eq!(due, done, "at {now}");
    }
    books::assert_sound(&app, "shop").await;
}

async fn a_report_is_about_one_program_and_within_bounds(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&program()).await;
    lives(&app).await;
    let other = program().replace("program = \"shop\"", "program = \"other\"");
    let app = app.with_program(&other).await;
    let found = app.admin("other", LIABILITY, json!({ "months": 36 })).await;
    let found = found["pointsLiability"].as_array().unwrap().clone();
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|one| one["total"] == 0 && one["outstanding"] == 0), "{found:?}");
    let mut refusals = Vec::new();
    for variables in [json!({ "months": 0 }), json!({ "months": 37 }), json!({ "type": "moons" })] {
        let body = json!({ "query": LIABILITY, "variables": variables });
        let token = app.token("shop", "accountant", "read");
        let (_, answer) = app.send("/admin/graphql", Some(&token), &body).await;
        let error = &answer["errors"][0];
        let (code, why) = (&error["extensions"]["code"], &error["message"]);
        refusals.push(format!("{} {}", code.as_str().unwrap(), why.as_str().unwrap()));
    }
    assert_snapshot!(refusals.join("\n"), @r"
    INVALID_INPUT months: use 1 to 36
    INVALID_INPUT months: use 1 to 36
    POINT_TYPE_NOT_FOUND pointType: the program has no points of the type `moons`
    ");
    let wrong = ["report", "liability", "--program", "shop", "--months", "37"];
    let wrong = perennial(&app.db, &wrong).exits(2);
    assert!(wrong.stderr.contains("37 is not in 1..=36"), "{}", wrong.stderr);
}
