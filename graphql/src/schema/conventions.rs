//! What every field and type of both schemas keeps to, so that a new one does too.

use super::{admin_sdl, storefront_sdl};
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, ObjectType, TypeKind, TypeSystemDefinition,
};

/// The object types of a schema, by name.
fn objects(sdl: &str) -> Vec<(String, ObjectType)> {
    let definitions = parse_schema(sdl).unwrap().definitions;
    let object = |definition| match definition {
        TypeSystemDefinition::Type(of) => match of.node.kind {
            TypeKind::Object(object) => Some((of.node.name.node.to_string(), object)),
            _ => None,
        },
        _ => None,
    };
    definitions.into_iter().filter_map(object).collect()
}

fn fields<'o>(
    objects: &'o [(String, ObjectType)],
) -> impl Iterator<Item = (&'o str, &'o FieldDefinition)> {
    objects.iter().flat_map(|(name, object)| {
        object.fields.iter().map(move |field| (name.as_str(), &field.node))
    })
}

fn is_connection(field: &FieldDefinition) -> bool {
    match &field.ty.node.base {
        BaseType::Named(name) => name.ends_with("Connection"),
        BaseType::List(_) => false,
    }
}

/// A field that fails is null; if it must not be null, it takes what is around it along.
#[test]
fn what_can_fail_on_its_own_can_be_null() {
    for sdl in [storefront_sdl(), admin_sdl()] {
        let objects = objects(&sdl);
        let wrong: Vec<_> = fields(&objects)
            .filter(|(of, field)| matches!(*of, "Query" | "Mutation") || is_connection(field))
            .filter(|(_, field)| !field.ty.node.nullable)
            .map(|(of, field)| format!("{of}.{}", field.name.node))
            .collect();
        assert!(wrong.is_empty(), "these must be nullable: {wrong:?}");
    }
}

/// A client's cache keeps one object for one id, so that what has an id is a node, and nothing else
/// has a field of that name.
#[test]
fn what_has_an_id_is_a_node() {
    for sdl in [storefront_sdl(), admin_sdl()] {
        for (name, object) in objects(&sdl) {
            let has_id = object.fields.iter().any(|field| field.node.name.node == "id");
            let is_node = object.implements.iter().any(|of| of.node.as_str() == "Node");
            assert_eq!(has_id, is_node, "{name}");
        }
    }
}

#[test]
fn ids_and_keys_have_their_types() {
    for sdl in [storefront_sdl(), admin_sdl()] {
        let objects = objects(&sdl);
        for (of, field) in fields(&objects) {
            let (name, ty) = (field.name.node.as_str(), field.ty.node.to_string());
            if name == "id" {
                assert_eq!(ty, "ID!", "{of}");
            }
            if name == "key" || name.ends_with("Key") {
                assert!(ty.starts_with("String"), "{of}.{name} is {ty}");
            }
        }
    }
}
