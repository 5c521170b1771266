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

mod assets;
mod composed;
mod form;
pub mod format;
mod guide;
mod parts;
mod shell;
mod table;
mod words;

pub use assets::{Asset, asset, asset_url};
pub use composed::{Actions, Composed, Form, Views};
pub use form::{Control, ErrorSummary, Field};
pub use guide::{Confirm, Steps};
pub use parts::{Chart, Fact, Facts, Figure, Figures, Notice, Progress, Timeline, TimelineEvent};
pub use shell::{
    Crumb, Navigation, NavigationItem, NavigationSection, Shell, Stylesheet, Theme, Tone,
};
pub use table::{Cell, Column, Pages, Table};
pub use words::{
    Catalogue, CatalogueError, Locale, OWN_WORDS, WordArg, Words, keys, locale_mistakes,
};
