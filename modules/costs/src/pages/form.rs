//! A new version, from a form that holds the latest one: its lines in rows of fields, or pasted.

use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Response, SeeOther, State,
};
use kit_ui::{Composed, Facts, Field, Form, Notice, Rows, Tone, Words, format};
use ports::{IndicatorProgress, ProductId, ProductSummary};
use uuid::Uuid;

use super::compare::differences;
use super::words::{drives, kind, refused, sentence};
use super::{date_parts, mark, shell_below, typed_date};
use crate::access::EDIT;
use crate::domain::form::{LineForm, VersionForm};
use crate::domain::{Content, CountOf, Kind, Mistake, tables};
use crate::{Costs, CostsError, Version};

/// Longest table in a form, in characters: 500 lines of 200 each.
const TABLE_CHARS_MAX: u32 = 200_000;
/// Empty rows below the lines of the latest version.
const ROWS_LEFT: usize = 3;
/// Rows that the button adds.
const ROWS_MORE: usize = 10;
/// Longest amount in a row, in characters.
const AMOUNT_CHARS_MAX: u32 = 40;

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
        rows: content.lines.iter().map(LineForm::of).collect(),
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

/// The rows that were sent, in their order: one more than a version has lines at most.
fn rows_of(fields: &Fields) -> Vec<LineForm> {
    let row = |at: usize| {
        let name = |column: &str| format!("{column}-{at}");
        let text = |column: &str| fields.text(&name(column)).to_owned();
        fields.has(&name("year")).then(|| LineForm {
            kind: text("kind"),
            year: text("year"),
            label: text("label"),
            amount: text("amount"),
        })
    };
    (1..=tables::LINES_MAX + 1).map_while(row).collect()
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
        rows: rows_of(fields),
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

/// How lines are filled in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Each in a row of fields.
    Rows,
    /// As a table that is pasted.
    Pasted,
}

/// The lines in rows of fields, each mistake beside the field of its row.
fn rows(words: &Words, lines: &[LineForm], wrong: &[&Mistake]) -> Rows {
    let mut kinds = vec![(String::new(), words.text("costs-choose-kind"))];
    kinds.extend(Kind::ALL.map(|one| (one.code().to_owned(), kind(words, one))));
    let label = |column: &str| words.text(&format!("costs-column-{column}"));
    let (kind_label, year, said, amount) = (
        label("kind"),
        label("year"),
        label("label"),
        label("amount"),
    );
    let hint = words.text_with("costs-rows-hint", &[("count", tables::LINES_MAX.into())]);
    let mut all = Rows::new("rows", words.text("costs-field-lines")).hint(hint);
    for (place, line) in (1_u64..).zip(lines) {
        let mistake = |column: &str| {
            // What is wrong with all lines stands at the first one.
            let is_here = |one: &&&Mistake| match one.line {
                Some(line) => line == place && one.field == column,
                None => place == 1 && column == "kind",
            };
            wrong.iter().find(is_here).map(|one| sentence(words, one))
        };
        let field = |column: &str, label: &str, value: &str, length: u32| {
            Field::text(&format!("{column}-{place}"), label)
                .value(value)
                .length_max(length)
                .error(mistake(column))
        };
        let text_max = u32::try_from(tables::TEXT_CHARS_MAX).unwrap_or(u32::MAX);
        let kind = Field::select(&format!("kind-{place}"), &kind_label, kinds.clone())
            .value(&line.kind)
            .error(mistake("kind"));
        let name = words.text_with("costs-row", &[("number", place.to_string().into())]);
        all = all.row(
            name,
            vec![
                kind,
                field("year", &year, &line.year, 4),
                field("label", &said, &line.label, text_max),
                field("amount", &amount, &line.amount, AMOUNT_CHARS_MAX),
            ],
        );
    }
    all
}

fn page(
    cx: &Cx,
    (product, way): (&ProductSummary, Way),
    indicators: &[IndicatorProgress],
    (seen, form): (i64, &VersionForm),
    wrong: &[Mistake],
) -> (Composed, Form) {
    let words = cx.words();
    let mut fields = fields(&words, form, indicators);
    if way == Way::Pasted {
        fields.push(
            Field::lines(16, "lines", words.text("costs-field-lines"))
                .value(&form.lines)
                .hint(words.text("costs-field-lines-hint"))
                .length_max(TABLE_CHARS_MAX)
                .required(),
        );
    }
    let of_assumptions = |one: &&Mistake| {
        one.line.is_some()
            && tables::ASSUMPTION_COLUMNS
                .iter()
                .any(|(code, _)| *code == one.field)
    };
    let (in_assumptions, others): (Vec<_>, Vec<_>) = wrong.iter().partition(of_assumptions);
    let own = |all: Vec<&Mistake>| all.into_iter().cloned().collect::<Vec<_>>();
    let in_assumptions = own(in_assumptions);
    mark(&words, &mut fields, &in_assumptions, "assumptions");
    let mut shell =
        shell_below(cx, words.text("costs-new"), product).lead(words.text("costs-new-lead"));
    shell.mistaken = !wrong.is_empty();
    let action = format!("/products/{}/costs", product.id);
    let form_of = |shell: &kit_ui::Shell, fields: Vec<Field>| {
        Form::post(shell, action.clone(), words.text("costs-save"))
            .hidden("seen", seen.to_string())
            .fields(fields)
    };
    if way == Way::Pasted {
        mark(&words, &mut fields, &own(others), "lines");
        let html = form_of(&shell, fields).summary(&words);
        let kinds = Kind::ALL.map(|one| (kind(&words, one), None)).into();
        let page = Composed::new(shell)
            .maybe(refused(&words, wrong))
            .link(words.text("costs-type-rows"), format!("{action}/new"))
            .with(Facts::default().list(words.text("costs-kinds"), kinds));
        return (page, html);
    }
    let is_of_rows = |one: &&Mistake| one.line.is_some() || one.field == "lines";
    let (in_rows, others): (Vec<_>, Vec<_>) = others.into_iter().partition(is_of_rows);
    mark(&words, &mut fields, &own(others), "lines");
    let mut html = form_of(&shell, fields).rows(rows(&words, &form.rows, &in_rows));
    if form.rows.len() < tables::LINES_MAX {
        let first_new = format!("kind-{}", form.rows.len() + 1);
        html = html.more("more", words.text("costs-more-rows"), first_new);
    }
    let page = Composed::new(shell)
        .maybe(refused(&words, &in_assumptions))
        .link(words.text("costs-paste"), format!("{action}/paste"));
    (page, html.summary(&words))
}

/// Adds empty rows to what was typed, as far as a version has lines.
fn with_more(mut form: VersionForm, more: usize) -> VersionForm {
    let wanted = (form.rows.len() + more).min(tables::LINES_MAX);
    let wanted = wanted.max(form.rows.len());
    form.rows.resize_with(wanted, LineForm::default);
    form
}

pub(super) async fn show(
    State(costs): State<Costs>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    show_way(&costs, &cx, id, Way::Rows).await
}

pub(super) async fn show_pasted(
    State(costs): State<Costs>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    show_way(&costs, &cx, id, Way::Pasted).await
}

async fn show_way(costs: &Costs, cx: &Cx, id: Uuid, way: Way) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let (product, latest) = editable(costs, cx, id).await?;
    let indicators = costs.indicators(product.id).await?;
    let form = latest.as_ref().map_or_else(
        || empty_form(&words, costs.source.today()),
        |latest| form_of(&words, &latest.content),
    );
    let form = with_more(form, ROWS_LEFT);
    let seen = latest.map_or(0, |latest| latest.number);
    let (page, html) = page(cx, (&product, way), &indicators, (seen, &form), &[]);
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
    let way = if fields.has("lines") {
        Way::Pasted
    } else {
        Way::Rows
    };
    let of = (&product, way);
    // Also when nothing was sent there is a row beside which its mistake stands.
    let more = match (fields.has("more"), form.rows.is_empty()) {
        (true, _) => ROWS_MORE,
        (false, true) => ROWS_LEFT,
        (false, false) => 0,
    };
    let form = with_more(form, more);
    if fields.has("more") {
        let (page, html) = page(&cx, of, &indicators, (seen, &form), &[]);
        return Ok(Page(page.with(html)).into_response());
    }
    match costs.add_version(&cx.actor, product.id, seen, &form).await {
        Ok(_) => Ok(SeeOther(format!("/products/{}/costs", product.id)).into_response()),
        Err(CostsError::Mistakes(wrong)) => {
            let (page, html) = page(&cx, of, &indicators, (seen, &form), &wrong);
            Ok(FormAgain(page.with(html)).into_response())
        }
        Err(CostsError::Stale) => {
            // What was typed stays, beside what somebody else made: saving again is then a choice.
            let Some(latest) = latest else {
                return Err(Failure::Conflict(String::new()));
            };
            let before = seen_version(&costs, &cx, id, seen).await?;
            let (page, html) = page(&cx, of, &indicators, (latest.number, &form), &[]);
            let page = stale(page, &words, before.as_ref(), &latest);
            Ok(FormAgain(page.with(html)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
