//! The test of national impact: each criterion with its evidence and check, the threshold, the result.

use kit_acts::{Asked, Trouble, conclude, day_text, filled, named, version};
use kit_http::{Cx, Failure, Fields, Page, Path, Response, State};
use kit_ui::{Actions, Cell, Composed, Facts, Field, Notice, Table, Tone, format};
use uuid::Uuid;

use super::words::{blank, figure, form_page, national};
use crate::access::{CHECK, PREPARE, may};
use crate::domain::{AnswerForm, Check, CheckForm, Criterion, NationalResult, ThresholdForm};
use crate::{NationalFile, Startups, WORDING};

fn base(id: Uuid) -> String {
    format!("/products/{id}/national-impact")
}

fn yes_or_no(cx: &Cx, is: bool) -> Cell {
    let words = cx.words();
    if is {
        Cell::status(Tone::Success, words.text("startups-yes"))
    } else {
        Cell::status(Tone::Error, words.text("startups-no"))
    }
}

fn criteria(cx: &Cx, file: &NationalFile) -> Table {
    let words = cx.words();
    let id = file.product.id;
    let owners = (file.product.ministry, file.product.incubator);
    let (can_answer, can_check) = (may(&cx.actor, &PREPARE, owners), cx.actor.may(&CHECK, None));
    let rows = Criterion::ALL.iter().map(|criterion| {
        let code = criterion.code();
        let name = Cell::text(words.text(&format!("startups-criterion-{code}")))
            .note(words.text(&format!("startups-criterion-hint-{code}")));
        let told = file.answers.iter().find(|one| one.criterion == *criterion);
        let (met, evidence, check) = match told {
            Some(one) => {
                let evidence = if one.link.is_empty() {
                    Cell::text(&one.evidence)
                } else {
                    Cell::link(&one.evidence, &one.link)
                };
                let args = [
                    ("name", one.answered.1.as_str().into()),
                    ("date", format::date(cx.locale, one.answered.0).into()),
                ];
                let evidence = evidence.note(words.text_with("startups-answered-by", &args));
                let check = match &one.check {
                    Some((verdict, on, by, comment)) => {
                        let tone = match verdict {
                            Check::Met => Tone::Success,
                            Check::NotMet => Tone::Error,
                        };
                        let text = words.text(&format!("startups-check-{}", verdict.code()));
                        let args = [
                            ("name", by.as_str().into()),
                            ("date", format::date(cx.locale, *on).into()),
                            ("comment", comment.as_str().into()),
                        ];
                        Cell::status(tone, text).note(words.text_with("startups-checked-by", &args))
                    }
                    None => Cell::status(Tone::Warning, words.text("startups-to-check")),
                };
                (yes_or_no(cx, one.is_met), evidence, check)
            }
            None => (
                Cell::text(words.text("startups-not-answered")),
                Cell::unknown(),
                Cell::unknown(),
            ),
        };
        let act = |part: &str, key: &str| {
            Cell::link(words.text(key), format!("{}/{code}/{part}", base(id)))
        };
        let act = if can_check && told.is_some_and(|one| one.check.is_none()) {
            act("check", "startups-check")
        } else if can_answer {
            act("answer", "startups-answer")
        } else {
            Cell::unknown()
        };
        vec![name, met, evidence, check, act]
    });
    let names = ["criterion", "met", "evidence", "check", "act"];
    let caption = words.text("startups-criteria");
    Table::new(&words, "criteria", caption, WORDING.columns(&words, &names)).rows(rows)
}

fn threshold(cx: &Cx, file: &NationalFile) -> Option<Facts> {
    let words = cx.words();
    let set = file.threshold.as_ref()?;
    let name = |key: &str| words.text(&format!("startups-fact-{key}"));
    let indicator = file.indicators.iter().find(|one| one.id == set.indicator);
    let unit = indicator.map_or("", |one| one.unit.as_str());
    let sign = match indicator {
        Some(one) if !one.more_is_better => "≤",
        _ => "≥",
    };
    let told = indicator.map_or_else(|| words.text("startups-unknown"), |one| one.name.clone());
    let measured = indicator.and_then(|one| one.latest).map_or_else(
        || words.text("startups-unknown"),
        |(value, on)| {
            format!(
                "{} ({})",
                figure(&words, value, unit),
                day_text(cx, Some(on))
            )
        },
    );
    let passed = match file.passed {
        Some(true) => words.text("startups-yes"),
        Some(false) => words.text("startups-no"),
        None => words.text("startups-unknown"),
    };
    let by = [
        ("name", set.set.1.as_str().into()),
        ("date", format::date(cx.locale, set.set.0).into()),
    ];
    Some(
        Facts::default()
            .text(
                name("threshold"),
                format!("{told} {sign} {}", figure(&words, set.value, unit)),
            )
            .text(name("measured"), measured)
            .text(name("passed"), passed)
            .text(name("threshold-reason"), &set.reason)
            .text(name("set"), words.text_with("startups-answered-by", &by)),
    )
}

pub(super) async fn show(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let file = startups.national(&cx.actor, id).await?;
    let tone = match file.result {
        NationalResult::National => Tone::Success,
        NationalResult::NotNational => Tone::Error,
        NationalResult::Unknown => Tone::Info,
    };
    let result = Notice::new(
        tone,
        national(&words, file.result).text,
        words.text("startups-national-rule"),
    );
    let acts = cx.actor.may(&CHECK, None).then(|| {
        let text = words.text("startups-set-threshold");
        Actions(vec![(text, format!("{}/threshold", base(id)))])
    });
    let shell = cx
        .shell(words.text("startups-national"))
        .lead(&file.product.title)
        .crumb(&file.product.title, format!("/products/{id}/start-up"));
    let facts = threshold(&cx, &file);
    let mut page = Composed::new(shell).with(result).maybe(acts);
    page = match facts {
        Some(facts) => page.with(facts),
        None => page.text(words.text("startups-no-threshold")),
    };
    Ok(Page(page.with(criteria(&cx, &file))))
}

fn criterion(code: &str) -> Result<Criterion, Failure> {
    Criterion::parse(code).ok_or(Failure::NotFound)
}

/// What the forms of the test have in common.
struct Of<'o> {
    title: String,
    path: String,
    version: i64,
    fields: Vec<Field>,
    lead: &'o str,
}

async fn of_test(
    startups: &Startups,
    cx: &Cx,
    id: Uuid,
    of: Of<'_>,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let asked = Asked {
        submit: of.title.clone(),
        title: of.title,
        lead: of.lead.to_owned(),
        crumb: (words.text("startups-national"), base(id)),
        action: format!("{}/{}", base(id), of.path),
        fields: of.fields,
        version: Some(of.version),
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(startups, cx, asked, trouble).await
}

async fn answer_page(
    startups: &Startups,
    cx: &Cx,
    (id, asked): (Uuid, Criterion),
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let file = startups.national(&cx.actor, id).await?;
    let told = file.answers.iter().find(|one| one.criterion == asked);
    let met = told.map_or("", |one| if one.is_met { "yes" } else { "no" });
    let (evidence, link) = told.map_or(("", ""), |one| (one.evidence.as_str(), one.link.as_str()));
    let code = asked.code();
    let name = words.text(&format!("startups-criterion-{code}"));
    let of = Of {
        title: words.text("startups-answer"),
        path: format!("{code}/answer"),
        version: told.map_or(0, |one| one.version),
        lead: &name,
        fields: vec![
            Field::radios(
                "met",
                WORDING.label(&words, "met"),
                named(&words, "startups-", &["yes", "no"]),
            )
            .hint(words.text(&format!("startups-criterion-hint-{code}")))
            .value(filled(fields, "met", met)),
            Field::lines(4, "evidence", WORDING.label(&words, "evidence"))
                .value(filled(fields, "evidence", evidence))
                .length_max(4_000)
                .required(),
            Field::text("link", WORDING.label(&words, "link"))
                .value(filled(fields, "link", link))
                .length_max(500),
        ],
    };
    of_test(startups, cx, id, of, trouble).await
}

pub(super) async fn show_answer(
    State(startups): State<Startups>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
) -> Result<Page<Composed>, Failure> {
    let asked = (id, criterion(&code)?);
    answer_page(&startups, &cx, asked, &blank(), &Trouble::default())
        .await
        .map(Page)
}

pub(super) async fn answer(
    State(startups): State<Startups>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let asked = criterion(&code)?;
    let text = |name| fields.text(name).to_owned();
    let form = AnswerForm {
        met: text("met"),
        evidence: text("evidence"),
        link: text("link"),
    };
    let done = startups
        .answer(&cx.actor, id, asked, version(&fields), &form)
        .await;
    conclude(
        done,
        |()| base(id),
        async |trouble| answer_page(&startups, &cx, (id, asked), &fields, &trouble).await,
    )
    .await
}

async fn check_page(
    startups: &Startups,
    cx: &Cx,
    (id, asked): (Uuid, Criterion),
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let file = startups.national(&cx.actor, id).await?;
    let told = file.answers.iter().find(|one| one.criterion == asked);
    let told = told.ok_or(Failure::NotFound)?;
    let code = asked.code();
    let codes: Vec<&str> = Check::ALL.iter().map(|one| one.code()).collect();
    let name = words.text(&format!("startups-criterion-{code}"));
    let of = Of {
        title: words.text("startups-check"),
        path: format!("{code}/check"),
        version: told.version,
        lead: &name,
        fields: vec![
            Field::radios(
                "check",
                WORDING.label(&words, "check"),
                named(&words, "startups-check-", &codes),
            )
            .hint(&told.evidence)
            .value(fields.text("check")),
            Field::lines(3, "comment", WORDING.label(&words, "comment"))
                .value(fields.text("comment"))
                .length_max(2_000)
                .required(),
        ],
    };
    of_test(startups, cx, id, of, trouble).await
}

pub(super) async fn show_check(
    State(startups): State<Startups>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
) -> Result<Page<Composed>, Failure> {
    let asked = (id, criterion(&code)?);
    check_page(&startups, &cx, asked, &blank(), &Trouble::default())
        .await
        .map(Page)
}

pub(super) async fn check(
    State(startups): State<Startups>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let asked = criterion(&code)?;
    let form = CheckForm {
        check: fields.text("check").to_owned(),
        comment: fields.text("comment").to_owned(),
    };
    let done = startups
        .check(&cx.actor, id, asked, version(&fields), &form)
        .await;
    conclude(
        done,
        |()| base(id),
        async |trouble| check_page(&startups, &cx, (id, asked), &fields, &trouble).await,
    )
    .await
}

async fn threshold_page(
    startups: &Startups,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let file = startups.national(&cx.actor, id).await?;
    let set = file.threshold.as_ref();
    let indicator = set.map_or_else(String::new, |one| one.indicator.to_string());
    let value = set.map_or_else(String::new, |one| one.value.to_string());
    let reason = set.map_or("", |one| one.reason.as_str());
    let mut choices = vec![(String::new(), words.text("startups-no-indicator"))];
    choices.extend(
        file.indicators
            .iter()
            .map(|one| (one.id.to_string(), format!("{} ({})", one.name, one.unit))),
    );
    let of =
        Of {
            title: words.text("startups-set-threshold"),
            path: "threshold".to_owned(),
            version: set.map_or(0, |one| one.version),
            lead: &file.product.title,
            fields: vec![
                Field::select("indicator", WORDING.label(&words, "indicator"), choices)
                    .value(filled(fields, "indicator", &indicator)),
                Field::text("value", WORDING.label(&words, "value"))
                    .value(filled(fields, "value", &value)),
                Field::lines(3, "reason", WORDING.label(&words, "threshold_reason"))
                    .value(filled(fields, "reason", reason))
                    .length_max(2_000)
                    .required(),
            ],
        };
    of_test(startups, cx, id, of, trouble).await
}

pub(super) async fn show_threshold(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    threshold_page(&startups, &cx, id, &blank(), &Trouble::default())
        .await
        .map(Page)
}

pub(super) async fn set_threshold(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let text = |name| fields.text(name).to_owned();
    let form = ThresholdForm {
        indicator: text("indicator"),
        value: text("value"),
        reason: text("reason"),
    };
    let done = startups
        .set_threshold(&cx.actor, id, version(&fields), &form)
        .await;
    conclude(
        done,
        |()| base(id),
        async |trouble| threshold_page(&startups, &cx, id, &fields, &trouble).await,
    )
    .await
}
