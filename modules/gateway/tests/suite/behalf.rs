//! Calls on behalf of citizens: what is let through, what the producer is told, and every refusal.

use gateway::SignedSnapshot;
use jose::claims::Claims;
use jose::dpop::{NewProof, create};
use jose::jwk::{KeyKind, SigningKey};
use ports::exchange::{
    BehalfBook, CivilIdentity, OnBehalf, OperationRoute, Parameter, SNAPSHOT_FORM, ScopeFields,
    SealedCitizen, Snapshot,
};
use pseudonym::{BehalfKey, PseudonymKey, hex};
use serde_json::json;
use uuid::Uuid;

use crate::support::*;

const CITIZEN: Uuid = Uuid::from_u128(70);
const SIGN_IN: Uuid = Uuid::from_u128(71);
const OTHER_API: Uuid = Uuid::from_u128(72);
const MINE: &str = "/caf/quotient-familial/v1/moi";
const BY_NAME: &str = "/caf/quotient-familial/v1/personnes";
const ELSEWHERE: &str = "/imp/revenu/v1/moi";

fn key() -> BehalfKey {
    BehalfKey::parse(&"0c".repeat(32)).unwrap()
}

fn scope(name: &str, field: &str, tells_identity: bool) -> ScopeFields {
    ScopeFields {
        scope: name.to_owned(),
        fields: vec![field.to_owned()],
        tells_identity,
    }
}

/// Two producers that open operations to calls on behalf of citizens.
fn open(snapshot: &mut Snapshot) {
    snapshot.behalf = Some(BehalfBook {
        key: "0c".repeat(32),
        ended: Vec::new(),
    });
    let operation = |id, path: &str, on_behalf, subject| OperationRoute {
        id: Uuid::from_u128(id),
        name: path.to_owned(),
        method: "GET".to_owned(),
        path: path.to_owned(),
        scopes: vec![
            scope("quotient", "quotient", false),
            scope("income", "income", false),
            scope("who", "members", true),
        ],
        subject,
        pieces_saved: 1,
        hidden_days: 0,
        on_behalf,
        level_min: 2,
    };
    let api = &mut snapshot.apis[0];
    api.operations
        .push(operation(80, "/v1/moi", OnBehalf::Only, Vec::new()));
    let name = vec![Parameter::Query("nom".to_owned())];
    api.operations
        .push(operation(81, "/v1/personnes", OnBehalf::Open, name));
    let mut other = api.clone();
    other.id = OTHER_API;
    other.prefix = "imp/revenu".to_owned();
    other.producer.id = Uuid::from_u128(73);
    other.producer.siret = "13002526500021".to_owned();
    other.pseudonym_key = "0d".repeat(32);
    snapshot.apis.push(other);
    let grant = &mut snapshot.accreditations[0];
    grant.on_behalf = true;
    let scopes = ["quotient", "income", "who"].map(str::to_owned).to_vec();
    grant.apis[0].scopes = scopes.clone();
    grant.apis.push(ports::exchange::ApiGrant {
        api: OTHER_API,
        scopes,
    });
}

fn somebody() -> SealedCitizen {
    SealedCitizen {
        citizen: CITIZEN,
        sign_in: SIGN_IN,
        level: 2,
        identity: Some(CivilIdentity {
            given_name: "Élodie Marie".to_owned(),
            family_name: "Fonteneau".to_owned(),
            birthdate: "1962-08-24".to_owned(),
            gender: "female".to_owned(),
            birthplace: "75107".to_owned(),
            birthcountry: "99100".to_owned(),
        }),
    }
}

struct Behalf {
    world: World,
    holder: SigningKey,
}

impl Behalf {
    async fn new() -> Self {
        let producer = producer(|_| answer_of(HOUSEHOLD_ANSWER)).await;
        Self {
            world: World::set_up(settings(), producer, open).await,
            holder: SigningKey::generate(KeyKind::Es256).unwrap(),
        }
    }

    /// The claims of a good token.
    fn claims(&self, citizen: &SealedCitizen, scope: &str) -> Claims {
        let content = serde_json::to_vec(citizen).unwrap();
        self.world
            .claims()
            .subject("whom-the-town-knows")
            .with("act", json!({ "sub": "town" }))
            .with("citizen", key().seal("t1", &content).unwrap())
            .with("scope", scope)
            .with("cnf", json!({ "jkt": self.holder.public().thumbprint() }))
    }

    async fn call(&self, target: &str, claims: &Claims) -> Answered {
        self.call_by(&self.holder, target, claims).await
    }

    async fn call_by(&self, holder: &SigningKey, target: &str, claims: &Claims) -> Answered {
        let token = self.world.sign(claims);
        let path = target.split('?').next().unwrap_or_default();
        let proof = NewProof {
            method: "GET",
            url: &format!("{PUBLIC_URL}{path}"),
            jti: &Uuid::from_u128(u128::from(rand_of(&token, target, self))).to_string(),
            now: self.world.now().as_second(),
            access_token: Some(&token),
            nonce: None,
        };
        let proof = create(holder, &proof).unwrap();
        let headers = format!("Authorization: DPoP {token}\r\nDPoP: {proof}\r\n");
        let joint = if target.contains('?') { '&' } else { '?' };
        let target = format!("{target}{joint}{WHY}");
        self.world.with_headers(&target, &headers).await
    }

    async fn refused(&self, target: &str, claims: &Claims, status: u16, code: &str) {
        let answer = self.call(target, claims).await;
        assert_eq!((answer.status, &*answer.code()), (status, code));
        assert!(self.world.asked().is_empty(), "the producer isn't asked");
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
    }

    fn all(&self) -> Claims {
        self.claims(&somebody(), "quotient income who")
    }
}

/// Proofs are used once: each call has one of its own.
fn rand_of(token: &str, target: &str, behalf: &Behalf) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    (token, target, behalf.world.traces().len()).hash(&mut hasher);
    hasher.finish()
}

fn header<'r>(request: &'r str, name: &str) -> Option<&'r str> {
    request.lines().find_map(|line| {
        let (found, value) = line.split_once(": ")?;
        found.eq_ignore_ascii_case(name).then_some(value)
    })
}

#[tokio::test]
async fn a_citizens_data_comes_back_and_the_trace_names_it_by_a_pseudonym() {
    let behalf = Behalf::new().await;
    let answer = behalf
        .call(MINE, &behalf.claims(&somebody(), "quotient"))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.code());
    assert_eq!(answer.json()["data"], json!({ "quotient": 850 }));
    let trace = behalf.world.traces().pop().unwrap();
    let of_api = PseudonymKey::parse(&"0a".repeat(32)).unwrap();
    let pseudonym = of_api.citizen(CITIZEN.as_bytes());
    assert_eq!(trace.subject, Some(hex(&pseudonym)));
    assert_eq!(trace.status, 200);
    assert!(trace.on_behalf);
    behalf.world.end().await;
}

#[tokio::test]
async fn each_producer_is_told_its_own_subject_and_never_the_requesters() {
    let behalf = Behalf::new().await;
    for target in [MINE, ELSEWHERE, MINE] {
        let claims = behalf.claims(&somebody(), "quotient");
        assert_eq!(behalf.call(target, &claims).await.status, 200);
    }
    let asked = behalf.world.asked();
    let subject = |at: usize| header(&asked[at], "citizen-subject").unwrap().to_owned();
    let expected = key().subject(PRODUCER.as_bytes(), CITIZEN.as_bytes());
    assert_eq!(subject(0), hex(&expected));
    assert_eq!(subject(0), subject(2));
    assert_ne!(subject(0), subject(1));
    for request in &asked {
        assert_eq!(header(request, "citizen-level"), Some("eidas2"));
        assert_eq!(header(request, "citizen-identity"), None);
        for kept in ["whom-the-town-knows", &CITIZEN.to_string(), "Fonteneau"] {
            assert!(!request.contains(kept), "{kept}");
        }
    }
    let traces = behalf.world.traces();
    assert_ne!(traces[0].subject, Some(subject(0)));
    assert_ne!(traces[0].subject, traces[1].subject);
    behalf.world.end().await;
}

#[tokio::test]
async fn who_the_citizen_is_is_told_with_a_scope_that_says_so_alone() {
    use base64::Engine as _;
    let behalf = Behalf::new().await;
    assert_eq!(behalf.call(MINE, &behalf.all()).await.status, 200);
    let without = SealedCitizen {
        identity: None,
        ..somebody()
    };
    let claims = behalf.claims(&without, "quotient income who");
    assert_eq!(behalf.call(ELSEWHERE, &claims).await.status, 200);
    let asked = behalf.world.asked();
    let told = header(&asked[0], "citizen-identity").unwrap();
    let told = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(told)
        .unwrap();
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    assert_eq!(told["family_name"], "Fonteneau");
    assert_eq!(told["birthplace"], "75107");
    assert_eq!(header(&asked[1], "citizen-identity"), None, "not agreed");
    behalf.world.end().await;
}

#[tokio::test]
async fn scopes_are_those_of_the_accreditation_and_of_the_agreement() {
    let mut behalf = Behalf::new().await;
    behalf.world.change(|snapshot| {
        snapshot.accreditations[0].apis[0].scopes = vec!["quotient".to_owned()];
    });
    let answer = behalf.call(MINE, &behalf.all()).await;
    assert_eq!(answer.json()["data"], json!({ "quotient": 850 }));
    let asked = behalf.world.asked();
    assert_eq!(
        header(&asked[0], "citizen-identity"),
        None,
        "not accredited"
    );
    behalf.world.end().await;
}

#[tokio::test]
async fn a_scope_to_which_the_citizen_did_not_agree_is_refused() {
    let behalf = Behalf::new().await;
    let claims = behalf.claims(&somebody(), "other");
    behalf.refused(MINE, &claims, 403, "consent-missing").await;
    behalf.world.end().await;
}

#[tokio::test]
async fn an_operation_of_citizens_is_refused_without_one() {
    let behalf = Behalf::new().await;
    let answer = behalf
        .world
        .get(&format!("{MINE}?{WHY}"), &behalf.world.token())
        .await;
    assert_eq!((answer.status, &*answer.code()), (403, "citizen-missing"));
    behalf.world.end().await;
}

#[tokio::test]
async fn an_operation_that_is_not_open_to_citizens_is_refused() {
    let behalf = Behalf::new().await;
    behalf
        .refused(PATH, &behalf.all(), 403, "behalf-not-open")
        .await;
    behalf.world.end().await;
}

#[tokio::test]
async fn an_accreditation_that_is_not_for_citizens_is_refused() {
    let mut behalf = Behalf::new().await;
    behalf
        .world
        .change(|snapshot| snapshot.accreditations[0].on_behalf = false);
    behalf
        .refused(MINE, &behalf.all(), 403, "not-granted")
        .await;
    behalf.world.end().await;
}

#[tokio::test]
async fn a_level_below_the_producers_is_refused() {
    let behalf = Behalf::new().await;
    let unsure = SealedCitizen {
        level: 1,
        ..somebody()
    };
    let claims = behalf.claims(&unsure, "quotient");
    behalf.refused(MINE, &claims, 403, "level-too-low").await;
    behalf.world.end().await;
}

#[tokio::test]
async fn an_ended_agreement_refuses_the_next_call() {
    let mut behalf = Behalf::new().await;
    behalf.world.change(|snapshot| {
        let book = snapshot.behalf.as_mut().unwrap();
        book.ended = vec![Uuid::from_u128(99), SIGN_IN, Uuid::from_u128(1)];
    });
    behalf
        .refused(MINE, &behalf.all(), 403, "consent-ended")
        .await;
    behalf.world.end().await;
}

#[tokio::test]
async fn a_parameter_that_names_somebody_else_is_refused() {
    let behalf = Behalf::new().await;
    let named = format!("{BY_NAME}?nom=Dupont");
    behalf
        .refused(&named, &behalf.all(), 422, "parameter-invalid")
        .await;
    assert_eq!(behalf.call(BY_NAME, &behalf.all()).await.status, 200);
    // Without a citizen the same operation is about whom its parameters name.
    let token = behalf.world.token();
    let target = format!("{BY_NAME}?nom=Dupont&{WHY}");
    assert_eq!(behalf.world.get(&target, &token).await.status, 200);
    let asked = behalf.world.asked();
    assert_eq!(header(&asked[1], "citizen-subject"), None);
    behalf.world.end().await;
}

#[tokio::test]
async fn a_token_that_does_not_say_who_acts_is_refused() {
    let behalf = Behalf::new().await;
    let mut without = behalf.all().into_members();
    without.remove("act");
    let another = behalf.all().with("act", json!({ "sub": "village" }));
    let mut nobody = behalf.all().into_members();
    nobody.remove("citizen");
    for claims in [without.into(), another, nobody.into()] {
        behalf.refused(MINE, &claims, 401, "token-invalid").await;
    }
    behalf.world.end().await;
}

#[tokio::test]
async fn a_citizen_of_another_token_is_refused() {
    let behalf = Behalf::new().await;
    // Signed by the issuer, but who is sealed was sealed for the token t1.
    let spliced = behalf.all().id("t2");
    behalf.refused(MINE, &spliced, 401, "token-invalid").await;
    let broken = behalf.all().with("citizen", "AAAA");
    behalf.refused(MINE, &broken, 401, "token-invalid").await;
    behalf.world.end().await;
}

#[tokio::test]
async fn a_token_of_another_service_is_refused() {
    let behalf = Behalf::new().await;
    let village = behalf
        .all()
        .with("client_id", "village")
        .with("act", json!({ "sub": "village" }));
    behalf
        .refused(MINE, &village, 403, "client-not-allowed")
        .await;
    behalf.world.end().await;
}

#[tokio::test]
async fn a_token_replayed_by_another_holder_is_refused() {
    let behalf = Behalf::new().await;
    let thief = SigningKey::generate(KeyKind::Es256).unwrap();
    let answer = behalf.call_by(&thief, MINE, &behalf.all()).await;
    assert_eq!((answer.status, &*answer.code()), (401, "proof-invalid"));
    let token = behalf.world.sign(&behalf.all());
    let bearer = behalf.world.get(&format!("{MINE}?{WHY}"), &token).await;
    assert_eq!((bearer.status, &*bearer.code()), (401, "proof-invalid"));
    let mut unbound = behalf.all().into_members();
    unbound.remove("cnf");
    let unbound = behalf.world.sign(&unbound.into());
    let answer = behalf.world.get(&format!("{MINE}?{WHY}"), &unbound).await;
    assert_eq!((answer.status, &*answer.code()), (401, "token-invalid"));
    assert!(behalf.world.asked().is_empty());
    behalf.world.end().await;
}

#[tokio::test]
async fn a_token_of_another_environment_or_that_has_run_out_is_refused() {
    let behalf = Behalf::new().await;
    let other = behalf.all().with("environment", "production");
    behalf.refused(MINE, &other, 401, "token-invalid").await;
    let old = behalf.all();
    behalf.world.advance(400);
    behalf.refused(MINE, &old, 401, "token-expired").await;
    behalf.world.end().await;
}

#[tokio::test]
async fn an_older_snapshot_is_read_and_a_newer_form_is_refused() {
    let mut behalf = Behalf::new().await;
    // As a control plane wrote it that knew no calls on behalf.
    let mut old = serde_json::to_value(snapshot_of(&behalf.world.issuer, Vec::new())).unwrap();
    let members = old.as_object_mut().unwrap();
    members.remove("form");
    members.remove("behalf");
    for name in ["on_behalf", "level_min"] {
        let operations = old["apis"][0]["operations"].as_array_mut().unwrap();
        for operation in operations {
            operation.as_object_mut().unwrap().remove(name);
        }
    }
    old["accreditations"][0]
        .as_object_mut()
        .unwrap()
        .remove("on_behalf");
    let read: Snapshot = serde_json::from_value(old).unwrap();
    assert_eq!((read.form, &read.behalf), (1, &None));
    assert_eq!(read.apis[0].operations[0].on_behalf, OnBehalf::Closed);
    behalf.world.change(|snapshot| snapshot.behalf = None);
    behalf
        .refused(MINE, &behalf.all(), 403, "behalf-not-open")
        .await;
    behalf
        .world
        .change(|snapshot| snapshot.form = SNAPSHOT_FORM + 1);
    let signed: SignedSnapshot = behalf.world.signed();
    let keys = [behalf.world.control.verification_key().unwrap()];
    let refused = signed.open(&keys).unwrap_err().to_string();
    assert!(refused.contains("upgrade it"), "{refused}");
    behalf.world.end().await;
}
