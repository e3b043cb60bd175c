//! What a plugin looks up as it lives through history: of the member as it stood, of the service network
//! as it is.

use super::life::Life;
use crate::plugins::{service_centers, unanswered};
use crate::runtime::{Fault, Found, Known, LookUps, Question};

pub(super) struct Standing<'a> {
    pub(super) life: &'a Life<'a>,
    pub(super) known: Known,
}

#[async_trait::async_trait]
impl LookUps for Standing<'_> {
    async fn look_up(&self, question: &Question) -> Result<Found, Fault> {
        let Life { context, program, .. } = self.life;
        match question {
            Question::Centers { query, limit } => {
                let found = service_centers(context, program.id, query, *limit).await;
                found.map_err(|error| unanswered(&error))
            }
            of_member => Ok(self.known.answer(of_member)),
        }
    }
}
