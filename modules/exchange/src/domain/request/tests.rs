use proptest::prelude::*;

use super::super::api::tests::operation;
use super::super::api::{ApiProfile, ApiStatus, Proof};
use super::*;

pub(crate) fn offer(id: u128, code: &str, sensitivity: Sensitivity) -> Offer {
    let mut one = operation(id * 10, "get", &["a", "b"]);
    one.api = Uuid::from_u128(id);
    if sensitivity != Sensitivity::Open {
        one.subject = vec![ports::exchange::Parameter::Query("numero".into())];
    }
    Offer {
        api: Api {
            id: Uuid::from_u128(id),
            producer: Uuid::from_u128(id * 100),
            prefix: format!("p/{code}"),
            version: "1".into(),
            status: ApiStatus::Published,
            profile: ApiProfile {
                name: format!("API {code}"),
                description: "x".into(),
                sensitivity,
                legal_nature: LegalNature::Exchange,
                legal_text: "CRPA, article L114-8".into(),
                legal_url: String::new(),
                per_minute: 60,
                per_day: 10_000,
                service_level: String::new(),
                test_url: String::new(),
                contact: "a@b.example".into(),
                upstreams: vec!["https://u.example".into()],
                health_path: String::new(),
                timeout_ms: 5_000,
                proof: Proof::MutualTls,
            },
            row_version: 1,
        },
        producer_name: "Caisse".into(),
        scopes: vec![Scope {
            tells_identity: false,
            id: Uuid::from_u128(id * 1_000),
            api: Uuid::from_u128(id),
            code: code.into(),
            label: code.into(),
            fields: vec![(one.id, "a".into())],
        }],
        operations: vec![one],
    }
}

/// A whole request for some of `offers`.
pub(crate) fn whole(offers: &[Offer]) -> RequestForm {
    let mut form = RequestForm {
        apis: offers
            .iter()
            .map(|offer| offer.api.id.to_string())
            .collect(),
        scopes: offers
            .iter()
            .map(|offer| offer.scopes[0].code.clone())
            .collect(),
        title: "Tarifs de la cantine".into(),
        description: "Calculer le tarif.".into(),
        purposes: "cantine : Tarif de la cantine\nTarif de la crèche".into(),
        expected_start: ["1".into(), "3".into(), "2026".into()],
        per_minute: "30".into(),
        per_day: "1 000".into(),
        recipients: "130 025 265 00013".into(),
        retention_months: "12".into(),
        modalities: vec!["identifier".into()],
        addresses: "192.0.2.7/24\n2001:db8::/32".into(),
        contacts: std::array::from_fn(|_| ["Ada".into(), "ada@x.example".into()]),
        ..RequestForm::default()
    };
    form.propose(offers);
    form
}

fn mistakes(form: &RequestForm, offers: &[Offer]) -> Vec<(&'static str, &'static str)> {
    let all = form.check(offers).err().unwrap_or_default();
    all.into_iter().map(|one| (one.field, one.key)).collect()
}

#[test]
fn one_request_covers_several_producers() {
    let offers = [
        offer(1, "quotient", Sensitivity::Personal),
        offer(2, "revenu", Sensitivity::Special),
    ];
    let content = whole(&offers).check(&offers).unwrap();
    assert_eq!(content.asked.len(), 2);
    assert_eq!(content.legal_text, "CRPA, article L114-8");
    let codes: Vec<_> = content
        .purposes
        .iter()
        .map(|one| one.code.as_str())
        .collect();
    assert_eq!(codes, ["cantine", "tarif-de-la-creche"]);
    assert_eq!(content.addresses, ["192.0.2.0/24", "2001:db8::/32"]);
    assert_eq!((content.per_minute, content.per_day), (30, 1_000));
}

#[test]
fn a_renewal_says_the_same() {
    let offers = [
        offer(1, "quotient", Sensitivity::Personal),
        offer(2, "revenu", Sensitivity::Special),
    ];
    let content = whole(&offers).check(&offers).unwrap();
    assert_eq!(RequestForm::of(&content).check(&offers), Ok(content));
}

#[test]
fn only_what_the_scopes_need_is_asked() {
    let open = [offer(1, "ouvert", Sensitivity::Open)];
    let mut form = whole(&open);
    form.contacts[2] = Default::default();
    form.contacts[3] = Default::default();
    form.retention_months = String::new();
    form.modalities = Vec::new();
    let content = form.check(&open).unwrap();
    assert_eq!(
        (content.retention_months, content.contacts.len()),
        (None, 2)
    );
    let personal = [offer(1, "ouvert", Sensitivity::Personal)];
    let fields: Vec<_> = mistakes(&form, &personal)
        .into_iter()
        .map(|(field, _)| field)
        .collect();
    assert_eq!(
        fields,
        [
            "retention_months",
            "modalities",
            "dpo_name",
            "dpo_mail",
            "controller_name",
            "controller_mail"
        ]
    );
}

type Change = fn(&mut RequestForm);

#[test]
fn each_mistake_names_its_field() {
    let offers = [offer(1, "quotient", Sensitivity::Personal)];
    let cases: [(Change, &str, &str); 14] = [
        (|form| form.apis.clear(), "apis", "exchange-mistake-no-api"),
        (
            |form| form.scopes.clear(),
            "scopes",
            "exchange-mistake-api-without-scope",
        ),
        (
            |form| form.scopes.push("autre".into()),
            "scopes",
            "exchange-mistake-scope-unknown",
        ),
        (
            |form| form.apis.push(Uuid::nil().to_string()),
            "apis",
            "exchange-mistake-api-closed",
        ),
        (
            |form| form.title = "x".repeat(151),
            "title",
            "exchange-mistake-long",
        ),
        (
            |form| form.purposes = "a: b\n\u{e9}".into(),
            "purposes",
            "exchange-mistake-purpose",
        ),
        (
            |form| form.purposes = "aa: b\naa: c".into(),
            "purposes",
            "exchange-mistake-purpose-twice",
        ),
        (|form| form.expected_start[0] = "31".into(), "", ""),
        (
            |form| form.expected_start[1] = "13".into(),
            "expected_start",
            "exchange-mistake-date",
        ),
        (
            |form| form.per_minute = "61".into(),
            "per_minute",
            "exchange-mistake-number",
        ),
        (
            |form| form.recipients = "130 025 265 00031".into(),
            "recipients",
            "exchange-mistake-siret",
        ),
        (
            |form| form.retention_months = "37".into(),
            "retention_reason",
            "exchange-mistake-missing",
        ),
        (
            |form| form.addresses = "0.0.0.0/0".into(),
            "addresses",
            "exchange-mistake-prefix-ip",
        ),
        (
            |form| form.wants_keys = true,
            "keys_reason",
            "exchange-mistake-missing",
        ),
    ];
    for (change, field, key) in cases {
        let mut form = whole(&offers);
        change(&mut form);
        let found = mistakes(&form, &offers);
        if field.is_empty() {
            assert_eq!(found, []);
        } else {
            assert!(found.contains(&(field, key)), "{field} {key}: {found:?}");
        }
    }
}

#[test]
fn every_field_stands_on_a_page() {
    for field in ["apis", "title", "legal_text", "modalities", "dpo_mail"] {
        assert_ne!(Step::of_field(field), Step::Check);
    }
    assert_eq!(Step::Data.next(), Step::Project);
    assert_eq!(Step::Check.next(), Step::Check);
}

proptest! {
    #[test]
    fn nothing_typed_makes_a_panic(texts in prop::collection::vec(".{0,60}", 12)) {
        let offers = [offer(1, "quotient", Sensitivity::Personal)];
        let mut form = whole(&offers);
        form.purposes = texts[..3].join("\n");
        form.recipients = texts[3].clone();
        form.addresses = texts[4].clone();
        form.expected_start = [texts[5].clone(), texts[6].clone(), texts[7].clone()];
        form.per_minute = texts[8].clone();
        form.editor = texts[9].clone();
        form.legal_url = texts[10].clone();
        form.contacts[0][1] = texts[11].clone();
        let _ = form.check(&offers);
    }
}
