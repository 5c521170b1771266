//! What anybody reads of a version, from when, and without which lines.

use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Response, SeeOther, State,
};
use kit_ui::{Composed, Field, Form, Notice, Tone, format};
use ports::ProductId;
use uuid::Uuid;

use super::product::lines;
use super::words::refused;
use super::{date_parts, mark, shell_below, typed_date};
use crate::access::PUBLISH;
use crate::domain::Mistake;
use crate::domain::publication::PublicationForm;
use crate::{Costs, CostsError, Told};

fn page(
    cx: &Cx,
    told: &Told,
    (seen, form): (i64, &PublicationForm),
    wrong: &[Mistake],
    is_stale: bool,
) -> Composed {
    let words = cx.words();
    let mut fields = vec![
        Field::date_typed(
            &words,
            "on",
            words.text("costs-field-on"),
            date_parts(&form.on),
        ),
        Field::lines(5, "redactions", words.text("costs-field-redactions"))
            .value(&form.redactions)
            .hint(words.text("costs-field-redactions-hint"))
            .length_max(20_000),
    ];
    mark(&words, &mut fields, wrong, "redactions");
    let number = told.version.number;
    let title = words.text_with("costs-publication-of", &[("number", number.into())]);
    let mut shell = shell_below(cx, title, &told.product);
    shell.mistaken = !wrong.is_empty() || is_stale;
    let action = format!("/products/{}/costs/{number}/publication", told.product.id);
    let html = Form::post(&shell, action, words.text("costs-publish"))
        .hidden("seen", seen.to_string())
        .fields(fields)
        .summary(&words);
    let mut page = Composed::new(shell).text(words.text("costs-publication-text"));
    if let Some(decided) = told.decided.as_ref().filter(|_| is_stale) {
        let saved = PublicationForm::of(&decided.publication);
        let args = [
            ("by", decided.by.as_str().into()),
            ("at", format::instant(words.locale, decided.at).into()),
            (
                "date",
                format::date(words.locale, decided.publication.on).into(),
            ),
            ("redactions", saved.redactions.replace('\n', "; ").into()),
        ];
        let said = words.text_with("costs-stale-publication-text", &args);
        let title = words.text("costs-stale-publication");
        page = page.with(Notice::new(Tone::Warning, title, said));
    }
    page.maybe(refused(&words, wrong))
        .with(html)
        .with(lines(&words, &told.version.content))
}

async fn told(costs: &Costs, cx: &Cx, id: Uuid, number: i64) -> Result<Told, Failure> {
    let told = costs.told(&cx.actor, ProductId(id), Some(number)).await?;
    let ministry = told.product.ministry.map(|id| id.0);
    cx.actor.demand(&PUBLISH, ministry)?;
    Ok(told)
}

pub(super) async fn show(
    State(costs): State<Costs>,
    cx: Cx,
    Path((id, number)): Path<(Uuid, i64)>,
) -> Result<Page<Composed>, Failure> {
    let told = told(&costs, &cx, id, number).await?;
    let form = told.decided.as_ref().map_or_else(
        || PublicationForm {
            on: costs.source.today().to_string(),
            redactions: String::new(),
        },
        |decided| PublicationForm::of(&decided.publication),
    );
    let seen = told.decided.as_ref().map_or(0, |decided| decided.revision);
    Ok(Page(page(&cx, &told, (seen, &form), &[], false)))
}

pub(super) async fn decide(
    State(costs): State<Costs>,
    cx: Cx,
    Path((id, number)): Path<(Uuid, i64)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = PublicationForm {
        on: typed_date(&fields, "on"),
        redactions: fields.text("redactions").replace("\r\n", "\n"),
    };
    let seen = fields.text("seen").parse().unwrap_or(0);
    let product = ProductId(id);
    let decided = costs.publish(&cx.actor, product, number, seen, &form).await;
    let (wrong, is_stale) = match decided {
        Ok(()) => {
            return Ok(SeeOther(format!("/products/{id}/costs/{number}")).into_response());
        }
        Err(CostsError::Mistakes(wrong)) => (wrong, false),
        Err(CostsError::Stale) => (Vec::new(), true),
        Err(error) => return Err(error.into()),
    };
    let told = told(&costs, &cx, id, number).await?;
    let stands = told.decided.as_ref().map_or(0, |decided| decided.revision);
    let seen = if is_stale { stands } else { seen };
    let page = page(&cx, &told, (seen, &form), &wrong, is_stale);
    Ok(FormAgain(page).into_response())
}
