//! The gate between framing and construction: a person takes no product through it without a promise
//! that can be measured.

use kit_db::Tx;
use ports::{ImpactGap, ProductId};
use uuid::Uuid;

use crate::domain::editing::{PhaseSpan, ProductForm};
use crate::domain::{Mistake, Phase};
use crate::{Portfolio, PortfolioError};

/// What every key of the gate's words begins with.
pub(crate) const GATE_KEY: &str = "portfolio-mistake-gate-";

fn key(gap: ImpactGap) -> &'static str {
    match gap {
        ImpactGap::Indicator => "portfolio-mistake-gate-indicator",
        ImpactGap::Baseline => "portfolio-mistake-gate-baseline",
        ImpactGap::Target => "portfolio-mistake-gate-target",
        ImpactGap::Date => "portfolio-mistake-gate-date",
    }
}

impl Portfolio {
    /// Refuses a history of phases that takes a product into construction, or past it, as long as it
    /// lacks a promise. A product that was there already goes on.
    pub(crate) async fn ask_gate(
        &self,
        tx: &mut Tx,
        product: Uuid,
        before: (Option<Phase>, &[PhaseSpan]),
        after: &[PhaseSpan],
        form: &ProductForm,
    ) -> Result<(), PortfolioError> {
        let Some(gate) = &self.gate else {
            return Ok(());
        };
        let (now, spans) = before;
        let is_there = now.is_some_and(Phase::needs_promise)
            || spans.iter().any(|(phase, ..)| phase.needs_promise());
        let is_built = after.iter().any(|(phase, ..)| phase.needs_promise());
        let is_stopped = after.last().is_some_and(|(phase, ..)| {
            matches!(phase, Phase::Abandoned | Phase::InvestigationAbandoned)
        });
        if is_there || !is_built || is_stopped {
            return Ok(());
        }
        // Each gap after the first follows from it: the first is what to do next.
        let gaps = gate.gaps(tx, ProductId(product)).await?;
        let Some(gap) = gaps.into_iter().min() else {
            return Ok(());
        };
        let row = form
            .phases
            .iter()
            .position(|[code, ..]| Phase::parse(code.trim()).is_some_and(Phase::needs_promise));
        let field = format!("phase-{}", row.unwrap_or_default());
        Err(PortfolioError::Mistakes(vec![Mistake::new(
            field,
            key(gap),
        )]))
    }
}
