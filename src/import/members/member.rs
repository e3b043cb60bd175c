//! The member that the rows of one external id make.

use super::layout::MemberLayout;
use super::row::{ContactRow, Row, TEXTS};
use crate::import::group::{Group, Whole};
use crate::import::row_error::RowError;
use perennial_core::members::{MemberKind, NewContact, NewMember};
use perennial_core::{Code, Error};

/// Rows of one member: an organization may have a row for each contact.
#[derive(Debug)]
pub(crate) struct Joining(Whole<Row>);

impl Joining {
    /// Joins the rows of one external id. Fails with an error for each of them: a member who is
    /// created without a contact cannot be created again with it.
    pub(crate) fn of(group: Group<Row>, layout: &MemberLayout) -> Result<Self, Vec<RowError>> {
        let joining = Self(group.whole("a member")?);
        match joining.disagreement(layout) {
            Some(error) => Err(joining.0.refused_for(&error)),
            None => Ok(joining),
        }
    }

    /// How many rows the member has, repeated ones among them.
    pub(crate) fn row_count(&self) -> u64 {
        self.0.places.len() as u64
    }

    /// How many rows say what an earlier one of the member says.
    pub(crate) fn repeated_count(&self) -> u64 {
        self.row_count() - self.0.rows.len() as u64
    }

    pub(crate) fn member(&self) -> NewMember {
        let external_id = self.0.rows.first().map(|row| row.external_id.clone());
        let kind = self.0.rows.iter().find_map(|row| row.kind);
        let [name, email, locale, country, referral_code] = self.texts();
        NewMember {
            external_id: external_id.unwrap_or_default(),
            kind: kind.unwrap_or(MemberKind::Person),
            name: name.unwrap_or_default(),
            email,
            locale,
            country,
            contacts: self.contacts().map(|(_, contact)| contact.into()).collect(),
            referral_code,
        }
    }

    /// What the platform refused, as an error for each row.
    pub(crate) fn refused(&self, error: &Error, layout: &MemberLayout) -> Vec<RowError> {
        let field = error.field().unwrap_or_default();
        let contact = field.strip_prefix("contacts.").and_then(|rest| rest.split_once('.'));
        let contact = contact
            .and_then(|(index, field)| Some((self.contacts().nth(index.parse().ok()?)?, field)));
        match contact {
            Some(((row, contact), field)) => self.0.refused_for(
                &RowError::new(row.place, error.code(), error.message())
                    .about(layout.contact_label(contact, field)),
            ),
            None => self.0.refused_all(error.code(), error.message(), layout.label(field)),
        }
    }

    /// What is said first of each; later rows may leave it out.
    fn texts(&self) -> [Option<String>; TEXTS.len()] {
        std::array::from_fn(|index| self.0.rows.iter().find_map(|row| row.texts[index].clone()))
    }

    fn contacts(&self) -> impl Iterator<Item = (&Row, &ContactRow)> {
        self.0.rows.iter().flat_map(|row| row.contacts.iter().map(move |one| (row, one)))
    }

    /// The first row that says something else of the member than those before it.
    fn disagreement(&self, layout: &MemberLayout) -> Option<RowError> {
        let texts = self.texts();
        let kind = self.0.rows.iter().find_map(|row| row.kind);
        let first = self.0.rows.first()?;
        self.0.rows.iter().find_map(|row| {
            if row.external_id != first.external_id {
                return Some(Whole::<Row>::changed(row.place));
            }
            let other = TEXTS.into_iter().zip(row.texts.iter().zip(&texts));
            let text = other.filter(|(_, (own, first))| own.is_some() && own != first);
            let field = text.map(|(field, _)| field).next();
            let field = field.or((row.kind.is_some() && row.kind != kind).then_some("kind"))?;
            let why = format!(
                "an earlier row of `{}` says something else here: correct one of them, or leave \
                 it out",
                row.external_id
            );
            let error = RowError::new(row.place, Code::ExternalIdTaken, why);
            Some(error.about(layout.label(field)))
        })
    }
}

impl From<&ContactRow> for NewContact {
    fn from(row: &ContactRow) -> Self {
        Self {
            name: row.name.clone().unwrap_or_default(),
            email: row.email.clone(),
            role: row.role.clone().unwrap_or_default(),
            locale: row.locale.clone(),
        }
    }
}
