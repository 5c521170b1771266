//! The scopes of an API: which fields of the answers each opens.

use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Response, SeeOther, State,
};
use kit_ui::{Composed, Field, Form};
use uuid::Uuid;

use super::words::{hint, label, mark};
use crate::catalogue::WholeApi;
use crate::domain::{ApiStatus, Mistake, Scope};
use crate::scopes::ScopeForm;
use crate::{Exchange, ExchangeError};

fn typed(fields: &Fields) -> ScopeForm {
    // `operation path`: names of operations have no blanks.
    let split = |text: &str| {
        let (operation, path) = text.split_once(' ')?;
        Some((operation.to_owned(), path.to_owned()))
    };
    ScopeForm {
        code: fields.text("code").to_owned(),
        label: fields.text("label").to_owned(),
        fields: fields.all("fields").filter_map(split).collect(),
        tells_identity: fields.has("tells_identity"),
    }
}

fn of(scope: &Scope, whole: &WholeApi) -> ScopeForm {
    let named = |(operation, path): &(Uuid, String)| {
        let found = whole.operations.iter().find(|one| one.id == *operation)?;
        Some((found.described.name.clone(), path.clone()))
    };
    ScopeForm {
        code: scope.code.clone(),
        label: scope.label.clone(),
        fields: scope.fields.iter().filter_map(named).collect(),
        tells_identity: scope.tells_identity,
    }
}

fn page(
    cx: &Cx,
    whole: &WholeApi,
    scope: Option<&Scope>,
    form: &ScopeForm,
    mistakes: &[Mistake],
) -> Composed {
    let words = cx.words();
    let title = match scope {
        Some(scope) => scope.code.clone(),
        None => words.text("exchange-scope-add"),
    };
    let mut options = Vec::new();
    for operation in whole.operations.iter().filter(|one| !one.is_removed) {
        for field in &operation.described.fields {
            let name = &operation.described.name;
            let is_on = form
                .fields
                .iter()
                .any(|(of, path)| of == name && *path == field.path);
            let mut text = field.path.clone();
            if whole.operations.len() > 1 {
                text = format!("{text} ({name})");
            }
            if !field.text.is_empty() {
                text = format!("{text} — {}", field.text);
            }
            options.push((format!("{name} {}", field.path), text, is_on));
        }
    }
    let mut fields = Vec::new();
    if scope.is_none() {
        fields.push(
            Field::text("code", label(&words, "code"))
                .hint(hint(&words, "code"))
                .value(&form.code)
                .length_max(60)
                .required(),
        );
    }
    fields.push(
        Field::text("label", label(&words, "label"))
            .hint(hint(&words, "label"))
            .value(&form.label)
            .length_max(200)
            .required(),
    );
    fields.push(
        Field::boxes("fields", label(&words, "fields"), options).hint(hint(&words, "fields")),
    );
    let tells = words.text("exchange-scope-tells-identity");
    let tells = vec![("1".to_owned(), tells, form.tells_identity)];
    fields.push(
        Field::boxes("tells_identity", label(&words, "tells_identity"), tells)
            .hint(hint(&words, "tells_identity")),
    );
    mark(&words, &mut fields, mistakes);
    let api = &whole.api;
    let mut shell = cx
        .shell(title)
        .crumb(words.text("exchange-producer"), "/exchange/producer")
        .crumb(
            &api.profile.name,
            format!("/exchange/producer/apis/{}", api.id),
        );
    shell.mistaken = !mistakes.is_empty();
    let action = match scope {
        Some(scope) => format!("/exchange/producer/scopes/{}", scope.id),
        None => format!("/exchange/producer/apis/{}/scopes", api.id),
    };
    let form = Form::post(&shell, action.as_str(), words.text("exchange-save"))
        .fields(fields)
        .summary(&words);
    let mut composed = Composed::new(shell.clone()).with(form);
    if scope.is_some() && api.status == ApiStatus::Draft {
        let remove = Form::post(
            &shell,
            format!("{action}/remove"),
            words.text("exchange-scope-remove"),
        );
        composed = composed.with(remove.danger());
    }
    composed
}

pub(super) async fn show_new(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let whole = exchange.kept_api(&cx.actor, id).await?;
    Ok(Page(page(&cx, &whole, None, &ScopeForm::default(), &[])))
}

pub(super) async fn add(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = typed(&fields);
    match exchange.add_scope(&cx.actor, id, &form).await {
        Ok(_) => Ok(SeeOther(format!("/exchange/producer/apis/{id}")).into_response()),
        Err(ExchangeError::Mistakes(mistakes)) => {
            let whole = exchange.kept_api(&cx.actor, id).await?;
            Ok(FormAgain(page(&cx, &whole, None, &form, &mistakes)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn show(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let (scope, whole) = exchange.kept_scope(&cx.actor, id).await?;
    let form = of(&scope, &whole);
    Ok(Page(page(&cx, &whole, Some(&scope), &form, &[])))
}

pub(super) async fn change(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = typed(&fields);
    match exchange.change_scope(&cx.actor, id, &form).await {
        Ok(api) => Ok(SeeOther(format!("/exchange/producer/apis/{api}")).into_response()),
        Err(ExchangeError::Mistakes(mistakes)) => {
            let (scope, whole) = exchange.kept_scope(&cx.actor, id).await?;
            Ok(FormAgain(page(&cx, &whole, Some(&scope), &form, &mistakes)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn remove(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<SeeOther, Failure> {
    let api = exchange.remove_scope(&cx.actor, id).await?;
    Ok(SeeOther(format!("/exchange/producer/apis/{api}")))
}
