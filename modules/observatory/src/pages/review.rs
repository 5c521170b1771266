//! What a user of a procedure sees: one question, then a few more for who likes to answer.

use kit_acts::{Asked, Trouble, conclude};
use kit_http::{Cx, Failure, Fields, IntoResponse, Page, Path, Query, Response, SeeOther, State};
use kit_ui::{Composed, Field, Notice, Tone, Words};
use serde::Deserialize;
use uuid::Uuid;

use crate::domain::{COMMENT_CHARS_MAX, DetailsForm, Help, Mistake, Satisfaction};
use crate::{Observatory, ObservatoryError, StoredProcedure, WORDING};

fn codes(
    words: &Words,
    what: &str,
    codes: impl Iterator<Item = &'static str>,
) -> Vec<(String, String)> {
    codes
        .map(|code| {
            (
                code.to_owned(),
                words.text(&format!("observatory-{what}-{code}")),
            )
        })
        .collect()
}

/// What is told when no review can be given.
fn closed(cx: &Cx) -> Composed {
    let words = cx.words();
    let notice = Notice::new(
        Tone::Info,
        words.text("observatory-closed"),
        words.text("observatory-closed-text"),
    );
    Composed::new(cx.shell(words.text("observatory-give")))
        .with(notice)
        .for_visitors()
}

fn ask_page(
    cx: &Cx,
    one: &StoredProcedure,
    (id, fields): (Uuid, &Fields),
    trouble: &Trouble,
) -> Composed {
    let words = cx.words();
    let options = codes(
        &words,
        "satisfaction",
        Satisfaction::ALL.iter().map(|one| one.code()),
    );
    let name = one.procedure.name.as_str();
    let asked = Asked {
        title: words.text_with("observatory-question-title", &[("procedure", name.into())]),
        lead: words.text("observatory-question-lead"),
        crumb: (
            name.to_owned(),
            format!("/observatory/procedures/{}", one.id),
        ),
        action: format!("/observatory/procedures/{}/review", one.id),
        submit: words.text("observatory-send"),
        fields: vec![
            Field::radios(
                "satisfaction",
                WORDING.label(&words, "satisfaction"),
                options,
            )
            .value(fields.text("satisfaction")),
        ],
        version: None,
        subject: None,
        hidden: vec![("review", id.to_string())],
    };
    WORDING.form_page(cx, asked, trouble, None).for_visitors()
}

pub(super) async fn ask(
    State(observatory): State<Observatory>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Response, Failure> {
    let one = match observatory.open_procedure(id).await {
        Err(ObservatoryError::Closed) => return Ok(Page(closed(&cx)).into_response()),
        other => other?,
    };
    // The form's own id: sent twice it is one review.
    let review = observatory.source.new_id();
    let nothing = Fields::default();
    let page = ask_page(&cx, &one, (review, &nothing), &Trouble::default());
    Ok(Page(page).into_response())
}

pub(super) async fn give(
    State(observatory): State<Observatory>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let review = fields
        .text("review")
        .parse()
        .unwrap_or_else(|_| observatory.source.new_id());
    let one = match observatory.open_procedure(id).await {
        Err(ObservatoryError::Closed) => return Ok(Page(closed(&cx)).into_response()),
        other => other?,
    };
    let given = match Satisfaction::parse(fields.text("satisfaction")) {
        Some(how) => observatory.review(Some(cx.client), id, review, how).await,
        None => {
            let key = "observatory-mistake-satisfaction";
            Err(vec![Mistake::about("satisfaction", key, "")].into())
        }
    };
    let to = |()| format!("/observatory/reviews/{review}/more");
    conclude(given, to, async |trouble| {
        Ok(ask_page(&cx, &one, (review, &fields), &trouble))
    })
    .await
}

fn more_page(cx: &Cx, name: &str, id: Uuid, fields: &Fields, trouble: &Trouble) -> Composed {
    let words = cx.words();
    let label = |name: &str| WORDING.label(&words, name);
    let scale = |what: &str| -> Vec<(String, String)> {
        let of = |number: i64| words.text(&format!("observatory-{what}-{number}"));
        (1..=5)
            .map(|number| (number.to_string(), of(number)))
            .collect()
    };
    let asked = Asked {
        title: words.text("observatory-more-title"),
        lead: words.text("observatory-more-lead"),
        crumb: (name.to_owned(), "/observatory/thanks".to_owned()),
        action: format!("/observatory/reviews/{id}/more"),
        submit: words.text("observatory-send-more"),
        fields: vec![
            Field::radios("ease", label("ease"), scale("ease")).value(fields.text("ease")),
            Field::radios(
                "help",
                label("help"),
                codes(&words, "help", Help::ALL.iter().map(|one| one.code())),
            )
            .value(fields.text("help")),
            Field::radios("help_ease", label("help_ease"), scale("worth"))
                .hint(words.text("observatory-hint-help_ease"))
                .value(fields.text("help_ease")),
            Field::lines(5, "comment", label("comment"))
                .hint(words.text("observatory-hint-comment"))
                .value(fields.text("comment"))
                .length_max(u32::try_from(COMMENT_CHARS_MAX).unwrap_or(u32::MAX)),
        ],
        version: None,
        subject: None,
        hidden: Vec::new(),
    };
    WORDING.form_page(cx, asked, trouble, None).for_visitors()
}

pub(super) async fn ask_more(
    State(observatory): State<Observatory>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Response, Failure> {
    match observatory.open_review(id).await {
        Err(ObservatoryError::Closed) => Ok(SeeOther(thanked(None)).into_response()),
        other => {
            let (_, one) = other?;
            let nothing = Fields::default();
            let name = one.procedure.name.as_str();
            let page = more_page(&cx, name, id, &nothing, &Trouble::default());
            let link = cx.words().text("observatory-no-more");
            let done = thanked(Some(one.id));
            Ok(Page(page.link(link, done)).into_response())
        }
    }
}

fn thanked(procedure: Option<Uuid>) -> String {
    procedure.map_or_else(
        || "/observatory/thanks".to_owned(),
        |id| format!("/observatory/thanks?procedure={id}"),
    )
}

pub(super) async fn give_more(
    State(observatory): State<Observatory>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let (_, one) = match observatory.open_review(id).await {
        // It was completed, or an hour went by: what matters is kept.
        Err(ObservatoryError::Closed) => return Ok(SeeOther(thanked(None)).into_response()),
        other => other?,
    };
    let text = |name: &str| fields.text(name).to_owned();
    let form = DetailsForm {
        ease: text("ease"),
        help: text("help"),
        help_ease: text("help_ease"),
        comment: text("comment"),
    };
    let done = match observatory.complete(id, &form).await {
        Err(ObservatoryError::Closed) => Ok(()),
        other => other,
    };
    conclude(
        done,
        |()| thanked(Some(one.id)),
        async |trouble| Ok(more_page(&cx, &one.procedure.name, id, &fields, &trouble)),
    )
    .await
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct ThanksQuery {
    #[serde(default)]
    procedure: String,
}

pub(super) async fn thanks(
    State(observatory): State<Observatory>,
    cx: Cx,
    Query(query): Query<ThanksQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let known = match query.procedure.parse::<Uuid>() {
        Ok(id) => observatory.procedure(id).await.ok(),
        Err(_) => None,
    };
    let notice = Notice::new(
        Tone::Success,
        words.text("observatory-thanks"),
        words.text("observatory-thanks-text"),
    );
    let mut page = Composed::new(cx.shell(words.text("observatory-thanks-title"))).with(notice);
    if let Some(one) = known {
        let address = one.procedure.address;
        if address.starts_with("https://") {
            let args = [("procedure", one.procedure.name.as_str().into())];
            page = page.link(words.text_with("observatory-back-to", &args), address);
        }
        let href = format!("/observatory/procedures/{}", one.id);
        page = page.link(words.text("observatory-see-figures"), href);
    }
    Ok(Page(page.for_visitors()))
}
