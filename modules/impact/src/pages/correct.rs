//! Correcting a figure, or taking it away: what it corrects stays.

use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Response, SeeOther, State,
};
use kit_ui::{Composed, Facts, Field, Form, Notice, Tone, format};
use uuid::Uuid;

use super::observe::qualities;
use super::words::{self, with_unit};
use super::{mark, shell};
use crate::access::OBSERVE;
use crate::domain::observation::CorrectionForm;
use crate::domain::{Indicator, Mistake, Observation};
use crate::{Impact, ImpactError};

fn page(
    cx: &Cx,
    indicator: &Indicator,
    before: &Observation,
    form: &CorrectionForm,
    wrong: &[Mistake],
) -> Composed {
    let words = cx.words();
    let unit = indicator.description.unit.as_str();
    let withdrawn = (
        "yes".to_owned(),
        words.text("impact-withdraw"),
        form.is_withdrawn,
    );
    let mut fields = vec![
        Field::text("value", words.text("impact-value"))
            .value(&form.value)
            .unit(unit),
        Field::boxes(
            "withdrawn",
            words.text("impact-withdraw-legend"),
            vec![withdrawn],
        ),
        Field::radios("quality", words.text("impact-quality"), qualities(&words))
            .value(&form.quality),
        Field::text("standard_error", words.text("impact-error"))
            .value(&form.standard_error)
            .hint(words.text("impact-error-hint"))
            .unit(unit),
        Field::lines(4, "reason", words.text("impact-reason"))
            .value(&form.reason)
            .hint(words.text("impact-reason-hint"))
            .length_max(1_000)
            .required(),
    ];
    mark(&words, &mut fields, wrong);
    let mut shell = shell(cx, words.text("impact-correct-title"), indicator);
    shell.mistaken = !wrong.is_empty();
    let told = before.value.map_or_else(
        || words.text("impact-withdrawn"),
        |value| with_unit(words.locale, value, &indicator.description),
    );
    let facts = Facts::default()
        .text(
            words.text("impact-date"),
            format::date(words.locale, before.as_of),
        )
        .text(words.text("impact-value"), told)
        .text(
            words.text("impact-source"),
            words::source(&words, &before.source),
        )
        .text(words.text("impact-author"), &before.author);
    let action = format!(
        "/indicators/{}/observations/{}/correct",
        indicator.id, before.number
    );
    let html = Form::post(&shell, action, words.text("impact-correct-submit"))
        .fields(fields)
        .summary(&words);
    let mut page = Composed::new(shell);
    if !before.counts {
        let text = words.text("impact-corrected-already");
        page = page.with(Notice::new(Tone::Warning, "", text));
    }
    page.text(words.text("impact-correct-text"))
        .with(facts)
        .with(html)
}

pub(crate) async fn show(
    State(impact): State<Impact>,
    cx: Cx,
    Path((id, number)): Path<(Uuid, i64)>,
) -> Result<Page<Composed>, Failure> {
    let indicator = impact.indicator(id).await?;
    cx.actor.demand(&OBSERVE, indicator.ministry_id)?;
    let before = impact.observation(id, number).await?;
    let form = CorrectionForm {
        value: before.value.map(|v| v.to_string()).unwrap_or_default(),
        is_withdrawn: false,
        quality: before.quality.code().to_owned(),
        standard_error: before
            .standard_error
            .map(|error| error.to_string())
            .unwrap_or_default(),
        reason: String::new(),
    };
    Ok(Page(page(&cx, &indicator, &before, &form, &[])))
}

pub(crate) async fn correct(
    State(impact): State<Impact>,
    cx: Cx,
    Path((id, number)): Path<(Uuid, i64)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = CorrectionForm {
        value: fields.text("value").to_owned(),
        is_withdrawn: fields.has("withdrawn"),
        quality: fields.text("quality").to_owned(),
        standard_error: fields.text("standard_error").to_owned(),
        reason: fields.text("reason").to_owned(),
    };
    let corrected = impact
        .correct_observation(&cx.actor, id, number, &form)
        .await;
    let wrong = match corrected {
        Ok(_) => return Ok(SeeOther(format!("/indicators/{id}#figures")).into_response()),
        Err(ImpactError::Mistakes(wrong)) => wrong,
        // Somebody corrected it first: what they wrote is shown, and what was typed stays.
        Err(ImpactError::Stale) => vec![Mistake::new("value", "impact-mistake-corrected")],
        Err(error) => return Err(error.into()),
    };
    let indicator = impact.indicator(id).await?;
    let before = impact.current_of(id, number).await?;
    Ok(FormAgain(page(&cx, &indicator, &before, &form, &wrong)).into_response())
}
