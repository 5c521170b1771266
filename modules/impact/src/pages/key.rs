//! The key by which a program sends figures of an indicator.

use kit_http::{Cx, Failure, Page, Path, SeeOther, State};
use kit_ui::{Code, Composed, Form, Notice, Tone, format};
use uuid::Uuid;

use super::shell;
use crate::Impact;
use crate::access::EDIT;

async fn page(
    impact: &Impact,
    cx: &Cx,
    id: Uuid,
    shown: Option<String>,
) -> Result<Page<Composed>, Failure> {
    let indicator = impact.indicator(id).await?;
    cx.actor.demand(&EDIT, indicator.ministry_id)?;
    let words = cx.words();
    let shell = shell(cx, words.text("impact-key"), &indicator);
    let path = format!("/indicators/{id}/key");
    let add = Form::post(&shell, &path, words.text("impact-key-add")).inline();
    let remove = Form::post(
        &shell,
        format!("{path}/remove"),
        words.text("impact-key-remove"),
    )
    .inline()
    .danger();
    let mut page = Composed::new(shell).text(words.text("impact-key-text"));
    if let Some(key) = shown {
        let notice = words.text("impact-key-once");
        let code = Code::new("key", words.text("impact-key"), key).copied_by(
            words.text("impact-key-copy"),
            words.text("impact-key-copied"),
        );
        page = page.with(Notice::new(Tone::Warning, "", notice)).with(code);
    }
    let address = format!("POST /api/v1/indicators/{id}/figures");
    page = page.text(words.text_with("impact-key-address", &[("address", address.into())]));
    page = match impact.key_of(id).await? {
        None => page.text(words.text("impact-key-none")).with(add),
        Some((by, at)) => {
            let args = [
                ("author", by.into()),
                ("date", format::instant(words.locale, at).into()),
            ];
            page.text(words.text_with("impact-key-made", &args))
                .with(add)
                .with(remove)
        }
    };
    Ok(Page(page))
}

pub(crate) async fn show(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    page(&impact, &cx, id, None).await
}

pub(crate) async fn add(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let key = impact.new_key(&cx.actor, id).await?;
    page(&impact, &cx, id, Some(key)).await
}

pub(crate) async fn remove(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<SeeOther, Failure> {
    impact.remove_key(&cx.actor, id).await?;
    Ok(SeeOther(format!("/indicators/{id}/key")))
}
