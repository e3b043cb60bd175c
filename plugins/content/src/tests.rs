//! A year of documents in a millisecond.

use crate::Content;
use crate::library::KNOWN_MAX;
use perennial_sdk::json;
use perennial_sdk::testing::{
    Line, Member, Recipient, Simulation, languages, message, organization, person, scenarios,
};

/// The owner of machines, as far as its records go: its texts are in files of its own.
fn machinery() -> String {
    include_str!("../../machinery/plugin.toml").replace("messages = true\n", "")
}

macro_rules! company {
    ($member:expr, $($document:tt)+) => {{
        let documents = json!({ $($document)+ });
        let config = json!({ "documents": documents, "messages_per_day_max": 2 });
        let mut company = Simulation::<Content>::new("2026-01-01", config, $member);
        company.beside(&machinery());
        company
    }};
}

fn acme() -> Member {
    organization().with_contact("ewa", "engineer", "pl").with_contact("jan", "buyer", "de")
}

/// Day, contact, and the title, or how many there were.
fn sent(company: &Simulation<Content>) -> Vec<String> {
    let sent = company.sent().iter().map(|sent| {
        let Recipient::Contact(contact) = &sent.to else { panic!("{sent:?}") };
        let what = sent.parameters.get("title").or_else(|| sent.parameters.get("count"));
        format!("{} {contact} {}", sent.on, what.unwrap())
    });
    sent.collect()
}

fn joins_and_lives_until(company: &mut Simulation<Content>, day: &str) {
    company.event("member-joined", json!({})).unwrap();
    company.advance_to(day).unwrap();
}

#[test]
fn each_contact_gets_what_is_for_the_role_once() {
    let mut company = company!(
        acme(),
        "paper": { "title": "Paper", "url": "https://e.com/1", "roles": ["engineer"] },
        "plan": { "title": "Plan", "titles": { "de": "Lieferplan" }, "url": "https://e.com/2",
                  "roles": ["buyer"] },
        "boss": { "title": "Boss", "url": "https://e.com/3", "roles": ["owner"] },
    );
    joins_and_lives_until(&mut company, "2027-01-01");
    assert_eq!(sent(&company), ["2026-01-02 ewa Paper", "2026-01-02 jan Lieferplan"]);
}

#[test]
fn what_is_due_together_comes_in_one_message() {
    let mut company = company!(
        acme(),
        "a": { "title": "Later", "url": "https://e.com/a", "roles": ["buyer"], "from": "2025-02-01" },
        "b": { "title": "First", "urls": { "de": "https://e.com/de/b" }, "url": "https://e.com/b",
               "roles": ["buyer"], "from": "2025-01-01" },
    );
    joins_and_lives_until(&mut company, "2026-02-01");
    assert_eq!(sent(&company), ["2026-01-02 jan 2"]);
    assert_eq!(
        company.sent()[0].body,
        "Diese Unterlagen sind neu für Sie:\n– First: https://e.com/de/b\n– Later: https://e.com/a"
    );
    assert_eq!(company.sent()[0].subject, "2 Unterlagen für Ihre Arbeit");
}

#[test]
fn a_document_is_out_from_its_day_until_its_last() {
    let mut company = company!(
        acme(),
        "spring": { "title": "Spring", "url": "https://e.com/1", "roles": ["buyer"],
                    "from": "2026-03-20" },
        "old": { "title": "Old", "url": "https://e.com/2", "roles": ["buyer"],
                 "until": "2026-01-01" },
    );
    joins_and_lives_until(&mut company, "2026-12-31");
    assert_eq!(sent(&company), ["2026-03-20 jan Spring"]);
}

#[test]
fn models_are_of_machines_and_categories_of_purchases() {
    let mut company = company!(
        acme(),
        "hx": { "title": "HX", "url": "https://e.com/1", "roles": ["engineer"], "models": ["HX-200"] },
        "parts": { "title": "Parts", "url": "https://e.com/2", "roles": ["buyer"],
                   "categories": ["spare-parts"] },
        "either": { "title": "Either", "url": "https://e.com/3", "roles": ["buyer"],
                    "categories": ["oil"], "models": ["HX-200"] },
    );
    joins_and_lives_until(&mut company, "2026-02-01");
    assert!(sent(&company).is_empty());
    company.put_record("equipment", "m1", json!({ "model": "HX-200" })).unwrap();
    company.advance_to("2026-03-01").unwrap();
    assert_eq!(sent(&company), ["2026-02-02 ewa HX", "2026-02-02 jan Either"]);
    company.purchase("2026-03-01", &[Line::new("F", 1, 9900).category("spare-parts")]).unwrap();
    company.advance_to("2026-04-01").unwrap();
    assert_eq!(sent(&company)[2..], ["2026-03-02 jan Parts"]);
    let all = company.view().unwrap();
    assert_eq!(all["documents"].as_array().unwrap().len(), 3);
}

#[test]
fn no_more_messages_go_out_in_a_day_than_are_allowed() {
    let member = ["a", "b", "c", "d", "e"]
        .iter()
        .fold(organization(), |member, id| member.with_contact(id, "engineer", "en"));
    let mut company = company!(member, "paper": { "title": "P", "url": "https://e.com/1", "roles": ["engineer"] });
    joins_and_lives_until(&mut company, "2026-02-01");
    let expected = ["02 a", "02 b", "03 c", "03 d", "04 e"];
    assert_eq!(sent(&company), expected.map(|it| format!("2026-01-{it} P")));
}

#[test]
fn what_is_too_much_for_one_message_comes_the_next_day() {
    let url = format!("https://e.com/{}", "x".repeat(480));
    let document = |number: usize| {
        let title = format!("Document {number}");
        (format!("d{number}"), json!({ "title": title, "url": url, "roles": ["buyer"] }))
    };
    let documents: std::collections::BTreeMap<_, _> = (1..=7).map(document).collect();
    let config = json!({ "documents": documents });
    let mut company = Simulation::<Content>::new("2026-01-01", config, acme());
    company.beside(&machinery());
    joins_and_lives_until(&mut company, "2026-02-01");
    let expected = ["2026-01-02 jan 3", "2026-01-03 jan 3", "2026-01-04 jan Document 7"];
    assert_eq!(sent(&company), expected);
}

#[test]
fn whoever_comes_later_gets_what_is_out_then() {
    let mut company = company!(acme(), "paper": { "title": "P", "url": "https://e.com/1", "roles": ["engineer"] });
    joins_and_lives_until(&mut company, "2026-01-03");
    let late = company.member().clone().with_contact("olga", "engineer", "uk");
    company.member_mut().contacts = late.contacts.clone();
    company.advance_to("2026-03-01").unwrap();
    assert_eq!(sent(&company), ["2026-01-02 ewa P", "2026-01-09 olga P"]);
}

#[test]
fn a_contact_or_a_company_can_opt_out() {
    let optouts = |records: &[(&str, bool, Option<&str>)]| {
        let mut company = company!(
            acme(),
            "all": { "title": "All", "url": "https://e.com/1", "roles": ["engineer", "buyer"] },
        );
        for (id, opt_out, contact) in records {
            let mut data = json!({ "optOut": opt_out });
            if let Some(contact) = contact {
                data["contactId"] = json!(contact);
            }
            company.put_record("content-opt-out", id, data).unwrap();
        }
        company.advance_to("2026-02-01").unwrap();
        sent(&company)
    };
    assert_eq!(optouts(&[("1", true, Some("ewa"))]), ["2026-01-02 jan All"]);
    assert!(optouts(&[("1", true, None)]).is_empty());
    let both = [("1", true, None), ("2", true, Some("jan")), ("3", false, None)];
    assert_eq!(optouts(&both), ["2026-01-02 ewa All"]);
}

#[test]
fn persons_have_no_contacts() {
    let mut company = company!(person(), "paper": { "title": "P", "url": "https://e.com/1", "roles": ["engineer"] });
    assert!(company.event("member-joined", json!({})).unwrap().is_empty());
}

/// The simulation refuses a state of more than 64 KiB.
#[test]
fn what_is_kept_is_bounded() {
    let document = |number: usize| {
        let key = format!("{number:064}");
        (key, json!({ "title": "T", "url": "https://e.com/", "roles": ["engineer"] }))
    };
    let documents: std::collections::BTreeMap<_, _> = (0..40).map(document).collect();
    let config = json!({ "documents": documents, "messages_per_day_max": 50 });
    let member = (0..60).fold(organization(), |member, number| {
        member.with_contact(&format!("con_{number:026}"), "engineer", "en")
    });
    let mut company = Simulation::<Content>::new("2026-01-01", config, member);
    company.beside(&machinery());
    for number in 0..150 {
        let name = format!("{number:0100}");
        company.purchase("2026-01-01", &[Line::new("S", 1, 1).category(&name)]).unwrap();
        company.put_record("equipment", &number.to_string(), json!({ "model": name })).unwrap();
    }
    company.advance_to("2026-03-01").unwrap();
    let state = company.state().unwrap();
    assert_eq!(state["models"].as_array().unwrap().len(), KNOWN_MAX);
    assert_eq!(state["categories"].as_array().unwrap().len(), KNOWN_MAX);
    assert_eq!(state["sent"].as_object().unwrap().len(), 40);
}

#[test]
fn it_does_what_its_scenarios_expect() {
    scenarios::<Content>();
}

#[test]
fn letters_are_in_twelve_languages_with_the_forms_of_each() {
    let said = [
        ("ar", "وثيقتان"),
        ("de", "2 Unterlagen"),
        ("en", "2 documents"),
        ("es", "2 documentos"),
        ("fr", "2 documents"),
        ("it", "2 documenti"),
        ("pl", "2 dokumenty"),
        ("pt", "2 documentos"),
        ("ru", "2 документа"),
        ("tr", "2 belge"),
        ("uk", "2 документи"),
        ("zh", "2 份"),
    ];
    for (template, languages) in languages::<Content>() {
        assert!(languages.iter().eq(said.iter().map(|(locale, _)| locale)), "{template}");
    }
    for (locale, two) in said {
        let digest = [("count", "2"), ("list", "– A: https://e.com/a")];
        let digest = message::<Content>("digest", locale, &digest).unwrap();
        assert!(digest.subject.contains(two), "{locale}: {}", digest.subject);
        assert!(digest.body.ends_with("\n– A: https://e.com/a"), "{locale}: {}", digest.body);
        let one = [("title", "Paper"), ("url", "https://e.com/a")];
        let one = message::<Content>("document", locale, &one).unwrap();
        assert!(one.subject.contains("Paper") && one.body.contains("https://e.com/a"), "{locale}");
    }
}
