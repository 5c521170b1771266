//! Pages of the brigade.

mod experts;
mod mission_form;
mod missions;
mod planning;
mod requests;
mod words;
mod work;

use kit_acts::{Refused, Trouble};
use kit_http::{Extension, Failure, Method, ModuleRoutes, Routes, UploadLimit};

use crate::access::{AGREE, ASK, CONDUCT, READ, READ_CALENDAR, RECORD, STAFF};
use crate::domain::REPORT_BYTES_MAX;
use crate::{Brigade, BrigadeError};

pub(crate) fn routes(brigade: Brigade) -> ModuleRoutes {
    let routes = request_routes(Routes::new("brigade"))
        .with_state(brigade.clone())
        .merge(mission_routes(Routes::new("brigade")).with_state(brigade.clone()))
        .merge(expert_routes(Routes::new("brigade")).with_state(brigade.clone()));
    let mut files = Routes::new("brigade")
        .post("/brigade/missions/{id}/file", &RECORD, work::attach)
        .with_state(brigade);
    let limit = Extension(UploadLimit(REPORT_BYTES_MAX));
    files.router = files.router.layer(limit);
    routes.merge(files)
}

fn request_routes(routes: Routes<Brigade>) -> Routes<Brigade> {
    let one = "/brigade/requests/{id}";
    routes
        .get("/brigade/requests", &READ, requests::list)
        .get("/brigade/requests/new", &ASK, requests::show_new)
        .post("/brigade/requests/new", &ASK, requests::ask)
        .get(one, &READ, requests::show)
        .get(&format!("{one}/mission"), &CONDUCT, mission_form::show)
        .post(&format!("{one}/mission"), &CONDUCT, mission_form::propose)
        .get(&format!("{one}/acts/{{act}}"), &READ, requests::show_act)
        .post(&format!("{one}/acts/{{act}}"), &READ, requests::act)
}

fn mission_routes(routes: Routes<Brigade>) -> Routes<Brigade> {
    let one = "/brigade/missions/{id}";
    let of = |path: &str| format!("{one}/{path}");
    routes
        .get("/brigade/missions", &READ, missions::list)
        .get("/brigade/mine", &RECORD, missions::mine)
        .get(one, &READ, missions::show)
        .get(&of("acts/{act}"), &READ, missions::show_act)
        .post(&of("acts/{act}"), &READ, missions::act)
        .get(&of("days"), &RECORD, work::show_days)
        .post(&of("days"), &RECORD, work::record)
        .get(&of("extension"), &CONDUCT, work::show_extension)
        .post(&of("extension"), &CONDUCT, work::extend)
        .post(
            &of("extensions/{extension}/{answer}"),
            &AGREE,
            work::answer_extension,
        )
        .get(&of("report"), &RECORD, work::show_report)
        .post(&of("report"), &RECORD, work::report)
        .get(&of("file"), &READ, work::download)
        .get(&of("recommend"), &CONDUCT, work::show_recommend)
        .post(&of("recommend"), &CONDUCT, work::recommend)
        .get(&of("calendar"), &CONDUCT, planning::show_mission_calendar)
        .post(&of("calendar"), &CONDUCT, planning::share_mission)
        .post(&of("calendar/revoke"), &CONDUCT, planning::revoke_mission)
        .protocol(
            Method::GET,
            "/brigade/calendars/{token}",
            &READ_CALENDAR,
            planning::calendar,
        )
}

fn expert_routes(routes: Routes<Brigade>) -> Routes<Brigade> {
    let one = "/brigade/experts/{id}";
    let of = |path: &str| format!("{one}/{path}");
    routes
        .get("/brigade/experts", &STAFF, experts::list)
        .get("/brigade/experts/new", &STAFF, experts::show_new)
        .post("/brigade/experts/new", &STAFF, experts::add)
        .get(one, &STAFF, experts::show)
        .get(&of("change"), &STAFF, experts::show_change)
        .post(&of("change"), &STAFF, experts::change)
        .post(&of("periods"), &STAFF, experts::add_period)
        .post(
            &of("periods/{period}/remove"),
            &STAFF,
            experts::remove_period,
        )
        .get(&of("calendar"), &RECORD, planning::show_expert_calendar)
        .post(&of("calendar"), &RECORD, planning::share_expert)
        .post(&of("calendar/revoke"), &RECORD, planning::revoke_expert)
        .get("/brigade/expertises", &STAFF, experts::show_expertises)
        .post("/brigade/expertises", &STAFF, experts::add_expertise)
        .get("/brigade/board", &STAFF, planning::board)
        .get("/brigade/figures", &STAFF, planning::figures)
}

impl From<BrigadeError> for Failure {
    fn from(error: BrigadeError) -> Self {
        match error {
            BrigadeError::NotFound => Self::NotFound,
            BrigadeError::Denied(denied) => denied.into(),
            BrigadeError::Stale | BrigadeError::Impossible | BrigadeError::Overbooked(_) => {
                Self::Conflict(String::new())
            }
            BrigadeError::Mistakes(mistakes) => kit_acts::invalid(mistakes),
            BrigadeError::Db(error) if error.is_transient() => Self::Unavailable(Box::new(error)),
            error => Self::internal(error),
        }
    }
}

impl Refused for BrigadeError {
    fn trouble(self) -> Result<Trouble, Self> {
        match self {
            Self::Mistakes(mistakes) => Ok(Trouble::mistakes(mistakes)),
            Self::Stale => Ok(Trouble::stale()),
            Self::Overbooked(found) => Ok(Trouble::telling(move |words| {
                words::overbooked(words, &found)
            })),
            error => Err(error),
        }
    }
}
