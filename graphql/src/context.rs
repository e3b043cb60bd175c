//! What resolvers take from a request: the services, the session and the loaders.

use crate::auth::Session;
use crate::loaders::Loaders;
use async_graphql::Context;
use perennial_core::{Actor, Code, Error, Loyalty, Result};

pub(crate) trait RequestContext {
    fn loyalty(&self) -> &Loyalty;

    fn loaders(&self) -> &Loaders;

    /// Fails with `UNAUTHENTICATED` if the request has no token.
    fn session(&self) -> Result<&Session>;

    /// The services and the actor, which every call of a service needs.
    fn caller(&self) -> Result<(&Loyalty, &Actor)> {
        Ok((self.loyalty(), &self.session()?.actor))
    }
}

impl RequestContext for Context<'_> {
    fn loyalty(&self) -> &Loyalty {
        self.data_unchecked::<Loyalty>()
    }

    fn loaders(&self) -> &Loaders {
        self.data_unchecked::<Loaders>()
    }

    fn session(&self) -> Result<&Session> {
        self.data_opt::<Session>()
            .ok_or_else(|| Error::new(Code::Unauthenticated, "this needs a token"))
    }
}
