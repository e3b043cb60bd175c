//! An activity that comes to light when its points have ended, come back or gone to another meanwhile.

use super::{EURO, shop};
use crate::corrections::voids;
use crate::referrals::refers;
use crate::support::{Backend, Person, TestApp, books, on_both_databases};
use serde_json::json;

on_both_databases!(
    what_came_back_meanwhile_is_not_kept_too,
    a_referral_that_came_back_meanwhile_pays_once,
    what_a_return_left_out_does_not_come_back_with_a_void,
    what_ended_before_a_merge_is_kept_by_what_is_reported_after_it,
    a_day_of_the_past_has_what_it_kept,
    a_delivery_that_is_reported_late_comes_to_what_it_would_have_in_time,
);

const REFERRAL: &str = "
    [referral]
    referrer_points = 50
    referred_points = 25
";

async fn app(backend: Backend, rest: &str) -> TestApp {
    let source = shop(&format!("points.expiry = {{ inactive_months = 12 }}\n{EURO}{rest}"));
    TestApp::start(backend).await.with_program(&source).await
}

async fn what_came_back_meanwhile_is_not_kept_too(backend: Backend) {
    let app = app(backend, "").await;
    for (member, back, kept) in [("whole", "100.00", 1), ("part", "40.00", 61)] {
        let member = app.joins("shop", member).await;
        let order = |of: &str| format!("{}-{of}", member.member.external_id);
        member.bought(&order("1"), "100.00", "2025-12-10T12:00:00Z").await;
        app.advance_clock("shop", "2027-06-01T00:00:00Z").await;
        assert_eq!(member.has().await, 0, "all have ended");
        member.gets_back(&order("1"), "back", back).await;
        member.bought(&order("2"), "1.00", "2026-12-01T12:00:00Z").await;
        assert_eq!(member.has().await, kept);
        books::assert_sound(&app, "shop").await;
        if back == "40.00" {
            member.gets_back(&order("1"), "rest", "60.00").await;
            assert_eq!(member.has().await, 1, "what is kept comes back, too");
            books::assert_sound(&app, "shop").await;
        }
    }
    books::assert_balanced(&app, 2).await;
}

async fn a_referral_that_came_back_meanwhile_pays_once(backend: Backend) {
    let app = app(backend, REFERRAL).await;
    let ada = app.joins("shop", "ada").await;
    let bob = refers(&ada, "bob").await;
    bob.bought("order-1", "10.00", "2025-12-10T12:00:00Z").await;
    app.advance_clock("shop", "2027-06-01T00:00:00Z").await;
    assert_eq!((ada.has().await, bob.has().await), (0, 0), "all have ended");
    bob.gets_back("order-1", "back", "10.00").await;
    bob.bought("order-2", "1.00", "2026-12-01T12:00:00Z").await;
    ada.bought("order-3", "2.00", "2026-12-01T12:00:00Z").await;
    assert_eq!((ada.has().await, bob.has().await), (50 + 2, 25 + 1));
    books::assert_balanced(&app, 78).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_a_return_left_out_does_not_come_back_with_a_void(backend: Backend) {
    let app = app(backend, "").await;
    let ada = app.joins("shop", "ada").await;
    ada.bought("order-1", "100.00", "2025-12-10T12:00:00Z").await;
    app.advance_clock("shop", "2027-06-01T00:00:00Z").await;
    ada.gets_back("order-1", "back", "40.00").await;
    let of = async |kind: &str| {
        let all = app.transactions("shop").await;
        all.into_iter().find(|one| one.kind == kind).unwrap().id
    };
    let expired = of("EXPIRE").await;
    assert_eq!(voids(&ada, &expired).await.done().points, 60);
    ada.gets_back("order-1", "rest", "60.00").await;
    assert_eq!(ada.has().await, 0);
    ada.buys("order-2", "10.00").await.done();
    app.advance_clock("shop", "2028-07-01T00:00:00Z").await;
    ada.gets_back("order-2", "back", "10.00").await;
    let all = app.transactions("shop").await;
    let last = all.into_iter().rfind(|one| one.kind == "EXPIRE" && one.points == -10).unwrap();
    let refused = voids(&ada, &last.id).await.refused().to_string();
    let expected = "CANNOT_BE_VOIDED transactionId: this transaction has nothing left to be made \
         good";
    assert_eq!(refused, expected);
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_ended_before_a_merge_is_kept_by_what_is_reported_after_it(backend: Backend) {
    let app = app(backend, "").await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    old.bought("order-1", "100.00", "2025-12-10T12:00:00Z").await;
    app.advance_clock("shop", "2027-06-01T00:00:00Z").await;
    assert_eq!(old.has().await, 0, "all have ended");
    old.merges_into(&ada).await.done();
    old.bought("order-2", "1.00", "2026-12-01T12:00:00Z").await;
    assert_eq!(ada.expiring().await, ["2027-12-01T12:00:00Z 101"]);
    books::assert_balanced(&app, 101).await;
    books::assert_sound(&app, "shop").await;
    old.unmerges("one").await.done();
    assert_eq!((old.has().await, ada.has().await), (100, 1));
    books::assert_sound(&app, "shop").await;
}

async fn a_day_of_the_past_has_what_it_kept(backend: Backend) {
    let app = app(backend, "").await;
    let ada = app.joins("shop", "ada").await;
    ada.bought("order-1", "100.00", "2025-12-10T12:00:00Z").await;
    app.advance_clock("shop", "2027-06-01T00:00:00Z").await;
    assert_eq!((ada.has().await, ada.had("2027-03-01T00:00:00Z").await), (0, 0));
    ada.bought("order-2", "1.00", "2026-12-01T12:00:00Z").await;
    assert_eq!(ada.had("2026-11-01T00:00:00Z").await, 100);
    assert_eq!(ada.had("2027-03-01T00:00:00Z").await, 101);
}

/// Each of two members buys the same on the same days. Of one the shop reports each delivery when it
/// happens; of the other the first one much later.
async fn a_delivery_that_is_reported_late_comes_to_what_it_would_have_in_time(backend: Backend) {
    for (case, others, told) in [
        // Nobody was active for a while after it: what it let be spent has ended.
        ("a gap", vec![("2026-06-15", "2026-06-20")], "2026-07-01"),
        ("a gap, and nothing after it", vec![], "2026-07-01"),
        // Each activity is soon enough after the one before.
        ("no gap", vec![("2026-04-15", "2026-04-20"), ("2026-06-15", "2026-06-20")], "2026-07-01"),
        // It keeps what had ended, and so does what followed.
        (
            "what it keeps",
            vec![("2026-01-12", "2026-01-20"), ("2026-04-25", "2026-05-01")],
            "2026-07-01",
        ),
        ("what it keeps for a while", vec![("2026-01-12", "2026-01-14")], "2026-04-20"),
        ("not long ago", vec![("2026-01-12", "2026-01-14")], "2026-02-20"),
    ] {
        let expiry = "points.expiry = { inactive_months = 3 }\n";
        let source = shop(&format!("{expiry}points.pending = {{ event = \"delivered\" }}\n{EURO}"));
        let app = TestApp::start(backend).await.with_program(&source).await;
        let (timely, late) = (app.joins("shop", "timely").await, app.joins("shop", "late").await);
        let mut days = vec![("2026-01-10", true, "100.00", 0), ("2026-02-01", false, "", 0)];
        for (number, (bought, delivered)) in (1..).zip(&others) {
            days.push((bought, true, "10.00", number));
            days.push((delivered, false, "", number));
        }
        days.sort_unstable();
        for (day, is_bought, total, number) in days {
            app.advance_clock("shop", &format!("{day}T12:00:00+01:00")).await;
            for member in [&timely, &late] {
                let order = format!("{}-{number}", member.member.external_id);
                if is_bought {
                    member.buys(&order, total).await.done();
                } else if number > 0 || member.member.id == timely.member.id {
                    member.happens("delivered", &order).await.done();
                }
            }
        }
        app.advance_clock("shop", &format!("{told}T12:00:00+01:00")).await;
        let event = json!({
            "purchase": { "reference": "late-0" }, "event": "delivered",
            "happenedAt": "2026-02-01T12:00:00+01:00",
        });
        let first = late.reports_event(event.clone()).await.done();
        assert_eq!(late.reports_event(event).await.done(), first, "{case}: a repeat");
        books::assert_sound(&app, "shop").await;
        for day in [told, "2026-07-10", "2026-08-10", "2026-09-25"] {
            if day > told {
                app.advance_clock("shop", &format!("{day}T12:00:00+02:00")).await;
            }
            assert_eq!(late.has().await, timely.has().await, "{case}, {day}");
            assert_eq!(late.expiring().await, timely.expiring().await, "{case}, {day}");
        }
        for at in ["2026-03-01", "2026-05-10", "2026-06-25"] {
            let at = format!("{at}T00:00:00Z");
            assert_eq!(late.had(&at).await, timely.had(&at).await, "{case}, {at}");
        }
        assert_eq!(late.wallets().await, timely.wallets().await, "{case}");
        books::assert_sound(&app, "shop").await;
    }
}

impl Person<'_> {
    /// The balance at an instant.
    async fn had(&self, at: &str) -> i64 {
        let query = "query($of: String!, $at: DateTime!) { member(externalId: $of) { \
             balanceAt(at: $at) } }";
        let of = json!({ "of": self.member.external_id, "at": at });
        self.app.admin(self.program, query, of).await["member"]["balanceAt"].as_i64().unwrap()
    }

    async fn gets_back(&self, order: &str, reference: &str, amount: &str) {
        self.returns(order, reference, json!({ "amount": amount })).await.done();
    }
}
