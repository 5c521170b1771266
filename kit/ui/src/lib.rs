//! Pages: the frame, the components, the words and the figures' formats. Rendering only: nothing
//! here reads a request or a database.
//!
//! A module's page is a struct with a [`Shell`] and its parts, and an askama template that extends
//! `layout.html` (the crate's `askama.toml` lists `templates` and `../../kit/ui/templates`):
//!
//! ```ignore
//! #[derive(Template)]
//! #[template(path = "products.html")]
//! struct ProductsPage { shell: Shell, figures: Figures, table: Table }
//! ```
//! ```html
//! {% extends "layout.html" %}
//! {% block main %}{{ figures }}{{ table }}{% endblock %}
//! ```
//!
//! Most pages need no template of their own: [`Composed`] puts components one below the other.
//!
//! ```ignore
//! let shell = shell.lead(lead).crumb(parent, "/portfolio").with_charts();
//! let columns = vec![
//!     Column::text(name).sort("?sort=name", None),
//!     Column::number(slip).sort("?sort=-slip", Some("descending")),
//! ];
//! let table = Table::new(&words, "slips", caption, columns)
//!     .rows(products.iter().map(|product| vec![
//!         Cell::link(&product.title, product.href()),
//!         product.slip_rate.map_or_else(Cell::unknown, |rate| {
//!             Cell::number(format::percent_signed(words.locale, rate), rate)
//!         }),
//!     ]))
//!     .total(Some(count))
//!     .pages(Pages { previous: None, next: Some("?after=…".into()) })
//!     .downloads("/portfolio/products", "?sort=-slip");
//! Composed::new(shell)
//!     .with(Figures::new(&words, vec![Figure::new(label, value).note(of_what_as_of_when).to(rows)]))
//!     .with(Chart::new("dot-plot", "slips", caption, source).setting("format", "percent"))
//!     .with(table)
//! ```
//!
//! `cargo run -p kit-ui --example sample > sample.html` prints a page with every component. The
//! stylesheet, scripts and fonts are built by `npm ci && npm run build` in `kit/ui/assets`.
//!
//! Class names are those of the French State's design system (`fr-`); what it lacks is ours
//! (`gv-`). Ours for templates: `gv-columns` (two columns on wide screens), `gv-filters`,
//! `gv-source` (where a figure comes from), `gv-empty` (what to do when there is nothing). Two
//! attributes bring a script's help: `<button data-copy="ID" data-copied="…">` copies a text,
//! `<form data-guard>` asks before a page with unsent changes is left.

mod assets;
mod composed;
mod form;
pub mod format;
mod guide;
mod parts;
mod passkey;
mod rows;
mod shell;
mod table;
mod words;

pub use assets::{Asset, asset, asset_url};
pub use composed::{Actions, Choices, Composed, Form, Views};
pub use form::{Control, ErrorSummary, Field};
pub use guide::{Confirm, Steps};
pub use parts::{
    Chart, Code, Fact, Facts, Figure, Figures, Notice, Progress, Timeline, TimelineEvent,
};
pub use passkey::{Ceremony, Passkey};
pub use rows::Rows;
pub use shell::{
    Crumb, Navigation, NavigationItem, NavigationSection, Shell, Stylesheet, Theme, Tone,
};
pub use table::{Cell, Column, Pages, Table};
pub use words::{
    Catalogue, CatalogueError, Locale, OWN_WORDS, WordArg, Words, keys, locale_mistakes,
};
