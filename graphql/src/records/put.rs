//! Creating and replacing records.

use super::Record;
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::members::MemberRefInput;
use crate::scalars::Json;
use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use perennial_core::plugins::RecordKey;
use perennial_core::records::{self, NewRecord};
use perennial_core::{Actor, Loyalty};

/// A record to create or replace.
#[derive(Debug, InputObject)]
pub(crate) struct PutRecordInput {
    /// The member that the record belongs to.
    member: MemberRefInput,
    /// A record type that an enabled plugin declares.
    #[graphql(name = "type")]
    record_type: String,
    /// Identifier in the operator's own system, unique among records of the type, 1 to 128
    /// characters. If the member has a record with this id, its data is replaced; if another member
    /// has it, the request is refused.
    external_id: String,
    /// The data, valid against the schema that the plugin declares for the type.
    data: Json,
}

/// Result of creating or replacing a record.
#[derive(Debug, SimpleObject)]
pub(crate) struct PutRecordPayload {
    /// The record. Null if the request was refused.
    record: Option<Record>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct RecordMutation;

#[Object]
impl RecordMutation {
    /// Creates a record or replaces its data. Requires the scope `members:write`.
    async fn put_record(
        &self,
        ctx: &Context<'_>,
        input: PutRecordInput,
    ) -> Result<Option<PutRecordPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (record, user_errors) = split(put(loyalty, actor, input).await)?;
        Ok(Some(PutRecordPayload { record: record.map(Record::from), user_errors }))
    }
}

async fn put(
    loyalty: &Loyalty,
    actor: &Actor,
    input: PutRecordInput,
) -> perennial_core::Result<records::Record> {
    let record = NewRecord {
        member: input.member.parse()?,
        key: RecordKey { record_type: input.record_type, external_id: input.external_id },
        data: input.data.0,
    };
    loyalty.records().put(actor, &record).await
}
