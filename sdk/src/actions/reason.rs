//! Why there are points.

/// Why there are points, as the member reads it: a text as it is, at most 2 KiB, or a text of `locales`
/// in the member's language.
///
/// ```
/// use perennial_sdk::{Actions, Reason};
///
/// let mut actions = Actions::new();
/// actions.award_points(50, "Welcome");
/// actions.award_points(20, Reason::named("served-on-time").with("machine", "Press 7"));
/// ```
///
/// In `locales/en.ftl` that is a text without subject and body:
///
/// ```text
/// served-on-time = Serviced on time: { $machine }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The same for every reader.
    Text(String),
    /// In the member's language.
    Named {
        /// The name of the text in the files of `locales`.
        template: String,
        /// Values for its parameters.
        parameters: Vec<(String, String)>,
    },
}

impl Reason {
    /// A text of `locales`, by its name.
    pub fn named(template: impl Into<String>) -> Self {
        Self::Named { template: template.into(), parameters: Vec::new() }
    }

    /// Sets the value of a parameter of the text: at most 32, each at most 2 KiB. A reason that is a
    /// text already has none.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "text, numbers and dates read best as they are"
    )]
    pub fn with(mut self, parameter: impl Into<String>, value: impl ToString) -> Self {
        if let Self::Named { parameters, .. } = &mut self {
            parameters.push((parameter.into(), value.to_string()));
        }
        self
    }
}

impl From<String> for Reason {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Reason {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
