//! Eighteen months in a millisecond.

use crate::Machinery;
use perennial_sdk::json;
use perennial_sdk::testing::{
    Change, Member, Recipient, Sent, Simulation, languages, logged, message, organization,
    scenarios,
};

fn press_owner(member: Member) -> Simulation<Machinery> {
    let models = json!({ "press": { "belt": { "months": 18 }, "filter": { "months": 12 } } });
    Simulation::new("2026-01-31", json!({ "models": models }), member)
}

fn acme() -> Member {
    organization().with_contact("buyer", "procurement-director", "de").with_contact(
        "engineer",
        "technical-engineer",
        "en",
    )
}

fn sent(simulation: &Simulation<Machinery>) -> Vec<(String, &str, &str)> {
    let message = |sent: &Sent| sent.on.to_string();
    let of = |sent| (message(sent), sent.template.as_str(), sent.parameters["consumable"].as_str());
    simulation.sent().iter().map(of).collect()
}

#[test]
fn due_dates_are_derived_and_each_cycle_reminds_once_and_follows_up_once() {
    let mut simulation = press_owner(acme());
    let press = json!({ "model": "press", "serial": "S-7", "installedOn": "2026-01-31" });
    simulation.put_record("equipment", "press-7", press.clone()).unwrap();
    // A second, equal put repeats nothing.
    assert!(simulation.put_record("equipment", "press-7", press.clone()).unwrap().is_empty());
    simulation.advance_to("2027-03-01").unwrap();
    simulation.put_record("equipment", "press-7", press).unwrap();
    simulation.advance_to("2030-01-01").unwrap();
    let expected = [
        ("2027-01-01".to_owned(), "service-due-technical", "filter"),
        ("2027-01-15".to_owned(), "service-follow-up", "filter"),
        ("2027-07-01".to_owned(), "service-due-technical", "belt"),
        ("2027-07-15".to_owned(), "service-follow-up", "belt"),
    ];
    assert_eq!(sent(&simulation), expected);
    let reminder = &simulation.sent()[0];
    assert_eq!(reminder.to, Recipient::Contact("engineer".to_owned()));
    assert_eq!(reminder.parameters["due"], "2027-01-31");
    assert_eq!(reminder.parameters["machine"], "S-7");
    assert_eq!(reminder.locale, "en");
    assert_eq!(reminder.subject, "press: filter due on January 31, 2027");
}

#[test]
fn a_service_silences_the_cycle_and_begins_the_next() {
    let mut simulation = press_owner(acme());
    let serviced = |on: &str| {
        let serviced = json!({ "filter": on, "belt": "2040-01-01" });
        json!({ "model": "press", "installedOn": "2026-01-31", "servicedOn": serviced })
    };
    simulation
        .put_record("equipment", "p", json!({ "model": "press", "installedOn": "2026-01-31" }))
        .unwrap();
    simulation.put_record("equipment", "p", serviced("2026-12-31")).unwrap();
    simulation.advance_to("2027-12-02").unwrap();
    assert_eq!(sent(&simulation), [("2027-12-01".to_owned(), "service-due-technical", "filter")]);
    // Serviced between reminder and follow-up: no follow-up.
    simulation.put_record("equipment", "p", serviced("2027-12-05")).unwrap();
    simulation.advance_to("2028-01-01").unwrap();
    assert_eq!(simulation.sent().len(), 1);
    assert_eq!(simulation.timers()["reminder/filter/p"].to_string(), "2028-11-05");
}

#[test]
fn an_earlier_date_corrects_the_cycle_and_reminds_nobody_twice() {
    let mut simulation = press_owner(acme());
    let installed = |on: &str| json!({ "model": "press", "installedOn": on });
    simulation.put_record("equipment", "p", installed("2026-01-31")).unwrap();
    simulation.advance_to("2027-01-02").unwrap();
    simulation.put_record("equipment", "p", installed("2026-01-15")).unwrap();
    simulation.advance_to("2027-06-01").unwrap();
    let filter = sent(&simulation).into_iter().filter(|(_, _, what)| *what == "filter");
    let templates = filter.map(|(_, template, _)| template).collect::<Vec<_>>();
    assert_eq!(templates, ["service-due-technical", "service-follow-up"]);
}

#[test]
fn without_a_date_nothing_is_guessed() {
    let mut simulation = press_owner(acme());
    logged();
    simulation.put_record("equipment", "p", json!({ "model": "press" })).unwrap();
    assert!(simulation.timers().is_empty());
    assert_eq!(logged()[0], "info: p: no date to count `belt` from");
    simulation.put_record("equipment", "q", json!({ "model": "lathe" })).unwrap();
    assert_eq!(logged(), ["warn: q: no intervals for model `lathe`"]);
}

#[test]
fn what_is_overdue_when_it_is_entered_is_reminded_of_today() {
    let mut simulation = press_owner(acme());
    let old = json!({ "model": "press", "installedOn": "2019-05-01" });
    simulation.put_record("equipment", "p", old).unwrap();
    simulation.advance_to("2026-01-31").unwrap();
    assert_eq!(simulation.sent().len(), 2);
    assert_eq!(simulation.sent()[0].on.to_string(), "2026-01-31");
}

#[test]
fn the_reminder_goes_to_the_best_role_and_without_contacts_to_the_member() {
    for (member, to, template) in [
        (acme(), Some("engineer"), "service-due-technical"),
        (
            organization().with_contact("buyer", "procurement-director", "de"),
            Some("buyer"),
            "service-due-procurement",
        ),
        (organization().with_contact("boss", "owner", "de"), None, "service-due"),
    ] {
        let mut simulation = press_owner(member);
        let press = json!({ "model": "press", "installedOn": "2026-01-31" });
        simulation.put_record("equipment", "p", press).unwrap();
        simulation.advance_to("2027-01-02").unwrap();
        let to = to.map_or(Recipient::Member, |id| Recipient::Contact(id.to_owned()));
        assert_eq!(
            (&simulation.sent()[0].to, simulation.sent()[0].template.as_str()),
            (&to, template)
        );
    }
}

#[test]
fn machines_that_were_there_before_the_plugin_are_planned_for() {
    let mut simulation = press_owner(acme());
    let press = json!({ "model": "press", "installedOn": "2026-01-31" });
    simulation.put_record("equipment", "p", press).unwrap();
    simulation.change(Change::LeftOut).unwrap();
    simulation.change(Change::Purged).unwrap();
    assert!(simulation.timers().is_empty());
    simulation.change(Change::Enabled).unwrap();
    assert_eq!(simulation.timers()["reminder/filter/p"].to_string(), "2027-01-01");
    assert_eq!(simulation.timers()["reminder/belt/p"].to_string(), "2027-07-01");
}

#[test]
fn another_configuration_moves_what_nobody_was_reminded_of_yet() {
    let mut simulation = press_owner(acme());
    let press = json!({ "model": "press", "installedOn": "2026-01-31" });
    simulation.put_record("equipment", "p", press).unwrap();
    simulation.advance_to("2027-01-02").unwrap();
    assert_eq!(simulation.sent().len(), 1, "of the filter");
    let months = |filter: i32, belt: i32| json!({ "press": { "filter": { "months": filter }, "belt": { "months": belt } } });
    simulation.change(Change::Configured(json!({ "models": months(24, 24) }))).unwrap();
    let expected = [("follow-up/filter/p", "2027-01-15"), ("reminder/belt/p", "2028-01-01")];
    let timers = |simulation: &Simulation<Machinery>| {
        let timers = simulation.timers().into_iter();
        timers.map(|(name, on)| (name.to_owned(), on.to_string())).collect::<Vec<_>>()
    };
    let owned = |expected: [(&str, &str); 2]| {
        expected.map(|(name, on)| (name.to_owned(), on.to_owned())).to_vec()
    };
    assert_eq!(timers(&simulation), owned(expected), "the filter's cycle goes on");

    // Only when to remind is another.
    let sooner = json!({ "models": months(24, 24), "remind_days_before": 60 });
    simulation.change(Change::Configured(sooner)).unwrap();
    let expected = [("follow-up/filter/p", "2027-01-15"), ("reminder/belt/p", "2027-12-02")];
    assert_eq!(timers(&simulation), owned(expected));

    // Of a model that is not known any more nothing is planned.
    simulation.change(Change::Configured(json!({ "models": {} }))).unwrap();
    assert!(simulation.timers().is_empty());
}

#[test]
fn a_follow_up_to_a_contact_who_left_goes_to_the_next_best() {
    let mut simulation = press_owner(acme());
    let press = json!({ "model": "press", "installedOn": "2026-01-31" });
    simulation.put_record("equipment", "p", press).unwrap();
    simulation.advance_to("2027-01-02").unwrap();
    simulation.member_mut().contacts.retain(|contact| contact.id == "buyer");
    simulation.advance_to("2027-01-15").unwrap();
    assert_eq!(simulation.sent()[1].to, Recipient::Contact("buyer".to_owned()));
}

#[test]
fn the_view_shows_what_is_due_and_how_far_it_got() {
    let mut simulation = press_owner(acme());
    let press = json!({ "model": "press", "installedOn": "2026-01-31" });
    simulation.put_record("equipment", "p", press).unwrap();
    simulation.advance_to("2027-01-02").unwrap();
    let services = json!([
        { "consumable": "belt", "dueOn": "2027-07-31", "stage": "planned" },
        { "consumable": "filter", "dueOn": "2027-01-31", "stage": "reminded" },
    ]);
    let machine =
        json!({ "externalId": "p", "model": "press", "services": services, "problem": null });
    assert_eq!(simulation.view().unwrap(), json!({ "machines": [machine] }));
}

#[test]
fn the_view_says_which_model_has_no_intervals() {
    let mut simulation = press_owner(acme());
    simulation.put_record("equipment", "p", json!({ "model": "plough" })).unwrap();
    let view = simulation.view().unwrap();
    let problem = view["machines"][0]["problem"].as_str().unwrap();
    assert!(problem.contains("`plough`"), "{problem}");
}

#[test]
fn it_does_what_its_scenarios_expect() {
    scenarios::<Machinery>();
}

const LANGUAGES: [&str; 12] =
    ["ar", "de", "en", "es", "fr", "it", "pl", "pt", "ru", "tr", "uk", "zh"];

#[test]
fn every_message_is_in_twelve_languages_and_says_the_day() {
    let due = [
        ("ar", "22 نوفمبر 2026"),
        ("de", "22. November 2026"),
        ("en", "November 22, 2026"),
        ("es", "22 de noviembre de 2026"),
        ("fr", "22 novembre 2026"),
        ("it", "22 novembre 2026"),
        ("pl", "22 listopada 2026"),
        ("pt", "22 de novembro de 2026"),
        ("ru", "22 ноября 2026"),
        ("tr", "22 Kasım 2026"),
        ("uk", "22 листопада 2026"),
        ("zh", "2026年11月22日"),
    ];
    let parameters =
        [("model", "HX-1"), ("machine", "S-7"), ("consumable", "filter"), ("due", "2026-11-22")];
    for (template, languages) in languages::<Machinery>() {
        assert!(languages.iter().eq(LANGUAGES.iter()), "{template}: {languages:?}");
        for (locale, day) in due {
            let said = message::<Machinery>(&template, locale, &parameters).unwrap();
            assert_eq!(said.locale, locale);
            for part in ["HX-1", "S-7", "filter", day] {
                assert!(said.body.contains(part), "{template}, {locale}: {}", said.body);
            }
            assert!(said.subject.contains("HX-1"), "{template}, {locale}: {}", said.subject);
        }
    }
}
