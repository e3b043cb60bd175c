//! Creating and replacing service centers.

use super::ServiceCenter;
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::scalars::CountryCode;
use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use perennial_core::directory::{NewServiceCenter, Position};

/// A center to be put.
#[derive(Debug, InputObject)]
pub(crate) struct PutServiceCenterInput {
    /// The operator's own key of the center; putting it again replaces all of it.
    external_id: String,
    /// What it is called.
    name: String,
    /// Where it is.
    country: CountryCode,
    /// Where it is.
    city: String,
    /// Degrees, WGS 84, north positive.
    latitude: f64,
    /// Degrees, WGS 84, east positive.
    longitude: f64,
    /// To call it.
    phone: Option<String>,
    /// To write to it.
    email: Option<String>,
    /// Languages that it speaks, in lower case, such as `de`.
    #[graphql(default)]
    languages: Vec<String>,
    /// What it can do, such as `hydraulics`: lower-case letters, digits and hyphens.
    #[graphql(default)]
    capabilities: Vec<String>,
}

/// What came of putting a center.
#[derive(Debug, SimpleObject)]
pub(crate) struct PutServiceCenterPayload {
    /// The center, when nothing stood against it.
    service_center: Option<ServiceCenter>,
    /// Why nothing was put.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct DirectoryMutation;

#[Object]
impl DirectoryMutation {
    /// Creates a service center or replaces it. Needs the scope `directory:write`.
    async fn put_service_center(
        &self,
        ctx: &Context<'_>,
        input: PutServiceCenterInput,
    ) -> Result<PutServiceCenterPayload> {
        let (loyalty, actor) = ctx.caller()?;
        let (center, user_errors) = split(loyalty.directory().put(actor, &input.into()).await)?;
        let service_center = center.map(ServiceCenter::from);
        Ok(PutServiceCenterPayload { service_center, user_errors })
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
