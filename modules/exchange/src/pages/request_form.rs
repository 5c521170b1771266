//! The form of a request, page after page. A draft keeps what was typed, mistakes included.

use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Response, SeeOther, State,
};
use kit_ui::{Actions, Composed, Facts, Field, Form, Notice, Steps, Tone, Words, format};
use uuid::Uuid;

use super::words::{hint, label, mark, mistake_text, named, pair};
use crate::accreditations::Seen;
use crate::decisions::Details;
use crate::domain::{
    Act, ContactRole, LegalNature, Mistake, Modality, Needs, Offer, RETENTION_MONTHS_PLAIN,
    RequestForm, Step, needs,
};
use crate::{Exchange, ExchangeError};

/// What was typed on a page, over what the form held.
fn typed(step: Step, fields: &Fields, before: RequestForm) -> RequestForm {
    let text = |name: &str| fields.text(name).to_owned();
    let all = |name: &str| fields.all(name).map(str::to_owned).collect();
    let mut form = before;
    match step {
        Step::Data => {
            form.apis = all("apis");
            form.scopes = all("scopes");
        }
        Step::Project => {
            form.title = text("title");
            form.description = text("description");
            form.purposes = text("purposes");
            form.expected_start =
                ["day", "month", "year"].map(|part| text(&format!("expected_start-{part}")));
            form.per_minute = text("per_minute");
            form.per_day = text("per_day");
            form.mockup_url = text("mockup_url");
        }
        Step::Legal => {
            form.legal_nature = text("legal_nature");
            form.legal_text = text("legal_text");
            form.legal_url = text("legal_url");
            form.recipients = text("recipients");
            // What wasn't asked is kept.
            if fields.has("retention_months") {
                form.retention_months = text("retention_months");
                form.retention_reason = text("retention_reason");
            }
        }
        Step::Technical => {
            if fields.has("asks_modalities") {
                form.modalities = all("modalities");
            }
            form.addresses = text("addresses");
            form.editor = text("editor");
            form.wants_keys = fields.has("keys");
            form.keys_reason = text("keys_reason");
        }
        Step::Contacts => {
            for (place, role) in form.contacts.iter_mut().zip(ContactRole::ALL) {
                let (name, mail) = role.fields();
                if fields.has(name) {
                    *place = [text(name), text(mail)];
                }
            }
        }
        Step::Check => {}
    }
    form
}

fn line(words: &Words, name: &str, value: &str) -> Field {
    Field::text(name, label(words, name))
        .hint(hint(words, name))
        .value(value)
}

fn digits(words: &Words, name: &str, value: &str) -> Field {
    let mut field = line(words, name, value).length_max(12);
    field.inputmode = "numeric";
    field
}

fn lines(words: &Words, rows: u32, name: &str, value: &str) -> Field {
    Field::lines(rows, name, label(words, name))
        .hint(hint(words, name))
        .value(value)
}

fn fields_of(words: &Words, step: Step, form: &RequestForm, offers: &[Offer]) -> Vec<Field> {
    let needs = needs(form, offers);
    match step {
        Step::Data => data_fields(words, form, offers),
        Step::Project => vec![
            line(words, "title", &form.title).length_max(150).required(),
            lines(words, 5, "description", &form.description)
                .length_max(5_000)
                .required(),
            lines(words, 4, "purposes", &form.purposes).required(),
            Field::date_typed(
                words,
                "expected_start",
                label(words, "expected_start"),
                form.expected_start.clone(),
            ),
            digits(words, "per_minute", &form.per_minute).required(),
            digits(words, "per_day", &form.per_day).required(),
            line(words, "mockup_url", &form.mockup_url),
        ],
        Step::Legal => legal_fields(words, form, needs),
        Step::Technical => technical_fields(words, form, needs),
        Step::Contacts => contact_fields(words, form, needs),
        Step::Check => Vec::new(),
    }
}

fn data_fields(words: &Words, form: &RequestForm, offers: &[Offer]) -> Vec<Field> {
    let chosen = |offer: &&Offer| form.apis.contains(&offer.api.id.to_string());
    let options = offers.iter().map(|offer| {
        let text = format!("{} — {}", offer.api.profile.name, offer.producer_name);
        (offer.api.id.to_string(), text, chosen(&offer))
    });
    let mut fields = vec![
        Field::boxes("apis", label(words, "apis"), options.collect()).hint(hint(words, "apis")),
    ];
    let scopes: Vec<_> = offers
        .iter()
        .filter(chosen)
        .flat_map(|offer| {
            offer.scopes.iter().map(|scope| {
                let text = format!(
                    "{}\u{a0}: {} ({})",
                    offer.api.profile.name, scope.label, scope.code
                );
                (scope.code.clone(), text, form.scopes.contains(&scope.code))
            })
        })
        .collect();
    if !scopes.is_empty() {
        fields.push(
            Field::boxes("scopes", label(words, "scopes"), scopes).hint(hint(words, "scopes")),
        );
    }
    fields
}

fn legal_fields(words: &Words, form: &RequestForm, needs: Needs) -> Vec<Field> {
    let natures: Vec<_> = LegalNature::ALL.iter().map(|one| one.code()).collect();
    let mut fields = vec![
        Field::radios(
            "legal_nature",
            label(words, "legal_nature"),
            named(words, "exchange-legal-", &natures),
        )
        .value(&form.legal_nature),
        lines(words, 3, "legal_text", &form.legal_text)
            .length_max(2_000)
            .required(),
        line(words, "legal_url", &form.legal_url),
        lines(words, 3, "recipients", &form.recipients),
    ];
    if needs.personal {
        fields.push(digits(words, "retention_months", &form.retention_months).required());
        let months: u64 = form.retention_months.trim().parse().unwrap_or(0);
        let mut reason = lines(words, 3, "retention_reason", &form.retention_reason);
        reason.required = months > RETENTION_MONTHS_PLAIN;
        fields.push(reason);
    }
    fields
}

fn technical_fields(words: &Words, form: &RequestForm, needs: Needs) -> Vec<Field> {
    let mut fields = Vec::new();
    if needs.naming {
        let options = Modality::ALL.iter().map(|one| {
            let text = words.text(&format!("exchange-modality-{}", one.code()));
            let is_on = form.modalities.iter().any(|code| code == one.code());
            (one.code().to_owned(), text, is_on)
        });
        let field = Field::boxes("modalities", label(words, "modalities"), options.collect());
        fields.push(field.hint(hint(words, "modalities")));
    }
    fields.push(lines(words, 3, "addresses", &form.addresses));
    fields.push(line(words, "editor", &form.editor).length_max(20));
    let keys = (
        "yes".to_owned(),
        words.text("exchange-keys-ask"),
        form.wants_keys,
    );
    fields.push(Field::boxes("keys", label(words, "keys"), vec![keys]).hint(hint(words, "keys")));
    fields.push(lines(words, 2, "keys_reason", &form.keys_reason).length_max(2_000));
    fields
}

fn contact_fields(words: &Words, form: &RequestForm, needs: Needs) -> Vec<Field> {
    let mut fields = Vec::new();
    for ([name, mail], role) in form.contacts.iter().zip(ContactRole::ALL) {
        let of_people = matches!(role, ContactRole::Dpo | ContactRole::Controller);
        if of_people && !needs.personal {
            continue;
        }
        let code = role.code();
        let (name_field, mail_field) = role.fields();
        fields.push(Field::section(
            words.text(&format!("exchange-contact-{code}")),
        ));
        fields.push(
            Field::text(name_field, words.text("exchange-contact-name"))
                .value(name)
                .length_max(150)
                .required(),
        );
        fields.push(
            Field::line("email", mail_field, words.text("exchange-contact-mail"))
                .value(mail)
                .length_max(254)
                .required(),
        );
    }
    fields
}

fn frame(cx: &Cx, seen: &Seen, step: Step, is_mistaken: bool) -> Composed {
    let words = cx.words();
    let one = &seen.one;
    let back = format!("/exchange/requests/{}", one.id);
    let mut shell = cx
        .shell(words.text(&format!("exchange-step-{}", step.code())))
        .lead(words.text(&format!("exchange-step-lead-{}", step.code())))
        .crumb(words.text("exchange-requests"), "/exchange/requests")
        .crumb(
            format!("{}\u{a0}{}", words.text("exchange-number"), one.number),
            back,
        );
    shell.mistaken = is_mistaken;
    let names = Step::ALL
        .iter()
        .map(|one| words.text(&format!("exchange-step-{}", one.code())));
    let current = Step::ALL.iter().position(|one| *one == step).unwrap_or(0);
    let steps = Steps::new(
        &words,
        words.text("exchange-steps"),
        names.collect(),
        current,
    );
    Composed::new(shell).with(steps)
}

fn page(
    cx: &Cx,
    seen: &Seen,
    step: Step,
    version: i64,
    form: &RequestForm,
    offers: &[Offer],
    mistakes: &[Mistake],
) -> Composed {
    let words = cx.words();
    let mut page = frame(cx, seen, step, !mistakes.is_empty());
    let action = format!("/exchange/requests/{}/form/{}", seen.one.id, step.code());
    let shell = cx.shell("");
    if step == Step::Check {
        return check(cx, seen, form, offers, page);
    }
    if !mistakes.is_empty() {
        let title = words.text("exchange-kept-with-mistakes");
        let text = words.text("exchange-kept-with-mistakes-text");
        page = page.with(Notice::new(Tone::Info, title, text));
    }
    let mut fields = fields_of(&words, step, form, offers);
    mark(&words, &mut fields, mistakes);
    let mut html = Form::post(&shell, action, words.text("exchange-save-and-go-on"))
        .hidden("version", version.to_string());
    if step == Step::Technical && fields.iter().any(|field| field.name == "modalities") {
        html = html.hidden("asks_modalities", "yes");
    }
    let position = Step::ALL.iter().position(|one| *one == step).unwrap_or(0);
    let others = Step::ALL
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != position);
    let links = others.map(|(_, other)| {
        let href = format!("/exchange/requests/{}/form/{}", seen.one.id, other.code());
        (
            words.text(&format!("exchange-step-{}", other.code())),
            href,
            false,
        )
    });
    page.with(html.fields(fields).summary(&words))
        .with(kit_ui::Views {
            label: words.text("exchange-steps-other"),
            views: links.collect(),
        })
}

/// The last page: all of it, what is missing, and sending.
fn check(cx: &Cx, seen: &Seen, form: &RequestForm, offers: &[Offer], page: Composed) -> Composed {
    let words = cx.words();
    let id = seen.one.id;
    let mut page = page;
    let mistakes = form.check(offers).err().unwrap_or_default();
    if mistakes.is_empty() {
        page = page.with(said(&words, cx, form, offers));
        let action = format!("/exchange/requests/{id}/form/check");
        let send = Form::post(&cx.shell(""), action, words.text("exchange-act-submit"));
        return page
            .text(words.text("exchange-act-text-submit"))
            .with(send.hidden("version", seen.one.row_version.to_string()));
    }
    let count = i64::try_from(mistakes.len()).unwrap_or(i64::MAX);
    let all: Vec<String> = mistakes
        .iter()
        .map(|one| {
            let step = Step::of_field(one.field).code();
            let step = words.text(&format!("exchange-step-{step}"));
            pair(&words, &step, &mistake_text(&words, one))
        })
        .collect();
    let title = words.count("exchange-still-missing", count);
    page = page.with(Notice::new(Tone::Warning, title, all.join(" ")));
    let mut steps: Vec<Step> = mistakes
        .iter()
        .map(|one| Step::of_field(one.field))
        .collect();
    steps.sort();
    steps.dedup();
    let links = steps.into_iter().map(|step| {
        let text = words.text_with(
            "exchange-complete-step",
            &[(
                "step",
                words.text(&format!("exchange-step-{}", step.code())).into(),
            )],
        );
        (
            text,
            format!("/exchange/requests/{id}/form/{}", step.code()),
        )
    });
    page.with(Actions(links.collect()))
        .with(said(&words, cx, form, offers))
}

/// What a request says, to read.
pub(super) fn said(words: &Words, cx: &Cx, form: &RequestForm, offers: &[Offer]) -> Facts {
    let apis = offers
        .iter()
        .filter(|offer| form.apis.contains(&offer.api.id.to_string()))
        .map(|offer| {
            let scopes: Vec<&str> = offer
                .scopes
                .iter()
                .filter(|scope| form.scopes.contains(&scope.code))
                .map(|scope| scope.label.as_str())
                .collect();
            let text = format!(
                "{} ({})\u{a0}: {}",
                offer.api.profile.name,
                offer.producer_name,
                scopes.join(", ")
            );
            (text, Some(format!("/exchange/apis/{}", offer.api.id)))
        })
        .collect();
    let list = |text: &str| {
        text.lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| (line.trim().to_owned(), None))
            .collect::<Vec<_>>()
    };
    // Typed as `code : words`.
    let purposes =
        list(&form.purposes)
            .into_iter()
            .map(|(line, href)| match line.split_once(':') {
                Some((code, purpose)) => (pair(words, code.trim(), purpose.trim()), href),
                None => (line, href),
            });
    let purposes = purposes.collect();
    let [day, month, year] = &form.expected_start;
    let start = (|| {
        let date = jiff::civil::Date::new(
            year.trim().parse().ok()?,
            month.trim().parse().ok()?,
            day.trim().parse().ok()?,
        );
        date.ok().map(|date| format::date(cx.locale, date))
    })();
    let nature = match LegalNature::parse(&form.legal_nature) {
        Some(nature) => words.text(&format!("exchange-legal-{}", nature.code())),
        None => String::new(),
    };
    let modalities = form
        .modalities
        .iter()
        .filter_map(|code| Modality::parse(code))
        .map(|one| {
            (
                words.text(&format!("exchange-modality-{}", one.code())),
                None,
            )
        });
    let mut facts = Facts::default()
        .list(label(words, "apis"), apis)
        .text(label(words, "description"), &form.description)
        .list(label(words, "purposes"), purposes)
        .text(label(words, "expected_start"), start.unwrap_or_default())
        .text(label(words, "per_minute"), &form.per_minute)
        .text(label(words, "per_day"), &form.per_day)
        .text(label(words, "mockup_url"), &form.mockup_url)
        .text(label(words, "legal_nature"), nature)
        .text(label(words, "legal_text"), &form.legal_text)
        .text(label(words, "legal_url"), &form.legal_url)
        .list(label(words, "recipients"), list(&form.recipients))
        .text(label(words, "retention_months"), &form.retention_months)
        .text(label(words, "retention_reason"), &form.retention_reason)
        .list(label(words, "modalities"), modalities.collect())
        .list(label(words, "addresses"), list(&form.addresses))
        .text(label(words, "editor"), &form.editor);
    if form.wants_keys {
        facts = facts.text(label(words, "keys_reason"), &form.keys_reason);
    }
    for ([name, mail], role) in form.contacts.iter().zip(ContactRole::ALL) {
        if !name.is_empty() {
            let text = words.text(&format!("exchange-contact-{}", role.code()));
            facts = facts.text(text, format!("{name}, {mail}"));
        }
    }
    facts
}

/// The offers from which the request of an accreditation chooses.
async fn offers_of(exchange: &Exchange, seen: &Seen) -> Result<Vec<Offer>, Failure> {
    let version = exchange.version_of(&seen.one).await?;
    Ok(exchange.askable(version.as_ref()).await?)
}

pub(super) async fn show(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path((id, step)): Path<(Uuid, String)>,
) -> Result<Response, Failure> {
    let step = Step::parse(&step).ok_or(Failure::NotFound)?;
    let seen = exchange.own(&cx.actor, id).await?;
    if !seen.one.life.request.is_open() {
        return Ok(SeeOther(format!("/exchange/requests/{id}")).into_response());
    }
    let offers = offers_of(&exchange, &seen).await?;
    let version = seen.one.row_version;
    Ok(Page(page(
        &cx,
        &seen,
        step,
        version,
        &seen.one.form,
        &offers,
        &[],
    ))
    .into_response())
}

pub(super) async fn save(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path((id, step)): Path<(Uuid, String)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let step = Step::parse(&step).ok_or(Failure::NotFound)?;
    let version = fields.text("version").parse().unwrap_or_default();
    if step == Step::Check {
        return send(&exchange, &cx, id, version).await;
    }
    let seen = exchange.own(&cx.actor, id).await?;
    let form = typed(step, &fields, seen.one.form.clone());
    let scopes_shown = seen.one.form.apis == form.apis;
    let saved = exchange
        .save_step(&cx.actor, id, version, step, form.clone())
        .await;
    let (version, mistakes) = match saved {
        Ok(mistakes) if mistakes.is_empty() => {
            let next = step.next().code();
            return Ok(SeeOther(format!("/exchange/requests/{id}/form/{next}")).into_response());
        }
        Ok(mistakes) => (version + 1, mistakes),
        // Not kept: too much was typed.
        Err(ExchangeError::Mistakes(mistakes)) => (version, mistakes),
        Err(error) => return Err(error.into()),
    };
    // Scopes are chosen among those of the APIs: once these are, the page asks for them.
    if step == Step::Data && !scopes_shown && mistakes.iter().all(|one| one.field == "scopes") {
        return Ok(SeeOther(format!("/exchange/requests/{id}/form/data")).into_response());
    }
    let seen = exchange.own(&cx.actor, id).await?;
    let offers = offers_of(&exchange, &seen).await?;
    let again = page(&cx, &seen, step, version, &form, &offers, &mistakes);
    Ok(FormAgain(again).into_response())
}

async fn send(exchange: &Exchange, cx: &Cx, id: Uuid, version: i64) -> Result<Response, Failure> {
    let details = Details::default();
    match exchange
        .act(&cx.actor, id, version, Act::Submit, &details)
        .await
    {
        Ok(()) => Ok(SeeOther(format!("/exchange/requests/{id}")).into_response()),
        Err(ExchangeError::Mistakes(_)) => {
            let seen = exchange.own(&cx.actor, id).await?;
            let offers = offers_of(exchange, &seen).await?;
            let form = seen.one.form.clone();
            let again = page(cx, &seen, Step::Check, version, &form, &offers, &[]);
            Ok(FormAgain(again).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
