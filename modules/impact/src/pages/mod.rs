//! Pages of impact.

mod comparing;
mod correct;
mod downloads;
mod form;
mod import;
mod indicator;
mod key;
mod list;
mod observe;
mod poll;
mod words;

use kit_http::{Cx, Extension, Failure, FieldError, Fields, ModuleRoutes, Routes, UploadLimit};
use kit_ui::{Field, Words};

use crate::access::{EDIT, OBSERVE, READ};
use crate::domain::Mistake;
use crate::{Impact, ImpactError};

/// Largest file of figures, in bytes: 5,000 rows are far smaller.
const FILE_BYTES_MAX: u64 = 8 << 20;

pub(crate) fn routes(impact: Impact) -> ModuleRoutes {
    let mut routes = Routes::new("impact")
        .get("/indicators", &READ, list::show)
        .get("/indicators.csv", &READ, downloads::csv)
        .get("/indicators.xlsx", &READ, downloads::xlsx)
        .get("/indicators.json", &READ, downloads::json)
        .get("/products/{id}/indicators", &READ, list::show_of_product)
        .get("/products/{id}/indicators/new", &EDIT, form::show_new)
        .post("/products/{id}/indicators", &EDIT, form::add)
        .get("/indicators/{id}", &READ, indicator::show)
        .get("/indicators/{id}/compare", &READ, comparing::show)
        .get("/indicators/{id}/edit", &EDIT, form::show_edit)
        .post("/indicators/{id}/edit", &EDIT, form::edit)
        .post("/indicators/{id}/use", &EDIT, form::set_in_use)
        .get("/indicators/{id}/key", &EDIT, key::show)
        .post("/indicators/{id}/key", &EDIT, key::add)
        .post("/indicators/{id}/key/remove", &EDIT, key::remove)
        .get("/indicators/{id}/poll", &EDIT, poll::show)
        .post("/indicators/{id}/poll", &EDIT, poll::save)
        .post("/indicators/{id}/poll/try", &EDIT, poll::try_now)
        .post("/indicators/{id}/poll/remove", &EDIT, poll::remove)
        .get("/indicators/{id}/observations/new", &OBSERVE, observe::show)
        .post("/indicators/{id}/observations", &OBSERVE, observe::add)
        .get(
            "/indicators/{id}/observations/{number}/correct",
            &OBSERVE,
            correct::show,
        )
        .post(
            "/indicators/{id}/observations/{number}/correct",
            &OBSERVE,
            correct::correct,
        )
        .get("/indicators/{id}/import", &OBSERVE, import::show)
        .post("/indicators/{id}/import", &OBSERVE, import::upload)
        .with_state(impact);
    routes.router = routes.router.layer(Extension(UploadLimit(FILE_BYTES_MAX)));
    routes
}

impl From<ImpactError> for Failure {
    fn from(error: ImpactError) -> Self {
        match error {
            ImpactError::NotFound => Self::NotFound,
            ImpactError::Denied(denied) => denied.into(),
            ImpactError::WrongKey => Self::SignInNeeded,
            ImpactError::Stale => Self::Conflict(String::new()),
            ImpactError::Mistakes(mistakes) => Self::Invalid(
                mistakes
                    .into_iter()
                    .map(|mistake| {
                        let code = mistake.code();
                        FieldError::new(mistake.field, code, mistake.value)
                    })
                    .collect(),
            ),
            ImpactError::Table(error) => Self::field("file", "unreadable", error.to_string()),
            ImpactError::Db(error) if error.is_transient() => Self::Unavailable(Box::new(error)),
            error => Self::internal(error),
        }
    }
}

/// A mistake in words.
pub(crate) fn sentence(words: &Words, mistake: &Mistake) -> String {
    words.text_with(mistake.key, &[("value", mistake.value.as_str().into())])
}

/// Puts each mistake on its field; one whose field isn't in the form goes to the first.
fn mark(words: &Words, fields: &mut [Field], mistakes: &[Mistake]) {
    for mistake in mistakes {
        let at = fields.iter().position(|field| field.name == mistake.field);
        if let Some(field) = fields.get_mut(at.unwrap_or_default())
            && field.error.is_none()
        {
            field.error = Some(sentence(words, mistake));
        }
    }
}

/// A date in three fields as one text; empty when nothing was typed.
fn typed_date(fields: &Fields, name: &str) -> String {
    let parts = ["day", "month", "year"].map(|part| fields.text(&format!("{name}-{part}")));
    if parts.iter().all(|part| part.is_empty()) {
        String::new()
    } else {
        parts.join("/")
    }
}

/// A date as its three fields: `31/12/2026` as it was typed, or `2026-12-31`.
fn date_parts(text: &str) -> [String; 3] {
    if let Ok(day) = text.parse::<jiff::civil::Date>() {
        return [
            day.day().to_string(),
            day.month().to_string(),
            day.year().to_string(),
        ];
    }
    let mut parts = text.splitn(3, '/').map(str::to_owned);
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

/// The way to an indicator's pages.
fn shell(cx: &Cx, title: String, indicator: &crate::domain::Indicator) -> kit_ui::Shell {
    let words = cx.words();
    let product = indicator.product_id;
    cx.shell(title)
        .crumb(words.text("impact-indicators"), "/indicators")
        .crumb(
            &indicator.product_title,
            format!("/products/{product}/indicators"),
        )
        .crumb(
            &indicator.description.name,
            format!("/indicators/{}", indicator.id),
        )
}
