//! Recording figures and correcting them: appended, never changed.

use kit_access::Actor;
use kit_db::Tx;
use kit_journal::Change;
use uuid::Uuid;

use crate::access::OBSERVE;
use crate::domain::observation::{CorrectionForm, NewObservation, ObservationForm};
use crate::domain::{Indicator, Mistake, Observation};
use crate::store::{indicators, observations as store};
use crate::{Impact, ImpactError};

/// What became of a figure that was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// Its number among those of the indicator.
    pub number: i64,
    /// Whether it is new; the same figure told again changes nothing.
    pub is_new: bool,
}

impl Impact {
    /// Records a figure. The same figure of the same day and source told again is known already;
    /// another one of that day and source is refused: it is corrected instead.
    pub async fn add_observation(
        &self,
        actor: &Actor,
        indicator: Uuid,
        form: &ObservationForm,
    ) -> Result<Recorded, ImpactError> {
        let mut tx = self.db.begin().await?;
        let indicator = self.to_observe(&mut tx, actor, indicator).await?;
        let told = form
            .check(&indicator.description, self.source.today())
            .map_err(ImpactError::Mistakes)?;
        let recorded = self.append(&mut tx, actor, &indicator, &told).await?;
        if recorded.is_new {
            self.refresh_latest(&mut tx, &indicator).await?;
            tx.commit().await?;
        }
        Ok(recorded)
    }

    /// The indicator, on which the actor may record figures by hand; locked.
    pub(crate) async fn to_observe(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: Uuid,
    ) -> Result<Indicator, ImpactError> {
        let indicator = indicators::lock(tx, id)
            .await?
            .ok_or(ImpactError::NotFound)?;
        actor.demand(&OBSERVE, indicator.ministry_id)?;
        let key = if !indicator.in_use {
            "impact-mistake-retired"
        } else if indicator.description.origin.is_automatic() {
            "impact-mistake-automatic"
        } else {
            return Ok(indicator);
        };
        Err(ImpactError::Mistakes(vec![Mistake::new("value", key)]))
    }

    /// Appends a figure to a locked indicator; the latest figure is brought up to date by the caller.
    pub(crate) async fn append(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        indicator: &Indicator,
        told: &NewObservation,
    ) -> Result<Recorded, ImpactError> {
        let figure = told.figure;
        let there = store::current(&mut *tx, indicator.id, figure.as_of, &told.source).await?;
        if let Some((there, _)) = there {
            if there.figure() == Some(figure) {
                return Ok(Recorded {
                    number: there.number,
                    is_new: false,
                });
            }
            let value = there.value.map(|value| value.to_string());
            let mistake = Mistake::with(
                "as_of",
                "impact-mistake-duplicate",
                value.unwrap_or_else(|| "—".to_owned()),
            );
            return Err(ImpactError::Mistakes(vec![mistake]));
        }
        let row = Observation {
            number: indicators::next(tx, indicator.id).await?,
            value: Some(figure.value),
            as_of: figure.as_of,
            source: told.source.clone(),
            quality: figure.quality,
            standard_error: figure.standard_error,
            corrects: None,
            reason: String::new(),
            author: actor.name().to_owned(),
            recorded_at: self.source.now(),
            counts: true,
        };
        self.write(tx, actor, indicator, 0, &row, None).await?;
        Ok(Recorded {
            number: row.number,
            is_new: true,
        })
    }

    /// Corrects the figure of a number, or takes it away. What it corrects stays. A row that was
    /// corrected already is stale: its latest correction is corrected instead.
    pub async fn correct_observation(
        &self,
        actor: &Actor,
        indicator: Uuid,
        number: i64,
        form: &CorrectionForm,
    ) -> Result<i64, ImpactError> {
        let mut tx = self.db.begin().await?;
        let indicator = indicators::lock(&mut tx, indicator)
            .await?
            .ok_or(ImpactError::NotFound)?;
        actor.demand(&OBSERVE, indicator.ministry_id)?;
        let before = store::numbered(&mut tx, indicator.id, number)
            .await?
            .ok_or(ImpactError::NotFound)?;
        let checked = form
            .check(&indicator.description, &before)
            .map_err(ImpactError::Mistakes)?;
        if !before.counts {
            return Err(ImpactError::Stale);
        }
        let row = Observation {
            value: checked.value,
            quality: checked.quality,
            standard_error: checked.standard_error,
            reason: checked.reason,
            author: actor.name().to_owned(),
            ..before.clone()
        };
        let number = self
            .revise(&mut tx, actor, &indicator, &before, row)
            .await?;
        tx.commit().await?;
        Ok(number)
    }

    /// Appends the next revision of a row that counts.
    pub(crate) async fn revise(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        indicator: &Indicator,
        before: &Observation,
        mut row: Observation,
    ) -> Result<i64, ImpactError> {
        let (_, revision) = store::current(&mut *tx, indicator.id, before.as_of, &before.source)
            .await?
            .ok_or(ImpactError::NotFound)?;
        row.number = indicators::next(tx, indicator.id).await?;
        row.corrects = Some(before.number);
        row.recorded_at = self.source.now();
        self.write(tx, actor, indicator, revision + 1, &row, Some(before))
            .await?;
        self.refresh_latest(tx, indicator).await?;
        Ok(row.number)
    }

    async fn write(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        indicator: &Indicator,
        revision: i64,
        row: &Observation,
        before: Option<&Observation>,
    ) -> Result<(), ImpactError> {
        if !store::insert(tx, indicator.id, revision, row).await? {
            return Err(ImpactError::Stale);
        }
        let action = if before.is_some() {
            "impact.observation.correct"
        } else {
            "impact.observation.add"
        };
        let mut change = Change::new(action, "indicator", indicator.id)
            .of(indicator.ministry_id)
            .public()
            .after(row);
        if let Some(before) = before {
            change = change.before(before);
        }
        self.journal.append(tx, actor, change).await?;
        Ok(())
    }
}
