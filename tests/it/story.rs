//! The whole platform on real purchases: import the CDNOW sample, then hold every balance, tier and
//! reactivation against what the file itself says, worked out here from the rules and not by the
//! code under test.

use crate::support::{Backend, ImportSummary, TestApp, TestDb, Tier, on_both_databases, perennial};
use jiff::civil::{Date, date};
use jiff::{Span, Timestamp, ToSpan, tz::TimeZone};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const FILE: &str = include_str!("../../examples/data/cdnow/CDNOW_sample.txt");
const LAST_DAY: Date = date(1998, 6, 30);
const SILENCE_DAYS: i32 = 180;

/// A customer's purchases by day, with cents.
type Customers = BTreeMap<String, Vec<(Date, i64)>>;

on_both_databases!(every_purchase_counts_once_and_silence_is_answered_once);

async fn every_purchase_counts_once_and_silence_is_answered_once(backend: Backend) {
    let db = TestDb::create(backend).await;
    let first = import(&db);
    assert_eq!((first.rows, first.recorded), (6919, 6919), "{first:#?}");
    assert_eq!((first.refused, first.members_created), (0, 2357), "{first:#?}");
    let app = TestApp::over(db).await;
    let customers = customers();

    let members = members(&app).await;
    assert_eq!(members.len(), 2357);
    for (customer, purchases) in &customers {
        let member = &members[customer];
        assert_eq!(member.points(), points(purchases), "balance of {customer}");
        assert_eq!(member.tier(), tier(purchases), "tier of {customer}");
        assert_eq!(member.statistics.purchases, purchases.len(), "{customer}");
    }
    let reactivated = reactivations(&app).await;
    let expected = silences(&customers, LAST_DAY);
    assert_eq!(reactivated.len(), expected.len(), "nobody is reactivated twice for one silence");
    assert_eq!(reactivated.into_iter().collect::<BTreeSet<_>>(), expected);

    let again = import(&app.db);
    assert_eq!((again.recorded, again.repeated), (0, 6919), "{again:#?}");
    assert_eq!(self::members(&app).await, members, "a second import changes nothing");
    assert_eq!(reactivations(&app).await.len(), expected.len());

    points_expire_two_years_after_their_purchase(&app, &customers).await;
}

async fn points_expire_two_years_after_their_purchase(app: &TestApp, customers: &Customers) {
    // Month by month, as one request has a time limit.
    for month in (7..=12).map(|month| (1998, month)).chain((1..=6).map(|month| (1999, month))) {
        app.advance_clock("demo", &format!("{}-{:02}-02T12:00:00-04:00", month.0, month.1)).await;
    }
    app.advance_clock("demo", "1999-07-01T12:00:00-04:00").await;
    let members = members(app).await;
    let kept = |purchases: &[(Date, i64)]| {
        let alive =
            |(day, _): &&(Date, i64)| day.checked_add(24.months()).unwrap() > date(1999, 7, 1);
        let alive: Vec<_> = purchases.iter().filter(alive).copied().collect();
        points(&alive)
    };
    for (customer, purchases) in customers {
        assert_eq!(members[customer].points(), kept(purchases), "{customer} a year later");
    }
}

fn import(db: &TestDb) -> ImportSummary {
    perennial(db, &["demo", "--json"]).json()
}

/// The file, read without the code under test: customer, day, cents.
fn customers() -> Customers {
    let mut customers = Customers::new();
    for line in FILE.lines() {
        let fields: Vec<_> = line.split_whitespace().collect();
        let [_, customer, day, _, dollars] = fields[..] else { panic!("{line}") };
        let (whole, cents) = dollars.split_once('.').unwrap();
        assert_eq!(cents.len(), 2);
        let cents = whole.parse::<i64>().unwrap() * 100 + cents.parse::<i64>().unwrap();
        let day = Date::strptime("%Y%m%d", day).unwrap();
        customers.entry(customer.to_owned()).or_default().push((day, cents));
    }
    customers
}

/// One point for each whole dollar of each purchase.
fn points(purchases: &[(Date, i64)]) -> i64 {
    purchases.iter().map(|(_, cents)| cents / 100).sum()
}

fn tier(purchases: &[(Date, i64)]) -> Option<&'static str> {
    match purchases.len() {
        0 => None,
        1..=2 => Some("bronze"),
        3..=4 => Some("silver"),
        _ => Some("gold"),
    }
}

/// Who fell silent for 180 days, and the day on which that was so. A purchase on the very day comes
/// too late.
fn silences(customers: &Customers, until: Date) -> BTreeSet<(String, Date)> {
    let mut silences = BTreeSet::new();
    for (customer, purchases) in customers {
        let mut days: Vec<_> = purchases.iter().map(|(day, _)| *day).collect();
        days.sort_unstable();
        for (index, day) in days.iter().enumerate() {
            let silent_on = day.checked_add(Span::new().days(SILENCE_DAYS)).unwrap();
            let ends = days.get(index + 1).copied().unwrap_or(Date::MAX);
            if silent_on <= until && silent_on <= ends {
                silences.insert((customer.clone(), silent_on));
            }
        }
    }
    silences
}

/// A member as the admin API shows it.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
struct Status {
    external_id: String,
    balance: Balance,
    tier: Option<Tier>,
    statistics: Statistics,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
struct Balance {
    points: i64,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
struct Statistics {
    purchases: usize,
}

impl Status {
    fn points(&self) -> i64 {
        self.balance.points
    }

    fn tier(&self) -> Option<&str> {
        self.tier.as_ref().map(|tier| tier.key.as_str())
    }
}

async fn members(app: &TestApp) -> BTreeMap<String, Status> {
    const MEMBERS: &str = "query($after: String) { members(first: 100, after: $after) { \
         nodes { externalId balance { points } tier { key } statistics { purchases } } \
         pageInfo { hasNextPage endCursor } } }";
    let nodes: Vec<Status> = all(app, MEMBERS, "members").await;
    nodes.into_iter().map(|node| (node.external_id.clone(), node)).collect()
}

/// Whom the outbox holds a reactivation for, and from which day.
async fn reactivations(app: &TestApp) -> Vec<(String, Date)> {
    const MESSAGES: &str = "query($after: String) { \
         messages(template: \"reactivation\", first: 100, after: $after) { \
         nodes { member { externalId } occurredAt } pageInfo { hasNextPage endCursor } } }";
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Reactivation {
        member: Recipient,
        occurred_at: Timestamp,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Recipient {
        external_id: String,
    }
    let zone = TimeZone::get("America/New_York").unwrap();
    let found: Vec<Reactivation> = all(app, MESSAGES, "messages").await;
    let day = |one: &Reactivation| one.occurred_at.to_zoned(zone.clone()).date();
    found.into_iter().map(|one| (one.member.external_id.clone(), day(&one))).collect()
}

/// All nodes of a connection, page by page.
async fn all<T: DeserializeOwned>(app: &TestApp, query: &str, connection: &str) -> Vec<T> {
    let mut nodes = Vec::new();
    let mut after = Value::Null;
    loop {
        let mut data = app.admin("demo", query, json!({ "after": after })).await;
        let page = &mut data[connection];
        nodes.extend(serde_json::from_value::<Vec<T>>(page["nodes"].take()).unwrap());
        if page["pageInfo"]["hasNextPage"] == json!(false) {
            return nodes;
        }
        after = page["pageInfo"]["endCursor"].take();
    }
}
