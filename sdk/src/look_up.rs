//! Reads of what belongs to the member that a call is about, and of the program's service network, as
//! it is when the call is made: at most 20 of them in one call, which fails with more. What the manifest does not ask for fails the call,
//! too.

use crate::bindings::perennial::plugin::types;
use crate::export::read;
use crate::record::VALUE;
use crate::{Context, Date, Failure, Json, PurchaseLine, Record, RecordKey};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use std::vec;

#[cfg(target_arch = "wasm32")]
use crate::bindings::perennial::plugin::look_up as platform;
#[cfg(not(target_arch = "wasm32"))]
use crate::testing::look_up as platform;

/// How many are fetched at once: what a plugin goes through to the end, and what it mostly needs a few
/// of.
const RECORDS_AT_ONCE: u32 = 100;
const PURCHASES_AT_ONCE: u32 = 20;

/// A purchase of the member as it stands: without what came back.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PastPurchase {
    /// The platform's id of the purchase.
    pub id: String,
    /// The shop's order number.
    pub reference: String,
    /// When it was made.
    pub purchased_at: Timestamp,
    /// The day of that in the program's time zone.
    pub purchased_on: Date,
    /// The ISO 4217 code, such as `EUR`: always the program's currency.
    pub currency: String,
    /// The total in minor units, such as cents; 0 if all of it came back.
    pub total_minor: i64,
    /// What is left of what was bought; a line of which nothing is left is not there.
    pub lines: Vec<PurchaseLine>,
}

/// What the member has of a point type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Balance {
    /// The id of the point type in the program file.
    pub point_type: String,
    /// What can be spent now; below zero what is owed.
    pub points: i64,
    /// What is not to be spent yet.
    pub pending: i64,
    /// What is reserved for a cart.
    pub held: i64,
}

/// A place on the earth, in millionths of a degree of WGS 84: north and east are positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// -90,000,000 to 90,000,000.
    pub latitude: i32,
    /// -180,000,000 to 180,000,000.
    pub longitude: i32,
}

/// Which service centers are looked for: those that fit all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CenterQuery {
    near: Option<Position>,
    country: Option<String>,
    language: Option<String>,
    capability: Option<String>,
}

/// An entry of the program's service network.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceCenter {
    /// The platform's id of the center.
    pub id: String,
    /// The operator's own id of the center.
    pub external_id: String,
    /// For people.
    pub name: String,
    /// The ISO 3166-1 alpha-2 code, such as `DE`.
    pub country: String,
    /// For people.
    pub city: String,
    /// Where it is.
    pub position: Position,
    /// As the operator recorded it.
    pub phone: Option<String>,
    /// As the operator recorded it.
    pub email: Option<String>,
    /// BCP 47 language subtags, such as `de`.
    pub languages: Vec<String>,
    /// What it can do, such as `hydraulics`.
    pub capabilities: Vec<String>,
    /// Along the great circle, if the query says from [where](CenterQuery::near).
    pub distance_metres: Option<u32>,
}

impl CenterQuery {
    /// All centers, by their external ids.
    pub fn new() -> Self {
        Self::default()
    }

    /// The nearest to a place first.
    #[must_use]
    pub const fn near(mut self, position: Position) -> Self {
        self.near = Some(position);
        self
    }

    /// Only those of a country, by its ISO 3166-1 alpha-2 code.
    #[must_use]
    pub fn in_country(mut self, country: impl Into<String>) -> Self {
        self.country = Some(country.into());
        self
    }

    /// Only those that speak a language, as [`Member::locale`](crate::Member::locale) has it: a center
    /// that speaks `de` fits `de-AT`.
    #[must_use]
    pub fn speaking(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// Only those that can do something, such as `hydraulics`.
    #[must_use]
    pub fn capable_of(mut self, capability: impl Into<String>) -> Self {
        self.capability = Some(capability.into());
        self
    }
}

impl<C> Context<C> {
    /// Service centers of the program: at most `limit`, which is 1 to 50. Needs the capability
    /// `directory`.
    pub fn centers(&self, query: &CenterQuery, limit: u32) -> Vec<ServiceCenter> {
        let CenterQuery { near, country, language, capability } = query.clone();
        let place = |Position { latitude, longitude }| types::Position { latitude, longitude };
        let query = types::CenterQuery { near: near.map(place), country, language, capability };
        platform::centers(&query, limit).into_iter().map(read::service_center).collect()
    }

    /// A record of the member, with what the plugin keeps of it; none if the member has no such record.
    /// The plugin must be shown records of the type.
    pub fn record(&self, key: &RecordKey) -> Result<Option<Record>, Failure> {
        let RecordKey { record_type, external_id } = key.clone();
        let found = platform::find_record(&types::RecordKey { record_type, external_id });
        found.map(read::record).transpose()
    }

    /// The member's records of a type, in the order in which they were made, with what the plugin
    /// keeps of them. They are fetched as they are taken, 100 at once. The plugin must be shown records of the type.
    pub fn records(&self, record_type: impl Into<String>) -> Records {
        Records { record_type: record_type.into(), pages: Pages::new() }
    }

    /// The member's purchases, newest first. They are fetched as they are taken, 20 at once, so stop
    /// where you have what you need: `take_while` it is not too long ago, say. Needs the capability
    /// `purchases`.
    pub fn purchases(&self) -> Purchases {
        Purchases { pages: Pages::new() }
    }

    /// What the member has of each point type. Needs the capability `balances`;
    /// [`Member::points`](crate::Member::points) comes without asking.
    pub fn balances(&self) -> Vec<Balance> {
        let balance = |it: types::Balance| {
            let types::Balance { point_type, points, pending, held } = it;
            Balance { point_type, points, pending, held }
        };
        platform::balances().into_iter().map(balance).collect()
    }

    /// What the plugin last stored of the member under this key with
    /// [`Actions::set_value`](crate::Actions::set_value). Fails with `unexpected-json` if it does not
    /// fit `T`.
    pub fn value<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Failure> {
        platform::value(key).map(|value| Json::parse(VALUE, &value)?.read()).transpose()
    }

    /// Like [`value`](Self::value), with the default of `T` if nothing is stored.
    pub fn value_or_default<T: DeserializeOwned + Default>(&self, key: &str) -> Result<T, Failure> {
        Ok(self.value(key)?.unwrap_or_default())
    }
}

/// The member's records of a type, from [`Context::records`].
#[derive(Debug)]
#[must_use = "records are fetched as they are taken"]
pub struct Records {
    record_type: String,
    pages: Pages<Record>,
}

impl Iterator for Records {
    type Item = Result<Record, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        let fetch = |after: Option<&str>| {
            let page = platform::records(&self.record_type, after, RECORDS_AT_ONCE);
            let records = page.records.into_iter().map(read::record);
            Ok((records.collect::<Result<_, _>>()?, page.more))
        };
        self.pages.next(|record| &record.external_id, fetch)
    }
}

/// The member's purchases, from [`Context::purchases`].
#[derive(Debug)]
#[must_use = "purchases are fetched as they are taken"]
pub struct Purchases {
    pages: Pages<PastPurchase>,
}

impl Iterator for Purchases {
    type Item = Result<PastPurchase, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        let fetch = |after: Option<&str>| {
            let page = platform::purchases(after, PURCHASES_AT_ONCE);
            let purchases = page.purchases.into_iter().map(read::past_purchase);
            Ok((purchases.collect::<Result<_, _>>()?, page.more))
        };
        self.pages.next(|purchase| &purchase.id, fetch)
    }
}

/// A list that is fetched as it is taken.
#[derive(Debug)]
struct Pages<T> {
    rows: vec::IntoIter<T>,
    next: Next,
}

/// Where the next page begins.
#[derive(Debug)]
enum Next {
    First,
    After(String),
    /// There is none.
    End,
}

impl<T> Pages<T> {
    fn new() -> Self {
        Self { rows: Vec::new().into_iter(), next: Next::First }
    }

    fn next(
        &mut self,
        id: impl Fn(&T) -> &String,
        fetch: impl FnOnce(Option<&str>) -> Result<(Vec<T>, bool), Failure>,
    ) -> Option<Result<T, Failure>> {
        if let Some(row) = self.rows.next() {
            return Some(Ok(row));
        }
        let fetched = match &self.next {
            Next::First => fetch(None),
            Next::After(last) => fetch(Some(last)),
            Next::End => return None,
        };
        self.next = Next::End;
        let (rows, has_more) = match fetched {
            Ok(fetched) => fetched,
            Err(failure) => return Some(Err(failure)),
        };
        if let Some(last) = rows.last().filter(|_| has_more) {
            self.next = Next::After(id(last).clone());
        }
        self.rows = rows.into_iter();
        self.rows.next().map(Ok)
    }
}
