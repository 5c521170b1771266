//! The form of an identity provider.

use jose::{Algorithm, KeyManagement};
use kit_http::{Cx, Fields};
use kit_ui::{Composed, Field, Form, Words};

use crate::ProviderSecret;
use crate::domain::{
    Audience, ForeignDomain, LEVELS, Mistake, ProviderAuth, ProviderForm, ProviderProfile,
};

/// What was typed; the secret apart, since no page shows it again.
pub(super) fn typed(fields: &Fields) -> (ProviderForm, ProviderSecret) {
    let text = |name| fields.text(name).to_owned();
    let all = |name| fields.all(name).map(str::to_owned).collect();
    let ticked = |rule: &str| fields.all("rules").any(|value| value == rule);
    let form = ProviderForm {
        code: text("code"),
        name: text("name"),
        audience: text("audience"),
        profile: text("profile"),
        issuer: text("issuer"),
        client_id: text("client_id"),
        auth_method: text("auth_method"),
        auth_algorithm: text("auth_algorithm"),
        scopes: text("scopes"),
        acr_values: text("acr_values"),
        domains: text("domains"),
        foreign_domain: text("foreign_domain"),
        is_default: ticked("is_default"),
        levels: text("levels"),
        level_max: text("level_max"),
        creates_accounts: ticked("creates_accounts"),
        id_token_algorithms: all("id_token_algorithms"),
        userinfo_algorithms: all("userinfo_algorithms"),
        encryption: text("encryption"),
        authorization_endpoint: text("authorization_endpoint"),
        token_endpoint: text("token_endpoint"),
        userinfo_endpoint: text("userinfo_endpoint"),
        jwks_uri: text("jwks_uri"),
        end_session_endpoint: text("end_session_endpoint"),
    };
    let secret = fields.all("secret").next().unwrap_or_default();
    (form, ProviderSecret(secret.to_owned()))
}

/// Codes with their words.
fn named(words: &Words, prefix: &str, codes: Vec<&'static str>) -> Vec<(String, String)> {
    let named = codes.into_iter();
    named
        .map(|code| (code.to_owned(), words.text(&format!("{prefix}{code}"))))
        .collect()
}

fn algorithms(chosen: &[String]) -> Vec<(String, String, bool)> {
    let names = Algorithm::ALL.map(Algorithm::name);
    let box_of = |name: &str| {
        let is_on = chosen.iter().any(|one| one == name);
        (name.to_owned(), name.to_owned(), is_on)
    };
    names.map(box_of).to_vec()
}

/// What the form is for.
pub(super) struct For {
    pub(super) title: String,
    pub(super) action: String,
    /// The provider's version when it is there already: its code then stays.
    pub(super) version: Option<i64>,
}

/// The form, with its mistakes.
pub(super) fn page(cx: &Cx, goal: For, form: &ProviderForm, mistakes: &[Mistake]) -> Composed {
    let words = cx.words();
    let mut fields = whose(&words, form, goal.version.is_some());
    fields.extend(how(&words, form, goal.version.is_some()));
    fields.extend(what(&words, form));
    fields.extend(signatures(&words, form));
    fields.extend(addresses(&words, form));
    for field in &mut fields {
        let mut marks = mistakes.iter();
        if let Some(mistake) = marks.find(|mistake| mistake.field == field.name) {
            field.error = Some(words.text(mistake.key));
        }
    }
    let mut shell = cx
        .shell(goal.title)
        .crumb(words.text("identity-providers"), "/providers");
    shell.mistaken = !mistakes.is_empty();
    let save = words.text("identity-save");
    let mut built = Form::post(&shell, goal.action, save).fields(fields);
    if let Some(version) = goal.version {
        built = built.hidden("version", version.to_string());
    }
    Composed::new(shell).with(built.summary(&words))
}

fn label(words: &Words, name: &str) -> String {
    words.text(&format!("identity-provider-field-{name}"))
}

fn hint(words: &Words, name: &str) -> String {
    words.text(&format!("identity-provider-hint-{name}"))
}

fn whose(words: &Words, form: &ProviderForm, is_there: bool) -> Vec<Field> {
    let audiences = Audience::ALL.iter().map(|one| one.code()).collect();
    let profiles = ProviderProfile::ALL.iter().map(|one| one.code()).collect();
    let mut fields = vec![
        Field::text("name", label(words, "name"))
            .value(&form.name)
            .hint(hint(words, "name"))
            .length_max(120)
            .required(),
    ];
    if !is_there {
        let code = Field::text("code", label(words, "code"))
            .value(&form.code)
            .hint(hint(words, "code"))
            .length_max(40)
            .required();
        fields.push(code);
    }
    fields.extend([
        Field::radios(
            "audience",
            label(words, "audience"),
            named(words, "identity-audience-", audiences),
        )
        .value(&form.audience),
        Field::radios(
            "profile",
            label(words, "profile"),
            named(words, "identity-provider-profile-", profiles),
        )
        .value(&form.profile),
    ]);
    fields
}

fn how(words: &Words, form: &ProviderForm, is_there: bool) -> Vec<Field> {
    let methods = ProviderAuth::ALL.iter().map(|one| one.code()).collect();
    let secret_hint = if is_there { "secret-kept" } else { "secret" };
    let names = Algorithm::ALL
        .map(Algorithm::name)
        .map(|name| (name.to_owned(), name.to_owned()));
    vec![
        Field::section(words.text("identity-provider-section-trust")),
        Field::text("issuer", label(words, "issuer"))
            .value(&form.issuer)
            .hint(hint(words, "issuer"))
            .length_max(2_000)
            .required(),
        Field::text("client_id", label(words, "client_id"))
            .value(&form.client_id)
            .hint(hint(words, "client_id"))
            .length_max(1_000)
            .required(),
        Field::radios(
            "auth_method",
            label(words, "auth_method"),
            named(words, "identity-provider-method-", methods),
        )
        .value(&form.auth_method),
        Field::line("password", "secret", label(words, "secret"))
            .hint(hint(words, secret_hint))
            .autocomplete("off")
            .length_max(1_000),
        Field::select(
            "auth_algorithm",
            label(words, "auth_algorithm"),
            names.to_vec(),
        )
        .value(&form.auth_algorithm)
        .hint(hint(words, "auth_algorithm")),
    ]
}

fn what(words: &Words, form: &ProviderForm) -> Vec<Field> {
    let policies = ForeignDomain::ALL.iter().map(|one| one.code()).collect();
    let levels = LEVELS.map(|(name, _)| {
        let told = words.text(&format!("identity-level-{name}"));
        (name.to_owned(), format!("{name} — {told}"))
    });
    let rules = [
        ("is_default", form.is_default),
        ("creates_accounts", form.creates_accounts),
    ]
    .map(|(rule, is_on)| {
        let told = words.text(&format!("identity-provider-rule-{rule}"));
        (rule.to_owned(), told, is_on)
    });
    vec![
        Field::section(words.text("identity-provider-section-people")),
        Field::lines(5, "domains", label(words, "domains"))
            .value(&form.domains)
            .hint(hint(words, "domains")),
        Field::radios(
            "foreign_domain",
            label(words, "foreign_domain"),
            named(words, "identity-foreign-", policies),
        )
        .value(&form.foreign_domain),
        Field::boxes("rules", label(words, "rules"), rules.to_vec()),
        Field::text("scopes", label(words, "scopes"))
            .value(&form.scopes)
            .hint(hint(words, "scopes"))
            .length_max(1_000),
        Field::text("acr_values", label(words, "acr_values"))
            .value(&form.acr_values)
            .hint(hint(words, "acr_values"))
            .length_max(1_000),
        Field::lines(5, "levels", label(words, "levels"))
            .value(&form.levels)
            .hint(hint(words, "levels")),
        Field::select("level_max", label(words, "level_max"), levels.to_vec())
            .value(&form.level_max)
            .hint(hint(words, "level_max")),
    ]
}

fn signatures(words: &Words, form: &ProviderForm) -> Vec<Field> {
    let mut encryptions = vec![(String::new(), words.text("identity-provider-plain"))];
    let names = KeyManagement::ALL.map(KeyManagement::name);
    encryptions.extend(names.map(|name| (name.to_owned(), name.to_owned())));
    vec![
        Field::section(words.text("identity-section-security")),
        Field::boxes(
            "id_token_algorithms",
            label(words, "id_token_algorithms"),
            algorithms(&form.id_token_algorithms),
        ),
        Field::boxes(
            "userinfo_algorithms",
            label(words, "userinfo_algorithms"),
            algorithms(&form.userinfo_algorithms),
        )
        .hint(hint(words, "userinfo_algorithms")),
        Field::select("encryption", label(words, "encryption"), encryptions)
            .value(&form.encryption)
            .hint(hint(words, "encryption")),
    ]
}

fn addresses(words: &Words, form: &ProviderForm) -> Vec<Field> {
    let mut fields = vec![Field::section(
        words.text("identity-provider-section-addresses"),
    )];
    for (name, value) in [
        ("authorization_endpoint", &form.authorization_endpoint),
        ("token_endpoint", &form.token_endpoint),
        ("userinfo_endpoint", &form.userinfo_endpoint),
        ("jwks_uri", &form.jwks_uri),
        ("end_session_endpoint", &form.end_session_endpoint),
    ] {
        let field = Field::text(name, label(words, name)).value(value);
        fields.push(field.hint(hint(words, "endpoint")).length_max(2_000));
    }
    fields
}
