//! The enum of error codes in both schemas.

use async_graphql::parser::types::Field;
use async_graphql::registry::{MetaEnumValue, MetaType, MetaTypeId, Registry};
use async_graphql::{ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value};
use perennial_core::{Code, Kind};
use std::borrow::Cow;

/// A code of the core's table that a mutation, or one item of it, can fail with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ErrorCode(pub(super) Code);

impl OutputType for ErrorCode {
    fn type_name() -> Cow<'static, str> {
        "ErrorCode".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let value = |code: &Code| {
            let value = MetaEnumValue {
                name: code.as_str().to_owned(),
                description: Some(code.help().to_owned()),
                deprecation: async_graphql::registry::Deprecation::NoDeprecated,
                visible: None,
                inaccessible: false,
                tags: Vec::new(),
                directive_invocations: Vec::new(),
            };
            (value.name.clone(), value)
        };
        registry.create_output_type::<Self, _>(MetaTypeId::Enum, |_| MetaType::Enum {
            name: "ErrorCode".to_owned(),
            description: Some(
                "Why a request or one item of it failed, and what to do about it.".to_owned(),
            ),
            enum_values: Code::ALL
                .iter()
                .filter(|code| !matches!(code.kind(), Kind::Unauthenticated | Kind::Forbidden))
                .map(value)
                .collect(),
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            rust_typename: Some(std::any::type_name::<Self>()),
            directive_invocations: Vec::new(),
            requires_scopes: Vec::new(),
        })
    }

    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        Ok(Value::Enum(Name::new(self.0.as_str())))
    }
}
