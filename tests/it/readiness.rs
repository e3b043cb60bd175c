//! What a probe of readiness is told.

use crate::support::{Backend, Sent, TestApp, TestDb, books, on_both_databases, programs};
use perennial_core::members::MemberRef;
use perennial_core::purchases::{Cart, NewPurchase};
use perennial_core::{Actor, Code, Result};

on_both_databases!(a_server_whose_database_takes_no_writes_is_not_ready);

async fn a_server_whose_database_takes_no_writes_is_not_ready(backend: Backend) {
    let app = TestApp::observed(TestDb::create(backend).await, &Sent::default()).await;
    let app = app.with_program(programs::SHOP).await;
    app.joins("shop", "ada").await;
    app.loyalty.ready().await.unwrap();

    books::refuse_writes(&app, backend).await;
    assert_eq!(buys(&app).await.unwrap_err().code(), Code::Internal);
    let refused = app.loyalty.ready().await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable);
    assert_eq!(refused.message(), "the database does not take writes");

    books::take_writes(&app, backend).await;
    app.loyalty.ready().await.unwrap();
    buys(&app).await.unwrap();
    app.loyalty.ready().await.unwrap();
}

async fn buys(app: &TestApp) -> Result<()> {
    let program = app.loyalty.programs().by_slug("shop").await?.id;
    let purchase = NewPurchase {
        member: MemberRef::ExternalId("ada".to_owned()),
        reference: "order-1".to_owned(),
        purchased_at: None,
        cart: Cart { total_minor: Some(1000), ..Cart::default() },
        pay_with: None,
    };
    app.loyalty.purchases().record(&Actor::system(program), purchase).await.map(drop)
}
