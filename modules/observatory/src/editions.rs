//! Editions: each quarter, the figures of every procedure in the scope, once and for good.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;
use kit_access::Actor;
use kit_db::Tx;
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::declarations::said;
use crate::domain::{Criterion, Figure, Quarter, figures};
use crate::store::editions::{self as store, Standings};
use crate::store::procedures::{self, StoredProcedure};
use crate::store::{days, declarations};
use crate::{Observatory, ObservatoryError};

/// Days after a quarter's end before its edition is made: teams declare what they measured by then.
const GRACE_DAYS: i64 = 15;
/// Procedures that are read at once.
const ROUND: u32 = 500;

impl Observatory {
    /// The quarter whose edition should stand by a day.
    pub(crate) fn due_quarter(today: Date) -> Quarter {
        Quarter::ended_before(today.saturating_sub(GRACE_DAYS.days()))
    }

    /// Makes the edition that is due, once.
    pub(crate) async fn make_due_edition(&self) -> Result<(), ObservatoryError> {
        let quarter = Self::due_quarter(self.source.today());
        if store::find(&self.db, quarter).await?.is_none() {
            self.make_edition(quarter).await?;
        }
        Ok(())
    }

    /// Makes the edition of a quarter; gives whether nobody did before. A quarter in which no
    /// procedure of the scope was there has none.
    pub async fn make_edition(&self, quarter: Quarter) -> Result<bool, ObservatoryError> {
        let id = self.source.new_id();
        let mut tx = self.db.begin().await?;
        let mut round = procedures::in_scope(&mut tx, Uuid::nil(), ROUND).await?;
        if round.is_empty() || !store::begin(&mut tx, quarter, (id, self.source.now())).await? {
            return Ok(false);
        }
        let mut number = 0;
        let mut standings: BTreeMap<Criterion, Standings> = BTreeMap::new();
        loop {
            // Nobody could answer about what was added later.
            let was_there =
                |one: &&StoredProcedure| kit_time::day_in_paris(one.created_at) <= quarter.last();
            for one in round.iter().filter(was_there) {
                let all = figures_in(&mut tx, one, quarter).await?;
                for figure in all.iter().filter(|figure| figure.criterion.has_goal()) {
                    let standing = standings.entry(figure.criterion).or_default();
                    standing.add(figure.level);
                }
                store::insert_row(&mut tx, quarter, one, &all).await?;
                number += 1;
            }
            let Some(last) = round.last().filter(|_| round.len() == ROUND as usize) else {
                break;
            };
            let last = last.id;
            round = procedures::in_scope(&mut tx, last, ROUND).await?;
        }
        if number == 0 {
            return Ok(false);
        }
        for (criterion, standing) in standings {
            store::insert_level(&mut tx, quarter, criterion, standing).await?;
        }
        store::end(&mut tx, quarter, number).await?;
        let change = Change::new("observatory.edition.make", "edition", id)
            .after(json!({ "quarter": quarter.to_string(), "procedures": number }))
            .public();
        let actor = Actor::system("observatory");
        self.journal.append(&mut tx, &actor, change).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// The figures of a procedure at the end of a quarter.
async fn figures_in(
    tx: &mut Tx,
    one: &StoredProcedure,
    quarter: Quarter,
) -> Result<Vec<Figure>, ObservatoryError> {
    let until = quarter.last();
    let recent = days::sum(&mut *tx, one.id, quarter.first(), until).await?;
    let year = days::sum(&mut *tx, one.id, quarter.twelve_months_from(), until).await?;
    let declared = said(&declarations::standing(tx, one.id, until).await?);
    Ok(figures(&one.procedure, &recent, &year, &declared, until))
}
