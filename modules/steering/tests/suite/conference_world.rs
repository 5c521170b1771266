//! Conferences of the small State, as far as each test needs them.

use kit_access::Actor;
use steering::domain::{
    ConferenceAct, ConferenceForm, ConferenceRecommendationForm, DecisionForm, MinutesForm,
};
use steering::{Conference, ConferencePoint, SteeringError};
use uuid::Uuid;

use crate::world::{World, typed};

pub(crate) fn form(day: &str) -> ConferenceForm {
    ConferenceForm {
        kind: "ordinary".into(),
        reason: String::new(),
        day: typed(day),
        hour: "14:30".into(),
        place: "Hôtel du ministère, salle 3".into(),
        people: [
            "Olga Officer, cheffe de mission".into(),
            "Dora Director, directrice du numérique".into(),
            "Bruno Budget, chef de bureau".into(),
        ],
    }
}

pub(crate) fn minutes(said: &str, undecided: &str) -> MinutesForm {
    MinutesForm {
        discussion: said.into(),
        undecided: undecided.into(),
    }
}

pub(crate) fn reorient(on: &str) -> DecisionForm {
    DecisionForm {
        kind: "reorient".into(),
        on: typed(on),
        reasons: "Le prix de 12 M€ n’est pas tenable.".into(),
        next: "Livrer un premier lot".into(),
        next_by: typed("2026-12-31"),
        ..DecisionForm::default()
    }
}

impl World {
    pub(crate) async fn conference(&self, id: Uuid) -> (Conference, Vec<ConferencePoint>) {
        let found = self.steering.conference(&self.officer, id).await;
        let (one, points, _) = found.unwrap();
        (one, points)
    }

    pub(crate) async fn do_it(
        &self,
        actor: &Actor,
        id: Uuid,
        act: ConferenceAct,
    ) -> Result<(), SteeringError> {
        let (one, _) = self.conference(id).await;
        self.steering
            .act_on_conference(actor, id, one.version, act, "Ainsi")
            .await
    }

    /// The same, which works.
    pub(crate) async fn act(&self, id: Uuid, act: ConferenceAct) {
        self.do_it(&self.officer, id, act).await.unwrap();
    }

    /// A conference on 16 June with the project on its agenda.
    pub(crate) async fn planned(&self) -> Uuid {
        let steering = &self.steering;
        let id = steering
            .plan_conference(&self.officer, self.ministry, &form("2026-06-16"))
            .await
            .unwrap();
        steering
            .take_point(&self.officer, id, self.project, "Le plus cher du ministère")
            .await
            .unwrap();
        id
    }

    /// The same, held; its only point.
    pub(crate) async fn held(&self) -> (Uuid, Uuid) {
        let id = self.planned().await;
        self.do_it(&self.officer, id, ConferenceAct::Prepare)
            .await
            .unwrap();
        self.wait_until("2026-06-17");
        self.do_it(&self.officer, id, ConferenceAct::Hold)
            .await
            .unwrap();
        let (_, points) = self.conference(id).await;
        (id, points[0].id)
    }

    pub(crate) async fn write(&self, actor: &Actor, ids: (Uuid, Uuid), said: &str) {
        let (_, points) = self.conference(ids.0).await;
        let form = minutes(said, "");
        self.steering
            .write_minutes(actor, ids, points[0].version, &form)
            .await
            .unwrap();
    }

    /// The same, with minutes that both sides adopted.
    pub(crate) async fn closed(&self) -> (Uuid, Uuid) {
        let ids = self.held().await;
        self.write(
            &self.officer,
            ids,
            "Le prix de 12 M€ est contesté par le titulaire.",
        )
        .await;
        let steering = &self.steering;
        let (_, points) = self.conference(ids.0).await;
        steering
            .decide_point(
                &self.officer,
                ids,
                points[0].version,
                &reorient("2026-06-16"),
            )
            .await
            .unwrap();
        let recommendation = ConferenceRecommendationForm {
            text: "Découper le projet en lots qui servent seuls".into(),
            axis: "delivery".into(),
            owner: "Cheffe de projet".into(),
            due: typed("2026-09-30"),
        };
        steering
            .recommend_point(&self.officer, ids, &recommendation)
            .await
            .unwrap();
        for (actor, act) in [
            (&self.officer, ConferenceAct::AdoptDirectorate),
            (&self.director, ConferenceAct::AdoptMinistry),
        ] {
            self.do_it(actor, ids.0, act).await.unwrap();
        }
        ids
    }
}
