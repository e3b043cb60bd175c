//! Orders of several rows.

use super::{errors, file, import, member};
use crate::support::programs::SHOP;
use crate::support::{Backend, TestApp, books, on_both_databases};
use insta::assert_snapshot;
use serde_json::json;

on_both_databases!(
    rows_of_one_order_are_one_purchase_wherever_they_stand,
    an_order_is_recorded_whole_or_not_at_all,
    objects_that_carry_lines_are_purchases_with_these_lines,
    a_date_before_all_shops_or_after_today_is_refused_in_its_row,
);

async fn rows_of_one_order_are_one_purchase_wherever_they_stand(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    app.joins("shop", "ada").await;
    // Four lines of half an euro are two points together, and none each.
    let rows = "member,reference,date,amount,sku,quantity\n\
        ada,o-1,2026-01-01,0.50,tea,1\n\
        ada,o-2,2026-01-02,3.00,pot,1\n\
        ada,o-1,2026-01-01,0.50,mug,2\n\
        ada,o-1,2026-01-01,0.50,cup,1\n\
        ada,o-1,2026-01-01,0.50,tin,1\n";
    let path = file(&app, "orders.csv", rows);
    let done = import(&app, "purchases", &path, None, 0);
    assert_eq!((done.of_rows(), done.of_wholes()), ((5, 0, 0), (2, 0, 0)));
    let ada = member(&app, "ada").await;
    assert_eq!(ada["statistics"]["purchases"], json!(2));
    assert_eq!(ada["tier"]["key"], json!("bronze"), "two purchases, and not five");
    assert_eq!(ada["balance"]["points"], json!(5));
    let lines = books::purchase_lines(&app).await;
    assert_eq!(
        lines,
        ["o-1 1 tea 1 50", "o-1 2 mug 2 50", "o-1 3 cup 1 50", "o-1 4 tin 1 50", "o-2 1 pot 1 300"]
    );

    let again = import(&app, "purchases", &path, None, 0);
    assert_eq!((again.of_rows(), again.of_wholes()), ((0, 5, 0), (0, 2, 0)));
    let more = format!("{rows}ada,o-1,2026-01-01,0.50,jar,1\n");
    let more = import(&app, "purchases", &file(&app, "orders.csv", more), None, 3);
    assert_eq!((more.of_rows(), more.of_wholes()), ((0, 1, 5), (0, 1, 1)));
    assert!(errors(&more).contains("REFERENCE_REUSED,`o-1` was recorded with other data"));
    assert_eq!(member(&app, "ada").await, ada);
}

async fn an_order_is_recorded_whole_or_not_at_all(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    app.joins("shop", "ada").await;
    app.joins("shop", "bob").await;
    let long = "x".repeat(129);
    let rows = "member,order,day,price,currency,article\n\
        ada,o-1,2026-01-01,1.00,EUR,tea\n\
        bob,o-1,2026-01-01,1.00,EUR,mug\n\
        ada,o-2,2026-01-01,1.00,EUR,tea\n\
        ada,o-2,2026-01-02,1.00,EUR,mug\n\
        ada,o-3,2026-01-01,1.00,EUR,tea\n\
        ada,o-3,2026-01-01,1.00,USD,mug\n\
        ada,o-4,2026-01-01,1.00,EUR,tea\n\
        ada,o-4,2026-01-01,1.005,EUR,mug\n\
        ada,o-5,2026-01-01,1.00,EUR,tea\n\
        ada,o-5,2026-01-01,1.00,EUR,LONG\n\
        nobody,o-6,2026-01-01,1.00,EUR,tea\n\
        nobody,o-6,2026-01-01,1.00,EUR,mug\n\
        ada,o-7,2026-01-01,7.00,EUR,tea\n";
    let path = file(&app, "a.csv", rows.replace("LONG", &long));
    let columns = "[columns]\nreference = \"order\"\ndate = \"day\"\namount = \"price\"\n\
        sku = \"article\"";
    let mapping = file(&app, "mapping.toml", columns);
    let done = import(&app, "purchases", &path, Some(&mapping), 3);
    assert_eq!((done.of_rows(), done.of_wholes()), ((1, 0, 12), (1, 0, 6)));
    assert_snapshot!(errors(&done).replace(&long, "LONG"), @r#"
    ada,o-1,2026-01-01,1.00,EUR,tea,2,,REFERENCE_REUSED,"an order is imported whole, and its row in line 3 was refused"
    ada,o-2,2026-01-01,1.00,EUR,tea,4,,REFERENCE_REUSED,"an order is imported whole, and its row in line 5 was refused"
    ada,o-2,2026-01-02,1.00,EUR,mug,5,day,REFERENCE_REUSED,"the order `o-2` has the date 2026-01-01 in line 4 and the date 2026-01-02 here: correct one of them, or give another order another reference"
    ada,o-3,2026-01-01,1.00,EUR,tea,6,,REFERENCE_REUSED,"an order is imported whole, and its row in line 7 was refused"
    ada,o-3,2026-01-01,1.00,USD,mug,7,currency,REFERENCE_REUSED,"the order `o-3` has amounts in EUR in line 6 and amounts in USD here: correct one of them, or give another order another reference"
    ada,o-4,2026-01-01,1.00,EUR,tea,8,,INVALID_AMOUNT,"an order is imported whole, and its row in line 9 was refused"
    ada,o-4,2026-01-01,1.005,EUR,mug,9,price,INVALID_AMOUNT,"`1.005` has more than 2 decimals, EUR allows no more"
    ada,o-5,2026-01-01,1.00,EUR,tea,10,,INVALID_INPUT,"an order is imported whole, and its row in line 11 was refused"
    ada,o-5,2026-01-01,1.00,EUR,LONG,11,article,INVALID_INPUT,"use 1 to 128 printable characters, without space around them"
    bob,o-1,2026-01-01,1.00,EUR,mug,3,member,REFERENCE_REUSED,"the order `o-1` has the member `ada` in line 2 and the member `bob` here: correct one of them, or give another order another reference"
    nobody,o-6,2026-01-01,1.00,EUR,mug,13,member,MEMBER_NOT_FOUND,there is no such member in this program
    nobody,o-6,2026-01-01,1.00,EUR,tea,12,member,MEMBER_NOT_FOUND,there is no such member in this program
    "#);
    assert_eq!(member(&app, "ada").await["balance"]["points"], json!(7));
    assert_eq!(member(&app, "bob").await["balance"]["points"], json!(0));
}

async fn objects_that_carry_lines_are_purchases_with_these_lines(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    app.joins("shop", "ada").await;
    let objects = "{\"member\":\"ada\",\"reference\":\"o-1\",\"date\":\"2026-01-01\",\"amount\":3.5,\
         \"items\":[{\"id\":\"tea\",\"quantity\":2,\"amount\":1},{\"id\":\"mug\",\"amount\":\"2.50\"}]}\n\
         {\"member\":\"ada\",\"reference\":\"o-2\",\"date\":\"2026-01-01\",\"amount\":2}\n\
         {\"member\":\"ada\",\"reference\":\"o-3\",\"date\":\"2026-01-01\",\
         \"items\":[{\"id\":\"tea\",\"amount\":1},{\"id\":\"mug\"}]}\n";
    let mapping =
        file(&app, "m.toml", "format = \"ndjson\"\n[lines]\nkey = \"items\"\nsku = \"id\"");
    let path = file(&app, "a.ndjson", objects);
    let done = import(&app, "purchases", &path, Some(&mapping), 3);
    assert_eq!((done.of_rows(), done.of_wholes()), ((2, 0, 1), (2, 0, 1)));
    assert_eq!(books::purchase_lines(&app).await, ["o-1 1 tea 2 100", "o-1 2 mug 1 250"]);
    let path = done.error_file.unwrap();
    let refused = std::fs::read_to_string(&path).unwrap();
    assert!(refused.contains("\"error_column\":\"items.1.amount\""), "{refused}");
    std::fs::write(&path, refused.replace("{\"id\":\"mug\"}", "{\"id\":\"mug\",\"amount\":1}"))
        .unwrap();
    let corrected = import(&app, "purchases", &path, Some(&mapping), 0);
    assert_eq!((corrected.of_rows(), corrected.error_file), ((1, 0, 0), None));
    assert_eq!(member(&app, "ada").await["balance"]["points"], json!(7));
}

async fn a_date_before_all_shops_or_after_today_is_refused_in_its_row(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    app.joins("shop", "ada").await;
    let rows = "member,reference,date,amount\n\
        ada,o-1,1899-12-30,1.00\n\
        ada,o-2,1970-01-01,1.00\n\
        ada,o-3,1971-01-01,1.00\n\
        ada,o-4,2999-01-01,1.00\n";
    let done = import(&app, "purchases", &file(&app, "dates.csv", rows), None, 3);
    assert_eq!(done.of_rows(), (1, 0, 3));
    let errors = errors(&done);
    for refused in [
        "ada,o-1,1899-12-30,1.00,2,date,INVALID_INPUT,",
        "ada,o-2,1970-01-01,1.00,3,date,INVALID_INPUT,",
        "ada,o-4,2999-01-01,1.00,5,date,FUTURE_INSTANT,",
    ] {
        assert!(errors.contains(refused), "{refused}\n{errors}");
    }
}
