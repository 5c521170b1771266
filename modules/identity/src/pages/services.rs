//! Services, for those who run the platform.

use jiff::{SignedDuration, Timestamp};
use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Query, Response, SeeOther, State,
};
use kit_ui::{
    Actions, Cell, Chart, Column, Composed, Facts, Field, Form, Notice, Pages, Table, Tone, format,
};
use ports::{OrganisationSummary, PortError};
use serde::Deserialize;
use uuid::Uuid;

use super::own::scope_words;
use super::service_form;
use crate::access::EDIT_SERVICES;
use crate::domain::Client;
use crate::figures::OUTCOMES;
use crate::services::SecretShown;
use crate::{Identity, IdentityError};

/// Services on one page.
const PAGE_ROWS: u32 = 50;
/// Days of the chart.
const DAYS: i64 = 30;
/// Seconds of a day.
const DAY: i64 = 86_400;

#[derive(Debug, Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after_name: String,
    #[serde(default)]
    after: Uuid,
}

async fn organisations(identity: &Identity) -> Result<Vec<OrganisationSummary>, Failure> {
    let all = identity.organisations.all(None).await;
    all.map_err(|PortError(error)| Failure::internal(error))
}

pub(super) async fn list(
    State(identity): State<Identity>,
    cx: Cx,
    Query(after): Query<After>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let place = (after.after_name.as_str(), after.after);
    let (mut services, total) = identity.services(&cx.actor, place, PAGE_ROWS + 1).await?;
    let more = services.len() > PAGE_ROWS as usize;
    services.truncate(PAGE_ROWS as usize);
    let next = services.last().filter(|_| more).map(|last| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("after_name", &last.draft.name);
        query.append_pair("after", &last.id.to_string());
        format!("/services?{}", query.finish())
    });
    let totals = identity.month_totals().await?;
    let month = |id: Uuid, outcome: &str| {
        totals
            .iter()
            .find(|(client, name, _)| *client == id && name == outcome)
            .map_or(0, |(_, _, number)| *number)
    };
    let columns = vec![
        Column::text(words.text("identity-column-service")),
        Column::text(words.text("identity-field-profile")),
        Column::text(words.text("identity-column-state")),
        Column::number(words.text("identity-column-sign-ins")),
        Column::number(words.text("identity-column-failures")),
    ];
    let table = Table::new(&words, "services", words.text("identity-services"), columns)
        .rows(services.iter().map(|service| {
            let signed_in = month(service.id, "sign-in");
            let failed = month(service.id, "refused") + month(service.id, "invalid");
            let profile = service.draft.profile.code();
            vec![
                Cell::link(&service.draft.name, format!("/services/{}", service.id)),
                Cell::text(words.text(&format!("identity-profile-{profile}"))),
                state(&cx, service),
                Cell::number(format::count(cx.locale, signed_in), signed_in),
                Cell::number(format::count(cx.locale, failed), failed),
            ]
        }))
        .total(Some(total))
        .pages(Pages {
            previous: None,
            next,
        })
        .empty(words.text("identity-services-empty"));
    let shell = cx
        .shell(words.text("identity-services"))
        .lead(words.text("identity-services-lead"));
    let mut page = Composed::new(shell.clone());
    let may_edit = cx.actor.may_somewhere(&EDIT_SERVICES);
    if may_edit {
        let add = (
            words.text("identity-service-add"),
            "/services/new".to_owned(),
        );
        page = page.with(Actions(vec![add]));
    }
    page = page.with(table);
    if cx.actor.may(&EDIT_SERVICES, None) {
        page = page
            .heading(words.text("identity-keys"))
            .text(words.text("identity-keys-lead"))
            .with(key_table(&identity, &cx).await?)
            .with(Form::post(&shell, "/services/keys", words.text("identity-keys-rotate")).danger())
            .heading(words.text("identity-citizen-key"))
            .text(words.text("identity-citizen-key-lead"))
            .with(
                Form::post(
                    &shell,
                    "/services/citizen-key",
                    words.text("identity-citizen-key-rotate"),
                )
                .danger(),
            );
    }
    Ok(Page(page))
}

async fn key_table(identity: &Identity, cx: &Cx) -> Result<Table, Failure> {
    let words = cx.words();
    let columns = ["key", "algorithm", "signs-from", "shown-until"]
        .map(|column| Column::text(words.text(&format!("identity-column-{column}"))));
    let keys = identity.key_list().await?;
    let rows = keys.into_iter().map(|(kid, algorithm, from, until)| {
        let until = until.map_or_else(Cell::unknown, |at| {
            Cell::text(format::instant(cx.locale, at))
        });
        vec![
            Cell::text(kid),
            Cell::text(algorithm),
            Cell::text(format::instant(cx.locale, from)),
            until,
        ]
    });
    let caption = words.text("identity-keys");
    Ok(Table::new(&words, "keys", caption, columns.into()).rows(rows))
}

fn state(cx: &Cx, service: &Client) -> Cell {
    let words = cx.words();
    if service.suspended {
        Cell::status(Tone::Error, words.text("identity-state-suspended"))
    } else {
        Cell::status(Tone::Success, words.text("identity-state-open"))
    }
}

pub(super) async fn show_new(
    State(identity): State<Identity>,
    cx: Cx,
) -> Result<Page<Composed>, Failure> {
    let places = organisations(&identity).await?;
    let title = cx.words().text("identity-service-add");
    let form = service_form::fresh();
    let action = "/services".to_owned();
    Ok(Page(service_form::page(
        &cx,
        title,
        action,
        None,
        &form,
        &places,
        &[],
    )))
}

pub(super) async fn register(
    State(identity): State<Identity>,
    cx: Cx,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = service_form::typed(&fields);
    match identity.register(&cx.actor, &form).await {
        Ok(service) => {
            let page = shown_once(&cx, service.id, &service.client_id, service.secret.as_ref());
            Ok(Page(page).into_response())
        }
        Err(IdentityError::Mistakes(mistakes)) => {
            let places = organisations(&identity).await?;
            let title = cx.words().text("identity-service-add");
            let action = "/services".to_owned();
            let page = service_form::page(&cx, title, action, None, &form, &places, &mistakes);
            Ok(FormAgain(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// The one page that shows a secret.
fn shown_once(cx: &Cx, id: Uuid, client_id: &str, secret: Option<&SecretShown>) -> Composed {
    let words = cx.words();
    let shell = cx
        .shell(words.text("identity-registered"))
        .crumb(words.text("identity-services"), "/services");
    let mut facts = Facts::default().text(words.text("identity-client-id"), client_id);
    let mut page = Composed::new(shell);
    if let Some(SecretShown(secret)) = secret {
        facts = facts.text(words.text("identity-secret"), secret);
        page = page.with(Notice::new(
            Tone::Warning,
            words.text("identity-secret-once"),
            words.text("identity-secret-once-text"),
        ));
    }
    let on = (
        words.text("identity-service-open"),
        format!("/services/{id}"),
    );
    page.with(facts).with(Actions(vec![on]))
}

pub(super) async fn show(
    State(identity): State<Identity>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let service = identity.service(&cx.actor, id).await?;
    let draft = &service.draft;
    let label = |name: &str| words.text(&format!("identity-field-{name}"));
    let address = |list: &[String]| list.iter().map(|one| (one.clone(), None)).collect();
    let organisation = match draft.organisation_id {
        None => None,
        Some(wanted) => organisations(&identity)
            .await?
            .into_iter()
            .find(|one| one.id.0 == wanted),
    };
    let mut facts = Facts::default().text(label("purpose"), &draft.purpose);
    if let Some(organisation) = organisation {
        let href = format!("/organisations/{}", organisation.id);
        facts = facts.link(label("organisation"), organisation.name, href);
    }
    let method = draft.auth_method.code();
    facts = facts
        .text(words.text("identity-client-id"), &service.client_id)
        .text(words.text("identity-issuer"), &*identity.issuer)
        .text(
            label("audience"),
            words.text(&format!(
                "identity-service-audience-{}",
                draft.audience.code()
            )),
        )
        .text(
            label("profile"),
            words.text(&format!("identity-profile-{}", draft.profile.code())),
        )
        .text(
            label("auth_method"),
            words.text(&format!("identity-method-{method}")),
        )
        .text(label("scopes"), scope_words(&words, &draft.scopes))
        .list(label("redirect_uris"), address(&draft.redirect_uris));
    if !draft.post_logout_redirect_uris.is_empty() {
        let list = address(&draft.post_logout_redirect_uris);
        facts = facts.list(label("post_logout_redirect_uris"), list);
    }
    if let Some(logout) = &draft.backchannel_logout_uri {
        facts = facts.text(label("backchannel_logout_uri"), logout);
    }
    let shell = cx
        .shell(&draft.name)
        .crumb(words.text("identity-services"), "/services")
        .with_charts();
    let mut page = Composed::new(shell.clone());
    if service.suspended {
        page = page.with(Notice::new(
            Tone::Warning,
            words.text("identity-state-suspended"),
            words.text("identity-suspended-text"),
        ));
    }
    let may_edit = cx.actor.may(&EDIT_SERVICES, draft.organisation_id);
    if may_edit {
        let edit = (
            words.text("identity-service-edit"),
            format!("/services/{id}/edit"),
        );
        page = page.with(Actions(vec![edit]));
    }
    page = page.with(facts);
    page = figures(&identity, &cx, id, page).await?;
    if may_edit {
        page = forms(&identity, &cx, &service, page).await?;
    }
    Ok(Page(page))
}

/// Sign-ins and failures by day.
async fn figures(
    identity: &Identity,
    cx: &Cx,
    id: Uuid,
    page: Composed,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let since = cx.now() - SignedDuration::from_hours(24 * DAYS);
    let hours = identity.hours_of(id, since).await?;
    let mut days: std::collections::BTreeMap<i64, [i64; 4]> = std::collections::BTreeMap::new();
    for (hour, outcome, number) in hours {
        let day = hour.div_euclid(DAY) * DAY;
        if let Some(at) = OUTCOMES.iter().position(|one| *one == outcome) {
            days.entry(day).or_default()[at] += number;
        }
    }
    let mut columns = vec![Column::text(words.text("identity-column-day"))];
    for outcome in OUTCOMES {
        columns.push(Column::number(
            words.text(&format!("identity-outcome-{outcome}")),
        ));
    }
    let is_empty = days.is_empty();
    let rows = days.into_iter().map(|(day, numbers)| {
        let at = Timestamp::from_second(day).unwrap_or_default();
        let date = jiff::tz::TimeZone::UTC.to_datetime(at).date();
        let mut row = vec![Cell::text(format::date(cx.locale, date)).value(date)];
        row.extend(
            numbers
                .into_iter()
                .map(|number| Cell::number(format::count(cx.locale, number), number)),
        );
        row
    });
    let caption = words.text("identity-figures");
    let table = Table::new(&words, "figures", &caption, columns)
        .rows(rows)
        .empty(words.text("identity-figures-empty"));
    let page = page.heading(words.text("identity-figures-title"));
    if is_empty {
        return Ok(page.with(table));
    }
    let source = words.text("identity-figures-source");
    Ok(page
        .with(Chart::new("bars", "figures", caption, source))
        .with(table))
}

async fn forms(
    identity: &Identity,
    cx: &Cx,
    service: &Client,
    page: Composed,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let id = service.id;
    let shell = cx.shell("");
    let mut page = page;
    if service.draft.auth_method.has_secret() {
        let columns = ["made-at", "works-until"]
            .map(|column| Column::text(words.text(&format!("identity-column-{column}"))));
        let states = identity.secret_states(id).await?;
        let rows = states.into_iter().map(|(made, until)| {
            let until = until.map_or_else(
                || Cell::text(words.text("identity-no-end")),
                |at| Cell::text(format::instant(cx.locale, at)),
            );
            vec![Cell::text(format::instant(cx.locale, made)), until]
        });
        let caption = words.text("identity-secrets");
        let table = Table::new(&words, "secrets", caption, columns.into())
            .rows(rows)
            .empty(words.text("identity-secrets-empty"));
        let options = [
            ("later", "identity-secret-later"),
            ("now", "identity-secret-now"),
        ]
        .map(|(code, key)| (code.to_owned(), words.text(key)))
        .to_vec();
        let when = Field::radios("former", words.text("identity-secret-former"), options);
        page = page
            .heading(words.text("identity-secret-heading"))
            .with(table)
            .with(
                Form::post(
                    &shell,
                    format!("/services/{id}/secret"),
                    words.text("identity-secret-replace"),
                )
                .field(when.value("later")),
            );
    }
    let (key, value) = if service.suspended {
        ("identity-resume", "false")
    } else {
        ("identity-suspend", "true")
    };
    let action = format!("/services/{id}/suspended");
    let mut form = Form::post(&shell, action, words.text(key)).hidden("suspended", value);
    if !service.suspended {
        form = form.danger();
    }
    Ok(page
        .heading(words.text("identity-suspend-title"))
        .text(words.text("identity-suspend-lead"))
        .with(form))
}

pub(super) async fn show_edit(
    State(identity): State<Identity>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let service = identity.service(&cx.actor, id).await?;
    cx.actor
        .demand(&EDIT_SERVICES, service.draft.organisation_id)?;
    let places = organisations(&identity).await?;
    let form = service_form::of_client(&service);
    let title = cx.words().text("identity-service-edit");
    let action = format!("/services/{id}/edit");
    let version = Some(service.version);
    Ok(Page(service_form::page(
        &cx,
        title,
        action,
        version,
        &form,
        &places,
        &[],
    )))
}

pub(super) async fn change(
    State(identity): State<Identity>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = service_form::typed(&fields);
    let version = fields.text("version").parse().unwrap_or_default();
    match identity.change_service(&cx.actor, id, version, &form).await {
        Ok(()) => Ok(SeeOther(format!("/services/{id}")).into_response()),
        Err(IdentityError::Mistakes(mistakes)) => {
            let places = organisations(&identity).await?;
            let title = cx.words().text("identity-service-edit");
            let action = format!("/services/{id}/edit");
            let version = Some(version);
            let page = service_form::page(&cx, title, action, version, &form, &places, &mistakes);
            Ok(FormAgain(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn replace_secret(
    State(identity): State<Identity>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Page<Composed>, Failure> {
    let at_once = fields.text("former") == "now";
    let secret = identity.replace_secret(&cx.actor, id, at_once).await?;
    let service = identity.service(&cx.actor, id).await?;
    Ok(Page(shown_once(&cx, id, &service.client_id, Some(&secret))))
}

pub(super) async fn suspend(
    State(identity): State<Identity>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<SeeOther, Failure> {
    let suspended = fields.text("suspended") == "true";
    identity.suspend(&cx.actor, id, suspended).await?;
    Ok(SeeOther(format!("/services/{id}")))
}

pub(super) async fn rotate_keys(
    State(identity): State<Identity>,
    cx: Cx,
) -> Result<SeeOther, Failure> {
    identity.rotate_keys(&cx.actor).await?;
    Ok(SeeOther("/services".into()))
}

pub(super) async fn rotate_citizen_key(
    State(identity): State<Identity>,
    cx: Cx,
) -> Result<SeeOther, Failure> {
    identity.rotate_citizen_key(&cx.actor).await?;
    Ok(SeeOther("/services".into()))
}
