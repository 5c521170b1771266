//! The forms of a review: what the team prepares, what the committee gives back.

use kit_acts::{Asked, Trouble, conclude, filled, version};
use kit_http::{Cx, Failure, Fields, Page, Path, Response, State};
use kit_ui::{Composed, Field};
use uuid::Uuid;

use super::words::{blank, euros_field, form_page};
use crate::domain::{Level, LevelForm, PreparationForm};
use crate::{Startups, WORDING};

async fn prepare_page(
    startups: &Startups,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (one, ..) = startups.review(&cx.actor, id).await?;
    let usual = PreparationForm::of(&one.prepared);
    let mut indicators = vec![(String::new(), words.text("startups-no-indicator"))];
    let all = startups.indicators(one.product).await?;
    indicators.extend(all.iter().map(|one| {
        let level = words.text(&format!("startups-level-{}", one.level));
        (one.id.to_string(), format!("{} ({level})", one.name))
    }));
    let lines = |name: &str, usual: &str| {
        Field::lines(5, name, WORDING.label(&words, name))
            .value(filled(fields, name, usual))
            .length_max(4_000)
    };
    let mut form = vec![
        lines("learnt", &usual.learnt).hint(words.text("startups-hint-learnt")),
        Field::text("users", WORDING.label(&words, "users"))
            .hint(words.text("startups-hint-users"))
            .value(filled(fields, "users", &usual.users)),
        lines("users_told", &usual.users_told),
        euros_field(&words, fields, "spent", &usual.spent),
        lines("plan", &usual.plan),
    ];
    let answers = vec![
        ("yes".to_owned(), words.text("startups-reached")),
        ("no".to_owned(), words.text("startups-not-reached")),
    ];
    for level in Level::ALL {
        let code = level.code();
        let name = words.text(&format!("startups-level-{code}"));
        let known = usual.levels.get(code).cloned().unwrap_or_default();
        let [reached, indicator, comment] =
            ["reached", "indicator", "comment"].map(|part| format!("{part}-{code}"));
        let of_level = |key: &str| words.text_with(key, &[("level", name.as_str().into())]);
        form.push(Field::section(of_level("startups-level-section")));
        form.push(
            Field::radios(
                &reached,
                of_level("startups-field-reached-of"),
                answers.clone(),
            )
            .hint(words.text(&format!("startups-level-hint-{code}")))
            .value(filled(fields, &reached, &known.reached)),
        );
        form.push(
            Field::select(
                &indicator,
                of_level("startups-field-indicator-of"),
                indicators.clone(),
            )
            .value(filled(fields, &indicator, &known.indicator)),
        );
        form.push(
            Field::lines(2, &comment, of_level("startups-field-comment-of"))
                .value(filled(fields, &comment, &known.comment))
                .length_max(4_000),
        );
    }
    let back = format!("/start-ups/reviews/{id}");
    let asked = Asked {
        title: words.text("startups-prepare"),
        lead: one.product_title.clone(),
        crumb: (words.text("startups-review"), back.clone()),
        action: format!("{back}/preparation"),
        submit: words.text("startups-keep"),
        fields: form,
        version: Some(one.version),
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(startups, cx, asked, trouble).await
}

pub(super) async fn show_prepare(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    prepare_page(&startups, &cx, id, &blank(), &Trouble::default())
        .await
        .map(Page)
}

pub(super) async fn prepare(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let text = |name: &str| fields.text(name).to_owned();
    let levels = Level::ALL.iter().map(|level| {
        let code = level.code();
        let form = LevelForm {
            reached: text(&format!("reached-{code}")),
            indicator: text(&format!("indicator-{code}")),
            comment: text(&format!("comment-{code}")),
        };
        (code.to_owned(), form)
    });
    let form = PreparationForm {
        learnt: text("learnt"),
        users: text("users"),
        users_told: text("users_told"),
        spent: text("spent"),
        plan: text("plan"),
        levels: levels.collect(),
    };
    let done = startups
        .prepare(&cx.actor, id, version(&fields), &form)
        .await;
    let to = |()| format!("/start-ups/reviews/{id}");
    conclude(done, to, async |trouble| {
        prepare_page(&startups, &cx, id, &fields, &trouble).await
    })
    .await
}

async fn give_back_page(
    startups: &Startups,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (one, ..) = startups.review(&cx.actor, id).await?;
    let back = format!("/start-ups/reviews/{id}");
    let asked = Asked {
        title: words.text("startups-give-back"),
        lead: one.product_title.clone(),
        crumb: (words.text("startups-review"), back.clone()),
        action: format!("{back}/give-back"),
        submit: words.text("startups-give-back"),
        fields: vec![
            Field::lines(4, "reason", WORDING.label(&words, "missing"))
                .value(fields.text("reason"))
                .length_max(2_000)
                .required(),
        ],
        version: Some(one.version),
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(startups, cx, asked, trouble).await
}

pub(super) async fn show_give_back(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    give_back_page(&startups, &cx, id, &blank(), &Trouble::default())
        .await
        .map(Page)
}

pub(super) async fn give_back(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let done = startups
        .give_back(&cx.actor, id, version(&fields), fields.text("reason"))
        .await;
    let to = |()| format!("/start-ups/reviews/{id}");
    conclude(done, to, async |trouble| {
        give_back_page(&startups, &cx, id, &fields, &trouble).await
    })
    .await
}
