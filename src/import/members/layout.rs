//! How a [`Row`] is made of the values of a row.

use super::mapping::{Columns, ContactKeys, MemberMapping};
use super::row::{ContactRow, Row, TEXTS};
use crate::import::cells::{Cells, objects};
use crate::import::layout::Layout;
use crate::import::lines::Place;
use crate::import::row_error::{Outcome, RowError};
use crate::import::shape::Shape;
use crate::import::source::Source;
use perennial_core::members::MemberKind;
use perennial_core::{Code, Result};

/// The mapping of a members file applied to it.
#[derive(Debug)]
pub(crate) struct MemberLayout {
    external_id: Source,
    kind: Source,
    /// In the order of [`TEXTS`].
    texts: [Source; TEXTS.len()],
    /// A contact that is a row.
    contact: ContactSources,
    /// A contact that a row carries.
    carried: ContactSources,
    contacts_key: String,
}

#[derive(Debug)]
struct ContactSources {
    name: Source,
    email: Source,
    role: Source,
    locale: Source,
}

impl MemberLayout {
    /// Fails with `INVALID_INPUT`, naming the column that is missing.
    pub(crate) fn new(
        mapping: &MemberMapping,
        shape: Shape,
        header: Option<&[String]>,
    ) -> Result<Self> {
        let columns: Columns = mapping.columns.clone();
        let find = |column, label| Source::find(column, label, shape.format, header);
        Ok(Self {
            external_id: find(columns.external_id, "external_id")?.required()?,
            kind: find(columns.kind, "kind")?,
            texts: [
                find(columns.name, "name")?.required()?,
                find(columns.email, "email")?,
                find(columns.locale, "locale")?,
                find(columns.country, "country")?,
                find(columns.referral_code, "referral_code")?,
            ],
            contact: ContactSources {
                name: find(columns.contact_name, "contact_name")?,
                email: find(columns.contact_email, "contact_email")?,
                role: find(columns.contact_role, "contact_role")?,
                locale: find(columns.contact_locale, "contact_locale")?,
            },
            carried: ContactSources::keys(&mapping.contacts),
            contacts_key: mapping.contacts.key.clone(),
        })
    }

    /// What the file calls a field of a member.
    pub(super) fn label(&self, field: &str) -> &str {
        let text = TEXTS.iter().zip(&self.texts).find(|(name, _)| **name == field);
        match (field, text) {
            (_, Some((_, source))) => source.label(),
            ("externalId", _) => self.external_id.label(),
            ("kind", _) => self.kind.label(),
            _ => "",
        }
    }

    /// What the file calls a field of a contact.
    pub(super) fn contact_label(&self, contact: &ContactRow, field: &str) -> String {
        match &contact.path {
            Some(path) => format!("{path}.{}", self.carried.label(field)),
            None => self.contact.label(field).to_owned(),
        }
    }

    fn kind(&self, place: Place, cells: &Cells<'_>) -> Outcome<Option<MemberKind>> {
        let Some(value) = self.kind.value(place, cells)? else { return Ok(None) };
        match value.text.to_lowercase().as_str() {
            "person" => Ok(Some(MemberKind::Person)),
            "organization" => Ok(Some(MemberKind::Organization)),
            "household" => Ok(Some(MemberKind::Household)),
            _ => Err(self.kind.refused(place, "is not `person`, `organization` or `household`")),
        }
    }

    fn contacts(&self, place: Place, cells: &Cells<'_>) -> Outcome<Vec<ContactRow>> {
        let carried = objects(cells, &self.contacts_key).map_err(|reason| {
            RowError::new(place, Code::InvalidInput, reason).about(self.contacts_key.as_str())
        })?;
        if carried.is_empty() {
            let contact = self.contact.read(place, cells, None)?;
            return Ok(contact.into_iter().collect());
        }
        let mut contacts = Vec::new();
        for (index, contact) in carried.iter().enumerate() {
            let path = format!("{}.{index}", self.contacts_key);
            let contact = self.carried.read(place, contact, Some(&path));
            contacts.extend(contact.map_err(|error| error.within(&path))?);
        }
        Ok(contacts)
    }
}

impl ContactSources {
    fn keys(keys: &ContactKeys) -> Self {
        let key = |label: &String| Source::Key { label: label.clone() };
        Self {
            name: key(&keys.name),
            email: key(&keys.email),
            role: key(&keys.role),
            locale: key(&keys.locale),
        }
    }

    fn all(&self) -> [&Source; 4] {
        [&self.name, &self.email, &self.role, &self.locale]
    }

    fn label(&self, field: &str) -> &str {
        match field {
            "email" => self.email.label(),
            "role" => self.role.label(),
            "locale" => self.locale.label(),
            _ => self.name.label(),
        }
    }

    /// `None` where nothing is said of a contact.
    fn read(
        &self,
        place: Place,
        cells: &Cells<'_>,
        path: Option<&str>,
    ) -> Outcome<Option<ContactRow>> {
        let text = |source: &Source| source.text(place, cells);
        let contact = ContactRow {
            path: path.map(str::to_owned),
            name: text(&self.name)?,
            email: text(&self.email)?,
            role: text(&self.role)?,
            locale: text(&self.locale)?,
        };
        let ContactRow { name, email, role, locale, .. } = &contact;
        let is_said = [name, email, role, locale].into_iter().any(Option::is_some);
        Ok(is_said.then_some(contact))
    }
}

impl Layout for MemberLayout {
    type Row = Row;

    fn fields_min(&self) -> usize {
        let member = [&self.external_id, &self.kind].into_iter().chain(&self.texts);
        member.chain(self.contact.all()).map(Source::fields_min).max().unwrap_or(0)
    }

    fn key(&self, place: Place, cells: &Cells<'_>) -> Option<String> {
        self.external_id.text(place, cells).ok()?
    }

    fn row(&self, place: Place, cells: &Cells<'_>, _occurrence: u32) -> Outcome<Row> {
        let mut texts = [const { None }; TEXTS.len()];
        for (text, source) in texts.iter_mut().zip(&self.texts) {
            *text = source.text(place, cells)?;
        }
        Ok(Row {
            place,
            external_id: self.external_id.required_value(place, cells)?.text.into_owned(),
            kind: self.kind(place, cells)?,
            texts,
            contacts: self.contacts(place, cells)?,
        })
    }
}
