//! Pages of start-ups.

mod cohorts;
mod decision_forms;
mod decisions;
mod live;
mod national;
mod pdf;
mod priorities;
mod public;
mod review_forms;
mod reviews;
mod startup;
mod words;

use kit_acts::{Refused, Trouble};
use kit_http::{Failure, ModuleRoutes, Routes};

use crate::access::{CHECK, DECIDE, PREPARE, READ, READ_PUBLIC};
use crate::{Startups, StartupsError};

pub(crate) fn routes(startups: Startups) -> ModuleRoutes {
    review_routes(Routes::new("startups"))
        .with_state(startups.clone())
        .merge(decision_routes(Routes::new("startups")).with_state(startups.clone()))
        .merge(other_routes(Routes::new("startups")).with_state(startups))
}

fn review_routes(routes: Routes<Startups>) -> Routes<Startups> {
    routes
        .get("/start-ups/live", &READ, live::list)
        .get("/products/{id}/start-up", &READ, startup::show)
        .post("/products/{id}/start-up/review", &PREPARE, startup::open)
        .get("/start-ups/reviews", &READ, reviews::list)
        .get("/start-ups/reviews/{id}", &READ, reviews::show)
        .get("/start-ups/reviews/{id}/review.pdf", &READ, pdf::review)
        .post("/start-ups/reviews/{id}/submit", &PREPARE, reviews::submit)
        .get(
            "/start-ups/reviews/{id}/preparation",
            &PREPARE,
            review_forms::show_prepare,
        )
        .post(
            "/start-ups/reviews/{id}/preparation",
            &PREPARE,
            review_forms::prepare,
        )
        .get(
            "/start-ups/reviews/{id}/give-back",
            &DECIDE,
            review_forms::show_give_back,
        )
        .post(
            "/start-ups/reviews/{id}/give-back",
            &DECIDE,
            review_forms::give_back,
        )
        .get(
            "/start-ups/reviews/{id}/decision",
            &DECIDE,
            decision_forms::show_decide,
        )
        .post(
            "/start-ups/reviews/{id}/decision",
            &DECIDE,
            decision_forms::decide,
        )
}

fn decision_routes(routes: Routes<Startups>) -> Routes<Startups> {
    routes
        .get("/start-ups/decisions", &READ, decisions::list)
        .get("/start-ups/decisions/{id}", &READ, decisions::show)
        .get(
            "/start-ups/decisions/{id}/decision.pdf",
            &READ,
            pdf::decision,
        )
        .get(
            "/start-ups/decisions/{id}/follow-up",
            &DECIDE,
            decision_forms::show_follow_up,
        )
        .post(
            "/start-ups/decisions/{id}/follow-up",
            &DECIDE,
            decision_forms::follow_up,
        )
        .get(
            "/start-ups/decisions/{id}/publication",
            &DECIDE,
            decision_forms::show_plan,
        )
        .post(
            "/start-ups/decisions/{id}/publication",
            &DECIDE,
            decision_forms::plan,
        )
        .get(
            "/start-ups/decisions/{id}/investment",
            &DECIDE,
            decision_forms::show_invest,
        )
        .post(
            "/start-ups/decisions/{id}/investment",
            &DECIDE,
            decision_forms::invest,
        )
        .get(
            "/start-ups/investments/{id}/withdrawal",
            &DECIDE,
            decision_forms::show_withdraw,
        )
        .post(
            "/start-ups/investments/{id}/withdrawal",
            &DECIDE,
            decision_forms::withdraw,
        )
        .get("/start-ups/published", &READ_PUBLIC, public::list)
        .get("/start-ups/published/{id}", &READ_PUBLIC, public::show)
        .get(
            "/start-ups/published/{id}/decision.pdf",
            &READ_PUBLIC,
            pdf::published,
        )
}

fn other_routes(routes: Routes<Startups>) -> Routes<Startups> {
    routes
        .get("/products/{id}/national-impact", &READ, national::show)
        .get(
            "/products/{id}/national-impact/threshold",
            &CHECK,
            national::show_threshold,
        )
        .post(
            "/products/{id}/national-impact/threshold",
            &CHECK,
            national::set_threshold,
        )
        .get(
            "/products/{id}/national-impact/{criterion}/answer",
            &PREPARE,
            national::show_answer,
        )
        .post(
            "/products/{id}/national-impact/{criterion}/answer",
            &PREPARE,
            national::answer,
        )
        .get(
            "/products/{id}/national-impact/{criterion}/check",
            &CHECK,
            national::show_check,
        )
        .post(
            "/products/{id}/national-impact/{criterion}/check",
            &CHECK,
            national::check,
        )
        .get("/start-ups/priorities", &READ, priorities::list)
        .get("/start-ups/priorities/new", &CHECK, priorities::show_new)
        .post("/start-ups/priorities/new", &CHECK, priorities::add)
        .get("/start-ups/priorities/{id}", &READ, priorities::show)
        .get(
            "/start-ups/priorities/{id}/edit",
            &CHECK,
            priorities::show_edit,
        )
        .post("/start-ups/priorities/{id}/edit", &CHECK, priorities::edit)
        .get(
            "/start-ups/priorities/{id}/products",
            &CHECK,
            priorities::show_serve,
        )
        .post(
            "/start-ups/priorities/{id}/products",
            &CHECK,
            priorities::serve,
        )
        .get("/start-ups/cohorts", &READ, cohorts::show)
}

impl From<StartupsError> for Failure {
    fn from(error: StartupsError) -> Self {
        match error {
            StartupsError::NotFound => Self::NotFound,
            StartupsError::Denied(denied) => denied.into(),
            StartupsError::Stale | StartupsError::Impossible => Self::Conflict(String::new()),
            StartupsError::Mistakes(mistakes) => kit_acts::invalid(mistakes),
            StartupsError::Db(error) if error.is_transient() => Self::Unavailable(Box::new(error)),
            error => Self::internal(error),
        }
    }
}

impl Refused for StartupsError {
    fn trouble(self) -> Result<Trouble, Self> {
        match self {
            Self::Mistakes(mistakes) => Ok(Trouble::mistakes(mistakes)),
            Self::Stale => Ok(Trouble::stale()),
            error => Err(error),
        }
    }
}
