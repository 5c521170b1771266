//! Following the portfolio, and telling of reviews that are due and overdue.

use jiff::ToSpan as _;
use kit_access::Actor;
use kit_acts::Happening;
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::domain::{ANNOUNCE_DAYS, Preparation, ReviewState};
use crate::mails::News;
use crate::store::products::{self, StoredProduct};
use crate::store::reviews::{self, StoredReview};
use crate::{Startups, StartupsError};

/// Products that are followed in one transaction.
const FOLLOWED_AT_ONCE: u32 = 500;
/// Reviews that are told of in one round.
const TOLD_AT_ONCE: u32 = 200;

impl Startups {
    /// Brings up to date what is kept of products: `pages` of them at most. Gives whether all is.
    pub(crate) async fn follow(&self, pages: u32) -> Result<bool, StartupsError> {
        for _ in 0..pages {
            let mark = products::mark(&self.db).await?;
            let changed = self.products.changed_after(mark, FOLLOWED_AT_ONCE).await?;
            let Some(last) = changed.last() else {
                return Ok(true);
            };
            let last = last.change;
            let mut tx = self.db.begin().await?;
            for told in &changed {
                let is_startup = told.product.kind == "start-up";
                let serves = !told.product.policy_priority.trim().is_empty();
                let id = told.product.id.0;
                if is_startup || serves || products::find(&mut tx, id).await?.is_some() {
                    products::keep(&mut tx, told, self.source.today()).await?;
                }
            }
            products::set_mark(&mut tx, last).await?;
            tx.commit().await?;
        }
        Ok(false)
    }

    /// Follows the portfolio, announces the reviews that will be due, tells of those that are overdue.
    /// Call it every few minutes; two processes may do so at once.
    pub async fn keep_house(&self) -> Result<(), StartupsError> {
        while !self.follow(10).await? {}
        let today = self.source.today();
        let until = today.saturating_add(ANNOUNCE_DAYS.days());
        for one in products::unannounced(&self.db, until, TOLD_AT_ONCE).await? {
            self.announce(&one).await?;
        }
        for one in products::untold(&self.db, today, TOLD_AT_ONCE).await? {
            self.tell_overdue(&one).await?;
        }
        Ok(())
    }

    /// Opens the review that will be due, once, and tells the team.
    async fn announce(&self, one: &StoredProduct) -> Result<(), StartupsError> {
        let actor = Actor::system("startups");
        let team = self.tell_team(one).await?;
        let mut tx = self.db.begin().await?;
        let mut kept = self.product_in(&mut tx, one.id).await?;
        let Some(due_on) = kept.due_on.filter(|due| kept.announced_due != Some(*due)) else {
            return Ok(());
        };
        kept.announced_due = Some(due_on);
        products::save(&mut tx, &kept).await?;
        if reviews::open(&mut tx, kept.id).await?.is_none() {
            let review = self.begin_review(&mut tx, &actor, &kept).await?;
            let path = format!("/start-ups/reviews/{}", review.id);
            let news = News {
                key: "startups-told-due",
                product: &kept.title,
                about: "",
                reason: "",
                path: &path,
                due: Some(due_on),
            };
            self.mail(&mut tx, team, news).await?;
        }
        Ok(tx.commit().await?)
    }

    /// A new review of a product, due when the product says, today when it is owed nothing yet.
    pub(crate) async fn begin_review(
        &self,
        tx: &mut kit_db::Tx,
        actor: &Actor,
        product: &StoredProduct,
    ) -> Result<StoredReview, StartupsError> {
        let today = self.source.today();
        let review = StoredReview {
            id: self.source.new_id(),
            product: product.id,
            product_title: product.title.clone(),
            ministry: product.ministry,
            incubator: product.incubator,
            phase: product.phase.clone(),
            due_on: product.due_on.unwrap_or(today),
            state: ReviewState::Due,
            prepared: Preparation::default(),
            figures: None,
            opened_on: today,
            submitted_on: None,
            decided_on: None,
            version: 1,
        };
        reviews::insert(tx, &review).await?;
        let what = Happening {
            product: Some(product.id),
            subject: ("review", review.id),
            act: "open",
            on: today,
            reason: "",
        };
        self.happened(tx, actor, what).await?;
        let change = Change::new("startups.review.open", "startup-review", review.id)
            .of(product.ministry)
            .after(json!({ "product": product.id, "due_on": review.due_on }));
        self.journal.append(tx, actor, change).await?;
        Ok(review)
    }

    /// Tells, once, that a review is overdue: the team, its ministry, the incubator's committee and
    /// the directorate.
    async fn tell_overdue(&self, one: &StoredProduct) -> Result<(), StartupsError> {
        let actor = Actor::system("startups");
        let mut told = self.tell_team(one).await?;
        told = told.and(self.tell_committee(one).await?);
        let mut tx = self.db.begin().await?;
        let mut kept = self.product_in(&mut tx, one.id).await?;
        let today = self.source.today();
        let is_news = |due: &jiff::civil::Date| *due < today && kept.overdue_told != Some(*due);
        let Some(due_on) = kept.due_on.filter(is_news) else {
            return Ok(());
        };
        kept.overdue_told = Some(due_on);
        products::save(&mut tx, &kept).await?;
        let open = reviews::open(&mut tx, kept.id).await?;
        let (subject, path): (Uuid, String) = match &open {
            Some(review) => (review.id, format!("/start-ups/reviews/{}", review.id)),
            None => (kept.id, format!("/products/{}/start-up", kept.id)),
        };
        let what = Happening {
            product: Some(kept.id),
            subject: ("review", subject),
            act: "overdue",
            on: today,
            reason: "",
        };
        self.happened(&mut tx, &actor, what).await?;
        let news = News {
            key: "startups-told-overdue",
            product: &kept.title,
            about: "",
            reason: "",
            path: &path,
            due: Some(due_on),
        };
        self.mail(&mut tx, told, news).await?;
        let change = Change::new("startups.review.overdue", "product", kept.id)
            .of(kept.ministry)
            .after(json!({ "due_on": due_on }));
        self.journal.append(&mut tx, &actor, change).await?;
        Ok(tx.commit().await?)
    }
}
