//! Rules by which flows are watched: the list, the form, what one would have done.

use std::collections::BTreeMap;

use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Query, Response, SeeOther, State,
    optional,
};
use kit_ui::{
    Actions, Cell, Composed, Facts, Field, Form, Notice, Shell, Table, Tone, Words, format,
};
use serde::Deserialize;
use uuid::Uuid;

use super::words::{address, columns, cursor, hint, instant, label, mark, named, pair, place};
use crate::access::EDIT_RULES;
use crate::domain::{Api, Effect, Mistake, Rule, RuleForm, RuleKind, Window};
use crate::store::{apis, head, operations};
use crate::{Exchange, ExchangeError, KeptRule, RuleFilter};

/// Rules on one page.
const PAGE_ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    producer: String,
    #[serde(default)]
    api: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
}

impl ListQuery {
    fn filter(&self) -> Result<RuleFilter, Failure> {
        Ok(RuleFilter {
            producer: optional("producer", &self.producer, |text| text.parse().ok())?,
            api: optional("api", &self.api, |text| text.parse().ok())?,
            is_on: optional("state", &self.state, |text| match text {
                "on" => Some(true),
                "off" => Some(false),
                _ => None,
            })?,
        })
    }
}

/// The producers for which the actor keeps rules: code and name; first all, for who keeps those of all.
pub(super) async fn producers(
    exchange: &Exchange,
    cx: &Cx,
) -> Result<Vec<(String, String)>, Failure> {
    let mut found = Vec::new();
    if cx.actor.may(&EDIT_RULES, None) {
        found.push((String::new(), cx.words().text("exchange-all-producers")));
    }
    for id in exchange.ruled(&cx.actor).await? {
        let party = head::party(&exchange.db, id)
            .await
            .map_err(ExchangeError::from)?;
        found.push((
            id.to_string(),
            party.map(|party| party.name).unwrap_or_default(),
        ));
    }
    Ok(found)
}

pub(super) async fn list(
    State(exchange): State<Exchange>,
    cx: Cx,
    Query(mut query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let of = producers(&exchange, &cx).await?;
    if query.producer.is_empty()
        && let Some((first, _)) = of.first()
    {
        query.producer.clone_from(first);
    }
    let shell = cx
        .shell(words.text("exchange-rules"))
        .lead(words.text("exchange-rules-lead"));
    let links = Actions(vec![
        (
            words.text("exchange-rule-add"),
            "/exchange/rules/new".to_owned(),
        ),
        (words.text("exchange-alerts"), "/exchange/alerts".to_owned()),
    ]);
    let page = Composed::new(shell).with(links);
    if of.is_empty() {
        return Ok(Page(page.text(words.text("exchange-rules-none"))));
    }
    let filter = query.filter()?;
    let from = place(&query.after);
    let found = exchange
        .rules(&cx.actor, &filter, from, PAGE_ROWS + 1)
        .await?;
    let base = |after: &str| {
        address(
            "/exchange/rules",
            &[
                ("producer", &query.producer),
                ("api", &query.api),
                ("state", &query.state),
                ("after", after),
            ],
        )
    };
    let (found, pages) = super::words::cut(found, PAGE_ROWS, &query.after, base, |last| {
        cursor(last.created_at, last.id)
    });
    let all = every_api(&exchange).await?;
    let any = || vec![(String::new(), words.text("exchange-any"))];
    let mut choices = any();
    let of_producer = |api: &&Api| {
        filter
            .producer
            .is_none_or(|producer| producer == api.producer)
    };
    choices.extend(
        all.iter()
            .filter(of_producer)
            .map(|api| (api.id.to_string(), api.profile.name.clone())),
    );
    let names: BTreeMap<Uuid, String> = all
        .into_iter()
        .map(|api| (api.id, api.profile.name))
        .collect();
    let rows = found.iter().map(|kept| {
        let state = match kept.on_since {
            Some(_) => Cell::status(Tone::Success, words.text("exchange-rule-on")),
            None => Cell::status(Tone::Info, words.text("exchange-rule-off")),
        };
        vec![
            Cell::link(&kept.rule.name, format!("/exchange/rules/{}", kept.id)),
            Cell::text(names.get(&kept.api).cloned().unwrap_or_default()),
            Cell::text(limit_text(&cx, &kept.rule)),
            effect(&words, &kept.rule),
            state,
            instant(&cx, Some(kept.updated_at)).note(&kept.changed_by),
        ]
    });
    let of_rules = columns(
        &words,
        &["rule", "api", "limit", "effect", "state", "changed"],
    );
    let table = Table::new(&words, "rules", words.text("exchange-rules"), of_rules)
        .rows(rows)
        .pages(pages)
        .empty(words.text("exchange-rules-empty"));
    let mut states = any();
    states.extend(named(&words, "exchange-rule-", &["on", "off"]));
    let mut narrow = Form::filters("/exchange/rules", words.text("exchange-filter"));
    if of.len() > 1 {
        narrow = narrow
            .field(Field::select("producer", label(&words, "producer"), of).value(&query.producer));
    }
    let narrow = narrow
        .field(Field::select("api", label(&words, "rule_api"), choices).value(&query.api))
        .field(Field::select("state", label(&words, "status"), states).value(&query.state));
    Ok(Page(page.with(narrow).with(table)))
}

async fn every_api(exchange: &Exchange) -> Result<Vec<Api>, Failure> {
    let all = apis::every(&exchange.db).await;
    Ok(all.map_err(ExchangeError::from)?)
}

/// What a rule lets pass, in one line.
pub(super) fn limit_text(cx: &Cx, rule: &Rule) -> String {
    let words = cx.words();
    let count = |number: u64| format::count(cx.locale, i64::try_from(number).unwrap_or(i64::MAX));
    let window = words.text(&format!("exchange-within-{}", rule.window.code()));
    let args = [
        ("limit", count(rule.limit).into()),
        ("least", count(rule.calls_min).into()),
        ("window", window.into()),
    ];
    words.text_with(&format!("exchange-limit-{}", rule.kind.code()), &args)
}

fn effect(words: &Words, rule: &Rule) -> Cell {
    let text = words.text(&format!("exchange-effect-{}", rule.effect.code()));
    let tone = match rule.effect {
        Effect::Alert => Tone::Info,
        Effect::SuspendApi | Effect::Suspend => Tone::Warning,
    };
    Cell::status(tone, text)
}

/// What a rule says, fact by fact.
pub(super) fn facts(cx: &Cx, rule: &Rule, operation: &str) -> Facts {
    let words = cx.words();
    let mut facts = Facts::default()
        .text(label(&words, "rule_name"), &rule.name)
        .text(
            label(&words, "rule_kind"),
            words.text(&format!("exchange-rule-{}", rule.kind.code())),
        )
        .text(label(&words, "rule_limit"), limit_text(cx, rule))
        .text(label(&words, "rule_operation"), operation);
    if let Some(hours) = rule.hours {
        let days = (1..=7)
            .zip(hours.days)
            .filter(|(_, is_allowed)| *is_allowed)
            .map(|(day, _)| (words.text(&format!("exchange-day-{day}")), None));
        facts = facts
            .text(
                label(&words, "rule_hours"),
                words.text_with(
                    "exchange-rule-from-to",
                    &[
                        ("from", hours.from.to_string().into()),
                        ("to", hours.to.to_string().into()),
                    ],
                ),
            )
            .list(label(&words, "days"), days.collect())
            .text(
                label(&words, "holidays"),
                words.text(if hours.holidays {
                    "exchange-yes"
                } else {
                    "exchange-no"
                }),
            );
    }
    facts.text(
        label(&words, "effect"),
        words.text(&format!("exchange-effect-{}", rule.effect.code())),
    )
}

/// The fields of a rule's form, but for its API.
async fn fields(
    exchange: &Exchange,
    cx: &Cx,
    api: Uuid,
    form: &RuleForm,
    mistakes: &[Mistake],
) -> Result<Vec<Field>, Failure> {
    let words = cx.words();
    let of_api = operations::of_api(&exchange.db, api)
        .await
        .map_err(ExchangeError::from)?;
    let mut operations = vec![(String::new(), words.text("exchange-rule-whole-api"))];
    let still = of_api.into_iter().filter(|one| !one.is_removed);
    operations.extend(still.map(|one| (one.id.to_string(), one.described.name)));
    let kinds: Vec<_> = RuleKind::ALL.iter().map(|one| one.code()).collect();
    let windows: Vec<_> = Window::ALL.iter().map(|one| one.code()).collect();
    let effects: Vec<_> = Effect::ALL.iter().map(|one| one.code()).collect();
    let digits = |name: &str, of: &str, value: &str| {
        let mut field = Field::text(name, label(&words, of))
            .hint(hint(&words, of))
            .value(value)
            .length_max(15);
        field.inputmode = "numeric";
        field
    };
    let days = (1..=7)
        .map(|day: u8| {
            let code = day.to_string();
            let is_ticked = form.days.contains(&code);
            (code, words.text(&format!("exchange-day-{day}")), is_ticked)
        })
        .collect();
    let holidays = vec![(
        "1".to_owned(),
        words.text("exchange-rule-holidays"),
        form.holidays,
    )];
    let mut fields = vec![
        Field::text("name", label(&words, "rule_name"))
            .hint(hint(&words, "rule_name"))
            .value(&form.name)
            .length_max(100)
            .required(),
        Field::select("operation", label(&words, "rule_operation"), operations)
            .value(&form.operation),
        Field::radios(
            "kind",
            label(&words, "rule_kind"),
            named(&words, "exchange-rule-", &kinds),
        )
        .value(&form.kind),
        Field::radios(
            "window",
            label(&words, "window"),
            named(&words, "exchange-window-", &windows),
        )
        .value(&form.window),
        digits("limit", "rule_limit", &form.limit).required(),
        Field::radios(
            "effect",
            label(&words, "effect"),
            named(&words, "exchange-effect-", &effects),
        )
        .hint(hint(&words, "effect"))
        .value(&form.effect),
        Field::section(words.text("exchange-rule-of-errors")),
        digits("calls_min", "calls_min", &form.calls_min),
        Field::section(words.text("exchange-rule-of-hours")),
        digits("from_hour", "from_hour", &form.from_hour),
        digits("to_hour", "to_hour", &form.to_hour),
        Field::boxes("days", label(&words, "days"), days),
        Field::boxes("holidays", label(&words, "holidays"), holidays),
    ];
    mark(&words, &mut fields, mistakes);
    Ok(fields)
}

fn typed(fields: &Fields) -> RuleForm {
    let text = |name| fields.text(name).to_owned();
    RuleForm {
        api: text("api"),
        operation: text("operation"),
        name: text("name"),
        kind: text("kind"),
        window: text("window"),
        limit: text("limit"),
        calls_min: text("calls_min"),
        from_hour: text("from_hour"),
        to_hour: text("to_hour"),
        days: fields.all("days").take(7).map(str::to_owned).collect(),
        holidays: fields.has("holidays"),
        effect: text("effect"),
    }
}

fn shell(cx: &Cx, title: String) -> Shell {
    let words = cx.words();
    cx.shell(title)
        .crumb(words.text("exchange-rules"), "/exchange/rules")
}

async fn new_page(
    exchange: &Exchange,
    cx: &Cx,
    form: &RuleForm,
    mistakes: &[Mistake],
) -> Result<Composed, Failure> {
    let words = cx.words();
    let all = every_api(exchange).await?;
    let mine = |api: &&Api| cx.actor.may(&EDIT_RULES, Some(api.producer));
    let chosen = form.api.parse::<Uuid>().ok();
    let mut shell = shell(cx, words.text("exchange-rule-add"));
    let Some(api) = all
        .iter()
        .filter(mine)
        .find(|api| chosen.is_some_and(|id| api.id == id))
    else {
        let choices = all
            .iter()
            .filter(mine)
            .map(|api| (api.id.to_string(), api.profile.name.clone()))
            .collect();
        let choose = Form::filters("/exchange/rules/new", words.text("exchange-rule-choose"))
            .field(Field::select("api", label(&words, "rule_api"), choices));
        return Ok(Composed::new(shell.lead(words.text("exchange-rule-choose-lead"))).with(choose));
    };
    shell.mistaken = !mistakes.is_empty();
    let shell = shell.lead(pair(&words, &label(&words, "rule_api"), &api.profile.name));
    let fields = fields(exchange, cx, api.id, form, mistakes).await?;
    let submit = words.text("exchange-rule-keep-off");
    let html = Form::post(&shell, "/exchange/rules/new", submit)
        .hidden("api", api.id.to_string())
        .fields(fields)
        .summary(&words);
    let mut page = Composed::new(shell);
    // What is wrong with the API has no field of its own.
    for one in mistakes.iter().filter(|one| one.field == "api") {
        let text = super::words::mistake_text(&words, one);
        page = page.with(Notice::new(Tone::Error, words.text("exchange-rules"), text));
    }
    Ok(page.text(words.text("exchange-rule-new-lead")).with(html))
}

/// What a new form says already.
#[derive(Debug, Default, Deserialize)]
pub(super) struct NewQuery {
    #[serde(default)]
    api: String,
}

pub(super) async fn show_new(
    State(exchange): State<Exchange>,
    cx: Cx,
    Query(query): Query<NewQuery>,
) -> Result<Page<Composed>, Failure> {
    let form = RuleForm {
        api: query.api,
        kind: RuleKind::Volume.code().to_owned(),
        window: Window::Hour.code().to_owned(),
        effect: Effect::Alert.code().to_owned(),
        calls_min: "20".to_owned(),
        from_hour: "7".to_owned(),
        to_hour: "20".to_owned(),
        days: (1..=5).map(|day| day.to_string()).collect(),
        ..RuleForm::default()
    };
    Ok(Page(new_page(&exchange, &cx, &form, &[]).await?))
}

pub(super) async fn add(
    State(exchange): State<Exchange>,
    cx: Cx,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = typed(&fields);
    match exchange.add_rule(&cx.actor, &form).await {
        Ok(id) => Ok(SeeOther(format!("/exchange/rules/{id}")).into_response()),
        Err(ExchangeError::Mistakes(mistakes)) => {
            let page = new_page(&exchange, &cx, &form, &mistakes).await?;
            Ok(FormAgain(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// What is shown of a change that came too late.
enum Late {
    No,
    /// Somebody changed it first.
    Yes,
}

async fn rule_page(
    exchange: &Exchange,
    cx: &Cx,
    kept: &KeptRule,
    form: &RuleForm,
    mistakes: &[Mistake],
    late: Late,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let api = apis::find(&exchange.db, kept.api)
        .await
        .map_err(ExchangeError::from)?;
    let api = api.map(|api| api.profile.name).unwrap_or_default();
    let mut shell =
        shell(cx, kept.rule.name.clone()).lead(pair(&words, &label(&words, "rule_api"), &api));
    shell.mistaken = !mistakes.is_empty();
    let of = |rest: &str| format!("/exchange/rules/{}{rest}", kept.id);
    let mut page = Composed::new(shell.clone());
    if matches!(late, Late::Yes) {
        let who = [
            ("name", kept.changed_by.as_str().into()),
            ("when", format::instant(cx.locale, kept.updated_at).into()),
        ];
        page = page
            .with(Notice::new(
                Tone::Warning,
                words.text_with("exchange-rule-late", &who),
                words.text("exchange-rule-late-text"),
            ))
            .with(facts(
                cx,
                &kept.rule,
                &operation_name(exchange, kept.operation).await?,
            ));
    }
    let (tone, state, submit, to) = match kept.on_since {
        Some(_) => (
            Tone::Success,
            "exchange-rule-is-on",
            "exchange-rule-switch-off",
            "0",
        ),
        None => (
            Tone::Info,
            "exchange-rule-is-off",
            "exchange-rule-switch-on",
            "1",
        ),
    };
    page = page.with(Notice::new(
        tone,
        words.text(state),
        limit_text(cx, &kept.rule),
    ));
    let tried = exchange.try_rule(&cx.actor, kept.id).await?;
    page = super::tried::part(exchange, cx, kept, &tried, page).await?;
    let switch = Form::post(&shell, of("/switch"), words.text(submit))
        .hidden("version", kept.row_version.to_string())
        .hidden("on", to);
    let fields = fields(exchange, cx, kept.api, form, mistakes).await?;
    let edit = Form::post(&shell, of(""), words.text("exchange-save"))
        .hidden("version", kept.row_version.to_string())
        .fields(fields)
        .summary(&words);
    Ok(page
        .with(switch)
        .heading(words.text("exchange-rule-edit"))
        .with(edit))
}

/// The name of an operation, or that there is none alone.
pub(super) async fn operation_name(
    exchange: &Exchange,
    operation: Option<Uuid>,
) -> Result<String, Failure> {
    let Some(id) = operation else {
        return Ok(String::new());
    };
    let found = operations::find(&exchange.db, id)
        .await
        .map_err(ExchangeError::from)?;
    Ok(found.map(|one| one.described.name).unwrap_or_default())
}

pub(super) async fn show(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let kept = exchange.rule(&cx.actor, id).await?;
    let form = RuleForm::of(kept.api, kept.operation, &kept.rule);
    Ok(Page(
        rule_page(&exchange, &cx, &kept, &form, &[], Late::No).await?,
    ))
}

pub(super) async fn change(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = typed(&fields);
    let version = fields.text("version").parse().unwrap_or_default();
    let (mistakes, late) = match exchange.change_rule(&cx.actor, id, version, &form).await {
        Ok(()) => return Ok(SeeOther(format!("/exchange/rules/{id}")).into_response()),
        Err(ExchangeError::Mistakes(mistakes)) => (mistakes, Late::No),
        Err(ExchangeError::Stale) => (Vec::new(), Late::Yes),
        Err(error) => return Err(error.into()),
    };
    let mut kept = exchange.rule(&cx.actor, id).await?;
    if matches!(late, Late::No) {
        // What was typed was typed against that version.
        kept.row_version = version;
    }
    let page = rule_page(&exchange, &cx, &kept, &form, &mistakes, late).await?;
    Ok(FormAgain(page).into_response())
}

pub(super) async fn switch(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let version = fields.text("version").parse().unwrap_or_default();
    let is_on = fields.text("on") == "1";
    match exchange.switch_rule(&cx.actor, id, version, is_on).await {
        Ok(()) => Ok(SeeOther(format!("/exchange/rules/{id}")).into_response()),
        Err(ExchangeError::Stale) => {
            let kept = exchange.rule(&cx.actor, id).await?;
            let form = RuleForm::of(kept.api, kept.operation, &kept.rule);
            let page = rule_page(&exchange, &cx, &kept, &form, &[], Late::Yes).await?;
            Ok(FormAgain(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
