//! An account as its tables store it: the rows between a state in memory and the database.

use super::PointType;
use super::parked::Parked;
use super::state::{MemberState, Standing};
use super::wallet::{Lot, Stored, Wallet};
use crate::db::row;
use crate::{AccountId, LotId, Points, Timestamp, TransactionId};
use std::collections::BTreeMap;

/// Kinds of accounts.
const MEMBER: &str = "MEMBER";
const GIFT_CARD: &str = "GIFT_CARD";

row! {
    pub(super) struct AccountRow {
        pub(super) id: AccountId,
        kind: String,
        version: i64,
        event_seq: i64,
        purchases: i64,
        purchases_for_groups: i64,
        spent_minor: i64,
        first_purchase_at: Option<Timestamp>,
        last_purchase_at: Option<Timestamp>,
        tier: Option<String>,
        tier_since: Option<Timestamp>,
        next_expiry_at: Option<Timestamp>,
        erased_at: Option<Timestamp>,
        /// Ids of plugins, with spaces between them.
        parked: Option<String>,
        /// What can be done with the gift card whose account it is. It is read, and never written.
        card: Option<String>,
    }
}

row! {
    pub(super) struct WalletRow {
        pub(super) account_id: AccountId,
        pub(super) point_type: PointType,
        balance: Points,
        owed: Points,
        pending: Points,
        held: Points,
        pub(super) earned: Points,
        lasts_until: Option<Timestamp>,
    }
}

row! {
    #[derive(Clone)]
    pub(super) struct LotRow {
        pub(super) account_id: AccountId,
        pub(super) id: LotId,
        pub(super) point_type: PointType,
        transaction_id: TransactionId,
        earned_at: Timestamp,
        expires_at: Option<Timestamp>,
        slides: bool,
        in_grace: bool,
        pending_until: Option<Timestamp>,
        amount: Points,
        remaining: Points,
    }
}

/// The lots that belong to each of some keys, as [`LotRow`]s.
macro_rules! select_lots {
    ($keys:literal, $which:literal) => {
        concat!(
            "SELECT l.account_id, l.id, l.point_type, l.transaction_id, l.earned_at, l.expires_at, \
                l.slides, l.in_grace, l.pending_until, l.amount, l.remaining \
            FROM ",
            $keys,
            " EACH lots AS l WHERE ",
            $which
        )
    };
}
pub(super) use select_lots;

impl AccountRow {
    pub(super) fn of(state: &MemberState) -> Self {
        let standing = &state.standing;
        Self {
            id: state.account,
            kind: if state.is_gift_card { GIFT_CARD } else { MEMBER }.to_owned(),
            version: state.version,
            event_seq: state.event_seq,
            purchases: standing.purchases,
            purchases_for_groups: standing.purchases_for_groups,
            spent_minor: standing.spent_minor,
            first_purchase_at: standing.first_purchase_at,
            last_purchase_at: standing.last_purchase_at,
            tier: standing.tier.clone(),
            tier_since: standing.tier_since,
            next_expiry_at: state.next_expiry_at,
            erased_at: state.erased_at,
            parked: state.parked.column(),
            card: state.card.clone(),
        }
    }

    /// Without its wallets and lots, which are rows of their own.
    pub(super) fn state(self) -> MemberState {
        MemberState {
            account: self.id,
            is_gift_card: self.kind == GIFT_CARD,
            version: self.version,
            event_seq: self.event_seq,
            standing: Standing {
                purchases: self.purchases,
                purchases_for_groups: self.purchases_for_groups,
                spent_minor: self.spent_minor,
                earned: BTreeMap::new(),
                first_purchase_at: self.first_purchase_at,
                last_purchase_at: self.last_purchase_at,
                tier: self.tier,
                tier_since: self.tier_since,
            },
            wallets: BTreeMap::new(),
            next_expiry_at: self.next_expiry_at,
            erased_at: self.erased_at,
            parked: Parked::of(self.parked.as_deref()),
            card: self.card,
            lots: Vec::new(),
            holds: Vec::new(),
            others_expire_at: None,
            is_touched: false,
            gained: None,
            late: None,
            knows_lots: false,
        }
    }
}

impl WalletRow {
    pub(super) fn of(state: &MemberState, point_type: &PointType, wallet: &Wallet) -> Self {
        Self {
            account_id: state.account,
            point_type: point_type.clone(),
            balance: wallet.balance,
            owed: wallet.owed,
            pending: wallet.pending,
            held: wallet.held,
            earned: state.standing.points_earned(point_type),
            lasts_until: wallet.lasts_until,
        }
    }

    pub(super) fn wallet(&self) -> Wallet {
        Wallet {
            balance: self.balance,
            owed: self.owed,
            pending: self.pending,
            held: self.held,
            lasts_until: self.lasts_until,
        }
    }
}

impl LotRow {
    pub(super) fn of(account_id: AccountId, lot: &Lot) -> Self {
        Self {
            account_id,
            id: lot.id,
            point_type: lot.point_type.clone(),
            transaction_id: lot.transaction,
            earned_at: lot.earned_at,
            expires_at: lot.expires_at,
            slides: lot.slides,
            in_grace: lot.in_grace,
            pending_until: lot.pending_until,
            amount: lot.amount,
            remaining: lot.remaining,
        }
    }

    pub(super) fn lot(self) -> Lot {
        Lot {
            id: self.id,
            point_type: self.point_type,
            transaction: self.transaction_id,
            earned_at: self.earned_at,
            expires_at: self.expires_at,
            slides: self.slides,
            in_grace: self.in_grace,
            pending_until: self.pending_until,
            amount: self.amount,
            remaining: self.remaining,
            stored: Some(Stored {
                remaining: self.remaining,
                expires_at: self.expires_at,
                slides: self.slides,
                in_grace: self.in_grace,
                pending_until: self.pending_until,
            }),
        }
    }
}
