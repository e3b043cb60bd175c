//! A program of a served platform beside the reference of it: whatever is sent to the one is done to
//! the other, and they answer and show the same.

use super::commands::create::Create;
use super::commands::open::Open;
use super::commands::purchase::RECEIPT;
use super::commands::void::name_of;
use super::commands::{Ask, Call, GROUP, Ids};
use super::history::{History, Step};
use super::reference::books::bonus_of;
use super::reference::terms::Terms;
use super::reference::{Answer, Reference, TRANSACTION};
use crate::support::{TestApp, books};
use perennial_core::{Actor, worker};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// The members that a history may speak of.
pub(super) const MEMBERS: [&str; 4] = ["m0", "m1", "m2", GROUP];
const SHOWN: &str = "wallets { points held pending spendable expiring { at points } } tier { key } \
     statistics { purchases purchasesForGroups pointsEarned spent { amount } }";

/// When somebody sweeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sweeping {
    /// At each instant at which something is due.
    InTime,
    /// So many times when the clock has moved, which may be never.
    Late(usize),
}

pub(super) struct World<'a> {
    pub(super) app: &'a TestApp,
    pub(super) program: String,
    pub(super) reference: Reference,
    pub(super) ids: Ids,
    /// What was sent, as it was sent.
    pub(super) sent: Vec<Call>,
    sweeping: Sweeping,
}

impl<'a> World<'a> {
    /// A sandbox with two members, of whom one brought the other.
    pub(super) async fn open(
        app: &'a TestApp,
        program: &str,
        terms: &Terms,
        sweeping: Sweeping,
    ) -> Self {
        app.loyalty.programs().apply(&terms.file(program), "test").await.unwrap();
        let mut world = Self {
            app,
            program: program.to_owned(),
            reference: Reference::new(terms.clone()),
            ids: Ids::default(),
            sent: Vec::new(),
            sweeping,
        };
        for (member, brought_by) in [("m0", None), ("m1", Some("m0"))] {
            let (member, called) = (member.to_owned(), member.to_owned());
            let brought_by = brought_by.map(str::to_owned);
            world.send(Call::Create(Create { member, brought_by, called })).await.unwrap();
        }
        if terms.group {
            let (member, called) = (GROUP.to_owned(), GROUP.to_owned());
            let group = Create { member, brought_by: None, called };
            world.send(Call::Create(group)).await.unwrap();
        }
        world
    }

    /// Runs a whole history, comparing after each step.
    pub(super) async fn live(&mut self, history: &History) {
        for step in &history.steps {
            self.step(step).await;
        }
        self.end().await;
    }

    pub(super) async fn step(&mut self, step: &Step) {
        let call = self.settled(step);
        let answer = self.send(call.clone()).await;
        if self.reference.terms.slides && self.sweeping == Sweeping::InTime {
            self.sweep().await;
        }
        self.reference.settle();
        self.assert_shown(&format!("{call:?} was answered {answer:?}")).await;
    }

    /// The same without comparing what is shown on the way.
    pub(super) async fn live_quietly(&mut self, history: &History) {
        for step in &history.steps {
            let call = self.settled(step);
            self.send(call).await.ok();
        }
        self.assert_shown("a history").await;
    }

    /// Sends commands as one request: purchases alone as a list of them.
    pub(super) async fn send_batch(&mut self, calls: Vec<Call>) {
        if calls.is_empty() {
            return;
        }
        let are_purchases = calls.iter().all(|call| matches!(call, Call::Purchase(_)));
        if calls.len() == 1 || !are_purchases {
            self.together(calls).await;
            return;
        }
        let many = format!(
            "mutation($input: RecordPurchasesInput!) {{ recordPurchases(input: $input) {{ \
             results {{ receipt {{ {RECEIPT} }} userErrors {{ code }} }} userErrors {{ code }} }} }}"
        );
        let asks = calls.iter().map(|call| call.ask(&self.ids).unwrap().input);
        let input = json!({ "purchases": asks.collect::<Vec<_>>() });
        let mut data = self.app.admin(&self.program, &many, json!({ "input": input })).await;
        for (index, call) in calls.iter().enumerate() {
            let expected = call.expect(&mut self.reference);
            let payload = data["recordPurchases"]["results"][index].take();
            assert_eq!(self.read(call, payload), expected, "to {call:?} of {calls:?}");
        }
        self.sent.extend(calls);
    }

    /// What a step is here and now.
    pub(super) fn settled(&self, step: &Step) -> Call {
        match step {
            Step::Call(call) => {
                let (reference, number) = (&self.reference, self.sent.len());
                call.clone().settled(reference, number).or_what_is_missing(reference, number)
            }
            Step::Again { of, changed } => {
                let call = self.sent[of % self.sent.len()].clone();
                if *changed { call.changed() } else { call }
            }
        }
    }

    /// Sends one command and expects what the reference answers; returns that.
    pub(super) async fn send(&mut self, call: Call) -> Answer {
        self.together(vec![call]).await.remove(0)
    }

    /// Sends commands as one document, in order, and expects what the reference answers one by one.
    pub(super) async fn together(&mut self, calls: Vec<Call>) -> Vec<Answer> {
        let mut asks = Vec::with_capacity(calls.len());
        for call in &calls {
            if call.ask(&self.ids).is_none() {
                self.sweep().await;
                self.learn().await;
            }
            asks.push(call.ask(&self.ids).expect("what it refers to has an id"));
        }
        let mut expected = Vec::with_capacity(calls.len());
        for call in &calls {
            // What a late purchase brings to an end is written by whoever looks next.
            if !matches!(call, Call::Purchase(_)) {
                self.reference.settle();
            }
            expected.push(call.expect(&mut self.reference));
        }
        let answers = match (&calls[..], self.sweeping) {
            ([Call::Clock(clock)], Sweeping::Late(times)) if expected[0].is_ok() => {
                books::set_test_clock(self.app, &clock.to().to_string()).await;
                for _ in 0..times {
                    self.sweep().await;
                }
                vec![Ok(json!(clock.to()))]
            }
            _ => self.ask(&calls, &asks).await,
        };
        for ((call, expected), answer) in calls.iter().zip(&expected).zip(&answers) {
            if std::env::var_os("PERENNIAL_SHOW").is_some() {
                eprintln!("{call:?}\n    {answer:?}");
            }
            assert_eq!(answer, expected, "to {call:?}");
        }
        self.sent.extend(calls);
        expected
    }

    async fn ask(&mut self, calls: &[Call], asks: &[Ask]) -> Vec<Answer> {
        if let [Call::Open(opening)] = calls {
            return vec![self.open_balance(opening).await];
        }
        let (document, variables) = document(asks);
        let operator = calls[0].operator();
        let mut data = self.app.admin_as(&self.program, operator, &document, variables).await;
        let payloads = (0..calls.len()).map(|index| data[format!("c{index}")].take());
        let payloads: Vec<_> = payloads.collect();
        calls.iter().zip(payloads).map(|(call, payload)| self.read(call, payload)).collect()
    }

    /// Takes points over as an import does.
    async fn open_balance(&self, opening: &Open) -> Answer {
        let program = self.app.loyalty.programs().by_slug(&self.program).await.unwrap().id;
        let ledger = self.app.loyalty.ledger();
        let done = ledger.open_many(&Actor::system(program), &[opening.sent()]).await.unwrap();
        match &done[0] {
            Ok(opened) => Ok(json!({ "isNew": opened.is_new })),
            Err(error) => Err(error.code().as_str().to_owned()),
        }
    }

    /// The answer in a payload, without ids, which are noted.
    pub(super) fn read(&mut self, call: &Call, payload: Value) -> Answer {
        let Value::Object(mut fields) = payload else { panic!("no payload to {call:?}") };
        let errors = fields.remove("userErrors").unwrap();
        if let Some(error) = errors.as_array().unwrap().first() {
            return Err(error["code"].as_str().unwrap().to_owned());
        }
        let done = fields.into_iter().map(|(_, field)| field).find(|field| !field.is_null());
        let done = done.unwrap();
        let is_named = |id: &&str| !id.starts_with("txn_");
        if let (Some(name), Some(id)) = (call.names(), id_of(&done).filter(is_named)) {
            match done["referralCode"].as_str() {
                // Of whoever was there first: a repeat after a merge answers the survivor.
                Some(code) => {
                    self.ids.0.entry(format!("code of {name}")).or_insert(code.to_owned());
                    self.ids.0.entry(name).or_insert(id.to_owned());
                }
                None => drop(self.ids.0.insert(name, id.to_owned())),
            }
        }
        Ok(without_ids(done))
    }

    /// Does what is due now.
    pub(super) async fn sweep(&self) {
        while worker::round(&self.app.loyalty).await.unwrap() > 0 {}
    }

    /// Whatever can be seen of each member is what the reference says.
    pub(super) async fn assert_shown(&mut self, after: &str) {
        // Some instant or other that is over.
        let back = i64::try_from(self.sent.len() * 7919 % 100_000).unwrap();
        let at = self.reference.now - jiff::Span::new().minutes(back);
        let is_late = matches!(self.sweeping, Sweeping::Late(_));
        self.reference.settle();
        let found = self.look(&format!("balanceAt(at: \"{at}\") {SHOWN}"), !is_late).await;
        for (name, mut found) in MEMBERS.iter().zip(found) {
            let balance_at = found.as_object_mut().and_then(|found| found.remove("balanceAt"));
            assert_eq!(found, self.reference.shown(name), "{name} after {after}");
            if let Some(balance) = balance_at {
                let name = self.reference.books.root(name);
                let expected = self.reference.books.balance_at(&name, at);
                assert_eq!(balance, json!(expected), "{name} at {at} after {after}");
            }
        }
    }

    /// Notes the ids of transactions.
    async fn learn(&mut self) {
        self.look("", true).await;
    }

    /// Each member, without the statement, which is compared.
    async fn look(&mut self, fields: &str, with_statement: bool) -> Vec<Value> {
        let statement = match with_statement {
            true => format!("transactions(first: 100) {{ nodes {{ {TRANSACTION} }} }}"),
            false => "externalId".to_owned(),
        };
        let member = |name: &str| {
            format!("{name}: member(externalId: \"{name}\") {{ {fields} {statement} }} ")
        };
        let query = format!("{{ {} }}", MEMBERS.map(member).concat());
        let mut data = self.app.admin(&self.program, &query, Value::Null).await;
        let mut members = Vec::new();
        for name in MEMBERS {
            let mut found = data[name].take();
            if let Some(shown) = found.as_object_mut() {
                let statement = shown.remove("transactions");
                shown.remove("externalId");
                if let Some(mut statement) = statement {
                    self.compare_statement(name, &statement["nodes"].take());
                }
            }
            members.push(found);
        }
        members
    }

    fn compare_statement(&mut self, name: &str, found: &Value) {
        let nodes = found.as_array().unwrap();
        let shown: Vec<_> = nodes.iter().cloned().map(without_ids).collect();
        let mut expected = self.reference.statement(name);
        expected.truncate(100);
        // What ended and was kept after all is written if somebody looked in between.
        if !self.reference.terms.slides || self.sweeping == Sweeping::InTime {
            assert_eq!(shown, expected, "the statement of {name}");
        }
        let books = &self.reference.books;
        for (node, index) in nodes.iter().zip(books.statement(&books.root(name))) {
            let id = node["id"].as_str().unwrap().to_owned();
            let one = &books.transactions[index];
            let known = self.ids.0.insert(name_of(&one.member, one.number), id.clone());
            assert!(known.is_none_or(|known| known == id), "a transaction changed its id");
        }
    }

    /// After everything: the statements are the same, and nothing is wrong with the books.
    pub(super) async fn end(&mut self) {
        Self::end_together(&mut [self]).await;
    }

    /// The same for all programs of a platform.
    pub(super) async fn end_together(worlds: &mut [&mut Self]) {
        for world in &mut *worlds {
            world.sweep().await;
            world.learn().await;
        }
        let app = worlds[0].app;
        let worlds: Vec<_> = worlds.iter().map(|world| &**world).collect();
        super::sound::assert_sound(app, &worlds).await;
    }

    /// What all members have together.
    pub(super) fn points(&self) -> i64 {
        let books = &self.reference.books;
        let both = |name: &String| books.balance(name) + books.balance(&bonus_of(name));
        self.reference.members.keys().map(both).sum()
    }
}

/// One document for several fields, and its variables.
pub(super) fn document(asks: &[Ask]) -> (String, Value) {
    let kind = if asks[0].is_query() { "query" } else { "mutation" };
    let (mut declared, mut fields, mut variables) = (String::new(), String::new(), Map::new());
    for (index, Ask { field, input_type, select, input }) in asks.iter().enumerate() {
        write!(declared, "$i{index}: {input_type}! ").unwrap();
        write!(fields, "c{index}: {field}(input: $i{index}) {{ {select} userErrors {{ code }} }} ")
            .unwrap();
        variables.insert(format!("i{index}"), input.clone());
    }
    (format!("{kind}({declared}) {{ {fields} }}"), Value::Object(variables))
}

fn id_of(object: &Value) -> Option<&str> {
    ["id", "purchaseId", "returnId", "editId"].iter().find_map(|key| object[*key].as_str())
}

fn without_ids(mut object: Value) -> Value {
    if let Some(fields) = object.as_object_mut() {
        for id in ["id", "purchaseId", "returnId", "editId", "referralCode"] {
            fields.remove(id);
        }
    }
    object
}
