//! The data exchange of the demo State: invented producers, a town that asks, what was decided, what
//! was called.

use std::collections::HashSet;
use std::sync::Arc;

use directory::domain::OrganisationForm;
use exchange::domain::{Act, ApiForm, ApiStatus, RequestForm, RuleForm, Step, StopForm, Terms};
use exchange::{Details, NewApi, NewRequest, ScopeForm};
use identity::domain::ClientForm;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use kit_access::{Actor, Grant, Reach, Role};
use ports::exchange::Trace;
use ports::roles::{DATA_PRODUCER, DATA_REQUESTER, INSTRUCTOR};
use uuid::Uuid;

use crate::app::Platform;
use crate::demo::OFFICER_PASSWORD;
use crate::error::CommandError;
use crate::{demo_behalf, demo_citizens};

/// Name, acronym, kind and SIRET number, all invented.
const BODIES: [(&str, &str, &str, &str); 4] = [
    (
        "Caisse nationale des prestations (fictive)",
        "CNP",
        "operator",
        "99900010200015",
    ),
    (
        "Direction des revenus (fictive)",
        "DR",
        "directorate",
        "99900020100015",
    ),
    (
        "Commune de Valclair (fictive)",
        "",
        "local-body",
        TOWN_SIRET,
    ),
    ("Logiciels du Val (fictif)", "", "other", "99900040900014"),
];
/// The town's number.
pub(crate) const TOWN_SIRET: &str = "99900030000015";
/// Days for which calls are traced.
const TRACED_DAYS: i64 = 30;

/// The organisations and people of the exchange.
pub(crate) struct Cast {
    pub(crate) fund: Uuid,
    revenue: Uuid,
    pub(crate) town: Uuid,
    producer: Actor,
    pub(crate) requester: Actor,
    pub(crate) instructor: Actor,
}

/// Fills it.
pub(crate) async fn fill(platform: &Platform, actor: &Actor) -> Result<(), CommandError> {
    let mut ids = Vec::new();
    for (name, acronym, kind, siret) in BODIES {
        let form = OrganisationForm {
            name: name.to_owned(),
            acronym: acronym.to_owned(),
            kind: kind.to_owned(),
            siret: siret.to_owned(),
            ..OrganisationForm::default()
        };
        ids.push(platform.directory.add_organisation(actor, &form).await?);
    }
    let (fund, revenue, town) = (ids[0], ids[1], ids[2]);
    let producer = person(
        platform,
        "Nour Haddad",
        "nour.haddad@cnp.example",
        DATA_PRODUCER,
        Some(fund),
    )
    .await?;
    person(
        platform,
        "Élise Royer",
        "elise.royer@dr.example",
        DATA_PRODUCER,
        Some(revenue),
    )
    .await?;
    let cast = Cast {
        fund,
        revenue,
        town,
        producer,
        requester: person(
            platform,
            "Awa Diop",
            "awa.diop@valclair.example",
            DATA_REQUESTER,
            Some(town),
        )
        .await?,
        instructor: person(
            platform,
            "Hugo Marchand",
            "hugo.marchand@dinum.example",
            INSTRUCTOR,
            None,
        )
        .await?,
    };
    let quotient = api(
        platform,
        actor,
        fund,
        &QUOTIENT,
        &[
            (
                "cnp_quotient_familial",
                "Quotient familial du mois",
                &["quotientFamilial", "mois"],
            ),
            (
                "cnp_composition_foyer",
                "Enfants à charge",
                &["enfants.*.prenoms", "enfants.*.dateNaissance"],
            ),
            ("cnp_adresse", "Adresse connue de la caisse", &["adresse"]),
        ],
    )
    .await?;
    let income = api(
        platform,
        actor,
        revenue,
        &REVENU,
        &[
            (
                "dr_revenu_fiscal",
                "Revenu fiscal de référence",
                &["revenuFiscalReference", "annee"],
            ),
            ("dr_parts", "Nombre de parts", &["nombreParts"]),
        ],
    )
    .await?;
    Box::pin(requests(platform, &cast, quotient, income)).await
}

/// A person who can sign in, as the actor that it is then.
async fn person(
    platform: &Platform,
    name: &str,
    email: &str,
    role: Role,
    organisation: Option<Uuid>,
) -> Result<Actor, CommandError> {
    let directory = &platform.directory;
    let actor = Actor::system("demo");
    let id = directory
        .add_person(&actor, name, email, organisation)
        .await?;
    directory.grant(&actor, id, role.0, organisation).await?;
    if directory.set_password(id, OFFICER_PASSWORD).await?.is_err() {
        return Err(CommandError::Usage(
            "the demo's password is refused".to_owned(),
        ));
    }
    let reach = match organisation {
        None => Reach::State,
        Some(id) => Reach::Organisations(Arc::new(HashSet::from([id]))),
    };
    let role = role.0.to_owned();
    Ok(Actor::person(id, name, vec![Grant { role, reach }]))
}

/// An API of the demo.
struct DemoApi {
    prefix: &'static str,
    document: &'static str,
    operation: &'static str,
    /// One that names people by their civil status, if there is one.
    by_status: Option<&'static str>,
    subject: &'static [&'static str],
    pieces: u32,
    description: &'static str,
    contact: &'static str,
    upstream: &'static str,
    sensitivity: &'static str,
}

const QUOTIENT: DemoApi = DemoApi {
    prefix: "cnp/quotient-familial",
    document: include_str!("../demo/quotient-familial.yaml"),
    operation: "getQuotientFamilial",
    by_status: Some("getQuotientFamilialParEtatCivil"),
    subject: &["path:numeroAllocataire"],
    pieces: 2,
    description: "Le quotient familial d’un foyer allocataire et les enfants à charge, pour fixer un \
                  tarif sans redemander d’attestation. API inventée pour la démonstration.",
    contact: "api@cnp.example",
    upstream: "https://prestations.example/api",
    sensitivity: "personal",
};

const REVENU: DemoApi = DemoApi {
    prefix: "dr/revenu-fiscal",
    document: include_str!("../demo/revenu-fiscal.yaml"),
    operation: "getRevenuFiscal",
    by_status: None,
    subject: &["query:numeroFiscal"],
    pieces: 1,
    description: "Le revenu fiscal de référence et le nombre de parts, tels qu’ils figurent sur \
                  l’avis d’impôt. API inventée pour la démonstration.",
    contact: "api@dr.example",
    upstream: "https://revenus.example/api",
    sensitivity: "special",
};

async fn api(
    platform: &Platform,
    actor: &Actor,
    producer: Uuid,
    of: &DemoApi,
    scopes: &[(&str, &str, &[&str])],
) -> Result<Uuid, CommandError> {
    let exchange = &platform.exchange;
    let new = NewApi {
        producer,
        prefix: of.prefix,
        document: of.document.as_bytes(),
    };
    let id = exchange.add_api(actor, new).await?;
    let name = if of.prefix == QUOTIENT.prefix {
        "Quotient familial"
    } else {
        "Revenu fiscal"
    };
    let form = ApiForm {
        name: name.to_owned(),
        description: of.description.to_owned(),
        sensitivity: of.sensitivity.to_owned(),
        legal_nature: "exchange".to_owned(),
        legal_text: "Code des relations entre le public et l’administration, article L114-8"
            .to_owned(),
        legal_url: "https://www.legifrance.gouv.fr/codes/id/LEGIARTI000045212601".to_owned(),
        per_minute: "120".to_owned(),
        per_day: "20000".to_owned(),
        service_level: "Disponible 99,5 % du temps, heures ouvrées.".to_owned(),
        contact: of.contact.to_owned(),
        upstreams: of.upstream.to_owned(),
        health_path: "/sante".to_owned(),
        timeout_ms: "5000".to_owned(),
        proof: "mutual-tls".to_owned(),
        ..ApiForm::default()
    };
    exchange.change_api(actor, id, 1, &form).await?;
    for (code, label, fields) in scopes {
        let operations = std::iter::once(of.operation).chain(of.by_status);
        let opened = operations.flat_map(|operation| {
            let paths = fields.iter();
            paths.map(move |path| (operation.to_owned(), (*path).to_owned()))
        });
        let form = ScopeForm {
            tells_identity: *code == demo_behalf::SCOPE,
            code: (*code).to_owned(),
            label: (*label).to_owned(),
            fields: opened.collect(),
        };
        exchange.add_scope(actor, id, &form).await?;
    }
    let (by_number, by_status) = demo_citizens::apart(exchange.operations(actor, id).await?);
    Box::pin(demo_citizens::describe(platform, actor, by_status)).await?;
    if let Some(operation) = by_number {
        let subject: Vec<String> = of.subject.iter().map(|one| (*one).to_owned()).collect();
        exchange
            .change_operation(actor, operation, &subject, of.pieces)
            .await?;
    }
    exchange.set_status(actor, id, ApiStatus::Published).await?;
    Ok(id)
}

/// A request of the town, as typed.
pub(crate) fn form(title: &str, purpose: &str, apis: &[Uuid], scopes: &[&str]) -> RequestForm {
    let contact = |name: &str, mail: &str| [name.to_owned(), mail.to_owned()];
    RequestForm {
        apis: apis.iter().map(ToString::to_string).collect(),
        scopes: scopes.iter().map(|one| (*one).to_owned()).collect(),
        title: title.to_owned(),
        description: "La commune calcule le tarif sans redemander de justificatif aux familles."
            .to_owned(),
        purposes: purpose.to_owned(),
        expected_start: ["1".to_owned(), "9".to_owned(), "2026".to_owned()],
        per_minute: "30".to_owned(),
        per_day: "2000".to_owned(),
        legal_nature: "exchange".to_owned(),
        legal_text: "Code des relations entre le public et l’administration, article L114-8"
            .to_owned(),
        recipients: TOWN_SIRET.to_owned(),
        retention_months: "12".to_owned(),
        modalities: vec!["identifier".to_owned()],
        contacts: [
            contact("Awa Diop", "awa.diop@valclair.example"),
            contact("Théo Lemaire", "technique@valclair.example"),
            contact("Lina Costa", "dpo@valclair.example"),
            contact("Le maire de Valclair", "mairie@valclair.example"),
        ],
        ..RequestForm::default()
    }
}

/// Begins a request, fills it in and sends it.
pub(crate) async fn sent(
    platform: &Platform,
    cast: &Cast,
    form: RequestForm,
    is_sent: bool,
) -> Result<Uuid, CommandError> {
    let new = NewRequest {
        requester: cast.town,
        api: None,
    };
    let exchange = &platform.exchange;
    let id = exchange.begin_request(&cast.requester, new).await?;
    exchange
        .save_step(&cast.requester, id, 1, Step::Contacts, form)
        .await?;
    if is_sent {
        let none = Details::default();
        exchange
            .act(&cast.requester, id, 2, Act::Submit, &none)
            .await?;
    }
    Ok(id)
}

/// Requests in every state that a page shows.
async fn requests(
    platform: &Platform,
    cast: &Cast,
    quotient: Uuid,
    income: Uuid,
) -> Result<(), CommandError> {
    let exchange = &platform.exchange;
    let both = [quotient, income];
    let mut meals = form(
        "Tarifs de la cantine et du périscolaire",
        "cantine : Calculer le tarif de la cantine\nperiscolaire : Calculer le tarif du périscolaire",
        &both,
        &["cnp_quotient_familial", "dr_revenu_fiscal"],
    );
    meals.wants_keys = true;
    meals.keys_reason =
        "Le logiciel de facturation de la cantine ne sait pas demander de jeton.".to_owned();
    let accredited = sent(platform, cast, meals, true).await?;
    let details = |reason: &str, terms| Details {
        reason: reason.to_owned(),
        terms,
        to: String::new(),
    };
    let terms = Terms {
        months: 24,
        per_minute: 30,
        per_day: 2_000,
        keys_allowed: true,
        hidden_days: 0,
    };
    let tomorrow = platform.source.now() + SignedDuration::from_hours(24);
    let yes = details("Demande proportionnée à l’usage.", Some(terms));
    exchange
        .act(
            &cast.instructor,
            accredited,
            3,
            Act::Approve(tomorrow),
            &yes,
        )
        .await?;
    let client = client(platform, cast.town).await?;
    exchange
        .name_client(&cast.requester, accredited, &client)
        .await?;
    let transport = form(
        "Tarif solidaire des transports",
        "transports : Calculer le tarif solidaire",
        &[quotient],
        &["cnp_quotient_familial"],
    );
    let waiting = sent(platform, cast, transport, true).await?;
    let question = "Nous souhaitons ouvrir le tarif à la rentrée.";
    exchange.say(&cast.requester, waiting, question).await?;
    let sports = form(
        "Aide à la licence sportive",
        "licence-sportive : Attribuer l’aide à la licence sportive",
        &[quotient],
        &[
            "cnp_quotient_familial",
            "cnp_composition_foyer",
            "cnp_adresse",
        ],
    );
    let to_change = sent(platform, cast, sports, true).await?;
    exchange.assign(&cast.instructor, to_change, None).await?;
    let version = exchange
        .accreditation(&cast.instructor, to_change)
        .await?
        .row_version;
    let why = details(
        "À quoi servira l’adresse ? Retirez-la si elle n’est pas nécessaire.",
        None,
    );
    exchange
        .act(&cast.instructor, to_change, version, Act::AskChanges, &why)
        .await?;
    let draft = RequestForm {
        title: "Priorité d’accès aux crèches".to_owned(),
        apis: vec![income.to_string()],
        ..RequestForm::default()
    };
    sent(platform, cast, draft, false).await?;
    stop(platform, cast, quotient).await?;
    calls(platform, cast, accredited, quotient, income).await?;
    Box::pin(demo_citizens::fill(
        platform, cast.fund, accredited, quotient,
    ))
    .await?;
    Box::pin(demo_behalf::fill(platform, cast, quotient)).await
}

/// The town's software, registered with the platform.
async fn client(platform: &Platform, town: Uuid) -> Result<String, CommandError> {
    let form = ClientForm {
        name: "Portail familles de Valclair".to_owned(),
        purpose: "Calculer les tarifs des services aux familles.".to_owned(),
        organisation: town.to_string(),
        profile: "standard".to_owned(),
        auth_method: "client_secret_basic".to_owned(),
        redirect_uris: "https://familles.valclair.example/retour".to_owned(),
        scopes: vec!["openid".to_owned()],
        subject_type: "pairwise".to_owned(),
        id_token_algorithm: "ES256".to_owned(),
        needs_pkce: true,
        acts_for_itself: true,
        ..ClientForm::default()
    };
    let actor = Actor::system("demo");
    Ok(platform.identity.register(&actor, &form).await?.client_id)
}

/// A flow that was stopped for a while, and one that is.
async fn stop(platform: &Platform, cast: &Cast, quotient: Uuid) -> Result<(), CommandError> {
    let (exchange, actor) = (&platform.exchange, Actor::system("demo"));
    let form = StopForm {
        producer: cast.fund.to_string(),
        kind: "api".to_owned(),
        target: quotient.to_string(),
        reason: "Maintenance imprévue de la base des allocataires.".to_owned(),
        ..StopForm::default()
    };
    let id = exchange.stop(&actor, &form).await?;
    let resumed = exchange.resume(&actor, id, "La maintenance est terminée.");
    resumed.await?;
    let form = StopForm {
        producer: cast.revenue.to_string(),
        kind: "purpose".to_owned(),
        target: "transports".to_owned(),
        reason: "Usage que la loi ne prévoit pas pour ces données.".to_owned(),
        ..form
    };
    exchange.stop(&actor, &form).await?;
    Ok(())
}

/// Calls of the last days, drawn in the same way at every demo.
async fn calls(
    platform: &Platform,
    cast: &Cast,
    accreditation: Uuid,
    quotient: Uuid,
    income: Uuid,
) -> Result<(), CommandError> {
    let actor = Actor::system("demo");
    let mut traces = Vec::new();
    let operations = [
        (
            cast.fund,
            quotient,
            platform.exchange.operations(&actor, quotient).await?,
            2,
        ),
        (
            cast.revenue,
            income,
            platform.exchange.operations(&actor, income).await?,
            1,
        ),
    ];
    let now = platform.source.now();
    let mut seed = 2_026_u64;
    let mut below = |limit: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % limit
    };
    for days in (0..TRACED_DAYS).rev() {
        for _ in 0..2 + below(6) {
            let (producer, api, of_api, pieces) = &operations[below(2) as usize];
            let Some(operation) = of_api.first() else {
                continue;
            };
            let fails = below(15) == 0;
            let purpose = ["cantine", "periscolaire"][below(2) as usize];
            let before = SignedDuration::from_secs(days * 86_400 + below(36_000) as i64);
            let at: Timestamp = now - before;
            traces.push(Trace {
                request: platform.source.new_id(),
                at,
                accreditation: Some((accreditation, 1)),
                requester: Some(TOWN_SIRET.to_owned()),
                editor: None,
                producer: *producer,
                api: *api,
                operation: *operation,
                purpose: Some(purpose.to_owned()),
                object: Some(format!("Dossier {}", 1_000 + below(9_000))),
                legal_basis: Some("CRPA, article L114-8".to_owned()),
                recipient: Some(TOWN_SIRET.to_owned()),
                subject: Some(format!("{:016x}", below(1 << 30)).repeat(4)),
                status: if fails { 504 } else { 200 },
                problem: fails.then(|| "producer-timeout".to_owned()),
                latency_us: 20_000 + below(180_000),
                bytes: 200 + below(400),
                pieces_saved: if fails { 0 } else { *pieces },
                hidden_until: None,
                on_behalf: false,
            });
        }
    }
    platform.exchange.keep_traces("demo", 0, &traces).await?;
    // What was called before is the past of a rule.
    platform.exchange.watch_flows().await?;
    let first = traces.len() as u64;
    let of_today = traces.into_iter().rfind(|one| one.api == quotient);
    Box::pin(rules(platform, cast, quotient, first, of_today)).await
}

/// A rule that has fired on a batch that somebody ran by hand, and one that is tried only.
async fn rules(
    platform: &Platform,
    cast: &Cast,
    quotient: Uuid,
    first: u64,
    like: Option<Trace>,
) -> Result<(), CommandError> {
    let exchange = &platform.exchange;
    let many = RuleForm {
        api: quotient.to_string(),
        name: "Volume inhabituel".to_owned(),
        kind: "volume".to_owned(),
        window: "day".to_owned(),
        limit: "20".to_owned(),
        effect: "alert".to_owned(),
        ..RuleForm::default()
    };
    let id = exchange.add_rule(&cast.producer, &many).await?;
    exchange.switch_rule(&cast.producer, id, 1, true).await?;
    let at_night = RuleForm {
        name: "Appels de nuit et de fin de semaine".to_owned(),
        kind: "hours".to_owned(),
        limit: "0".to_owned(),
        from_hour: "7".to_owned(),
        to_hour: "20".to_owned(),
        days: (1..=5).map(|day| day.to_string()).collect(),
        effect: "suspend-api".to_owned(),
        ..many
    };
    exchange.add_rule(&cast.producer, &at_night).await?;
    let Some(like) = like else {
        return Ok(());
    };
    // Within the day that goes on, also just after midnight.
    let zone = TimeZone::get(kit_time::PARIS).unwrap_or(TimeZone::UTC);
    let now = platform.source.now();
    let midnight = platform.source.today().to_zoned_datetime(zone);
    let midnight = midnight.map_or(now, |begun| begun.timestamp());
    let batch: Vec<Trace> = (0..26)
        .map(|number| Trace {
            request: platform.source.new_id(),
            at: midnight.max(now - SignedDuration::from_secs(90 * number)),
            object: Some(format!("Reprise {}", 1 + number)),
            subject: Some(format!("{number:016x}").repeat(4)),
            ..like.clone()
        })
        .collect();
    exchange.keep_traces("demo", first, &batch).await?;
    exchange.watch_flows().await?;
    Ok(())
}
