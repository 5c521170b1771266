//! Start-ups, as their reviews on impact see them, and the change of phase that a decision brings.

use jiff::civil::Date;
use kit_access::Actor;
use kit_db::Tx;
use ports::{
    Answered, OrganisationId, PhaseChange, PhaseRefusal, PortError, ProductId, ProductRecord,
    StartupPath, Startups,
};

use crate::access::EDIT_PRODUCT;
use crate::domain::{Phase, ProductKind};
use crate::products_port::{JOINED_MAX, port, summary};
use crate::store::products::{self, Product};
use crate::{Portfolio, PortfolioError};

/// The most products of one answer.
const PAGE_MAX: u32 = 1_000;

/// The portfolio's start-ups, as their reviews see them.
#[derive(Debug, Clone)]
pub struct StartupsPort(pub(crate) Portfolio);

fn failed(error: PortfolioError) -> PortError {
    PortError(Box::new(error))
}

fn record((change, product): (i64, Product)) -> ProductRecord {
    let said = &product.description;
    ProductRecord {
        change,
        incubator: said.incubator_id.map(OrganisationId),
        phase_since: said.phase_since,
        is_live: product.merged_into.is_none()
            && said.kind == ProductKind::StartUp
            && said.phase.is_some_and(Phase::is_live),
        gives: [&said.stats_url, &said.budget_url, &said.impact_url].map(|url| !url.is_empty()),
        accessibility: said.accessibility.clone(),
        repository: said.repository.clone(),
        product: summary(product),
    }
}

impl Portfolio {
    /// A product in a transaction, under whichever of its names.
    async fn joined(&self, tx: &mut Tx, id: ProductId) -> Result<Option<Product>, PortfolioError> {
        let mut id = id.0;
        for _ in 0..JOINED_MAX {
            match products::find(&mut *tx, id).await? {
                Some(Product {
                    merged_into: Some(into),
                    ..
                }) => id = into,
                found => return Ok(found),
            }
        }
        Ok(None)
    }

    /// Ends a start-up's phase and begins another. A person decides: sources don't change it back.
    async fn change_phase(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        asked: PhaseChange,
    ) -> Result<Result<(), PhaseRefusal>, PortfolioError> {
        let before = self.joined(tx, asked.product).await?;
        let before = before.ok_or(PortfolioError::NotFound)?;
        let said = &before.description;
        if !actor.may(&EDIT_PRODUCT, said.incubator_id) || said.incubator_id.is_none() {
            actor.demand(&EDIT_PRODUCT, said.ministry_id)?;
        }
        let to = Phase::parse(asked.to).filter(|to| Phase::OF_STARTUPS.contains(to));
        let (Some(to), ProductKind::StartUp) = (to, said.kind) else {
            return Ok(Err(PhaseRefusal::NotInPhase));
        };
        if said.phase.map(Phase::code) != asked.from {
            return Ok(Err(PhaseRefusal::NotInPhase));
        }
        let mut details = products::details(tx, before.id).await?;
        if let Some((_, since, end)) = details.phases.last_mut() {
            if *since > asked.on || end.is_some_and(|end| end > asked.on) {
                return Ok(Err(PhaseRefusal::Before(end.unwrap_or(*since))));
            }
            end.get_or_insert(asked.on);
        }
        let was_built = said.phase.is_some_and(Phase::needs_promise)
            || details
                .phases
                .iter()
                .any(|(phase, ..)| phase.needs_promise());
        if let Some(gate) = &self.gate
            && to.needs_promise()
            && !was_built
        {
            let gaps = gate.gaps(tx, ProductId(before.id)).await?;
            if let Some(gap) = gaps.into_iter().min() {
                return Ok(Err(PhaseRefusal::Gate(gap)));
            }
        }
        details.phases.push((to, asked.on, None));
        let mut next = said.clone();
        next.phase = Some(to);
        next.phase_since = Some(asked.on);
        self.change_product(tx, actor, &before, &next, &details)
            .await?;
        let now = self.source.now();
        for field in ["phase", "phase_since", "phases"] {
            products::decide(tx, before.id, field, now).await?;
        }
        Ok(Ok(()))
    }
}

impl Startups for StartupsPort {
    fn changed_after(&self, change: i64, limit: u32) -> Answered<'_, Vec<ProductRecord>> {
        Box::pin(async move {
            let limit = limit.clamp(1, PAGE_MAX);
            let found = products::changed(&self.0.db, change, limit).await;
            Ok(found.map_err(port)?.into_iter().map(record).collect())
        })
    }

    fn record_in<'f>(
        &'f self,
        tx: &'f mut Tx,
        product: ProductId,
    ) -> Answered<'f, Option<ProductRecord>> {
        Box::pin(async move {
            let Some(found) = self.0.joined(tx, product).await.map_err(failed)? else {
                return Ok(None);
            };
            let change = products::change_of(&mut *tx, found.id)
                .await
                .map_err(port)?;
            Ok(Some(record((change, found))))
        })
    }

    fn paths(&self) -> Answered<'_, Vec<StartupPath>> {
        Box::pin(async move {
            let paths = self.0.paths().await.map_err(failed)?;
            let path = |path: &crate::domain::Path| StartupPath {
                product: ProductId(path.id),
                incubator: path.incubator_id.map(OrganisationId),
                phases: path
                    .phases
                    .iter()
                    .map(|(phase, from, to): &(Phase, Date, Option<Date>)| {
                        (phase.code(), *from, *to)
                    })
                    .collect(),
                gives: path.gives,
            };
            Ok(paths.iter().map(path).collect())
        })
    }

    fn change_phase_in<'f>(
        &'f self,
        tx: &'f mut Tx,
        actor: &'f Actor,
        change: PhaseChange,
    ) -> Answered<'f, Result<(), PhaseRefusal>> {
        Box::pin(async move { self.0.change_phase(tx, actor, change).await.map_err(failed) })
    }
}
