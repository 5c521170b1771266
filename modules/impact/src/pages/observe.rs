//! Recording a figure.

use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Response, SeeOther, State,
};
use kit_ui::{Composed, Field, Form, Words};
use uuid::Uuid;

use super::{date_parts, mark, shell, typed_date};
use crate::access::OBSERVE;
use crate::domain::observation::{ObservationForm, SOURCE_CHARS_MAX};
use crate::domain::{Indicator, Mistake, Quality};
use crate::{Impact, ImpactError};

/// The qualities as the options of a list.
pub(super) fn qualities(words: &Words) -> Vec<(String, String)> {
    let option = |one: Quality| {
        let label = words.text(&format!("impact-quality-{}", one.code()));
        (one.code().to_owned(), label)
    };
    Quality::ALL.map(option).into()
}

fn page(cx: &Cx, indicator: &Indicator, form: &ObservationForm, wrong: &[Mistake]) -> Composed {
    let words = cx.words();
    let unit = indicator.description.unit.as_str();
    let mut fields = vec![
        Field::text("value", words.text("impact-value"))
            .value(&form.value)
            .unit(unit)
            .required(),
        Field::date_typed(
            &words,
            "as_of",
            words.text("impact-date"),
            date_parts(&form.as_of),
        ),
        Field::text("source", words.text("impact-source"))
            .value(&form.source)
            .hint(words.text("impact-source-hint"))
            .length_max(u32::try_from(SOURCE_CHARS_MAX).unwrap_or(u32::MAX))
            .required(),
        Field::radios("quality", words.text("impact-quality"), qualities(&words)).value(
            if form.quality.is_empty() {
                "measured"
            } else {
                &form.quality
            },
        ),
        Field::text("standard_error", words.text("impact-error"))
            .value(&form.standard_error)
            .hint(words.text("impact-error-hint"))
            .unit(unit),
    ];
    mark(&words, &mut fields, wrong);
    let mut shell = shell(cx, words.text("impact-observe"), indicator);
    shell.mistaken = !wrong.is_empty();
    let action = format!("/indicators/{}/observations", indicator.id);
    let form = Form::post(&shell, action, words.text("impact-observe-submit"))
        .fields(fields)
        .summary(&words);
    Composed::new(shell)
        .text(words.text("impact-observe-text"))
        .with(form)
}

pub(crate) async fn show(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let indicator = impact.indicator(id).await?;
    cx.actor.demand(&OBSERVE, indicator.ministry_id)?;
    let form = ObservationForm {
        as_of: impact.source.today().to_string(),
        source: indicator.description.source.clone(),
        ..ObservationForm::default()
    };
    Ok(Page(page(&cx, &indicator, &form, &[])))
}

pub(crate) async fn add(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = ObservationForm {
        value: fields.text("value").to_owned(),
        unit: String::new(),
        as_of: typed_date(&fields, "as_of"),
        source: fields.text("source").to_owned(),
        quality: fields.text("quality").to_owned(),
        standard_error: fields.text("standard_error").to_owned(),
    };
    let wrong = match impact.add_observation(&cx.actor, id, &form).await {
        // The same figure told twice, by a second click say, is there: that is what was wanted.
        Ok(_) => return Ok(SeeOther(format!("/indicators/{id}#figures")).into_response()),
        Err(ImpactError::Mistakes(wrong)) => wrong,
        Err(error) => return Err(error.into()),
    };
    let indicator = impact.indicator(id).await?;
    Ok(FormAgain(page(&cx, &indicator, &form, &wrong)).into_response())
}
