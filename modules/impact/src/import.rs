//! Figures from a table: all of a file or nothing of it.

use kit_access::Actor;
use uuid::Uuid;

use crate::domain::import::{Refused, read};
use crate::{Impact, ImpactError};

/// What a file did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportOutcome {
    /// Figures that were read.
    pub read: usize,
    /// Those that are new.
    pub added: usize,
    /// Those that were known already.
    pub known: usize,
    /// The cells that were refused; then nothing of the file is kept.
    pub refused: Vec<Refused>,
    /// Whether the figures are kept.
    pub is_kept: bool,
}

impl Impact {
    /// Reads a table of figures (CSV or XLSX, columns date and value, maybe unit, source, quality,
    /// standard error). `source` stands for rows that name none. A dry run keeps nothing and says
    /// what would happen; so does a file with a mistake.
    pub async fn import_observations(
        &self,
        actor: &Actor,
        indicator: Uuid,
        bytes: Vec<u8>,
        source: &str,
        is_dry_run: bool,
    ) -> Result<ImportOutcome, ImpactError> {
        let described = self.indicator(indicator).await?.description;
        let (own, today) = (source.to_owned(), self.source.today());
        // Before a transaction begins: reading a file takes a while.
        let (told, refused) =
            tokio::task::spawn_blocking(move || read(&bytes, &described, &own, today))
                .await
                .map_err(|error| ImpactError::Task(error.to_string()))??;
        let mut tx = self.db.begin().await?;
        let indicator = self.to_observe(&mut tx, actor, indicator).await?;
        let mut outcome = ImportOutcome {
            read: told.len(),
            refused,
            ..ImportOutcome::default()
        };
        for row in told {
            match self
                .append(&mut tx, actor, &indicator, &row.observation)
                .await
            {
                Ok(recorded) if recorded.is_new => outcome.added += 1,
                Ok(_) => outcome.known += 1,
                Err(ImpactError::Mistakes(mistakes)) => {
                    outcome
                        .refused
                        .extend(mistakes.into_iter().map(|mistake| Refused {
                            line: row.line,
                            column: mistake.field.clone().into_owned(),
                            value: row.observation.figure.value.to_string(),
                            mistake,
                        }));
                }
                Err(error) => return Err(error),
            }
        }
        outcome.refused.sort_by_key(|refused| refused.line);
        if outcome.refused.is_empty() && !is_dry_run {
            self.refresh_latest(&mut tx, &indicator).await?;
            tx.commit().await?;
            outcome.is_kept = true;
        }
        Ok(outcome)
    }
}
