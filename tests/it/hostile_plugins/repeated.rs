//! Events that come again, and in another order, as the platform never delivers them: an answer is
//! carried out once.

use super::{apply, state, work};
use crate::support::{Backend, TestApp, books, on_both_databases, plugins};

on_both_databases!(an_answer_is_carried_out_once_however_often_and_in_whatever_order_events_come);

async fn an_answer_is_carried_out_once_however_often_and_in_whatever_order_events_come(
    backend: Backend,
) {
    let app = TestApp::idle(backend).await;
    app.offers(&plugins::signed(&[])).await;
    apply(&app, "shop", "[plugins.hostile]\nmode = \"diligent\"\n").await;
    let ada = app.joins("shop", "ada").await;
    for number in 1..=3 {
        ada.buys(&format!("order-{number}"), "10.00").await.done();
        work(&app).await;
    }
    let (points, kept) = (ada.points().await, books::kept_of_plugin(&app, "shop", "hostile").await);
    // Ten by the rule, one for diligence and one that the plugin proposes.
    assert_eq!((points, kept.get("runs")), (3 * 12, Some(&3)), "{kept:?}");

    // All of them once more, the last one alone, and the first behind it.
    for again in [&[1, 2, 3][..], &[3], &[1]] {
        for number in again {
            books::deliver_again(&app, "hostile", &format!("order-{number}")).await;
        }
        work(&app).await;
        assert_eq!(ada.points().await, points, "{again:?}");
        assert_eq!(books::kept_of_plugin(&app, "shop", "hostile").await, kept, "{again:?}");
        let state = state(&app, "shop", "hostile").await;
        assert_eq!((state.handled, state.waiting), (3, 0), "{again:?}");
    }
    books::assert_sound(&app, "shop").await;
}
