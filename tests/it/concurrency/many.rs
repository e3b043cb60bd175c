//! Requests that bring many at once, of the same few members: all of them get through, however many
//! do the same, here and on another server, and those who come alone do not wait for all of them.

use crate::support::programs::SHOP;
use crate::support::{Backend, Sent, TestApp, TestDb, books, on_both_databases, perennial};
use futures::future::{join, join_all};
use perennial_core::ledger::NewOpening;
use perennial_core::members::{MemberRef, NewMember};
use perennial_core::purchases::{Cart, NewPurchase};
use perennial_core::{Actor, Points, Timestamp};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const MEMBERS: usize = 60;
/// Requests at once, on each of two servers.
const REQUESTS: usize = 8;
const EACH: usize = 120;

on_both_databases!(
    none_of_many_requests_of_many_is_decided_twice,
    many_requests_of_many_through_two_servers_are_all_answered,
    who_comes_alone_does_not_wait_for_all_who_bring_many,
    opening_balances_beside_purchases_are_all_taken_over,
);

/// A shop with a few members.
struct Shop {
    app: TestApp,
    actor: Actor,
}

impl Shop {
    async fn open(backend: Backend) -> Self {
        Self::observed(backend, &Sent::default()).await
    }

    async fn observed(backend: Backend, sent: &Sent) -> Self {
        let app = TestApp::observed(TestDb::create(backend).await, sent).await;
        let app = app.with_program(SHOP).await;
        let actor = Actor::system(app.loyalty.programs().by_slug("shop").await.unwrap().id);
        let members = (0..MEMBERS).map(|member| NewMember::unnamed(&name(member))).collect();
        app.loyalty.members().create_many(&actor, members).await.unwrap();
        Self { app, actor }
    }

    /// One request of many purchases, each answered with what its member has then.
    async fn buys(&self, at: &TestApp, request: &str) {
        let purchases: Vec<_> = (0..EACH).map(|one| purchase(request, one)).collect();
        let recorded = at.loyalty.purchases().record_many(&self.actor, purchases).await;
        let recorded = recorded.unwrap_or_else(|error| panic!("{request}: {error}"));
        assert_eq!(recorded.len(), EACH);
        for (one, receipt) in recorded.into_iter().enumerate() {
            let receipt = receipt.unwrap_or_else(|error| panic!("{request}, {one}: {error}"));
            let own = (receipt.is_new, receipt.points.get(), receipt.reference);
            assert_eq!(own, (true, 10, format!("{request}-{one}")));
        }
    }

    async fn is_sound(&self, points: usize) {
        books::assert_balanced(&self.app, i64::try_from(points).unwrap()).await;
        perennial(&self.app.db, &["verify"]).succeeds();
    }
}

/// Those of a process wait for each other before they look: each is a look and a commit.
async fn none_of_many_requests_of_many_is_decided_twice(backend: Backend) {
    let sent = Sent::default();
    let shop = Shop::observed(backend, &sent).await;
    shop.buys(&shop.app, "before").await;
    sent.take();
    let names: Vec<_> = (0..REQUESTS).map(|request| format!("many-{request}")).collect();
    join_all(names.iter().map(|request| shop.buys(&shop.app, request))).await;
    assert_eq!(sent.take().len(), 2 * REQUESTS);
    shop.is_sound((REQUESTS + 1) * EACH * 10).await;
}

async fn many_requests_of_many_through_two_servers_are_all_answered(backend: Backend) {
    let shop = Shop::open(backend).await;
    let other = TestApp::beside(&shop.app).await;
    let servers = [("here", &shop.app), ("there", &other)];
    let requests = (0..REQUESTS)
        .flat_map(|request| servers.map(|(server, app)| (app, format!("{server}-{request}"))));
    let requests: Vec<_> = requests.collect();
    join_all(requests.iter().map(|(app, request)| shop.buys(app, request))).await;
    shop.is_sound(2 * REQUESTS * EACH * 10).await;
}

async fn who_comes_alone_does_not_wait_for_all_who_bring_many(backend: Backend) {
    let shop = Shop::open(backend).await;
    let answered = AtomicUsize::new(0);
    let many = join_all((0..REQUESTS).map(|request| {
        let (shop, answered) = (&shop, &answered);
        async move {
            shop.buys(&shop.app, &format!("many-{request}")).await;
            answered.fetch_add(1, Ordering::Relaxed);
        }
    }));
    let alone = async {
        // Behind them all.
        tokio::task::yield_now().await;
        let purchases = shop.app.loyalty.purchases();
        let recorded = purchases.record(&shop.actor, purchase("alone", 0)).await.unwrap();
        assert!(recorded.is_new);
        answered.load(Ordering::Relaxed)
    };
    let (_, before) = join(many, alone).await;
    assert!(before <= 3, "{before} of {REQUESTS} were answered before");
    shop.is_sound((REQUESTS * EACH + 1) * 10).await;
}

async fn opening_balances_beside_purchases_are_all_taken_over(backend: Backend) {
    let shop = Shop::open(backend).await;
    let opens = async |request: usize| {
        let openings: Vec<_> = (0..EACH).map(|one| opening(request, one)).collect();
        let opened = shop.app.loyalty.ledger().open_many(&shop.actor, &openings).await.unwrap();
        assert!(opened.into_iter().all(|one| one.unwrap().is_new));
    };
    let names: Vec<_> = (0..REQUESTS / 2).map(|request| format!("beside-{request}")).collect();
    let purchases = join_all(names.iter().map(|request| shop.buys(&shop.app, request)));
    join(join_all((0..REQUESTS / 2).map(opens)), purchases).await;
    shop.is_sound(REQUESTS / 2 * EACH * (10 + 5)).await;
}

fn name(member: usize) -> String {
    format!("m{member}")
}

fn named(one: usize) -> MemberRef {
    MemberRef::ExternalId(name(one % MEMBERS))
}

fn purchase(request: &str, one: usize) -> NewPurchase {
    NewPurchase {
        member: named(one),
        reference: format!("{request}-{one}"),
        purchased_at: None,
        cart: Cart { currency: None, total_minor: Some(1000), lines: Vec::new() },
        pay_with: None,
    }
}

fn years(after_1970: u64) -> Timestamp {
    Timestamp::EPOCH.plus(Duration::from_hours(24 * 365 * after_1970))
}

fn opening(request: usize, one: usize) -> NewOpening {
    NewOpening {
        member: named(one),
        reference: format!("opening-{request}-{one}"),
        points: Points::new(5),
        point_type: None,
        earned_at: years(50),
        expires_at: Some(years(130)),
        counts_as_earned: false,
        reason: "taken over".to_owned(),
    }
}
