//! The JSON API of the directory: organisations, which are open data.

use kit_http::{Failure, JsonAnswer, ModuleRoutes, Path, Query, Routes, State};
use ports::OrganisationKind;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use crate::access::READ_ORGANISATIONS;
use crate::{Directory, Organisation};

pub(crate) fn routes(directory: Directory) -> ModuleRoutes {
    Routes::new("directory")
        .get("/api/v1/organisations", &READ_ORGANISATIONS, list)
        .get("/api/v1/organisations/{id}", &READ_ORGANISATIONS, find)
        .with_state(directory)
}

/// An organisation.
#[derive(Debug, Serialize, ToSchema)]
struct OrganisationAnswer {
    /// Its id.
    id: Uuid,
    /// The organisation above it.
    parent_id: Option<Uuid>,
    /// `ministry`, `directorate`, `operator`, `local-body`, `incubator` or `other`.
    kind: &'static str,
    /// Its name.
    name: String,
    /// Its acronym, which may be empty.
    acronym: String,
    /// Its SIRET: 14 digits.
    siret: Option<String>,
}

impl From<Organisation> for OrganisationAnswer {
    fn from(organisation: Organisation) -> Self {
        Self {
            id: organisation.id,
            parent_id: organisation.parent_id,
            kind: organisation.kind.code(),
            name: organisation.name,
            acronym: organisation.acronym,
            siret: organisation.siret,
        }
    }
}

/// A list of organisations.
#[derive(Debug, Serialize, ToSchema)]
struct OrganisationsAnswer {
    /// By name; at most 5,000.
    organisations: Vec<OrganisationAnswer>,
}

#[derive(Debug, Deserialize)]
struct Filter {
    kind: Option<String>,
}

/// Organisations by name.
#[utoipa::path(get, path = "/api/v1/organisations", tag = "directory",
    params(("kind" = Option<String>, Query, description = "Only this kind")),
    responses((status = 200, body = OrganisationsAnswer),
              (status = 422, description = "Unknown kind, as problem+json")))]
async fn list(
    State(directory): State<Directory>,
    Query(filter): Query<Filter>,
) -> Result<JsonAnswer<OrganisationsAnswer>, Failure> {
    let kind = match filter.kind.as_deref() {
        None | Some("") => None,
        Some(code) => Some(OrganisationKind::parse(code).ok_or_else(|| {
            let known = OrganisationKind::ALL.map(OrganisationKind::code).join(", ");
            Failure::field("kind", "unknown", format!("one of {known}"))
        })?),
    };
    let organisations = directory.list_organisations(kind).await?;
    Ok(JsonAnswer(OrganisationsAnswer {
        organisations: organisations.into_iter().map(Into::into).collect(),
    }))
}

/// One organisation.
#[utoipa::path(get, path = "/api/v1/organisations/{id}", tag = "directory",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, body = OrganisationAnswer),
              (status = 404, description = "Not found, as problem+json")))]
async fn find(
    State(directory): State<Directory>,
    Path(id): Path<Uuid>,
) -> Result<JsonAnswer<OrganisationAnswer>, Failure> {
    Ok(JsonAnswer(directory.organisation(id).await?.into()))
}

#[derive(OpenApi)]
#[openapi(
    paths(list, find),
    components(schemas(OrganisationAnswer, OrganisationsAnswer))
)]
struct Documentation;

/// The API's description, as a part of the program's.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Documentation::openapi()
}
