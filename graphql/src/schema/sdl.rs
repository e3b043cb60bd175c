//! The schemas as text, which the repository contains and the server serves.

use async_graphql::{EmptySubscription, ObjectType, SDLExportOptions, SchemaBuilder};

/// The storefront schema in the schema definition language, sorted, with descriptions.
pub fn storefront_sdl() -> String {
    export(super::storefront::builder())
}

/// The admin schema in the schema definition language, sorted, with descriptions.
pub fn admin_sdl() -> String {
    export(super::admin::builder())
}

fn export<Q, M>(schema: SchemaBuilder<Q, M, EmptySubscription>) -> String
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
{
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by()
        .prefer_single_line_descriptions()
        .use_space_ident();
    let text = schema.finish().sdl_with_options(options);
    let lines: Vec<_> = text.trim().lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_schema;
    use async_graphql::parser::types::{
        InputValueDefinition, TypeDefinition, TypeKind, TypeSystemDefinition,
    };

    #[test]
    fn the_schemas_in_the_repository_are_the_ones_that_are_served() {
        for (name, kept, served) in [
            ("storefront", include_str!("../../storefront.graphql"), storefront_sdl()),
            ("admin", include_str!("../../admin.graphql"), admin_sdl()),
        ] {
            assert!(
                kept == served,
                "graphql/{name}.graphql is not up to date: run `make schema` and read the diff"
            );
        }
    }

    #[test]
    fn everything_is_described() {
        for sdl in [storefront_sdl(), admin_sdl()] {
            let document = parse_schema(&sdl).unwrap();
            for definition in &document.definitions {
                if let TypeSystemDefinition::Type(of) = definition {
                    let undescribed = undescribed(&of.node);
                    assert!(undescribed.is_empty(), "{}: {undescribed:?}", of.node.name.node);
                }
            }
        }
    }

    /// The names in a type that have no description. Connections are the library's.
    fn undescribed(of: &TypeDefinition) -> Vec<String> {
        let mut names = vec![(of.name.node.to_string(), of.description.is_some())];
        match &of.kind {
            TypeKind::Object(object) => {
                for field in object.fields.iter().map(|field| &field.node) {
                    names.push((field.name.node.to_string(), field.description.is_some()));
                    let inputs = field.arguments.iter().map(|argument| &argument.node);
                    let inputs = inputs.filter(|input| input.name.node != "input");
                    names.extend(inputs.map(described));
                }
            }
            TypeKind::InputObject(object) => {
                names.extend(object.fields.iter().map(|field| described(&field.node)));
            }
            TypeKind::Enum(values) => names.extend(values.values.iter().map(|value| {
                (value.node.value.node.to_string(), value.node.description.is_some())
            })),
            _ => {}
        }
        let undescribed = names.into_iter().filter(|(_, is_described)| !is_described);
        undescribed.map(|(name, _)| name).filter(|name| !name.ends_with("Connection")).collect()
    }

    fn described(input: &InputValueDefinition) -> (String, bool) {
        (input.name.node.to_string(), input.description.is_some())
    }
}
