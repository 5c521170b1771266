//! Words: every one that a person reads, by key, in French and in English (Fluent).

use std::collections::BTreeSet;
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// A language in which the platform speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Locale {
    /// French: the first language of every page.
    #[default]
    Fr,
    /// English.
    En,
}

impl Locale {
    /// Its code (BCP 47).
    pub fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// The language of a code.
    pub fn parse(code: &str) -> Option<Self> {
        match code {
            "fr" => Some(Self::Fr),
            "en" => Some(Self::En),
            _ => None,
        }
    }
}

/// An argument of a sentence.
#[derive(Debug, Clone, PartialEq)]
pub enum WordArg {
    /// A whole number, which chooses singular or plural.
    Count(i64),
    /// A text, put in as it is.
    Text(String),
}

impl From<i64> for WordArg {
    fn from(count: i64) -> Self {
        Self::Count(count)
    }
}

impl From<usize> for WordArg {
    fn from(count: usize) -> Self {
        Self::Count(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl From<&str> for WordArg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for WordArg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// kit-ui's own words, in each language.
pub const OWN_WORDS: [(Locale, &str); 2] = [
    (Locale::Fr, include_str!("../locales/fr.ftl")),
    (Locale::En, include_str!("../locales/en.ftl")),
];

/// The words of all modules.
pub struct Catalogue {
    fr: FluentBundle<FluentResource>,
    en: FluentBundle<FluentResource>,
}

impl std::fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Catalogue")
    }
}

/// A locale file can't be used.
#[derive(Debug, thiserror::Error)]
#[error("the {locale} words can't be used: {problem}")]
pub struct CatalogueError {
    /// Its language.
    locale: &'static str,
    /// What is wrong.
    problem: String,
}

impl Catalogue {
    /// The words of kit-ui and of `files`. Refuses a file that can't be parsed and a key that two
    /// files define.
    pub fn new<'a>(
        files: impl IntoIterator<Item = (Locale, &'a str)>,
    ) -> Result<Self, CatalogueError> {
        let mut catalogue = Self {
            fr: bundle(Locale::Fr),
            en: bundle(Locale::En),
        };
        for (locale, text) in OWN_WORDS.into_iter().chain(files) {
            let fail = |problem: String| CatalogueError {
                locale: locale.code(),
                problem,
            };
            let resource = FluentResource::try_new(text.to_owned())
                .map_err(|(_, errors)| fail(format!("{errors:?}")))?;
            let bundle = match locale {
                Locale::Fr => &mut catalogue.fr,
                Locale::En => &mut catalogue.en,
            };
            bundle
                .add_resource(resource)
                .map_err(|errors| fail(format!("{errors:?}")))?;
        }
        Ok(catalogue)
    }

    fn format(&self, locale: Locale, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let bundle = match locale {
            Locale::Fr => &self.fr,
            Locale::En => &self.en,
        };
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            // A missing word is seen in the page and by the test that looks for it.
            return format!("⟦{key}⟧");
        };
        let mut errors = Vec::new();
        bundle
            .format_pattern(pattern, args, &mut errors)
            .into_owned()
    }
}

fn bundle(locale: Locale) -> FluentBundle<FluentResource> {
    let language: LanguageIdentifier = locale.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // Both languages are written from left to right: isolation marks would only be noise.
    bundle.set_use_isolating(false);
    bundle
}

/// The words of one reader: a cheap clone.
#[derive(Debug, Clone)]
pub struct Words {
    catalogue: Arc<Catalogue>,
    /// The reader's language.
    pub locale: Locale,
}

impl Words {
    /// The words of `catalogue` in `locale`.
    pub fn new(catalogue: Arc<Catalogue>, locale: Locale) -> Self {
        Self { catalogue, locale }
    }

    /// The text of a key.
    pub fn text(&self, key: &str) -> String {
        self.catalogue.format(self.locale, key, None)
    }

    /// The text of a key with arguments.
    pub fn text_with(&self, key: &str, args: &[(&str, WordArg)]) -> String {
        let mut fluent = FluentArgs::new();
        for (name, value) in args {
            let value = match value {
                WordArg::Count(count) => FluentValue::from(*count),
                WordArg::Text(text) => FluentValue::from(text.clone()),
            };
            fluent.set((*name).to_owned(), value);
        }
        self.catalogue.format(self.locale, key, Some(&fluent))
    }

    /// The text of a key with one count, written in the reader's way.
    pub fn count(&self, key: &str, count: i64) -> String {
        let number = crate::format::count(self.locale, count);
        self.text_with(
            key,
            &[("count", WordArg::Count(count)), ("number", number.into())],
        )
    }
}

/// The keys that a locale file defines: for tests that compare languages.
pub fn keys(file: &str) -> BTreeSet<String> {
    file.lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()))
        .filter_map(|line| line.split_once('='))
        .map(|(key, _)| key.trim().to_owned())
        .collect()
}

/// The mistakes of a module's locale files against its sources: a key that one language lacks, a
/// key that no source names, and a key that a source asks for and no file defines (its own or
/// kit-ui's). Keys that a source builds are named by their constant beginning.
pub fn locale_mistakes(fr: &str, en: &str, sources: &str, built: &[&str]) -> Vec<String> {
    let (fr, en) = (keys(fr), keys(en));
    let mut mistakes: Vec<String> = fr
        .difference(&en)
        .map(|key| format!("{key} is missing in English"))
        .collect();
    mistakes.extend(
        en.difference(&fr)
            .map(|key| format!("{key} is missing in French")),
    );
    mistakes.extend(
        fr.iter()
            .filter(|key| !built.iter().any(|start| key.starts_with(start)))
            .filter(|key| !sources.contains(&format!("\"{key}\"")))
            .map(|key| format!("{key} is used nowhere")),
    );
    let own: BTreeSet<String> = OWN_WORDS.iter().flat_map(|(_, file)| keys(file)).collect();
    mistakes.extend(
        asked(sources)
            .difference(&fr)
            .filter(|key| !own.contains(*key))
            .map(|key| format!("{key} is asked for and defined nowhere")),
    );
    mistakes
}

/// The literal keys that sources ask words for. A literal without a hyphen is no key: the same
/// method names also belong to components, which take texts.
fn asked(sources: &str) -> BTreeSet<String> {
    [".text(", ".text_with(", ".count("]
        .iter()
        .flat_map(|call| sources.split(call).skip(1))
        .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split_once('"'))
        .map(|(key, _)| key)
        .filter(|key| key.contains('-') && !key.starts_with('-') && !key.ends_with('-'))
        .filter(|key| {
            key.chars()
                .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-'))
        })
        .map(str::to_owned)
        .collect()
}
