//! Experts: for officers of the directorate alone.

use kit_acts::{Asked, Trouble, address, conclude, day, filled, named, three, version};
use kit_http::{Cx, Failure, Fields, Page, Path, Query, Response, SeeOther, State, optional};
use kit_ui::{Actions, Cell, Column, Composed, Facts, Field, Form, Pages, Table, Words, format};
use ports::Addressee;
use serde::Deserialize;
use uuid::Uuid;

use super::missions::{expertise, trades};
use super::words::{days, form_page, mission_state, period};
use crate::acts_port::days_text;
use crate::domain::{Employer, ExpertForm, ExpertiseForm, PeriodForm, SkillLevel};
use crate::store::experts::Expert;
use crate::{Brigade, WORDING, days_of};

/// Rows on one page.
const PAGE_ROWS: u32 = 50;
const HERE: &str = "/brigade/experts";

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    expertise: String,
    #[serde(default)]
    after: String,
}

/// Its expertises with their levels, in a line.
fn skills(
    words: &Words,
    names: &std::collections::BTreeMap<String, String>,
    one: &Expert,
) -> String {
    let all = one.skills.iter().map(|(code, level)| {
        let name = names.get(code).unwrap_or(code);
        let level = words.text(&format!("brigade-level-{}", level.code()));
        format!("{name} ({})", level.to_lowercase())
    });
    all.collect::<Vec<_>>().join(", ")
}

pub(super) async fn list(
    State(brigade): State<Brigade>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let filter = optional("expertise", &query.expertise, expertise)?;
    // A name may hold anything: the cursor is the id, and the name is read again.
    let last: Option<Uuid> = query.after.parse().ok();
    let after = match last {
        Some(id) => {
            let (one, _) = brigade.expert(&cx.actor, id).await?;
            (one.name, id)
        }
        None => (String::new(), Uuid::nil()),
    };
    let mut found = brigade
        .experts(
            &cx.actor,
            filter.as_deref(),
            (&after.0, after.1),
            PAGE_ROWS + 1,
        )
        .await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let chosen = ("expertise", query.expertise.as_str());
    let next = found.last().filter(|_| more).map(|last| {
        let after = last.id.to_string();
        address(HERE, &[chosen, ("after", &after)])
    });
    let previous = (!query.after.is_empty()).then(|| address(HERE, &[chosen]));
    let names = brigade.trades(cx.locale).await?;
    let mut rows = Vec::with_capacity(found.len());
    for one in &found {
        let account = brigade.account_of(&cx.actor, one).await?;
        let lender = if one.lender.is_empty() {
            words.text("brigade-lender-own")
        } else {
            one.lender.clone()
        };
        let used = if one.in_use {
            words.text("brigade-in-use-yes")
        } else {
            words.text("brigade-in-use-no")
        };
        rows.push(vec![
            Cell::link(&one.name, format!("{HERE}/{}", one.id)),
            Cell::text(skills(&words, &names, one)),
            Cell::text(words.text(&format!("brigade-employer-{}", one.employer.code()))),
            Cell::text(lender),
            days(&words, one.availability.half_days_week),
            Cell::text(account_name(&words, one, account.as_ref())),
            Cell::text(used),
        ]);
    }
    let of_experts = vec![
        Column::text(words.text("brigade-column-expert")),
        Column::text(words.text("brigade-column-expertises")),
        Column::text(words.text("brigade-column-employer")),
        Column::text(words.text("brigade-column-lender")),
        Column::number(words.text("brigade-column-days-week")),
        Column::text(WORDING.label(&words, "account")),
        Column::text(words.text("brigade-column-in-use")),
    ];
    let table = Table::new(&words, "experts", words.text("brigade-experts"), of_experts)
        .rows(rows)
        .pages(Pages { previous, next })
        .empty(words.text("brigade-experts-empty"));
    let filters = Form::filters(HERE, words.text("brigade-filter")).field(
        Field::select(
            "expertise",
            WORDING.label(&words, "expertise"),
            trades(&brigade, &cx).await?,
        )
        .value(&query.expertise),
    );
    let acts = Actions(vec![
        (words.text("brigade-add-expert"), format!("{HERE}/new")),
        (
            words.text("brigade-expertises"),
            "/brigade/expertises".to_owned(),
        ),
    ]);
    let shell = cx
        .shell(words.text("brigade-experts"))
        .lead(words.text("brigade-experts-lead"));
    Ok(Page(
        Composed::new(shell).with(acts).with(filters).with(table),
    ))
}

/// The name of its account, or what stands in its place.
fn account_name(words: &Words, one: &Expert, account: Option<&Addressee>) -> String {
    match (account, one.person) {
        (Some(account), _) => account.name.clone(),
        (None, Some(_)) => words.text("brigade-account-closed"),
        (None, None) => words.text("brigade-account-none"),
    }
}

fn facts(cx: &Cx, one: &Expert, account: Option<&Addressee>, skills: &str) -> Facts {
    let words = cx.words();
    let name = |key: &str| WORDING.label(&words, key);
    let mut facts = Facts::default()
        .text(name("email"), &one.email)
        .text(
            name("employer"),
            words.text(&format!("brigade-employer-{}", one.employer.code())),
        )
        .text(name("skills"), skills)
        .text(
            name("days_week"),
            days_text(&words, one.availability.half_days_week),
        );
    if !one.lender.is_empty() {
        facts = facts.text(name("lender"), &one.lender);
    }
    for (key, on) in [
        ("from", one.availability.from),
        ("until_day", one.availability.until),
    ] {
        if let Some(on) = on {
            facts = facts.text(name(key), format::date(cx.locale, on));
        }
    }
    let told = match account {
        Some(account) => format!("{} ({})", account.name, account.email),
        None => account_name(&words, one, None),
    };
    facts.text(name("account"), told)
}

async fn expert_page(
    brigade: &Brigade,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (one, missions) = brigade.expert(&cx.actor, id).await?;
    let account = brigade.account_of(&cx.actor, &one).await?;
    let names = brigade.trades(cx.locale).await?;
    let here = format!("{HERE}/{id}");
    let form = vec![
        WORDING.date_field(&words, fields, "from", None).required(),
        WORDING.date_field(&words, fields, "to", None).required(),
        Field::text("days_week", WORDING.label(&words, "days_week"))
            .hint(words.text("brigade-hint-period"))
            .unit(words.text("brigade-unit-days"))
            .value(filled(fields, "days_week", "0"))
            .length_max(6)
            .required(),
    ];
    let asked = Asked {
        title: one.name.clone(),
        lead: words.text("brigade-expert-lead"),
        crumb: (words.text("brigade-experts"), HERE.to_owned()),
        action: format!("{here}/periods"),
        submit: words.text("brigade-add-period"),
        fields: form,
        version: None,
        subject: None,
        hidden: Vec::new(),
    };
    let acts = Actions(vec![
        (
            words.text("brigade-change-expert"),
            format!("{here}/change"),
        ),
        (
            words.text("brigade-share-calendar"),
            format!("{here}/calendar"),
        ),
    ]);
    let rows = missions.iter().map(|mission| {
        vec![
            Cell::link(&mission.title, format!("/brigade/missions/{}", mission.id)),
            Cell::text(&mission.product_title),
            Cell::text(period(cx, mission.period)),
            mission_state(&words, mission.state, false),
        ]
    });
    let of_missions = WORDING.columns(&words, &["mission", "product", "period", "state"]);
    let missions = Table::new(
        &words,
        "missions",
        words.text("brigade-missions"),
        of_missions,
    )
    .rows(rows)
    .empty(words.text("brigade-expert-no-mission"));
    let rows = one.availability.periods.iter().map(|period| {
        let rate = if period.half_days_week == 0 {
            Cell::text(words.text("brigade-absent"))
        } else {
            days(&words, period.half_days_week)
        };
        vec![day(cx, Some(period.from)), day(cx, Some(period.to)), rate]
    });
    let of_periods = WORDING.columns(&words, &["from", "to", "days-week"]);
    let periods = Table::new(&words, "periods", words.text("brigade-periods"), of_periods)
        .rows(rows)
        .empty(words.text("brigade-periods-empty"));
    let mut page = form_page(brigade, cx, asked, trouble)
        .await?
        .with(acts)
        .with(facts(
            cx,
            &one,
            account.as_ref(),
            &skills(&words, &names, &one),
        ))
        .with(missions)
        .with(periods);
    let shell = cx.shell("");
    for (period, of) in one.period_ids.iter().zip(&one.availability.periods) {
        let args = [
            ("from", format::date(cx.locale, of.from).into()),
            ("to", format::date(cx.locale, of.to).into()),
        ];
        let text = words.text_with("brigade-remove-period", &args);
        let form = Form::post(&shell, format!("{here}/periods/{period}/remove"), text);
        page = page.with(form.inline().danger());
    }
    Ok(page)
}

pub(super) async fn show(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = expert_page(&brigade, &cx, id, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn add_period(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = PeriodForm {
        from: three(&fields, "from"),
        to: three(&fields, "to"),
        days_week: fields.text("days_week").to_owned(),
    };
    let done = brigade.add_period(&cx.actor, id, &form).await;
    conclude(
        done,
        |_| format!("{HERE}/{id}"),
        async |trouble| expert_page(&brigade, &cx, id, &fields, &trouble).await,
    )
    .await
}

pub(super) async fn remove_period(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path((id, period)): Path<(Uuid, Uuid)>,
) -> Result<SeeOther, Failure> {
    brigade.remove_period(&cx.actor, id, period).await?;
    Ok(SeeOther(format!("{HERE}/{id}")))
}

/// The form of somebody new, or of an expert as it stands.
async fn form_of(
    brigade: &Brigade,
    cx: &Cx,
    one: Option<&Expert>,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let known = |get: fn(&Expert) -> String| one.map(get).unwrap_or_default();
    let line = |name: &str, usual: String, length: u32| {
        Field::text(name, WORDING.label(&words, name))
            .value(filled(fields, name, &usual))
            .length_max(length)
    };
    let week = known(|one| days_of(one.availability.half_days_week).to_string());
    let linked = match one {
        Some(one) => brigade.account_of(&cx.actor, one).await?,
        None => None,
    };
    let account = linked.map_or_else(String::new, |account| account.email);
    let employers: Vec<&str> = Employer::ALL.iter().map(|one| one.code()).collect();
    let employer = known(|one| one.employer.code().to_owned());
    let email = known(|one| one.email.clone());
    let mut form = vec![
        line("name", known(|one| one.name.clone()), 200).required(),
        Field::line("email", "email", WORDING.label(&words, "email"))
            .value(filled(fields, "email", &email))
            .length_max(254)
            .required(),
        Field::line("email", "account", WORDING.label(&words, "account"))
            .hint(words.text("brigade-hint-account"))
            .value(filled(fields, "account", &account))
            .length_max(254),
        Field::radios(
            "employer",
            WORDING.label(&words, "employer"),
            named(&words, "brigade-employer-", &employers),
        )
        .value(filled(
            fields,
            "employer",
            if employer.is_empty() {
                "agent"
            } else {
                &employer
            },
        )),
        line("lender", known(|one| one.lender.clone()), 200)
            .hint(words.text("brigade-hint-lender")),
        line("days_week", week, 6)
            .unit(words.text("brigade-unit-days"))
            .required(),
        WORDING
            .date_field(
                &words,
                fields,
                "from",
                one.and_then(|one| one.availability.from),
            )
            .hint(words.text("brigade-hint-from")),
        WORDING.date_field(
            &words,
            fields,
            "until_day",
            one.and_then(|one| one.availability.until),
        ),
        Field::section(words.text("brigade-field-skills")),
    ];
    let mut levels = vec![(String::new(), words.text("brigade-no-level"))];
    let codes: Vec<&str> = SkillLevel::ALL.iter().map(|one| one.code()).collect();
    levels.extend(named(&words, "brigade-level-", &codes));
    for (code, name) in brigade.trades(cx.locale).await? {
        let field = format!("skill-{code}");
        let level = one.and_then(|one| one.skills.get(&code));
        let usual = level.map_or("", |level| level.code());
        form.push(Field::select(&field, name, levels.clone()).value(filled(fields, &field, usual)));
    }
    if let Some(one) = one {
        let usual = if one.in_use { "yes" } else { "no" };
        form.push(
            Field::radios(
                "in_use",
                WORDING.label(&words, "in_use"),
                named(&words, "brigade-in-use-", &["yes", "no"]),
            )
            .value(filled(fields, "in_use", usual)),
        );
    }
    let (title, crumb, action) = match one {
        Some(one) => (
            words.text("brigade-change-expert"),
            (one.name.clone(), format!("{HERE}/{}", one.id)),
            format!("{HERE}/{}/change", one.id),
        ),
        None => (
            words.text("brigade-add-expert"),
            (words.text("brigade-experts"), HERE.to_owned()),
            format!("{HERE}/new"),
        ),
    };
    let asked = Asked {
        title: title.clone(),
        lead: words.text("brigade-expert-lead"),
        crumb,
        action,
        submit: words.text("brigade-save"),
        fields: form,
        version: one.map(|one| one.version),
        subject: None,
        hidden: Vec::new(),
    };
    form_page(brigade, cx, asked, trouble).await
}

fn told(fields: &Fields) -> ExpertForm {
    let text = |name: &str| fields.text(name).to_owned();
    let skills = fields.0.iter().filter_map(|(name, value)| {
        let code = name.strip_prefix("skill-")?;
        Some((code.to_owned(), value.clone()))
    });
    ExpertForm {
        name: text("name"),
        email: text("email"),
        account: text("account"),
        employer: text("employer"),
        lender: text("lender"),
        days_week: text("days_week"),
        from: three(fields, "from"),
        until: three(fields, "until_day"),
        skills: skills.take(200).collect(),
        in_use: text("in_use"),
    }
}

pub(super) async fn show_new(
    State(brigade): State<Brigade>,
    cx: Cx,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = form_of(&brigade, &cx, None, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn add(
    State(brigade): State<Brigade>,
    cx: Cx,
    fields: Fields,
) -> Result<Response, Failure> {
    let done = brigade.add_expert(&cx.actor, &told(&fields)).await;
    let to = |id: Uuid| format!("{HERE}/{id}");
    conclude(done, to, async |trouble| {
        form_of(&brigade, &cx, None, &fields, &trouble).await
    })
    .await
}

pub(super) async fn show_change(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let (one, _) = brigade.expert(&cx.actor, id).await?;
    let none = Fields(Vec::new());
    let page = form_of(&brigade, &cx, Some(&one), &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn change(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let done = brigade
        .change_expert(&cx.actor, id, version(&fields), &told(&fields))
        .await;
    conclude(
        done,
        |()| format!("{HERE}/{id}"),
        async |trouble| {
            let (one, _) = brigade.expert(&cx.actor, id).await?;
            form_of(&brigade, &cx, Some(&one), &fields, &trouble).await
        },
    )
    .await
}

async fn expertises_page(
    brigade: &Brigade,
    cx: &Cx,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let line = |name: &str, length: u32| {
        Field::text(name, WORDING.label(&words, name))
            .value(fields.text(name))
            .length_max(length)
            .required()
    };
    let asked = Asked {
        title: words.text("brigade-expertises"),
        lead: words.text("brigade-expertises-lead"),
        crumb: (words.text("brigade-experts"), HERE.to_owned()),
        action: "/brigade/expertises".to_owned(),
        submit: words.text("brigade-add-expertise"),
        fields: vec![
            line("code", 40).hint(words.text("brigade-hint-code")),
            line("name_fr", 100),
            line("name_en", 100),
        ],
        version: None,
        subject: None,
        hidden: Vec::new(),
    };
    let all = brigade.expertises().await?;
    let rows = all.iter().map(|one| {
        vec![
            Cell::text(&one.name_fr),
            Cell::text(&one.name_en),
            Cell::text(&one.code),
        ]
    });
    let names = WORDING.columns(&words, &["name-fr", "name-en", "code"]);
    let table = Table::new(
        &words,
        "expertises",
        words.text("brigade-expertises"),
        names,
    )
    .rows(rows);
    Ok(form_page(brigade, cx, asked, trouble).await?.with(table))
}

pub(super) async fn show_expertises(
    State(brigade): State<Brigade>,
    cx: Cx,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = expertises_page(&brigade, &cx, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn add_expertise(
    State(brigade): State<Brigade>,
    cx: Cx,
    fields: Fields,
) -> Result<Response, Failure> {
    let text = |name: &str| fields.text(name).to_owned();
    let form = ExpertiseForm {
        code: text("code"),
        name_fr: text("name_fr"),
        name_en: text("name_en"),
    };
    let done = brigade.add_expertise(&cx.actor, &form).await;
    let to = |()| "/brigade/expertises".to_owned();
    conclude(done, to, async |trouble| {
        expertises_page(&brigade, &cx, &fields, &trouble).await
    })
    .await
}
