//! Lets a plan be stopped. A task ends only where it waits, and a plan over files that are at hand hardly does: DataFusion
//! makes it wait every 128 batches of a scan, each of which becomes hundreds where rows are unnested into cells. So plans
//! pause after every batch that was unnested.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::unnest::UnnestExec;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PhysicalExpr, PlanProperties};
use futures::StreamExt;

/// Puts a pause over every unnest of a plan. It must be the last rule: no other can look through a pause.
#[derive(Debug)]
pub struct PauseAfterUnnest;

/// Hands on what it gets, and lets the task be stopped before each batch.
#[derive(Debug)]
struct Pause(Arc<dyn ExecutionPlan>);

impl PhysicalOptimizerRule for PauseAfterUnnest {
    fn name(&self) -> &str {
        "PauseAfterUnnest"
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|plan| match plan.downcast_ref::<UnnestExec>() {
            Some(_) => Ok(Transformed::yes(Arc::new(Pause(plan)) as Arc<dyn ExecutionPlan>)),
            None => Ok(Transformed::no(plan)),
        })
        .data()
    }

    fn schema_check(&self) -> bool {
        true
    }
}

impl DisplayAs for Pause {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pause")
    }
}

impl ExecutionPlan for Pause {
    fn name(&self) -> &str {
        "Pause"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.0.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.0]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, mut children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(children.pop().map_or(self, |child| Arc::new(Pause(child))))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let batches = self.0.execute(partition, context)?;
        let schema = batches.schema();
        let paused = batches.then(|batch| async {
            tokio::task::yield_now().await;
            batch
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, paused)))
    }
}
