//! Who earns: callers of the core, and clients of the API with one purchase or many in a request.

use crate::client::{Client, Connection, Crowd, post};
use crate::platform::{Order, Platform, Teller, external_id};
use crate::random::Draw;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const PATH: &str = "/admin/graphql";
const ONE: &str = "mutation($input: RecordPurchaseInput!) { recordPurchase(input: $input) \
     { receipt { pointsEarned balance } userErrors { code } } }";
const MANY: &str = "mutation($input: RecordPurchasesInput!) { recordPurchases(input: $input) \
     { results { receipt { pointsEarned balance } userErrors { code } } userErrors { code } } }";
/// Ten points, as the baseline earns.
const AMOUNT_MINOR: i64 = 1000;
const AMOUNT: &str = "10.00";

/// Purchases of members drawn at random, with references that a crowd shares.
pub(super) struct Orders {
    prefix: String,
    next: Arc<AtomicUsize>,
    draw: Draw,
    members: usize,
}

impl Orders {
    /// For each client of a crowd.
    pub(super) fn for_each(
        clients: usize,
        prefix: &str,
        members: usize,
    ) -> impl Iterator<Item = Self> {
        let next = Arc::new(AtomicUsize::new(0));
        (0_u64..).take(clients).map(move |client| Self {
            prefix: prefix.to_owned(),
            next: Arc::clone(&next),
            draw: Draw::seeded(client),
            members,
        })
    }

    pub(super) fn next(&mut self) -> Order {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        order(&self.prefix, number, self.draw.below(self.members))
    }
}

pub(super) fn order(prefix: &str, number: usize, member: usize) -> Order {
    Order {
        member,
        reference: format!("{prefix}-{number}"),
        has_line: false,
        days_ago: 0,
        amount_minor: AMOUNT_MINOR,
    }
}

/// Calls the core.
pub(super) struct CoreEarner {
    teller: Teller,
    orders: Orders,
}

impl CoreEarner {
    pub(super) fn crowd(
        platform: &Platform,
        clients: usize,
        prefix: &str,
        members: usize,
    ) -> Crowd<Self> {
        let orders = Orders::for_each(clients, prefix, members);
        Crowd::new(orders.map(|orders| Self { teller: platform.teller(), orders }))
    }
}

impl Client for CoreEarner {
    async fn call(&mut self) {
        self.teller.earn(&self.orders.next()).await;
    }
}

/// Calls the API.
pub(super) struct HttpEarner {
    connection: Connection,
    token: String,
    orders: Orders,
    /// How many purchases a request has; one is not a list of one.
    each: usize,
}

impl HttpEarner {
    pub(super) async fn crowd(
        platform: &Platform,
        clients: usize,
        prefix: &str,
        members: usize,
        each: usize,
    ) -> Crowd<Self> {
        let mut crowd = Vec::new();
        for orders in Orders::for_each(clients, prefix, members) {
            let connection = Connection::open(&platform.address).await;
            crowd.push(Self { connection, token: platform.admin_token(), orders, each });
        }
        Crowd::new(crowd)
    }

    /// Written as text, which costs less than building JSON.
    fn body(&mut self) -> String {
        let inputs: Vec<_> = (0..self.each).map(|_| input(&self.orders.next())).collect();
        match &inputs[..] {
            [one] => format!("{{\"query\":\"{ONE}\",\"variables\":{{\"input\":{one}}}}}"),
            many => format!(
                "{{\"query\":\"{MANY}\",\"variables\":{{\"input\":{{\"purchases\":[{}]}}}}}}",
                many.join(",")
            ),
        }
    }
}

impl Client for HttpEarner {
    async fn call(&mut self) {
        let body = self.body();
        let request = post(PATH, Some(&self.token), &body);
        let answer = self.connection.send(&request).await;
        assert!(!answer.contains("\"code\":"), "{answer}");
    }
}

fn input(order: &Order) -> String {
    let (member, reference) = (external_id(order.member), &order.reference);
    format!(
        "{{\"member\":{{\"externalId\":\"{member}\"}},\"reference\":\"{reference}\",\"total\":\"{AMOUNT}\"}}"
    )
}
