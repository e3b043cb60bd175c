//! Opening balances: what members had in another system, portion by portion, as if the program had
//! had it all along.

use super::{arguments, errors, file, import};
use crate::corrections::voids;
use crate::support::programs::SHOP;
use crate::support::{Backend, Person, TestApp, books, on_both_databases, perennial};
use insta::assert_snapshot;
use perennial_core::worker;
use serde_json::{Value, json};

on_both_databases!(
    a_balance_is_taken_over_with_the_dates_that_it_had,
    what_counts_as_earned_puts_members_where_they_stood,
    any_file_can_be_mapped,
    balances_that_are_refused_are_corrected_and_imported,
    a_large_file_goes_in_by_batches_and_once,
    what_was_taken_over_wrongly_is_made_good,
    what_is_taken_over_lasts_from_when_it_was_earned_while_its_member_is_active,
    what_is_taken_over_in_any_order_is_as_if_it_had_been_lived,
);

/// Points last a year, unless they are stars, which only count.
fn shop() -> String {
    let stars = "[[point_types]]\nid = \"stars\"\nname.en = \"Stars\"\nspendable = false\n";
    sandbox() + stars
}

fn sandbox() -> String {
    SHOP.replace(
        "program = \"shop\"",
        "program = \"shop\"\nsandbox = true\nclock_starts_on = \"2026-06-01\"",
    )
}

/// The statement, the oldest first, as `instant kind points type`.
async fn statement(person: &Person<'_>) -> Vec<String> {
    let query = "{ me { transactions { nodes { kind points pointType effectiveAt } } } }";
    let me = person.asks(query, Value::Null).await;
    let text = |one: &Value, field: &str| one[field].as_str().unwrap().to_owned();
    let shown = |one: &Value| {
        let (at, kind) = (text(one, "effectiveAt"), text(one, "kind"));
        format!("{at} {kind} {} {}", one["points"], text(one, "pointType"))
    };
    me["me"]["transactions"]["nodes"].as_array().unwrap().iter().rev().map(shown).collect()
}

/// When what expires, as `instant points`.
async fn expiring(person: &Person<'_>) -> Vec<String> {
    let me = person.asks("{ me { balance { expiring { at points } } } }", Value::Null).await;
    let shown = |one: &Value| format!("{} {}", one["at"].as_str().unwrap(), one["points"]);
    me["me"]["balance"]["expiring"].as_array().unwrap().iter().map(shown).collect()
}

async fn a_balance_is_taken_over_with_the_dates_that_it_had(backend: Backend) {
    const BALANCE_AT: &str = "query($at: DateTime!) { me { balanceAt(at: $at) } }";
    let app = TestApp::start(backend).await.with_program(&shop()).await;
    let ada = app.joins("shop", "ada").await;
    let rows = "member,reference,points,earned_at,expires_at,point_type,reason\n\
        ada,old-1,100,2026-01-15,,,\n\
        ada,old-2,40,2025-11-20T10:00:00Z,2026-12-31,,From the card\n\
        ada,old-3,7,2025-03-01,,,\n\
        ada,old-4,3,2024-01-01,2099-12-31,stars,\n";
    let path = file(&app, "balances.csv", rows);
    let done = import(&app, "balances", &path, None, 0);
    assert_eq!((done.of_rows(), done.of_wholes()), ((4, 0, 0), (4, 0, 0)));
    // What was over already was over when it was.
    let taken_over = statement(&ada).await;
    assert_snapshot!(taken_over.join("\n"), @r"
    2023-12-31T23:00:00Z OPENING 3 stars
    2025-02-28T23:00:00Z OPENING 7 points
    2025-11-20T10:00:00Z OPENING 40 points
    2026-01-14T23:00:00Z OPENING 100 points
    2026-02-28T23:00:00Z EXPIRE -7 points
    ");
    assert_snapshot!(expiring(&ada).await.join("\n"), @r"
    2026-12-31T23:00:00Z 40
    2027-01-14T23:00:00Z 100
    ");
    for (at, points) in [("2025-12-01T00:00:00Z", 47), ("2026-03-01T00:00:00Z", 140)] {
        let me = ada.asks(BALANCE_AT, json!({ "at": at })).await;
        assert_eq!(me["me"]["balanceAt"], points, "at {at}");
    }
    let me = ada.asks("{ me { statistics { pointsEarned } } }", Value::Null).await;
    assert_eq!(me["me"]["statistics"]["pointsEarned"], 0, "the other system gave them");
    books::assert_balanced(&app, 143).await;
    books::assert_sound(&app, "shop").await;

    let again = perennial(&app.db, &arguments("balances", &path, None)).succeeds();
    assert_snapshot!(again.stdout, @r"
    4 rows: 0 recorded, 4 already recorded, 0 refused
    balances: 0 recorded, 4 already recorded, 0 refused
    ");
    assert_eq!(statement(&ada).await, taken_over);
    app.advance_clock("shop", "2027-02-01T00:00:00Z").await;
    assert_eq!(ada.points().await, 0, "they expire as all points do");
    books::assert_sound(&app, "shop").await;
}

async fn what_counts_as_earned_puts_members_where_they_stood(backend: Backend) {
    const STANDING: &str = "{ me { statistics { pointsEarned } tier { key } } }";
    let source = sandbox().replace("metric = \"purchases\"", "metric = \"points-earned\"");
    let app = TestApp::start(backend).await.with_program(&source).await;
    let ada = app.joins("shop", "ada").await;
    // The file is in no order.
    let rows = "member,reference,points,earned_at,counts_as_earned\n\
        ada,old-2,4,2026-02-01,TRUE\n\
        ada,old-1,3,2024-01-01,true\n\
        ada,old-3,90,2026-03-01,\n";
    import(&app, "balances", &file(&app, "balances.csv", rows), None, 0);
    let me = ada.asks(STANDING, Value::Null).await;
    let earned = json!({ "statistics": { "pointsEarned": 7 }, "tier": { "key": "gold" } });
    assert_eq!(me["me"], earned);
    let events = "{ events(memberId: $id, first: 20) { nodes { name occurredAt data } } }";
    let query = format!("query($id: ID!) {events}");
    let events = app.admin("shop", &query, json!({ "id": ada.member.id })).await;
    let moved = events["events"]["nodes"].as_array().unwrap().iter().rev();
    let moved = moved.filter(|event| event["name"] == "tier-changed");
    let moved = moved.map(|event| format!("{} {}", event["occurredAt"], event["data"]["to"]));
    let moved: Vec<_> = moved.collect();
    assert_eq!(
        moved,
        ["\"2023-12-31T23:00:00Z\" \"silver\"", "\"2026-01-31T23:00:00Z\" \"gold\""],
        "a tier is reached when it was"
    );
    books::assert_balanced(&app, 94).await;
    books::assert_sound(&app, "shop").await;
}

async fn any_file_can_be_mapped(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&shop()).await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    let mapping = "delimiter = \";\"\nencoding = \"windows-1252\"\ndate_format = \"%d.%m.%Y\"\n\
        [amounts]\nthousands = \".\"\ndecimal = \",\"\n\
        [columns]\nmember = \"Kunde\"\npoints = \"Punkte\"\nearned_at = \"Datum\"\n\
        reason = \"Für\"\npoint_type = { value = \"stars\" }\n\
        [reference]\nderive = [\"member\", \"date\", \"occurrence\"]\n";
    let mapping = file(&app, "mapping.toml", mapping);
    let rows = b"Kunde;Datum;Punkte;F\xfcr\nada;01.02.2026;1.234;B\xfccher\n\
        ada;01.02.2026;1.234;B\xfccher\nada;02.02.2026;5;\n";
    let path = file(&app, "balances.csv", rows);
    let done = import(&app, "balances", &path, Some(&mapping), 0);
    assert_eq!(done.of_rows(), (3, 0, 0), "two rows that are alike are two balances");
    let stars = statement(&ada).await;
    assert_eq!(stars.len(), 3);
    assert!(stars[0].ends_with("OPENING 1234 stars"), "{stars:?}");
    let again = import(&app, "balances", &path, Some(&mapping), 0);
    assert_eq!(again.of_rows(), (0, 3, 0));

    let ndjson =
        file(&app, "ndjson.toml", "format = \"ndjson\"\n[columns]\npoints = \"have.points\"");
    let rows = "{\"member\":\"bob\",\"reference\":17,\"have\":{\"points\":25},\"earned_at\":\"2026-05-01\"}\n";
    import(&app, "balances", &file(&app, "balances.ndjson", rows), Some(&ndjson), 0);
    assert_eq!(bob.points().await, 25);
    books::assert_sound(&app, "shop").await;
}

async fn balances_that_are_refused_are_corrected_and_imported(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&shop()).await;
    let ada = app.joins("shop", "ada").await;
    let rows = "member,reference,points,earned_at,expires_at,point_type,counts_as_earned\n\
        ada,r-1,10,2026-01-01,,,\n\
        ada,r-2,0,2026-01-01,,,\n\
        ada,r-3,-5,2026-01-01,,,\n\
        ada,r-4,1.5,2026-01-01,,,\n\
        nobody,r-5,1,2026-01-01,,,\n\
        ada,r-6,1,2026-07-01,,,\n\
        ada,r-7,1,1970-01-01,,,\n\
        ada,r-8,1,2026-01-02,2026-01-01,,\n\
        ada,r-9,1,2026-01-01,,moons,\n\
        ada,r-10,1,2026-01-01,soon,,\n\
        ada,r-11,1,2026-01-01,,,maybe\n\
        ada,r-12,1,2026-01-01,,,\n\
        ada,r-12,2,2026-01-01,,,\n\
        ada,r-13,9007199254740991,2026-01-01,,,\n\
        ada,r-1,10,2026-01-01,,,\n";
    let path = file(&app, "balances.csv", rows);
    let done = import(&app, "balances", &path, None, 3);
    assert_eq!((done.of_rows(), done.of_wholes()), ((1, 1, 13), (1, 0, 12)));
    assert_snapshot!(errors(&done), @r#"
    ada,r-10,1,2026-01-01,soon,,,11,expires_at,INVALID_INPUT,is not a date like 2026-11-22 or 2026-11-22T10:00:00Z
    ada,r-11,1,2026-01-01,,,maybe,12,counts_as_earned,INVALID_INPUT,is neither `true` nor `false`
    ada,r-12,1,2026-01-01,,,,13,reference,REFERENCE_REUSED,"the reference `r-12` is that of another row, which says something else: each opening balance needs one of its own"
    ada,r-12,2,2026-01-01,,,,14,reference,REFERENCE_REUSED,"the reference `r-12` is that of another row, which says something else: each opening balance needs one of its own"
    ada,r-13,9007199254740991,2026-01-01,,,,15,points,OVERFLOW,the number of points exceeds what a wallet can hold
    ada,r-2,0,2026-01-01,,,,3,points,INVALID_INPUT,is no number of points above zero: take what a member owes by an adjustment
    ada,r-3,-5,2026-01-01,,,,4,points,INVALID_INPUT,is not a whole number of points from 1 to 9007199254740991
    ada,r-4,1.5,2026-01-01,,,,5,points,INVALID_INPUT,is not a whole number of points from 1 to 9007199254740991
    ada,r-6,1,2026-07-01,,,,7,earned_at,FUTURE_INSTANT,"2026-06-30T22:00:00Z is later than the program's now, 2026-05-31T22:00:00Z"
    ada,r-7,1,1970-01-01,,,,8,earned_at,INVALID_INPUT,"1969-12-31T23:00:00Z is before 1971, and no point is so old"
    ada,r-8,1,2026-01-02,2026-01-01,,,9,expires_at,INVALID_INPUT,"is not later than they were earned, 2026-01-01T23:00:00Z"
    ada,r-9,1,2026-01-01,,moons,,10,point_type,POINT_TYPE_NOT_FOUND,the program has no points of the type `moons`
    nobody,r-5,1,2026-01-01,,,,6,member,MEMBER_NOT_FOUND,there is no such member in this program
    "#);
    // A reference that was recorded is not recorded with other data.
    let rows = "member,reference,points,earned_at\nada,r-1,11,2026-01-01\nada,r-20,5,2026-01-01\n";
    let done = import(&app, "balances", &file(&app, "other.csv", rows), None, 3);
    assert_snapshot!(
        errors(&done),
        @"ada,r-1,11,2026-01-01,2,reference,REFERENCE_REUSED,`r-1` was taken over with other data"
    );
    let path = done.error_file.unwrap();
    let corrected = std::fs::read_to_string(&path).unwrap().replace("r-1,11", "r-21,11");
    std::fs::write(&path, corrected).unwrap();
    assert_eq!(import(&app, "balances", &path, None, 0).of_rows(), (1, 0, 0));
    assert_eq!(ada.points().await, 26);
    let bad = file(&app, "bad.csv", "member,points,earned_at\nada,1,2026-01-01\n");
    let failed = perennial(&app.db, &arguments("balances", &bad, None)).exits(1);
    let why = "columns.reference: the file has no column `reference`";
    assert!(failed.stderr.contains(why), "{}", failed.stderr);
    books::assert_balanced(&app, 26).await;
}

/// Points last until the end of the month six months after the last activity.
fn while_active() -> String {
    sandbox().replace(
        "points.expire_after_months = 12",
        "points.expiry = { inactive_months = 6, end_of = \"month\" }",
    )
}

async fn what_is_taken_over_lasts_from_when_it_was_earned_while_its_member_is_active(
    backend: Backend,
) {
    let app = TestApp::start(backend).await.with_program(&while_active()).await;
    let mut people = Vec::new();
    for name in ["over", "kept", "gap", "own", "buys"] {
        people.push(app.joins("shop", name).await);
    }
    people[4].buys("order-1", "5.00").await.done();
    let rows = "member,reference,points,earned_at,expires_at\n\
        over,o-1,100,2025-06-10,\n\
        kept,k-1,50,2025-08-10,\n\
        kept,k-2,100,2026-01-15,\n\
        gap,g-1,50,2025-04-10,\n\
        gap,g-2,100,2026-01-15,\n\
        own,w-1,7,2025-06-10,2026-12-31\n\
        buys,b-1,50,2025-06-10,\n\
        buys,b-2,100,2026-01-15,\n";
    import(&app, "balances", &file(&app, "balances.csv", rows), None, 0);
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    for (person, expected) in people.iter().zip([
        None,
        Some("2026-07-31T22:00:00Z 150"),
        Some("2026-07-31T22:00:00Z 100"),
        Some("2026-12-31T23:00:00Z 7"),
        Some("2026-11-30T23:00:00Z 105"),
    ]) {
        let name = &person.member.external_id;
        assert_eq!(expiring(person).await, Vec::from_iter(expected), "{name}");
    }
    let over = statement(&people[0]).await;
    assert_snapshot!(over.join("\n"), @r"
    2025-06-09T22:00:00Z OPENING 100 points
    2025-12-31T23:00:00Z EXPIRE -100 points
    ");
    books::assert_balanced(&app, 150 + 100 + 7 + 105).await;
    books::assert_sound(&app, "shop").await;
    // What comes to light later keeps what it would have kept.
    let purchase = json!({
        "reference": "order-2", "total": "1.00", "purchasedAt": "2025-12-24T12:00:00Z",
    });
    people[0].reports(purchase).await.done();
    assert_eq!(expiring(&people[0]).await, ["2026-06-30T22:00:00Z 101"]);
    books::assert_sound(&app, "shop").await;
}

async fn what_is_taken_over_in_any_order_is_as_if_it_had_been_lived(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&while_active()).await;
    let days = ["2025-02-01", "2025-07-01", "2025-12-01", "2026-05-01"];
    for (first, second, third, last) in [(0, 1, 2, 3), (3, 2, 1, 0), (0, 3, 1, 2), (2, 0, 3, 1)] {
        let name = format!("m{first}{second}{third}{last}");
        let person = app.joins("shop", &name).await;
        for day in [first, second, third, last] {
            let row = format!("{name},{name}-{day},{},{}\n", 10 << day, days[day]);
            let rows = format!("member,reference,points,earned_at\n{row}");
            import(&app, "balances", &file(&app, &format!("{name}-{day}.csv"), rows), None, 0);
            while worker::round(&app.loyalty).await.unwrap() > 0 {}
        }
        assert_eq!(expiring(&person).await, ["2026-10-31T23:00:00Z 150"], "{name}");
        books::assert_sound(&app, "shop").await;
    }
    books::assert_balanced(&app, 600).await;
}

async fn a_large_file_goes_in_by_batches_and_once(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    for member in 0..7 {
        app.joins("shop", &format!("m{member}")).await;
    }
    let row = |row: usize| format!("m{},old-{row},{},2026-0{}-01\n", row % 7, row + 1, row % 9 + 1);
    let rows: String = (0..700).map(row).collect();
    let header = "member,reference,points,earned_at\n";
    // An earlier import was cut off.
    let begun = rows.lines().take(300).collect::<Vec<_>>().join("\n");
    import(&app, "balances", &file(&app, "a.csv", format!("{header}{begun}")), None, 0);
    let done = import(&app, "balances", &file(&app, "b.csv", format!("{header}{rows}")), None, 0);
    assert_eq!(done.of_rows(), (400, 300, 0));
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    books::assert_balanced(&app, 700 * 701 / 2).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_was_taken_over_wrongly_is_made_good(backend: Backend) {
    let source = sandbox().replace("metric = \"purchases\"", "metric = \"points-earned\"");
    let app = TestApp::start(backend).await.with_program(&source).await;
    let ada = app.joins("shop", "ada").await;
    let rows = "member,reference,points,earned_at,counts_as_earned\nada,old-1,30,2026-01-01,true\n";
    let path = file(&app, "balances.csv", rows);
    import(&app, "balances", &path, None, 0);
    let opening = app.transactions("shop").await.pop().unwrap();
    assert_eq!((opening.kind.as_str(), opening.points), ("OPENING", 30));
    assert_eq!(voids(&ada, &opening.id).await.done().points, -30);
    let me = ada.asks("{ me { statistics { pointsEarned } tier { key } } }", Value::Null).await;
    assert_eq!(me["me"], json!({ "statistics": { "pointsEarned": 0 }, "tier": null }));
    let again = import(&app, "balances", &path, None, 0);
    assert_eq!(again.of_rows(), (0, 1, 0), "what was made good does not come back");
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}
