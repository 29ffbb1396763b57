//! Questions of plans about the person that an account belongs to: `is_person(source, login)`, whether it is one of those
//! asked for; `is_bot(source, login, said)`, whether it is a bot. Made anew for every plan, since they hold the attribution.

use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray};
use arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::model::Attribution;

/// Whether an account belongs to one of these contributors (by id). False where it belongs to nobody.
pub fn is_person<'k>(
    attribution: &Arc<Attribution>,
    keys: impl IntoIterator<Item = &'k str>,
    account: [Expr; 2],
) -> Expr {
    let asked: HashSet<u32> = keys.into_iter().filter_map(|key| attribution.person(key)).collect();
    call(attribution, Asked::One(asked), account.to_vec())
}

/// Whether an account is a bot: as people say, and as the tool says of an account that belongs to nobody.
pub fn is_bot(attribution: &Arc<Attribution>, account: [Expr; 2], said: Expr) -> Expr {
    let [source, login] = account;
    call(attribution, Asked::Bot, vec![source, login, said])
}

fn call(attribution: &Arc<Attribution>, asked: Asked, arguments: Vec<Expr>) -> Expr {
    let signature = Signature::variadic_any(Volatility::Immutable);
    ScalarUDF::from(Person { signature, attribution: Arc::clone(attribution), asked }).call(arguments)
}

#[derive(Debug)]
struct Person {
    signature: Signature,
    attribution: Arc<Attribution>,
    asked: Asked,
}

#[derive(Debug, PartialEq, Eq)]
enum Asked {
    One(HashSet<u32>),
    Bot,
}

impl PartialEq for Person {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.attribution, &other.attribution) && self.asked == other.asked
    }
}

impl Eq for Person {}

impl Hash for Person {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.attribution).hash(state);
        self.name().hash(state);
    }
}

impl ScalarUDFImpl for Person {
    fn name(&self) -> &str {
        match self.asked {
            Asked::One(_) => "is_person",
            Asked::Bot => "is_bot",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = args.args.iter().map(|arg| arg.to_array(args.number_rows)).collect::<Result<Vec<_>>>()?;
        let (sources, logins) = (arrays[0].as_string::<i32>(), arrays[1].as_string::<i32>());
        let said = arrays.get(2).map(|said| said.as_boolean());
        let account = |row: usize| {
            let known = sources.is_valid(row) && logins.is_valid(row);
            known.then(|| (sources.value(row), logins.value(row)))
        };
        let holds = |row: usize| match &self.asked {
            Asked::One(asked) => {
                let person = account(row).and_then(|(source, login)| self.attribution.person_of(source, login));
                person.is_some_and(|person| asked.contains(&person))
            }
            Asked::Bot => account(row)
                .and_then(|(source, login)| self.attribution.is_bot(source, login))
                .unwrap_or_else(|| said.is_some_and(|said| said.is_valid(row) && said.value(row))),
        };
        let holding: BooleanArray = (0..args.number_rows).map(|row| Some(holds(row))).collect();
        Ok(ColumnarValue::Array(Arc::new(holding)))
    }
}
