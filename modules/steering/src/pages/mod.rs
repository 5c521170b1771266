//! Pages of steering.

mod agenda;
mod alerts;
mod conference_acts;
mod conference_add;
mod conference_agenda;
mod conference_pdf;
mod conference_points;
mod conference_public;
mod conference_words;
mod conferences;
mod decisions;
mod ministries;
mod morning;
mod opinion_pdf;
mod product;
mod public;
mod public_product;
mod recommendations;
mod review_forms;
mod reviews;
mod words;

use kit_acts::{Refused, Trouble};
use kit_http::{Failure, ModuleRoutes, Routes};

use crate::access::{
    ANNOUNCE, CONDUCT, CONFER, DECIDE, FILL, READ, READ_MORNING, READ_PUBLIC, RECOMMEND, WATCH,
    WRITE,
};
use crate::{Steering, SteeringError};

pub(crate) fn routes(steering: Steering) -> ModuleRoutes {
    review_routes(Routes::new("steering"))
        .with_state(steering.clone())
        .merge(follow_up_routes(Routes::new("steering")).with_state(steering.clone()))
        .merge(other_routes(Routes::new("steering")).with_state(steering.clone()))
        .merge(conference_routes(Routes::new("steering")).with_state(steering))
}

fn review_routes(routes: Routes<Steering>) -> Routes<Steering> {
    routes
        .get("/steering", &READ_MORNING, morning::show)
        .get("/steering/reviews", &READ, reviews::list)
        .get("/steering/reviews/new", &ANNOUNCE, review_forms::show_new)
        .post("/steering/reviews/new", &ANNOUNCE, review_forms::announce)
        .get("/steering/reviews/{id}", &READ, reviews::show)
        .get(
            "/steering/reviews/{id}/file",
            &FILL,
            review_forms::show_file,
        )
        .post("/steering/reviews/{id}/file", &FILL, review_forms::fill)
        .get(
            "/steering/reviews/{id}/acts/{act}",
            &FILL,
            review_forms::show_step,
        )
        .post(
            "/steering/reviews/{id}/acts/{act}",
            &FILL,
            review_forms::step,
        )
        .get(
            "/steering/reviews/{id}/opinion",
            &CONDUCT,
            review_forms::show_opinion,
        )
        .post(
            "/steering/reviews/{id}/opinion",
            &CONDUCT,
            review_forms::give_opinion,
        )
        .get(
            "/steering/reviews/{id}/publication",
            &CONDUCT,
            review_forms::show_plan,
        )
        .post(
            "/steering/reviews/{id}/publication",
            &CONDUCT,
            review_forms::plan,
        )
}

fn follow_up_routes(routes: Routes<Steering>) -> Routes<Steering> {
    routes
        .get("/steering/recommendations", &READ, recommendations::list)
        .get(
            "/steering/recommendations/new",
            &RECOMMEND,
            recommendations::show_new,
        )
        .post(
            "/steering/recommendations/new",
            &RECOMMEND,
            recommendations::recommend,
        )
        .get(
            "/steering/recommendations/{id}",
            &READ,
            recommendations::show,
        )
        .get(
            "/steering/recommendations/{id}/acts/{act}",
            &READ,
            recommendations::show_act,
        )
        .post(
            "/steering/recommendations/{id}/acts/{act}",
            &READ,
            recommendations::act,
        )
        .get("/steering/alerts", &READ, alerts::list)
        .get("/steering/alerts/{id}", &READ, alerts::show)
        .get("/steering/alerts/{id}/acts/{act}", &READ, alerts::show_act)
        .post("/steering/alerts/{id}/acts/{act}", &READ, alerts::act)
}

fn other_routes(routes: Routes<Steering>) -> Routes<Steering> {
    routes
        .get("/steering/decisions", &READ, decisions::list)
        .get("/steering/decisions/new", &DECIDE, decisions::show_new)
        .post("/steering/decisions/new", &DECIDE, decisions::decide)
        .get("/steering/decisions/{id}", &READ, decisions::show)
        .get(
            "/steering/decisions/{id}/follow-up",
            &DECIDE,
            decisions::show_follow_up,
        )
        .post(
            "/steering/decisions/{id}/follow-up",
            &DECIDE,
            decisions::follow_up,
        )
        .get(
            "/steering/decisions/{id}/publication",
            &DECIDE,
            decisions::show_plan,
        )
        .post(
            "/steering/decisions/{id}/publication",
            &DECIDE,
            decisions::plan,
        )
        .get("/steering/agenda", &READ, agenda::list)
        .get("/steering/agenda/{id}", &WATCH, agenda::show_close)
        .post("/steering/agenda/{id}", &WATCH, agenda::close)
        .get("/products/{id}/steering", &READ, product::show)
        .get(
            "/products/{id}/steering/confidence/{side}",
            &READ,
            product::show_rate,
        )
        .post(
            "/products/{id}/steering/confidence/{side}",
            &READ,
            product::rate,
        )
        .get(
            "/products/{id}/steering/release",
            &WATCH,
            product::show_release,
        )
        .post("/products/{id}/steering/release", &WATCH, product::release)
        .get("/steering/published", &READ_PUBLIC, public::list)
        .get(
            "/steering/published/reviews/{id}",
            &READ_PUBLIC,
            public::review,
        )
        .get(
            "/steering/published/reviews/{id}/opinion.pdf",
            &READ_PUBLIC,
            opinion_pdf::published,
        )
        .get(
            "/steering/published/products/{id}",
            &READ_PUBLIC,
            public_product::show,
        )
        .get(
            "/steering/published/decisions/{id}",
            &READ_PUBLIC,
            public::decision,
        )
}

fn conference_routes(routes: Routes<Steering>) -> Routes<Steering> {
    use conference_points as points;
    const ONE: &str = "/steering/conferences/{id}";
    const POINT: &str = "/steering/conferences/{id}/points/{point}";
    let of = |path: &str| format!("{ONE}/{path}");
    let of_point = |path: &str| format!("{POINT}/{path}");
    routes
        .get("/steering/conferences", &READ, conferences::list)
        .get("/steering/conferences/new", &CONFER, conferences::show_new)
        .post("/steering/conferences/new", &CONFER, conferences::plan)
        .get(ONE, &READ, conferences::show)
        .get(&of("edit"), &CONFER, conferences::show_edit)
        .post(&of("edit"), &CONFER, conferences::edit)
        .get(&of("agenda"), &CONFER, conference_agenda::show)
        .post(&of("agenda"), &CONFER, conference_agenda::act)
        .get(&of("add"), &CONFER, conference_add::search)
        .get(&of("take/{product}"), &CONFER, conference_add::show_take)
        .post(&of("take/{product}"), &CONFER, conference_add::take)
        .get(&of("drop/{product}"), &CONFER, conference_agenda::show_drop)
        .post(&of("drop/{product}"), &CONFER, conference_agenda::leave_out)
        .get(&of("acts/{act}"), &WRITE, conference_acts::show)
        .post(&of("acts/{act}"), &WRITE, conference_acts::act)
        .get(&of("publication"), &CONFER, conference_acts::show_plan)
        .post(&of("publication"), &CONFER, conference_acts::plan)
        .get(&of("conference.pdf"), &READ, conference_pdf::show)
        .get(POINT, &READ, points::show)
        .get(&of_point("minutes"), &WRITE, points::show_minutes)
        .post(&of_point("minutes"), &WRITE, points::write_minutes)
        .get(&of_point("decision"), &DECIDE, points::show_decision)
        .post(&of_point("decision"), &DECIDE, points::decide)
        .get(
            &of_point("recommendation"),
            &RECOMMEND,
            points::show_recommendation,
        )
        .post(&of_point("recommendation"), &RECOMMEND, points::recommend)
        .get(&of_point("brigade"), &CONFER, points::show_brigade)
        .post(&of_point("brigade"), &CONFER, points::send_brigade)
        .get("/steering/ministries", &READ, ministries::list)
        .get("/steering/ministries/{id}", &READ, ministries::show)
        .get(
            "/steering/published/conferences/{id}",
            &READ_PUBLIC,
            conference_public::show,
        )
}

impl From<SteeringError> for Failure {
    fn from(error: SteeringError) -> Self {
        match error {
            SteeringError::NotFound => Self::NotFound,
            SteeringError::Denied(denied) => denied.into(),
            SteeringError::Stale | SteeringError::Impossible => Self::Conflict(String::new()),
            SteeringError::Mistakes(mistakes) => kit_acts::invalid(mistakes),
            SteeringError::Db(error) if error.is_transient() => Self::Unavailable(Box::new(error)),
            error => Self::internal(error),
        }
    }
}

impl Refused for SteeringError {
    fn trouble(self) -> Result<Trouble, Self> {
        match self {
            Self::Mistakes(mistakes) => Ok(Trouble::mistakes(mistakes)),
            Self::Stale => Ok(Trouble::stale()),
            error => Err(error),
        }
    }
}
