//! What a citizen of the demo sees: calls about an invented person whom the mock provider knows, and
//! one that somebody contests.

use exchange::domain::{ContestForm, Fact};
use exchange::{AccessFilter, OperationForm, SureCitizen};
use jiff::SignedDuration;
use kit_access::Actor;
use ports::CitizenIdentity;
use ports::exchange::{Parameter, Trace};
use pseudonym::PseudonymKey;
use uuid::Uuid;

use crate::app::Platform;
use crate::demo_exchange::TOWN_SIRET;
use crate::error::CommandError;

/// The parameters of the operation that names people by their civil status, and the facts they are.
const SUBJECT: [(&str, Fact); 4] = [
    ("nomNaissance", Fact::FamilyName),
    ("prenoms", Fact::GivenNames),
    ("dateNaissance", Fact::BirthDate),
    ("communeNaissance", Fact::Birthplace),
];
/// Élodie Fonteneau of the mock provider, as the town writes her.
const WRITTEN: [&str; 4] = ["FONTENEAU", "ELODIE MARIE ROSALIE", "1962-08-24", "75107"];
/// Days before today, purpose, number of the file.
const CALLS: [(i64, &str, u32); 4] = [
    (24, "cantine", 4_417),
    (17, "periscolaire", 4_418),
    (9, "cantine", 5_102),
    (2, "cantine", 5_860),
];
/// The same, of calls on her behalf.
const CALLED_FOR: [(i64, &str, u32); 2] = [(13, "aides", 7_204), (1, "aides", 7_318)];

/// Operations of an API by name: the first names people by a number, one behind it by civil status.
pub(crate) fn apart(operations: Vec<Uuid>) -> (Option<Uuid>, Option<Uuid>) {
    let mut operations = operations.into_iter();
    (operations.next(), operations.next())
}

/// Says which facts its parameters are.
pub(crate) async fn describe(
    platform: &Platform,
    actor: &Actor,
    operation: Option<Uuid>,
) -> Result<(), CommandError> {
    let Some(operation) = operation else {
        return Ok(());
    };
    let code = |name: &str| format!("query:{name}");
    let form = OperationForm {
        subject: SUBJECT.iter().map(|(name, _)| code(name)).collect(),
        facts: SUBJECT
            .iter()
            .map(|(name, fact)| (code(name), fact.code().to_owned()))
            .collect(),
        pieces_saved: 2,
        // A service to which the person signed in asks for it without naming it.
        citizen_calls: "open".to_owned(),
        level_min: "2".to_owned(),
        ..OperationForm::default()
    };
    let exchange = &platform.exchange;
    exchange.describe_operation(actor, operation, &form).await?;
    Ok(())
}

/// A place of a call about her: an API, its operation by civil status, her pseudonym there.
struct Place {
    producer: Uuid,
    api: Uuid,
    operation: Uuid,
    subject: String,
}

async fn place(
    platform: &Platform,
    producer: Uuid,
    api: Uuid,
) -> Result<Option<Place>, CommandError> {
    let exchange = &platform.exchange;
    let actor = Actor::system("demo");
    let (_, operation) = apart(exchange.operations(&actor, api).await?);
    let snapshot = exchange.snapshot().await?;
    let route = snapshot.apis.iter().find(|one| one.id == api);
    let key = route.and_then(|route| PseudonymKey::parse(&route.pseudonym_key));
    let (Some(operation), Some(route), Some(key)) = (operation, route, key) else {
        return Ok(None);
    };
    let mut operations = route.operations.iter();
    let subject = operations.find(|one| one.id == operation);
    let parameters: Vec<(&str, Vec<String>)> = subject
        .into_iter()
        .flat_map(|one| &one.subject)
        .zip(WRITTEN)
        .map(|(parameter, value)| {
            let (Parameter::Path(name) | Parameter::Query(name) | Parameter::Body(name)) =
                parameter;
            (name.as_str(), vec![value.to_owned()])
        })
        .collect();
    Ok(key.pseudonym(&parameters).map(|pseudonym| Place {
        producer,
        api,
        operation,
        subject: pseudonym::hex(&pseudonym),
    }))
}

impl Place {
    /// A call of the town about her, so many days ago.
    fn called(
        &self,
        platform: &Platform,
        accreditation: Uuid,
        (days, purpose, file): (i64, &str, u32),
    ) -> Trace {
        Trace {
            request: platform.source.new_id(),
            at: platform.source.now() - SignedDuration::from_hours(24 * days),
            accreditation: Some((accreditation, 1)),
            requester: Some(TOWN_SIRET.to_owned()),
            editor: None,
            producer: self.producer,
            api: self.api,
            operation: self.operation,
            purpose: Some(purpose.to_owned()),
            object: Some(format!("Dossier {file}")),
            legal_basis: Some("CRPA, article L114-8".to_owned()),
            recipient: Some(TOWN_SIRET.to_owned()),
            subject: Some(self.subject.clone()),
            status: 200,
            problem: None,
            latency_us: 41_000,
            bytes: 64,
            pieces_saved: 2,
            hidden_until: None,
            on_behalf: false,
        }
    }
}

/// Calls of the town's service on her behalf. Nobody has signed in yet when the demo is filled, so that
/// they stand under her civil status: she finds them by it.
pub(crate) async fn called_for(
    platform: &Platform,
    fund: Uuid,
    accreditation: Uuid,
    api: Uuid,
) -> Result<(), CommandError> {
    let Some(place) = place(platform, fund, api).await? else {
        return Ok(());
    };
    let traces = CALLED_FOR.map(|call| Trace {
        on_behalf: true,
        ..place.called(platform, accreditation, call)
    });
    let exchange = &platform.exchange;
    exchange.keep_traces("demo-behalf", 0, &traces).await?;
    Ok(())
}

/// Calls about her, and one of them contested.
pub(crate) async fn fill(
    platform: &Platform,
    fund: Uuid,
    accreditation: Uuid,
    api: Uuid,
) -> Result<(), CommandError> {
    let exchange = &platform.exchange;
    let Some(place) = place(platform, fund, api).await? else {
        return Ok(());
    };
    let traces = CALLS.map(|call| place.called(platform, accreditation, call));
    exchange.keep_traces("demo-citizens", 0, &traces).await?;
    let who = SureCitizen::of(CitizenIdentity {
        citizen: platform.source.new_id(),
        level: 2,
        given_names: "Élodie Marie Rosalie".to_owned(),
        family_name: "Fonteneau".to_owned(),
        birthdate: "1962-08-24".to_owned(),
        gender: "female".to_owned(),
        birthplace: "75107".to_owned(),
        birthcountry: "99100".to_owned(),
    });
    let Some(who) = who else {
        return Ok(());
    };
    let form = ContestForm {
        body: "Je n’ai inscrit personne au périscolaire de Valclair.".to_owned(),
        mail: String::new(),
    };
    let seen = exchange
        .accesses(&who, &AccessFilter::default(), None, 10)
        .await?;
    if let Some(one) = seen.iter().find(|one| one.purpose.contains("périscolaire")) {
        exchange
            .contest(&who, (&one.kept.log, one.kept.index), &form)
            .await?;
    }
    Ok(())
}
