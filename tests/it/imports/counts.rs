//! What an import reports, and how it exits.

use super::{arguments, errors, file, import};
use crate::support::programs::SHOP;
use crate::support::{Backend, TestApp, on_both_databases, perennial};
use insta::assert_snapshot;

on_both_databases!(
    wrong_rows_go_to_the_error_file_and_the_others_go_in,
    a_row_is_recorded_once_and_every_repeat_counts,
    an_import_that_takes_nothing_fails,
);

async fn wrong_rows_go_to_the_error_file_and_the_others_go_in(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    let rows = "member,reference,date,amount\n\
        ada,o-1,2026-01-01,10.00\n\
        ada,o-2,2026-01-01,-5.00\n\
        ada,o-3,yesterday,5.00\n\
        nobody,o-4,2026-01-01,5.00\n\
        ada,o-5,2026-01-02,99999999999999999999.00\n\
        ada,o-6\n\
        ada,o-7,2026-01-03,7.00\n";
    let path = file(&app, "purchases.csv", rows);
    let done = import(&app, "purchases", &path, None, 3);
    assert_eq!((done.of_rows(), done.of_wholes()), ((2, 0, 5), (2, 0, 5)));
    assert_snapshot!(errors(&done), @r#"
    ada,o-2,2026-01-01,-5.00,3,amount,INVALID_AMOUNT,"is not a decimal amount such as 29.33, zero or more"
    ada,o-3,yesterday,5.00,4,date,INVALID_INPUT,is not a date like 2026-11-22 or 2026-11-22T10:00:00Z
    ada,o-5,2026-01-02,99999999999999999999.00,6,amount,OVERFLOW,`99999999999999999999.00` is too large an amount
    ada,o-6,,,7,,INVALID_INPUT,"the row has 2 columns, 4 are expected"
    nobody,o-4,2026-01-01,5.00,5,member,MEMBER_NOT_FOUND,there is no such member in this program
    "#);
    assert_eq!(ada.points().await, 17);
    let again = import(&app, "purchases", &path, None, 3);
    assert_eq!((again.of_rows(), again.of_wholes()), ((0, 2, 5), (0, 2, 5)));
}

async fn a_row_is_recorded_once_and_every_repeat_counts(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    let rows = "member,reference,date,amount\n".to_owned() + &"ada,o-1,2026-01-01,4\n".repeat(3);
    let path = file(&app, "purchases.csv", rows);
    let done = import(&app, "purchases", &path, None, 0);
    assert_eq!((done.of_rows(), done.of_wholes()), ((1, 2, 0), (1, 0, 0)));
    assert_eq!(ada.points().await, 4);
    let again = perennial(&app.db, &arguments("purchases", &path, None)).succeeds();
    assert_snapshot!(again.stdout, @"
    3 rows: 0 recorded, 3 already recorded, 0 refused
    purchases: 0 recorded, 1 already recorded, 0 refused
    ");
    let members = "external_id,name\nbob,Bob\nbob,Bob\n";
    let done = import(&app, "members", &file(&app, "members.csv", members), None, 0);
    assert_eq!((done.of_rows(), done.of_wholes()), ((1, 1, 0), (1, 0, 0)));
}

async fn an_import_that_takes_nothing_fails(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let rows = "member,reference,date,amount\nnobody,o-1,2026-01-01,1\nada,o-2,2026-01-01,x\n";
    let path = file(&app, "purchases.csv", rows);
    let failed = perennial(&app.db, &arguments("purchases", &path, None)).exits(1);
    assert!(failed.stderr.contains("error: every row was refused"), "{}", failed.stderr);
    assert_snapshot!(failed.stdout, @"
    2 rows: 0 recorded, 0 already recorded, 2 refused
    purchases: 0 recorded, 0 already recorded, 2 refused
    ");
    let failed = import(&app, "members", &file(&app, "m.csv", "external_id,name\nada,\n"), None, 1);
    assert_eq!((failed.of_rows(), failed.of_wholes()), ((0, 0, 1), (0, 0, 1)));
    let empty = import(&app, "purchases", &file(&app, "e.csv", &rows[..29]), None, 0);
    assert_eq!((empty.of_rows(), empty.error_file), ((0, 0, 0), None));
}
