//! Reading the observatory, as pages and the API show it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use kit_access::{Actor, Reach};
use kit_db::Value;
use kit_db::list::{Scope, page};
use ports::{ProductId, ProductSummary};
use uuid::Uuid;

use crate::access::READ;
use crate::declarations::said;
use crate::domain::{Criterion, Declared, Figure, Quarter, Satisfaction, Tally, figures};
use crate::store::declarations::StoredDeclaration;
use crate::store::editions::{self, Edition, EditionRow, Standings};
use crate::store::procedures::{self, StoredProcedure};
use crate::store::reviews::{self, StoredReview};
use crate::store::{days, declarations, list};
use crate::{Observatory, ObservatoryError};

/// Editions that can be chosen: ten years.
const EDITIONS_MAX: u32 = 40;

/// What reviews are narrowed to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReviewFilter {
    /// Only those that say this.
    pub satisfaction: Option<Satisfaction>,
    /// Only those with a comment.
    pub is_commented: bool,
}

/// An edition with how many procedures stand where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The edition.
    pub edition: Edition,
    /// Of each criterion with a goal, in their order.
    pub levels: Vec<(Criterion, Standings)>,
}

/// What a procedure's users say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Results {
    /// The figures of the quarter that goes on, as they stand today.
    pub figures: Vec<Figure>,
    /// The answers of each of the last 24 months, the first of them first.
    pub months: Vec<(Date, Tally)>,
}

/// Where the list of reviews goes on after one: its instant in microseconds, and its id.
pub(crate) fn after(last: &StoredReview) -> String {
    kit_acts::cursor(last.given_at.as_microsecond(), last.id)
}

/// The place that a cursor tells; one that somebody changed counts as the latest review.
pub(crate) fn before(cursor: &str) -> (Timestamp, Uuid) {
    let latest = (Timestamp::MAX, Uuid::max());
    let (at, id) = kit_acts::place(cursor, (i64::MAX, Uuid::max()));
    Timestamp::from_microsecond(at).map_or(latest, |at| (at, id))
}

/// The place before everything, of a list by name.
fn first() -> (String, Uuid) {
    (String::new(), Uuid::nil())
}

impl Observatory {
    /// The editions, the last one first; at most ten years of them.
    pub async fn editions(&self) -> Result<Vec<Edition>, ObservatoryError> {
        Ok(editions::latest(&self.db, EDITIONS_MAX).await?)
    }

    /// An edition with how many procedures stand where.
    pub async fn edition(&self, quarter: Quarter) -> Result<Standing, ObservatoryError> {
        let found = editions::find(&self.db, quarter).await?;
        Ok(Standing {
            edition: found.ok_or(ObservatoryError::NotFound)?,
            levels: editions::levels(&self.db, quarter).await?,
        })
    }

    /// The procedures of an edition by name, after one of them: at most `limit`, of one ministry when it is
    /// given. A cursor that somebody changed counts as none.
    pub async fn edition_rows(
        &self,
        quarter: Quarter,
        ministry: Option<Uuid>,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<EditionRow>, ObservatoryError> {
        let after = match after {
            Some(id) => editions::one(&self.db, quarter, id).await?,
            None => None,
        };
        let after = after.map_or_else(first, |one| (names::normalise(&one.name), one.procedure));
        let values = vec![Some(quarter.to_string().into()), ministry.map(Value::from)];
        let key = |one: &EditionRow| (names::normalise(&one.name), one.procedure);
        Ok(page(
            &self.db,
            &list::EDITION,
            &Scope::All,
            (after, values, limit),
            editions::read_row,
            key,
        )
        .await?)
    }

    /// A procedure; anybody may know it.
    pub async fn procedure(&self, id: Uuid) -> Result<StoredProcedure, ObservatoryError> {
        let found = procedures::find(&self.db, id).await?;
        found.ok_or(ObservatoryError::NotFound)
    }

    /// A procedure in its editions, the last one first.
    pub async fn published(&self, id: Uuid) -> Result<Vec<EditionRow>, ObservatoryError> {
        Ok(editions::of_procedure(&self.db, id).await?)
    }

    /// What stands of a procedure today.
    pub async fn standing(&self, id: Uuid) -> Result<Vec<StoredDeclaration>, ObservatoryError> {
        Ok(declarations::standing(&self.db, id, self.source.today()).await?)
    }

    /// All that was declared of a kind, the latest first.
    pub(crate) async fn declared(
        &self,
        id: Uuid,
        declared: Declared,
    ) -> Result<Vec<StoredDeclaration>, ObservatoryError> {
        Ok(declarations::of_kind(&self.db, id, declared).await?)
    }

    /// A product, under the name that it is known by now, and its procedures by name. Demands that the
    /// actor may read them.
    pub(crate) async fn of_product(
        &self,
        actor: &Actor,
        id: ProductId,
    ) -> Result<(ProductSummary, Vec<StoredProcedure>), ObservatoryError> {
        let found = self.products.product(id).await?;
        let product = found.ok_or(ObservatoryError::NotFound)?;
        actor.demand(&READ, product.ministry.map(|id| id.0))?;
        let all = procedures::of_product(&self.db, product.id.0).await?;
        Ok((product, all))
    }

    /// The ministries with a procedure that the actor may read.
    pub(crate) async fn known_ministries(
        &self,
        actor: &Actor,
    ) -> Result<Vec<Uuid>, ObservatoryError> {
        let mut all = procedures::ministries(&self.db).await?;
        all.retain(|one| actor.may(&READ, Some(*one)));
        Ok(all)
    }

    /// Procedures that the actor may read by name, after one of them: at most `limit`, of one ministry when it
    /// is given, only those in the scope when that is asked.
    pub async fn procedures(
        &self,
        actor: &Actor,
        (ministry, is_in_scope): (Option<Uuid>, bool),
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<StoredProcedure>, ObservatoryError> {
        let after = match after {
            Some(id) => procedures::find(&self.db, id).await?,
            None => None,
        };
        let after = after.map_or_else(first, |one| (one.sort_key(), one.id));
        let scope = match actor.reach(&READ) {
            Reach::State => Scope::All,
            Reach::Organisations(_) => Scope::Of(vec![self.known_ministries(actor).await?]),
        };
        let values = vec![ministry.map(Value::from), is_in_scope.then(|| true.into())];
        let key = |one: &StoredProcedure| (one.sort_key(), one.id);
        Ok(page(
            &self.db,
            &list::PROCEDURES,
            &scope,
            (after, values, limit),
            procedures::read,
            key,
        )
        .await?)
    }

    /// A procedure whose answers the actor may read.
    pub(crate) async fn readable(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<StoredProcedure, ObservatoryError> {
        let one = self.procedure(id).await?;
        actor.demand(&READ, one.ministry)?;
        Ok(one)
    }

    /// What a procedure's users say, as it stands today. Demands that the actor may read it.
    pub async fn results(&self, actor: &Actor, id: Uuid) -> Result<Results, ObservatoryError> {
        let one = self.readable(actor, id).await?;
        let today = self.source.today();
        let first = today.first_of_month().saturating_sub(23.months());
        let mut months: BTreeMap<Date, Tally> = BTreeMap::new();
        for (on, tally) in days::each(&self.db, id, first, today).await? {
            *months.entry(on.first_of_month()).or_default() += tally;
        }
        Ok(Results {
            figures: self.figures_today(&one, today).await?,
            months: months.into_iter().collect(),
        })
    }

    /// The figures of a procedure in the quarter that goes on.
    pub(crate) async fn figures_today(
        &self,
        one: &StoredProcedure,
        today: Date,
    ) -> Result<Vec<Figure>, ObservatoryError> {
        let year = today.saturating_sub(12.months()).saturating_add(1.days());
        let recent = days::sum(&self.db, one.id, Quarter::of(today).first(), today).await?;
        let year = days::sum(&self.db, one.id, year, today).await?;
        let declared = said(&declarations::standing(&self.db, one.id, today).await?);
        Ok(figures(&one.procedure, &recent, &year, &declared, today))
    }

    /// Reviews of a procedure, the latest first: at most `limit` before a place. Demands that the actor may
    /// read them.
    pub async fn reviews(
        &self,
        actor: &Actor,
        id: Uuid,
        filter: ReviewFilter,
        before: (Timestamp, Uuid),
        limit: u32,
    ) -> Result<Vec<StoredReview>, ObservatoryError> {
        self.readable(actor, id).await?;
        let values = vec![
            Some(id.into()),
            filter.satisfaction.map(|one| one.code().into()),
            filter.is_commented.then(|| true.into()),
        ];
        let key = |one: &StoredReview| (one.given_at, one.id);
        Ok(page(
            &self.db,
            &list::REVIEWS,
            &Scope::All,
            (before, values, limit),
            reviews::read,
            key,
        )
        .await?)
    }

    /// A review whose procedure the actor may read.
    pub(crate) async fn readable_review(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<(StoredReview, StoredProcedure), ObservatoryError> {
        let found = reviews::find(&self.db, id).await?;
        let one = found.ok_or(ObservatoryError::NotFound)?;
        let procedure = self.readable(actor, one.procedure).await?;
        Ok((one, procedure))
    }
}
