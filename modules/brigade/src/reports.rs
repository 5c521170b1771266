//! What a mission found and changed, its file, and the recommendations that rest on it.

use jiff::ToSpan as _;
use kit_access::Actor;
use kit_journal::Change;
use ports::{NewRecommendation, ProductId, RecommendationSummary};
use serde_json::json;
use uuid::Uuid;

use crate::access::CONDUCT;
use crate::domain::{
    MissionAct, MissionState, REPORT_BYTES_MAX, RecommendForm, ReportFile, ReportForm, monday,
    report_file,
};
use crate::store::missions::{self as store, Mission};
use crate::store::plan;
use crate::{Brigade, BrigadeError};

/// What a recommendation of a mission rests on, as ports name it.
pub(crate) const ORIGIN: &str = "mission";

impl Brigade {
    /// An officer, or an expert who goes.
    async fn may_report(&self, actor: &Actor, one: &Mission) -> Result<(), BrigadeError> {
        if actor.may(&CONDUCT, one.ministry) {
            return Ok(());
        }
        let own = self.own_expert(actor).await?;
        let assigned = store::assignments(&self.db, one.id).await?;
        if own.is_some_and(|own| assigned.iter().any(|goes| goes.expert == own)) {
            return Ok(());
        }
        Ok(actor.demand(&CONDUCT, one.ministry)?)
    }

    /// Gives the report of a mission of that version, or completes it. What was booked after this
    /// week is given back.
    pub async fn report(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &ReportForm,
    ) -> Result<(), BrigadeError> {
        let known = store::find(&self.db, id).await?;
        let known = known.ok_or(BrigadeError::NotFound)?;
        self.may_report(actor, &known).await?;
        let read = form.read()?;
        let told_to = self
            .tell_ministry(known.ministry, None)
            .await?
            .and(self.tell_directorate(known.ministry).await?);
        let today = self.source.today();
        let mut tx = self.db.begin().await?;
        let before = self.mission_in(&mut tx, id).await?;
        if before.version != version {
            return Err(BrigadeError::Stale);
        }
        let mut one = before.clone();
        let reported = before.state.after(MissionAct::Report);
        one.state = reported.ok_or(BrigadeError::Impossible)?;
        one.findings = read.findings;
        one.changes = read.changes;
        one.link = read.link;
        plan::free(&mut tx, id, monday(today).saturating_add(7.days())).await?;
        self.mission_acted(&mut tx, actor, (&before, &one), ("report", ""))
            .await?;
        self.mail_of_mission(&mut tx, &told_to, &one, ("brigade-told-report", ""))
            .await?;
        Ok(tx.commit().await?)
    }

    /// Keeps the file of a report: PDF, ODT or DOCX by what it holds, at most 10 MB.
    pub async fn attach(
        &self,
        actor: &Actor,
        id: Uuid,
        name: &str,
        bytes: Vec<u8>,
    ) -> Result<(), BrigadeError> {
        let known = store::find(&self.db, id).await?;
        let known = known.ok_or(BrigadeError::NotFound)?;
        self.may_report(actor, &known).await?;
        if bytes.len() as u64 > REPORT_BYTES_MAX {
            let key = "brigade-mistake-file-size";
            return Err(BrigadeError::mistake("file", key, 10));
        }
        let Some(kind) = report_file(&bytes) else {
            return Err(BrigadeError::mistake("file", "brigade-mistake-file", name));
        };
        let of_file = self.source.new_id();
        let key = format!("brigade/reports/{id}/{of_file}.{}", kind.extension());
        let length = bytes.len();
        // Before the transaction: a file that no row names is harmless, a row without its file isn't.
        self.files.put(&key, bytes).await?;
        let mut tx = self.db.begin().await?;
        let before = self.mission_in(&mut tx, id).await?;
        if !matches!(before.state, MissionState::Running | MissionState::Reported) {
            drop(tx);
            self.files.delete(&key).await?;
            return Err(BrigadeError::Impossible);
        }
        let mut one = before.clone();
        one.file_key = key;
        let plain = name.chars().filter(|c| !c.is_control());
        one.file_name = plain.take(200).collect();
        self.mission_acted(&mut tx, actor, (&before, &one), ("attach", &one.file_name))
            .await?;
        let change = Change::new("brigade.report.attach", "mission", id)
            .of(one.ministry)
            .after(json!({ "bytes": length, "kind": kind.extension() }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        if !before.file_key.is_empty() {
            self.files.delete(&before.file_key).await?;
        }
        Ok(())
    }

    /// The file of a report that the actor may read, and what it is.
    pub async fn report_bytes(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<(ReportFile, Vec<u8>), BrigadeError> {
        let one = self.mission_of(actor, id).await?;
        let kind = one
            .file_key
            .rsplit_once('.')
            .and_then(|(_, extension)| ReportFile::parse(extension));
        let kind = kind.ok_or(BrigadeError::NotFound)?;
        let found = self.files.find(&one.file_key).await?;
        Ok((kind, found.ok_or(BrigadeError::NotFound)?.to_vec()))
    }

    /// Whether missions can give recommendations here.
    pub fn recommends(&self) -> bool {
        self.recommending.is_some()
    }

    /// Recommendations that rest on a mission.
    pub(crate) async fn recommendations(
        &self,
        mission: Uuid,
    ) -> Result<Vec<RecommendationSummary>, BrigadeError> {
        match &self.recommending {
            Some(port) => Ok(port.resting_on((ORIGIN, mission)).await?),
            None => Ok(Vec::new()),
        }
    }

    /// Gives a recommendation that rests on a mission which is running or has reported.
    pub async fn recommend(
        &self,
        actor: &Actor,
        id: Uuid,
        form: &RecommendForm,
    ) -> Result<Uuid, BrigadeError> {
        let known = self.mission_of(actor, id).await?;
        actor.demand(&CONDUCT, known.ministry)?;
        let port = self.recommending.as_ref().ok_or(BrigadeError::Impossible)?;
        let (text, axis, owner, due) = form.read(self.source.today())?;
        let mut tx = self.db.begin().await?;
        let one = self.mission_in(&mut tx, id).await?;
        actor.demand(&CONDUCT, one.ministry)?;
        if !matches!(one.state, MissionState::Running | MissionState::Reported) {
            return Err(BrigadeError::Impossible);
        }
        let new = NewRecommendation {
            product: ProductId(one.product),
            text: text.clone(),
            axis,
            owner,
            due,
            origin: (ORIGIN, id),
        };
        let given = port.recommend_in(&mut tx, actor, new).await?;
        self.mission_happened(&mut tx, actor, &one, ("recommend", &text))
            .await?;
        let change = Change::new("brigade.mission.recommend", "mission", id)
            .of(one.ministry)
            .after(json!({ "recommendation": given }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(given)
    }
}
