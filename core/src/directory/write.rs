//! Writing centers.

use super::search::{CAPABILITY, LANGUAGE, tags};
use super::{NewServiceCenter, ServiceCenter};
use crate::context::Context;
use crate::db::{Database, TryError, Writes, id, row};
use crate::{ProgramId, ServiceCenterId};
use sea_orm::FromQueryResult;
use std::collections::HashMap;

row! {
    struct CenterRow {
        id: ServiceCenterId,
        external_id: String,
        name: String,
        country: String,
        city: String,
        latitude: String,
        longitude: String,
        phone: Option<String>,
        email: Option<String>,
    }
}

row! {
    struct TagRow {
        service_center_id: ServiceCenterId,
        kind: String,
        value: String,
    }
}

const UPSERT: &str = "
    INSERT INTO service_centers (program_id, id, external_id, name, country, city, latitude,
        longitude, phone, email)
    SELECT $1, id, external_id, name, country, city, CAST(latitude AS DOUBLE PRECISION),
        CAST(longitude AS DOUBLE PRECISION), phone, email
    FROM {rows} AS r
    WHERE true
    ON CONFLICT (program_id, id) DO UPDATE
    SET name = excluded.name, country = excluded.country, city = excluded.city,
        latitude = excluded.latitude, longitude = excluded.longitude, phone = excluded.phone,
        email = excluded.email";
const TAG: &str = "
    INSERT INTO service_center_tags (program_id, service_center_id, kind, value)
    SELECT $1, service_center_id, kind, value
    FROM {rows} AS r
    WHERE true
    ON CONFLICT (program_id, service_center_id, kind, value) DO NOTHING";
const UNTAG: &str = "
    DELETE FROM service_center_tags
    WHERE program_id = $1 AND (service_center_id, kind, value) IN (
        SELECT r.service_center_id, r.kind, r.value
        FROM {rows} AS r
    )";

/// Creates or replaces centers, all or none.
pub(super) async fn put(
    context: &Context,
    program: ProgramId,
    new: &[NewServiceCenter],
) -> Result<Vec<ServiceCenter>, TryError> {
    let known = known(&context.db, program).await?;
    let mut last: HashMap<&str, (ServiceCenterId, &NewServiceCenter)> = HashMap::new();
    let mut centers = Vec::with_capacity(new.len());
    for center in new {
        let external_id = center.external_id.as_str();
        let id = last.get(external_id).map(|(id, _)| *id).or(known.get(external_id).copied());
        let id = id.unwrap_or_else(ServiceCenterId::new);
        last.insert(external_id, (id, center));
        centers.push(center.clone().with_id(id));
    }
    let ids: Vec<_> = last.values().map(|(id, _)| *id).collect();
    let tagged = tags(context, program, &ids).await?;
    let mut writes = Writes::to(program);
    for (id, center) in last.values() {
        writes.run(UPSERT, &CenterRow::of(*id, center));
        for (kind, wanted) in [(LANGUAGE, &center.languages), (CAPABILITY, &center.capabilities)] {
            let there = tagged.get(&(*id, kind.to_owned()));
            for value in wanted {
                writes.run(TAG, &TagRow::of(*id, kind, value));
            }
            for value in there.into_iter().flatten().filter(|value| !wanted.contains(*value)) {
                writes.run(UNTAG, &TagRow::of(*id, kind, value));
            }
        }
    }
    context.db.commit(writes).await?;
    Ok(centers)
}

impl TagRow {
    fn of(service_center_id: ServiceCenterId, kind: &str, value: &str) -> Self {
        Self { service_center_id, kind: kind.to_owned(), value: value.to_owned() }
    }
}

/// The ids of the centers that there are, by external id: a network has thousands of centers, not
/// millions.
async fn known(
    db: &Database,
    program: ProgramId,
) -> Result<HashMap<String, ServiceCenterId>, TryError> {
    #[derive(FromQueryResult)]
    struct Known {
        id: ServiceCenterId,
        external_id: String,
    }
    const SELECT: &str = "SELECT id, external_id FROM service_centers WHERE program_id = $1";
    let found = Known::find_by_statement(db.sql(SELECT, [id(program)])).all(db.read()).await?;
    Ok(found.into_iter().map(|known| (known.external_id, known.id)).collect())
}

impl CenterRow {
    fn of(id: ServiceCenterId, center: &NewServiceCenter) -> Self {
        Self {
            id,
            external_id: center.external_id.clone(),
            name: center.name.clone(),
            country: center.country.clone(),
            city: center.city.clone(),
            latitude: center.position.latitude.to_string(),
            longitude: center.position.longitude.to_string(),
            phone: center.phone.clone(),
            email: center.email.clone(),
        }
    }
}
