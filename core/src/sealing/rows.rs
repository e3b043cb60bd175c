//! Rows as they are sealed, columns that change left out. JSON is read as the text that it is stored
//! as, and never parsed.

use crate::db::row;
use crate::{
    AccountId, ContactId, EventId, LotId, MemberId, MessageId, Points, PurchaseId, Timestamp,
    TransactionId,
};

row! {
    #[derive(Debug)]
    pub(crate) struct JournalRow {
        pub(crate) position: i64,
        pub(crate) count: i64,
        pub(crate) kinds: i32,
        pub(crate) items: Vec<u8>,
    }
}

row! {
    #[derive(Debug)]
    pub(crate) struct SealRow in "seals" {
        pub(crate) number: i64,
        pub(crate) first_position: i64,
        pub(crate) last_position: i64,
        pub(crate) count: i64,
        pub(crate) sealed_at: Timestamp,
        pub(crate) previous_hash: Vec<u8>,
        pub(crate) hash: Vec<u8>,
        pub(crate) signed_by: Option<String>,
        pub(crate) signature: Option<Vec<u8>>,
        pub(crate) digests: Vec<u8>,
    }
}

row! {
    /// Who brought a member.
    #[derive(Debug)]
    pub(crate) struct BroughtRow by column {
        pub(crate) referred_id: MemberId,
        pub(crate) referrer_id: MemberId,
    }
}

row! {
    #[derive(Debug)]
    pub(crate) struct EventRow by column {
        pub(crate) id: EventId,
        pub(crate) member_id: MemberId,
        pub(crate) member_seq: i64,
        pub(crate) name: String,
        pub(crate) data: String,
        pub(crate) occurred_at: Timestamp,
        pub(crate) recorded_at: Timestamp,
    }
}

row! {
    #[derive(Debug)]
    pub(crate) struct TransactionRow by column {
        pub(crate) id: TransactionId,
        pub(crate) account_id: AccountId,
        /// Also a kind that this version does not know.
        pub(crate) kind: String,
        pub(crate) effective_at: Timestamp,
        pub(crate) recorded_at: Timestamp,
        pub(crate) actor: String,
        pub(crate) purchase_id: Option<PurchaseId>,
        pub(crate) explanation: Option<String>,
        /// Of one that was recorded before there were salts, and of one whose personal part was
        /// erased, there is none.
        pub(crate) salt: Option<Vec<u8>>,
        /// Stands for the personal part that was erased.
        pub(crate) veil: Option<Vec<u8>>,
    }
}

row! {
    /// A member who was erased, and the number of the event that tells of it.
    pub(super) struct ErasedRow by column {
        pub(super) member_id: MemberId,
        pub(super) seq: i64,
    }
}

row! {
    #[derive(Debug)]
    pub(crate) struct EntryRow by column {
        pub(crate) transaction_id: TransactionId,
        pub(crate) seq: i64,
        pub(crate) account_id: Option<AccountId>,
        pub(crate) system_account: Option<String>,
        pub(crate) point_type: String,
        pub(crate) amount: Points,
        pub(crate) balance_after: Option<Points>,
    }
}

row! {
    #[derive(Debug)]
    pub(crate) struct UseRow by column {
        pub(super) transaction_id: TransactionId,
        pub(crate) lot_id: LotId,
        pub(crate) amount: Points,
    }
}

row! {
    #[derive(Debug)]
    pub(crate) struct ReturnRow by column {
        pub(super) transaction_id: TransactionId,
        pub(super) used_by: TransactionId,
        pub(crate) lot_id: LotId,
        pub(crate) amount: Points,
    }
}

row! {
    #[derive(Clone, Debug)]
    pub(crate) struct PurchaseRow by column {
        pub(crate) id: PurchaseId,
        pub(crate) member_id: MemberId,
        pub(crate) reference: String,
        pub(crate) arguments_hash: Vec<u8>,
        pub(crate) currency: String,
        pub(crate) total_minor: i64,
        pub(crate) purchased_at: Timestamp,
        pub(crate) recorded_at: Timestamp,
        pub(crate) revision: i64,
        pub(crate) points: Points,
        pub(crate) referral_points: Points,
        pub(crate) balance_after: Points,
        pub(crate) appraisal: String,
        pub(crate) standing: String,
        pub(crate) transaction_id: Option<TransactionId>,
        pub(crate) accrual_of: Option<PurchaseId>,
    }
}

row! {
    #[derive(Clone, Debug)]
    pub(crate) struct LineRow by column {
        pub(crate) purchase_id: PurchaseId,
        pub(crate) seq: i64,
        pub(crate) sku: String,
        pub(crate) category: Option<String>,
        pub(crate) quantity: i64,
        pub(crate) amount_minor: i64,
    }
}

row! {
    #[derive(Debug)]
    pub(crate) struct MessageRow by column {
        pub(super) id: MessageId,
        pub(super) member_id: MemberId,
        pub(super) contact_id: Option<ContactId>,
        pub(super) plugin_id: String,
        pub(super) event_id: EventId,
        pub(super) template: String,
        pub(super) locale: String,
        pub(super) subject: String,
        pub(super) body: String,
        pub(super) parameters: String,
        pub(super) occurred_at: Timestamp,
    }
}
