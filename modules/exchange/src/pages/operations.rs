//! What an operation is about: who is named by which parameters, and what an answer saves.

use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Response, SeeOther, State,
};
use kit_ui::{Composed, Field, Form};
use uuid::Uuid;

use super::producer::{api_crumb, shell};
use super::words::{hint, label, mark};
use crate::domain::{Mistake, parameter, parameter_code};
use crate::{Exchange, ExchangeError};

async fn operation_page(
    exchange: &Exchange,
    cx: &Cx,
    id: Uuid,
    typed: Option<(&[String], &str)>,
    mistakes: &[Mistake],
) -> Result<Composed, Failure> {
    let words = cx.words();
    let found = crate::store::operations::find(&exchange.db, id).await;
    let operation = found
        .map_err(ExchangeError::from)?
        .ok_or(Failure::NotFound)?;
    let whole = exchange.kept_api(&cx.actor, operation.api).await?;
    let options = operation.described.parameters.iter().map(|one| {
        let code = parameter_code(one);
        let is_on = match typed {
            Some((chosen, _)) => chosen.contains(&code),
            None => operation.subject.contains(&parameter(one)),
        };
        let place = words.text(&format!("exchange-place-{}", one.place));
        (code, format!("{} ({place})", one.name), is_on)
    });
    let saved = operation.pieces_saved.to_string();
    let pieces = typed.map_or(saved.as_str(), |(_, pieces)| pieces);
    let mut digits = Field::text("pieces_saved", label(&words, "pieces_saved"))
        .hint(hint(&words, "pieces_saved"))
        .value(pieces)
        .length_max(3);
    digits.inputmode = "numeric";
    let mut fields = vec![
        Field::boxes("subject", label(&words, "subject"), options.collect())
            .hint(hint(&words, "subject")),
        digits,
    ];
    mark(&words, &mut fields, mistakes);
    let mut shell = api_crumb(shell(cx, operation.described.name.clone()), &whole.api)
        .lead(words.text("exchange-operation-lead"));
    shell.mistaken = !mistakes.is_empty();
    let action = format!("/exchange/producer/operations/{id}");
    let form = Form::post(&shell, action, words.text("exchange-save")).fields(fields);
    Ok(Composed::new(shell).with(form.summary(&words)))
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
    let subject: Vec<String> = fields.all("subject").map(str::to_owned).collect();
    let pieces = fields.text("pieces_saved");
    let number = pieces.parse().unwrap_or(u32::MAX);
    match exchange
        .change_operation(&cx.actor, id, &subject, number)
        .await
    {
        Ok(api) => Ok(SeeOther(format!("/exchange/producer/apis/{api}")).into_response()),
        Err(ExchangeError::Mistakes(mistakes)) => {
            let typed = Some((subject.as_slice(), pieces));
            let page = operation_page(&exchange, &cx, id, typed, &mistakes).await?;
            Ok(FormAgain(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
