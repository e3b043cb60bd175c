//! The first screen of an app by hand: a route that checks the token and asks one statement.
//!
//! It checks the same token as the platform with the same library – the signature of every request,
//! and the same claims – and answers the same JSON, which is compared before anything is measured.
//! It does not read a query, so it can do nothing else. Its two tables hold the same facts as the
//! platform's, in the shape that this one statement likes best.

use super::{connect, fill};
use crate::platform::{KEY, LADDER, PROGRAM, external_id, listen};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::get;
use axum::{Json, Router};
use ed25519_dalek::{SigningKey, pkcs8::DecodePrivateKey};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, Value};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

const PROGRAM_ID: Uuid = Uuid::from_u128(1);

const TABLES: [&str; 2] = [
    "CREATE TABLE bench_members (program_id {uuid} NOT NULL, id {uuid} NOT NULL, external_id TEXT NOT NULL, \
     name TEXT NOT NULL, balance BIGINT NOT NULL, tier TEXT, purchases BIGINT NOT NULL, PRIMARY KEY (program_id, id), \
     UNIQUE (program_id, external_id))",
    "CREATE TABLE bench_lots (program_id {uuid} NOT NULL, member_id {uuid} NOT NULL, expires_at BIGINT NOT NULL, \
     points BIGINT NOT NULL, PRIMARY KEY (program_id, member_id, expires_at))",
];

/// A row for each lot, or one row with none.
const STATUS: &str = "SELECT m.name, m.balance, m.tier, m.purchases, l.expires_at, l.points \
     FROM bench_members m LEFT JOIN bench_lots l ON l.program_id = m.program_id AND l.member_id = m.id \
     WHERE m.program_id = $1 AND m.external_id = $2 ORDER BY l.expires_at";

/// What is known of a member.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) balance: i64,
    pub(crate) tier: Option<String>,
    pub(crate) purchases: i64,
    /// Instant in microseconds, and points.
    pub(crate) lots: Vec<(i64, i64)>,
}

/// Serves `/status` over tables that are filled with the facts of each member; answers host and
/// port.
pub(crate) async fn serve<'f>(url: &str, members: impl Iterator<Item = &'f Facts>) -> String {
    let db = connect(url).await;
    let uuid = match db.get_database_backend() {
        DbBackend::Postgres => "UUID",
        _ => "BLOB",
    };
    for table in TABLES {
        db.execute_unprepared(&table.replace("{uuid}", uuid)).await.expect("a table");
    }
    let (mut rows, mut lots) = (Vec::new(), Vec::new());
    for (number, facts) in members.enumerate() {
        let (id, name) = (Uuid::now_v7(), external_id(number));
        rows.push(member_row(id, &name, facts));
        lots.extend(facts.lots.iter().map(|(at, points)| -> Vec<Value> {
            vec![PROGRAM_ID.into(), id.into(), (*at).into(), (*points).into()]
        }));
    }
    fill(&db, "bench_members", 7, rows.into_iter()).await;
    fill(&db, "bench_lots", 4, lots.into_iter()).await;
    if db.get_database_backend() == DbBackend::Postgres {
        // With statistics, SQLite would plan the statement anew for each member.
        db.execute_unprepared("ANALYZE").await.expect("statistics");
    }
    let shared = Arc::new(Shared { db, check: Check::new() });
    listen(Router::new().route("/status", get(status)).with_state(shared)).await
}

fn member_row(id: Uuid, name: &str, facts: &Facts) -> Vec<Value> {
    vec![
        PROGRAM_ID.into(),
        id.into(),
        name.into(),
        name.into(),
        facts.balance.into(),
        facts.tier.clone().into(),
        facts.purchases.into(),
    ]
}

struct Shared {
    db: DatabaseConnection,
    check: Check,
}

async fn status(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
) -> Result<Json<Answer>, StatusCode> {
    let member = shared.check.member(&headers).ok_or(StatusCode::UNAUTHORIZED)?;
    let values = [PROGRAM_ID.into(), member.into()];
    let statement =
        Statement::from_sql_and_values(shared.db.get_database_backend(), STATUS, values);
    let rows = shared.db.query_all_raw(statement).await.map_err(failed)?;
    let first = rows.first().ok_or(StatusCode::NOT_FOUND)?;
    let mut expiring = Vec::new();
    for row in &rows {
        if let Some(at) = row.try_get_by_index(4).map_err(failed)? {
            let at = jiff::Timestamp::from_microsecond(at)
                .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
            expiring.push(Expiring { at, points: row.try_get_by_index(5).map_err(failed)? });
        }
    }
    let purchases: i64 = first.try_get_by_index(3).map_err(failed)?;
    let tier: Option<String> = first.try_get_by_index(2).map_err(failed)?;
    let next = LADDER.iter().find(|(_, from)| *from > purchases);
    let me = Me {
        name: first.try_get_by_index(0).map_err(failed)?,
        balance: Balance { points: first.try_get_by_index(1).map_err(failed)?, expiring },
        tier: tier.map(|name| Tier { name }),
        progress: Progress {
            missing: next.map_or(0, |(_, from)| from - purchases),
            next_tier: next.map(|(name, _)| Tier { name: (*name).to_owned() }),
        },
    };
    Ok(Json(Answer { data: Data { me } }))
}

fn failed(_: DbErr) -> StatusCode {
    StatusCode::INTERNAL_SERVER_ERROR
}

/// How tokens are checked, made once.
struct Check {
    key: DecodingKey,
    validation: Validation,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    program: String,
    sub: String,
    scope: String,
}

impl Check {
    fn new() -> Self {
        let key = SigningKey::from_pkcs8_pem(KEY).expect("a key");
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.leeway = 60;
        validation.validate_nbf = true;
        validation.set_audience(&["perennial"]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        Self { key: DecodingKey::from_ed_der(key.verifying_key().as_bytes()), validation }
    }

    /// The external id of the member whose token it is.
    fn member(&self, headers: &HeaderMap) -> Option<String> {
        let token = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
        let claims: Claims = jsonwebtoken::decode(token, &self.key, &self.validation).ok()?.claims;
        let is_ours = claims.iss == "perennial" && claims.program == PROGRAM;
        let is_member = claims.scope.split_whitespace().any(|scope| scope == "member");
        (is_ours && is_member).then_some(claims.sub)
    }
}

#[derive(Serialize)]
struct Answer {
    data: Data,
}

#[derive(Serialize)]
struct Data {
    me: Me,
}

#[derive(Serialize)]
struct Me {
    name: String,
    balance: Balance,
    tier: Option<Tier>,
    progress: Progress,
}

#[derive(Serialize)]
struct Balance {
    points: i64,
    expiring: Vec<Expiring>,
}

#[derive(Serialize)]
struct Expiring {
    at: jiff::Timestamp,
    points: i64,
}

#[derive(Serialize)]
struct Tier {
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Progress {
    missing: i64,
    next_tier: Option<Tier>,
}
