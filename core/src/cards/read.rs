//! Reading cards: by operators, by tills that find a member by a card, and by whoever has a gift card.

use super::Cards;
use super::code::CardCode;
use super::look::ask_cards;
use super::model::{Card, CardKind, CardRef, CardStatus};
use crate::db::select::Select;
use crate::db::{id, limit};
use crate::members::{Member, Members, Profile, Wants};
use crate::page::{Page, PageRequest};
use crate::{Actor, CardId, Code, Error, MemberId, Points, Result, Scope, Subject, Timestamp};
use sea_orm::FromQueryResult;

/// What whoever has a gift card sees of it.
#[derive(Clone, Debug)]
pub struct BearerCard {
    pub status: CardStatus,
    /// What is on it; none of one that is not active.
    pub profile: Option<Profile>,
}

/// A card as it is read by itself.
#[derive(FromQueryResult)]
struct StoredRow {
    id: CardId,
    account_id: MemberId,
    kind: String,
    last_four: String,
    status: String,
    replaced_by: Option<CardId>,
    issued_at: Timestamp,
    ended_at: Option<Timestamp>,
    ended_points: Option<Points>,
    reason: Option<String>,
}

const SELECT: &str = "
    SELECT c.id, c.account_id, c.kind, c.last_four, c.status, c.replaced_by, c.issued_at, c.ended_at,
        c.ended_points, c.reason
    FROM cards AS c
    WHERE c.program_id = $1";

impl Cards<'_> {
    /// A card, whatever its status; none when it does not exist or the actor may not see it.
    pub async fn find(self, actor: &Actor, card: CardId) -> Result<Option<Card>> {
        if actor.require_any(&[Scope::Read, Scope::CardsWrite]).is_err() {
            return Ok(None);
        }
        self.named(actor, &CardRef::Id(card)).await
    }

    /// The same by id or code. Fails with `FORBIDDEN` when the actor may not see any.
    pub async fn by_ref(self, actor: &Actor, card: &CardRef) -> Result<Option<Card>> {
        actor.require_any(&[Scope::Read, Scope::CardsWrite])?;
        self.named(actor, card).await
    }

    /// The member whose loyalty card it is; none when there is none. Fails with `CARD_BLOCKED` or
    /// `CARD_REPLACED`.
    pub async fn member(self, actor: &Actor, code: &CardCode) -> Result<Option<Member>> {
        actor.require(Scope::MembersRead)?;
        let found = self.named(actor, &CardRef::Code(code.clone())).await?;
        let Some(card) = found.filter(|card| !card.is_gift()) else { return Ok(None) };
        card.check_active().map_err(|error| error.at("code"))?;
        Members { context: self.context }.get(actor, card.account_id).await.map(Some)
    }

    /// The gift card with a code, for the member who has it; none when there is none, of a loyalty
    /// card, and of a code that is short enough to be guessed. Fails with `FORBIDDEN` for anybody
    /// but a member.
    pub async fn bearers(self, actor: &Actor, code: &CardCode) -> Result<Option<BearerCard>> {
        if !matches!(actor.subject(), Subject::Member(_)) {
            return Err(Error::new(Code::Forbidden, "this needs the token of a member"));
        }
        if !code.is_long() {
            return Ok(None);
        }
        let found = self.named(actor, &CardRef::Code(code.clone())).await?;
        let Some(card) = found.filter(Card::is_gift) else { return Ok(None) };
        let status = card.status;
        if status != CardStatus::Active {
            return Ok(Some(BearerCard { status, profile: None }));
        }
        // Whoever has the code has the card.
        let system = Actor::system(actor.program());
        let members = Members { context: self.context };
        let profile = members.profile(&system, card.account_id, Wants { expiring: true }).await?;
        Ok(Some(BearerCard { status, profile: Some(profile) }))
    }

    /// The cards of a member, the last issued first.
    pub async fn of_member(
        self,
        actor: &Actor,
        member: MemberId,
        page: PageRequest<CardId>,
    ) -> Result<Page<Card>> {
        actor.require_any(&[Scope::Read, Scope::MembersRead, Scope::CardsWrite])?;
        let db = &self.context.db;
        let statement = Select::new(SELECT, [id(actor.program()), limit(page.first + 1)])
            .and("c.account_id = {}", Some(id(member)))
            .and("c.id < {}", page.after.map(id))
            .ending(db.read(), " ORDER BY c.id DESC LIMIT $2");
        let found = StoredRow::find_by_statement(statement).all(db.read()).await?;
        Page::of(found, page.first).try_map(StoredRow::card)
    }

    async fn named(self, actor: &Actor, card: &CardRef) -> Result<Option<Card>> {
        let mut look = self.context.look(actor.program());
        let cards = ask_cards(&mut look, actor.program(), [card]);
        let found = cards.read(&self.context.show(look).await?)?;
        match found.get(card) {
            Ok(card) => Ok(Some(card.clone())),
            Err(error) if error.code() == Code::CardNotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl StoredRow {
    fn card(self) -> Result<Card> {
        Ok(Card {
            id: self.id,
            account_id: self.account_id,
            kind: CardKind::parse(&self.kind)?,
            last_four: self.last_four,
            status: CardStatus::parse(&self.status)?,
            replaced_by: self.replaced_by,
            issued_at: self.issued_at,
            ended_at: self.ended_at,
            ended_points: self.ended_points,
            reason: self.reason,
        })
    }
}
