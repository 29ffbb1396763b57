//! Limits on a query before the library works on it: tokens, nesting, aliases, fragment expansion, variables. Pure.
//!
//! Depth and cost are the schema's own limits. What is here protects the parser and the validator themselves: some of
//! their passes walk every fragment at every spread, which grows exponentially.

use std::collections::HashMap;

use async_graphql::{
    Name, Variables,
    parser::{
        parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet},
    },
};

use super::error::{Code, Refusal};

/// Most selections of an operation with all its fragments written out.
const MAX_SELECTIONS: usize = 20_000;
/// Deepest nesting of brackets; the parser recurses into each.
const MAX_BRACKETS: usize = 100;

/// The limits that the settings set.
#[derive(Debug, Clone)]
pub struct Limits {
    pub tokens: usize,
    pub aliases: usize,
}

/// A parsed query, with what the door must know of it.
pub struct Checked {
    pub document: ExecutableDocument,
    pub operation: OperationType,
}

impl Limits {
    /// Parses the query and picks its operation, or says what is wrong.
    pub fn check(&self, query: &str, operation_name: Option<&str>, variables: &Variables) -> Result<Checked, Refusal> {
        self.check_text(query)?;
        let document = parse_query(query).map_err(|error| Refusal::graphql(Code::BadUserInput, error.to_string()))?;
        check_expansion(&document, self.aliases)?;
        let operation = pick(&document, operation_name)?;
        check_variables(operation, variables)?;
        let operation = operation.ty;
        Ok(Checked { document, operation })
    }

    fn check_text(&self, query: &str) -> Result<(), Refusal> {
        let (tokens, brackets) = measure(query);
        if tokens > self.tokens {
            return Err(limit(format!("The query has more than {} tokens.", self.tokens)));
        }
        if brackets > MAX_BRACKETS {
            return Err(limit(format!("The query nests brackets deeper than {MAX_BRACKETS}.")));
        }
        Ok(())
    }
}

fn limit(message: String) -> Refusal {
    Refusal::graphql(Code::CostLimit, message)
}

/// Number of tokens and deepest nesting of brackets, without parsing.
fn measure(query: &str) -> (usize, usize) {
    let bytes = query.as_bytes();
    let (mut at, mut tokens, mut depth, mut deepest) = (0usize, 0usize, 0usize, 0usize);
    while let Some(&byte) = bytes.get(at) {
        let rest = &bytes[at..];
        at += match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {
                at += 1;
                continue;
            }
            b'#' => {
                at += rest.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(rest.len());
                continue;
            }
            b'"' if rest.starts_with(b"\"\"\"") => block_string(rest),
            b'"' => string(rest),
            b'{' | b'[' | b'(' => {
                depth += 1;
                deepest = deepest.max(depth);
                1
            }
            b'}' | b']' | b')' => {
                depth = depth.saturating_sub(1);
                1
            }
            _ if is_word(byte) => rest.iter().position(|b| !is_word(*b)).unwrap_or(rest.len()),
            _ => 1,
        };
        tokens += 1;
    }
    (tokens, deepest)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn string(rest: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = rest.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            b'\n' => return at,
            _ => at += 1,
        }
    }
    rest.len()
}

fn block_string(rest: &[u8]) -> usize {
    let mut at = 3;
    while at < rest.len() {
        if rest[at..].starts_with(b"\\\"\"\"") {
            at += 4;
        } else if rest[at..].starts_with(b"\"\"\"") {
            return at + 3;
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// How large a selection is when its fragments are written out.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    selections: usize,
    aliases: usize,
}

fn check_expansion(document: &ExecutableDocument, max_aliases: usize) -> Result<(), Refusal> {
    let mut known = HashMap::new();
    for (_, operation) in document.operations.iter() {
        let size = expand(document, &operation.node.selection_set.node, &mut known)?;
        if size.selections > MAX_SELECTIONS {
            return Err(limit(format!("The query selects more than {MAX_SELECTIONS} fields, fragments written out.")));
        }
        if size.aliases > max_aliases {
            return Err(limit(format!("The query has more than {max_aliases} aliases, fragments written out.")));
        }
    }
    for fragment in document.fragments.keys() {
        expand_fragment(document, fragment, &mut known)?;
    }
    Ok(())
}

/// `known` holds each fragment's size once; `None` while it is being measured, which shows a cycle.
fn expand<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    known: &mut HashMap<&'a Name, Option<Size>>,
) -> Result<Size, Refusal> {
    let mut total = Size::default();
    for selection in &set.items {
        let (inner, alias) = match &selection.node {
            Selection::Field(field) => {
                (expand(document, &field.node.selection_set.node, known)?, usize::from(field.node.alias.is_some()))
            }
            Selection::InlineFragment(fragment) => (expand(document, &fragment.node.selection_set.node, known)?, 0),
            Selection::FragmentSpread(spread) => {
                (expand_fragment(document, &spread.node.fragment_name.node, known)?, 0)
            }
        };
        total.selections = total.selections.saturating_add(inner.selections).saturating_add(1);
        total.aliases = total.aliases.saturating_add(inner.aliases).saturating_add(alias);
    }
    Ok(total)
}

fn expand_fragment<'a>(
    document: &'a ExecutableDocument,
    name: &'a Name,
    known: &mut HashMap<&'a Name, Option<Size>>,
) -> Result<Size, Refusal> {
    match known.get(name) {
        Some(Some(size)) => return Ok(*size),
        Some(None) => {
            return Err(Refusal::graphql(Code::BadUserInput, format!("Fragment \"{name}\" contains itself.")));
        }
        None => {}
    }
    // An unknown fragment is the validator's to report.
    let Some(fragment) = document.fragments.get(name) else { return Ok(Size::default()) };
    known.insert(name, None);
    let size = expand(document, &fragment.node.selection_set.node, known)?;
    known.insert(name, Some(size));
    Ok(size)
}

fn pick<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Result<&'a OperationDefinition, Refusal> {
    let refuse = |message: String| Err(Refusal::graphql(Code::BadUserInput, message));
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Ok(&operation.node),
        (DocumentOperations::Multiple(operations), Some(name)) => match operations.get(name) {
            Some(operation) => Ok(&operation.node),
            None => refuse(format!("Unknown operation named \"{name}\".")),
        },
        (DocumentOperations::Single(_), Some(name)) => refuse(format!("Unknown operation named \"{name}\".")),
        (DocumentOperations::Multiple(operations), None) => match operations.len() {
            1 => Ok(&operations.values().next().expect("its length is 1").node),
            _ => refuse("The query has several operations: say which with 'operationName'.".into()),
        },
    }
}

/// The library coerces variables where they are used, hence too late for a request error, and unused ones never.
fn check_variables(operation: &OperationDefinition, variables: &Variables) -> Result<(), Refusal> {
    for definition in &operation.variable_definitions {
        let definition = &definition.node;
        let missing = match variables.get(&definition.name.node) {
            None => definition.default_value.is_none(),
            Some(value) => *value == async_graphql::Value::Null,
        };
        if missing && !definition.var_type.node.nullable {
            let message = format!(
                "Variable \"${}\" of type {} must not be null.",
                definition.name.node, definition.var_type.node
            );
            return Err(Refusal::graphql(Code::BadUserInput, message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str) -> Result<OperationType, (Code, String)> {
        Limits { tokens: 400, aliases: 5 }
            .check(query, None, &Variables::default())
            .map(|checked| checked.operation)
            .map_err(|refusal| (refusal.code, refusal.message))
    }

    fn code(query: &str) -> Code {
        check(query).expect_err(query).0
    }

    #[test]
    fn tokens_are_counted_as_graphql_does() {
        assert_eq!(measure("{ a(b: \"x { \\\" y\", c: 12) # comment { {\n }"), (11, 2));
        assert_eq!(measure("{ a(b: \"\"\"x \\\"\"\" } \"\"\") }"), (8, 2));
        assert_eq!(measure("{ ...F } "), (6, 1));
    }

    #[test]
    fn what_would_hurt_the_parser_is_refused() {
        assert_eq!(code(&format!("{{ {} }}", "a ".repeat(500))), Code::CostLimit);
        assert_eq!(code(&format!("{{ a(b: {}{}) }}", "[".repeat(120), "]".repeat(120))), Code::CostLimit);
        assert_eq!(code("{ a: x b: x c: x d: x e: x f: x }"), Code::CostLimit);
    }

    #[test]
    fn fragments_are_written_out_without_walking_them() {
        let bomb: String = (0..30).map(|n| format!("fragment F{n} on Q {{ ...F{} ...F{} }} ", n + 1, n + 1)).collect();
        let query = format!("{{ ...F0 }} {bomb} fragment F30 on Q {{ a }}");
        assert_eq!(code(&query), Code::CostLimit);
        assert_eq!(code("{ ...A } fragment A on Q { ...B } fragment B on Q { ...A }"), Code::BadUserInput);
        assert_eq!(code("{ x } fragment A on Q { a { ...A } }"), Code::BadUserInput);
    }

    #[test]
    fn the_operation_is_known_before_it_runs() {
        assert_eq!(check("mutation { a }"), Ok(OperationType::Mutation));
        assert_eq!(check("query Q { a }"), Ok(OperationType::Query));
        assert_eq!(code("query A { a } query B { a }"), Code::BadUserInput);
        assert_eq!(code("{"), Code::BadUserInput);
    }

    #[test]
    fn required_variables_must_be_there() {
        assert_eq!(code("query Q($id: ID!) { a }"), Code::BadUserInput);
        assert_eq!(check("query Q($id: ID! = 1) { a }"), Ok(OperationType::Query));
        assert_eq!(check("query Q($id: ID) { a }"), Ok(OperationType::Query));
    }
}
