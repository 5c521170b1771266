//! What programs of producers, requesters and the directorate ask and do about flows: calls that were
//! traced, rules, alerts, contests, stops; their addresses, and their description.

use kit_http::{Method, Routes};

use super::{alerts, contests, rules, stops, traces};
use crate::Exchange;
use crate::access::{
    ANSWER_CONTESTS, DECIDE_FLOWS, EDIT_RULES, READ_ALERTS, READ_STOPS, READ_TRACES,
};

pub(super) fn routes(routes: Routes<Exchange>) -> Routes<Exchange> {
    routes
        .get("/api/v1/exchange/stops", &READ_STOPS, stops::flow_stops)
        .post("/api/v1/exchange/stops", &DECIDE_FLOWS, stops::stop_flow)
        .get("/api/v1/exchange/stops/{id}", &READ_STOPS, stops::flow_stop)
        .post(
            "/api/v1/exchange/stops/{id}/resume",
            &DECIDE_FLOWS,
            stops::resume_flow,
        )
        .get(
            "/api/v1/exchange/traces",
            &READ_TRACES,
            traces::traced_calls,
        )
        .get("/api/v1/exchange/alerts", &READ_ALERTS, alerts::flow_alerts)
        .get(
            "/api/v1/exchange/alerts/{id}",
            &READ_ALERTS,
            alerts::flow_alert,
        )
        .post(
            "/api/v1/exchange/alerts/{id}/handle",
            &EDIT_RULES,
            alerts::handle_flow_alert,
        )
        .get("/api/v1/exchange/rules", &EDIT_RULES, rules::flow_rules)
        .post("/api/v1/exchange/rules", &EDIT_RULES, rules::add_flow_rule)
        .get("/api/v1/exchange/rules/{id}", &EDIT_RULES, rules::flow_rule)
        .route(
            Method::PUT,
            "/api/v1/exchange/rules/{id}",
            &EDIT_RULES,
            rules::change_flow_rule,
        )
        .post(
            "/api/v1/exchange/rules/{id}/switch",
            &EDIT_RULES,
            rules::switch_flow_rule,
        )
        .get(
            "/api/v1/exchange/contests",
            &ANSWER_CONTESTS,
            contests::flow_contests,
        )
        .get(
            "/api/v1/exchange/contests/{id}",
            &ANSWER_CONTESTS,
            contests::flow_contest,
        )
        .post(
            "/api/v1/exchange/contests/{id}/answer",
            &ANSWER_CONTESTS,
            contests::answer_flow_contest,
        )
}

pub(super) fn openapi() -> utoipa::openapi::OpenApi {
    let mut whole = rules::openapi();
    for part in [
        alerts::openapi(),
        contests::openapi(),
        stops::openapi(),
        traces::openapi(),
    ] {
        whole.merge(part);
    }
    whole
}
