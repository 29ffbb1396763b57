//! `next_shipment(kind, place, at)`: rule TIME as a function, since a join by "finished after" would be one of ranges.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use anyhow::Result;
use arrow::array::{Array, ArrayRef, AsArray, Int64Builder};
use arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};
use datafusion::common::{Result as QueryResult, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use datafusion::prelude::SessionContext;
use futures::StreamExt;

use crate::model::ColumnType;

/// The function's name in SQL.
pub const NAME: &str = "next_shipment";

const SHIPMENTS: &str = "
    SELECT 'REPOSITORY' AS kind, unnest(repositories) AS place, finished_at, rank
    FROM facts.resolved_deployments WHERE rank IS NOT NULL
    UNION ALL
    SELECT 'SERVICE', service, finished_at, rank
    FROM facts.resolved_deployments WHERE rank IS NOT NULL AND service IS NOT NULL";

/// Makes the function known to a session, over the session's `facts.resolved_deployments`.
pub async fn register(ctx: &SessionContext) -> Result<()> {
    let mut places: HashMap<String, HashMap<String, Vec<(i64, i64)>>> = HashMap::new();
    let mut batches = ctx.sql(SHIPMENTS).await?.execute_stream().await?;
    while let Some(batch) = batches.next().await {
        let batch = batch?;
        let (kinds, names) = (batch.column(0).as_string::<i32>(), batch.column(1).as_string::<i32>());
        let finishes = batch.column(2).as_primitive::<TimestampMicrosecondType>();
        let ranks = batch.column(3).as_primitive::<Int64Type>();
        for row in (0..batch.num_rows()).filter(|&row| !names.is_null(row)) {
            let kind = places.entry(kinds.value(row).to_owned()).or_default();
            let shipments = kind.entry(names.value(row).to_owned()).or_default();
            shipments.push((finishes.value(row), ranks.value(row)));
        }
    }
    let ready = |(place, shipments)| (place, Shipments::new(shipments));
    let places = places.into_iter().map(|(kind, places)| (kind, places.into_iter().map(ready).collect())).collect();
    ctx.register_udf(ScalarUDF::from(NextShipment::new(places)));
    Ok(())
}

/// The shipping deployments of a place.
#[derive(Debug)]
struct Shipments {
    /// Microseconds, ascending.
    finishes: Vec<i64>,
    /// For each finish, the lowest rank of the deployments that finished then or later.
    lowest: Vec<i64>,
}

impl Shipments {
    fn new(mut shipments: Vec<(i64, i64)>) -> Shipments {
        shipments.sort_unstable();
        let finishes = shipments.iter().map(|&(finish, _)| finish).collect();
        let mut lowest: Vec<i64> = shipments.into_iter().map(|(_, rank)| rank).collect();
        for i in (1..lowest.len()).rev() {
            lowest[i - 1] = lowest[i - 1].min(lowest[i]);
        }
        Shipments { finishes, lowest }
    }

    /// Of the deployments that finished after an instant, the lowest rank: the one that started first.
    fn after(&self, instant: i64) -> Option<i64> {
        self.lowest.get(self.finishes.partition_point(|&finish| finish <= instant)).copied()
    }
}

type Places = HashMap<String, HashMap<String, Shipments>>;

#[derive(Debug)]
struct NextShipment {
    signature: Signature,
    places: Arc<Places>,
}

impl NextShipment {
    fn new(places: Places) -> NextShipment {
        let types = vec![DataType::Utf8, DataType::Utf8, ColumnType::Timestamp.arrow()];
        let signature = Signature::new(TypeSignature::Exact(types), Volatility::Stable);
        NextShipment { signature, places: Arc::new(places) }
    }
}

// Two functions are one where they look into the same deployments.
impl PartialEq for NextShipment {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.places, &other.places)
    }
}

impl Eq for NextShipment {}

impl Hash for NextShipment {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.places).hash(state);
    }
}

impl ScalarUDFImpl for NextShipment {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> QueryResult<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> QueryResult<ColumnarValue> {
        let rows = args.number_rows;
        let arrays: Vec<ArrayRef> = ColumnarValue::values_to_arrays(&args.args)?;
        let [kinds, places, instants] = arrays.as_slice() else {
            return exec_err!("{NAME} takes a kind, a place and an instant");
        };
        let (kinds, places) = (kinds.as_string::<i32>(), places.as_string::<i32>());
        let instants = instants.as_primitive::<TimestampMicrosecondType>();
        let mut ranks = Int64Builder::with_capacity(rows);
        for row in 0..kinds.len() {
            let known = !kinds.is_null(row) && !places.is_null(row) && !instants.is_null(row);
            let shipments = known.then(|| self.places.get(kinds.value(row))?.get(places.value(row))).flatten();
            ranks.append_option(shipments.and_then(|shipments| shipments.after(instants.value(row))));
        }
        Ok(ColumnarValue::Array(Arc::new(ranks.finish())))
    }
}
