//! The service network, as plugins look it up.

use crate::context::Context;
use crate::directory::{self, Directory, Fitting, Near, Position};
use crate::runtime::{self, CenterQuery, Found, ServiceCenter};
use crate::{ProgramId, Result};

/// The first of the centers that fit: the nearest, or by their external ids.
pub(crate) async fn service_centers(
    context: &Context,
    program: ProgramId,
    query: &CenterQuery,
    limit: u32,
) -> Result<Found> {
    let CenterQuery { near, country, language, capability } = query.clone();
    let fitting = Fitting { language, capability, country };
    let directory = Directory { context };
    let first = limit.try_into().unwrap_or(usize::MAX);
    let centers = match near {
        Some(near) => {
            let position = Position::of_millionths(near.latitude, near.longitude);
            let near = Near { position, fitting, first };
            let nearby = directory.nearest(program, &near).await?;
            nearby.into_iter().map(|it| center(it.center, Some(it.distance_metres))).collect()
        }
        None => {
            let listed = directory.list(program, &fitting, first).await?;
            listed.into_iter().map(|it| center(it, None)).collect()
        }
    };
    Ok(Found::Centers(centers))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a distance on the earth is at most 20,016 km"
)]
fn center(center: directory::ServiceCenter, distance_metres: Option<f64>) -> ServiceCenter {
    let (latitude, longitude) = center.position.millionths();
    ServiceCenter {
        id: center.id.to_string(),
        external_id: center.external_id,
        name: center.name,
        country: center.country,
        city: center.city,
        position: runtime::Position { latitude, longitude },
        phone: center.phone,
        email: center.email,
        languages: center.languages.into_iter().collect(),
        capabilities: center.capabilities.into_iter().collect(),
        distance_metres: distance_metres.map(|metres| metres.round() as u32),
    }
}
