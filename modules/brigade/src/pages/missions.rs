//! Missions: the list, one, and what is done with it.

use kit_acts::{Asked, Trouble, address, conclude, cursor, day, pair, place, short, version};
use kit_http::{Cx, Failure, Fields, Page, Path, Query, Response, State, optional};
use kit_ui::{
    Actions, Cell, Column, Composed, Facts, Field, Form, Notice, Pages, Table, Tone, format,
};
use serde::Deserialize;
use uuid::Uuid;

use super::words::{days, form_page, ministries, mission_state, period, timeline};
use crate::access::{AGREE, CONDUCT};
use crate::acts_port::days_text;
use crate::domain::{AnswerForm, MissionAct, MissionState};
use crate::missions::may_act;
use crate::reading::{MissionFilter, MissionView};
use crate::store::missions::Mission;
use crate::{Brigade, WORDING, latest_first};

/// Rows on one page.
const PAGE_ROWS: u32 = 50;
const HERE: &str = "/brigade/missions";

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    state: String,
    #[serde(default)]
    expertise: String,
    #[serde(default)]
    ministry: String,
    #[serde(default)]
    product: String,
    #[serde(default)]
    after: String,
}

/// A trade's code as an address may hold it.
pub(super) fn expertise(text: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (text.len() <= 40 && text.chars().all(is_plain)).then(|| text.to_owned())
}

/// Trades as a choice, after "any".
pub(super) async fn trades(brigade: &Brigade, cx: &Cx) -> Result<Vec<(String, String)>, Failure> {
    let mut options = vec![(String::new(), cx.words().text("brigade-any"))];
    for one in brigade.expertises().await? {
        let name = match cx.locale {
            kit_ui::Locale::Fr => one.name_fr,
            kit_ui::Locale::En => one.name_en,
        };
        options.push((one.code, name));
    }
    Ok(options)
}

pub(super) async fn list(
    State(brigade): State<Brigade>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let filter = MissionFilter {
        state: optional("state", &query.state, MissionState::parse)?,
        ministry: optional("ministry", &query.ministry, |text| text.parse().ok())?,
        product: optional("product", &query.product, |text| text.parse().ok())?,
        expertise: optional("expertise", &query.expertise, expertise)?,
    };
    let after = place(&query.after, latest_first());
    let mut found = brigade
        .missions(&cx.actor, &filter, after, PAGE_ROWS + 1)
        .await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let pairs = [
        ("state", query.state.as_str()),
        ("expertise", query.expertise.as_str()),
        ("ministry", query.ministry.as_str()),
        ("product", query.product.as_str()),
    ];
    let next = found.last().filter(|_| more).map(|last| {
        let after = cursor(last.period.0, last.id);
        let [state, expertise, ministry, product] = pairs;
        address(
            HERE,
            &[state, expertise, ministry, product, ("after", &after)],
        )
    });
    let previous = (!query.after.is_empty()).then(|| address(HERE, &pairs));
    let today = brigade.source.today();
    let rows = found.iter().map(|one| {
        vec![
            Cell::link(&one.title, format!("{HERE}/{}", one.id)),
            Cell::text(&one.product_title),
            day(&cx, Some(one.period.0)),
            day(&cx, Some(one.period.1)),
            mission_state(&words, one.state, is_late(one, today)),
        ]
    });
    let names = ["mission", "product", "from", "to", "state"];
    let caption = words.text("brigade-missions");
    let table = Table::new(&words, "missions", caption, WORDING.columns(&words, &names))
        .rows(rows)
        .pages(Pages { previous, next })
        .empty(words.text("brigade-missions-empty"));
    let states: Vec<&str> = MissionState::ALL.iter().map(|one| one.code()).collect();
    let mut filters = Form::filters(HERE, words.text("brigade-filter")).fields([
        Field::select(
            "state",
            WORDING.label(&words, "state"),
            WORDING.any_of(&words, "brigade-mission-state-", &states),
        )
        .value(&query.state),
        Field::select(
            "expertise",
            WORDING.label(&words, "expertise"),
            trades(&brigade, &cx).await?,
        )
        .value(&query.expertise),
        Field::select(
            "ministry",
            WORDING.label(&words, "ministry"),
            ministries(&brigade, &cx).await?,
        )
        .value(&query.ministry),
    ]);
    if !query.product.is_empty() {
        filters = filters.hidden("product", &query.product);
    }
    let shell = cx
        .shell(words.text("brigade-missions"))
        .lead(words.text("brigade-missions-lead"));
    Ok(Page(Composed::new(shell).with(filters).with(table)))
}

pub(super) fn is_late(one: &Mission, today: jiff::civil::Date) -> bool {
    one.state == MissionState::Running && one.period.1 < today
}

fn facts(cx: &Cx, one: &Mission) -> Facts {
    let words = cx.words();
    let name = |key: &str| WORDING.label(&words, key);
    let mut facts = Facts::default()
        .link(
            name("product"),
            &one.product_title,
            format!("/products/{}", one.product),
        )
        .link(
            name("request"),
            words.text("brigade-request"),
            format!("/brigade/requests/{}", one.request),
        )
        .text(name("period"), period(cx, one.period))
        .text(name("objective"), &one.objective)
        .text(name("criterion"), &one.criterion)
        .text(
            name("state"),
            words.text(&format!("brigade-mission-state-{}", one.state.code())),
        );
    if let Some(on) = one.agreed_on {
        let args = [
            ("name", one.agreed_by.as_str().into()),
            ("date", format::date(cx.locale, on).into()),
        ];
        facts = facts.text(name("agreed"), words.text_with("brigade-agreed-by", &args));
    }
    if !one.end_reason.is_empty() {
        facts = facts.text(name("reason"), &one.end_reason);
    }
    facts
}

fn acts(brigade: &Brigade, cx: &Cx, one: &Mission) -> Vec<(String, String)> {
    let words = cx.words();
    let here = format!("{HERE}/{}", one.id);
    let mut all = Vec::new();
    for act in [MissionAct::Agree, MissionAct::Start, MissionAct::Close] {
        if one.state.after(act).is_some() && may_act(&cx.actor, one, act) {
            let code = act.code();
            let text = words.text(&format!("brigade-mission-act-{code}"));
            all.push((text, format!("{here}/acts/{code}")));
        }
    }
    if cx.actor.may(&CONDUCT, one.ministry) {
        let mut offer = |key: &str, path: &str| {
            all.push((words.text(key), format!("{here}/{path}")));
        };
        if matches!(one.state, MissionState::Running | MissionState::Reported) {
            offer("brigade-record-days", "days");
            offer("brigade-give-report", "report");
            if brigade.recommends() {
                offer("brigade-recommend", "recommend");
            }
        }
        if matches!(one.state, MissionState::Agreed | MissionState::Running) {
            offer("brigade-extend", "extension");
        }
        offer("brigade-share-calendar", "calendar");
    }
    let cancel = MissionAct::Cancel;
    if one.state.after(cancel).is_some() && may_act(&cx.actor, one, cancel) {
        let text = words.text("brigade-mission-act-cancel");
        all.push((text, format!("{here}/acts/cancel")));
    }
    all
}

fn assigned(
    cx: &Cx,
    view: &MissionView,
    names: &std::collections::BTreeMap<String, String>,
) -> Table {
    let words = cx.words();
    let rows = view.assignments.iter().map(|goes| {
        vec![
            Cell::text(&goes.name),
            Cell::text(names.get(&goes.expertise).unwrap_or(&goes.expertise)),
            days(&words, goes.half_days),
            days(&words, goes.spent),
            days(&words, goes.half_days.saturating_sub(goes.spent)),
        ]
    });
    let columns = vec![
        Column::text(words.text("brigade-column-expert")),
        Column::text(words.text("brigade-column-expertise")),
        Column::number(words.text("brigade-column-agreed")),
        Column::number(words.text("brigade-column-spent")),
        Column::number(words.text("brigade-column-left")),
    ];
    Table::new(&words, "experts", words.text("brigade-who-goes"), columns).rows(rows)
}

fn spent(cx: &Cx, view: &MissionView) -> Table {
    let words = cx.words();
    let rows = view.days.iter().rev().map(|one| {
        vec![
            day(cx, Some(one.on)),
            Cell::text(&one.name),
            days(&words, one.half_days),
            Cell::text(&one.recorded_by),
        ]
    });
    let columns = vec![
        Column::text(words.text("brigade-column-on")),
        Column::text(words.text("brigade-column-expert")),
        Column::number(words.text("brigade-column-days")),
        Column::text(words.text("brigade-column-by")),
    ];
    Table::new(&words, "days", words.text("brigade-days-spent"), columns)
        .rows(rows)
        .empty(words.text("brigade-days-empty"))
}

fn recommended(cx: &Cx, view: &MissionView) -> Table {
    let words = cx.words();
    let rows = view.recommendations.iter().map(|one| {
        let effect = match one.reoriented {
            Some(true) => Cell::status(Tone::Success, words.text("brigade-effect-reoriented")),
            Some(false) => Cell::status(Tone::Warning, words.text("brigade-effect-unchanged")),
            None => Cell::text(words.text("brigade-effect-unknown")),
        };
        let href = format!("/steering/recommendations/{}", one.id);
        vec![
            Cell::link(short(&one.text), href),
            Cell::text(words.text(&format!("brigade-status-{}", one.status))),
            day(cx, Some(one.due)),
            effect,
        ]
    });
    let names = ["recommendation", "state", "due", "effect"];
    let caption = words.text("brigade-recommendations");
    Table::new(
        &words,
        "recommendations",
        caption,
        WORDING.columns(&words, &names),
    )
    .rows(rows)
    .empty(words.text("brigade-recommendations-empty"))
}

fn extended(cx: &Cx, view: &MissionView) -> Table {
    let words = cx.words();
    let rows = view.extensions.iter().map(|one| {
        let answer = match one.answer {
            None => Cell::status(Tone::Warning, words.text("brigade-extension-waits")),
            Some((_, true)) => Cell::status(Tone::Success, words.text("brigade-extension-agreed")),
            Some((_, false)) => Cell::status(Tone::Error, words.text("brigade-extension-refused")),
        };
        vec![
            Cell::text(&one.name),
            days(&words, one.half_days),
            day(cx, Some(one.to)),
            Cell::text(short(&one.reason)),
            answer,
        ]
    });
    let columns = vec![
        Column::text(words.text("brigade-column-expert")),
        Column::number(words.text("brigade-column-more")),
        Column::text(words.text("brigade-column-to")),
        Column::text(words.text("brigade-column-why")),
        Column::text(words.text("brigade-column-state")),
    ];
    Table::new(
        &words,
        "extensions",
        words.text("brigade-extensions"),
        columns,
    )
    .rows(rows)
}

pub(super) async fn show(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let mut view = brigade.mission(&cx.actor, id).await?;
    let names = brigade.trades(cx.locale).await?;
    let one = &view.mission;
    let today = brigade.source.today();
    let late = is_late(one, today).then(|| {
        let on = format::date(cx.locale, one.period.1);
        let text = words.text_with("brigade-report-late-since", &[("date", on.into())]);
        Notice::new(Tone::Warning, words.text("brigade-report-late"), text)
    });
    let shell = cx
        .shell(&one.title)
        .lead(&one.product_title)
        .crumb(words.text("brigade-missions"), HERE);
    let acts = acts(&brigade, &cx, one);
    let mut answers = Vec::new();
    if let Some(waits) = view.extensions.iter().find(|one| one.answer.is_none())
        && cx.actor.may(&AGREE, one.ministry)
    {
        for (answer, key) in [
            ("agree", "brigade-agree-extension"),
            ("refuse", "brigade-refuse-extension"),
        ] {
            let action = format!("{HERE}/{id}/extensions/{}/{answer}", waits.id);
            let form = Form::post(&shell, action, words.text(key)).inline();
            answers.push(if answer == "refuse" {
                form.danger()
            } else {
                form
            });
        }
    }
    let mut page = Composed::new(shell)
        .maybe(late)
        .maybe((!acts.is_empty()).then_some(Actions(acts)))
        .with(facts(&cx, one))
        .with(assigned(&cx, &view, &names));
    if !view.extensions.is_empty() {
        page = page.with(extended(&cx, &view));
    }
    for form in answers {
        page = page.with(form);
    }
    page = page.with(spent(&cx, &view));
    if !one.findings.is_empty() || !one.file_key.is_empty() {
        page = page.heading(words.text("brigade-report"));
        for (key, text) in [("findings", &one.findings), ("changes", &one.changes)] {
            if !text.is_empty() {
                page = page.text(pair(&words, &WORDING.label(&words, key), text));
            }
        }
        if !one.link.is_empty() {
            page = page.link(words.text("brigade-report-link"), &one.link);
        }
        if !one.file_key.is_empty() {
            let args = [("name", one.file_name.as_str().into())];
            let text = words.text_with("brigade-report-file", &args);
            page = page.link(text, format!("{HERE}/{id}/file"));
        }
    }
    if brigade.recommends() {
        page = page.with(recommended(&cx, &view));
    }
    view.events.reverse();
    Ok(Page(
        page.heading(words.text("brigade-timeline"))
            .with(timeline(&cx, &view.events)),
    ))
}

fn act_of(code: &str) -> Result<MissionAct, Failure> {
    MissionAct::parse(code)
        .filter(|act| *act != MissionAct::Report)
        .ok_or(Failure::NotFound)
}

async fn act_page(
    brigade: &Brigade,
    cx: &Cx,
    (id, act): (Uuid, MissionAct),
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let view = brigade.mission(&cx.actor, id).await?;
    let one = view.mission;
    if !may_act(&cx.actor, &one, act) {
        cx.actor.demand(&CONDUCT, one.ministry)?;
        cx.actor.demand(&AGREE, one.ministry)?;
    }
    let mut reason = Field::lines(4, "reason", WORDING.label(&words, "reason"))
        .value(fields.text("reason"))
        .length_max(4_000);
    if act == MissionAct::Cancel {
        reason = reason.required();
    }
    let half_days: u32 = view.assignments.iter().map(|goes| goes.half_days).sum();
    let args = [
        ("title", one.title.as_str().into()),
        ("days", days_text(&words, half_days).into()),
        ("period", period(cx, one.period).into()),
    ];
    let code = act.code();
    let title = words.text(&format!("brigade-mission-act-{code}"));
    let back = format!("{HERE}/{id}");
    let asked = Asked {
        title: title.clone(),
        lead: words.text_with("brigade-act-on", &args),
        crumb: (words.text("brigade-mission"), back.clone()),
        action: format!("{back}/acts/{code}"),
        submit: title,
        fields: vec![reason],
        version: Some(one.version),
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(brigade, cx, asked, trouble).await
}

pub(super) async fn show_act(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let act = act_of(&code)?;
    let page = act_page(&brigade, &cx, (id, act), &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn act(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let act = act_of(&code)?;
    let form = AnswerForm {
        reason: fields.text("reason").to_owned(),
        ..AnswerForm::default()
    };
    let done = brigade
        .act_on_mission(&cx.actor, id, version(&fields), act, &form)
        .await;
    let to = |()| format!("{HERE}/{id}");
    conclude(done, to, async |trouble| {
        act_page(&brigade, &cx, (id, act), &fields, &trouble).await
    })
    .await
}

pub(super) async fn mine(
    State(brigade): State<Brigade>,
    cx: Cx,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let shell = cx
        .shell(words.text("brigade-mine"))
        .lead(words.text("brigade-mine-lead"));
    let Some((own, found)) = brigade.own_missions(&cx.actor).await? else {
        return Ok(Page(
            Composed::new(shell).text(words.text("brigade-mine-nobody")),
        ));
    };
    let today = brigade.source.today();
    let rows = found.iter().map(|one| {
        let mut acts = Cell::unknown();
        if matches!(one.state, MissionState::Running | MissionState::Reported) {
            acts = Cell::link(
                words.text("brigade-record-days"),
                format!("{HERE}/{}/days", one.id),
            );
        }
        vec![
            Cell::text(&one.title),
            Cell::text(period(&cx, one.period)),
            mission_state(&words, one.state, is_late(one, today)),
            acts,
        ]
    });
    let names = ["mission", "period", "state", "act"];
    let caption = words.text("brigade-missions");
    let table = Table::new(&words, "missions", caption, WORDING.columns(&words, &names))
        .rows(rows)
        .empty(words.text("brigade-mine-empty"));
    let share = Actions(vec![(
        words.text("brigade-share-calendar"),
        format!("/brigade/experts/{own}/calendar"),
    )]);
    Ok(Page(Composed::new(shell).with(share).with(table)))
}
