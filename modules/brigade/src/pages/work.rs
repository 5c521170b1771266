//! What a mission does: days, extensions, the report and its file, recommendations.

use jiff::ToSpan as _;
use kit_acts::{Asked, Trouble, conclude, day, filled, named, three, version};
use kit_http::{Body, Cx, Download, Failure, Fields, Page, Path, Response, State, Upload};
use kit_ui::{Cell, Column, Composed, Field, Form, Table};
use uuid::Uuid;

use super::words::{days, form_page, period};
use crate::access::CONDUCT;
use crate::acts_port::days_text;
use crate::domain::{AXES, DayForm, ExtensionForm, RecommendForm, ReportForm};
use crate::{Brigade, WORDING};

fn back(id: Uuid) -> String {
    format!("/brigade/missions/{id}")
}

async fn days_page(
    brigade: &Brigade,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (one, goes, spent) = brigade.to_record(&cx.actor, id).await?;
    let options = goes.iter().map(|goes| {
        let left = goes.half_days.saturating_sub(goes.spent);
        let args = [
            ("name", goes.name.as_str().into()),
            ("left", days_text(&words, left).into()),
        ];
        (
            goes.expert.to_string(),
            words.text_with("brigade-option-left", &args),
        )
    });
    let today = brigade.source.today();
    let form = vec![
        Field::select("expert", WORDING.label(&words, "expert"), options.collect())
            .value(fields.text("expert"))
            .required(),
        WORDING
            .date_field(&words, fields, "on", Some(today))
            .required(),
        Field::radios(
            "half_days",
            WORDING.label(&words, "half_days"),
            named(&words, "brigade-half-days-", &["2", "1", "0"]),
        )
        .value(filled(fields, "half_days", "2")),
    ];
    let is_conducting = cx.actor.may(&CONDUCT, one.ministry);
    let crumb = if is_conducting {
        (words.text("brigade-mission"), back(id))
    } else {
        (words.text("brigade-mine"), "/brigade/mine".to_owned())
    };
    let asked = Asked {
        title: words.text("brigade-record-days"),
        lead: format!("{} — {}", one.title, period(cx, one.period)),
        crumb,
        action: format!("{}/days", back(id)),
        submit: words.text("brigade-record"),
        fields: form,
        version: None,
        subject: None,
        hidden: Vec::new(),
    };
    let rows = spent.iter().rev().map(|one| {
        vec![
            day(cx, Some(one.on)),
            Cell::text(&one.name),
            days(&words, one.half_days),
        ]
    });
    let columns = vec![
        Column::text(words.text("brigade-column-on")),
        Column::text(words.text("brigade-column-expert")),
        Column::number(words.text("brigade-column-days")),
    ];
    let table = Table::new(&words, "days", words.text("brigade-days-spent"), columns)
        .rows(rows)
        .empty(words.text("brigade-days-empty"));
    let page = form_page(brigade, cx, asked, trouble).await?;
    let page = if is_conducting {
        page
    } else {
        page.link(
            words.text("brigade-give-report"),
            format!("{}/report", back(id)),
        )
    };
    Ok(page.with(table))
}

pub(super) async fn show_days(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = days_page(&brigade, &cx, id, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn record(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = DayForm {
        expert: fields.text("expert").to_owned(),
        on: three(&fields, "on"),
        half_days: fields.text("half_days").to_owned(),
    };
    let done = brigade.record_day(&cx.actor, id, &form).await;
    let to = |()| format!("{}/days", back(id));
    conclude(done, to, async |trouble| {
        days_page(&brigade, &cx, id, &fields, &trouble).await
    })
    .await
}

async fn extension_page(
    brigade: &Brigade,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let view = brigade.mission(&cx.actor, id).await?;
    cx.actor.demand(&CONDUCT, view.mission.ministry)?;
    let options = view
        .assignments
        .iter()
        .map(|goes| (goes.expert.to_string(), goes.name.clone()));
    let form = vec![
        Field::select("expert", WORDING.label(&words, "expert"), options.collect())
            .value(fields.text("expert"))
            .required(),
        Field::text("days", WORDING.label(&words, "more_days"))
            .unit(words.text("brigade-unit-days"))
            .value(fields.text("days"))
            .length_max(6),
        WORDING
            .date_field(&words, fields, "to", Some(view.mission.period.1))
            .required(),
        Field::lines(4, "reason", WORDING.label(&words, "reason"))
            .value(fields.text("reason"))
            .length_max(4_000)
            .required(),
    ];
    let asked = Asked {
        title: words.text("brigade-extend"),
        lead: words.text("brigade-extend-lead"),
        crumb: (words.text("brigade-mission"), back(id)),
        action: format!("{}/extension", back(id)),
        submit: words.text("brigade-extend"),
        fields: form,
        version: Some(view.mission.version),
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(brigade, cx, asked, trouble).await
}

pub(super) async fn show_extension(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = extension_page(&brigade, &cx, id, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn extend(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = ExtensionForm {
        expert: fields.text("expert").to_owned(),
        days: fields.text("days").to_owned(),
        to: three(&fields, "to"),
        reason: fields.text("reason").to_owned(),
    };
    let done = brigade
        .propose_extension(&cx.actor, id, version(&fields), &form)
        .await;
    let to = |_| back(id);
    conclude(done, to, async |trouble| {
        extension_page(&brigade, &cx, id, &fields, &trouble).await
    })
    .await
}

pub(super) async fn answer_extension(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path((id, extension, answer)): Path<(Uuid, Uuid, String)>,
) -> Result<Response, Failure> {
    let is_agreed = match answer.as_str() {
        "agree" => true,
        "refuse" => false,
        _ => return Err(Failure::NotFound),
    };
    let done = brigade
        .answer_extension(&cx.actor, id, extension, is_agreed)
        .await;
    let words = cx.words();
    conclude(
        done,
        |()| back(id),
        async |trouble| {
            // It fitted when it was proposed and doesn't any more: the page says what took its place.
            let asked = Asked {
                title: words.text("brigade-refuse-extension"),
                lead: words.text("brigade-extension-late"),
                crumb: (words.text("brigade-mission"), back(id)),
                action: format!("{}/extensions/{extension}/refuse", back(id)),
                submit: words.text("brigade-refuse-extension"),
                fields: Vec::new(),
                version: None,
                subject: None,
                hidden: Vec::new(),
            };
            form_page(&brigade, &cx, asked, &trouble).await
        },
    )
    .await
}

async fn report_page(
    brigade: &Brigade,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    // Whoever may record days here may report.
    let (one, _, _) = brigade.to_record(&cx.actor, id).await?;
    let lines = |name: &str, usual: &str| {
        Field::lines(8, name, WORDING.label(&words, name))
            .value(filled(fields, name, usual))
            .length_max(20_000)
            .required()
    };
    let form = vec![
        lines("findings", &one.findings).hint(words.text("brigade-hint-findings")),
        lines("changes", &one.changes).hint(words.text("brigade-hint-changes")),
        Field::line("url", "link", WORDING.label(&words, "link"))
            .value(filled(fields, "link", &one.link))
            .length_max(500),
    ];
    let crumb = if cx.actor.may(&CONDUCT, one.ministry) {
        (words.text("brigade-mission"), back(id))
    } else {
        (words.text("brigade-mine"), "/brigade/mine".to_owned())
    };
    let asked = Asked {
        title: words.text("brigade-give-report"),
        lead: one.title.clone(),
        crumb,
        action: format!("{}/report", back(id)),
        submit: words.text("brigade-give-report"),
        fields: form,
        version: Some(one.version),
        subject: Some(id),
        hidden: Vec::new(),
    };
    let shell = cx.shell("");
    let of_file: Vec<&str> = trouble
        .mistakes
        .iter()
        .filter(|one| one.field == "file")
        .map(|one| one.key)
        .collect();
    let mut file = Field::file("file", WORDING.label(&words, "file"), ".pdf,.odt,.docx")
        .hint(words.text("brigade-hint-file"));
    if let Some(key) = of_file.first() {
        file = file.error(Some(words.text_with(key, &[("value", "10".into())])));
    }
    let upload = Form::post(
        &shell,
        format!("{}/file", back(id)),
        words.text("brigade-send-file"),
    )
    .field(file);
    let page = form_page(brigade, cx, asked, trouble).await?;
    Ok(page
        .heading(words.text("brigade-file-heading"))
        .with(upload))
}

pub(super) async fn show_report(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = report_page(&brigade, &cx, id, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

/// Where somebody goes on: officers at the mission, an expert at its own missions.
async fn onwards(brigade: &Brigade, cx: &Cx, id: Uuid) -> String {
    match brigade.mission_of(&cx.actor, id).await {
        Ok(_) => back(id),
        Err(_) => "/brigade/mine".to_owned(),
    }
}

pub(super) async fn report(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let text = |name| fields.text(name).to_owned();
    let form = ReportForm {
        findings: text("findings"),
        changes: text("changes"),
        link: text("link"),
    };
    let done = brigade.report(&cx.actor, id, version(&fields), &form).await;
    let next = onwards(&brigade, &cx, id).await;
    conclude(
        done,
        |()| next,
        async |trouble| report_page(&brigade, &cx, id, &fields, &trouble).await,
    )
    .await
}

pub(super) async fn attach(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
    upload: Upload,
) -> Result<Response, Failure> {
    let bytes = tokio::fs::read(&upload.file)
        .await
        .map_err(Failure::internal)?;
    let done = brigade
        .attach(&cx.actor, id, upload.file_name.trim(), bytes)
        .await;
    let next = onwards(&brigade, &cx, id).await;
    conclude(
        done,
        |()| next,
        async |trouble| {
            let none = Fields(Vec::new());
            report_page(&brigade, &cx, id, &none, &trouble).await
        },
    )
    .await
}

pub(super) async fn download(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Download, Failure> {
    let (kind, bytes) = brigade.report_bytes(&cx.actor, id).await?;
    Ok(Download {
        file_name: format!("compte-rendu-{id}.{}", kind.extension()),
        content_type: kind.content_type(),
        body: Body::from(bytes),
    })
}

async fn recommend_page(
    brigade: &Brigade,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let one = brigade.mission_of(&cx.actor, id).await?;
    cx.actor.demand(&CONDUCT, one.ministry)?;
    if !brigade.recommends() {
        return Err(Failure::NotFound);
    }
    let usual = brigade.source.today().saturating_add(3.months());
    let form = vec![
        Field::lines(4, "text", WORDING.label(&words, "text"))
            .value(fields.text("text"))
            .length_max(2_000)
            .required(),
        Field::radios(
            "axis",
            WORDING.label(&words, "axis"),
            named(&words, "brigade-axis-", &AXES),
        )
        .value(filled(fields, "axis", "delivery")),
        Field::text("owner", WORDING.label(&words, "owner"))
            .value(fields.text("owner"))
            .length_max(200)
            .required(),
        WORDING
            .date_field(&words, fields, "due", Some(usual))
            .required(),
    ];
    let asked = Asked {
        title: words.text("brigade-recommend"),
        lead: one.title,
        crumb: (words.text("brigade-mission"), back(id)),
        action: format!("{}/recommend", back(id)),
        submit: words.text("brigade-recommend"),
        fields: form,
        version: None,
        subject: None,
        hidden: Vec::new(),
    };
    form_page(brigade, cx, asked, trouble).await
}

pub(super) async fn show_recommend(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = recommend_page(&brigade, &cx, id, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn recommend(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let text = |name| fields.text(name).to_owned();
    let form = RecommendForm {
        text: text("text"),
        axis: text("axis"),
        owner: text("owner"),
        due: three(&fields, "due"),
    };
    let done = brigade.recommend(&cx.actor, id, &form).await;
    conclude(
        done,
        |_| back(id),
        async |trouble| recommend_page(&brigade, &cx, id, &fields, &trouble).await,
    )
    .await
}
