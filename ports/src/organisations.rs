//! Organisations, as modules other than the directory need them.
//!
//! ```text
//!   portfolio ──asks──▶ Organisations ◀──implements── directory
//! ```
//! It exists because an import names ministries and bodies that the directory may not know yet, in
//! the same transaction that adds their products.

use std::future::Future;
use std::pin::Pin;

use kit_access::Actor;
use kit_db::Tx;
use serde::{Deserialize, Serialize};

use crate::OrganisationId;

/// What an organisation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrganisationKind {
    /// A ministry.
    Ministry,
    /// A directorate of a ministry.
    Directorate,
    /// A public operator or agency.
    Operator,
    /// A local body.
    LocalBody,
    /// An incubator of State start-ups.
    Incubator,
    /// Any other body.
    Other,
}

impl OrganisationKind {
    /// Every kind, in the order in which pages offer them.
    pub const ALL: [Self; 6] = [
        Self::Ministry,
        Self::Directorate,
        Self::Operator,
        Self::LocalBody,
        Self::Incubator,
        Self::Other,
    ];

    /// Its name in addresses, files and columns.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ministry => "ministry",
            Self::Directorate => "directorate",
            Self::Operator => "operator",
            Self::LocalBody => "local-body",
            Self::Incubator => "incubator",
            Self::Other => "other",
        }
    }

    /// The kind of a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// An organisation that somebody names.
#[derive(Debug, Clone)]
pub struct NewOrganisation<'a> {
    /// What it is.
    pub kind: OrganisationKind,
    /// Its full name.
    pub name: &'a str,
    /// Its acronym, which may be empty.
    pub acronym: &'a str,
    /// Other names under which it is found: former acronyms, an identifier in a source.
    pub aliases: &'a [&'a str],
}

/// An organisation in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrganisationSummary {
    /// Its id.
    pub id: OrganisationId,
    /// What it is.
    pub kind: OrganisationKind,
    /// Its full name.
    pub name: String,
    /// Its acronym, which may be empty.
    pub acronym: String,
}

/// The other module failed.
#[derive(Debug, thiserror::Error)]
#[error("another module can't answer: {0}")]
pub struct PortError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// The future of an answer.
pub type Answered<'f, T> = Pin<Box<dyn Future<Output = Result<T, PortError>> + Send + 'f>>;

/// Organisations, by name.
pub trait Organisations: Send + Sync {
    /// The organisation of that name, acronym or alias; added in `tx` when there is none.
    fn ensure<'f>(
        &'f self,
        tx: &'f mut Tx,
        actor: &'f Actor,
        organisation: NewOrganisation<'f>,
    ) -> Answered<'f, OrganisationId>;

    /// The organisation of a SIRET number: 14 digits.
    fn of_siret<'f>(&'f self, siret: &'f str) -> Answered<'f, Option<OrganisationSummary>>;

    /// Every organisation of a kind (all when `None`), by name; at most 5,000.
    fn all(&self, kind: Option<OrganisationKind>) -> Answered<'_, Vec<OrganisationSummary>>;
}
