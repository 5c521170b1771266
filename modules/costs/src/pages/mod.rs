//! Pages of costs.

mod calculator;
mod compare;
mod form;
mod import;
mod list;
mod product;
mod public;
mod publication;
mod words;

use kit_http::{Cx, Extension, Failure, FieldError, Fields, ModuleRoutes, Routes, UploadLimit};
use kit_ui::{Field, Shell, Words};
use ports::ProductSummary;

use crate::access::{EDIT, PUBLISH, READ, READ_PUBLIC};
use crate::domain::Mistake;
use crate::{Costs, CostsError};

pub(crate) use words::sentence;

/// Largest file of lines, in bytes: 500 lines are far smaller.
const FILE_BYTES_MAX: u64 = 8 << 20;

pub(crate) fn routes(costs: Costs) -> ModuleRoutes {
    let mut routes = Routes::new("costs")
        .get("/costs", &READ, list::show)
        .get("/costs.csv", &READ, list::csv)
        .get("/costs.xlsx", &READ, list::xlsx)
        .get("/costs.json", &READ, list::json)
        .get(
            "/costs/agents-or-contractors",
            &READ_PUBLIC,
            calculator::show,
        )
        .get("/costs/published", &READ_PUBLIC, public::list)
        .get("/products/{id}/costs", &READ, product::show)
        .post("/products/{id}/costs", &EDIT, form::add)
        .get("/products/{id}/costs/new", &EDIT, form::show)
        .get("/products/{id}/costs/paste", &EDIT, form::show_pasted)
        .get("/products/{id}/costs/import", &EDIT, import::show)
        .post("/products/{id}/costs/import", &EDIT, import::upload)
        .get("/products/{id}/costs/compare", &READ, compare::show)
        .get("/products/{id}/costs/published", &READ_PUBLIC, public::show)
        .get(
            "/products/{id}/costs/{number}",
            &READ,
            product::show_version,
        )
        .get(
            "/products/{id}/costs/{number}/lines.csv",
            &READ,
            product::lines_csv,
        )
        .get(
            "/products/{id}/costs/{number}/lines.xlsx",
            &READ,
            product::lines_xlsx,
        )
        .get(
            "/products/{id}/costs/{number}/publication",
            &PUBLISH,
            publication::show,
        )
        .post(
            "/products/{id}/costs/{number}/publication",
            &PUBLISH,
            publication::decide,
        )
        .with_state(costs);
    routes.router = routes.router.layer(Extension(UploadLimit(FILE_BYTES_MAX)));
    routes
}

impl From<CostsError> for Failure {
    fn from(error: CostsError) -> Self {
        match error {
            CostsError::NotFound => Self::NotFound,
            CostsError::Denied(denied) => denied.into(),
            CostsError::Stale => Self::Conflict(String::new()),
            CostsError::Mistakes(mistakes) => Self::Invalid(
                mistakes
                    .into_iter()
                    .map(|mistake| {
                        let code = mistake.code();
                        FieldError::new(mistake.field, code, mistake.value)
                    })
                    .collect(),
            ),
            CostsError::Table(error) => Self::field("file", "unreadable", error.to_string()),
            CostsError::Db(error) if error.is_transient() => Self::Unavailable(Box::new(error)),
            error => Self::internal(error),
        }
    }
}

/// Puts each mistake on its field; those of a table go to the field that holds it, `table` when it is
/// one of its columns.
fn mark(words: &Words, fields: &mut [Field], mistakes: &[Mistake], table: &str) {
    for mistake in mistakes {
        let own = fields.iter().position(|field| field.name == mistake.field);
        let of_table = fields.iter().position(|field| field.name == table);
        let at = match mistake.line {
            Some(_) => of_table.or(own),
            None => own.or(of_table),
        };
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

/// The way to a product's costs.
fn shell(cx: &Cx, title: String, product: &ProductSummary) -> Shell {
    let words = cx.words();
    cx.shell(title)
        .crumb(words.text("costs-list"), "/costs")
        .crumb(&product.title, format!("/products/{}", product.id))
}

/// The same, below the page of its costs.
fn shell_below(cx: &Cx, title: String, product: &ProductSummary) -> Shell {
    let own = format!("/products/{}/costs", product.id);
    shell(cx, title, product).crumb(cx.words().text("costs-of-product-short"), own)
}
