//! The service network: the nearest that can help.

use crate::support::programs::example;
use crate::support::{Backend, Outcome, TestApp, on_both_databases, perennial};
use insta::assert_snapshot;
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

on_both_databases!(
    the_nearest_that_fit_come_first_and_need_no_token,
    a_center_put_again_is_replaced,
);

async fn the_nearest_that_fit_come_first_and_need_no_token(backend: Backend) {
    const NEAR_KRAKOW: &str = "{ serviceCenters(program: \"machinery\", \
         near: { latitude: 50.06, longitude: 19.94 }, \
         capability: \"warranty\", language: \"pl\", first: 3) \
         { nodes { distanceKm serviceCenter { country languages capabilities } } } }";
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Nearby {
        distance_km: f64,
        service_center: Center,
    }
    #[derive(Debug, Deserialize)]
    struct Center {
        country: String,
        languages: Vec<String>,
        capabilities: Vec<String>,
    }
    let app = TestApp::start(backend).await.with_program(&example("machinery")).await;
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/service-centers.csv");
    perennial(&app.db, &["import", "centers", file, "--program", "machinery"]).succeeds();

    let (status, body) = app.send("/graphql", None, &json!({ "query": NEAR_KRAKOW })).await;

    assert_eq!(status, StatusCode::OK, "{body:#}");
    let variety = NEAR_KRAKOW.replace("\"pl\"", "\"pl-PL\"");
    let (_, same) = app.send("/graphql", None, &json!({ "query": variety })).await;
    assert_eq!(same["data"], body["data"], "whoever reads pl-PL is helped by who speaks pl");
    let other = NEAR_KRAKOW.replace("\"pl\"", "\"p\"");
    let (_, none) = app.send("/graphql", None, &json!({ "query": other })).await;
    assert!(none["data"].is_null(), "{none:#}");
    let centers: Vec<Nearby> =
        serde_json::from_value(body["data"]["serviceCenters"]["nodes"].clone()).unwrap();
    assert_eq!(centers.len(), 3);
    let has = |list: &[String], item: &str| list.iter().any(|one| one == item);
    assert!(
        centers.iter().all(|center| has(&center.service_center.languages, "pl")),
        "{centers:#?}"
    );
    assert!(
        centers.iter().all(|center| has(&center.service_center.capabilities, "warranty")),
        "{centers:#?}"
    );
    assert_eq!(centers[0].service_center.country, "PL");
    assert!(centers.is_sorted_by_key(|center| center.distance_km), "{centers:#?}");
}

async fn a_center_put_again_is_replaced(backend: Backend) {
    const PUT: &str = "mutation($input: PutServiceCenterInput!) { putServiceCenter(input: $input) \
         { serviceCenter { name languages } userErrors { code message field } } }";
    let app = TestApp::start(backend).await.with_program(&example("machinery")).await;
    let put = async |center: &Value| -> Outcome<Value> {
        app.does("machinery", PUT, center.clone()).await
    };
    let mut center = json!({
        "externalId": "c-1", "name": "One", "country": "DE", "city": "Köln", "latitude": 50.94,
        "longitude": 6.96, "languages": ["de"], "capabilities": ["hydraulics"],
    });
    put(&center).await.done();
    center["languages"] = json!(["en", "pl"]);
    assert_eq!(put(&center).await.done()["languages"], json!(["en", "pl"]));
    center["latitude"] = json!(91);
    assert_snapshot!(
        put(&center).await.refused(),
        @"INVALID_INPUT latitude: use degrees from -90 to 90"
    );
    center["latitude"] = json!(50.94);
    let languages =
        |count: u8| -> Vec<String> { (0..count).map(|n| format!("en-x-{n:02}")).collect() };
    center["languages"] = json!(languages(50));
    assert_eq!(put(&center).await.done()["languages"], center["languages"]);
    center["languages"] = json!(languages(51));
    assert_snapshot!(put(&center).await.refused(), @"TOO_MANY languages: at most 50");
}
