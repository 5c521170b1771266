//! The page before an act: what it changes, and the form that does it.

use jiff::SignedDuration;
use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Response, SeeOther, State,
};
use kit_ui::{Composed, Confirm, ErrorSummary, Field, Form, Words};
use uuid::Uuid;

use super::words::{hint, label, mark, mistake_text, pair};
use crate::accreditations::Seen;
use crate::decisions::Details;
use crate::domain::{Act, Mistake, RequestForm, Step, Terms};
use crate::{Exchange, ExchangeError};

/// The act of a name; the instant of an approval is decided by its terms.
fn parse(code: &str, cx: &Cx) -> Option<Act> {
    let tomorrow = cx.now() + SignedDuration::from_hours(24);
    let all = [
        Act::Submit,
        Act::Withdraw,
        Act::Archive,
        Act::Reopen,
        Act::Renew,
        Act::AskChanges,
        Act::Refuse,
        Act::Approve(tomorrow),
        Act::Transfer,
        Act::Suspend,
        Act::Resume,
        Act::Revoke,
    ];
    all.into_iter().find(|act| act.code() == code)
}

/// What was typed.
struct Typed {
    reason: String,
    months: String,
    per_minute: String,
    per_day: String,
    keys: bool,
    to: String,
    hidden_days: String,
}

impl Typed {
    fn proposed(form: &RequestForm) -> Self {
        Self {
            reason: String::new(),
            months: "24".into(),
            per_minute: form.per_minute.clone(),
            per_day: form.per_day.clone(),
            keys: form.wants_keys,
            to: String::new(),
            hidden_days: String::new(),
        }
    }

    fn of(fields: &Fields) -> Self {
        let text = |name| fields.text(name).to_owned();
        Self {
            reason: text("reason"),
            months: text("months"),
            per_minute: text("per_minute"),
            per_day: text("per_day"),
            keys: fields.has("keys"),
            to: text("to"),
            hidden_days: text("hidden_days"),
        }
    }

    fn details(&self, act: Act) -> Details {
        let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
        let terms = matches!(act, Act::Approve(_)).then(|| Terms {
            months: self.months.parse().unwrap_or(0),
            per_minute: digits(&self.per_minute).parse().unwrap_or(0),
            per_day: digits(&self.per_day).parse().unwrap_or(0),
            keys_allowed: self.keys,
            hidden_days: match self.hidden_days.trim() {
                "" => 0,
                text => text.parse().unwrap_or(u32::MAX),
            },
        });
        Details {
            reason: self.reason.clone(),
            terms,
            to: self.to.clone(),
        }
    }
}

fn page(
    cx: &Cx,
    seen: &Seen,
    act: Act,
    version: i64,
    typed: &Typed,
    mistakes: &[Mistake],
) -> Composed {
    let words = cx.words();
    let code = act.code();
    let one = &seen.one;
    let back = format!("/exchange/requests/{}", one.id);
    let mut fields = of_act(&words, act, one.form.wants_keys, typed);
    mark(&words, &mut fields, mistakes);
    let title = words.text(&format!("exchange-act-{code}"));
    let mut shell = cx.shell(title.clone()).crumb(
        format!("{}\u{a0}{}", words.text("exchange-number"), one.number),
        &back,
    );
    shell.mistaken = !mistakes.is_empty();
    // Mistakes of the request itself have no field here.
    let elsewhere = mistakes
        .iter()
        .find(|one| !fields.iter().any(|field| field.name == one.field))
        .map(|one| {
            let step = words.text(&format!(
                "exchange-step-{}",
                Step::of_field(one.field).code()
            ));
            let text = pair(&words, &step, &mistake_text(&words, one));
            ErrorSummary::general(&words, text)
        });
    let mut form = Form::post(&shell, format!("{back}/acts/{code}"), title.as_str())
        .hidden("version", version.to_string())
        .fields(fields)
        .summary(&words);
    if matches!(act, Act::Refuse | Act::Suspend | Act::Revoke | Act::Archive) {
        form = form.danger();
    }
    let text = words.text(&format!("exchange-act-text-{code}"));
    let question = if one.title.is_empty() {
        words.text("exchange-untitled")
    } else {
        one.title.clone()
    };
    let confirm = Confirm::new(question, text, form, words.text("exchange-back"), back);
    Composed::new(shell).maybe(elsewhere).with(confirm)
}

fn of_act(words: &Words, act: Act, wants_keys: bool, typed: &Typed) -> Vec<Field> {
    let mut fields = Vec::new();
    let line = |name: &str, value: &str| {
        Field::text(name, label(words, name))
            .hint(hint(words, name))
            .value(value)
    };
    if matches!(act, Act::Approve(_)) {
        for (name, value) in [
            ("months", &typed.months),
            ("per_minute", &typed.per_minute),
            ("per_day", &typed.per_day),
            ("hidden_days_granted", &typed.hidden_days),
        ] {
            let mut field = line(name, value).length_max(12);
            if name == "hidden_days_granted" {
                // Its words differ from those of an operation's.
                "hidden_days".clone_into(&mut field.name);
            }
            field.inputmode = "numeric";
            fields.push(field);
        }
        if wants_keys {
            let option = (
                "yes".to_owned(),
                words.text("exchange-keys-allow"),
                typed.keys,
            );
            fields.push(Field::boxes("keys", label(words, "keys"), vec![option]));
        }
    }
    if act == Act::Transfer {
        let field = Field::text("to", label(words, "to_body"))
            .hint(hint(words, "to_body"))
            .value(&typed.to);
        fields.push(field.length_max(20).required());
    }
    if act.needs_reason() || matches!(act, Act::Approve(_) | Act::Resume) {
        let mut field = Field::lines(4, "reason", label(words, "reason"))
            .hint(hint(words, "reason"))
            .value(&typed.reason)
            .length_max(2_000);
        field.required = act.needs_reason();
        fields.push(field);
    }
    fields
}

pub(super) async fn show(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
) -> Result<Page<Composed>, Failure> {
    let act = parse(&code, &cx).ok_or(Failure::NotFound)?;
    let seen = exchange.seen(&cx.actor, id).await?;
    seen.one
        .life
        .after(act, cx.now())
        .map_err(ExchangeError::from)?;
    let mut typed = Typed::proposed(&seen.one.form);
    // What is in force goes on unless the instructor changes it.
    if let Some(version) = exchange.version_of(&seen.one).await?
        && version.hidden_days > 0
    {
        typed.hidden_days = version.hidden_days.to_string();
        typed.reason = version.hidden_reason;
    }
    Ok(Page(page(
        &cx,
        &seen,
        act,
        seen.one.row_version,
        &typed,
        &[],
    )))
}

pub(super) async fn act(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let act = parse(&code, &cx).ok_or(Failure::NotFound)?;
    let version = fields.text("version").parse().unwrap_or_default();
    let typed = Typed::of(&fields);
    match exchange
        .act(&cx.actor, id, version, act, &typed.details(act))
        .await
    {
        Ok(()) if act == Act::Reopen => {
            Ok(SeeOther(format!("/exchange/requests/{id}/form/data")).into_response())
        }
        Ok(()) => Ok(SeeOther(format!("/exchange/requests/{id}")).into_response()),
        Err(ExchangeError::Mistakes(mistakes)) => {
            let seen = exchange.seen(&cx.actor, id).await?;
            let again = page(&cx, &seen, act, version, &typed, &mistakes);
            Ok(FormAgain(again).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
