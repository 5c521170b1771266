//! Open data, the API's description, the accessibility statement.

use kit_http::{Cx, Failure, IntoResponse, Page, Response, State};
use kit_ui::{Cell, Column, Composed, Table};
use utoipa::OpenApi as _;
use utoipa::openapi::{InfoBuilder, OpenApiBuilder};

use crate::app::Platform;
use crate::error::CommandError;

fn description() -> serde_json::Result<utoipa::openapi::OpenApi> {
    let info = InfoBuilder::new()
        .title("Gouvernail")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "The State's digital services, steered by what they change.",
        ))
        .build();
    let mut all = OpenApiBuilder::new().info(info).build();
    all.merge(directory::openapi());
    all.merge(portfolio::openapi());
    all.merge(impact::openapi());
    all.merge(exchange::openapi());
    all.merge(steering::openapi());
    all.merge(brigade::openapi());
    all.merge(startups::openapi());
    all.merge(costs::openapi());
    all.merge(observatory::openapi());
    all.merge(contracts::openapi());
    all.merge(identity::openapi()?);
    all.merge(super::Documentation::openapi());
    Ok(kit_http::described::with_problems(all))
}

/// The API's description as JSON.
pub(crate) fn openapi_json() -> Result<String, CommandError> {
    Ok(serde_json::to_string_pretty(&description()?)?)
}

/// This description.
#[utoipa::path(get, path = "/openapi.json", tag = "platform",
    responses((status = 200, body = Object)))]
pub(crate) async fn openapi() -> Result<Response, Failure> {
    let description = description().map_err(Failure::internal)?;
    let json = serde_json::to_vec(&description).map_err(Failure::internal)?;
    Ok(([("content-type", "application/json")], json).into_response())
}

pub(crate) async fn api(cx: Cx) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let mut rows = Vec::new();
    for (path, item) in description().map_err(Failure::internal)?.paths.paths {
        for (method, operation) in [("GET", item.get), ("POST", item.post)] {
            if let Some(operation) = operation {
                let what = operation.summary.unwrap_or_default();
                rows.push(vec![
                    Cell::text(format!("{method} {path}")),
                    Cell::text(what),
                ]);
            }
        }
    }
    let columns = vec![
        Column::text(words.text("api-operation")),
        Column::text(words.text("api-what")),
    ];
    let table = Table::new(&words, "api", words.text("api-caption"), columns).rows(rows);
    let shell = cx
        .shell(words.text("api-title"))
        .lead(words.text("api-lead"));
    Ok(Page(
        Composed::new(shell)
            .with(kit_ui::Actions(vec![(
                words.text("api-openapi"),
                "/openapi.json".into(),
            )]))
            .with(table)
            .text(words.text("api-problems")),
    ))
}

pub(crate) async fn show(cx: Cx) -> Page<Composed> {
    let words = cx.words();
    let rows = [
        ("open-data-products", "/products.csv", "CSV"),
        ("open-data-products", "/products.xlsx", "XLSX"),
        ("open-data-products", "/products.json", "JSON"),
        ("open-data-organisations", "/api/v1/organisations", "JSON"),
        ("open-data-journal", "/api/v1/journal", "JSON"),
        (
            "open-data-sealed-journal",
            "/log/journal/checkpoint",
            "C2SP tlog-tiles",
        ),
        ("open-data-catalogue", "/dcat.jsonld", "JSON-LD"),
        ("open-data-apis", "/exchange/dcat.jsonld", "JSON-LD"),
        (
            "open-data-accreditations",
            "/exchange/accreditations.csv",
            "CSV",
        ),
        (
            "open-data-accreditations",
            "/api/v1/exchange/accreditations",
            "JSON",
        ),
        ("open-data-once-only", "/api/v1/exchange/once-only", "JSON"),
    ]
    .map(|(key, href, format)| {
        vec![
            Cell::text(words.text(key)),
            Cell::link(href, href),
            Cell::text(format),
        ]
    });
    let columns = ["what", "where", "format"]
        .map(|key| Column::text(words.text(&format!("open-data-{key}"))));
    let table = Table::new(
        &words,
        "open-data",
        words.text("open-data-caption"),
        columns.into(),
    )
    .rows(rows);
    let shell = cx
        .shell(words.text("open-data-title"))
        .lead(words.text("open-data-lead"));
    Page(
        Composed::new(shell)
            .with(table)
            .text(words.text("open-data-schema")),
    )
}

/// The catalogue in DCAT 3 (W3C), as JSON-LD.
#[utoipa::path(get, path = "/dcat.jsonld", tag = "platform",
    responses((status = 200, body = Object, content_type = "application/ld+json")))]
pub(crate) async fn dcat(State(platform): State<Platform>) -> Result<Response, Failure> {
    let base = platform.settings.public_url();
    let file = |path: &str, media: &str| {
        serde_json::json!({
            "@type": "dcat:Distribution",
            "dcat:downloadURL": { "@id": format!("{base}{path}") },
            "dcat:mediaType": { "@id":
                format!("https://www.iana.org/assignments/media-types/{media}") },
        })
    };
    let licence = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/";
    let catalogue = serde_json::json!({
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
        },
        "@id": format!("{base}/dcat.jsonld"),
        "@type": "dcat:Catalog",
        "dct:title": [{ "@language": "fr", "@value": "Gouvernail : données ouvertes" }],
        "dcat:dataset": [{
            "@id": format!("{base}/open-data#products"),
            "@type": "dcat:Dataset",
            "dct:title": [{ "@language": "fr", "@value": "Portefeuille des produits numériques" }],
            "dct:description": [{ "@language": "fr", "@value":
                "Grands projets, produits et start-ups d’État, avec coûts, durées et glissements." }],
            "dct:license": { "@id": licence },
            "dct:accrualPeriodicity": { "@id":
                "http://publications.europa.eu/resource/authority/frequency/CONT" },
            "dcat:distribution": [
                file("/products.csv", "text/csv"),
                file("/products.xlsx",
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
                file("/products.json", "application/json"),
            ],
        }],
        "dcat:service": [{
            "@id": format!("{base}/api"),
            "@type": "dcat:DataService",
            "dct:title": [{ "@language": "fr", "@value": "API" }],
            "dcat:endpointURL": { "@id": format!("{base}/api/v1") },
            "dcat:endpointDescription": { "@id": format!("{base}/openapi.json") },
        }],
    });
    let json = serde_json::to_vec_pretty(&catalogue).map_err(Failure::internal)?;
    Ok(([("content-type", "application/ld+json")], json).into_response())
}

pub(crate) async fn accessibility(cx: Cx) -> Page<Composed> {
    let words = cx.words();
    let shell = cx
        .shell(words.text("accessibility-title"))
        .lead(words.text("accessibility-lead"));
    Page(
        Composed::new(shell)
            .heading(words.text("accessibility-checked"))
            .text(words.text("accessibility-checked-text"))
            .heading(words.text("accessibility-not-checked"))
            .text(words.text("accessibility-not-checked-text"))
            .heading(words.text("accessibility-help"))
            .text(words.text("accessibility-help-text")),
    )
}
