//! Puts the fields of a response into the order in which they were asked, as the specification wants it.
//!
//! The library resolves fields side by side and writes each down as it finishes, so that the same request would give
//! other bytes every time: no good for caches and for people who read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute, NextParseQuery};
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    ExecutableDocument, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Response, ServerResult, Value, Variables};

/// The extension, as a schema takes it.
pub struct InOrder;

impl ExtensionFactory for InOrder {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Ordering::default())
    }
}

#[derive(Default)]
struct Ordering {
    document: Mutex<Option<ExecutableDocument>>,
}

#[async_trait::async_trait]
impl Extension for Ordering {
    async fn parse_query(
        &self,
        ctx: &ExtensionContext<'_>,
        query: &str,
        variables: &Variables,
        next: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        let document = next.run(ctx, query, variables).await?;
        *self.document.lock().unwrap_or_else(PoisonError::into_inner) = Some(document.clone());
        Ok(document)
    }

    async fn execute(&self, ctx: &ExtensionContext<'_>, operation: Option<&str>, next: NextExecute<'_>) -> Response {
        let mut response = next.run(ctx, operation).await;
        let document = self.document.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((document, definition)) = document.as_ref().and_then(|d| Some((d, chosen(d, operation)?))) {
            in_order(&mut response.data, &[&definition.selection_set.node], &document.fragments);
        }
        response
    }
}

fn chosen<'d>(document: &'d ExecutableDocument, operation: Option<&str>) -> Option<&'d OperationDefinition> {
    let mut operations = document.operations.iter();
    match operation {
        None => operations.next().map(|(_, definition)| &definition.node),
        Some(wanted) => {
            operations.find(|(name, _)| name.is_some_and(|name| name.as_str() == wanted)).map(|(_, d)| &d.node)
        }
    }
}

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// Orders a value by the selections that it answers; several where a field was selected more than once.
fn in_order(value: &mut Value, selections: &[&SelectionSet], fragments: &Fragments) {
    match value {
        Value::List(items) => items.iter_mut().for_each(|item| in_order(item, selections, fragments)),
        Value::Object(object) => {
            let mut asked = IndexMap::<&Name, Vec<&SelectionSet>>::new();
            selections.iter().for_each(|selection| fields(selection, fragments, &mut asked));
            let mut ordered = IndexMap::with_capacity(object.len());
            for (name, below) in asked {
                if let Some(mut field) = object.swap_remove(name) {
                    in_order(&mut field, &below, fragments);
                    ordered.insert(name.clone(), field);
                }
            }
            ordered.append(object);
            *object = ordered;
        }
        _ => {}
    }
}

/// The response keys of a selection, in order, with what is selected below each.
fn fields<'d>(
    selection: &'d SelectionSet,
    fragments: &'d Fragments,
    asked: &mut IndexMap<&'d Name, Vec<&'d SelectionSet>>,
) {
    for item in &selection.items {
        match &item.node {
            Selection::Field(field) => {
                let key = &field.node.response_key().node;
                asked.entry(key).or_default().push(&field.node.selection_set.node);
            }
            Selection::InlineFragment(inline) => fields(&inline.node.selection_set.node, fragments, asked),
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = fragments.get(&spread.node.fragment_name.node) {
                    fields(&fragment.node.selection_set.node, fragments, asked);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::value;

    use super::*;

    #[test]
    fn fields_come_as_they_were_asked() {
        let query = "{ b a: x { d ...rest } list { one two } } fragment rest on T { c d }";
        let document = parse_query(query).expect("parses");
        let mut data = value!({ "list": [{ "two": 2, "one": 1 }], "a": { "c": 3, "d": 4 }, "b": 0 });
        let definition = chosen(&document, None).expect("one operation");
        in_order(&mut data, &[&definition.selection_set.node], &document.fragments);
        let text = data.to_string();
        assert_eq!(text, "{b: 0, a: {d: 4, c: 3}, list: [{one: 1, two: 2}]}");
    }
}
