//! People of whom calls are about, and calls about them as gateways trace them.

use exchange::domain::{ApiStatus, Fact};
use exchange::{NewApi, OperationForm, ScopeForm, SureCitizen};
use kit_time::Clock as _;
use ports::exchange::Trace;
use ports::{Answered, CITIZEN_COOKIE, CitizenIdentity, Citizens};
use pseudonym::PseudonymKey;
use uuid::Uuid;

use crate::world::{Published, TOWN_SIRET, World, api_form, request, root};

/// A producer's operation that names people by their civil status.
pub(crate) const STATUS: &str = r"
openapi: 3.1.0
info: { title: Prestations, version: 1.0.0, description: Ce que perçoit une personne }
paths:
  /v1/prestations:
    get:
      operationId: getPrestations
      summary: Prestations d’une personne
      parameters:
        - { name: nom, in: query, required: true, schema: { type: string } }
        - { name: prenoms, in: query, required: true, schema: { type: string } }
        - { name: naissance, in: query, required: true, schema: { type: string } }
        - { name: commune, in: query, required: true, schema: { type: string } }
        - { name: dossier, in: query, schema: { type: string } }
      responses:
        '200':
          description: Trouvé
          content:
            application/json:
              schema:
                type: object
                properties: { montant: { type: integer }, adresse: { type: string } }
";

pub(crate) const SUBJECT: [(&str, Fact); 4] = [
    ("query:nom", Fact::FamilyName),
    ("query:prenoms", Fact::GivenNames),
    ("query:naissance", Fact::BirthDate),
    ("query:commune", Fact::Birthplace),
];

pub(crate) fn elodie() -> CitizenIdentity {
    CitizenIdentity {
        citizen: Uuid::from_u128(0xe10d),
        level: 2,
        given_names: "Élodie Marie".into(),
        family_name: "Fonteneau".into(),
        birthdate: "1962-08-24".into(),
        gender: "female".into(),
        birthplace: "75107".into(),
        birthcountry: "99100".into(),
    }
}

pub(crate) fn marc() -> CitizenIdentity {
    CitizenIdentity {
        citizen: Uuid::from_u128(0x3a6c),
        given_names: "Marc".into(),
        birthdate: "1960-01-02".into(),
        gender: "male".into(),
        ..elodie()
    }
}

pub(crate) fn sure(who: CitizenIdentity) -> SureCitizen {
    SureCitizen::of(who).unwrap()
}

/// The value of the cookie says who came.
pub(crate) struct CookieTells;

impl Citizens for CookieTells {
    fn of_cookie<'f>(&'f self, cookie: &'f str) -> Answered<'f, Option<CitizenIdentity>> {
        let who = match cookie {
            "elodie" => Some(elodie()),
            "marc" => Some(marc()),
            "unsure" => Some(CitizenIdentity {
                level: 1,
                ..elodie()
            }),
            _ => None,
        };
        Box::pin(async move { Ok(who) })
    }
}

pub(crate) fn cookie(name: &str) -> String {
    format!("{CITIZEN_COOKIE}={name}")
}

/// What a producer says of the operation.
pub(crate) fn operation_form(subject: &[(&str, Fact)]) -> OperationForm {
    OperationForm {
        subject: subject.iter().map(|(code, _)| (*code).into()).collect(),
        facts: subject
            .iter()
            .map(|(code, fact)| ((*code).into(), fact.code().into()))
            .collect(),
        pieces_saved: 1,
        ..OperationForm::default()
    }
}

impl World {
    /// The fund's API that names people by their civil status.
    pub(crate) async fn by_status(&self) -> Published {
        let new = NewApi {
            producer: self.fund,
            prefix: "cnp/prestations",
            document: STATUS.as_bytes(),
        };
        let exchange = &self.exchange;
        let api = exchange.add_api(&root(), new).await.unwrap();
        let form = api_form("Prestations");
        exchange.change_api(&root(), api, 1, &form).await.unwrap();
        let scope = ScopeForm {
            tells_identity: false,
            code: "cnp_montant".into(),
            label: "Montant perçu".into(),
            fields: vec![("getPrestations".into(), "montant".into())],
        };
        exchange.add_scope(&root(), api, &scope).await.unwrap();
        let operation = self.operation_of(api).await;
        let form = operation_form(&SUBJECT);
        exchange
            .describe_operation(&self.producer, operation, &form)
            .await
            .unwrap();
        exchange
            .set_status(&root(), api, ApiStatus::Published)
            .await
            .unwrap();
        Published { api, operation }
    }

    /// An accreditation in force for it.
    pub(crate) async fn accredited_by_status(&self) -> (Uuid, Published) {
        let published = self.by_status().await;
        let form = request(&[published.api], &["cnp_montant"]);
        let id = self.submitted(form).await;
        self.approve(id).await;
        (id, published)
    }

    /// The pseudonym that a gateway makes of these values, by the operation as it is described now.
    pub(crate) async fn called(&self, of: &Published, values: &[&str]) -> String {
        let snapshot = self.exchange.snapshot().await.unwrap();
        let route = snapshot.apis.iter().find(|api| api.id == of.api).unwrap();
        let mut operations = route.operations.iter();
        let operation = operations.find(|one| one.id == of.operation).unwrap();
        let names = operation.subject.iter().map(|one| match one {
            ports::exchange::Parameter::Path(name)
            | ports::exchange::Parameter::Query(name)
            | ports::exchange::Parameter::Body(name) => name.as_str(),
        });
        let parameters: Vec<(&str, Vec<String>)> = names
            .zip(values)
            .map(|(name, value)| (name, vec![(*value).to_owned()]))
            .collect();
        let key = PseudonymKey::parse(&route.pseudonym_key).unwrap();
        pseudonym::hex(&key.pseudonym(&parameters).unwrap())
    }

    /// A call about Élodie, written as an official writes it.
    pub(crate) async fn about_elodie(&self, of: &Published) -> String {
        let values = ["FONTENEAU", "ELODIE MARIE", "1962-08-24", "75107"];
        self.called(of, &values).await
    }

    /// A trace of now.
    pub(crate) fn trace_of(&self, of: &Published, accreditation: Uuid, subject: &str) -> Trace {
        Trace {
            request: Uuid::from_u128(9),
            at: self.clock.now(),
            accreditation: Some((accreditation, 1)),
            requester: Some(TOWN_SIRET.into()),
            editor: None,
            producer: self.fund,
            api: of.api,
            operation: of.operation,
            purpose: Some("cantine".into()),
            object: Some("Dossier 12".into()),
            legal_basis: Some("CRPA, article L114-8".into()),
            recipient: Some(TOWN_SIRET.into()),
            subject: Some(subject.into()),
            status: 200,
            problem: None,
            latency_us: 1_500,
            bytes: 120,
            pieces_saved: 1,
            hidden_until: None,
            on_behalf: false,
        }
    }
}
