//! The service network: the nearest that can help.

use crate::support::programs::example;
use crate::support::{Backend, TestApp, on_both_databases, perennial};
use reqwest::StatusCode;
use serde_json::json;

const NEAR_KRAKOW: &str = "{ serviceCenters(program: \"machinery\", near: { latitude: 50.06, longitude: 19.94 }, \
     capability: \"warranty\", language: \"pl\", first: 3) \
     { nodes { name country distanceKm languages capabilities } } }";

on_both_databases! {
    async fn the_nearest_that_fit_come_first_and_need_no_token(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(&example("machinery")).await;
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/service-centers.csv");
        perennial(&app.db, &["import", "centers", file, "--program", "machinery"]).succeeds();
        let (status, body) = app.send("/graphql", None, &json!({ "query": NEAR_KRAKOW })).await;
        assert_eq!(status, StatusCode::OK, "{body:#}");
        let centers = body["data"]["serviceCenters"]["nodes"].as_array().unwrap();
        assert_eq!(centers.len(), 3);
        let has = |list: &serde_json::Value, item: &str| list.as_array().unwrap().contains(&json!(item));
        assert!(centers.iter().all(|center| has(&center["languages"], "pl")), "{centers:#?}");
        assert!(centers.iter().all(|center| has(&center["capabilities"], "warranty")));
        assert_eq!(centers[0]["country"], json!("PL"));
        assert!(centers.is_sorted_by_key(|center| center["distanceKm"].as_f64()), "{centers:#?}");
    }

    async fn a_center_put_again_is_replaced(backend: Backend) {
        const PUT: &str = "mutation($input: PutServiceCenterInput!) { putServiceCenter(input: $input) \
             { serviceCenter { name languages } userErrors { code field } } }";
        let app = TestApp::start(backend).await.with_program(&example("machinery")).await;
        let mut center = json!({
            "externalId": "c-1", "name": "One", "country": "DE", "city": "Köln", "latitude": 50.94,
            "longitude": 6.96, "languages": ["de"], "capabilities": ["hydraulics"],
        });
        app.admin("machinery", PUT, json!({ "input": center })).await;
        center["languages"] = json!(["en", "pl"]);
        let put = app.admin("machinery", PUT, json!({ "input": center })).await;
        assert_eq!(put["putServiceCenter"]["serviceCenter"]["languages"], json!(["en", "pl"]));
        center["latitude"] = json!(91);
        let refused = app.admin("machinery", PUT, json!({ "input": center })).await;
        assert_eq!(refused["putServiceCenter"]["userErrors"], json!([{ "code": "INVALID_INPUT", "field": ["latitude"] }]));
    }
}
