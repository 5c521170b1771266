//! Pages of the exchange.

mod access_proofs;
mod acts;
mod alerts;
mod catalogue;
mod citizens;
mod contests;
mod gateways;
mod open;
mod operations;
mod producer;
mod queue;
mod request_form;
mod requests;
mod rules;
mod scopes;
mod stops;
mod traces;
mod trials;
mod tried;
mod unseen;
mod uses;
mod words;

use kit_http::{Extension, Failure, FieldError, ModuleRoutes, Routes, UploadLimit};

use crate::access::{
    ANSWER_CONTESTS, ASK, CITIZEN, DECIDE_FLOWS, EDIT_API, EDIT_RULES, INSTRUCT, READ,
    READ_ACCREDITATIONS, READ_ALERTS, READ_GATEWAYS, READ_STOPS, READ_TRACES,
};
use crate::domain::openapi::BYTES_MAX;
use crate::{Exchange, ExchangeError};
pub(crate) use traces::{instants, trace_cursor, trace_place};
pub(crate) use words::{cursor, place};

pub(crate) fn routes(exchange: Exchange) -> ModuleRoutes {
    let mut routes = open_routes(Routes::new("exchange"))
        .with_state(exchange.clone())
        .merge(citizen_routes(Routes::new("exchange")).with_state(exchange.clone()))
        .merge(producer_routes(Routes::new("exchange")).with_state(exchange.clone()))
        .merge(rule_routes(Routes::new("exchange")).with_state(exchange.clone()))
        .merge(request_routes(Routes::new("exchange")).with_state(exchange));
    routes.router = routes
        .router
        .layer(Extension(UploadLimit(BYTES_MAX as u64)));
    routes
}

fn open_routes(routes: Routes<Exchange>) -> Routes<Exchange> {
    routes
        .get("/exchange", &READ, catalogue::list)
        .get("/exchange/apis/{id}", &READ, catalogue::show)
        .get("/exchange/operations/{id}/try", &READ, trials::show)
        .post("/exchange/operations/{id}/try", &READ, trials::run)
        .get("/exchange/active", &READ, open::active)
        .get("/exchange/once-only", &READ, open::once_only)
        .get("/exchange/stops", &READ_STOPS, stops::list)
        .get("/exchange/stops/new", &DECIDE_FLOWS, stops::show_new)
        .post("/exchange/stops/new", &DECIDE_FLOWS, stops::stop)
        .get("/exchange/stops/{id}", &DECIDE_FLOWS, stops::show_resume)
        .post("/exchange/stops/{id}", &DECIDE_FLOWS, stops::resume)
        .get("/exchange/gateways", &READ_GATEWAYS, gateways::list)
        .get("/exchange/traces", &READ_TRACES, traces::show)
        .get("/exchange/traces.csv", &READ_TRACES, traces::csv)
}

fn citizen_routes(routes: Routes<Exchange>) -> Routes<Exchange> {
    routes
        .get(citizens::ACCESSES, &CITIZEN, citizens::list)
        .get("/citizen/accesses.csv", &CITIZEN, citizens::csv)
        .get("/citizen/accesses.json", &CITIZEN, citizens::json)
        .get(citizens::ACCESS, &CITIZEN, citizens::show)
        .post(citizens::ACCESS, &CITIZEN, citizens::contest)
        .get(access_proofs::PROOF, &CITIZEN, access_proofs::file)
        .post(access_proofs::PROOF, &CITIZEN, access_proofs::ask)
        .get(unseen::UNSEEN, &READ, unseen::show)
        .get("/exchange/contests", &ANSWER_CONTESTS, contests::list)
        .get("/exchange/contests/{id}", &ANSWER_CONTESTS, contests::show)
        .post(
            "/exchange/contests/{id}",
            &ANSWER_CONTESTS,
            contests::answer,
        )
}

fn producer_routes(routes: Routes<Exchange>) -> Routes<Exchange> {
    routes
        .get("/exchange/producer", &EDIT_API, producer::list)
        .get("/exchange/producer/new", &EDIT_API, producer::show_new)
        .post("/exchange/producer/new", &EDIT_API, producer::add)
        .get("/exchange/producer/apis/{id}", &EDIT_API, producer::show)
        .get(
            "/exchange/producer/apis/{id}/edit",
            &EDIT_API,
            producer::show_edit,
        )
        .post(
            "/exchange/producer/apis/{id}/edit",
            &EDIT_API,
            producer::change,
        )
        .post(
            "/exchange/producer/apis/{id}/status",
            &EDIT_API,
            producer::set_status,
        )
        .get(
            "/exchange/producer/apis/{id}/import",
            &EDIT_API,
            producer::show_import,
        )
        .post(
            "/exchange/producer/apis/{id}/import",
            &EDIT_API,
            producer::send,
        )
        .get(
            "/exchange/producer/imports/{id}",
            &EDIT_API,
            producer::show_waiting,
        )
        .post("/exchange/producer/imports/{id}", &EDIT_API, producer::take)
        .get(
            "/exchange/producer/operations/{id}",
            &EDIT_API,
            operations::show,
        )
        .post(
            "/exchange/producer/operations/{id}",
            &EDIT_API,
            operations::change,
        )
        .get(
            "/exchange/producer/apis/{id}/scopes",
            &EDIT_API,
            scopes::show_new,
        )
        .post(
            "/exchange/producer/apis/{id}/scopes",
            &EDIT_API,
            scopes::add,
        )
        .get("/exchange/producer/scopes/{id}", &EDIT_API, scopes::show)
        .post("/exchange/producer/scopes/{id}", &EDIT_API, scopes::change)
        .post(
            "/exchange/producer/scopes/{id}/remove",
            &EDIT_API,
            scopes::remove,
        )
}

fn rule_routes(routes: Routes<Exchange>) -> Routes<Exchange> {
    routes
        .get("/exchange/alerts", &READ_ALERTS, alerts::list)
        .get("/exchange/alerts/{id}", &READ_ALERTS, alerts::show)
        .post("/exchange/alerts/{id}", &EDIT_RULES, alerts::handle)
        .get("/exchange/rules", &EDIT_RULES, rules::list)
        .get("/exchange/rules/new", &EDIT_RULES, rules::show_new)
        .post("/exchange/rules/new", &EDIT_RULES, rules::add)
        .get("/exchange/rules/{id}", &EDIT_RULES, rules::show)
        .post("/exchange/rules/{id}", &EDIT_RULES, rules::change)
        .post("/exchange/rules/{id}/switch", &EDIT_RULES, rules::switch)
}

fn request_routes(routes: Routes<Exchange>) -> Routes<Exchange> {
    routes
        .get("/exchange/queue", &INSTRUCT, queue::show)
        .get("/exchange/requests", &ASK, requests::list)
        .get("/exchange/requests/new", &ASK, requests::show_new)
        .post("/exchange/requests/new", &ASK, requests::begin)
        .get(
            "/exchange/requests/{id}",
            &READ_ACCREDITATIONS,
            requests::show,
        )
        .post("/exchange/requests/{id}/copy", &ASK, requests::copy)
        .post("/exchange/requests/{id}/editor", &ASK, requests::take_back)
        .post(
            "/exchange/requests/{id}/messages",
            &READ_ACCREDITATIONS,
            requests::say,
        )
        .post(
            "/exchange/requests/{id}/assign",
            &INSTRUCT,
            requests::assign,
        )
        .get(
            "/exchange/requests/{id}/form/{step}",
            &ASK,
            request_form::show,
        )
        .post(
            "/exchange/requests/{id}/form/{step}",
            &ASK,
            request_form::save,
        )
        .get(
            "/exchange/requests/{id}/acts/{act}",
            &READ_ACCREDITATIONS,
            acts::show,
        )
        .post(
            "/exchange/requests/{id}/acts/{act}",
            &READ_ACCREDITATIONS,
            acts::act,
        )
        .get(
            "/exchange/requests/{id}/versions/{version}",
            &READ_ACCREDITATIONS,
            uses::version,
        )
        .post("/exchange/requests/{id}/clients", &ASK, uses::name_client)
        .post(
            "/exchange/requests/{id}/clients/remove",
            &ASK,
            uses::remove_client,
        )
        .post("/exchange/requests/{id}/keys", &ASK, uses::make_key)
        .post(
            "/exchange/requests/{id}/keys/revoke",
            &ASK,
            uses::revoke_key,
        )
}

impl From<ExchangeError> for Failure {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::NotFound => Self::NotFound,
            ExchangeError::Denied(denied) => denied.into(),
            ExchangeError::Stale | ExchangeError::Impossible(_) => Self::Conflict(String::new()),
            ExchangeError::Mistakes(mistakes) => Self::Invalid(
                mistakes
                    .into_iter()
                    .map(|one| {
                        FieldError::new(one.field, "invalid", format!("{} {}", one.key, one.value))
                    })
                    .collect(),
            ),
            ExchangeError::Document(mistake) => {
                Self::field("file", "unreadable", mistake.to_string())
            }
            ExchangeError::Db(error) if error.is_transient() => Self::Unavailable(Box::new(error)),
            error => Self::internal(error),
        }
    }
}
