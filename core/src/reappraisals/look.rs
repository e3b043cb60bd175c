//! All that asking a plugin again about a purchase has to know: what a return of it has to know, and
//! what a purchase by its member.

use crate::accounts::States;
use crate::context::{Context, Program};
use crate::db::{TryError, row};
use crate::edits::{NAMED, look_about};
use crate::members::{Member, ask_members};
use crate::plugins::{Appraisers, ask_states_of_members};
use crate::purchases::{Outcome, PurchaseRef};
use crate::returns::{self, Bought, ask_bought, name_bought};
use crate::{MemberId, PurchaseId, Result};

row! {
    /// A purchase about which a plugin was not heard.
    #[derive(Clone)]
    pub(super) struct OpenRow {
        pub(super) purchase_id: PurchaseId,
        pub(super) plugin_id: String,
        pub(super) attempts: i32,
    }
}

/// A purchase, and what is known of it.
pub(super) struct Found {
    /// None once somebody else has been at it.
    pub(super) open: Option<OpenRow>,
    pub(super) purchases: returns::Found,
    pub(super) appraisers: Appraisers,
    members: Vec<Member>,
}

const OPEN: &str = "
    SELECT m.purchase_id, m.plugin_id, m.attempts
    FROM {rows} AS k EACH missed_appraisals AS m
    WHERE m.program_id = $1 AND m.purchase_id = k.purchase_id AND m.plugin_id = k.plugin_id
        AND m.ended_at IS NULL AND m.attempts = k.attempts";

impl Found {
    pub(super) async fn look(
        context: &Context,
        program: &Program,
        row: &OpenRow,
    ) -> Result<(Self, States, Program), TryError> {
        let purchase = PurchaseRef::Id(row.purchase_id);
        let mut look = context.look(program.id);
        let used = name_bought(&mut look, [&purchase]);
        look.table("named", NAMED);
        look.table("who", returns::CHANGED);
        let bought = ask_bought(&mut look, used);
        let members = ask_members(&mut look);
        let open = look.ask_over::<_, OpenRow>(OPEN, std::slice::from_ref(row));
        let asked = ask_states_of_members(&mut look, program);
        let (answers, program) = context.ask(program, look).await?;
        let (purchases, mut states) = bought.read(&answers, program.now)?;
        let dated = purchases.purchase(&purchase).map(|bought| bought.row.purchased_at);
        let dated: Vec<_> = dated.into_iter().map(Some).collect();
        look_about(context, &program, &dated, &mut states).await?;
        let found = Self {
            open: answers.rows(open)?.pop(),
            purchases,
            appraisers: Appraisers::of(&program, asked, &answers)?,
            members: answers.rows(members)?.into_iter().map(Member::from).collect(),
        };
        Ok((found, states, program))
    }

    pub(super) fn member(&self, id: MemberId) -> Option<&Member> {
        self.members.iter().find(|member| member.id == id)
    }
}

/// Why a purchase cannot be appraised again, if it cannot.
pub(super) fn too_late(bought: &Bought, is_erased: bool) -> Option<Outcome> {
    if is_erased {
        return Some(Outcome::Erased);
    }
    if !bought.is_as_recorded() {
        return Some(Outcome::Changed);
    }
    (!bought.stands()).then_some(Outcome::Nothing)
}
