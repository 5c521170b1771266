//! What an operation is about: who is named by which parameters, which facts these are, what an
//! answer saves, and whether the person sees a call at once.

use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Response, SeeOther, State,
};
use kit_ui::{Composed, Field, Form, Notice, Tone, Words};
use uuid::Uuid;

use super::producer::{api_crumb, shell};
use super::words::{hint, label, mark};
use crate::domain::{
    CitizenCalls, Fact, HIDDEN_REASON_CHARS_MAX, LEVEL_USUAL, Mistake, Operation, parameter,
    parameter_code,
};
use crate::operations::OperationForm;
use crate::{Exchange, ExchangeError};

/// What was typed: the form, and the number of pieces as it was written.
type Typed = (OperationForm, String);

/// The name of the field that says which fact the parameter of a place is.
fn fact_field(at: usize) -> String {
    format!("fact-{at}")
}

/// The level that a form begins with.
fn level_of(operation: &Operation) -> u8 {
    match operation.level_min {
        0 => LEVEL_USUAL,
        level => level,
    }
}

/// The form as the operation stands.
async fn as_it_is(exchange: &Exchange, id: Uuid) -> Result<(Operation, Typed, bool), Failure> {
    let (operation, forms) = exchange.operation_with_forms(id).await?;
    let form = forms
        .iter()
        .find(|(_, one)| one.subject == operation.subject)
        .map(|(_, form)| form);
    let is_known = form.is_some_and(crate::domain::SubjectForm::is_known_by_facts);
    let chosen = operation.described.parameters.iter();
    let chosen: Vec<_> = chosen
        .filter(|one| operation.subject.contains(&parameter(one)))
        .collect();
    let facts = chosen.iter().filter_map(|one| {
        let fact = form?.carried_to(&[parameter(one)]).first().copied()??;
        Some((parameter_code(one), fact.code().to_owned()))
    });
    let typed = OperationForm {
        subject: chosen.iter().map(|one| parameter_code(one)).collect(),
        facts: facts.collect(),
        pieces_saved: operation.pieces_saved,
        hidden_days: operation.hidden_days.to_string(),
        hidden_reason: operation.hidden_reason.clone(),
        citizen_calls: operation.citizen_calls.code().to_owned(),
        level_min: level_of(&operation).to_string(),
    };
    let pieces = operation.pieces_saved.to_string();
    Ok((operation, (typed, pieces), is_known))
}

fn fields_of(words: &Words, operation: &Operation, (form, pieces): &Typed) -> Vec<Field> {
    let place = |code: &str| words.text(&format!("exchange-place-{code}"));
    let parameters = &operation.described.parameters;
    let options = parameters.iter().map(|one| {
        let code = parameter_code(one);
        let is_on = form.subject.contains(&code);
        (code, format!("{} ({})", one.name, place(&one.place)), is_on)
    });
    let number = |name: &str, value: &str| {
        let mut digits = Field::text(name, label(words, name))
            .hint(hint(words, name))
            .value(value)
            .length_max(3);
        digits.inputmode = "numeric";
        digits
    };
    let mut fields = vec![
        Field::boxes("subject", label(words, "subject"), options.collect())
            .hint(hint(words, "subject")),
    ];
    if !parameters.is_empty() {
        fields.push(Field::section(words.text("exchange-operation-facts")));
    }
    for (at, one) in parameters.iter().enumerate() {
        let mut facts = vec![(String::new(), words.text("exchange-fact-none"))];
        let codes = Fact::ALL.iter().map(|fact| fact.code());
        facts.extend(codes.map(|code| {
            let text = words.text(&format!("exchange-fact-{code}"));
            (code.to_owned(), text)
        }));
        let code = parameter_code(one);
        let chosen = form.facts.iter().find(|(of, _)| *of == code);
        let args = [("parameter", one.name.as_str().into())];
        let label = words.text_with("exchange-field-fact", &args);
        let value = chosen.map_or("", |(_, fact)| fact.as_str());
        fields.push(Field::select(&fact_field(at), label, facts).value(value));
    }
    let calls = CitizenCalls::ALL.iter().map(|one| {
        let text = words.text(&format!("exchange-citizen-calls-{}", one.code()));
        (one.code().to_owned(), text)
    });
    let calls: Vec<_> = calls.collect();
    let levels = (1..=3).map(|level| {
        let text = words.text(&format!("exchange-level-{level}"));
        (level.to_string(), text)
    });
    let levels: Vec<_> = levels.collect();
    let limit = u32::try_from(HIDDEN_REASON_CHARS_MAX).unwrap_or(u32::MAX);
    fields.extend([
        Field::section(words.text("exchange-operation-answer")),
        number("pieces_saved", pieces),
        Field::section(words.text("exchange-operation-hidden")),
        number("hidden_days", &form.hidden_days),
        Field::lines(3, "hidden_reason", label(words, "hidden_reason"))
            .hint(hint(words, "hidden_reason"))
            .value(&form.hidden_reason)
            .length_max(limit),
        Field::section(words.text("exchange-operation-citizens")),
        Field::radios("citizen_calls", label(words, "citizen_calls"), calls)
            .hint(hint(words, "citizen_calls"))
            .value(&form.citizen_calls),
        Field::radios("level_min", label(words, "level_min"), levels)
            .hint(hint(words, "level_min"))
            .value(&form.level_min),
    ]);
    fields
}

async fn operation_page(
    exchange: &Exchange,
    cx: &Cx,
    id: Uuid,
    typed: Option<Typed>,
    mistakes: &[Mistake],
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (operation, kept, is_known) = as_it_is(exchange, id).await?;
    let whole = exchange.kept_api(&cx.actor, operation.api).await?;
    let mut fields = fields_of(&words, &operation, &typed.unwrap_or(kept));
    mark(&words, &mut fields, mistakes);
    let mut shell = api_crumb(shell(cx, operation.described.name.clone()), &whole.api)
        .lead(words.text("exchange-operation-lead"));
    shell.mistaken = !mistakes.is_empty();
    let action = format!("/exchange/producer/operations/{id}");
    let form = Form::post(&shell, action, words.text("exchange-save")).fields(fields);
    let notice = if is_known {
        Notice::new(
            Tone::Success,
            words.text("exchange-operation-known"),
            words.text("exchange-operation-known-text"),
        )
    } else {
        Notice::new(
            Tone::Warning,
            words.text("exchange-operation-unknown"),
            words.text("exchange-operation-unknown-text"),
        )
    };
    let notice = (!operation.subject.is_empty()).then_some(notice);
    Ok(Composed::new(shell)
        .maybe(notice)
        .with(form.summary(&words)))
}

pub(super) async fn show(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    Ok(Page(operation_page(&exchange, &cx, id, None, &[]).await?))
}

pub(super) async fn change(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let (operation, _, _) = as_it_is(&exchange, id).await?;
    let parameters = operation.described.parameters.iter().enumerate();
    let pieces = fields.text("pieces_saved").to_owned();
    let form = OperationForm {
        subject: fields.all("subject").map(str::to_owned).collect(),
        facts: parameters
            .map(|(at, one)| {
                let fact = fields.text(&fact_field(at)).to_owned();
                (parameter_code(one), fact)
            })
            .collect(),
        pieces_saved: pieces.parse().unwrap_or(u32::MAX),
        hidden_days: fields.text("hidden_days").to_owned(),
        hidden_reason: fields.text("hidden_reason").to_owned(),
        citizen_calls: fields.text("citizen_calls").to_owned(),
        level_min: fields.text("level_min").to_owned(),
    };
    match exchange.describe_operation(&cx.actor, id, &form).await {
        Ok(api) => Ok(SeeOther(format!("/exchange/producer/apis/{api}")).into_response()),
        Err(ExchangeError::Mistakes(mistakes)) => {
            let typed = Some((form, pieces));
            let page = operation_page(&exchange, &cx, id, typed, &mistakes).await?;
            Ok(FormAgain(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
