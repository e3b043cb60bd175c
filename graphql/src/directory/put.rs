//! Creating and replacing service centers.

use super::ServiceCenter;
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::scalars::CountryCode;
use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use perennial_core::directory::{NewServiceCenter, Position};

/// A service center to create or replace.
#[derive(Debug, InputObject)]
pub(crate) struct PutServiceCenterInput {
    /// Identifier in the operator's own system, 1 to 128 characters. If the program has a center
    /// with this id, all of its data is replaced.
    external_id: String,
    /// The display name, 1 to 200 characters.
    name: String,
    /// ISO 3166-1 alpha-2 code of the country.
    country: CountryCode,
    /// The city.
    city: String,
    /// Latitude in degrees (WGS 84), -90 to 90, north positive.
    latitude: f64,
    /// Longitude in degrees (WGS 84), -180 to 180, east positive.
    longitude: f64,
    /// Phone number.
    phone: Option<String>,
    /// Email address.
    email: Option<String>,
    /// Languages that the staff speak, in lowercase, such as `de`. At most 50.
    #[graphql(default)]
    languages: Vec<String>,
    /// Services that the center offers, such as `hydraulics`: lowercase letters, digits and
    /// hyphens, 1 to 64 characters each. At most 50.
    #[graphql(default)]
    capabilities: Vec<String>,
}

/// Result of creating or replacing a service center.
#[derive(Debug, SimpleObject)]
pub(crate) struct PutServiceCenterPayload {
    /// The service center. Null if the request was refused.
    service_center: Option<ServiceCenter>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct DirectoryMutation;

#[Object]
impl DirectoryMutation {
    /// Creates or replaces a service center. Requires the scope `directory:write`.
    async fn put_service_center(
        &self,
        ctx: &Context<'_>,
        input: PutServiceCenterInput,
    ) -> Result<Option<PutServiceCenterPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (center, user_errors) = split(loyalty.directory().put(actor, &input.into()).await)?;
        let service_center = center.map(|center| ServiceCenter::new(actor.program(), center));
        Ok(Some(PutServiceCenterPayload { service_center, user_errors }))
    }
}

impl From<PutServiceCenterInput> for NewServiceCenter {
    fn from(input: PutServiceCenterInput) -> Self {
        Self {
            external_id: input.external_id,
            name: input.name,
            country: input.country.0,
            city: input.city,
            position: Position { latitude: input.latitude, longitude: input.longitude },
            phone: input.phone,
            email: input.email,
            languages: input.languages.into_iter().collect(),
            capabilities: input.capabilities.into_iter().collect(),
        }
    }
}
