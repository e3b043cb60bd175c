//! Years of membership in a millisecond.

use crate::LifecycleMail;
use perennial_sdk::json;
use perennial_sdk::testing::{
    Member, Recipient, Simulation, languages, message, organization, person, scenarios,
};

const TEA: &[(&str, u32, i64)] = &[("TEA", 1, 590)];

macro_rules! program {
    ($member:expr, $($mail:tt)+) => {
        Simulation::<LifecycleMail>::new("2026-01-01", json!({ "mails": { $($mail)+ } }), $member)
    };
}

fn new_member() -> Member {
    person().joined_on("2026-01-01")
}

fn sent(program: &Simulation<LifecycleMail>) -> Vec<(String, String)> {
    let of = program.sent().iter();
    of.map(|sent| (sent.on.to_string(), sent.parameters["mail"].clone())).collect()
}

fn on(days: &[(&str, &str)]) -> Vec<(String, String)> {
    days.iter().map(|(day, mail)| ((*day).to_owned(), (*mail).to_owned())).collect()
}

fn buys(program: &mut Simulation<LifecycleMail>, on: &str) {
    program.advance_to(on).unwrap();
    program.purchase(on, TEA).unwrap();
    program.advance_to(on).unwrap();
}

#[test]
fn each_stage_brings_its_mail_once_after_its_delay() {
    let mut program = program!(
        new_member(),
        "welcome": { "stage": "joined" },
        "tips": { "stage": "joined", "delay_days": 7 },
        "first": { "stage": "purchases" },
        "third": { "stage": "purchases", "number": 3, "delay_days": 1 },
    );
    program.event("member-joined", json!({})).unwrap();
    for day in ["2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05"] {
        buys(&mut program, day);
    }
    program.advance_to("2030-01-01").unwrap();
    let expected = on(&[
        ("2026-01-01", "welcome"),
        ("2026-01-02", "first"),
        ("2026-01-05", "third"),
        ("2026-01-08", "tips"),
    ]);
    assert_eq!(sent(&program), expected);
    assert_eq!(program.sent()[1].body, "Thank you! This was your first purchase with us.");
    assert_eq!(program.view().unwrap()["sentOn"]["third"], "2026-01-05");
}

#[test]
fn who_had_bought_before_is_not_thanked_for_a_first_purchase() {
    let mut member = person();
    member.purchases = 8;
    let mut program = program!(
        member,
        "first": { "stage": "purchases" },
        "tenth": { "stage": "purchases", "number": 10 },
    );
    buys(&mut program, "2026-02-01");
    buys(&mut program, "2026-02-02");
    assert_eq!(sent(&program), on(&[("2026-02-02", "tenth")]));
}

#[test]
fn a_purchase_that_came_back_is_not_thanked_for() {
    let mut program = program!(new_member(), "first": { "stage": "purchases", "delay_days": 14 });
    program.event("member-joined", json!({})).unwrap();
    buys(&mut program, "2026-01-02");
    let returned = json!({
        "returnId": "ret_1", "reference": "R", "purchaseId": "pur_1", "purchaseReference": "P-1",
        "currency": "EUR", "amountMinor": 590, "returnedOn": "2026-01-05", "isWhole": true,
        "pointsEarned": 0, "transactionId": null, "points": 0, "balance": 0, "lines": [],
    });
    program.event("purchase-returned", returned).unwrap();
    program.advance_to("2026-02-01").unwrap();
    assert!(sent(&program).is_empty());
    buys(&mut program, "2026-02-01");
    program.advance_to("2026-03-01").unwrap();
    assert_eq!(sent(&program), on(&[("2026-02-15", "first")]));
}

#[test]
fn a_tier_is_congratulated_on_once_and_only_while_it_lasts() {
    let mut program = program!(
        new_member(),
        "gold": { "stage": "tier", "tier": "gold", "delay_days": 3 },
    );
    let mut moves = |to: Option<&str>, until: &str| {
        program.member_mut().tier = to.map(str::to_owned);
        program.event("tier-changed", json!({ "from": null, "to": to })).unwrap();
        program.advance_to(until).unwrap();
        sent(&program)
    };
    assert!(moves(Some("silver"), "2026-01-10").is_empty());
    moves(Some("gold"), "2026-01-12");
    assert!(moves(Some("silver"), "2026-02-01").is_empty(), "gone before the mail was due");
    let once = on(&[("2026-02-04", "gold")]);
    assert_eq!(moves(Some("gold"), "2026-03-01"), once);
    moves(None, "2026-04-01");
    assert_eq!(moves(Some("gold"), "2026-05-01"), once);
}

#[test]
fn an_anniversary_comes_each_year_also_of_those_who_joined_long_ago() {
    let leap = person().joined_on("2024-02-29");
    let mut program = program!(leap, "years": { "stage": "anniversary", "delay_days": 1 });
    buys(&mut program, "2026-01-05");
    program.advance_to("2028-12-31").unwrap();
    let days = ["2026-03-01", "2027-03-01", "2028-03-01"].map(|day| (day, "years"));
    assert_eq!(sent(&program), on(&days));
    let years: Vec<_> = program.sent().iter().map(|sent| &sent.parameters["years"]).collect();
    assert_eq!(years, ["2", "3", "4"]);
}

#[test]
fn a_silence_is_spoken_of_once_a_year() {
    let mut program = program!(new_member(), "quiet": { "stage": "silent", "days": 90 });
    program.event("member-joined", json!({})).unwrap();
    // Bought nothing for 90 days after joining; then each time there is a silence of 90 days.
    program.advance_to("2026-04-02").unwrap();
    buys(&mut program, "2026-05-01");
    buys(&mut program, "2026-12-20");
    buys(&mut program, "2027-01-15");
    program.advance_to("2030-01-01").unwrap();
    assert_eq!(sent(&program), on(&[("2026-04-01", "quiet"), ("2027-04-15", "quiet")]));
}

#[test]
fn roles_persons_and_organizations_get_what_is_theirs() {
    let rows = |member| {
        let mut program = program!(
            member,
            "all": { "stage": "joined" },
            "persons": { "stage": "joined", "members": "persons" },
            "companies": { "stage": "joined", "members": "organizations" },
            "buyers": { "stage": "joined", "roles": ["buyer", "boss"] },
        );
        program.event("member-joined", json!({})).unwrap();
        program.advance_to("2026-01-01").unwrap();
        let to = program.sent().iter().map(|sent| match &sent.to {
            Recipient::Member => format!("{} to member", sent.parameters["mail"]),
            Recipient::Contact(id) => format!("{} to {id}", sent.parameters["mail"]),
        });
        let mut to: Vec<_> = to.collect();
        to.sort();
        to
    };
    assert_eq!(rows(new_member()), ["all to member", "persons to member"]);
    let acme = organization().with_contact("a", "boss", "en").with_contact("b", "engineer", "en");
    let acme = acme.with_contact("c", "buyer", "de");
    let expected = ["all to member", "buyers to a", "buyers to c", "companies to member"];
    assert_eq!(rows(acme), expected);
    assert_eq!(rows(organization()), ["all to member", "companies to member"]);
}

#[test]
fn the_operators_own_words_are_in_the_readers_language() {
    let texts = json!({
        "en": { "subject": "Hi", "body": "Hello" }, "de": { "subject": "Hallo", "body": "Guten Tag" },
    });
    for (locale, subject) in [("de-CH", "Hallo"), ("en-GB", "Hi"), ("pl", "Hi")] {
        let mut program = program!(
            new_member().with_locale(locale),
            "own": { "stage": "joined", "texts": texts.clone() },
        );
        program.event("member-joined", json!({})).unwrap();
        program.advance_to("2026-01-01").unwrap();
        assert_eq!(program.sent()[0].subject, subject, "{locale}");
    }
}

#[test]
fn any_template_can_be_chosen_for_any_stage() {
    for template in languages::<LifecycleMail>().keys().filter(|template| *template != "own") {
        let mut program =
            program!(new_member(), "any": { "stage": "joined", "template": template });
        program.event("member-joined", json!({})).unwrap();
        program.advance_to("2026-01-01").unwrap();
        assert_eq!(&program.sent()[0].template, template);
    }
}

#[test]
fn who_opts_out_gets_nothing_until_they_opt_in() {
    let mut program = program!(
        new_member(),
        "tips": { "stage": "joined", "delay_days": 7 },
        "years": { "stage": "anniversary" },
    );
    program.event("member-joined", json!({})).unwrap();
    assert_eq!(program.timers().len(), 2);
    program.put_record("lifecycle-opt-out", "ada", json!({ "optOut": true })).unwrap();
    program.advance_to("2027-06-01").unwrap();
    assert!(program.sent().is_empty() && program.timers().is_empty());
    program.put_record("lifecycle-opt-out", "ada", json!({ "optOut": false })).unwrap();
    program.advance_to("2028-06-01").unwrap();
    assert_eq!(sent(&program), on(&[("2028-01-01", "years")]));
}

#[test]
fn many_contacts_do_not_exceed_what_an_answer_may_have() {
    let member = (0..70).fold(organization(), |member, number| {
        member.with_contact(&format!("c{number}"), "engineer", "en")
    });
    let mut program = program!(member, "all": { "stage": "joined", "roles": ["engineer"] });
    program.event("member-joined", json!({})).unwrap();
    program.advance_to("2026-01-01").unwrap();
    assert_eq!(program.sent().len(), 50);
}

#[test]
#[should_panic(expected = "days")]
fn a_silence_without_days_is_refused_with_the_program_file() {
    let _ = program!(new_member(), "quiet": { "stage": "silent" });
}

#[test]
fn it_does_what_its_scenarios_expect() {
    scenarios::<LifecycleMail>();
}

const LANGUAGES: [&str; 12] =
    ["ar", "de", "en", "es", "fr", "it", "pl", "pt", "ru", "tr", "uk", "zh"];

#[test]
fn every_mail_is_in_twelve_languages() {
    let parameters = [("number", "2"), ("years", "5"), ("subject", "S"), ("body", "B")];
    for (template, languages) in languages::<LifecycleMail>() {
        assert!(languages.iter().eq(LANGUAGES.iter()), "{template}: {languages:?}");
        for locale in LANGUAGES {
            let said = message::<LifecycleMail>(&template, locale, &parameters).unwrap();
            assert_eq!(said.locale, locale);
        }
    }
}

#[test]
fn years_and_purchases_are_counted_as_each_language_counts() {
    let said = |template: &str, locale: &str, number: &str| {
        let parameters = [("number", number), ("years", number)];
        message::<LifecycleMail>(template, locale, &parameters).unwrap().body
    };
    for (locale, one, two, five) in [
        ("ar", "سنة واحدة", "سنتين", "5 سنوات"),
        ("de", "einem Jahr", "2 Jahren", "5 Jahren"),
        ("en", "1 year.", "2 years", "5 years"),
        ("es", "1 año", "2 años", "5 años"),
        ("fr", "1 an.", "2 ans", "5 ans"),
        ("it", "1 anno", "2 anni", "5 anni"),
        ("pl", "już rok", "2 lata", "5 lat"),
        ("pt", "1 ano", "2 anos", "5 anos"),
        ("ru", "1 год", "2 года", "5 лет"),
        ("tr", "1 yıl", "2 yıl", "5 yıl"),
        ("uk", "1 рік", "2 роки", "5 років"),
        ("zh", "1 年", "2 年", "5 年"),
    ] {
        for (years, expected) in [("1", one), ("2", two), ("5", five)] {
            let body = said("anniversary", locale, years);
            assert!(body.contains(expected), "{locale}, {years}: {body}");
        }
    }
    for (number, expected) in
        [("1", "first"), ("2", "2nd"), ("3", "3rd"), ("11", "11th"), ("21", "21st")]
    {
        let body = said("purchase-reached", "en", number);
        assert!(body.contains(expected), "{body}");
    }
    assert_eq!(
        said("purchase-reached", "de", "10"),
        "Vielen Dank! Das war Ihr 10. Einkauf bei uns."
    );
}
