//! The form of an indicator: adding one, changing what is said of it, retiring it.

use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Response, SeeOther, State,
};
use kit_ui::{Composed, Facts, Field, Form, Notice, Tone, Words};
use ports::{ProductId, ProductSummary};
use uuid::Uuid;

use super::{date_parts, mark, shell, typed_date, words};
use crate::access::{BIND, EDIT};
use crate::domain::form::{IndicatorForm, NAME_CHARS_MAX, TEXT_CHARS_MAX, UNIT_CHARS_MAX};
use crate::domain::{Indicator, Level, Mistake, Origin, Rhythm};
use crate::{Impact, ImpactError};

fn chars(limit: usize) -> u32 {
    u32::try_from(limit).unwrap_or(u32::MAX)
}

fn choice(words: &Words, name: &str, codes: &[&str]) -> Vec<(String, String)> {
    codes
        .iter()
        .map(|code| {
            (
                (*code).to_owned(),
                words.text(&format!("impact-{name}-{code}")),
            )
        })
        .collect()
}

fn described(words: &Words, form: &IndicatorForm) -> Vec<Field> {
    let levels = Level::ALL.map(|one| (one.code().to_owned(), words::level(words, one)));
    let rhythms = Rhythm::ALL.map(|one| (one.code().to_owned(), words::rhythm(words, one)));
    let text = |name: &str, key: &str, value: &str| {
        Field::lines(3, name, words.text(key))
            .value(value)
            .length_max(chars(TEXT_CHARS_MAX))
    };
    vec![
        Field::section(words.text("impact-form-what")),
        Field::text("name", words.text("impact-column-name"))
            .value(&form.name)
            .length_max(chars(NAME_CHARS_MAX))
            .required(),
        Field::text("measured", words.text("impact-measured"))
            .value(&form.measured)
            .hint(words.text("impact-measured-hint"))
            .length_max(chars(TEXT_CHARS_MAX))
            .required(),
        Field::select("level", words.text("impact-level"), levels.into())
            .value(&form.level)
            .hint(words.text("impact-level-hint")),
        Field::text("unit", words.text("impact-unit"))
            .value(&form.unit)
            .hint(words.text("impact-unit-hint"))
            .length_max(chars(UNIT_CHARS_MAX))
            .required(),
        Field::radios(
            "direction",
            words.text("impact-direction"),
            choice(words, "direction", &["more", "less"]),
        )
        .value(&form.direction),
        Field::select("rhythm", words.text("impact-rhythm"), rhythms.into()).value(&form.rhythm),
        text("formula", "impact-formula", &form.formula),
        Field::text("source", words.text("impact-source"))
            .value(&form.source)
            .length_max(chars(TEXT_CHARS_MAX)),
        text("method", "impact-method", &form.method),
        Field::text("owner", words.text("impact-owner"))
            .value(&form.owner)
            .length_max(chars(NAME_CHARS_MAX)),
    ]
}

fn promised(words: &Words, form: &IndicatorForm) -> Vec<Field> {
    let number = |name: &str, key: &str, value: &str| {
        Field::text(name, words.text(key))
            .value(value)
            .unit(form.unit.trim())
    };
    let date = |name: &str, key: &str, typed: &str| {
        Field::date_typed(words, name, words.text(key), date_parts(typed))
    };
    vec![
        Field::section(words.text("impact-form-promise")).hint(words.text("impact-promise-hint")),
        number("baseline", "impact-baseline", &form.baseline),
        date("baseline_on", "impact-baseline-on", &form.baseline_on),
        number("target", "impact-target", &form.target),
        date("due_on", "impact-due-on", &form.due_on),
        number("threshold", "impact-threshold", &form.threshold)
            .hint(words.text("impact-threshold-hint")),
    ]
}

fn origins(words: &Words, form: &IndicatorForm) -> Vec<Field> {
    vec![
        Field::section(words.text("impact-form-origin")).hint(words.text("impact-origin-hint")),
        Field::radios(
            "origin",
            words.text("impact-origin"),
            choice(words, "origin", &Origin::CODES),
        )
        .value(if form.origin.is_empty() {
            "hand"
        } else {
            &form.origin
        }),
        Field::text("subject", words.text("impact-subject"))
            .value(&form.subject)
            .hint(words.text("impact-subject-hint")),
    ]
}

/// The fields of the form. Who may not bind a source isn't offered it.
fn fields(words: &Words, form: &IndicatorForm, may_bind: bool) -> Vec<Field> {
    let mut all = described(words, form);
    all.extend(promised(words, form));
    if may_bind {
        all.extend(origins(words, form));
    }
    all
}

/// The field's label, as the form shows it.
fn label(words: &Words, field: &str) -> String {
    let key = match field {
        "name" => "impact-column-name",
        "measured" => "impact-measured",
        "level" => "impact-level",
        "unit" => "impact-unit",
        "direction" => "impact-direction",
        "rhythm" => "impact-rhythm",
        "formula" => "impact-formula",
        "source" => "impact-source",
        "method" => "impact-method",
        "owner" => "impact-owner",
        "baseline" => "impact-baseline",
        "baseline_on" => "impact-baseline-on",
        "target" => "impact-target",
        "due_on" => "impact-due-on",
        "threshold" => "impact-threshold",
        "origin" => "impact-origin",
        _ => "impact-subject",
    };
    words.text(key)
}

fn form_of(fields: &Fields) -> IndicatorForm {
    let text = |name: &str| fields.text(name).to_owned();
    IndicatorForm {
        name: text("name"),
        measured: text("measured"),
        unit: text("unit"),
        direction: text("direction"),
        formula: text("formula"),
        source: text("source"),
        method: text("method"),
        owner: text("owner"),
        rhythm: text("rhythm"),
        level: text("level"),
        baseline: text("baseline"),
        baseline_on: typed_date(fields, "baseline_on"),
        target: text("target"),
        due_on: typed_date(fields, "due_on"),
        threshold: text("threshold"),
        origin: text("origin"),
        subject: text("subject"),
    }
}

fn new_page(
    cx: &Cx,
    product: &ProductSummary,
    form: &IndicatorForm,
    wrong: &[Mistake],
) -> Composed {
    let words = cx.words();
    let may_bind = cx.actor.may(&BIND, product.ministry.map(|id| id.0));
    let mut fields = fields(&words, form, may_bind);
    mark(&words, &mut fields, wrong);
    let own = format!("/products/{}/indicators", product.id);
    let mut shell = cx
        .shell(words.text("impact-add"))
        .lead(words.text("impact-add-lead"))
        .crumb(words.text("impact-indicators"), "/indicators")
        .crumb(&product.title, &own);
    shell.mistaken = !wrong.is_empty();
    let form = Form::post(&shell, own, words.text("impact-save"))
        .fields(fields)
        .summary(&words);
    Composed::new(shell).with(form)
}

async fn editable(impact: &Impact, cx: &Cx, id: Uuid) -> Result<ProductSummary, Failure> {
    let product = impact.product(ProductId(id)).await?;
    cx.actor.demand(&EDIT, product.ministry.map(|id| id.0))?;
    Ok(product)
}

pub(crate) async fn show_new(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let product = editable(&impact, &cx, id).await?;
    let form = IndicatorForm {
        direction: "more".to_owned(),
        rhythm: Rhythm::Monthly.code().to_owned(),
        level: Level::Used.code().to_owned(),
        ..IndicatorForm::default()
    };
    Ok(Page(new_page(&cx, &product, &form, &[])))
}

pub(crate) async fn add(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let product = editable(&impact, &cx, id).await?;
    let form = form_of(&fields);
    match impact.add_indicator(&cx.actor, product.id, &form).await {
        Ok(id) => Ok(SeeOther(format!("/indicators/{id}")).into_response()),
        Err(ImpactError::Mistakes(wrong)) => {
            Ok(FormAgain(new_page(&cx, &product, &form, &wrong)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn edit_page(
    cx: &Cx,
    indicator: &Indicator,
    form: &IndicatorForm,
    wrong: &[Mistake],
    is_stale: bool,
) -> Composed {
    let words = cx.words();
    let may_bind = cx.actor.may(&BIND, indicator.ministry_id);
    let mut fields = fields(&words, form, may_bind);
    mark(&words, &mut fields, wrong);
    let mut shell = shell(cx, words.text("impact-edit"), indicator);
    shell.mistaken = !wrong.is_empty() || is_stale;
    let mut html = Form::post(
        &shell,
        format!("/indicators/{}/edit", indicator.id),
        words.text("impact-save"),
    )
    .hidden("version", indicator.version.to_string())
    .fields(fields);
    if !may_bind {
        // What isn't offered stays as it is.
        html = html
            .hidden("origin", &form.origin)
            .hidden("subject", &form.subject);
    }
    let mut page = Composed::new(shell);
    if is_stale {
        let saved = IndicatorForm::of(&indicator.description);
        let mut facts = Facts::default();
        for (field, value) in form.differences(&saved) {
            let value = if value.is_empty() { "—" } else { value };
            facts = facts.text(label(&words, field), value);
        }
        page = page
            .with(Notice::new(
                Tone::Warning,
                words.text("impact-stale"),
                words.text("impact-stale-text"),
            ))
            .with(facts);
    }
    page.with(html.summary(&words))
}

pub(crate) async fn show_edit(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let indicator = impact.indicator(id).await?;
    cx.actor.demand(&EDIT, indicator.ministry_id)?;
    let form = IndicatorForm::of(&indicator.description);
    Ok(Page(edit_page(&cx, &indicator, &form, &[], false)))
}

pub(crate) async fn edit(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = form_of(&fields);
    let version = fields.text("version").parse().unwrap_or(0);
    let (wrong, is_stale) = match impact.edit_indicator(&cx.actor, id, version, &form).await {
        Ok(()) => return Ok(SeeOther(format!("/indicators/{id}")).into_response()),
        Err(ImpactError::Mistakes(wrong)) => (wrong, false),
        // What was typed stays, beside what somebody else saved: saving again is then a choice.
        Err(ImpactError::Stale) => (Vec::new(), true),
        Err(error) => return Err(error.into()),
    };
    let mut indicator = impact.indicator(id).await?;
    if !is_stale {
        // A mistake is corrected on what the person saw: what changed meanwhile is told on saving.
        indicator.version = version;
    }
    Ok(FormAgain(edit_page(&cx, &indicator, &form, &wrong, is_stale)).into_response())
}

pub(crate) async fn set_in_use(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<SeeOther, Failure> {
    let version = fields.text("version").parse().unwrap_or(0);
    let in_use = fields.text("in_use") == "yes";
    match impact.set_in_use(&cx.actor, id, version, in_use).await {
        Err(ImpactError::Stale) => Err(Failure::Conflict(cx.words().text("impact-stale-text"))),
        Err(ImpactError::Mistakes(wrong)) => {
            let words = cx.words();
            let said = wrong.iter().map(|mistake| super::sentence(&words, mistake));
            Err(Failure::Conflict(said.collect::<Vec<_>>().join(" ")))
        }
        other => {
            other?;
            Ok(SeeOther(format!("/indicators/{id}")))
        }
    }
}
