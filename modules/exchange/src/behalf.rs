//! Calls on behalf of citizens: who is sealed in a token, and the end of what a citizen agreed to.

use jiff::SignedDuration;
use kit_db::Tx;
use kit_journal::{Entry, Handled, Subscriber};
use ports::exchange::{BehalfBook, BehalfRequest, ScopeTold};
use pseudonym::BehalfKey;
use uuid::Uuid;

use crate::clients::hexadecimal;
use crate::domain::Modality;
use crate::store::behalf::{self as store, SignIn};
use crate::store::{apis, head, versions};
use crate::{Exchange, ExchangeError};

/// By how much clocks of gateways may differ: an ended sign-in is told for as much longer.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_secs(60);

impl Exchange {
    /// The key of calls on behalf of citizens, made the first time.
    async fn behalf_key(&self) -> Result<Vec<u8>, ExchangeError> {
        loop {
            if let Some(key) = store::key(&self.db).await? {
                return Ok(key);
            }
            store::set_key(&self.db, &self.source.random()).await?;
        }
    }

    /// There is a key before gateways are told.
    pub(crate) async fn ensure_behalf_key(&self) -> Result<(), ExchangeError> {
        self.behalf_key().await.map(drop)
    }

    /// What gateways need for calls on behalf of citizens.
    pub(crate) async fn behalf_book(
        &self,
        tx: &mut Tx,
    ) -> Result<Option<BehalfBook>, ExchangeError> {
        let Some(key) = store::key(&mut *tx).await? else {
            return Ok(None);
        };
        let since = self.source.now() - CLOCKS_DIFFER;
        Ok(Some(BehalfBook {
            key: hexadecimal(&key),
            ended: store::ended(tx, since).await?,
        }))
    }

    /// Forgets sign-ins whose tokens have run out.
    pub(crate) async fn forget_behalf(&self) -> Result<(), ExchangeError> {
        let long_ago = self.source.now() - SignedDuration::from_hours(1);
        Ok(store::forget(&self.db, long_ago).await?)
    }

    /// Of these codes, the scopes that can be asked for, each with whose data it opens.
    pub(crate) async fn scopes_told(
        &self,
        codes: &[String],
    ) -> Result<Vec<ScopeTold>, ExchangeError> {
        let mut told = Vec::new();
        for code in codes {
            let Some(scope) = apis::scope_of_code(&self.db, code).await? else {
                continue;
            };
            let Some(api) = apis::find(&self.db, scope.api).await? else {
                continue;
            };
            if !api.status.is_called() {
                continue;
            }
            let producer = head::party(&self.db, api.producer).await?;
            told.push(ScopeTold {
                code: scope.code,
                label: scope.label,
                producer: producer.map(|party| party.name).unwrap_or_default(),
            });
        }
        Ok(told)
    }

    /// Seals the citizen for a token and watches its sign-in; `None` when the accreditation isn't for
    /// that, or the sign-in has ended.
    pub(crate) async fn seal_citizen(
        &self,
        request: BehalfRequest,
    ) -> Result<Option<String>, ExchangeError> {
        let grant = &request.grant;
        let version = versions::find(&self.db, grant.accreditation, grant.version).await?;
        let is_for = version.is_some_and(|version| {
            let modalities = &version.content.modalities;
            modalities.contains(&Modality::CitizenSession)
        });
        if !is_for {
            return Ok(None);
        }
        let sign_in = SignIn {
            id: request.citizen.sign_in,
            session: request.session,
            citizen: request.citizen.citizen,
            service: request.service,
        };
        if !store::watch(&self.db, sign_in, request.until).await? {
            return Ok(None);
        }
        let key = BehalfKey::parse(&hexadecimal(&self.behalf_key().await?));
        let content = serde_json::to_vec(&request.citizen).map_err(std::io::Error::other)?;
        Ok(key.and_then(|key| key.seal(&request.token, &content)))
    }
}

/// Follows the journal: when a citizen's session ends, or it takes back what it agreed to, gateways
/// are told which tokens are worth nothing any more.
#[derive(Debug, Clone)]
pub struct AgreementEnds(pub Exchange);

impl Subscriber for AgreementEnds {
    fn name(&self) -> &'static str {
        "exchange.agreement_ends"
    }

    fn handle<'f>(&'f self, tx: &'f mut Tx, entry: &'f Entry) -> Handled<'f> {
        Box::pin(async move {
            let now = self.0.source.now();
            let subject = || entry.subject.id.parse::<Uuid>();
            let ended = match entry.action.as_str() {
                "identity.citizen_session.end" => store::end_session(tx, subject()?, now).await?,
                "identity.sign_in.revoke" => store::end_sign_in(tx, subject()?, now).await?,
                "identity.consent.withdraw" => {
                    let after = entry.after.as_ref();
                    let person = after.and_then(|after| after["person"].as_str());
                    match person.and_then(|person| person.parse().ok()) {
                        Some(person) => store::end_agreement(tx, (person, subject()?), now).await?,
                        None => 0,
                    }
                }
                _ => 0,
            };
            if ended > 0 {
                head::bump(tx).await?;
            }
            Ok(())
        })
    }
}
