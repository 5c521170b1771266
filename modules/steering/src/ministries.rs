//! What needs a ministry, and its products.

use jiff::ToSpan as _;
use jiff::civil::Date;
use kit_access::{Actor, Permission};
use kit_ui::{Words, format};
use ports::{Need, OrganisationId, OrganisationKind, OrganisationSummary, ProductId};
use uuid::Uuid;

use crate::access::READ;
use crate::domain::{Candidate, ConferenceState, ReviewState};
use crate::reading::{RecommendationFilter, ReviewFilter, latest_first};
use crate::store::conferences::{self as store, Conference};
use crate::store::products::{self, StoredProduct};
use crate::store::reviews::StoredReview;
use crate::{Steering, SteeringError};

/// Most needs of one kind.
const NEEDS_MAX: u32 = 50;
/// Within how many days a conference has to be prepared.
const PREPARE_DAYS: i64 = 21;

/// A product of a ministry's page.
#[derive(Debug)]
pub(crate) struct MinistryProduct {
    pub(crate) known: Candidate,
    pub(crate) kept: Option<StoredProduct>,
    /// Its review whose legal clock runs.
    pub(crate) clock: Option<StoredReview>,
}

/// A ministry in short.
#[derive(Debug)]
pub(crate) struct MinistryInShort {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) at_risk: i64,
    pub(crate) at_risk_cents: i64,
    /// Its latest conference, to come or held.
    pub(crate) conference: Option<Conference>,
}

impl Steering {
    /// Ministries on which the actor holds a permission, those that only steering knows as such too.
    pub(crate) async fn ministries_where(
        &self,
        actor: &Actor,
        permission: &Permission,
    ) -> Result<Vec<OrganisationSummary>, SteeringError> {
        let known = products::ministries(&self.db).await?;
        let mut all = self.organisations.all(None).await?;
        all.retain(|one| {
            let is_one = one.kind == OrganisationKind::Ministry || known.contains(&one.id.0);
            is_one && actor.may(permission, Some(one.id.0))
        });
        Ok(all)
    }

    /// Ministries that the actor may read, by name, after one of them.
    pub(crate) async fn ministries_in_short(
        &self,
        actor: &Actor,
        after: &str,
        limit: usize,
    ) -> Result<Vec<MinistryInShort>, SteeringError> {
        let mut all = self.ministries_where(actor, &READ).await?;
        all.sort_by_key(|one| (names::normalise(&one.name), one.id.0));
        let begins = all.iter().position(|one| one.id.0.to_string() == after);
        let begins = begins.map_or(0, |at| at + 1);
        let mut found = Vec::new();
        for one in all.into_iter().skip(begins).take(limit) {
            let id = one.id.0;
            let (at_risk, at_risk_cents) = store::risk_of(&self.db, id).await?;
            let last = (None, Some(id));
            let mut latest = self.conferences(actor, last, latest_first(), 1).await?;
            found.push(MinistryInShort {
                id,
                name: one.name,
                at_risk,
                at_risk_cents,
                conference: latest.pop(),
            });
        }
        Ok(found)
    }

    /// The products of a ministry, those that slip most first, and the cursor of the next page.
    pub(crate) async fn products_of(
        &self,
        actor: &Actor,
        ministry: Uuid,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<MinistryProduct>, Option<String>), SteeringError> {
        actor.demand(&READ, Some(ministry))?;
        let known = self.known_page(ministry, cursor, limit).await?;
        let filter = ReviewFilter {
            state: Some(ReviewState::Running),
            ministry: Some(ministry),
            ..ReviewFilter::default()
        };
        let running = self.reviews(actor, filter, latest_first(), 200).await?;
        let mut all = Vec::new();
        for one in known.candidates {
            let id = one.product.id.0;
            let clock = running.iter().find(|review| review.product == id);
            all.push(MinistryProduct {
                kept: products::find(&self.db, id).await?,
                clock: clock.cloned(),
                known: one,
            });
        }
        Ok((all, known.next))
    }

    /// What steering and the other modules need of a ministry today, the earliest due first.
    pub(crate) async fn needs_of(
        &self,
        actor: &Actor,
        ministry: Uuid,
        words: &Words,
    ) -> Result<Vec<Need>, SteeringError> {
        actor.demand(&READ, Some(ministry))?;
        let today = self.source.today();
        let mut all = self.conference_needs(actor, Some(ministry), words).await?;
        let need = |product: Uuid, key: &str, text: &str, due, href: String| {
            let what = words.text_with(key, &[("text", text.into())]);
            Need {
                product: Some(ProductId(product)),
                what,
                due,
                amount_cents: None,
                href,
            }
        };
        let filter = RecommendationFilter {
            is_overdue: true,
            ministry: Some(ministry),
            ..RecommendationFilter::default()
        };
        let first = (Date::MIN, Uuid::nil());
        let overdue = self
            .recommendations(actor, filter, first, NEEDS_MAX)
            .await?;
        all.extend(overdue.iter().map(|one| {
            let href = format!("/steering/recommendations/{}", one.id);
            let (key, due) = ("steering-need-recommendation", Some(one.due_on));
            need(one.product, key, &one.text, due, href)
        }));
        let filter = ReviewFilter {
            state: Some(ReviewState::Waiting),
            ministry: Some(ministry),
            ..ReviewFilter::default()
        };
        let asked = self
            .reviews(actor, filter, latest_first(), NEEDS_MAX)
            .await?;
        all.extend(asked.iter().map(|one| {
            let href = format!("/steering/reviews/{}", one.id);
            let key = "steering-need-information";
            need(one.product, key, &one.product_title, None, href)
        }));
        let last = (i64::MAX, Uuid::max());
        let alerts = self
            .alerts(actor, (None, Some(ministry)), last, NEEDS_MAX)
            .await?;
        let asked = alerts.iter().filter(|one| one.explained.is_none());
        all.extend(asked.filter_map(|one| {
            let (_, by) = one.asked?;
            let href = format!("/steering/alerts/{}", one.id);
            let key = "steering-need-explanation";
            Some(need(one.product, key, &one.product_title, Some(by), href))
        }));
        let decided = (None, Some(ministry), None);
        let decisions = self
            .decisions(actor, decided, latest_first(), NEEDS_MAX)
            .await?;
        all.extend(
            decisions
                .iter()
                .filter(|one| one.done.is_none())
                .filter_map(|one| {
                    let by = one.next_by.filter(|by| *by < today)?;
                    let href = format!("/steering/decisions/{}", one.id);
                    Some(need(
                        one.product,
                        "steering-need-decision",
                        &one.next,
                        Some(by),
                        href,
                    ))
                }),
        );
        let of = Some(OrganisationId(ministry));
        all.extend(self.acts_needs(of, words.locale, today).await?);
        all.sort_by_key(|one| one.due.unwrap_or(Date::MAX));
        Ok(all)
    }

    /// What conferences need: to be prepared, to be told held, to have their minutes adopted.
    pub(crate) async fn conference_needs(
        &self,
        actor: &Actor,
        ministry: Option<Uuid>,
        words: &Words,
    ) -> Result<Vec<Need>, SteeringError> {
        let today = self.source.today();
        let soon = today.saturating_add(PREPARE_DAYS.days());
        let mut all = Vec::new();
        for (state, key, until) in [
            (ConferenceState::Planned, "steering-need-prepare", soon),
            (ConferenceState::Prepared, "steering-need-hold", today),
            (ConferenceState::Held, "steering-need-adopt", Date::MAX),
        ] {
            let asked = (Some(state), ministry);
            let found = self
                .conferences(actor, asked, latest_first(), NEEDS_MAX)
                .await?;
            let due = found.into_iter().filter(|one| one.life.day <= until);
            all.extend(due.map(|one| {
                let day = format::date(words.locale, one.life.day);
                let args = [
                    ("text", one.ministry_name.as_str().into()),
                    ("date", day.into()),
                ];
                Need {
                    product: None,
                    what: words.text_with(key, &args),
                    due: Some(one.life.day),
                    amount_cents: None,
                    href: format!("/steering/conferences/{}", one.id),
                }
            }));
        }
        Ok(all)
    }
}
