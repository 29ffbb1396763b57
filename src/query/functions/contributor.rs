//! `contributor(source, login)`: the number of the person that an account belongs to, so that people can be counted
//! whatever their accounts. Metrics write it as `$contributor`.
//!
//! In a plan about people it is the person's place in the attribution. Elsewhere, and for accounts that belong to nobody,
//! every account is a person of its own: a negative number made of its source and login. Numbers lie within ± 2^44, so
//! that a metric can pack another number (a day) beside them.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, AsArray, Int64Array};
use arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use sha2::{Digest, Sha256};

use crate::model::Attribution;

/// The number of the person that an account belongs to; null where there is no account.
pub fn contributor(attribution: Option<&Arc<Attribution>>, account: [Expr; 2]) -> Expr {
    ScalarUDF::from(Contributor::new(attribution.cloned())).call(account.to_vec())
}

/// The function.
#[derive(Debug)]
pub struct Contributor {
    signature: Signature,
    attribution: Option<Arc<Attribution>>,
}

impl Contributor {
    pub fn new(attribution: Option<Arc<Attribution>>) -> Contributor {
        let signature = Signature::exact(vec![DataType::Utf8, DataType::Utf8], Volatility::Immutable);
        Contributor { signature, attribution }
    }

    fn number(&self, source: &str, login: &str) -> i64 {
        let person = self.attribution.as_ref().and_then(|attribution| attribution.person_of(source, login));
        person.map_or_else(|| alone(source, login), i64::from)
    }

    fn place(&self) -> usize {
        self.attribution.as_ref().map_or(0, |attribution| Arc::as_ptr(attribution) as usize)
    }
}

/// The number of an account that belongs to nobody: the same on every machine.
fn alone(source: &str, login: &str) -> i64 {
    let mut hash = Sha256::new();
    hash.update((source.len() as u64).to_le_bytes());
    hash.update(source);
    hash.update(login);
    let digest = hash.finalize();
    let number = digest.iter().take(6).fold(0_i64, |number, byte| number << 8 | i64::from(*byte));
    -1 - (number & ((1 << 44) - 1))
}

impl PartialEq for Contributor {
    fn eq(&self, other: &Self) -> bool {
        self.place() == other.place()
    }
}

impl Eq for Contributor {}

impl Hash for Contributor {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.place().hash(state);
    }
}

impl ScalarUDFImpl for Contributor {
    fn name(&self) -> &str {
        "contributor"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = args.args.iter().map(|arg| arg.to_array(args.number_rows)).collect::<Result<Vec<_>>>()?;
        let (sources, logins) = (arrays[0].as_string::<i32>(), arrays[1].as_string::<i32>());
        let numbers: Int64Array = (0..args.number_rows)
            .map(|row| {
                let known = sources.is_valid(row) && logins.is_valid(row);
                known.then(|| self.number(sources.value(row), logins.value(row)))
            })
            .collect();
        Ok(ColumnarValue::Array(Arc::new(numbers)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::attribution::{ALWAYS, Person};

    #[test]
    fn accounts_of_one_person_have_one_number_and_others_one_each() {
        let accounts = vec![("forge".to_owned(), "ann".to_owned()), ("tracker".to_owned(), "ann.a".to_owned())];
        let people = vec![
            Person { key: "x".into(), present: ALWAYS, ..Person::default() },
            Person { key: "ann".into(), present: ALWAYS, accounts, ..Person::default() },
        ];
        let known = Contributor::new(Some(Arc::new(Attribution::new("1".into(), vec![], vec![], people))));
        assert_eq!((known.number("forge", "ann"), known.number("tracker", "ann.a")), (1, 1));
        let stranger = known.number("forge", "bob");
        assert!(stranger < 0 && stranger > -(1 << 45), "{stranger}");
        assert_eq!(stranger, Contributor::new(None).number("forge", "bob"));
        assert_ne!(stranger, known.number("forgeb", "ob"));
    }
}
