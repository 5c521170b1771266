//! Keys by which programs send figures of one indicator. A key is shown once and kept as its
//! SHA-256: it has 256 random bits, so that nobody finds one by trying or from its hash.

use jiff::Timestamp;
use kit_access::Actor;
use kit_journal::Change;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::access::EDIT;
use crate::domain::observation::ObservationForm;
use crate::store::{indicators, keys as store};
use crate::{Impact, ImpactError, Recorded};

/// What every key begins with, so that one is recognised where it doesn't belong.
const PREFIX: &str = "gvi_";
/// Who records what a program sends.
const AUTHOR: &str = "impact.program";

fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

impl Impact {
    /// Makes a key by which a program sends figures of an indicator, in place of the one before.
    pub async fn new_key(&self, actor: &Actor, indicator: Uuid) -> Result<String, ImpactError> {
        let mut tx = self.db.begin().await?;
        let indicator = indicators::lock(&mut tx, indicator)
            .await?
            .ok_or(ImpactError::NotFound)?;
        actor.demand(&EDIT, indicator.ministry_id)?;
        let bytes = self.source.random::<32>();
        let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
        let key = format!("{PREFIX}{}", digits.collect::<String>());
        store::remove(&mut tx, indicator.id).await?;
        let now = self.source.now();
        store::insert(&mut tx, hash(&key), indicator.id, actor.name(), now).await?;
        let change = Change::new("impact.key.add", "indicator", indicator.id)
            .of(indicator.ministry_id)
            .after(serde_json::json!({ "key": true }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(key)
    }

    /// Takes the key of an indicator away: the program that holds it is refused from then on.
    pub async fn remove_key(&self, actor: &Actor, indicator: Uuid) -> Result<(), ImpactError> {
        let mut tx = self.db.begin().await?;
        let indicator = indicators::lock(&mut tx, indicator)
            .await?
            .ok_or(ImpactError::NotFound)?;
        actor.demand(&EDIT, indicator.ministry_id)?;
        if store::remove(&mut tx, indicator.id).await? > 0 {
            let change = Change::new("impact.key.remove", "indicator", indicator.id)
                .of(indicator.ministry_id)
                .before(serde_json::json!({ "key": true }));
            self.journal.append(&mut tx, actor, change).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Who made the key of an indicator, and when.
    pub(crate) async fn key_of(
        &self,
        indicator: Uuid,
    ) -> Result<Option<(String, Timestamp)>, ImpactError> {
        Ok(store::newest(&self.db, indicator).await?)
    }

    /// Records a figure that a program sends by its key. A key that isn't this indicator's is refused
    /// as if there were none.
    pub async fn push_observation(
        &self,
        key: &str,
        indicator: Uuid,
        form: &ObservationForm,
    ) -> Result<Recorded, ImpactError> {
        let of_key = store::indicator(&self.db, hash(key)).await?;
        if of_key != Some(indicator) {
            return Err(ImpactError::WrongKey);
        }
        let actor = Actor::system(AUTHOR);
        self.add_observation(&actor, indicator, form).await
    }
}
