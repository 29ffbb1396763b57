//! Compares two JSON answers: numbers within a relative 1e-9, everything else to the letter.

use serde_json::Value;

/// Where the answers differ, one line each: path, expected, actual.
pub fn differences(expected: &Value, actual: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk("", expected, actual, &mut found);
    found
}

fn walk(path: &str, expected: &Value, actual: &Value, found: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(a), Value::Object(b)) if a.keys().all(|key| b.contains_key(key)) && a.len() == b.len() => {
            for (key, value) in a {
                walk(&format!("{path}.{key}"), value, &b[key], found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (place, (value, other)) in a.iter().zip(b).enumerate() {
                walk(&format!("{path}[{place}]"), value, other, found);
            }
        }
        (Value::Number(a), Value::Number(b)) if close(a.as_f64(), b.as_f64()) => {}
        _ if expected == actual => {}
        _ => found.push(format!("{path}: expected {expected}, got {actual}")),
    }
}

fn close(a: Option<f64>, b: Option<f64>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return false };
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_may_differ_by_rounding_and_nothing_else_may() {
        let expected = json!({"a": [1.0, null, "x"], "b": 3});
        assert!(differences(&expected, &json!({"b": 3.0000000001, "a": [1, null, "x"]})).is_empty());
        let lines = differences(&expected, &json!({"a": [1.1, 0, "y"], "b": 3}));
        assert_eq!(
            lines,
            [".a[0]: expected 1.0, got 1.1", ".a[1]: expected null, got 0", ".a[2]: expected \"x\", got \"y\""]
        );
        assert_eq!(differences(&expected, &json!({"a": []})).len(), 1);
    }
}
