//! A new version, from a form that holds the latest one.

use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Response, SeeOther, State,
};
use kit_ui::{Composed, Facts, Field, Form, Notice, Tone, Words, format};
use ports::{IndicatorProgress, ProductId, ProductSummary};
use uuid::Uuid;

use super::compare::differences;
use super::words::{drives, kind, refused};
use super::{date_parts, mark, shell_below, typed_date};
use crate::access::EDIT;
use crate::domain::form::VersionForm;
use crate::domain::{Content, CountOf, Mistake, tables};
use crate::{Costs, CostsError, Version};

/// Longest table in a form, in characters: 500 lines of 200 each.
const TABLE_CHARS_MAX: u32 = 200_000;

/// The form filled in with what a version holds.
pub(super) fn form_of(words: &Words, content: &Content) -> VersionForm {
    let percent = crate::domain::Decimal(content.discount_bp.saturating_mul(10_000));
    VersionForm {
        as_of: content.as_of.to_string(),
        first_year: content.first_year.to_string(),
        years: content.years.to_string(),
        discount: percent.to_string().replace('.', ","),
        indicator: content
            .count
            .map(|count| count.indicator.to_string())
            .unwrap_or_default(),
        count_of: content
            .count
            .map_or(CountOf::User, |count| count.of)
            .code()
            .to_owned(),
        reason: String::new(),
        lines: tables::lines_text(&content.lines, |one| kind(words, one)),
        assumptions: tables::assumptions_text(&content.assumptions, |one| drives(words, one)),
    }
}

/// The first form of a product.
pub(super) fn empty_form(words: &Words, today: jiff::civil::Date) -> VersionForm {
    VersionForm {
        as_of: today.to_string(),
        first_year: today.year().to_string(),
        years: "10".to_owned(),
        discount: "0".to_owned(),
        count_of: CountOf::User.code().to_owned(),
        lines: tables::lines_text(&[], |one| kind(words, one)),
        assumptions: tables::assumptions_text(&[], |one| drives(words, one)),
        ..VersionForm::default()
    }
}

/// The fields beside the lines.
pub(super) fn fields(
    words: &Words,
    form: &VersionForm,
    indicators: &[IndicatorProgress],
) -> Vec<Field> {
    let mut counts = vec![(String::new(), words.text("costs-no-indicator"))];
    counts.extend(indicators.iter().map(|one| {
        let label = format!("{} ({})", one.name, one.unit);
        (one.id.to_string(), label)
    }));
    let of = CountOf::ALL.map(|one| {
        let label = words.text(&format!("costs-count-{}", one.code()));
        (one.code().to_owned(), label)
    });
    vec![
        Field::lines(3, "reason", words.text("costs-field-reason"))
            .value(&form.reason)
            .hint(words.text("costs-field-reason-hint"))
            .length_max(1_000)
            .required(),
        Field::date_typed(
            words,
            "as_of",
            words.text("costs-field-as-of"),
            date_parts(&form.as_of),
        ),
        Field::text("first_year", words.text("costs-field-first-year"))
            .value(&form.first_year)
            .length_max(4)
            .required(),
        Field::text("years", words.text("costs-field-years"))
            .value(&form.years)
            .hint(words.text("costs-field-years-hint"))
            .length_max(2)
            .required(),
        Field::text("discount", words.text("costs-field-discount"))
            .value(&form.discount)
            .hint(words.text("costs-field-discount-hint"))
            .unit("%")
            .length_max(6),
        Field::select("indicator", words.text("costs-field-indicator"), counts)
            .value(&form.indicator)
            .hint(words.text("costs-field-indicator-hint")),
        Field::radios("count_of", words.text("costs-field-count-of"), of.into())
            .value(&form.count_of),
        Field::lines(8, "assumptions", words.text("costs-field-assumptions"))
            .value(&form.assumptions)
            .hint(words.text("costs-field-assumptions-hint"))
            .length_max(TABLE_CHARS_MAX),
    ]
}

/// What was filled in.
pub(super) fn read(fields: &Fields) -> VersionForm {
    let text = |name: &str| fields.text(name).to_owned();
    VersionForm {
        as_of: typed_date(fields, "as_of"),
        first_year: text("first_year"),
        years: text("years"),
        discount: text("discount"),
        indicator: text("indicator"),
        count_of: text("count_of"),
        reason: text("reason"),
        lines: text("lines"),
        assumptions: text("assumptions"),
    }
}

/// What a second author is shown: what the first one made since.
pub(super) fn stale(
    page: Composed,
    words: &Words,
    seen: Option<&Version>,
    latest: &Version,
) -> Composed {
    let args = [
        ("number", latest.number.into()),
        ("author", latest.author.as_str().into()),
        (
            "at",
            format::instant(words.locale, latest.created_at).into(),
        ),
        ("reason", latest.reason.as_str().into()),
    ];
    let said = words.text_with("costs-stale-version-text", &args);
    let title = words.text("costs-stale-version");
    let nothing = Content {
        lines: Vec::new(),
        assumptions: Vec::new(),
        ..latest.content.clone()
    };
    let before = seen.map_or(&nothing, |seen| &seen.content);
    page.with(Notice::new(Tone::Warning, title, said))
        .with(differences(words, before, &latest.content).plain())
}

/// The product, of whose cost the actor may add a version, with the latest one.
pub(super) async fn editable(
    costs: &Costs,
    cx: &Cx,
    id: Uuid,
) -> Result<(ProductSummary, Option<Version>), Failure> {
    let (product, file) = costs.file(&cx.actor, ProductId(id)).await?;
    cx.actor.demand(&EDIT, product.ministry.map(|id| id.0))?;
    let latest = match &file {
        None => None,
        Some(file) => Some(costs.version(file, file.latest).await?),
    };
    Ok((product, latest))
}

/// The version that somebody saw, when another one stands by now.
pub(super) async fn seen_version(
    costs: &Costs,
    cx: &Cx,
    id: Uuid,
    seen: i64,
) -> Result<Option<Version>, Failure> {
    if seen == 0 {
        return Ok(None);
    }
    let told = costs.told(&cx.actor, ProductId(id), Some(seen)).await?;
    Ok(Some(told.version))
}

fn page(
    cx: &Cx,
    product: &ProductSummary,
    indicators: &[IndicatorProgress],
    (seen, form): (i64, &VersionForm),
    wrong: &[Mistake],
) -> (Composed, Form) {
    let words = cx.words();
    let mut fields = fields(&words, form, indicators);
    fields.push(
        Field::lines(16, "lines", words.text("costs-field-lines"))
            .value(&form.lines)
            .hint(words.text("costs-field-lines-hint"))
            .length_max(TABLE_CHARS_MAX)
            .required(),
    );
    let of_assumptions = |one: &&Mistake| {
        one.line.is_some()
            && tables::ASSUMPTION_COLUMNS
                .iter()
                .any(|(code, _)| *code == one.field)
    };
    let (in_assumptions, others): (Vec<_>, Vec<_>) = wrong.iter().partition(of_assumptions);
    let own = |all: Vec<&Mistake>| all.into_iter().cloned().collect::<Vec<_>>();
    mark(&words, &mut fields, &own(in_assumptions), "assumptions");
    mark(&words, &mut fields, &own(others), "lines");
    let mut shell =
        shell_below(cx, words.text("costs-new"), product).lead(words.text("costs-new-lead"));
    shell.mistaken = !wrong.is_empty();
    let action = format!("/products/{}/costs", product.id);
    let html = Form::post(&shell, action, words.text("costs-save"))
        .hidden("seen", seen.to_string())
        .fields(fields)
        .summary(&words);
    let mut kinds = Facts::default();
    kinds = kinds.list(
        words.text("costs-kinds"),
        crate::domain::Kind::ALL
            .into_iter()
            .map(|one| (kind(&words, one), None))
            .collect(),
    );
    let page = Composed::new(shell)
        .maybe(refused(&words, wrong))
        .with(kinds);
    (page, html)
}

pub(super) async fn show(
    State(costs): State<Costs>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let (product, latest) = editable(&costs, &cx, id).await?;
    let indicators = costs.indicators(product.id).await?;
    let form = latest.as_ref().map_or_else(
        || empty_form(&words, costs.source.today()),
        |latest| form_of(&words, &latest.content),
    );
    let seen = latest.map_or(0, |latest| latest.number);
    let (page, html) = page(&cx, &product, &indicators, (seen, &form), &[]);
    Ok(Page(page.with(html)))
}

pub(super) async fn add(
    State(costs): State<Costs>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let words = cx.words();
    let (product, latest) = editable(&costs, &cx, id).await?;
    let form = read(&fields);
    let seen = fields.text("seen").parse().unwrap_or(0);
    let indicators = costs.indicators(product.id).await?;
    match costs.add_version(&cx.actor, product.id, seen, &form).await {
        Ok(_) => Ok(SeeOther(format!("/products/{}/costs", product.id)).into_response()),
        Err(CostsError::Mistakes(wrong)) => {
            let (page, html) = page(&cx, &product, &indicators, (seen, &form), &wrong);
            Ok(FormAgain(page.with(html)).into_response())
        }
        Err(CostsError::Stale) => {
            // What was typed stays, beside what somebody else made: saving again is then a choice.
            let Some(latest) = latest else {
                return Err(Failure::Conflict(String::new()));
            };
            let before = seen_version(&costs, &cx, id, seen).await?;
            let (page, html) = page(&cx, &product, &indicators, (latest.number, &form), &[]);
            let page = stale(page, &words, before.as_ref(), &latest);
            Ok(FormAgain(page.with(html)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
