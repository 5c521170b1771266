//! The invented producers of the demo: what the demo's APIs answer, on this machine alone.
//!
//! Nothing is kept: each answer is computed from the number that is asked about, so that every demo
//! tells the same of the same household.

use std::net::{Ipv4Addr, SocketAddr};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use exchange::ApiFilter;
use exchange::domain::ApiForm;
use http::Uri;
use jiff::civil::Date;
use kit_access::Actor;
use kit_http::{
    HeaderMap, IntoResponse as _, JsonAnswer, Method, Response, Router, State, StatusCode,
};
use kit_time::Source;
use ports::exchange::CivilIdentity;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::app::Platform;
use crate::error::CommandError;

/// The beginning of an API's paths at the exchange, and at the producers.
const PLACES: [(&str, &str); 2] = [
    ("cnp/quotient-familial", "/cnp"),
    ("dr/revenu-fiscal", "/dr"),
];
/// What paths of trials begin with.
const TRIALS: &str = "/essai";
/// More APIs than a demo has.
const APIS_MAX: u32 = 1_000;
/// Digits of the number of a household.
const HOUSEHOLD_DIGITS: usize = 7;
/// Digits of the number of a taxpayer.
const TAXPAYER_DIGITS: usize = 13;
const FIRST_NAMES: [&str; 8] = [
    "Aïcha", "Bastien", "Chloé", "Driss", "Enora", "Félix", "Gaëlle", "Hugo",
];
const SITUATIONS: [&str; 5] = ["C", "M", "D", "V", "O"];
const LAST_NAMES: [&str; 6] = [
    "Aubry",
    "Benali",
    "Carlier",
    "Diarra",
    "Etcheverry",
    "Faure",
];

/// Answers as the producers on a port of this machine (0: a free one), and has the demo's APIs point
/// there. Gives the address.
pub(crate) async fn open(platform: &Platform, port: u16) -> Result<String, CommandError> {
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| CommandError::File {
            path: format!("listening on {listen} as the demo's producers"),
            error,
        })?;
    let url = format!("http://{}", listener.local_addr()?);
    point_to(platform, &url).await?;
    let router = Router::new()
        .fallback(answer)
        .with_state(platform.source.clone());
    tokio::spawn(async move {
        if let Err(error) = kit_http::serve(listener, router, kit_http::asked_to_stop()).await {
            tracing::error!(error = &error as &dyn std::error::Error, "demo.producers");
        }
    });
    Ok(url)
}

/// An API that somebody had point elsewhere is left alone.
async fn point_to(platform: &Platform, base: &str) -> Result<(), CommandError> {
    let exchange = &platform.exchange;
    let actor = Actor::system("demo");
    let filter = ApiFilter::default();
    for (api, _) in exchange.apis(&filter, ("", Uuid::nil()), APIS_MAX).await? {
        let Some((_, place)) = PLACES.iter().find(|(prefix, _)| *prefix == api.prefix) else {
            continue;
        };
        let upstream = format!("{base}{place}");
        // Where trials go: all is invented here, and still none of it is reached as if it were real.
        let test_url = format!("{base}{TRIALS}{place}");
        let mut form = ApiForm::of(&api.profile);
        let is_invented = form.upstreams.ends_with(".example/api");
        let is_of_before = form.upstreams.starts_with("http://127.0.0.1:")
            && form.upstreams.ends_with(place)
            && form.upstreams != upstream;
        if is_invented || is_of_before {
            form.upstreams = upstream;
            form.proof = "none".to_owned();
            form.test_url = test_url;
            exchange
                .change_api(&actor, api.id, api.row_version, &form)
                .await?;
        }
    }
    Ok(())
}

async fn answer(
    State(source): State<Source>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if method != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let path = uri.path().strip_prefix(TRIALS).unwrap_or(uri.path());
    if path == "/sante" {
        return StatusCode::NO_CONTENT.into_response();
    }
    let query = uri.query().unwrap_or_default();
    let today = source.today();
    let found = match path.strip_prefix("/cnp/v1/foyers/") {
        Some(number) => {
            let month = parameter(query, "mois").unwrap_or_default();
            let this_month = today.strftime("%Y-%m").to_string();
            household(number, month.get(..7).unwrap_or(&this_month))
        }
        None if path == "/cnp/v1/quotients" => {
            let this_month = today.strftime("%Y-%m").to_string();
            let number = if headers.contains_key("citizen-subject") {
                citizen(&headers)
            } else {
                person(query)
            };
            number.and_then(|number| household(&number, &this_month))
        }
        None if path == "/dr/v2/avis" => {
            let year = parameter(query, "annee").and_then(|year| year.parse().ok());
            let number = parameter(query, "numeroFiscal").unwrap_or_default();
            notice(number, year.unwrap_or(today.year() - 1))
        }
        None => None,
    };
    match found {
        Some(found) => JsonAnswer(found).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A parameter whose value needs no escape.
fn parameter<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// The number of the household of a person whom its civil status names; nobody is known without all
/// of it.
fn person(query: &str) -> Option<String> {
    let names = [
        "nomNaissance",
        "prenoms",
        "dateNaissance",
        "communeNaissance",
    ];
    let mut sum = 7_u64;
    for name in names {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        let (_, value) = pairs.find(|(key, _)| key == name)?;
        let value = value.trim().to_lowercase();
        if value.is_empty() || (name == "dateNaissance" && value.parse::<Date>().is_err()) {
            return None;
        }
        let mix = |sum: u64, one: u8| (sum * 31 + u64::from(one)) % 8_999_993;
        sum = value.bytes().fold(sum, mix);
    }
    Some((1_000_000 + sum).to_string())
}

/// The same of the citizen on whose behalf it is called, who is known where the gateway tells who it
/// is: the number is the one that its civil status in parameters has.
fn citizen(headers: &HeaderMap) -> Option<String> {
    let told = headers.get("citizen-identity")?.to_str().ok()?;
    let json = URL_SAFE_NO_PAD.decode(told).ok()?;
    let who: CivilIdentity = serde_json::from_slice(&json).ok()?;
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("nomNaissance", &who.family_name)
        .append_pair("prenoms", &who.given_name)
        .append_pair("dateNaissance", &who.birthdate)
        .append_pair("communeNaissance", &who.birthplace)
        .finish();
    person(&query)
}

/// What answers are computed from; nobody's number begins with 0.
fn seed(number: &str, digits: usize) -> Option<usize> {
    let is_number = number.len() == digits && number.bytes().all(|one| one.is_ascii_digit());
    let is_known = is_number && !number.starts_with('0');
    let mix = |sum: usize, one: u8| (sum * 31 + usize::from(one)) % 1_000_003;
    is_known.then(|| number.bytes().fold(7, mix))
}

fn household(number: &str, month: &str) -> Option<Value> {
    let seed = seed(number, HOUSEHOLD_DIGITS)?;
    let name = LAST_NAMES[seed % LAST_NAMES.len()];
    let children = (0..=seed % 3).map(|at| {
        json!({
            "nomNaissance": name,
            "prenoms": FIRST_NAMES[(seed + at * 3) % FIRST_NAMES.len()],
            "dateNaissance": format!("{}-{:02}-{:02}", 2010 + (seed + at) % 12, 1 + seed % 12, 1 + seed % 28),
        })
    });
    Some(json!({
        "quotientFamilial": 300 + seed % 1_200,
        "mois": month,
        "adresse": {
            "voie": format!("{} rue des Tilleuls", 1 + seed % 90),
            "codePostal": "99300",
            "commune": "Valclair",
        },
        "enfants": children.collect::<Vec<_>>(),
    }))
}

fn notice(number: &str, year: i16) -> Option<Value> {
    let seed = seed(number, TAXPAYER_DIGITS)?;
    Some(json!({
        "revenuFiscalReference": 9_000 + seed % 48_000,
        "nombreParts": 1.0 + (seed % 5) as f64 / 2.0,
        "annee": year,
        "situationFamille": SITUATIONS[seed % SITUATIONS.len()],
        "declarants": [{
            "nom": LAST_NAMES[seed % LAST_NAMES.len()],
            "prenoms": FIRST_NAMES[seed % FIRST_NAMES.len()],
        }],
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_is_told_the_same() {
        let one = household("1234567", "2026-11").unwrap();
        assert_eq!(Some(one.clone()), household("1234567", "2026-11"));
        assert_eq!(one["mois"], "2026-11");
        assert_eq!(notice("2034567890123", 2025).unwrap()["annee"], 2025);
        assert_ne!(notice("2034567890123", 2025), notice("2034567890124", 2025));
    }

    #[test]
    fn nobody_is_known_by_what_is_no_number() {
        for number in ["", "123456", "12345678", "0234567", "12345a7", "١٢٣٤٥٦٧"] {
            assert_eq!(household(number, "2026-11"), None, "{number}");
        }
        assert_eq!(notice("1234567", 2025), None);
    }

    #[test]
    fn a_person_is_known_by_all_of_its_civil_status() {
        let whole = "nomNaissance=Fonteneau&prenoms=%C3%89lodie%20Marie&dateNaissance=1962-08-24\
                     &communeNaissance=75107";
        let number = person(whole).unwrap();
        assert!(household(&number, "2026-11").is_some());
        assert_eq!(
            person(&whole.replace("Fonteneau", "FONTENEAU")),
            Some(number.clone())
        );
        assert_ne!(person(&whole.replace("75107", "75108")), Some(number));
        for less in [
            whole.replace("Fonteneau", ""),
            whole.replace("1962-08-24", "hier"),
            whole.replace("&communeNaissance=75107", ""),
        ] {
            assert_eq!(person(&less), None, "{less}");
        }
    }

    #[test]
    fn a_citizen_is_the_person_of_its_civil_status() {
        let who = r#"{"given_name":"Élodie Marie","family_name":"Fonteneau","birthdate":"1962-08-24",
            "gender":"female","birthplace":"75107","birthcountry":"99100"}"#;
        let mut headers = HeaderMap::new();
        assert_eq!(citizen(&headers), None, "who it is wasn't told");
        let told = URL_SAFE_NO_PAD.encode(who);
        headers.insert("citizen-identity", told.parse().unwrap());
        let whole = "nomNaissance=Fonteneau&prenoms=%C3%89lodie%20Marie&dateNaissance=1962-08-24\
                     &communeNaissance=75107";
        assert_eq!(citizen(&headers), person(whole));
    }

    #[test]
    fn a_parameter_is_read_by_its_name() {
        let query = "annee=2024&numeroFiscal=2034567890123";
        assert_eq!(parameter(query, "numeroFiscal"), Some("2034567890123"));
        assert_eq!(parameter(query, "mois"), None);
    }
}
