//! The JSON API of the observatory: editions and procedures for anybody, answers for those who may read
//! them, declarations by programs of the teams.

use kit_http::{
    ApiQuery, Cx, Failure, IntoResponse, Json, JsonAnswer, ModuleRoutes, Path, Response, Routes,
    State, StatusCode, described, optional,
};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

use crate::access::{EDIT, READ, READ_PUBLIC};
use crate::domain::{
    Criterion, DeclarationForm, Declared, Figure, Help, Level, Quarter, Satisfaction, share_at_goal,
};
use crate::reading::{ReviewFilter, after, before};
use crate::store::editions::EditionRow;
use crate::{Observatory, StoredDeclaration, StoredReview};

/// Rows on one page.
const PAGE_ROWS: u32 = 100;

pub(crate) fn routes(observatory: Observatory) -> ModuleRoutes {
    Routes::new("observatory")
        .get("/api/v1/observatory/editions", &READ_PUBLIC, editions)
        .get(
            "/api/v1/observatory/editions/{quarter}",
            &READ_PUBLIC,
            edition,
        )
        .get(
            "/api/v1/observatory/procedures/{id}",
            &READ_PUBLIC,
            procedure,
        )
        .get(
            "/api/v1/observatory/procedures/{id}/reviews",
            &READ,
            reviews,
        )
        .post(
            "/api/v1/observatory/procedures/{id}/declarations",
            &EDIT,
            declare,
        )
        .with_state(observatory)
}

/// An edition of the observatory.
#[derive(Debug, Serialize, ToSchema)]
struct ObservatoryEditionAnswer {
    /// Its quarter, such as `2026-q3`.
    quarter: String,
    /// When it was made.
    made_at: String,
    /// How many procedures it tells of.
    procedures: i64,
}

/// The editions.
#[derive(Debug, Serialize, ToSchema)]
struct ObservatoryEditionsAnswer {
    /// The last one first; at most ten years of them.
    editions: Vec<ObservatoryEditionAnswer>,
}

impl From<&crate::Edition> for ObservatoryEditionAnswer {
    fn from(one: &crate::Edition) -> Self {
        Self {
            quarter: one.quarter.to_string(),
            made_at: one.made_at.to_string(),
            procedures: one.procedures,
        }
    }
}

/// A figure of a procedure.
#[derive(Debug, Serialize, ToSchema)]
struct ObservatoryFigureAnswer {
    /// Of what.
    criterion: Criterion,
    /// The value: scores in thousandths of a point of ten, shares in thousandths of a percent, times in
    /// thousandths of a second, numbers as they are, choices by their place.
    value: Option<i64>,
    /// On how many answers it rests, of those that visitors give.
    answers: Option<i64>,
    /// How good it is.
    level: Level,
}

impl From<&Figure> for ObservatoryFigureAnswer {
    fn from(one: &Figure) -> Self {
        Self {
            criterion: one.criterion,
            value: one.value,
            answers: one.answers,
            level: one.level,
        }
    }
}

/// A procedure in an edition.
#[derive(Debug, Serialize, ToSchema)]
struct ObservatoryRowAnswer {
    /// The edition's quarter.
    quarter: String,
    /// The procedure's id.
    procedure: Uuid,
    /// Its name then.
    name: String,
    /// The product's id.
    product: Uuid,
    /// The product's name then.
    product_title: String,
    /// The ministry's id then.
    ministry: Option<Uuid>,
    /// The figures.
    figures: Vec<ObservatoryFigureAnswer>,
}

impl From<&EditionRow> for ObservatoryRowAnswer {
    fn from(one: &EditionRow) -> Self {
        Self {
            quarter: one.quarter.to_string(),
            procedure: one.procedure,
            name: one.name.clone(),
            product: one.product,
            product_title: one.product_title.clone(),
            ministry: one.ministry,
            figures: one.figures.iter().map(Into::into).collect(),
        }
    }
}

/// How many procedures stand where.
#[derive(Debug, Serialize, ToSchema)]
struct ObservatoryGoalAnswer {
    /// Of what.
    criterion: Criterion,
    /// At the goal.
    green: i64,
    /// Near it.
    yellow: i64,
    /// Far from it.
    red: i64,
    /// Not known.
    grey: i64,
    /// The share at the goal without the greys, in thousandths of a percent; it should be 80,000.
    share: Option<i64>,
}

/// A page of an edition.
#[derive(Debug, Serialize, ToSchema)]
struct ObservatoryEditionPageAnswer {
    /// The edition.
    edition: ObservatoryEditionAnswer,
    /// How many procedures stand where, of the whole edition.
    goals: Vec<ObservatoryGoalAnswer>,
    /// Procedures by name.
    procedures: Vec<ObservatoryRowAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<Uuid>,
}

/// A declaration.
#[derive(Debug, Serialize, ToSchema)]
struct ObservatoryDeclarationAnswer {
    /// Of what.
    declared: Declared,
    /// The value: shares in thousandths of a percent, times in thousandths of a second, numbers as they
    /// are, choices by their place.
    value: i64,
    /// On which day it was so: year, month, day.
    as_of: String,
    /// The last day on which it counts: year, month, day.
    valid_until: Option<String>,
    /// Where it can be read.
    evidence: String,
}

impl From<&StoredDeclaration> for ObservatoryDeclarationAnswer {
    fn from(one: &StoredDeclaration) -> Self {
        let told = &one.declaration;
        Self {
            declared: told.declared,
            value: told.value,
            as_of: told.as_of.to_string(),
            valid_until: told.valid_until.map(|on| on.to_string()),
            evidence: told.evidence.clone(),
        }
    }
}

/// A procedure of the observatory.
#[derive(Debug, Serialize, ToSchema)]
struct ObservatoryProcedureAnswer {
    /// Its id.
    id: Uuid,
    /// Its name.
    name: String,
    /// Where it begins; may be empty.
    address: String,
    /// The product's id.
    product: Uuid,
    /// The product's name.
    product_title: String,
    /// How many people use it in a year.
    users: Option<i64>,
    /// Whether it opens a permanent national financial aid.
    opens_aid: bool,
    /// Whether editions tell of it.
    is_in_scope: bool,
    /// Whether reviews can be given.
    is_open: bool,
    /// Its editions, the last one first.
    editions: Vec<ObservatoryRowAnswer>,
    /// What is declared of it today.
    declarations: Vec<ObservatoryDeclarationAnswer>,
}

/// A review.
#[derive(Debug, Serialize, ToSchema)]
struct ObservatoryReviewAnswer {
    /// When it was given.
    given_at: String,
    /// How it went.
    satisfaction: Satisfaction,
    /// How easy it was to understand, from 1 to 5.
    ease: Option<i64>,
    /// Whether help was looked for.
    help: Option<Help>,
    /// How much it was worth, from 1 to 5.
    help_ease: Option<i64>,
    /// In the person's own words; may be empty.
    comment: String,
}

impl From<&StoredReview> for ObservatoryReviewAnswer {
    fn from(one: &StoredReview) -> Self {
        let details = &one.answers.details;
        Self {
            given_at: one.given_at.to_string(),
            satisfaction: one.answers.satisfaction,
            ease: details.ease,
            help: details.help,
            help_ease: details.help_ease,
            comment: details.comment.clone(),
        }
    }
}

/// A page of reviews.
#[derive(Debug, Serialize, ToSchema)]
struct ObservatoryReviewsAnswer {
    /// The latest first.
    reviews: Vec<ObservatoryReviewAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<String>,
}

/// The id of a new declaration.
#[derive(Debug, Serialize, ToSchema)]
struct ObservatoryDeclaredAnswer {
    /// It.
    id: Uuid,
}

/// A declaration to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ObservatoryDeclarationToAdd {
    /// Of what.
    declared: Declared,
    /// A percentage such as `99.95`, a number, seconds such as `0.38`, or a code: of security `yes` or
    /// `no`; of authentication `own-account`, `state`, `state-strong` or `none`; of online `no`, `in-part`
    /// or `wholly`.
    #[schema(max_length = 40)]
    value: String,
    /// On which day it was so: year, month, day; not in the future.
    #[schema(format = Date)]
    as_of: String,
    /// Until when a security approval counts, at most five years: year, month, day.
    #[serde(default)]
    #[schema(format = Date)]
    until: Option<String>,
    /// Where it can be read.
    #[schema(min_length = 1, max_length = 500)]
    evidence: String,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ObservatoryEditionQuery {
    /// Only of this ministry.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    ministry: String,
    /// What the page before gave as `next`.
    #[serde(default)]
    #[param(required = false, schema_with = described::cursor)]
    after: String,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ObservatoryReviewsQuery {
    /// Only those that say this.
    #[serde(default)]
    #[param(required = false, schema_with = satisfactions)]
    satisfaction: String,
    /// `yes`: only those with a comment.
    #[serde(default)]
    #[param(required = false, schema_with = only_yes)]
    comment: String,
    /// What the page before gave as `next`.
    #[serde(default)]
    #[param(required = false, schema_with = described::cursor)]
    after: String,
}

fn satisfactions() -> Schema {
    described::codes(Satisfaction::ALL.iter().map(|one| one.code()))
}

fn only_yes() -> Schema {
    described::codes(["yes"])
}

/// The editions of the observatory of the quality of online procedures.
#[utoipa::path(get, path = "/api/v1/observatory/editions", tag = "observatory",
    responses((status = 200, body = ObservatoryEditionsAnswer)))]
async fn editions(
    State(observatory): State<Observatory>,
) -> Result<JsonAnswer<ObservatoryEditionsAnswer>, Failure> {
    let all = observatory.editions().await?;
    let editions = all.iter().map(Into::into).collect();
    Ok(JsonAnswer(ObservatoryEditionsAnswer { editions }))
}

/// An edition: its procedures with their figures, page by page.
#[utoipa::path(get, path = "/api/v1/observatory/editions/{quarter}", tag = "observatory",
    params(("quarter" = String, Path, description = "Such as `2026-q3`"), ObservatoryEditionQuery),
    responses((status = 200, body = ObservatoryEditionPageAnswer),
              (status = 404, description = "There is no such edition"),
              (status = 422, description = "A parameter is wrong")))]
async fn edition(
    State(observatory): State<Observatory>,
    Path(quarter): Path<String>,
    ApiQuery(query): ApiQuery<ObservatoryEditionQuery>,
) -> Result<JsonAnswer<ObservatoryEditionPageAnswer>, Failure> {
    let quarter: Quarter = quarter.parse().map_err(|()| Failure::NotFound)?;
    let ministry = optional("ministry", &query.ministry, |text| text.parse().ok())?;
    let standing = observatory.edition(quarter).await?;
    let after = query.after.parse().ok();
    let found = observatory
        .edition_rows(quarter, ministry, after, PAGE_ROWS)
        .await?;
    let next = found
        .last()
        .filter(|_| found.len() == PAGE_ROWS as usize)
        .map(|last| last.procedure);
    let goals = standing
        .levels
        .iter()
        .map(|(criterion, counts)| ObservatoryGoalAnswer {
            criterion: *criterion,
            green: counts.green,
            yellow: counts.yellow,
            red: counts.red,
            grey: counts.grey,
            share: share_at_goal(counts.green, counts.yellow, counts.red),
        });
    Ok(JsonAnswer(ObservatoryEditionPageAnswer {
        edition: (&standing.edition).into(),
        goals: goals.collect(),
        procedures: found.iter().map(Into::into).collect(),
        next,
    }))
}

/// A procedure with its figures by edition and what is declared of it.
#[utoipa::path(get, path = "/api/v1/observatory/procedures/{id}", tag = "observatory",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, body = ObservatoryProcedureAnswer),
              (status = 404, description = "Not found")))]
async fn procedure(
    State(observatory): State<Observatory>,
    Path(id): Path<Uuid>,
) -> Result<JsonAnswer<ObservatoryProcedureAnswer>, Failure> {
    let one = observatory.procedure(id).await?;
    let editions = observatory.published(id).await?;
    let standing = observatory.standing(id).await?;
    Ok(JsonAnswer(ObservatoryProcedureAnswer {
        id,
        is_in_scope: one.procedure.is_in_scope(),
        name: one.procedure.name,
        address: one.procedure.address,
        product: one.product,
        product_title: one.product_title,
        users: one.procedure.users,
        opens_aid: one.procedure.opens_aid,
        is_open: one.is_open,
        editions: editions.iter().map(Into::into).collect(),
        declarations: standing.iter().map(Into::into).collect(),
    }))
}

/// What a procedure's users say, page by page.
#[utoipa::path(get, path = "/api/v1/observatory/procedures/{id}/reviews", tag = "observatory",
    params(("id" = Uuid, Path, description = "The procedure's id"), ObservatoryReviewsQuery),
    responses((status = 200, body = ObservatoryReviewsAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not granted"),
              (status = 404, description = "Not found"),
              (status = 422, description = "A parameter is wrong")))]
async fn reviews(
    State(observatory): State<Observatory>,
    cx: Cx,
    Path(id): Path<Uuid>,
    ApiQuery(query): ApiQuery<ObservatoryReviewsQuery>,
) -> Result<JsonAnswer<ObservatoryReviewsAnswer>, Failure> {
    let yes = |text: &str| (text == "yes").then_some(true);
    let filter = ReviewFilter {
        satisfaction: optional("satisfaction", &query.satisfaction, Satisfaction::parse)?,
        is_commented: optional("comment", &query.comment, yes)?.unwrap_or_default(),
    };
    let before = before(&query.after);
    let found = observatory
        .reviews(&cx.actor, id, filter, before, PAGE_ROWS)
        .await?;
    let next = found
        .last()
        .filter(|_| found.len() == PAGE_ROWS as usize)
        .map(after);
    let reviews = found.iter().map(Into::into).collect();
    Ok(JsonAnswer(ObservatoryReviewsAnswer { reviews, next }))
}

/// A day's three parts; what isn't a day stays where its mistake is told.
fn parts(text: &str) -> [String; 3] {
    text.parse().map_or_else(
        |_| [text.to_owned(), String::new(), String::new()],
        kit_acts::typed,
    )
}

/// Declares something of a procedure, with its evidence.
#[utoipa::path(post, path = "/api/v1/observatory/procedures/{id}/declarations", tag = "observatory",
    params(("id" = Uuid, Path, description = "The procedure's id")),
    request_body = ObservatoryDeclarationToAdd,
    responses((status = 201, body = ObservatoryDeclaredAnswer, description = "Declared"),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not granted"),
              (status = 404, description = "Not found"),
              (status = 413, description = "The body is too large"),
              (status = 415, description = "The body isn't JSON"),
              (status = 422, description = "The body is wrong: each mistake names its field")))]
async fn declare(
    State(observatory): State<Observatory>,
    cx: Cx,
    Path(id): Path<Uuid>,
    Json(told): Json<ObservatoryDeclarationToAdd>,
) -> Result<Response, Failure> {
    let form = DeclarationForm {
        value: told.value,
        as_of: parts(&told.as_of),
        until: told.until.as_deref().map_or_else(Default::default, parts),
        evidence: told.evidence,
    };
    let id = observatory
        .declare(&cx.actor, id, told.declared, &form)
        .await?;
    let answer = JsonAnswer(ObservatoryDeclaredAnswer { id });
    Ok((StatusCode::CREATED, answer).into_response())
}

#[derive(OpenApi)]
#[openapi(
    paths(editions, edition, procedure, reviews, declare),
    components(schemas(
        ObservatoryEditionAnswer,
        ObservatoryProcedureAnswer,
        ObservatoryReviewAnswer
    ))
)]
struct Documentation;

/// The API's description, as a part of the program's.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Documentation::openapi()
}
