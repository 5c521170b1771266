//! Pages of the observatory.

mod declare;
mod edition;
mod forms;
mod list;
mod procedure;
mod results;
mod review;
pub(crate) mod words;

use kit_acts::{Refused, Trouble};
use kit_http::{Failure, ModuleRoutes, Routes};
use kit_ui::{Notice, Tone};

use crate::access::{EDIT, READ, READ_PUBLIC, REVIEW};
use crate::{Observatory, ObservatoryError};

pub(crate) fn routes(observatory: Observatory) -> ModuleRoutes {
    Routes::new("observatory")
        .get("/observatory", &READ_PUBLIC, edition::show)
        .get("/observatory/procedures", &READ, list::list)
        .get(
            "/observatory/procedures/{id}",
            &READ_PUBLIC,
            procedure::show,
        )
        .get("/observatory/procedures/{id}/review", &REVIEW, review::ask)
        .post("/observatory/procedures/{id}/review", &REVIEW, review::give)
        .get("/observatory/reviews/{id}/more", &REVIEW, review::ask_more)
        .post("/observatory/reviews/{id}/more", &REVIEW, review::give_more)
        .get("/observatory/thanks", &REVIEW, review::thanks)
        .get("/observatory/procedures/{id}/results", &READ, results::show)
        .get(
            "/observatory/reviews/{id}/erase",
            &EDIT,
            results::show_erase,
        )
        .post("/observatory/reviews/{id}/erase", &EDIT, results::erase)
        .get("/observatory/procedures/{id}/edit", &EDIT, forms::show_edit)
        .post("/observatory/procedures/{id}/edit", &EDIT, forms::edit)
        .post("/observatory/procedures/{id}/open", &EDIT, forms::set_open)
        .get(
            "/observatory/procedures/{id}/declarations/{declared}",
            &READ_PUBLIC,
            declare::list,
        )
        .get(
            "/observatory/procedures/{id}/declarations/{declared}/new",
            &EDIT,
            declare::show,
        )
        .post(
            "/observatory/procedures/{id}/declarations/{declared}/new",
            &EDIT,
            declare::declare,
        )
        .get("/products/{id}/procedures", &READ, list::of_product)
        .get("/products/{id}/procedures/new", &EDIT, forms::show_new)
        .post("/products/{id}/procedures/new", &EDIT, forms::add)
        .with_state(observatory)
}

impl From<ObservatoryError> for Failure {
    fn from(error: ObservatoryError) -> Self {
        match error {
            ObservatoryError::NotFound => Self::NotFound,
            ObservatoryError::Denied(denied) => denied.into(),
            ObservatoryError::Stale | ObservatoryError::Closed => Self::Conflict(String::new()),
            ObservatoryError::Flood {
                retry_after_seconds,
            } => Self::TooMany {
                retry_after_seconds,
            },
            ObservatoryError::Mistakes(mistakes) => kit_acts::invalid(mistakes),
            ObservatoryError::Db(error) if error.is_transient() => {
                Self::Unavailable(Box::new(error))
            }
            error => Self::internal(error),
        }
    }
}

impl Refused for ObservatoryError {
    fn trouble(self) -> Result<Trouble, Self> {
        match self {
            Self::Mistakes(mistakes) => Ok(Trouble::mistakes(mistakes)),
            Self::Stale => Ok(Trouble::stale()),
            Self::Flood { .. } => Ok(Trouble::telling(|words| {
                Notice::new(
                    Tone::Warning,
                    words.text("observatory-flood"),
                    words.text("observatory-flood-text"),
                )
            })),
            error => Err(error),
        }
    }
}
