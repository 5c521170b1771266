//! The JSON API of the directory: organisations, which are open data.

use kit_http::{ApiQuery, Failure, JsonAnswer, ModuleRoutes, Path, Routes, State, described};
use ports::OrganisationKind;
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, OpenApi, ToSchema};
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

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only this kind.
    #[param(required = false, schema_with = kinds)]
    kind: Option<String>,
}

fn kinds() -> Schema {
    described::codes(OrganisationKind::ALL.map(OrganisationKind::code))
}

/// Organisations by name.
#[utoipa::path(get, path = "/api/v1/organisations", tag = "directory",
    params(Filter),
    responses((status = 200, body = OrganisationsAnswer),
              (status = 422, description = "Unknown kind")))]
async fn list(
    State(directory): State<Directory>,
    ApiQuery(filter): ApiQuery<Filter>,
) -> Result<JsonAnswer<OrganisationsAnswer>, Failure> {
    let kind = filter.kind.as_deref().and_then(OrganisationKind::parse);
    let organisations = directory.list_organisations(kind).await?;
    Ok(JsonAnswer(OrganisationsAnswer {
        organisations: organisations.into_iter().map(Into::into).collect(),
    }))
}

/// One organisation.
#[utoipa::path(get, path = "/api/v1/organisations/{id}", tag = "directory",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, body = OrganisationAnswer),
              (status = 404, description = "Not found")))]
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
