//! The form of a service.

use jose::Algorithm;
use kit_http::{Cx, Fields};
use kit_ui::{Composed, Field, Form, Words};
use ports::OrganisationSummary;

use super::service_advanced;
use crate::domain::{
    Audience, AuthMethod, CITIZEN_SCOPES, Client, ClientForm, GrantType, Mistake, Profile, SCOPES,
    SubjectType, is_exchange_scope,
};

/// What was typed.
pub(super) fn typed(fields: &Fields) -> ClientForm {
    let text = |name| fields.text(name).to_owned();
    ClientForm {
        name: text("name"),
        purpose: text("purpose"),
        organisation: text("organisation"),
        audience: text("audience"),
        profile: text("profile"),
        auth_method: text("auth_method"),
        redirect_uris: text("redirect_uris"),
        post_logout_redirect_uris: text("post_logout_redirect_uris"),
        backchannel_logout_uri: text("backchannel_logout_uri"),
        scopes: fields.all("scopes").map(str::to_owned).collect(),
        exchange_scopes: text("exchange_scopes"),
        subject_type: text("subject_type"),
        id_token_algorithm: text("id_token_algorithm"),
        userinfo_algorithm: text("userinfo_algorithm"),
        jwks: text("jwks"),
        refreshes: ticked(fields, "refreshes"),
        acts_for_itself: ticked(fields, "acts_for_itself"),
        needs_pkce: ticked(fields, "needs_pkce"),
        asks_consent: ticked(fields, "asks_consent"),
        introspects: ticked(fields, "introspects"),
        advanced: service_advanced::typed(fields),
    }
}

pub(super) fn ticked(fields: &Fields, rule: &str) -> bool {
    fields.all("rules").any(|value| value == rule)
}

/// What a new form proposes: the safest choices.
pub(super) fn fresh() -> ClientForm {
    ClientForm {
        audience: Audience::default().code().into(),
        profile: Profile::default().code().into(),
        auth_method: AuthMethod::default().code().into(),
        scopes: vec!["openid".into(), "profile".into(), "email".into()],
        subject_type: SubjectType::default().code().into(),
        id_token_algorithm: Algorithm::Es256.name().into(),
        needs_pkce: true,
        asks_consent: true,
        ..ClientForm::default()
    }
}

/// A service as its form shows it.
pub(super) fn of_client(client: &Client) -> ClientForm {
    let draft = &client.draft;
    let has = |grant| draft.grant_types.contains(&grant);
    let all = draft.scopes.iter().map(str::to_owned);
    let (of_exchange, ours): (Vec<String>, Vec<String>) =
        all.partition(|one| is_exchange_scope(one));
    ClientForm {
        name: draft.name.clone(),
        purpose: draft.purpose.clone(),
        organisation: draft
            .organisation_id
            .map(|id| id.to_string())
            .unwrap_or_default(),
        audience: draft.audience.code().into(),
        profile: draft.profile.code().into(),
        auth_method: draft.auth_method.code().into(),
        redirect_uris: draft.redirect_uris.join("\n"),
        post_logout_redirect_uris: draft.post_logout_redirect_uris.join("\n"),
        backchannel_logout_uri: draft.backchannel_logout_uri.clone().unwrap_or_default(),
        scopes: ours,
        exchange_scopes: of_exchange.join("\n"),
        subject_type: draft.subject_type.code().into(),
        id_token_algorithm: draft.id_token_algorithm.name().into(),
        userinfo_algorithm: draft
            .userinfo_algorithm
            .map(|one| one.name().to_owned())
            .unwrap_or_default(),
        jwks: draft.jwks.clone().unwrap_or_default(),
        refreshes: has(GrantType::RefreshToken),
        acts_for_itself: has(GrantType::ClientCredentials),
        needs_pkce: draft.needs_pkce,
        asks_consent: draft.asks_consent,
        introspects: draft.introspects,
        advanced: client.advanced_form(),
    }
}

fn named(words: &Words, prefix: &str, codes: &[&str]) -> Vec<(String, String)> {
    codes
        .iter()
        .map(|code| ((*code).to_owned(), words.text(&format!("{prefix}{code}"))))
        .collect()
}

fn algorithms() -> Vec<(String, String)> {
    let names = Algorithm::ALL.map(Algorithm::name);
    names
        .map(|name| (name.to_owned(), name.to_owned()))
        .to_vec()
}

/// The form, with its mistakes.
pub(super) fn page(
    cx: &Cx,
    title: String,
    action: String,
    version: Option<i64>,
    form: &ClientForm,
    organisations: &[OrganisationSummary],
    mistakes: &[Mistake],
) -> Composed {
    let words = cx.words();
    let label = |name: &str| words.text(&format!("identity-field-{name}"));
    let hint = |name: &str| words.text(&format!("identity-hint-{name}"));
    let mut places = vec![(String::new(), words.text("identity-no-organisation"))];
    for organisation in organisations {
        places.push((organisation.id.to_string(), organisation.name.clone()));
    }
    let citizens_own = CITIZEN_SCOPES
        .iter()
        .map(|(scope, _)| *scope)
        .filter(|scope| !SCOPES.iter().any(|(known, _)| known == scope));
    let scopes = SCOPES
        .iter()
        .map(|(scope, _)| *scope)
        .chain(["offline_access"])
        .chain(citizens_own)
        .map(|scope| {
            let told = words.text(&format!("identity-scope-{scope}"));
            let is_on = form.scopes.iter().any(|one| one == scope);
            (scope.to_owned(), format!("{scope} — {told}"), is_on)
        })
        .collect();
    let rules = [
        ("needs_pkce", form.needs_pkce),
        ("asks_consent", form.asks_consent),
        ("refreshes", form.refreshes),
        ("acts_for_itself", form.acts_for_itself),
        ("introspects", form.introspects),
    ]
    .map(|(rule, is_on)| {
        let told = words.text(&format!("identity-rule-{rule}"));
        (rule.to_owned(), told, is_on)
    })
    .to_vec();
    let mut plain_or_signed = vec![(String::new(), words.text("identity-plain-json"))];
    plain_or_signed.extend(algorithms());
    let mut fields = vec![
        Field::text("name", label("name"))
            .value(&form.name)
            .hint(hint("name"))
            .length_max(120)
            .required(),
        Field::lines(3, "purpose", label("purpose"))
            .value(&form.purpose)
            .hint(hint("purpose"))
            .length_max(1_000)
            .required(),
        Field::select("organisation", label("organisation"), places).value(&form.organisation),
        Field::radios(
            "audience",
            label("audience"),
            named(
                &words,
                "identity-service-audience-",
                &[Audience::Agents.code(), Audience::Citizens.code()],
            ),
        )
        .value(&form.audience)
        .hint(hint("audience")),
        Field::section(words.text("identity-section-addresses")),
        Field::lines(4, "redirect_uris", label("redirect_uris"))
            .value(&form.redirect_uris)
            .hint(hint("redirect_uris")),
        Field::lines(
            2,
            "post_logout_redirect_uris",
            label("post_logout_redirect_uris"),
        )
        .value(&form.post_logout_redirect_uris)
        .hint(hint("post_logout_redirect_uris")),
        Field::text("backchannel_logout_uri", label("backchannel_logout_uri"))
            .value(&form.backchannel_logout_uri)
            .hint(hint("backchannel_logout_uri"))
            .length_max(2_000),
        Field::section(words.text("identity-section-data")),
        Field::boxes("scopes", label("scopes"), scopes).hint(hint("scopes")),
        Field::lines(3, "exchange_scopes", label("exchange_scopes"))
            .value(&form.exchange_scopes)
            .hint(hint("exchange_scopes"))
            .length_max(4_000),
        Field::radios(
            "subject_type",
            label("subject_type"),
            named(
                &words,
                "identity-subject-",
                &SubjectType::ALL.map(SubjectType::code),
            ),
        )
        .value(&form.subject_type)
        .hint(hint("subject_type")),
        Field::section(words.text("identity-section-security")),
        Field::radios(
            "profile",
            label("profile"),
            named(
                &words,
                "identity-profile-",
                &Profile::ALL.map(Profile::code),
            ),
        )
        .value(&form.profile),
        Field::radios(
            "auth_method",
            label("auth_method"),
            named(
                &words,
                "identity-method-",
                &AuthMethod::ALL.map(AuthMethod::code),
            ),
        )
        .value(&form.auth_method),
        Field::boxes("rules", label("rules"), rules),
        Field::select(
            "id_token_algorithm",
            label("id_token_algorithm"),
            algorithms(),
        )
        .value(&form.id_token_algorithm),
        Field::select(
            "userinfo_algorithm",
            label("userinfo_algorithm"),
            plain_or_signed,
        )
        .value(&form.userinfo_algorithm),
        Field::lines(5, "jwks", label("jwks"))
            .value(&form.jwks)
            .hint(hint("jwks"))
            .length_max(20_000),
    ];
    fields.extend(service_advanced::fields(&words, &form.advanced));
    for field in &mut fields {
        let rules = ["acts_for_itself", "introspects", "refreshes"];
        let mistake = mistakes.iter().find(|mistake| {
            mistake.field == field.name
                || (field.name == "rules" && rules.contains(&mistake.field))
                || (field.name == "grants" && ["exchanges", "has_devices"].contains(&mistake.field))
        });
        if let Some(mistake) = mistake {
            field.error = Some(words.text(mistake.key));
        }
    }
    let mut shell = cx
        .shell(title)
        .crumb(words.text("identity-services"), "/services");
    shell.mistaken = !mistakes.is_empty();
    let mut form = Form::post(&shell, action, words.text("identity-save")).fields(fields);
    if let Some(version) = version {
        form = form.hidden("version", version.to_string());
    }
    Composed::new(shell).with(form.summary(&words))
}
