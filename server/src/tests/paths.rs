//! The address of something that is there, for each route; and what is expected of those that name nothing.

use kit_http::StatusCode;

use crate::app::Platform;

/// The id of an import that was tried.
async fn import(platform: &Platform) -> uuid::Uuid {
    let new = portfolio::NewRun {
        kind: portfolio::SourceKind::Panorama,
        file_name: "essai.csv".to_owned(),
        published_on: None,
        dry_run: true,
    };
    let actor = kit_access::Actor::system("test");
    let started = platform
        .portfolio
        .start_import(&actor, new, b"%PDF".to_vec());
    started.await.unwrap()
}

/// The same for the paths of the exchange.
async fn concrete_exchange(platform: &Platform, path: &str) -> String {
    use exchange::domain::RequestState;
    let exchange = &platform.exchange;
    let actor = kit_access::Actor::system("test");
    let filter = exchange::ApiFilter::default();
    let first = ("", uuid::Uuid::nil());
    let apis = exchange.apis(&filter, first, 1).await.unwrap();
    let api = apis[0].0.id;
    let latest = (jiff::Timestamp::MAX, uuid::Uuid::max());
    let (all, _) = exchange
        .own_accreditations(&actor, latest, 50)
        .await
        .unwrap();
    let of_state = |state| all.iter().find(|one| one.life.request == state).unwrap().id;
    let id = if path.contains("/imports/") {
        let document = include_bytes!("../../demo/quotient-familial.yaml");
        exchange.send_document(&actor, api, document).await.unwrap()
    } else if path.contains("/operations/") {
        exchange.operations(&actor, api).await.unwrap()[0]
    } else if path.contains("/scopes/") {
        exchange.scopes(&actor, api).await.unwrap()[0].id
    } else if path.contains("/contests/") {
        let producer = apis[0].0.producer;
        let all = exchange.contests(&actor, producer, latest, 1).await;
        all.unwrap()[0].id
    } else if path.contains("/stops/") {
        exchange.snapshot().await.unwrap().stops[0].id
    } else if path.contains("/rules/") {
        let every = exchange::RuleFilter::default();
        exchange.rules(&actor, &every, latest, 1).await.unwrap()[0].id
    } else if path.contains("/alerts/") {
        let (side, filter) = (exchange::AlertSide::All, exchange::AlertFilter::default());
        let alerts = exchange.alerts(&actor, &side, &filter, latest, 1).await;
        alerts.unwrap()[0].id
    } else if path.contains("/form/") {
        of_state(RequestState::Draft)
    } else if path.contains("/acts/") {
        of_state(RequestState::Submitted)
    } else if path.contains("/requests/") {
        of_state(RequestState::Approved)
    } else {
        api
    };
    if path == "/api/v1/exchange/traces" {
        return format!("{path}?producer={}", apis[0].0.producer);
    }
    path.replace("{id}", &id.to_string())
        .replace("{step}", "data")
        .replace("{act}", "refuse")
        .replace("{version}", "1")
}

/// The same for the paths of the brigade.
async fn concrete_brigade(platform: &Platform, path: &str) -> String {
    use brigade::domain::{MissionState, RequestState};
    let brigade = &platform.brigade;
    let actor = kit_access::Actor::system("test");
    let latest = (jiff::civil::Date::MAX, uuid::Uuid::max());
    let id = if path.contains("/requests/") {
        let filter = brigade::RequestFilter {
            state: Some(RequestState::Open),
            ..brigade::RequestFilter::default()
        };
        let all = brigade.requests(&actor, filter, latest, 1).await;
        all.unwrap()[0].id
    } else if path.contains("/missions/") {
        let state = if path.ends_with("/file") {
            MissionState::Closed
        } else {
            MissionState::Running
        };
        let filter = brigade::MissionFilter {
            state: Some(state),
            ..brigade::MissionFilter::default()
        };
        let all = brigade.missions(&actor, &filter, latest, 1).await;
        all.unwrap()[0].id
    } else {
        let first = ("", uuid::Uuid::nil());
        brigade.experts(&actor, None, first, 1).await.unwrap()[0].id
    };
    let act = if path.contains("/requests/") {
        "decline"
    } else {
        "cancel"
    };
    path.replace("{id}", &id.to_string()).replace("{act}", act)
}

/// The same for the paths of the observatory.
async fn concrete_observatory(platform: &Platform, path: &str) -> String {
    use observatory::domain::Satisfaction;
    let observatory = &platform.observatory;
    let actor = kit_access::Actor::system("test");
    let all = observatory.procedures(&actor, (None, true), None, 1).await;
    let procedure = all.unwrap()[0].id;
    let editions = observatory.editions().await.unwrap();
    let id = if path.ends_with("/more") {
        // One that was given just now.
        let id = platform.source.new_id();
        let given = observatory.review(None, procedure, id, Satisfaction::Good);
        given.await.unwrap();
        id
    } else if path.ends_with("/erase") {
        let filter = observatory::ReviewFilter {
            is_commented: true,
            ..observatory::ReviewFilter::default()
        };
        let latest = (jiff::Timestamp::MAX, uuid::Uuid::max());
        let all = observatory.reviews(&actor, procedure, filter, latest, 1);
        all.await.unwrap()[0].id
    } else {
        procedure
    };
    path.replace("{id}", &id.to_string())
        .replace("{quarter}", &editions[0].quarter.to_string())
        .replace("{declared}", "security")
}

/// A path with its parameters filled in from what the demo State holds.
pub(super) async fn concrete(platform: &Platform, path: &str) -> String {
    if path.contains("/exchange") {
        return concrete_exchange(platform, path).await;
    }
    if path.contains("/observatory/") {
        return concrete_observatory(platform, path).await;
    }
    if path.contains("/brigade/") {
        return concrete_brigade(platform, path).await;
    }
    if path.contains("/indicators/{id}") {
        let filter = impact::ListFilter {
            level: Some(impact::domain::Level::Useful),
            ..impact::ListFilter::default()
        };
        let page = platform.impact.list(&filter, None, 1).await.unwrap();
        let id = page.indicators[0].id.to_string();
        return path.replace("{id}", &id).replace("{number}", "1");
    }
    let filter = portfolio::ListFilter::default();
    let order = (portfolio::Sort::Cost, true);
    let product = platform
        .portfolio
        .list(&filter, order, None, 1)
        .await
        .unwrap()
        .products[0]
        .id;
    let organisations = platform.directory.list_organisations(None).await.unwrap();
    let of_kind = |kind| organisations.iter().find(|o| o.kind == kind).unwrap().id;
    let person = platform
        .directory
        .person_by_email(crate::demo::OFFICER_EMAIL)
        .await
        .unwrap()
        .unwrap();
    let id = if path.contains("organisations") {
        organisations[0].id
    } else if path.contains("ministries") {
        of_kind(ports::OrganisationKind::Ministry)
    } else if path.contains("incubators") {
        of_kind(ports::OrganisationKind::Incubator)
    } else if path.contains("imports") {
        import(platform).await
    } else if path.contains("people") {
        person
    } else if path.starts_with("/services") {
        let actor = kit_access::Actor::system("test");
        let first = ("", uuid::Uuid::nil());
        let services = platform.identity.services(&actor, first, 1).await.unwrap();
        services.0[0].id
    } else if path.starts_with("/providers") {
        let actor = kit_access::Actor::system("test");
        let providers = platform.identity.providers(&actor, "", 1).await.unwrap();
        providers.0[0].id
    } else {
        product
    };
    let path = path
        .replace("{id}", &id.to_string())
        .replace("{token}", "0")
        .replace("{ticket}", "0")
        .replace("{number}", "1")
        .replace("{code}", "0")
        .replace("{side}", "own")
        .replace("{doctrine}", "cloud")
        .replace("{point}", &id.to_string())
        .replace("{product}", &id.to_string())
        .replace("{audience}", "citizens");
    match path.as_str() {
        "/api/v1/reports/slips" => format!("{path}?from=2024-01-01&to=2026-01-01"),
        _ => path,
    }
}

/// What a step of a sign-in answers that nobody began.
pub(super) fn begun_by_nobody(path: &str) -> Option<StatusCode> {
    match path {
        "/connect/0" | "/mock/citizens/authorize" => Some(StatusCode::BAD_REQUEST),
        // Citizens sign in elsewhere than agents.
        "/citizen" => Some(StatusCode::SEE_OTHER),
        path if path.starts_with("/citizen/access") => Some(StatusCode::SEE_OTHER),
        "/sign-in/with/0" => Some(StatusCode::NOT_FOUND),
        "/sign-in/return/0" | "/sign-in/choose/0" => Some(StatusCode::FORBIDDEN),
        _ => None,
    }
}

/// Whether a path names a passkey or a session: those of the tests' officer have other names, and
/// nobody sees somebody else's. The directory's own suite sees them.
pub(super) fn is_one_of_the_account(path: &str) -> bool {
    ["/account/passkeys/", "/account/sessions/"]
        .iter()
        .any(|start| path.starts_with(start))
}

/// Whether a path names a review, a contract, a fund, an alert… or funding that is held: nothing of
/// the kind happened here. The suites of those modules see them. What is published of a product
/// is a page of every product.
pub(super) fn is_of_steering(path: &str) -> bool {
    if path.starts_with("/steering/published/products/") {
        return false;
    }
    let starts = [
        "/steering/",
        "/api/v1/steering/published/",
        "/api/v1/steering/conferences/",
        "/contracts/",
        "/api/v1/contracts/",
        "/funds/",
        "/calls/",
        "/applications/",
        "/start-ups/",
        "/api/v1/start-ups/published/",
    ];
    let names_one = starts.iter().any(|start| path.starts_with(start))
        && !path.starts_with("/steering/ministries/");
    (names_one
        && path
            .split('/')
            .any(|part| part.parse::<uuid::Uuid>().is_ok()))
        || path.ends_with("/steering/release")
        || path.ends_with("/start-up")
        || path.contains("/national-impact")
}

/// Whether a path is read by programs.
pub(super) fn is_for_programs(path: &str) -> bool {
    path.starts_with("/api/") || path == "/costs.json"
}
