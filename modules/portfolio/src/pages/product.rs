//! One product with its whole history, and what is told of it.

use jiff::civil::Date;
use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Response, SeeOther, State,
};
use kit_journal::Journal;
use kit_ui::{
    Actions, Cell, Chart, Column, Composed, Facts, Field, Figure, Figures, Form, Notice, Table,
    Timeline, TimelineEvent, Tone, Words, format,
};
use uuid::Uuid;

use super::forecast;
use super::words::{self, Names, cost_cell, rate};
use crate::access::{ADD_ESTIMATE, EDIT_PRODUCT, REBASELINE};
use crate::domain::{DURATION_YEAR_SECONDS, Estimate, Mistake, Phase, Rebaseline, outlook};
use crate::estimates::{EstimateForm, RebaselineForm};
use crate::store::estimates;
use crate::store::products::{self, Details};
use crate::{Portfolio, PortfolioError, Product};

/// Entries of the journal that the history shows.
const HISTORY_ROWS: u32 = 50;

pub(super) async fn find(portfolio: &Portfolio, id: Uuid) -> Result<Product, Failure> {
    let found = products::find(&portfolio.db, id)
        .await
        .map_err(PortfolioError::from)?;
    found.ok_or(Failure::NotFound)
}

fn years(words: &Words, seconds: Option<i64>) -> Cell {
    seconds.map_or_else(Cell::unknown, |seconds| {
        let years = seconds as f64 / DURATION_YEAR_SECONDS;
        Cell::number(format::decimal(words.locale, years, 2), years)
    })
}

pub(crate) async fn show(
    State(portfolio): State<Portfolio>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Response, Failure> {
    let words = cx.words();
    let product = find(&portfolio, id).await?;
    if let Some(into) = product.merged_into {
        return Ok(SeeOther(format!("/products/{into}")).into_response());
    }
    let mut tx = portfolio
        .db
        .begin_snapshot()
        .await
        .map_err(PortfolioError::from)?;
    let details = products::details(&mut tx, id)
        .await
        .map_err(PortfolioError::from)?;
    drop(tx);
    let told = estimates::of_product(&portfolio.db, id)
        .await
        .map_err(PortfolioError::from)?;
    let acts = estimates::rebaselines(&portfolio.db, id)
        .await
        .map_err(PortfolioError::from)?;
    let history = Journal::of_subject(&portfolio.db, "product", id, None, HISTORY_ROWS)
        .await
        .map_err(PortfolioError::from)?;
    let names = Names::read(&portfolio).await?;
    let described = &product.description;
    let shell = cx
        .shell(&described.title)
        .lead(&described.mission)
        .crumb(words.text("portfolio-products"), "/products")
        .with_charts();
    let mut page = Composed::new(shell);
    if product.baseline_cents.is_some() || product.baseline_seconds.is_some() {
        page = page.with(figures(&words, &product, &acts));
    }
    let mut actions = Vec::new();
    if cx.actor.may(&ADD_ESTIMATE, described.ministry_id) {
        let href = format!("/products/{id}/estimates/new");
        actions.push((words.text("portfolio-estimate-add"), href));
    }
    if cx.actor.may(&REBASELINE, described.ministry_id) {
        actions.push((
            words.text("portfolio-rebaseline"),
            format!("/products/{id}/baseline"),
        ));
    }
    if cx.actor.may(&EDIT_PRODUCT, described.ministry_id) {
        actions.push((
            words.text("portfolio-product-edit"),
            format!("/products/{id}/edit"),
        ));
    }
    // Pages of other modules, by their address alone: each asks for its own permission.
    if !cx.actor.is_anonymous() {
        let href = format!("/products/{id}/steering");
        actions.push((words.text("portfolio-steering"), href));
        let href = format!("/products/{id}/procedures");
        actions.push((words.text("portfolio-procedures"), href));
    }
    if !actions.is_empty() {
        page = page.with(Actions(actions));
    }
    page = page
        .link(
            words.text("portfolio-indicators"),
            format!("/products/{id}/indicators"),
        )
        .link(
            words.text("portfolio-published"),
            format!("/steering/published/products/{id}"),
        )
        .heading(words.text("portfolio-identity"))
        .with(facts(&words, &names, &product, &details));
    for paragraph in described
        .description
        .split("\n\n")
        .filter(|text| !text.trim().is_empty())
    {
        page = page.text(paragraph);
    }
    if !details.phases.is_empty() {
        page = phases(page, &words, &details, portfolio.source.today());
    }
    if !told.is_empty() {
        page = page.heading(words.text("portfolio-estimates"));
        if told.len() > 1 {
            page = page.with(
                Chart::new(
                    "line",
                    "estimates",
                    words.text("portfolio-estimates-chart"),
                    words.text("portfolio-source"),
                )
                .setting("x", 0)
                .setting("y", 1)
                .setting("format", "millions"),
            );
        }
        page = page.with(estimates_table(&words, &told));
    }
    if let Some(outlook) = outlook(&*portfolio.finished().await?, &told) {
        page = forecast::section(page, &words, &outlook);
    }
    if !acts.is_empty() {
        page = page
            .heading(words.text("portfolio-baselines"))
            .with(acts_table(&words, &acts));
    }
    let events = history.iter().map(|entry| TimelineEvent {
        when: format::instant(cx.locale, entry.at),
        datetime: entry.at.to_string(),
        title: words.text(&action_key(&entry.action)),
        detail: entry.actor_name.clone(),
        tone: (entry.action == "portfolio.baseline.set").then_some(Tone::Warning),
        href: None,
    });
    let told_events = details
        .events
        .iter()
        .map(|(name, on, comment)| TimelineEvent {
            when: format::date(cx.locale, *on),
            datetime: on.to_string(),
            title: name.clone(),
            detail: comment.clone(),
            tone: None,
            href: None,
        });
    let mut all: Vec<TimelineEvent> = events.chain(told_events).collect();
    all.sort_by(|a, b| b.datetime.cmp(&a.datetime));
    let empty = words.text("portfolio-history-empty");
    page = page
        .heading(words.text("portfolio-history"))
        .with(Timeline { events: all, empty });
    Ok(Page(page).into_response())
}

/// The key of an action's words.
fn action_key(action: &str) -> String {
    match action {
        "portfolio.product.add"
        | "portfolio.product.change"
        | "portfolio.product.give_back"
        | "portfolio.estimate.add"
        | "portfolio.baseline.set"
        | "portfolio.near_match.answer" => {
            format!("action-{}", action.replace(['.', '_'], "-"))
        }
        _ => "action-other".to_owned(),
    }
}

fn figures(words: &Words, product: &Product, acts: &[Rebaseline]) -> Figures {
    let on = product
        .estimated_on
        .map(|date| format::date(words.locale, date))
        .unwrap_or_default();
    let as_of = words.text_with("portfolio-estimated-on", &[("date", on.into())]);
    let millions = |cents: Option<i64>| {
        cents.map_or_else(
            || "—".to_owned(),
            |cents| format::millions(words.locale, cents),
        )
    };
    let against = words.text_with(
        "portfolio-against-baseline",
        &[("baseline", millions(product.baseline_cents).into())],
    );
    let warn = |rate: Option<f64>| rate.is_some_and(|rate| rate > 0.1);
    let mut cost = Figure::new(
        words.text("portfolio-column-slip"),
        rate(words, product.cost_slip),
    )
    .note(against)
    .to("#estimates")
    .formula(words.text("portfolio-formula-slip"));
    if warn(product.cost_slip) {
        cost = cost.tone(Tone::Warning);
    }
    let mut delay = Figure::new(
        words.text("portfolio-column-delay"),
        rate(words, product.duration_slip),
    )
    .note(&as_of)
    .to("#estimates")
    .formula(words.text("portfolio-formula-slip"));
    if warn(product.duration_slip) {
        delay = delay.tone(Tone::Warning);
    }
    let mut all = vec![
        Figure::new(
            words.text("portfolio-cost-latest"),
            millions(product.cost_cents),
        )
        .note(&as_of)
        .to("#estimates"),
        cost,
        delay,
    ];
    if let Some(act) = acts.iter().rev().find(|act| act.cost_cents.is_some()) {
        let now = slips::slip_rate(
            act.cost_cents.unwrap_or_default(),
            product.cost_cents.unwrap_or_default(),
        );
        let note = words.text_with(
            "portfolio-against-new-baseline",
            &[
                ("baseline", millions(act.cost_cents).into()),
                ("date", format::date(words.locale, act.effective_on).into()),
            ],
        );
        all.push(
            Figure::new(words.text("portfolio-slip-new-baseline"), rate(words, now)).note(note),
        );
    }
    Figures::new(words, all)
}

fn facts(words: &Words, names: &Names, product: &Product, details: &Details) -> Facts {
    let described = &product.description;
    let kind = words.text(&format!("product-kind-{}", described.kind.code()));
    let of = |kind: &str| {
        let values = details.attributes.iter().filter(|(k, _)| k == kind);
        values
            .map(|(_, value)| (value.clone(), None))
            .collect::<Vec<_>>()
    };
    let mut facts = Facts::default()
        .text(words.text("portfolio-kind"), kind)
        .text(
            words.text("portfolio-column-phase"),
            words::phase(words, described.phase),
        );
    if let Some(href) = described.ministry_id.map(|id| format!("/ministries/{id}")) {
        let name = names.full(described.ministry_id);
        facts = facts.link(words.text("portfolio-column-ministry"), name, href);
    }
    if let Some(href) = described.incubator_id.map(|id| format!("/incubators/{id}")) {
        let name = names.full(described.incubator_id);
        facts = facts.link(words.text("portfolio-incubator"), name, href);
    }
    if described.interministerial {
        facts = facts.text(
            words.text("portfolio-reach"),
            words.text("portfolio-interministerial"),
        );
    }
    facts = facts
        .text(words.text("portfolio-area"), &described.area)
        .text(words.text("portfolio-priority"), &described.policy_priority)
        .text(
            words.text("portfolio-accessibility"),
            &described.accessibility,
        );
    for kind in ["programme", "sponsor", "user", "theme", "technology"] {
        facts = facts.list(words.text(&format!("portfolio-attribute-{kind}")), of(kind));
    }
    for (key, url) in [
        ("portfolio-link", &described.link),
        ("portfolio-repository", &described.repository),
        ("portfolio-stats", &described.stats_url),
        ("portfolio-budget", &described.budget_url),
        ("portfolio-impact", &described.impact_url),
    ] {
        // A path alone leads nowhere from here.
        if url.starts_with("http") {
            facts = facts.link(words.text(key), url, url);
        }
    }
    facts.text(words.text("portfolio-first-source"), &product.source)
}

fn phases(page: Composed, words: &Words, details: &Details, today: Date) -> Composed {
    let columns = vec![
        Column::text(words.text("portfolio-column-phase")),
        Column::text(words.text("portfolio-phase-start")),
        Column::text(words.text("portfolio-phase-end")),
        Column::text(words.text("portfolio-phase-length")),
    ];
    let rows = details.phases.iter().map(|(phase, start, end)| {
        let until = end.unwrap_or(today);
        let length = i64::from((until - *start).get_days());
        vec![
            Cell::text(words::phase(words, Some(*phase))),
            Cell::text(format::date(words.locale, *start)).value(start),
            end.map_or_else(
                || Cell::text(words.text("portfolio-phase-now")).value(today),
                |end| Cell::text(format::date(words.locale, end)).value(end),
            ),
            Cell::text(format::days(words.locale, length)),
        ]
    });
    let caption = words.text("portfolio-phases-caption");
    let table = Table::new(words, "phases", caption, columns).rows(rows);
    page.heading(words.text("portfolio-phases"))
        .with(
            Chart::new(
                "gantt",
                "phases",
                words.text("portfolio-phases-chart"),
                words.text("portfolio-source"),
            )
            .setting("start", 1)
            .setting("end", 2)
            .setting("today", today)
            .setting("today-label", words.text("portfolio-today")),
        )
        .with(table)
}

fn estimates_table(words: &Words, told: &[Estimate]) -> Table {
    let columns = vec![
        Column::text(words.text("portfolio-as-of-date")),
        Column::number(words.text("portfolio-column-cost")),
        Column::number(words.text("portfolio-column-duration")),
        Column::text(words.text("portfolio-column-phase")),
        Column::text(words.text("portfolio-counts")),
        Column::text(words.text("portfolio-estimate-source")),
    ];
    let mut baseline_seen = false;
    let rows = told.iter().map(|estimate| {
        let counts = estimate.counts();
        let state = if counts && !baseline_seen {
            baseline_seen = true;
            Cell::status(Tone::Info, words.text("portfolio-is-baseline"))
        } else if counts {
            Cell::text(words.text("portfolio-does-count"))
        } else {
            Cell::text(words.text("portfolio-does-not-count"))
        };
        vec![
            Cell::text(format::date(words.locale, estimate.as_of)).value(estimate.as_of),
            cost_cell(words, estimate.cost_cents),
            years(words, estimate.duration_seconds),
            Cell::text(words::phase(words, estimate.phase)),
            state,
            Cell::text(&estimate.source).note(&estimate.author),
        ]
    });
    let caption = words.text("portfolio-estimates-caption");
    Table::new(words, "estimates", caption, columns).rows(rows.collect::<Vec<_>>())
}

fn acts_table(words: &Words, acts: &[Rebaseline]) -> Table {
    let columns = vec![
        Column::text(words.text("portfolio-effective-on")),
        Column::number(words.text("portfolio-column-cost")),
        Column::number(words.text("portfolio-column-duration")),
        Column::text(words.text("portfolio-reason")),
        Column::text(words.text("portfolio-author")),
    ];
    let rows = acts.iter().map(|act| {
        vec![
            Cell::text(format::date(words.locale, act.effective_on)),
            cost_cell(words, act.cost_cents),
            years(words, act.duration_seconds),
            Cell::text(&act.reason),
            Cell::text(&act.author),
        ]
    });
    Table::new(
        words,
        "baselines",
        words.text("portfolio-baselines-caption"),
        columns,
    )
    .rows(rows)
}

pub(super) fn mark(words: &Words, fields: &mut [Field], mistakes: &[Mistake]) {
    for field in fields {
        if let Some(mistake) = mistakes.iter().find(|mistake| mistake.field == field.name) {
            field.error = Some(words.text(mistake.key));
        }
    }
}

fn estimate_page(
    cx: &Cx,
    product: &Product,
    form: &EstimateForm,
    mistakes: &[Mistake],
) -> Composed {
    let words = cx.words();
    let mut phases = vec![(String::new(), words.text("portfolio-phase-unchanged"))];
    phases.extend(
        Phase::OF_PROJECTS
            .map(|phase| (phase.code().to_owned(), words::phase(&words, Some(phase)))),
    );
    let mut fields = vec![
        Field::date_typed(
            &words,
            "as_of",
            words.text("portfolio-as-of-date"),
            form.as_of.clone(),
        ),
        Field::amount(&words, "cost", words.text("portfolio-cost")).value(&form.cost),
        Field::text("duration", words.text("portfolio-duration"))
            .hint(words.text("portfolio-duration-hint"))
            .value(&form.duration)
            .unit(words.text("portfolio-years")),
        Field::select("phase", words.text("portfolio-column-phase"), phases).value(&form.phase),
        Field::text("source", words.text("portfolio-estimate-source"))
            .hint(words.text("portfolio-source-hint"))
            .value(&form.source),
    ];
    mark(&words, &mut fields, mistakes);
    let title = &product.description.title;
    let mut shell = cx
        .shell(words.text("portfolio-estimate-add"))
        .lead(words.text_with(
            "portfolio-estimate-lead",
            &[("product", title.as_str().into())],
        ))
        .crumb(words.text("portfolio-products"), "/products")
        .crumb(title, format!("/products/{}", product.id));
    shell.mistaken = !mistakes.is_empty();
    let action = format!("/products/{}/estimates", product.id);
    let submit = words.text("portfolio-estimate-submit");
    let form = Form::post(&shell, action, submit)
        .fields(fields)
        .summary(&words);
    Composed::new(shell).with(form)
}

pub(crate) async fn show_estimate(
    State(portfolio): State<Portfolio>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let product = find(&portfolio, id).await?;
    cx.actor
        .demand(&ADD_ESTIMATE, product.description.ministry_id)?;
    let today = portfolio.source.today();
    let as_of = [
        today.day().to_string(),
        today.month().to_string(),
        today.year().to_string(),
    ];
    let form = EstimateForm {
        as_of,
        ..EstimateForm::default()
    };
    Ok(Page(estimate_page(&cx, &product, &form, &[])))
}

pub(super) fn three(fields: &Fields, name: &str) -> [String; 3] {
    ["day", "month", "year"].map(|part| fields.text(&format!("{name}-{part}")).to_owned())
}

pub(crate) async fn add_estimate(
    State(portfolio): State<Portfolio>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = EstimateForm {
        as_of: three(&fields, "as_of"),
        cost: fields.text("cost").to_owned(),
        duration: fields.text("duration").to_owned(),
        phase: fields.text("phase").to_owned(),
        source: fields.text("source").to_owned(),
    };
    match portfolio.add_estimate(&cx.actor, id, &form).await {
        Ok(()) => Ok(SeeOther(format!("/products/{id}#estimates")).into_response()),
        Err(PortfolioError::Mistakes(mistakes)) => {
            let product = find(&portfolio, id).await?;
            Ok(FormAgain(estimate_page(&cx, &product, &form, &mistakes)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn rebaseline_page(
    cx: &Cx,
    product: &Product,
    form: &RebaselineForm,
    mistakes: &[Mistake],
) -> Composed {
    let words = cx.words();
    let effective = words.text("portfolio-effective-on");
    let mut fields = vec![
        Field::date_typed(&words, "effective_on", effective, form.effective_on.clone()),
        Field::amount(&words, "cost", words.text("portfolio-cost")).value(&form.cost),
        Field::text("duration", words.text("portfolio-duration"))
            .hint(words.text("portfolio-duration-hint"))
            .value(&form.duration)
            .unit(words.text("portfolio-years")),
        Field::lines(5, "reason", words.text("portfolio-reason"))
            .hint(words.text("portfolio-reason-hint"))
            .value(&form.reason),
    ];
    mark(&words, &mut fields, mistakes);
    let title = &product.description.title;
    let mut shell = cx
        .shell(words.text("portfolio-rebaseline"))
        .lead(words.text_with(
            "portfolio-rebaseline-lead",
            &[("product", title.as_str().into())],
        ))
        .crumb(words.text("portfolio-products"), "/products")
        .crumb(title, format!("/products/{}", product.id));
    shell.mistaken = !mistakes.is_empty();
    let action = format!("/products/{}/baseline", product.id);
    let submit = words.text("portfolio-rebaseline-submit");
    let form = Form::post(&shell, action, submit)
        .fields(fields)
        .summary(&words);
    let warning = words.text("portfolio-rebaseline-warning");
    Composed::new(shell)
        .with(Notice::new(Tone::Warning, "", warning))
        .with(form)
}

pub(crate) async fn show_rebaseline(
    State(portfolio): State<Portfolio>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let product = find(&portfolio, id).await?;
    cx.actor
        .demand(&REBASELINE, product.description.ministry_id)?;
    Ok(Page(rebaseline_page(
        &cx,
        &product,
        &RebaselineForm::default(),
        &[],
    )))
}

pub(crate) async fn rebaseline(
    State(portfolio): State<Portfolio>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = RebaselineForm {
        effective_on: three(&fields, "effective_on"),
        cost: fields.text("cost").to_owned(),
        duration: fields.text("duration").to_owned(),
        reason: fields.text("reason").to_owned(),
    };
    match portfolio.rebaseline(&cx.actor, id, &form).await {
        Ok(()) => Ok(SeeOther(format!("/products/{id}")).into_response()),
        Err(PortfolioError::Mistakes(mistakes)) => {
            let product = find(&portfolio, id).await?;
            Ok(FormAgain(rebaseline_page(&cx, &product, &form, &mistakes)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
