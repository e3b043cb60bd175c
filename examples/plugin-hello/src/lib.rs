//! The smallest useful plugin: welcomes new members with points and a message.
//!
//! `cargo test` tests it natively; `perennial plugin build` makes `hello.wasm`, the one file to
//! install.

use perennial_sdk::{Actions, Context, Event, Failure, Plugin};

struct Hello;

#[derive(serde::Deserialize)]
struct Config {
    welcome_points: i64,
}

#[perennial_sdk::plugin]
impl Plugin for Hello {
    type Config = Config;

    fn on_event(cx: &Context<Config>, event: &Event) -> Result<Actions, Failure> {
        let mut actions = Actions::new();
        if let Event::MemberJoined(_) = event {
            let points = cx.config.welcome_points;
            actions.award_points(points, "Welcome");
            actions.message("welcome").with("points", points);
        }
        Ok(actions)
    }
}

#[cfg(test)]
mod tests {
    use super::Hello;
    use perennial_sdk::json;
    use perennial_sdk::testing::{Simulation, person, scenarios};

    #[test]
    fn a_new_member_is_welcomed() {
        let config = json!({ "welcome_points": 50 });
        let mut simulation = Simulation::<Hello>::new("2026-01-01", config, person());
        simulation.event("member-joined", json!({})).unwrap();
        assert_eq!(simulation.points(), 50);
        assert_eq!(simulation.sent()[0].body, "50 points are waiting for you.");
    }

    #[test]
    fn it_does_what_its_scenarios_expect() {
        scenarios::<Hello>();
    }
}
