//! What a plugin may ask while it runs: reads of what belongs to the member that the call is about, by
//! the leave of its manifest, bounded in number and size. Whoever runs a plugin answers, with
//! [`permit`] before and [`fitting`] after.

use crate::call::{
    Balance, PastPurchase, Position, PurchaseLine, RecordKey, ServiceCenter, StoredRecord,
};
use crate::limits::{CENTERS, LOOK_UP_BYTES, LOOK_UP_ROWS, LOOK_UPS, NAME_BYTES};
use crate::manifest::{Manifest, unasked_for};
use crate::recording::maybe;
use crate::text;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a line of a purchase takes besides its texts.
const LINE_BYTES: usize = 32;

/// A question of a plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Question {
    Record(RecordKey),
    /// In the order in which they were made, those after the one with the external id `after`.
    Records {
        record_type: String,
        after: Option<String>,
        limit: u32,
    },
    /// Newest first, those before the one with the id `after`.
    Purchases {
        after: Option<String>,
        limit: u32,
    },
    Balances,
    /// What the plugin stored under a key of its own.
    Value(String),
    /// The nearest first, or by their external ids.
    Centers {
        query: CenterQuery,
        limit: u32,
    },
}

/// Which service centers are looked for: those that fit all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CenterQuery {
    pub near: Option<Position>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// BCP 47. A center that speaks `de` fits `de-AT`.
    pub language: Option<String>,
    pub capability: Option<String>,
}

/// The answer, of the same kind as its question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Found {
    Record(Option<StoredRecord>),
    Records(Page<StoredRecord>),
    Purchases(Page<PastPurchase>),
    Balances(Vec<Balance>),
    Value(#[serde(with = "maybe")] Option<Value>),
    Centers(Vec<ServiceCenter>),
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Whether there are others after the last.
    pub has_more: bool,
}

/// Whether the plugin may ask this, after so many questions of the same call; else why not.
pub fn permit(manifest: &Manifest, asked: usize, question: &Question) -> Result<(), String> {
    if asked >= LOOK_UPS {
        return Err(format!("it looks up more than {LOOK_UPS} times in one call"));
    }
    match question {
        Question::Record(RecordKey { record_type, external_id }) => {
            is_shown(manifest, record_type)?;
            is_name("the external id", external_id)
        }
        Question::Records { record_type, after, limit } => {
            is_shown(manifest, record_type)?;
            is_page(after.as_deref(), *limit)
        }
        Question::Purchases { after, limit } => {
            has(manifest.capabilities.purchases, "purchases")?;
            is_page(after.as_deref(), *limit)
        }
        Question::Balances => has(manifest.capabilities.balances, "balances"),
        Question::Value(key) => is_name("the value's key", key),
        Question::Centers { query, limit } => {
            has(manifest.capabilities.directory, "directory")?;
            query.check()?;
            if (1..=CENTERS).contains(limit) {
                return Ok(());
            }
            Err(format!("it looks up {limit} service centers at once; 1 to {CENTERS} are allowed"))
        }
    }
}

impl CenterQuery {
    fn check(&self) -> Result<(), String> {
        if self.near.is_some_and(|near| !near.is_on_earth()) {
            return Err(
                "it looks up service centers near a place that is not on the earth".to_owned()
            );
        }
        let is_country =
            |code: &str| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        let wrong = |what: &str, text: &str, how: &str| {
            let shown: String = text.chars().take(60).filter(|it| !it.is_control()).collect();
            Err(format!("it looks up service centers by the {what} `{shown}`: {how}"))
        };
        if let Some(code) = self.country.as_deref().filter(|code| !is_country(code)) {
            return wrong("country", code, "use an ISO 3166-1 code such as DE");
        }
        if let Some(tag) = self.language.as_deref().filter(|tag| !text::is_language(tag)) {
            return wrong("language", tag, "use a BCP 47 tag such as en or pt-BR");
        }
        if let Some(slug) = self.capability.as_deref().filter(|slug| !text::is_slug(slug)) {
            return wrong("capability", slug, text::NO_SLUG);
        }
        Ok(())
    }
}

/// A page of at most `limit` of these rows that fits into a guest; one row more than that says that
/// there are others. What is left out because it is too large comes with the next page, and the first
/// row comes however large it is.
pub fn fitting<T>(mut rows: Vec<T>, limit: u32, bytes: impl Fn(&T) -> usize) -> Page<T> {
    let (mut fit, mut total) = (0, 0);
    for row in rows.iter().take(limit.try_into().unwrap_or(usize::MAX)) {
        total += bytes(row);
        if fit > 0 && total > LOOK_UP_BYTES {
            break;
        }
        fit += 1;
    }
    let has_more = rows.len() > fit;
    rows.truncate(fit);
    Page { items: rows, has_more }
}

impl StoredRecord {
    /// How much of a guest's memory it takes, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let state = self.state.as_ref().map_or(0, |state| state.to_string().len());
        self.key.external_id.len() + self.data.to_string().len() + state
    }
}

impl PastPurchase {
    /// How much of a guest's memory it takes, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let line = |line: &PurchaseLine| {
            line.sku.len() + line.category.as_ref().map_or(0, String::len) + LINE_BYTES
        };
        self.reference.len() + self.lines.iter().map(line).sum::<usize>()
    }
}

/// What can be looked up of a member, all of it at hand.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// In the order in which they were made.
    pub records: Vec<StoredRecord>,
    /// Newest first.
    pub purchases: Vec<PastPurchase>,
    pub balances: Vec<Balance>,
    pub values: BTreeMap<String, Value>,
    /// The program's service network, or what of it a test needs.
    pub centers: Vec<ServiceCenter>,
}

impl Known {
    /// Answers what is permitted.
    #[must_use]
    pub fn answer(&self, question: &Question) -> Found {
        match question {
            Question::Record(key) => {
                Found::Record(self.records.iter().find(|record| record.key == *key).cloned())
            }
            Question::Records { record_type, after, limit } => {
                let of_type = self.records.iter().filter(|it| it.key.record_type == *record_type);
                let rest = rest(of_type.cloned(), after.as_ref(), |it| &it.key.external_id);
                Found::Records(fitting(rest, *limit, StoredRecord::bytes))
            }
            Question::Purchases { after, limit } => {
                let rest = rest(self.purchases.iter().cloned(), after.as_ref(), |it| &it.id);
                Found::Purchases(fitting(rest, *limit, PastPurchase::bytes))
            }
            Question::Balances => Found::Balances(self.balances.clone()),
            Question::Value(key) => Found::Value(self.values.get(key).cloned()),
            Question::Centers { query, limit } => Found::Centers(self.centers_of(query, *limit)),
        }
    }
}

impl Known {
    /// In a test a center can be as far as is said, wherever somebody asks.
    fn centers_of(&self, query: &CenterQuery, limit: u32) -> Vec<ServiceCenter> {
        let distance = |center: &ServiceCenter| {
            let near = query.near?;
            Some(center.distance_metres.unwrap_or_else(|| near.metres_to(center.position)))
        };
        let measured = |center: &ServiceCenter| ServiceCenter {
            distance_metres: distance(center),
            ..center.clone()
        };
        let fitting = self.centers.iter().filter(|center| query.fits(center)).map(measured);
        let mut fitting: Vec<_> = fitting.collect();
        fitting.sort_by_key(|center| (center.distance_metres, center.external_id.clone()));
        fitting.truncate(limit.try_into().unwrap_or(usize::MAX));
        fitting
    }
}

impl CenterQuery {
    fn fits(&self, center: &ServiceCenter) -> bool {
        let speaks = |tag: &String| {
            let tag = format!("{}-", tag.to_lowercase());
            center.languages.iter().any(|spoken| tag.starts_with(&format!("{spoken}-")))
        };
        let can = |capability: &String| center.capabilities.contains(capability);
        self.country.as_ref().is_none_or(|country| *country == center.country)
            && self.language.as_ref().is_none_or(speaks)
            && self.capability.as_ref().is_none_or(can)
    }
}

/// What comes after the row with an id: nothing if there is no such row.
fn rest<T>(
    rows: impl Iterator<Item = T>,
    after: Option<&String>,
    id: impl Fn(&T) -> &String,
) -> Vec<T> {
    match after {
        None => rows.collect(),
        Some(after) => rows.skip_while(|row| id(row) != after).skip(1).collect(),
    }
}

fn is_shown(manifest: &Manifest, record_type: &str) -> Result<(), String> {
    if manifest.is_shown(record_type) {
        return Ok(());
    }
    Err(format!("it looks up records `{record_type}`, and is shown none of these"))
}

fn has(capability: bool, name: &str) -> Result<(), String> {
    if capability {
        return Ok(());
    }
    Err(format!("it looks up {name}, and {}", unasked_for(name)))
}

fn is_page(after: Option<&str>, limit: u32) -> Result<(), String> {
    if !(1..=LOOK_UP_ROWS).contains(&limit) {
        return Err(format!("it looks up {limit} rows at once; 1 to {LOOK_UP_ROWS} are allowed"));
    }
    after.map_or(Ok(()), |after| is_name("the row to begin after", after))
}

fn is_name(what: &str, name: &str) -> Result<(), String> {
    match name.len() {
        1..=NAME_BYTES if !name.contains('\0') => Ok(()),
        0 => Err(format!("{what} that it looks up is empty")),
        1..=NAME_BYTES => Err(format!("{what} that it looks up contains the character U+0000")),
        bytes => Err(format!(
            "{what} that it looks up has {bytes} bytes; at most {NAME_BYTES} are allowed"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn boat(id: &str, bytes: usize) -> StoredRecord {
        let key = RecordKey { record_type: "boat".to_owned(), external_id: id.to_owned() };
        StoredRecord { key, data: json!("x".repeat(bytes)), state: None }
    }

    #[test]
    fn a_page_is_what_fits_and_at_least_one_row() {
        let boats = |sizes: &[usize]| {
            let boat = |(index, bytes): (usize, &usize)| boat(&index.to_string(), *bytes);
            sizes.iter().enumerate().map(boat).collect::<Vec<_>>()
        };
        let page = |sizes: &[usize], limit| {
            let page = fitting(boats(sizes), limit, StoredRecord::bytes);
            (page.items.len(), page.has_more)
        };
        let half = LOOK_UP_BYTES / 2;
        assert_eq!(page(&[], 2), (0, false));
        assert_eq!(page(&[1, 1], 2), (2, false));
        assert_eq!(page(&[1, 1, 1], 2), (2, true));
        assert_eq!(page(&[half, half, 1], 3), (1, true));
        assert_eq!(page(&[2 * LOOK_UP_BYTES, 1], 3), (1, true));
        assert_eq!(page(&[2 * LOOK_UP_BYTES], 1), (1, false));
    }

    #[test]
    fn pages_follow_each_other_without_gap_or_repeat() {
        let boats: Vec<_> = (0..7).map(|number| boat(&format!("B{number}"), 1)).collect();
        let known = Known { records: boats.clone(), ..Known::default() };
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let record_type = "boat".to_owned();
            let question = Question::Records { record_type, after: after.clone(), limit: 3 };
            let Found::Records(page) = known.answer(&question) else { panic!("no records") };
            after = page.items.last().map(|last| last.key.external_id.clone());
            seen.extend(page.items);
            if !page.has_more {
                break;
            }
        }
        assert_eq!(seen, boats);
    }

    #[test]
    fn centers_are_as_far_as_the_map_or_the_test_says() {
        let center = |id: &str, position: Position, distance_metres| ServiceCenter {
            id: format!("ctr_{id}"),
            external_id: id.to_owned(),
            name: id.to_owned(),
            country: "DE".to_owned(),
            city: id.to_owned(),
            position,
            phone: None,
            email: None,
            languages: vec!["de".to_owned()],
            capabilities: Vec::new(),
            distance_metres,
        };
        let at = |latitude, longitude| Position { latitude, longitude };
        let (berlin, warsaw) = (at(52_520_000, 13_405_000), at(52_230_000, 21_012_000));
        let centers = vec![
            center("warsaw", warsaw, None),
            center("berlin", berlin, None),
            center("said", warsaw, Some(7)),
        ];
        let known = Known { centers, ..Known::default() };
        let found = |near| {
            let query =
                CenterQuery { near, language: Some("de-AT".to_owned()), ..CenterQuery::default() };
            let Found::Centers(found) = known.answer(&Question::Centers { query, limit: 50 })
            else {
                panic!("no centers")
            };
            let shown = |it: ServiceCenter| (it.external_id, it.distance_metres);
            found.into_iter().map(shown).collect::<Vec<_>>()
        };
        let near = found(Some(berlin));
        assert_eq!(near[..2], [("berlin".to_owned(), Some(0)), ("said".to_owned(), Some(7))]);
        assert!((515_000..521_000).contains(&near[2].1.unwrap()), "{near:?}");
        let named = found(None).into_iter().map(|(id, _)| id).collect::<Vec<_>>();
        assert_eq!(named, ["berlin", "said", "warsaw"]);
    }

    #[test]
    fn what_the_manifest_does_not_ask_for_is_refused() {
        let manifest = "id = \"tea\"\nname = \"Tea\"\nversion = \"1.0.0\"\n[records.boat]\n";
        let manifest = Manifest::parse(manifest).unwrap();
        let records = |record_type: &str, after: Option<&str>, limit| Question::Records {
            record_type: record_type.to_owned(),
            after: after.map(str::to_owned),
            limit,
        };
        assert_eq!(permit(&manifest, 19, &records("boat", Some("B1"), 100)), Ok(()));
        for (asked, question, why) in [
            (20, records("boat", None, 1), "it looks up more than 20 times in one call"),
            (0, records("car", None, 1), "it looks up records `car`, and is shown none of these"),
            (0, records("boat", None, 0), "it looks up 0 rows at once; 1 to 100 are allowed"),
            (0, records("boat", None, 101), "it looks up 101 rows at once; 1 to 100 are allowed"),
            (0, records("boat", Some(""), 1), "the row to begin after that it looks up is empty"),
            (0, Question::Value("a\0".to_owned()), "the value's key that it looks up contains"),
            (0, Question::Value("k".repeat(513)), "the value's key that it looks up has 513 bytes"),
            (0, Question::Balances, "does not ask for the capability `balances`"),
            (
                0,
                Question::Centers { query: CenterQuery::default(), limit: 1 },
                "does not ask for the capability `directory`",
            ),
            (
                0,
                Question::Purchases { after: None, limit: 1 },
                "does not ask for the capability `purchases`",
            ),
        ] {
            let said = permit(&manifest, asked, &question).unwrap_err();
            assert!(said.contains(why), "{said}");
        }
    }
}
