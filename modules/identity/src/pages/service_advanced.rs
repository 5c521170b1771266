//! The second part of a service's form: what few services need.

use jose::KeyManagement;
use kit_http::Fields;
use kit_ui::{Field, Words};

use crate::domain::{AdvancedForm, Demand};

/// What was typed.
pub(super) fn typed(fields: &Fields) -> AdvancedForm {
    let text = |name| fields.text(name).to_owned();
    let grants = |grant: &str| fields.all("grants").any(|value| value == grant);
    AdvancedForm {
        resource: text("resource"),
        reaches: text("reaches"),
        jwks_uri: text("jwks_uri"),
        sector_identifier_uri: text("sector_identifier_uri"),
        certificate_name: text("certificate_name"),
        id_token_encryption: text("id_token_encryption"),
        userinfo_encryption: text("userinfo_encryption"),
        exchanges: grants("exchanges"),
        has_devices: grants("has_devices"),
        demands: fields.all("demands").map(str::to_owned).collect(),
    }
}

/// Its fields, under a heading of their own; all of them may stay empty.
pub(super) fn fields(words: &Words, form: &AdvancedForm) -> Vec<Field> {
    let label = |name: &str| words.text(&format!("identity-field-{name}"));
    let hint = |name: &str| words.text(&format!("identity-hint-{name}"));
    let grants = [
        ("has_devices", form.has_devices),
        ("exchanges", form.exchanges),
    ]
    .map(|(grant, is_on)| {
        let told = words.text(&format!("identity-grant-{grant}"));
        (grant.to_owned(), told, is_on)
    })
    .to_vec();
    let demands = Demand::ALL
        .map(|demand| {
            let code = demand.code();
            let told = words.text(&format!("identity-demand-{code}"));
            let is_on = form.demands.iter().any(|one| one == code);
            (code.to_owned(), told, is_on)
        })
        .to_vec();
    let encryption = |none: &str| {
        let mut all = vec![(String::new(), words.text(none))];
        let names = KeyManagement::ALL.map(KeyManagement::name);
        all.extend(names.map(|name| (name.to_owned(), name.to_owned())));
        all
    };
    let address = |name: &str, value: &str| {
        Field::text(name, label(name))
            .value(value)
            .hint(hint(name))
            .length_max(2_000)
    };
    vec![
        Field::section(words.text("identity-section-advanced")),
        Field::boxes("grants", label("grants"), grants),
        Field::boxes("demands", label("demands"), demands).hint(hint("demands")),
        address("resource", &form.resource),
        Field::lines(2, "reaches", label("reaches"))
            .value(&form.reaches)
            .hint(hint("reaches")),
        address("jwks_uri", &form.jwks_uri),
        address("sector_identifier_uri", &form.sector_identifier_uri),
        address("certificate_name", &form.certificate_name),
        Field::select(
            "id_token_encryption",
            label("id_token_encryption"),
            encryption("identity-encryption-none"),
        )
        .value(&form.id_token_encryption),
        Field::select(
            "userinfo_encryption",
            label("userinfo_encryption"),
            encryption("identity-encryption-by-key"),
        )
        .value(&form.userinfo_encryption),
    ]
}
