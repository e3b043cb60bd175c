//! What the operator says in the program file: which mail at which stage, to whom, in which words.

use perennial_sdk::{Contact, Member, MemberKind};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The plugin's table in the program file; the manifest's schema describes it.
#[derive(Debug, Deserialize)]
pub(crate) struct Config {
    /// By key.
    pub(crate) mails: BTreeMap<String, Mail>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Mail {
    pub(crate) stage: Stage,
    /// Of the stage `purchases`: which one.
    #[serde(default = "one")]
    pub(crate) number: i64,
    /// Of the stage `tier`: its id.
    #[serde(default)]
    pub(crate) tier: String,
    /// Of the stage `silent`: since the last purchase.
    #[serde(default)]
    pub(crate) days: i32,
    #[serde(default)]
    pub(crate) delay_days: i32,
    #[serde(default)]
    members: Members,
    /// Empty for the member itself.
    #[serde(default)]
    roles: Vec<String>,
    repeat: Option<Repeat>,
    template: Option<String>,
    #[serde(default)]
    texts: BTreeMap<String, Text>,
}

/// Where a membership stands when the mail is due.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Stage {
    Joined,
    Purchases,
    Tier,
    Anniversary,
    Silent,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Members {
    #[default]
    All,
    Persons,
    Organizations,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Repeat {
    Never,
    Yearly,
}

/// In the words of the operator.
#[derive(Debug, Deserialize)]
pub(crate) struct Text {
    pub(crate) subject: String,
    pub(crate) body: String,
}

impl Mail {
    pub(crate) const fn is_for(&self, member: &Member) -> bool {
        match self.members {
            Members::All => true,
            Members::Persons => matches!(member.kind, MemberKind::Person),
            Members::Organizations => matches!(member.kind, MemberKind::Organization),
        }
    }

    pub(crate) fn repeats(&self) -> bool {
        let by_stage = match self.stage {
            Stage::Anniversary | Stage::Silent => Repeat::Yearly,
            Stage::Joined | Stage::Purchases | Stage::Tier => Repeat::Never,
        };
        self.repeat.unwrap_or(by_stage) == Repeat::Yearly
    }

    /// Whom it is sent to; none in the list is the member itself.
    pub(crate) fn recipients<'a>(&self, member: &'a Member) -> Vec<Option<&'a Contact>> {
        if self.roles.is_empty() {
            return vec![None];
        }
        let fits = |contact: &&Contact| self.roles.contains(&contact.role);
        member.contacts.iter().filter(fits).map(Some).collect()
    }

    pub(crate) fn template(&self) -> &str {
        let by_stage = match self.stage {
            Stage::Joined => "welcome",
            Stage::Purchases => "purchase-reached",
            Stage::Tier => "tier-reached",
            Stage::Anniversary => "anniversary",
            Stage::Silent => "silent",
        };
        self.template.as_deref().unwrap_or(by_stage)
    }

    /// The operator's own words for a reader: in the locale, its language, English, or any.
    pub(crate) fn text(&self, locale: &str) -> Option<&Text> {
        let language = locale.split('-').next().unwrap_or(locale);
        let wanted = [locale, language, "en"];
        let found = wanted.iter().find_map(|locale| self.texts.get(*locale));
        found.or_else(|| self.texts.values().next())
    }
}

const fn one() -> i64 {
    1
}
