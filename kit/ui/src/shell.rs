//! The frame of every page.

use crate::assets::asset_url;
use crate::words::Words;

/// Light, dark, or what the reader's system says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// What the system says.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// Its name in cookies and attributes.
    pub fn code(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of a name.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Auto, Self::Light, Self::Dark]
            .into_iter()
            .find(|theme| theme.code() == code)
    }
}

/// Which stylesheet dresses the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stylesheet {
    /// Our own, neutral.
    #[default]
    Own,
    /// The French State's design system, for sites entitled to it.
    Dsfr,
}

/// One link of the side navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavigationItem {
    /// The key of its words.
    pub key: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// Whether only people who are signed in see it.
    pub signed_in: bool,
}

/// The links of one module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavigationSection {
    /// The key of its title.
    pub key: &'static str,
    /// Its links.
    pub items: Vec<NavigationItem>,
}

/// Up to so many links stand open all the time; of a longer menu only the section of the page does.
const SHORT_MENU_LINKS: usize = 14;

/// The side navigation.
pub type Navigation = Vec<NavigationSection>;

/// How serious a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// To know.
    Info,
    /// It went well.
    Success,
    /// Something needs attention.
    Warning,
    /// It failed.
    Error,
}

impl Tone {
    /// The end of its class names.
    pub fn code(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// Its sign, beside the word: a colour never says it alone.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Info => "ℹ",
            Self::Success => "✓",
            Self::Warning => "⚠",
            Self::Error => "✕",
        }
    }
}

/// One step of the way to a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    /// Its words.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

/// What the frame needs to know. A page's struct has it as its field `shell` and its template
/// begins with `{% extends "layout.html" %}` and fills `{% block main %}`.
#[derive(Debug, Clone)]
pub struct Shell {
    /// The reader's words.
    pub words: Words,
    /// The page's title.
    pub title: String,
    /// One sentence that says what the page answers.
    pub lead: String,
    /// The way to the page, without the page itself.
    pub crumbs: Vec<Crumb>,
    /// A message about what has just been done.
    pub notice: Option<(Tone, String)>,
    /// Whether the page holds charts, and so needs their script.
    pub charts: bool,
    /// Whether the page shows a form's mistakes: its title then says so.
    pub mistaken: bool,
    /// The side navigation.
    pub navigation: Navigation,
    /// The service's name.
    pub service_name: String,
    /// The signed-in person's name.
    pub person: Option<String>,
    /// Whether the page is for somebody who has no account here: nothing proposes to sign in to one.
    pub without_account: bool,
    /// The token that forms carry.
    pub csrf_token: String,
    /// Path and query of the page.
    pub path: String,
    /// The reader's theme.
    pub theme: Theme,
    /// The stylesheet.
    pub stylesheet: Stylesheet,
}

impl Shell {
    /// A frame with a title and nothing else.
    pub fn new(words: Words, title: impl Into<String>) -> Self {
        Self {
            words,
            title: title.into(),
            lead: String::new(),
            crumbs: Vec::new(),
            notice: None,
            charts: false,
            mistaken: false,
            navigation: Vec::new(),
            service_name: "Gouvernail".to_owned(),
            person: None,
            without_account: false,
            csrf_token: String::new(),
            path: "/".to_owned(),
            theme: Theme::Auto,
            stylesheet: Stylesheet::Own,
        }
    }

    /// Adds the sentence that says what the page answers.
    #[must_use]
    pub fn lead(mut self, lead: impl Into<String>) -> Self {
        self.lead = lead.into();
        self
    }

    /// Adds a step of the way to the page.
    #[must_use]
    pub fn crumb(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.crumbs.push(Crumb {
            label: label.into(),
            href: href.into(),
        });
        self
    }

    /// Says that the page holds charts.
    #[must_use]
    pub fn with_charts(mut self) -> Self {
        self.charts = true;
        self
    }

    /// Whether a link of the navigation leads to this page or, of all links, to the nearest one
    /// above it.
    pub fn is_current(&self, href: &str) -> bool {
        self.is_at_or_below(href)
            && !self
                .navigation
                .iter()
                .flat_map(|section| &section.items)
                .any(|item| item.href.len() > href.len() && self.is_at_or_below(item.href))
    }

    fn is_at_or_below(&self, href: &str) -> bool {
        let path = self.path_only();
        path == href || (href != "/" && path.starts_with(&format!("{href}/")))
    }

    /// The page's path, without its query.
    pub fn path_only(&self) -> &str {
        self.path.split('?').next().unwrap_or("/")
    }

    /// The links that this reader sees.
    pub fn visible<'a>(
        &'a self,
        section: &'a NavigationSection,
    ) -> impl Iterator<Item = &'a NavigationItem> {
        section
            .items
            .iter()
            .filter(|item| !item.signed_in || self.person.is_some())
    }

    /// Whether the section has a link that this reader sees.
    pub fn shows(&self, section: &NavigationSection) -> bool {
        self.visible(section).next().is_some()
    }

    /// Whether the section stands open: the one of this page does, and each of a short menu.
    pub fn opens(&self, section: &NavigationSection) -> bool {
        let all = self.navigation.iter().flat_map(|one| self.visible(one));
        all.count() <= SHORT_MENU_LINKS
            || self.visible(section).any(|item| self.is_current(item.href))
    }

    /// The addresses of the stylesheets. The design system's knows nothing of our own parts
    /// (`gv-`): a second one dresses them.
    pub fn stylesheet_urls(&self) -> Vec<String> {
        match self.stylesheet {
            Stylesheet::Own => vec![asset_url("app.css")],
            Stylesheet::Dsfr => vec![asset_url("dsfr/dsfr.min.css"), asset_url("gv.css")],
        }
    }

    /// A script's address.
    pub fn script_url(&self, name: &str) -> String {
        asset_url(name)
    }
}
