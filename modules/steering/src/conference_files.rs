//! The files of a conference: what every source tells of a project, on one day.

use kit_access::Actor;
use kit_ui::Locale;
use ports::{IndicatorProgress, ProductId};
use uuid::Uuid;

use crate::domain::{
    FileDecision, FileFact, FileIndicator, FileItem, FileRecommendation, FileReview, ProjectFile,
};
use crate::reading::{RecommendationFilter, ReviewFilter, latest_first};
use crate::store::{alerts, products};
use crate::{Steering, SteeringError};

/// Most reviews, recommendations and decisions in one file.
const ROWS: u32 = 30;

fn indicator(one: IndicatorProgress) -> FileIndicator {
    FileIndicator {
        name: one.name,
        unit: one.unit,
        target: one.target,
        latest: one.latest,
        standing: one.standing.code().to_owned(),
        automatic: one.automatic,
    }
}

impl Steering {
    /// The files of the points that are on a conference's agenda, as everything stands now. It asks
    /// other modules: never while a transaction is open.
    pub(crate) async fn project_files(
        &self,
        actor: &Actor,
        conference: Uuid,
    ) -> Result<Vec<(Uuid, ProjectFile)>, SteeringError> {
        let (_, points, _) = self.conference(actor, conference).await?;
        let mut all = Vec::new();
        for point in points.iter().filter(|one| one.dropped.is_none()) {
            all.push((point.id, self.project_file(actor, point.product).await?));
        }
        Ok(all)
    }

    async fn project_file(
        &self,
        actor: &Actor,
        product: Uuid,
    ) -> Result<ProjectFile, SteeringError> {
        let (db, today) = (&self.db, self.source.today());
        let found = self.products.product(ProductId(product)).await?;
        let summary = found.ok_or(SteeringError::NotFound)?;
        let kept = products::find(db, product).await?;
        let indicators = match &self.progress {
            Some(progress) => {
                let all = progress.indicators(ProductId(product), today).await?;
                Some(all.into_iter().map(indicator).collect())
            }
            None => None,
        };
        let filter = ReviewFilter {
            product: Some(product),
            ..ReviewFilter::default()
        };
        let reviews = self.reviews(actor, filter, latest_first(), ROWS).await?;
        let security = reviews
            .iter()
            .find_map(|one| one.file.get(FileItem::Security.code()).cloned());
        let filter = RecommendationFilter {
            product: Some(product),
            ..RecommendationFilter::default()
        };
        let first = (jiff::civil::Date::MIN, Uuid::nil());
        let given = self.recommendations(actor, filter, first, ROWS).await?;
        let decided = (None, None, Some(product));
        let decisions = self.decisions(actor, decided, latest_first(), ROWS).await?;
        let open = alerts::of_product(db, product).await?;
        let mut facts = [Vec::new(), Vec::new()];
        for (facts, locale) in facts.iter_mut().zip([Locale::Fr, Locale::En]) {
            let found = self.acts_facts(ProductId(product), locale, today).await?;
            facts.extend(found.into_iter().map(|one| FileFact {
                label: one.label,
                value: one.value,
                href: one.href,
            }));
        }
        let ratings = kept.as_ref().map(|one| one.ratings).unwrap_or_default();
        Ok(ProjectFile {
            as_of: today,
            title: summary.title,
            phase: summary.phase.map(str::to_owned),
            policy_priority: summary.policy_priority,
            baseline_cents: summary.baseline_cents,
            cost_cents: summary.cost_cents,
            cost_slip: summary.cost_slip,
            duration_slip: summary.duration_slip,
            estimated_on: summary.estimated_on,
            at_risk_cents: kept.as_ref().map_or(0, |one| one.at_risk_cents),
            indicators,
            own: ratings.own,
            independent: ratings.independent,
            held: kept.and_then(|one| one.held),
            reviews: (reviews.iter().map(|one| FileReview {
                id: one.id,
                kind: one.kind,
                state: one.state,
                opinion: one.opinion,
                ended_on: one.ended_on,
            }))
            .collect(),
            recommendations: (given.into_iter().map(|one| FileRecommendation {
                id: one.id,
                text: one.text,
                due_on: one.due_on,
                status: one.status,
                is_overdue: one.is_overdue,
            }))
            .collect(),
            decisions: (decisions.into_iter().map(|one| FileDecision {
                id: one.id,
                kind: one.kind,
                on: one.on,
                next: one.next,
                done_on: one.done.map(|(on, _)| on),
            }))
            .collect(),
            alerts: open.into_iter().map(|one| one.finding).collect(),
            security: security.unwrap_or_default(),
            facts,
        })
    }
}
