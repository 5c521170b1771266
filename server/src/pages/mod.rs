//! Pages of the platform itself: journal, operations, open data, preferences, health.

mod health;
mod journal;
mod log;
mod open_data;
mod operations;
mod preferences;

use kit_access::{Holders, Permission};
use kit_http::{Method, ModuleRoutes, Routes};
use kit_ui::Locale;
use ports::roles::ADMINISTRATOR;

pub(crate) use open_data::openapi_json;

use crate::app::Platform;

/// The platform's own words.
pub(crate) const WORDS: [(Locale, &str); 2] = [
    (Locale::Fr, include_str!("../../locales/fr.ftl")),
    (Locale::En, include_str!("../../locales/en.ftl")),
];

/// Read what is public.
const PUBLIC: Permission = Permission {
    name: "platform.public.read",
    holders: Holders::Everybody,
};
/// See and mend the platform's work in the background.
const OPERATE: Permission = Permission {
    name: "platform.operations.run",
    holders: Holders::Roles(&[ADMINISTRATOR]),
};

/// The platform's own part of the API's description.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(
        journal::feed,
        open_data::dcat,
        open_data::openapi,
        log::checkpoint,
        log::witnessed,
        log::cosign,
        log::key,
        log::inclusion,
        log::consistency,
        log::entry
    ),
    components(schemas(
        journal::Feed,
        log::Cosigned,
        log::SealedEntry,
        kit_journal::Entry,
        kit_journal::Subject
    ))
)]
struct Documentation;

pub(crate) fn routes(platform: Platform) -> ModuleRoutes {
    let demo = platform.settings.demo;
    let mut routes = Routes::new("platform")
        .get("/health", &PUBLIC, health::live)
        .get("/ready", &PUBLIC, health::ready)
        .get("/metrics", &PUBLIC, health::metrics)
        .get("/journal", &PUBLIC, journal::show)
        .get("/api/v1/journal", &PUBLIC, journal::feed)
        .get("/open-data", &PUBLIC, open_data::show)
        .get("/dcat.jsonld", &PUBLIC, open_data::dcat)
        .get("/api", &PUBLIC, open_data::api)
        .get("/openapi.json", &PUBLIC, open_data::openapi)
        .get("/accessibility", &PUBLIC, open_data::accessibility)
        .post("/preferences", &PUBLIC, preferences::set)
        .get("/operations", &OPERATE, operations::show)
        .post("/operations/retry", &OPERATE, operations::retry);
    routes = sealed(routes);
    if demo {
        routes = routes.get("/outbox", &OPERATE, operations::outbox);
    }
    routes.with_state(platform)
}

/// The journal's seal: for programs, wherever they run.
fn sealed(routes: Routes<Platform>) -> Routes<Platform> {
    let get = Method::GET;
    routes
        .protocol(
            get.clone(),
            "/log/journal/checkpoint",
            &PUBLIC,
            log::checkpoint,
        )
        .protocol(
            get.clone(),
            "/log/journal/witnessed",
            &PUBLIC,
            log::witnessed,
        )
        .protocol(Method::POST, "/log/journal/witnessed", &PUBLIC, log::cosign)
        .protocol(get.clone(), "/log/journal/key", &PUBLIC, log::key)
        .protocol(get.clone(), "/log/journal/tile/{*path}", &PUBLIC, log::tile)
        .protocol(
            get.clone(),
            "/log/journal/inclusion/{index}",
            &PUBLIC,
            log::inclusion,
        )
        .protocol(
            get.clone(),
            "/log/journal/consistency/{before}",
            &PUBLIC,
            log::consistency,
        )
        .protocol(get, "/log/journal/entry/{number}", &PUBLIC, log::entry)
}
