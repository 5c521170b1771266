//! The form of a product: adding one, changing what is said of it.

use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Response, SeeOther, State,
};
use kit_ui::{Composed, Field, Form, Notice, Tone, Words};
use ports::OrganisationKind;
use uuid::Uuid;

use super::product::{find, mark, three};
use super::words::{self, Names};
use crate::access::EDIT_PRODUCT;
use crate::domain::editing::{
    ADDRESS_CHARS_MAX, ATTRIBUTE_KINDS, DESCRIPTION_CHARS_MAX, PHASES_MAX, ProductForm,
    SENTENCE_CHARS_MAX, TITLE_CHARS_MAX, phases_of,
};
use crate::domain::{Mistake, ProductKind};
use crate::gate::GATE_KEY;
use crate::store::products;
use crate::{Portfolio, PortfolioError};

/// Empty rows after the phases that are known.
const PHASE_ROWS_MORE: usize = 2;

/// What the form is about: a new product, or one with the version that is shown.
enum About {
    New,
    Existing(Uuid, i64, String),
}

fn optional(words: &Words, key: &str, options: Vec<(String, String)>) -> Vec<(String, String)> {
    let none = (String::new(), words.text(key));
    std::iter::once(none).chain(options).collect()
}

fn chars(limit: usize) -> u32 {
    u32::try_from(limit).unwrap_or(u32::MAX)
}

fn identity(words: &Words, names: &Names, form: &ProductForm) -> Vec<Field> {
    let kinds = ProductKind::ALL.map(|kind| {
        let label = words.text(&format!("product-kind-{}", kind.code()));
        (kind.code().to_owned(), label)
    });
    let ministries = optional(
        words,
        "portfolio-form-none",
        names.options(OrganisationKind::Ministry),
    );
    let incubators = optional(
        words,
        "portfolio-form-none",
        names.options(OrganisationKind::Incubator),
    );
    let sentence = |name: &str, key: &str, value: &str| {
        Field::text(name, words.text(key))
            .value(value)
            .length_max(chars(SENTENCE_CHARS_MAX))
    };
    vec![
        Field::section(words.text("portfolio-form-identity")),
        Field::text("title", words.text("portfolio-column-title"))
            .value(&form.title)
            .length_max(chars(TITLE_CHARS_MAX))
            .required(),
        Field::select("kind", words.text("portfolio-kind"), kinds.into()).value(&form.kind),
        sentence("mission", "portfolio-form-mission", &form.mission)
            .hint(words.text("portfolio-form-mission-hint")),
        Field::lines(8, "description", words.text("portfolio-form-description"))
            .value(&form.description)
            .length_max(chars(DESCRIPTION_CHARS_MAX)),
        Field::section(words.text("portfolio-form-bearers")),
        Field::select(
            "ministry",
            words.text("portfolio-column-ministry"),
            ministries,
        )
        .value(&form.ministry),
        Field::select("incubator", words.text("portfolio-incubator"), incubators)
            .value(&form.incubator),
        Field::boxes(
            "interministerial",
            words.text("portfolio-reach"),
            vec![(
                "yes".to_owned(),
                words.text("portfolio-interministerial"),
                form.interministerial,
            )],
        ),
        sentence("area", "portfolio-area", &form.area),
        sentence(
            "policy_priority",
            "portfolio-priority",
            &form.policy_priority,
        )
        .hint(words.text("portfolio-form-priority-hint")),
    ]
}

fn values(words: &Words, form: &ProductForm) -> Vec<Field> {
    let mut fields = vec![
        Field::section(words.text("portfolio-form-values"))
            .hint(words.text("portfolio-form-values-hint")),
    ];
    for (kind, value) in ATTRIBUTE_KINDS.iter().zip(&form.values) {
        let label = words.text(&format!("portfolio-attribute-{kind}"));
        fields.push(Field::lines(3, kind, label).value(value));
    }
    fields
}

fn addresses(words: &Words, form: &ProductForm) -> Vec<Field> {
    let mut fields = vec![
        Field::section(words.text("portfolio-form-addresses"))
            .hint(words.text("portfolio-form-addresses-hint")),
    ];
    for (name, key, value) in [
        ("link", "portfolio-link", &form.link),
        ("repository", "portfolio-repository", &form.repository),
        ("stats_url", "portfolio-stats", &form.stats_url),
        ("budget_url", "portfolio-budget", &form.budget_url),
        ("impact_url", "portfolio-impact", &form.impact_url),
    ] {
        fields.push(
            Field::line("url", name, words.text(key))
                .value(value)
                .length_max(chars(ADDRESS_CHARS_MAX)),
        );
    }
    fields.push(
        Field::text("accessibility", words.text("portfolio-accessibility"))
            .value(&form.accessibility)
            .length_max(chars(SENTENCE_CHARS_MAX)),
    );
    fields
}

fn parts(text: &str) -> [String; 3] {
    let mut parts = text.splitn(3, '/').map(str::to_owned);
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

fn phases(words: &Words, form: &ProductForm) -> Vec<Field> {
    let mut fields = vec![
        Field::section(words.text("portfolio-phases"))
            .hint(words.text("portfolio-form-phases-hint")),
    ];
    let kinds = ProductKind::parse(&form.kind).map_or_else(
        || ProductKind::ALL.to_vec(),
        |kind| match kind {
            // A product that becomes a start-up, or stops being one, changes its phases with it.
            ProductKind::StartUp => vec![kind, ProductKind::Product],
            _ => vec![kind, ProductKind::StartUp],
        },
    );
    let mut options = Vec::new();
    for kind in kinds {
        for phase in phases_of(kind) {
            let option = (phase.code().to_owned(), words::phase(words, Some(*phase)));
            if !options.contains(&option) {
                options.push(option);
            }
        }
    }
    let options = optional(words, "portfolio-form-no-phase", options);
    let rows = (form.phases.len() + PHASE_ROWS_MORE).min(PHASES_MAX);
    for row in 0..rows {
        let [code, start, end] = form.phases.get(row).cloned().unwrap_or_default();
        let number = i64::try_from(row + 1).unwrap_or_default();
        let label = |key: &str| words.text_with(key, &[("number", number.into())]);
        let name = format!("phase-{row}");
        fields
            .push(Field::select(&name, label("portfolio-form-phase"), options.clone()).value(code));
        for (part, key, typed) in [
            ("start", "portfolio-form-phase-start", start),
            ("end", "portfolio-form-phase-end", end),
        ] {
            let name = format!("{name}-{part}");
            fields.push(Field::date_typed(words, &name, label(key), parts(&typed)));
        }
    }
    fields
}

async fn page(
    portfolio: &Portfolio,
    cx: &Cx,
    about: &About,
    form: &ProductForm,
    mistakes: &[Mistake],
) -> Result<Composed, Failure> {
    let words = cx.words();
    let names = Names::read(portfolio).await?;
    let (title, action) = match about {
        About::New => ("portfolio-product-add", "/products".to_owned()),
        About::Existing(id, ..) => ("portfolio-product-edit", format!("/products/{id}/edit")),
    };
    let mut fields = identity(&words, &names, form);
    fields.extend(values(&words, form));
    fields.extend(addresses(&words, form));
    fields.extend(phases(&words, form));
    mark(&words, &mut fields, mistakes);
    let mut shell = cx
        .shell(words.text(title))
        .crumb(words.text("portfolio-products"), "/products");
    if let About::Existing(id, _, title) = about {
        shell = shell.crumb(title, format!("/products/{id}"));
    }
    shell.mistaken = !mistakes.is_empty();
    let mut html = Form::post(&shell, action, words.text("portfolio-product-save")).fields(fields);
    let mut notice = None;
    if let About::Existing(id, version, _) = about {
        html = html.hidden("version", version.to_string());
        let decided = portfolio.decided_fields(*id).await?;
        notice = (!decided.is_empty()).then(|| {
            let names: Vec<String> = decided
                .iter()
                .map(|field| words.text(&format!("portfolio-field-{}", field.replace('_', "-"))))
                .collect();
            let text = words.text_with("portfolio-decided", &[("fields", names.join(", ").into())]);
            let give_back = Form::post(
                &shell,
                format!("/products/{id}/give-back"),
                words.text("portfolio-give-back"),
            );
            (Notice::new(Tone::Info, "", text), give_back.inline())
        });
    }
    let html = html.summary(&words);
    let mut composed = Composed::new(shell);
    if let About::Existing(id, ..) = about
        && mistakes.iter().any(|one| one.key.starts_with(GATE_KEY))
    {
        let add = words.text("portfolio-gate-add");
        composed = composed.link(add, format!("/products/{id}/indicators"));
    }
    if let Some((notice, give_back)) = notice {
        composed = composed.with(notice).with(give_back);
    }
    Ok(composed.with(html))
}

fn form_of(fields: &Fields) -> ProductForm {
    let text = |name: &str| fields.text(name).to_owned();
    let date = |name: &str| {
        let typed = three(fields, name);
        if typed.iter().all(|part| part.trim().is_empty()) {
            String::new()
        } else {
            typed.join("/")
        }
    };
    let mut phases: Vec<[String; 3]> = (0..PHASES_MAX)
        .map(|row| {
            let name = format!("phase-{row}");
            [
                text(&name),
                date(&format!("{name}-start")),
                date(&format!("{name}-end")),
            ]
        })
        .collect();
    while phases
        .last()
        .is_some_and(|row| row.iter().all(|part| part.trim().is_empty()))
    {
        phases.pop();
    }
    ProductForm {
        kind: text("kind"),
        title: text("title"),
        mission: text("mission"),
        description: text("description"),
        ministry: text("ministry"),
        incubator: text("incubator"),
        area: text("area"),
        policy_priority: text("policy_priority"),
        interministerial: !fields.text("interministerial").is_empty(),
        link: text("link"),
        repository: text("repository"),
        stats_url: text("stats_url"),
        budget_url: text("budget_url"),
        impact_url: text("impact_url"),
        accessibility: text("accessibility"),
        values: ATTRIBUTE_KINDS.map(text),
        phases,
    }
}

pub(crate) async fn show_new(
    State(portfolio): State<Portfolio>,
    cx: Cx,
) -> Result<Page<Composed>, Failure> {
    let form = ProductForm {
        kind: ProductKind::Product.code().to_owned(),
        ..ProductForm::default()
    };
    page(&portfolio, &cx, &About::New, &form, &[])
        .await
        .map(Page)
}

pub(crate) async fn add(
    State(portfolio): State<Portfolio>,
    cx: Cx,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = form_of(&fields);
    match portfolio.add_product(&cx.actor, &form).await {
        Ok(id) => Ok(SeeOther(format!("/products/{id}")).into_response()),
        Err(PortfolioError::Mistakes(mistakes)) => {
            let page = page(&portfolio, &cx, &About::New, &form, &mistakes).await?;
            Ok(FormAgain(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn show_edit(
    State(portfolio): State<Portfolio>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Response, Failure> {
    let product = find(&portfolio, id).await?;
    if let Some(into) = product.merged_into {
        return Ok(SeeOther(format!("/products/{into}/edit")).into_response());
    }
    cx.actor
        .demand(&EDIT_PRODUCT, product.description.ministry_id)?;
    let mut tx = portfolio
        .db
        .begin_snapshot()
        .await
        .map_err(PortfolioError::from)?;
    let details = products::details(&mut tx, id)
        .await
        .map_err(PortfolioError::from)?;
    drop(tx);
    let form = ProductForm::of(&product.description, &details.attributes, &details.phases);
    let about = About::Existing(id, product.version, product.description.title);
    let page = page(&portfolio, &cx, &about, &form, &[]).await?;
    Ok(Page(page).into_response())
}

pub(crate) async fn edit(
    State(portfolio): State<Portfolio>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = form_of(&fields);
    let version = fields.text("version").parse().unwrap_or(0);
    let (version, mistakes) = match portfolio.edit_product(&cx.actor, id, version, &form).await {
        Ok(()) => return Ok(SeeOther(format!("/products/{id}")).into_response()),
        Err(PortfolioError::Mistakes(mistakes)) => (version, mistakes),
        Err(PortfolioError::Stale) => {
            // What was typed stays; saving again is then a choice made with the new state in view.
            let now = find(&portfolio, id).await?.version;
            (now, vec![Mistake::new("title", "portfolio-mistake-stale")])
        }
        Err(error) => return Err(error.into()),
    };
    let title = find(&portfolio, id).await?.description.title;
    let about = About::Existing(id, version, title);
    let page = page(&portfolio, &cx, &about, &form, &mistakes).await?;
    Ok(FormAgain(page).into_response())
}

pub(crate) async fn give_back(
    State(portfolio): State<Portfolio>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<SeeOther, Failure> {
    portfolio.give_back(&cx.actor, id).await?;
    Ok(SeeOther(format!("/products/{id}/edit")))
}
