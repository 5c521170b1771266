//! Which account an agent has whom a provider vouches for.

use jose::claims::Claims;
use serde_json::Value;
use uuid::Uuid;

use super::cause::{UpstreamCause, UpstreamFailure};
use super::provider::{EmailVerdict, Provider, judge_email};

/// Longest name that is kept, in characters.
const NAME_CHARS_MAX: usize = 200;
/// Longest address, in bytes (RFC 5321).
const EMAIL_BYTES_MAX: usize = 254;
/// Most organisations of one person.
const SIRETS_MAX: usize = 20;
/// Digits of a SIRET that name the legal entity; the others name one of its places.
const SIREN_DIGITS: usize = 9;

/// What a provider told of an agent, as far as it has the right shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldAgent {
    /// Its address, in lower case.
    pub email: String,
    /// Whether the provider may tell this address.
    pub verdict: EmailVerdict,
    /// Whether an account may be found by it.
    pub finds_account: bool,
    /// Its name; empty when none was told.
    pub name: String,
    /// Where it works: SIRET numbers of 14 digits.
    pub sirets: Vec<String>,
}

/// `siret`, one or several; what isn't 14 digits is passed over.
fn sirets_of(claims: &Claims) -> Vec<String> {
    let listed = match claims.get("siret") {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => vec![one.as_str()],
        _ => Vec::new(),
    };
    let mut sirets: Vec<String> = Vec::new();
    for text in listed.into_iter().take(SIRETS_MAX) {
        let siret: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        // Also with a wrong last digit: what a provider tells narrows whose accounts may be opened, and
        // a number that is passed over would narrow nothing.
        if siret::has_its_digits(&siret) && !sirets.contains(&siret) {
            sirets.push(siret);
        }
    }
    sirets
}

fn name_of(claims: &Claims) -> String {
    let text = |name| claims.text(name).unwrap_or_default().trim();
    let whole = text("name");
    let name = if whole.is_empty() {
        let family = Some(text("usual_name")).filter(|name| !name.is_empty());
        let family = family.unwrap_or_else(|| text("family_name"));
        format!("{} {family}", text("given_name"))
    } else {
        whole.to_owned()
    };
    let plain = name.trim().chars().filter(|c| !c.is_control());
    plain.take(NAME_CHARS_MAX).collect()
}

/// Reads and judges what `provider`, one of `all`, told of an agent.
pub fn told_agent(
    provider: &Provider,
    all: &[Provider],
    claims: &Claims,
) -> Result<ToldAgent, UpstreamFailure> {
    let refuse = |cause, detail: &str| Err(UpstreamFailure::new(cause, detail));
    let email = claims
        .text("email")
        .unwrap_or_default()
        .trim()
        .to_lowercase();
    let is_address = email.len() <= EMAIL_BYTES_MAX
        && email.matches('@').count() == 1
        && !email.chars().any(|c| c.is_whitespace() || c.is_control());
    if !is_address {
        return refuse(
            UpstreamCause::EmailMissing,
            "`email` is absent or no address",
        );
    }
    let verified = match claims.get("email_verified") {
        None => None,
        Some(Value::Bool(verified)) => Some(*verified),
        // Some providers write it as a text.
        Some(Value::String(text)) => Some(text == "true"),
        Some(_) => Some(false),
    };
    if verified == Some(false) {
        return refuse(UpstreamCause::EmailUnverified, "`email_verified` is false");
    }
    let verdict = judge_email(provider, all, &email);
    if verdict == EmailVerdict::Refused {
        return refuse(
            UpstreamCause::EmailDomain,
            "the address is of no domain that it may tell",
        );
    }
    // Who owns the domain knows its addresses; the default provider must say that it checked.
    let finds_account =
        verdict == EmailVerdict::Own && (provider.draft.owns(&email) || verified == Some(true));
    Ok(ToldAgent {
        email,
        verdict,
        finds_account,
        name: name_of(claims),
        sirets: sirets_of(claims),
    })
}

/// An account that may be the agent's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The account.
    pub person: Uuid,
    /// The SIRET of where it works.
    pub siret: Option<String>,
}

/// Which account it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// This one.
    Account(Uuid),
    /// The person says which.
    Choose(Vec<Uuid>),
    /// There are accounts, all of other organisations than the provider told.
    Elsewhere,
    /// There is none.
    Nobody,
}

fn siren(siret: &str) -> &str {
    siret.get(..SIREN_DIGITS).unwrap_or(siret)
}

/// Chooses among the accounts. Those of a told organisation come first; an account of another legal
/// entity isn't opened, for its grants were given to somebody who works there. An account without
/// an organisation, and a provider that tells none, contradict nothing.
pub fn settle(candidates: &[Candidate], sirets: &[String]) -> Settled {
    let exact = |one: &&Candidate| {
        one.siret
            .as_ref()
            .is_some_and(|siret| sirets.contains(siret))
    };
    let fits = |one: &&Candidate| match &one.siret {
        None => true,
        Some(own) => sirets.is_empty() || sirets.iter().any(|told| siren(told) == siren(own)),
    };
    let ids = |of: Vec<&Candidate>| of.into_iter().map(|one| one.person).collect::<Vec<_>>();
    let mut found = ids(candidates.iter().filter(exact).collect());
    if found.is_empty() {
        found = ids(candidates.iter().filter(fits).collect());
    }
    match found.as_slice() {
        [one] => Settled::Account(*one),
        [] if candidates.is_empty() => Settled::Nobody,
        [] => Settled::Elsewhere,
        _ => Settled::Choose(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::provider::tests::provider;

    #[test]
    fn what_is_told_is_read_and_judged() {
        use UpstreamCause as C;
        let mut fallback = provider(2, &[]);
        fallback.draft.is_default = true;
        let all = [provider(1, &["a.example"]), fallback];
        let read = |at: usize, claims: &Claims| {
            told_agent(&all[at], &all, claims).map_err(|failure| failure.cause)
        };
        let email = |text: &str| Claims::new().with("email", text);
        let good = email(" Ada@A.example ")
            .with("given_name", "Ada")
            .with("usual_name", "Martin")
            .with("siret", "130 025 265 00013");
        let told = read(0, &good).unwrap();
        assert_eq!(
            (told.email.as_str(), told.name.as_str()),
            ("ada@a.example", "Ada Martin")
        );
        assert_eq!(told.sirets, ["13002526500013"]);
        assert!(told.finds_account);
        for wrong in [
            Claims::new(),
            email("ada"),
            email("a@b@a.example"),
            email("a b@a.example"),
        ] {
            assert_eq!(read(0, &wrong), Err(C::EmailMissing), "{wrong:?}");
        }
        let verified = |value: bool| email("x@a.example").with("email_verified", value);
        assert_eq!(read(0, &verified(false)), Err(C::EmailUnverified));
        assert_eq!(read(0, &email("x@b.example")), Err(C::EmailDomain));
        assert_eq!(read(1, &email("x@a.example")), Err(C::EmailDomain));
        assert!(
            !read(1, &email("x@b.example")).unwrap().finds_account,
            "not said to be checked"
        );
        let checked = email("x@b.example").with("email_verified", true);
        assert!(read(1, &checked).unwrap().finds_account);
    }

    #[test]
    fn an_account_is_settled_by_organisation() {
        let one = |id: u128, siret: Option<&str>| Candidate {
            person: Uuid::from_u128(id),
            siret: siret.map(str::to_owned),
        };
        let told = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let id = Uuid::from_u128;
        let (a, a2, b) = ("13002526500013", "13002526500021", "21750001600019");
        let none = one(3, None);
        for (candidates, sirets, expected) in [
            (vec![], told(&[a]), Settled::Nobody),
            (vec![one(1, Some(a))], told(&[a]), Settled::Account(id(1))),
            (vec![one(1, Some(a))], told(&[]), Settled::Account(id(1))),
            (vec![one(1, Some(a))], told(&[a2]), Settled::Account(id(1))),
            (vec![one(1, Some(a))], told(&[b]), Settled::Elsewhere),
            (vec![none.clone()], told(&[b]), Settled::Account(id(3))),
            (
                vec![one(1, Some(a)), one(2, Some(b))],
                told(&[b]),
                Settled::Account(id(2)),
            ),
            (
                vec![one(1, Some(a)), one(2, Some(b))],
                told(&[a, b]),
                Settled::Choose(vec![id(1), id(2)]),
            ),
            (
                vec![one(1, Some(a)), none],
                told(&[]),
                Settled::Choose(vec![id(1), id(3)]),
            ),
        ] {
            assert_eq!(settle(&candidates, &sirets), expected);
        }
    }
}
