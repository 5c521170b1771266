//! Identity providers, for those who run the platform.

use kit_egress::{HostHealth, HostState};
use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Query, Response, SeeOther, State,
};
use kit_ui::{
    Actions, Cell, Column, Composed, Facts, Field, Form, Notice, Pages, Table, Tone, format,
};
use serde::Deserialize;
use uuid::Uuid;

use super::incidents::incident_table;
use super::provider_form::{self, For};
use crate::access::EDIT_PROVIDERS;
use crate::domain::{Mistake, Provider, ProviderForm, told_rules};
use crate::{Identity, IdentityError};

/// Providers on one page.
const PAGE_ROWS: u32 = 50;

#[derive(Debug, Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: String,
}

fn state(cx: &Cx, provider: &Provider) -> Cell {
    let words = cx.words();
    if provider.suspended {
        Cell::status(Tone::Error, words.text("identity-state-suspended"))
    } else {
        Cell::status(Tone::Success, words.text("identity-state-open"))
    }
}

fn good_at(cx: &Cx, provider: &Provider) -> String {
    match provider.good_at {
        Some(at) => format::instant(cx.locale, at),
        None => cx.words().text("identity-provider-never"),
    }
}

pub(super) async fn list(
    State(identity): State<Identity>,
    cx: Cx,
    Query(after): Query<After>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let found = identity.providers(&cx.actor, &after.after, PAGE_ROWS + 1);
    let (mut providers, total) = found.await?;
    let more = providers.len() > PAGE_ROWS as usize;
    providers.truncate(PAGE_ROWS as usize);
    let next = providers.last().filter(|_| more);
    let next = next.map(|last| format!("/providers?after={}", last.draft.code));
    let columns = ["provider", "audience", "state", "good-at"]
        .map(|column| Column::text(words.text(&format!("identity-column-{column}"))));
    let rows = providers.iter().map(|provider| {
        let draft = &provider.draft;
        let audience = draft.audience.code();
        vec![
            Cell::link(&draft.name, format!("/providers/{}", provider.id)).note(&draft.code),
            Cell::text(words.text(&format!("identity-audience-{audience}"))),
            state(&cx, provider),
            Cell::text(good_at(&cx, provider)),
        ]
    });
    let caption = words.text("identity-providers");
    let table = Table::new(&words, "providers", caption, columns.into())
        .rows(rows)
        .total(Some(total))
        .pages(Pages {
            previous: None,
            next,
        })
        .empty(words.text("identity-providers-empty"));
    let shell = cx
        .shell(words.text("identity-providers"))
        .lead(words.text("identity-providers-lead"));
    let link = |key: &str, href: &str| (words.text(key), href.to_owned());
    let mut actions = Vec::new();
    if cx.actor.may(&EDIT_PROVIDERS, None) {
        actions.push(link("identity-provider-add", "/providers/new"));
    }
    actions.push(link("identity-incidents", "/providers/incidents"));
    Ok(Page(
        Composed::new(shell).with(Actions(actions)).with(table),
    ))
}

fn new_form(cx: &Cx) -> For {
    For {
        title: cx.words().text("identity-provider-add"),
        action: "/providers".to_owned(),
        version: None,
    }
}

fn edit_form(cx: &Cx, id: Uuid, version: i64) -> For {
    For {
        title: cx.words().text("identity-provider-edit"),
        action: format!("/providers/{id}/edit"),
        version: Some(version),
    }
}

pub(super) async fn show_new(cx: Cx) -> Page<Composed> {
    let fresh = ProviderForm::fresh();
    Page(provider_form::page(&cx, new_form(&cx), &fresh, &[]))
}

pub(super) async fn register(
    State(identity): State<Identity>,
    cx: Cx,
    fields: Fields,
) -> Result<Response, Failure> {
    let (form, secret) = provider_form::typed(&fields);
    match identity.register_provider(&cx.actor, &form, &secret).await {
        Ok(id) => Ok(SeeOther(format!("/providers/{id}")).into_response()),
        Err(IdentityError::Mistakes(mistakes)) => {
            let page = provider_form::page(&cx, new_form(&cx), &form, &mistakes);
            Ok(FormAgain(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn show_edit(
    State(identity): State<Identity>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let provider = identity.provider(&cx.actor, id).await?;
    let form = ProviderForm::of(&provider);
    let goal = edit_form(&cx, id, provider.version);
    Ok(Page(provider_form::page(&cx, goal, &form, &[])))
}

pub(super) async fn change(
    State(identity): State<Identity>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let (form, secret) = provider_form::typed(&fields);
    let version = fields.text("version").parse().unwrap_or_default();
    let changed = identity.change_provider(&cx.actor, id, version, &form, &secret);
    match changed.await {
        Ok(()) => Ok(SeeOther(format!("/providers/{id}")).into_response()),
        Err(IdentityError::Mistakes(mistakes)) => {
            let goal = edit_form(&cx, id, version);
            let page = provider_form::page(&cx, goal, &form, &mistakes);
            Ok(FormAgain(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn show(
    State(identity): State<Identity>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    Ok(Page(detail(&identity, &cx, id, None, &[]).await?))
}

/// A provider; with the outcome of a trial, or the mistakes of the form that suspends it.
async fn detail(
    identity: &Identity,
    cx: &Cx,
    id: Uuid,
    tried: Option<Notice>,
    mistakes: &[Mistake],
) -> Result<Composed, Failure> {
    let words = cx.words();
    let provider = identity.provider(&cx.actor, id).await?;
    let mut shell = cx
        .shell(&provider.draft.name)
        .crumb(words.text("identity-providers"), "/providers");
    shell.mistaken = !mistakes.is_empty();
    let mut page = Composed::new(shell.clone());
    if let Some(notice) = tried {
        page = page.with(notice);
    }
    if provider.suspended {
        page = page.with(Notice::new(
            Tone::Warning,
            words.text("identity-state-suspended"),
            provider.suspended_for.clone(),
        ));
    }
    let may_edit = cx.actor.may(&EDIT_PROVIDERS, None);
    if may_edit {
        let edit = words.text("identity-provider-edit");
        page = page.with(Actions(vec![(edit, format!("/providers/{id}/edit"))]));
    }
    page = page.with(facts(identity, cx, &provider));
    page = page
        .heading(words.text("identity-provider-health"))
        .with(health_table(cx, identity.provider_health(&provider)))
        .with(Form::post(
            &shell,
            format!("/providers/{id}/try"),
            words.text("identity-provider-try"),
        ))
        .with(figure_table(identity, cx, id).await?)
        .with(
            incident_table(
                identity,
                cx,
                identity.provider_incidents(&cx.actor, id).await?,
            )
            .await?,
        );
    if may_edit {
        page = page
            .heading(words.text("identity-suspend-title"))
            .text(words.text("identity-provider-suspend-lead"))
            .with(suspend_form(cx, &shell, &provider, mistakes));
    }
    Ok(page)
}

fn facts(identity: &Identity, cx: &Cx, provider: &Provider) -> Facts {
    let words = cx.words();
    let draft = &provider.draft;
    let label = |name: &str| words.text(&format!("identity-provider-field-{name}"));
    let plain = |list: Vec<&str>| list.into_iter().map(|one| (one.to_owned(), None)).collect();
    let mut facts = Facts::default()
        .text(
            words.text("identity-provider-return"),
            identity.return_address(&draft.code),
        )
        .text(
            words.text("identity-provider-sign-out-return"),
            identity.url("/sign-out/return"),
        )
        .text(
            words.text("identity-provider-logout"),
            identity.url(&format!("/api/v2/provider/{}/logout", draft.code)),
        )
        .text(
            words.text("identity-provider-keys"),
            identity.url("/api/v2/jwks"),
        )
        .text(label("issuer"), &draft.issuer)
        .text(label("client_id"), &draft.client_id)
        .text(
            label("auth_method"),
            words.text(&format!(
                "identity-provider-method-{}",
                draft.auth_method.code()
            )),
        )
        .text(label("scopes"), &draft.scopes)
        .text(
            label("foreign_domain"),
            words.text(&format!("identity-foreign-{}", draft.foreign_domain.code())),
        )
        .text(
            label("level_max"),
            words.text(&format!("identity-level-{}", draft.level_max.name())),
        );
    if !draft.domains.is_empty() {
        let domains = draft.domains.iter().map(String::as_str).collect();
        facts = facts.list(label("domains"), plain(domains));
    }
    let rules = told_rules(&draft.level_rules);
    if !rules.is_empty() {
        facts = facts.list(label("levels"), plain(rules.lines().collect()));
    }
    for (rule, is_on) in [
        ("is_default", draft.is_default),
        ("creates_accounts", draft.creates_accounts),
    ] {
        if is_on {
            let told = words.text(&format!("identity-provider-rule-{rule}"));
            facts = facts.text(label("rules"), told);
        }
    }
    facts.text(words.text("identity-column-good-at"), good_at(cx, provider))
}

fn health_table(cx: &Cx, hosts: Vec<HostHealth>) -> Table {
    let words = cx.words();
    let columns = ["host", "state", "failure", "answered-at"]
        .map(|column| Column::text(words.text(&format!("identity-column-{column}"))));
    let instant = |at| Cell::text(format::instant(cx.locale, at));
    let rows = hosts.into_iter().map(|host| {
        let state = match host.state {
            HostState::Open if host.failures == 0 => {
                Cell::status(Tone::Success, words.text("identity-host-open"))
            }
            HostState::Open | HostState::Trial => {
                Cell::status(Tone::Warning, words.text("identity-host-trial"))
            }
            HostState::Resting { until } => Cell::status(
                Tone::Error,
                words.text_with(
                    "identity-host-resting",
                    &[("until", format::instant(cx.locale, until).into())],
                ),
            ),
        };
        vec![
            Cell::text(host.origin),
            state,
            host.failure.map_or_else(Cell::unknown, Cell::text),
            host.answered_at.map_or_else(Cell::unknown, instant),
        ]
    });
    let caption = words.text("identity-provider-hosts");
    Table::new(&words, "hosts", caption, columns.into())
        .rows(rows)
        .empty(words.text("identity-provider-hosts-empty"))
}

/// Sign-ins by level and failures by cause in the last thirty days.
async fn figure_table(identity: &Identity, cx: &Cx, id: Uuid) -> Result<Table, Failure> {
    let words = cx.words();
    let columns = vec![
        Column::text(words.text("identity-column-outcome")),
        Column::text(words.text("identity-column-level")),
        Column::number(words.text("identity-column-number")),
    ];
    let sums = identity.provider_month(&cx.actor, id).await?;
    let rows = sums.into_iter().map(|(outcome, level, number)| {
        let key = if outcome == "sign-in" {
            "identity-outcome-sign-in".to_owned()
        } else {
            format!("identity-cause-{outcome}")
        };
        let level = if level.is_empty() {
            Cell::unknown()
        } else {
            Cell::text(words.text(&format!("identity-level-{level}")))
        };
        vec![
            Cell::text(words.text(&key)),
            level,
            Cell::number(format::count(cx.locale, number), number),
        ]
    });
    let caption = words.text("identity-provider-figures");
    Ok(Table::new(&words, "provider-figures", caption, columns)
        .rows(rows)
        .empty(words.text("identity-figures-empty")))
}

fn suspend_form(cx: &Cx, shell: &kit_ui::Shell, provider: &Provider, mistakes: &[Mistake]) -> Form {
    let words = cx.words();
    let action = format!("/providers/{}/suspended", provider.id);
    if provider.suspended {
        let resume = words.text("identity-provider-resume");
        return Form::post(shell, action, resume).hidden("suspended", "false");
    }
    let problem = mistakes.iter().find(|mistake| mistake.field == "reason");
    let reason = Field::lines(2, "reason", words.text("identity-provider-reason"))
        .length_max(500)
        .required()
        .error(problem.map(|mistake| words.text(mistake.key)));
    Form::post(shell, action, words.text("identity-provider-suspend"))
        .hidden("suspended", "true")
        .field(reason)
        .summary(&words)
        .danger()
}

pub(super) async fn suspend(
    State(identity): State<Identity>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let suspended = fields.text("suspended") == "true";
    let why = fields.text("reason");
    match identity
        .suspend_provider(&cx.actor, id, suspended, why)
        .await
    {
        Ok(()) => Ok(SeeOther(format!("/providers/{id}")).into_response()),
        Err(IdentityError::Mistakes(mistakes)) => {
            let page = detail(&identity, &cx, id, None, &mistakes).await?;
            Ok(FormAgain(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// Asks for the description now, and says what came of it.
pub(super) async fn try_now(
    State(identity): State<Identity>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let notice = match identity.try_provider(&cx.actor, id).await? {
        Ok(metadata) => {
            let end = metadata.end_session.unwrap_or_default();
            let told = words.text_with(
                "identity-provider-tried-text",
                &[
                    ("authorization", metadata.authorization.as_str().into()),
                    ("token", metadata.token.as_str().into()),
                    ("jwks", metadata.jwks.as_str().into()),
                    ("end", end.as_str().into()),
                ],
            );
            Notice::new(Tone::Success, words.text("identity-provider-tried"), told)
        }
        Err(failure) => {
            let cause = words.text(&format!("identity-cause-{}", failure.cause.code()));
            let told = words.text_with(
                "identity-provider-failed-text",
                &[
                    ("cause", cause.as_str().into()),
                    ("detail", failure.detail.as_str().into()),
                ],
            );
            Notice::new(Tone::Error, words.text("identity-provider-failed"), told)
        }
    };
    Ok(Page(detail(&identity, &cx, id, Some(notice), &[]).await?))
}
