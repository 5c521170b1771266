//! The console: an operation tried from its page, without an accreditation.

use kit_http::{Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Response, State};
use kit_ui::{Code, Composed, Facts, Field, Form, Notice, Tone};
use uuid::Uuid;

use super::words::{label, type_text};
use crate::catalogue::WholeApi;
use crate::domain::{
    OBJECT_CHARS_MAX, Operation, Trial, TrialMistake, VALUE_CHARS_MAX, opens, trial_field,
};
use crate::trials::Tried;
use crate::{Exchange, ExchangeError};

async fn found(exchange: &Exchange, cx: &Cx, id: Uuid) -> Result<(WholeApi, Operation), Failure> {
    let found = crate::store::operations::find(&exchange.db, id).await;
    let operation = found.map_err(ExchangeError::from)?;
    let operation = operation
        .filter(|one| !one.is_removed)
        .ok_or(Failure::NotFound)?;
    let whole = exchange.whole_api(&cx.actor, operation.api).await?;
    Ok((whole, operation))
}

/// The scopes that open something of the operation.
fn codes<'w>(whole: &'w WholeApi, operation: &Operation) -> Vec<(&'w str, &'w str)> {
    let of_it = whole
        .scopes
        .iter()
        .filter(|scope| opens(scope, operation).next().is_some());
    of_it
        .map(|scope| (scope.code.as_str(), scope.label.as_str()))
        .collect()
}

fn fields(
    cx: &Cx,
    whole: &WholeApi,
    operation: &Operation,
    trial: &Trial,
    mistakes: &[TrialMistake],
) -> Vec<Field> {
    let words = cx.words();
    let mut fields = Vec::new();
    for (at, one) in operation.described.parameters.iter().enumerate() {
        let place = words.text(&format!("exchange-place-{}", one.place));
        let kind = type_text(&words, &one.kind);
        let told = [kind.as_str(), place.as_str(), one.text.as_str()];
        let told: Vec<&str> = told.into_iter().filter(|text| !text.is_empty()).collect();
        let field = Field::text(&trial_field(at), &one.name)
            .hint(told.join(", "))
            .value(trial.values.get(at).map_or("", String::as_str))
            .length_max(VALUE_CHARS_MAX as u32);
        fields.push(if one.required {
            field.required()
        } else {
            field
        });
    }
    let boxes = codes(whole, operation).into_iter().map(|(code, name)| {
        let is_on = trial.scopes.iter().any(|one| one == code);
        (code.to_owned(), format!("{name} ({code})"), is_on)
    });
    fields.push(
        Field::boxes("scopes", words.text("exchange-scopes"), boxes.collect())
            .hint(words.text("exchange-trial-scopes-hint")),
    );
    fields.push(
        Field::text("context", label(&words, "purpose"))
            .hint(words.text("exchange-trial-purpose-hint"))
            .value(&trial.purpose)
            .required(),
    );
    fields.push(
        Field::text("object", words.text("exchange-column-object"))
            .value(&trial.object)
            .length_max(OBJECT_CHARS_MAX as u32)
            .required(),
    );
    fields.push(
        Field::text("recipient", words.text("exchange-column-recipient"))
            .hint(words.text("exchange-trial-recipient-hint"))
            .value(&trial.recipient)
            .length_max(20)
            .required(),
    );
    for field in &mut fields {
        let mistake = mistakes.iter().find(|one| one.field == field.name);
        field.error =
            mistake.map(|one| words.text_with(one.key, &[("value", one.value.as_str().into())]));
    }
    fields
}

fn page(
    cx: &Cx,
    whole: &WholeApi,
    operation: &Operation,
    trial: &Trial,
    mistakes: &[TrialMistake],
    tried: Option<Tried>,
) -> Composed {
    let words = cx.words();
    let described = &operation.described;
    let name = if described.summary.is_empty() {
        &described.name
    } else {
        &described.summary
    };
    let title = words.text_with("exchange-trial-title", &[("name", name.as_str().into())]);
    let mut shell = cx
        .shell(title)
        .lead(words.text("exchange-trial-lead"))
        .crumb(words.text("exchange-catalogue"), "/exchange")
        .crumb(
            &whole.api.profile.name,
            format!("/exchange/apis/{}", whole.api.id),
        );
    shell.mistaken = !mistakes.is_empty();
    let action = format!("/exchange/operations/{}/try", operation.id);
    let form = Form::post(&shell, action, words.text("exchange-trial-submit"))
        .fields(fields(cx, whole, operation, trial, mistakes))
        .summary(&words);
    let mut page = Composed::new(shell);
    if let Some(tried) = tried {
        page = result(page, cx, tried);
        let command = trial.command(described, &whole.api.prefix);
        page = page
            .with(
                Code::new("command", words.text("exchange-trial-command"), command).copied_by(
                    words.text("exchange-trial-copy"),
                    words.text("exchange-trial-copied"),
                ),
            )
            .text(words.text("exchange-trial-command-text"))
            .heading(words.text("exchange-trial-again"));
    }
    page.with(form)
}

fn result(page: Composed, cx: &Cx, tried: Tried) -> Composed {
    let words = cx.words();
    let page = page.heading(words.text("exchange-trial-result"));
    let body = |page: Composed, text: String| {
        page.with(Code::new("answer", words.text("exchange-trial-body"), text))
    };
    match tried {
        Tried::Sample(text) => {
            let notice = Notice::new(
                Tone::Info,
                words.text("exchange-trial-sample"),
                words.text("exchange-trial-sample-text"),
            );
            body(page.with(notice), text)
        }
        Tried::Unreachable => page.with(Notice::new(
            Tone::Error,
            words.text("exchange-trial-unreachable"),
            words.text("exchange-trial-unreachable-text"),
        )),
        Tried::Answer(status, kind, text) => {
            let facts = Facts::default()
                .text(words.text("exchange-trial-status"), status.to_string())
                .text("Content-Type", kind);
            let page = page.with(facts);
            match text {
                Some(text) => body(page, text),
                None => page.text(words.text("exchange-trial-no-body")),
            }
        }
    }
}

pub(super) async fn show(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let (whole, operation) = found(&exchange, &cx, id).await?;
    let trial = Trial {
        purpose: "essai".to_owned(),
        object: cx.words().text("exchange-trial-object"),
        scopes: codes(&whole, &operation)
            .first()
            .map(|(code, _)| (*code).to_owned())
            .into_iter()
            .collect(),
        ..Trial::default()
    };
    Ok(Page(page(&cx, &whole, &operation, &trial, &[], None)))
}

pub(super) async fn run(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    // Each trial asks somebody else's server.
    cx.site.rate_limits.take_sensitive(cx.client)?;
    let (whole, operation) = found(&exchange, &cx, id).await?;
    let known = codes(&whole, &operation);
    let chosen = fields
        .all("scopes")
        .filter(|code| known.iter().any(|(one, _)| one == code));
    let values = (0..operation.described.parameters.len())
        .map(|at| fields.text(&trial_field(at)).to_owned());
    let recipient = fields.text("recipient");
    let trial = Trial {
        purpose: fields.text("context").to_owned(),
        object: fields.text("object").to_owned(),
        recipient: siret::digits(recipient).unwrap_or_else(|| recipient.to_owned()),
        scopes: chosen.map(str::to_owned).collect(),
        values: values.collect(),
    };
    let mistakes = trial.mistakes(&operation.described);
    if !mistakes.is_empty() {
        let again = page(&cx, &whole, &operation, &trial, &mistakes, None);
        return Ok(FormAgain(again).into_response());
    }
    let tried = exchange.try_operation(&whole, &operation, &trial).await?;
    Ok(Page(page(&cx, &whole, &operation, &trial, &[], Some(tried))).into_response())
}
