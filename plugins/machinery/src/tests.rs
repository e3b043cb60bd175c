//! Eighteen months in a millisecond.

use crate::Machinery;
use crate::rules::{State, Step, WakeUp};
use perennial_sdk::testing::{
    Change, Member, Recipient, Sent, Simulation, languages, logged, message, organization,
    scenarios,
};
use perennial_sdk::{Json, json};

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
    assert_eq!(simulation.timers()["reminder/filter equipment/p"].to_string(), "2028-11-05");
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
    assert_eq!(simulation.timers()["reminder/filter equipment/p"].to_string(), "2027-01-01");
    assert_eq!(simulation.timers()["reminder/belt equipment/p"].to_string(), "2027-07-01");
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
    let expected = [
        ("follow-up/filter equipment/p", "2027-01-15"),
        ("reminder/belt equipment/p", "2028-01-01"),
    ];
    let timers = |simulation: &Simulation<Machinery>| {
        let timers = simulation.timers().into_iter();
        timers.map(|(name, on)| (name, on.to_string())).collect::<Vec<_>>()
    };
    let owned = |expected: [(&str, &str); 2]| {
        expected.map(|(name, on)| (name.to_owned(), on.to_owned())).to_vec()
    };
    assert_eq!(timers(&simulation), owned(expected), "the filter's cycle goes on");

    // Only when to remind is another.
    let sooner = json!({ "models": months(24, 24), "remind_days_before": 60 });
    simulation.change(Change::Configured(sooner)).unwrap();
    let expected = [
        ("follow-up/filter equipment/p", "2027-01-15"),
        ("reminder/belt equipment/p", "2027-12-02"),
    ];
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
        { "consumable": "belt", "dueOn": "2027-07-31", "dueBy": "calendar", "stage": "planned",
          "remindedOn": null, "followedUpOn": null },
        { "consumable": "filter", "dueOn": "2027-01-31", "dueBy": "calendar", "stage": "reminded",
          "remindedOn": "2027-01-01", "followedUpOn": null },
    ]);
    let machine = json!({
        "externalId": "p", "model": "press", "services": services, "optedOut": false,
        "problem": null,
    });
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

/// A pump of an organization, with plans of its own.
fn pump(tier: Option<&str>) -> Simulation<Machinery> {
    let parts = json!([{ "sku": "O-5", "quantity": 4, "name": "oil" }, { "sku": "SEAL" }]);
    let config = json!({
        "models": { "pump": {
            "oil": { "months": 18, "hours": 2000, "parts": parts },
            "seal": { "hours": 5000 },
        } },
        "inspections": { "silver": { "months": 3 } },
        "on_time_points": 40,
    });
    let mut member = organization().with_contact("buyer", "procurement-director", "en");
    member.tier = tier.map(str::to_owned);
    Simulation::new("2026-01-01", config, member)
}

macro_rules! put {
    ($simulation:expr, { $($field:tt)* }) => {
        $simulation
            .put_record("equipment", "p", json!({
                "model": "pump", "installedOn": "2026-01-01", $($field)*
            }))
            .unwrap()
    };
}

#[test]
fn hours_or_calendar_whichever_comes_first() {
    let mut pump = pump(None);
    put!(pump, {});
    // No reading yet: the calendar alone.
    assert_eq!(pump.timers()["reminder/oil equipment/p"].to_string(), "2027-06-01");
    assert!(!pump.timers().contains_key("reminder/seal equipment/p"));
    put!(pump, { "meter": { "hours": 100, "on": "2026-01-01" } });
    pump.advance_to("2026-02-10").unwrap();
    put!(pump, { "meter": { "hours": 500, "on": "2026-02-10" } });
    // Ten hours a day: 2,000 on 10 July, 5,000 on 6 May of the next year.
    assert_eq!(pump.timers()["reminder/oil equipment/p"].to_string(), "2026-06-10");
    assert_eq!(pump.timers()["reminder/seal equipment/p"].to_string(), "2027-04-06");
    let services = &pump.view().unwrap()["machines"][0]["services"];
    assert_eq!(services[0]["dueBy"], "hours");
    // It runs less from now on: the calendar again.
    pump.advance_to("2026-05-01").unwrap();
    put!(pump, { "meter": { "hours": 510, "on": "2026-05-01" } });
    assert_eq!(pump.timers()["reminder/oil equipment/p"].to_string(), "2027-06-01");
    pump.advance_to("2026-05-02").unwrap();
    put!(pump, { "meter": { "hours": 2100, "on": "2026-05-02" } });
    pump.advance_to("2026-05-03").unwrap();
    assert_eq!(sent(&pump)[0].0, "2026-05-02", "it is due as soon as the meter says so");
}

#[test]
fn hours_are_counted_from_the_service_and_without_them_not_guessed() {
    let mut pump = pump(None);
    put!(pump, { "meter": { "hours": 100, "on": "2025-12-01" } });
    put!(pump, { "meter": { "hours": 410, "on": "2026-01-01" } });
    logged();
    put!(pump, { "servicedOn": { "oil": "2026-01-02", "seal": "2026-01-02" } });
    assert_eq!(logged(), ["info: p: no hours to count `seal` from"]);
    assert_eq!(pump.timers()["reminder/oil equipment/p"].to_string(), "2027-06-02");
    put!(pump, {
        "servicedOn": { "oil": "2026-01-02", "seal": "2026-01-02" },
        "servicedAtHours": { "oil": 410, "seal": 410 }
    });
    // Another 2,000 hours at ten a day are 200 days, 5,000 are 500.
    assert_eq!(pump.timers()["reminder/oil equipment/p"].to_string(), "2026-06-20");
    assert_eq!(pump.timers()["reminder/seal equipment/p"].to_string(), "2027-04-16");
}

#[test]
fn the_buyer_is_proposed_an_order() {
    let mut pump = pump(None);
    put!(pump, {});
    pump.advance_to("2027-06-01").unwrap();
    let reminder = &pump.sent()[0];
    assert_eq!(reminder.template, "service-due-order");
    assert!(reminder.body.contains("4 × O-5 (oil), 1 × SEAL"), "{}", reminder.body);
}

#[test]
fn a_confirmation_brings_one_request_and_ends_the_reminders() {
    let mut pump = pump(None);
    put!(pump, {});
    pump.advance_to("2027-06-02").unwrap();
    assert_eq!(pump.sent().len(), 1);
    put!(pump, { "confirmedOn": { "oil": "2027-06-02" } });
    let request = pump.record("service-request", "p/oil/2027-07-01").unwrap().clone();
    assert_eq!(request["status"], "requested");
    assert_eq!(request["parts"][0]["quantity"], 4);
    // What the operator makes of it stays, however often the machine is put.
    let mut scheduled = request;
    scheduled["status"] = json!("scheduled");
    pump.put_record("service-request", "p/oil/2027-07-01", scheduled.clone()).unwrap();
    put!(pump, { "serial": "7", "confirmedOn": { "oil": "2027-06-02" } });
    assert_eq!(pump.record("service-request", "p/oil/2027-07-01"), Some(&scheduled));
    pump.advance_to("2027-12-01").unwrap();
    assert_eq!(pump.sent().len(), 1, "no follow-up");
    // The confirmation of the last cycle is none of the next.
    put!(pump, { "confirmedOn": { "oil": "2027-06-02" }, "servicedOn": { "oil": "2027-12-01" } });
    assert_eq!(pump.timers()["reminder/oil equipment/p"].to_string(), "2029-05-02");
}

#[test]
fn nobody_is_reminded_while_a_service_is_under_way() {
    let mut pump = pump(None);
    put!(pump, { "serviceUnderWay": ["oil"] });
    pump.advance_to("2027-08-01").unwrap();
    assert!(pump.sent().is_empty());
    // It was given up: what is still to be done is said at the next look, every 14 days.
    put!(pump, {});
    pump.advance_to("2027-12-01").unwrap();
    let days: Vec<_> = pump.sent().iter().map(|sent| sent.on.to_string()).collect();
    assert_eq!(days, ["2027-08-10", "2027-08-24"]);
}

#[test]
fn opting_out_is_permanent_until_it_is_taken_back() {
    let mut pump = pump(None);
    put!(pump, {});
    put!(pump, { "optOut": true });
    assert!(pump.timers().is_empty());
    put!(pump, { "serial": "7" });
    pump.advance_to("2027-07-15").unwrap();
    assert!(pump.sent().is_empty() && pump.timers().is_empty());
    assert_eq!(pump.view().unwrap()["machines"][0]["optedOut"], true);
    put!(pump, { "optOut": false });
    pump.advance_to("2027-07-16").unwrap();
    assert_eq!(pump.sent()[0].on.to_string(), "2027-07-15");
}

#[test]
fn a_service_on_time_earns_once() {
    let mut pump = pump(None);
    put!(pump, {});
    let serviced = |pump: &mut Simulation<Machinery>, on: &str| {
        put!(pump, { "servicedOn": { "oil": on } });
        pump.points()
    };
    assert_eq!(serviced(&mut pump, "2027-06-20"), 40);
    // A correction, and the correction of it.
    assert_eq!(serviced(&mut pump, "2027-06-10"), 40);
    assert_eq!(serviced(&mut pump, "2027-06-20"), 40);
    // Due on 20 December 2028.
    assert_eq!(serviced(&mut pump, "2028-12-21"), 40, "a day late");
    assert_eq!(serviced(&mut pump, "2030-06-21"), 80, "on the last day");
}

#[test]
fn a_tier_brings_inspections_of_its_own() {
    assert!(!inspected(None).contains_key("reminder/inspection equipment/p"));
    let mut pump = pump(Some("silver"));
    put!(pump, {});
    assert_eq!(pump.timers()["reminder/inspection equipment/p"].to_string(), "2026-03-02");
    pump.advance_to("2026-06-01").unwrap();
    assert_eq!(pump.sent().len(), 1, "no follow-up of a benefit");
    assert_eq!(pump.sent()[0].template, "inspection-due");
    put!(pump, { "servicedOn": { "inspection": "2026-05-01" } });
    pump.member_mut().tier = None;
    pump.advance_to("2026-12-01").unwrap();
    assert_eq!(pump.sent().len(), 1, "the tier is gone, and its inspections with it");
}

/// The timers of a pump of a member in the tier.
fn inspected(tier: Option<&str>) -> std::collections::BTreeMap<String, String> {
    let mut pump = pump(tier);
    put!(pump, {});
    pump.timers().iter().map(|(name, on)| ((*name).to_owned(), on.to_string())).collect()
}

#[test]
fn what_earlier_versions_kept_is_read() {
    let kept = json!({ "cycles": { "oil": {
        "since": "2026-01-01", "due": "2027-07-01", "stage": "reminded", "contact": "buyer",
    } } });
    let mut state: State = Json::from(kept).read().unwrap();
    let due = "2027-07-01".parse().unwrap();
    let wake_up = WakeUp { step: Step::FollowUp, consumable: "oil".to_owned(), due };
    assert!(state.cycle_for(&wake_up).is_some());
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
    let parameters = [
        ("model", "HX-1"),
        ("machine", "S-7"),
        ("consumable", "filter"),
        ("parts", "2 × F-9"),
        ("due", "2026-11-22"),
    ];
    for (template, languages) in languages::<Machinery>() {
        assert!(languages.iter().eq(LANGUAGES.iter()), "{template}: {languages:?}");
        for (locale, day) in due {
            let said = message::<Machinery>(&template, locale, &parameters).unwrap();
            assert_eq!(said.locale, locale);
            let own = match template.as_str() {
                "inspection-due" => day,
                "service-due-order" => "2 × F-9",
                _ => "filter",
            };
            for part in ["HX-1", "S-7", own, day] {
                assert!(said.body.contains(part), "{template}, {locale}: {}", said.body);
            }
            assert!(said.subject.contains("HX-1"), "{template}, {locale}: {}", said.subject);
        }
    }
}
