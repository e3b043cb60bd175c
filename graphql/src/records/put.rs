//! Creating and replacing records.

use super::Record;
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::members::MemberRefInput;
use crate::scalars::Json;
use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use perennial_core::records::{self, NewRecord};
use perennial_core::{Actor, Loyalty, MemberId};

/// A record to be put.
#[derive(Debug, InputObject)]
pub(crate) struct PutRecordInput {
    /// Whose it is.
    member: MemberRefInput,
    /// A type that an enabled plugin declares.
    #[graphql(name = "type")]
    record_type: String,
    /// The operator's own key of the object, unique in the type; putting it again replaces the data.
    external_id: String,
    /// Valid against the schema that the plugin declares for the type.
    data: Json,
}

/// What came of putting a record.
#[derive(Debug, SimpleObject)]
pub(crate) struct PutRecordPayload {
    /// The record, when nothing stood against it.
    record: Option<Record>,
    /// Why nothing was put.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct RecordMutation;

#[Object]
impl RecordMutation {
    /// Creates a record or replaces its data. Needs the scope `members:write`.
    async fn put_record(
        &self,
        ctx: &Context<'_>,
        input: PutRecordInput,
    ) -> Result<PutRecordPayload> {
        let (loyalty, actor) = ctx.caller()?;
        let (record, user_errors) = split(put(loyalty, actor, input).await)?;
        Ok(PutRecordPayload { record: record.map(Record::from), user_errors })
    }
}

async fn put(
    loyalty: &Loyalty,
    actor: &Actor,
    input: PutRecordInput,
) -> perennial_core::Result<records::Record> {
    let member = input.member.parse()?;
    let record = NewRecord {
        // The service fills in whom the reference names.
        member: MemberId::NONE,
        record_type: input.record_type,
        external_id: input.external_id,
        data: input.data.0,
    };
    loyalty.records().put(actor, &member, record).await
}
