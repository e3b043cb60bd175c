//! Five hundred plugins in one program, a tenth of them hostile, more than a host keeps compiled and
//! many times more than it has room for at once: each is served, or named.

use super::made::{Does, made};
use super::{apply, state, work};
use crate::support::{Backend, TestApp, books, on_both_databases, plugins};
use perennial_plugin_host::repack;
use serde_json::Value;

on_both_databases!(five_hundred_plugins_are_served_in_one_program);

const PLUGINS: i64 = 500;
/// One in so many grows a table.
const HOSTILE: i64 = 10;

async fn five_hundred_plugins_are_served_in_one_program(backend: Backend) {
    let app = TestApp::idle(backend).await;
    let mut tables = String::from("[plugins.consumer-goods]\n");
    app.offers(plugins::bundled("consumer-goods")).await;
    let contract = plugins::unsigned(&[]);
    let (fair, hostile) = (made(&contract, Does::Award), made(&contract, Does::GrowTable));
    for number in 0..PLUGINS {
        let component = if number % HOSTILE == 0 { &hostile } else { &fair };
        app.offers(&repack(component, &manifest(number)).unwrap()).await;
        tables += &format!("[plugins.p-{number}]\n");
    }
    apply(&app, "shop", &tables).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "10.00").await.done();
    work(&app).await;

    assert_eq!(ada.points().await, 10 + PLUGINS - PLUGINS / HOSTILE);
    let neighbour = state(&app, "shop", "consumer-goods").await;
    assert_eq!((neighbour.handled, neighbour.waiting), (1, 0));
    const ALL: &str = "{ plugins { key handled waiting parked } }";
    let all = app.admin("shop", ALL, Value::Null).await;
    for number in 0..PLUGINS {
        let key = format!("p-{number}");
        let states = all["plugins"].as_array().unwrap();
        let state = states.iter().find(|state| state["key"] == key).unwrap();
        let expected = if number % HOSTILE == 0 { [0, 1, 1] } else { [1, 0, 0] };
        let found = ["handled", "waiting", "parked"].map(|count| state[count].as_i64().unwrap());
        assert_eq!(found, expected, "{key}");
    }
    books::assert_sound(&app, "shop").await;
}

fn manifest(number: i64) -> String {
    format!(
        "id = \"p-{number}\"\nname = \"One of many\"\nversion = \"1.0.0-dev\"\n\
         subscribes = [\"purchase-recorded\"]\ncapabilities.points-per-event-max = 1\n"
    )
}
