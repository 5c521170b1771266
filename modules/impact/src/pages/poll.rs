//! The statistics page that the platform reads for an indicator: set up, tried, stopped.

use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Response, SeeOther, State,
};
use kit_ui::{Composed, Facts, Field, Form, Notice, Tone, Words, format};
use uuid::Uuid;

use super::words::with_unit;
use super::{mark, sentence, shell};
use crate::access::EDIT;
use crate::domain::poll::{POINTER_CHARS_MAX, PollFailure, PollForm, PollReading, PollRhythm};
use crate::domain::{Indicator, Mistake};
use crate::polls::failure_sentence;
use crate::store::polls::Poll;
use crate::{Impact, ImpactError};

/// What a try gave.
type Tried = Result<PollReading, PollFailure>;

fn fields(words: &Words, form: &PollForm) -> Vec<Field> {
    let pointer_max = u32::try_from(POINTER_CHARS_MAX).unwrap_or(u32::MAX);
    let pointer = |name: &str, value: &str| {
        Field::text(
            name,
            words.text(&format!("impact-poll-{}", name.replace('_', "-"))),
        )
        .value(value)
        .hint(words.text(&format!("impact-poll-{}-hint", name.replace('_', "-"))))
        .length_max(pointer_max)
    };
    let rhythms = PollRhythm::ALL.map(|one| {
        let label = words.text(&format!("impact-poll-rhythm-{}", one.code()));
        (one.code().to_owned(), label)
    });
    let modes = vec![
        ("try".to_owned(), words.text("impact-poll-mode-try")),
        ("save".to_owned(), words.text("impact-poll-mode-save")),
    ];
    vec![
        Field::line("url", "url", words.text("impact-poll-url"))
            .value(&form.url)
            .hint(words.text("impact-poll-url-hint"))
            .length_max(2_048)
            .required(),
        pointer("value_pointer", &form.value_pointer),
        pointer("date_pointer", &form.date_pointer),
        pointer("unit_pointer", &form.unit_pointer),
        Field::text("factor", words.text("impact-poll-factor"))
            .value(&form.factor)
            .hint(words.text("impact-poll-factor-hint")),
        Field::radios("rhythm", words.text("impact-poll-rhythm"), rhythms.into())
            .value(&form.rhythm),
        Field::radios("mode", words.text("impact-poll-mode"), modes).value("try"),
    ]
}

/// How reading a page went, in facts: on the indicator's page and on this one.
pub(super) fn facts(words: &Words, indicator: &Indicator, poll: &Poll) -> Facts {
    let instant = |at| format::instant(words.locale, at);
    let settings = &poll.settings;
    let success = poll.success.as_ref().map(|success| {
        let value = with_unit(words.locale, success.reading.value, &indicator.description);
        let args = [
            ("at", instant(success.at).into()),
            ("value", value.into()),
            (
                "date",
                format::date(words.locale, success.reading.as_of).into(),
            ),
            (
                "outcome",
                words
                    .text(&format!("impact-poll-outcome-{}", success.code))
                    .into(),
            ),
        ];
        words.text_with("impact-poll-success", &args)
    });
    let failure = poll.failure.as_ref().map(|(at, failure)| {
        let args = [
            ("at", instant(*at).into()),
            ("failure", failure_sentence(words, failure).into()),
        ];
        words.text_with("impact-poll-failure", &args)
    });
    let never = || words.text("impact-poll-never");
    let mut facts = Facts::default()
        .text(words.text("impact-poll-url"), &settings.url)
        .text(
            words.text("impact-poll-rhythm"),
            words.text(&format!("impact-poll-rhythm-{}", settings.rhythm.code())),
        )
        .text(
            words.text("impact-poll-last-success"),
            success.unwrap_or_else(never),
        )
        .text(
            words.text("impact-poll-last-failure"),
            failure.unwrap_or_else(never),
        );
    if poll.failures > 0 {
        let count = u64::try_from(poll.failures).unwrap_or_default();
        facts = facts.text(
            words.text("impact-poll-in-a-row"),
            words.count(
                "impact-poll-failures",
                i64::try_from(count).unwrap_or(i64::MAX),
            ),
        );
    }
    facts
        .text(words.text("impact-poll-due"), instant(poll.due_at))
        .text(words.text("impact-poll-set-by"), &poll.set_by)
}

fn tried(words: &Words, indicator: &Indicator, tried: &Tried) -> Notice {
    match tried {
        Ok(reading) => {
            let value = with_unit(words.locale, reading.value, &indicator.description);
            let args = [
                ("value", value.into()),
                ("date", format::date(words.locale, reading.as_of).into()),
            ];
            Notice::new(
                Tone::Success,
                words.text("impact-poll-tried"),
                words.text_with("impact-poll-tried-text", &args),
            )
        }
        Err(failure) => Notice::new(
            Tone::Error,
            words.text("impact-poll-tried-nothing"),
            failure_sentence(words, failure),
        ),
    }
}

/// What stands on the page beside the form.
#[derive(Default)]
struct Beside {
    wrong: Vec<Mistake>,
    tried: Option<Tried>,
    is_stale: bool,
    /// The version that the person saw, when it isn't the one that stands.
    seen: Option<i64>,
}

async fn page(
    impact: &Impact,
    cx: &Cx,
    indicator: &Indicator,
    form: Option<PollForm>,
    beside: Beside,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let poll = impact.poll(indicator.id).await?;
    let mut shell = shell(cx, words.text("impact-poll"), indicator);
    shell.mistaken = !beside.wrong.is_empty() || beside.is_stale;
    let stands = poll.as_ref().map(|poll| PollForm::of(&poll.settings));
    let form = form.or_else(|| stands.clone()).unwrap_or_else(|| PollForm {
        rhythm: PollRhythm::Daily.code().to_owned(),
        factor: "1".to_owned(),
        ..PollForm::default()
    });
    let mut fields = fields(&words, &form);
    mark(&words, &mut fields, &beside.wrong);
    let own = format!("/indicators/{}/poll", indicator.id);
    let version = poll.as_ref().map_or(0, |poll| poll.version);
    let html = Form::post(&shell, &own, words.text("impact-poll-submit"))
        .hidden("version", beside.seen.unwrap_or(version).to_string())
        .fields(fields)
        .summary(&words);
    let mut page = Composed::new(shell.clone()).text(words.text("impact-poll-text"));
    if beside.is_stale {
        let saved = stands.unwrap_or_default();
        let mut differs = Facts::default();
        for ((field, saved), (_, typed)) in saved.fields().into_iter().zip(form.fields()) {
            if saved.trim() != typed.trim() {
                let label = words.text(&format!("impact-poll-{}", field.replace('_', "-")));
                differs = differs.text(label, if saved.is_empty() { "—" } else { saved });
            }
        }
        let stale = words.text("impact-stale-text");
        page = page
            .with(Notice::new(
                Tone::Warning,
                words.text("impact-stale"),
                stale,
            ))
            .with(differs);
    }
    if let Some(outcome) = &beside.tried {
        page = page.with(tried(&words, indicator, outcome));
    }
    page = page.with(html);
    if let Some(poll) = &poll {
        let again = Form::post(&shell, format!("{own}/try"), words.text("impact-poll-try"));
        let stop = Form::post(
            &shell,
            format!("{own}/remove"),
            words.text("impact-poll-remove"),
        )
        .hidden("version", poll.version.to_string());
        page = page
            .heading(words.text("impact-poll-state"))
            .with(facts(&words, indicator, poll))
            .with(again.inline())
            .with(stop.inline().danger());
    }
    Ok(page)
}

async fn editable(impact: &Impact, cx: &Cx, id: Uuid) -> Result<Indicator, Failure> {
    let indicator = impact.indicator(id).await?;
    cx.actor.demand(&EDIT, indicator.ministry_id)?;
    Ok(indicator)
}

pub(crate) async fn show(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let indicator = editable(&impact, &cx, id).await?;
    let page = page(&impact, &cx, &indicator, None, Beside::default()).await?;
    Ok(Page(page))
}

pub(crate) async fn save(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let indicator = editable(&impact, &cx, id).await?;
    let text = |name: &str| fields.text(name).to_owned();
    let form = PollForm {
        url: text("url"),
        value_pointer: text("value_pointer"),
        date_pointer: text("date_pointer"),
        unit_pointer: text("unit_pointer"),
        rhythm: text("rhythm"),
        factor: text("factor"),
    };
    let version = fields.text("version").parse().unwrap_or(0);
    let mut beside = Beside::default();
    if fields.text("mode") == "save" {
        match impact.set_poll(&cx.actor, id, version, &form).await {
            Ok(()) => return Ok(SeeOther(format!("/indicators/{id}#poll")).into_response()),
            Err(ImpactError::Mistakes(wrong)) => beside.wrong = wrong,
            // What was typed stays beside what somebody else saved: saving again is then a choice.
            Err(ImpactError::Stale) => beside.is_stale = true,
            Err(error) => return Err(error.into()),
        }
    } else {
        match impact.try_poll(&cx.actor, id, &form).await {
            Ok(outcome) => beside.tried = Some(outcome),
            Err(ImpactError::Mistakes(wrong)) => beside.wrong = wrong,
            Err(error) => return Err(error.into()),
        }
    }
    if !beside.is_stale {
        // What changed meanwhile is told on saving.
        beside.seen = Some(version);
    }
    let is_again = !beside.wrong.is_empty() || beside.is_stale;
    let page = page(&impact, &cx, &indicator, Some(form), beside).await?;
    Ok(if is_again {
        FormAgain(page).into_response()
    } else {
        Page(page).into_response()
    })
}

pub(crate) async fn try_now(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let indicator = editable(&impact, &cx, id).await?;
    let poll = impact.poll(id).await?.ok_or(Failure::NotFound)?;
    let form = PollForm::of(&poll.settings);
    let beside = match impact.try_poll(&cx.actor, id, &form).await {
        Ok(outcome) => Beside {
            tried: Some(outcome),
            ..Beside::default()
        },
        Err(ImpactError::Mistakes(wrong)) => Beside {
            wrong,
            ..Beside::default()
        },
        Err(error) => return Err(error.into()),
    };
    let page = page(&impact, &cx, &indicator, None, beside).await?;
    Ok(Page(page))
}

pub(crate) async fn remove(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<SeeOther, Failure> {
    let version = fields.text("version").parse().unwrap_or(0);
    match impact.remove_poll(&cx.actor, id, version).await {
        Err(ImpactError::Stale) => Err(Failure::Conflict(cx.words().text("impact-stale-text"))),
        Err(ImpactError::Mistakes(wrong)) => {
            let words = cx.words();
            let said = wrong.iter().map(|mistake| sentence(&words, mistake));
            Err(Failure::Conflict(said.collect::<Vec<_>>().join(" ")))
        }
        other => {
            other?;
            Ok(SeeOther(format!("/indicators/{id}")))
        }
    }
}
