//! The agenda of a conference: what the data proposes, what officers make of it.

use std::collections::{BTreeMap, BTreeSet};

use kit_access::Actor;
use kit_journal::Change;
use kit_ui::Locale;
use ports::{OrganisationId, ProductId, Slipping};
use serde_json::json;
use uuid::Uuid;

use crate::access::CONFER;
use crate::domain::{Candidate, ConferenceState, ProposalRules, Proposed, propose, reasons};
use crate::store::conferences::{self as store, ConferencePoint, POINTS_MAX};
use crate::store::products::{self, StoredProduct, proposal_rules};
use crate::{Steering, SteeringError, WORDING};

/// Most products of a ministry that are looked at: those that slip most.
pub(crate) const CANDIDATES_MAX: usize = 600;
/// Products read at once.
const PAGE: u32 = 200;

/// A ministry's products with what is known of them.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Those that slip most first.
    pub(crate) candidates: Vec<Candidate>,
    /// The cursor of those that follow.
    pub(crate) next: Option<String>,
}

/// What the data proposes for a conference.
#[derive(Debug)]
pub(crate) struct Proposal {
    /// Those that nobody took or dropped yet.
    pub(crate) proposed: Vec<Proposed>,
    /// By which numbers.
    pub(crate) rules: ProposalRules,
    /// How many products were looked at.
    pub(crate) seen: usize,
    /// Whether there are more.
    pub(crate) more: bool,
}

/// Where a point goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Before the one above it.
    Up,
    /// After the one below it.
    Down,
}

impl Steering {
    /// What is known of a ministry's products. It asks other modules: never while a transaction is open.
    pub(crate) async fn known_of(&self, ministry: Uuid) -> Result<Known, SteeringError> {
        let mut all = Known::default();
        loop {
            let cursor = all.next.take();
            let page = self.known_page(ministry, cursor.as_deref(), PAGE).await?;
            all.candidates.extend(page.candidates);
            all.next = page.next;
            if all.next.is_none() || all.candidates.len() >= CANDIDATES_MAX {
                return Ok(all);
            }
        }
    }

    /// A page of them, those that slip most first.
    pub(crate) async fn known_page(
        &self,
        ministry: Uuid,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Known, SteeringError> {
        let (db, today) = (&self.db, self.source.today());
        let of = Some(OrganisationId(ministry));
        let page = self
            .products
            .slipping(Slipping::Cost, of, cursor, limit)
            .await?;
        let kept = products::of_ministry(db, ministry).await?.into_iter();
        let kept: BTreeMap<Uuid, StoredProduct> = kept.map(|one| (one.id, one)).collect();
        let overdue = store::overdue_of(db, ministry).await?.into_iter();
        let overdue: BTreeMap<Uuid, i64> = overdue.collect();
        let alerts = store::alerts_of(db, ministry).await?.into_iter();
        let alerts: BTreeMap<Uuid, i64> = alerts.collect();
        let mut agenda: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
        for (product, reason) in store::agenda_of(db, ministry).await? {
            agenda.entry(product).or_default().push(reason);
        }
        let mut lapsed: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
        for need in self.acts_needs(of, Locale::Fr, today).await? {
            if let (Some(product), Some(due)) = (need.product, need.due)
                && due < today
            {
                lapsed.entry(product.0).or_default().push(need.what);
            }
        }
        let mut candidates = Vec::new();
        for product in page.products {
            let id = product.id.0;
            let indicators = match &self.progress {
                Some(progress) => Some(progress.indicators(product.id, today).await?),
                None => None,
            };
            let known = kept.get(&id);
            candidates.push(Candidate {
                indicators,
                at_risk_cents: known.map_or(0, |one| one.at_risk_cents),
                is_unfavourable: known.is_some_and(|one| one.unfavourable.is_some()),
                overdue: overdue.get(&id).copied().unwrap_or(0),
                alerts: alerts.get(&id).copied().unwrap_or(0),
                agenda: agenda.remove(&id).unwrap_or_default(),
                lapsed: lapsed.remove(&id).unwrap_or_default(),
                product,
            });
        }
        Ok(Known {
            candidates,
            next: page.next,
        })
    }

    /// What the data proposes for a conference that is being planned.
    pub(crate) async fn proposal(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<Proposal, SteeringError> {
        let (one, points, _) = self.conference(actor, id).await?;
        let rules = proposal_rules(&self.db).await?;
        let known = self.known_of(one.ministry).await?;
        let there: BTreeSet<Uuid> = points.iter().map(|point| point.product).collect();
        let mut left = known.candidates;
        let seen = left.len();
        left.retain(|one| !there.contains(&one.product.id.0));
        Ok(Proposal {
            proposed: propose(&left, &rules, self.source.today()),
            rules,
            seen,
            more: known.next.is_some(),
        })
    }

    /// Why the data proposes a product of a ministry; empty when it doesn't.
    async fn why(
        &self,
        ministry: Uuid,
        product: Uuid,
    ) -> Result<Vec<crate::domain::Reason>, SteeringError> {
        let rules = proposal_rules(&self.db).await?;
        let known = self.known_of(ministry).await?;
        let one = known.candidates.iter();
        let one = one.into_iter().find(|one| one.product.id.0 == product);
        let today = self.source.today();
        Ok(one.map_or_else(Vec::new, |one| reasons(one, &rules, today)))
    }

    /// Puts a product on the agenda, proposed or not: what isn't proposed has a note that says why.
    pub async fn take_point(
        &self,
        actor: &Actor,
        id: Uuid,
        product: Uuid,
        note: &str,
    ) -> Result<Uuid, SteeringError> {
        self.place_point(actor, id, product, (true, note)).await
    }

    /// Takes a product off the agenda, or what the data proposes, and says why.
    pub async fn drop_point(
        &self,
        actor: &Actor,
        id: Uuid,
        product: Uuid,
        reason: &str,
    ) -> Result<Uuid, SteeringError> {
        self.place_point(actor, id, product, (false, reason)).await
    }

    async fn place_point(
        &self,
        actor: &Actor,
        id: Uuid,
        product: Uuid,
        (is_taken, text): (bool, &str),
    ) -> Result<Uuid, SteeringError> {
        let (seen, ..) = self.conference(actor, id).await?;
        actor.demand(&CONFER, Some(seen.ministry))?;
        let found = self.products.product(ProductId(product)).await?;
        let found = found.filter(|one| one.ministry.map(|m| m.0) == Some(seen.ministry));
        let product = found
            .ok_or_else(|| SteeringError::mistake("product", "steering-mistake-product", ""))?
            .id
            .0;
        let why = self.why(seen.ministry, product).await?;
        let mut reader = WORDING.reader();
        let field = if is_taken { "note" } else { "reason" };
        let text = if is_taken && !why.is_empty() {
            reader.text(field, text, 2_000)
        } else {
            reader.needed(field, text, 2_000)
        };
        let text = reader.done(text)?;
        let today = self.source.today();
        let mut tx = self.db.begin().await?;
        let one = self.conference_in(&mut tx, id).await?;
        if one.life.state != ConferenceState::Planned {
            return Err(SteeringError::Impossible);
        }
        let (summary, _) = self.product_in(&mut tx, product).await?;
        let points = store::points(&mut tx, id).await?;
        let last = points.iter().map(|point| point.position).max().unwrap_or(0);
        let existing = points.into_iter().find(|point| point.product == product);
        let is_new = existing.is_none();
        if is_new && usize::try_from(last).is_ok_and(|last| last >= POINTS_MAX) {
            let limit = POINTS_MAX;
            return Err(SteeringError::mistake(
                "product",
                "steering-mistake-points",
                limit,
            ));
        }
        let mut point = existing.unwrap_or_else(|| ConferencePoint {
            id: self.source.new_id(),
            conference: id,
            product,
            product_title: String::new(),
            position: last + 1,
            is_proposed: !why.is_empty(),
            why: Vec::new(),
            note: String::new(),
            dropped: None,
            file: None,
            discussion: String::new(),
            undecided: String::new(),
            written_by: String::new(),
            decision: None,
            brigade: None,
            version: 1,
        });
        let stands = !is_new && point.dropped.is_none();
        if stands == is_taken && !is_new {
            return Err(SteeringError::Impossible);
        }
        point.why = why;
        if is_taken {
            point.note.clone_from(&text);
            point.dropped = None;
            point.position = if is_new { last + 1 } else { point.position };
        } else {
            point.dropped = Some((today, text.clone()));
        }
        if is_new {
            store::add(&mut tx, &point).await?;
        } else {
            store::take(&mut tx, &point).await?;
        }
        store::bump(&mut tx, id).await?;
        let act = if is_taken { "take" } else { "drop" };
        self.point_happened(&mut tx, actor, &point, act, (today, &text))
            .await?;
        let what = if text.is_empty() {
            summary.title
        } else {
            format!("{} ({text})", summary.title)
        };
        self.conference_step(&mut tx, actor, &one, act, (today, &what))
            .await?;
        let change = Change::new("steering.conference.agenda", "conference", id)
            .of(Some(one.ministry))
            .after(json!({ "act": act, "product": product, "reason": text }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(point.id)
    }

    /// Moves a point one place up or down among those that are on the agenda.
    pub async fn move_point(
        &self,
        actor: &Actor,
        id: Uuid,
        point: Uuid,
        way: Way,
    ) -> Result<(), SteeringError> {
        let mut tx = self.db.begin().await?;
        let one = self.conference_in(&mut tx, id).await?;
        actor.demand(&CONFER, Some(one.ministry))?;
        if one.life.state != ConferenceState::Planned {
            return Err(SteeringError::Impossible);
        }
        let mut points = store::points(&mut tx, id).await?;
        points.retain(|one| one.dropped.is_none());
        let at = points.iter().position(|one| one.id == point);
        let at = at.ok_or(SteeringError::NotFound)?;
        let other = match way {
            Way::Up => at.checked_sub(1),
            Way::Down => Some(at + 1).filter(|to| *to < points.len()),
        };
        // The first one goes no further up: nothing changes.
        let Some(other) = other else { return Ok(()) };
        store::place(&mut tx, point, points[other].position).await?;
        store::place(&mut tx, points[other].id, points[at].position).await?;
        store::bump(&mut tx, id).await?;
        let change = Change::new("steering.conference.order", "conference", id)
            .of(Some(one.ministry))
            .after(json!({ "product": points[at].product, "place": other + 1 }));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }
}
