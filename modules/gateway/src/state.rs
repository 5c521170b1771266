//! What a gateway knows and counts.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use ports::exchange::{CallCount, GatewayTold};
use uuid::Uuid;

use crate::domain::{
    Book, Circuit, Counted, Limits, Presented, Quota, Rule, Sharing, Standing, Verdict, Watch,
};

/// Tokens that are remembered as verified: half of them in each generation.
const TOKENS_MAX: usize = 20_000;
/// Addresses whose calls are counted apart; all others are counted as one.
const ADDRESSES_MAX: usize = 100_000;
/// Seconds for which what other gateways counted is good: it is told at least every ten.
const TOLD_SECONDS: i64 = 15;
/// Seconds of a generation of proofs: longer than a proof is good for.
const PROOF_GENERATION_SECONDS: i64 = 90;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A snapshot in force, with the tokens that were verified under it.
#[derive(Debug)]
pub(crate) struct InForce {
    pub(crate) book: Book,
    tokens: Mutex<[Tokens; 2]>,
}

/// Tokens by their end, which is of the signature: no two that verify have the same one, and a whole
/// token takes longer to hash than to compare.
type Tokens = HashMap<End, (Box<str>, Arc<Presented>)>;
type End = [u8; 32];

impl InForce {
    pub(crate) fn new(book: Book) -> Self {
        Self {
            book,
            tokens: Mutex::default(),
        }
    }

    /// What a token that was verified gives access to.
    pub(crate) fn known(&self, token: &str) -> Option<Arc<Presented>> {
        let mut generations = lock(&self.tokens);
        let [young, old] = &mut *generations;
        let end: &End = token.as_bytes().last_chunk()?;
        if let Some((known, presented)) = young.get(end) {
            return (**known == *token).then(|| presented.clone());
        }
        let (known, presented) = old.get(end).filter(|(known, _)| **known == *token)?.clone();
        young.insert(*end, (known, presented.clone()));
        Some(presented)
    }

    /// Remembers a token that was verified. When a generation is full, what wasn't used since the
    /// last one is forgotten.
    pub(crate) fn remember(&self, token: &str, presented: Arc<Presented>) {
        let Some(end) = token.as_bytes().last_chunk() else {
            return;
        };
        let mut generations = lock(&self.tokens);
        if generations[0].len() >= TOKENS_MAX / 2 {
            generations[1] = std::mem::take(&mut generations[0]);
        }
        generations[0].insert(*end, (token.into(), presented));
    }
}

/// What a gateway counts: it outlives snapshots.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    quotas: Mutex<HashMap<Uuid, Quota>>,
    /// Gateways that live, and when that was told, in seconds since 1970; none: they can't be heard.
    shared: Mutex<Option<(u64, Option<i64>)>>,
    addresses: Mutex<(i64, HashMap<IpAddr, u32>)>,
    watches: Mutex<HashMap<Uuid, Watch>>,
    circuits: Mutex<HashMap<String, Circuit>>,
}

/// Anybody beyond [`ADDRESSES_MAX`].
const OTHERS: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

impl Counts {
    /// Takes a call of an accreditation.
    pub(crate) fn take(&self, accreditation: Uuid, limits: Limits, now: Timestamp) -> Standing {
        let sharing = self.sharing(now);
        let mut quotas = lock(&self.quotas);
        quotas
            .entry(accreditation)
            .or_default()
            .take(limits, sharing, now.as_second())
    }

    fn sharing(&self, now: Timestamp) -> Sharing {
        // Before anything was told it counts for itself.
        let Some((gateways, told)) = *lock(&self.shared) else {
            return Sharing::ALONE;
        };
        Sharing {
            gateways,
            is_fresh: told.is_some_and(|told| now.as_second() - told <= TOLD_SECONDS),
        }
    }

    /// What was counted that the control plane doesn't know, of at most `most` accreditations.
    pub(crate) fn untold(&self, most: usize) -> Vec<CallCount> {
        let quotas = lock(&self.quotas);
        let untold = quotas
            .iter()
            .filter_map(|(id, quota)| Some((*id, quota.untold()?)));
        untold
            .take(most)
            .map(|(accreditation, counted)| CallCount {
                accreditation,
                minute: counted.minute,
                in_minute: counted.in_minute,
                day: counted.day,
                in_day: counted.in_day,
            })
            .collect()
    }

    /// The control plane knows what was counted, and says what others have.
    pub(crate) fn told(&self, counted: &[CallCount], told: &GatewayTold, now: Timestamp) {
        let gateways = u64::from(told.gateways.max(1));
        *lock(&self.shared) = Some((gateways, Some(now.as_second())));
        let of = |one: &CallCount| Counted {
            minute: one.minute,
            in_minute: one.in_minute,
            day: one.day,
            in_day: one.in_day,
        };
        let counted: HashMap<Uuid, &CallCount> =
            counted.iter().map(|one| (one.accreditation, one)).collect();
        let mut quotas = lock(&self.quotas);
        for others in &told.others {
            let mine = counted.get(&others.accreditation);
            let quota = quotas.get_mut(&others.accreditation);
            if let (Some(mine), Some(quota)) = (mine, quota) {
                quota.told(of(mine), of(others));
            }
        }
    }

    /// The control plane can't be reached: what others count isn't known.
    pub(crate) fn cut_off(&self) {
        if let Some((_, told)) = &mut *lock(&self.shared) {
            *told = None;
        }
    }

    /// Takes a call of an address; `Err` holds the seconds until the next minute.
    pub(crate) fn take_address(
        &self,
        address: IpAddr,
        per_minute: u32,
        now: Timestamp,
    ) -> Result<(), u64> {
        // One subscriber holds a whole IPv6 /64: it is one address here.
        let address = match address.to_canonical() {
            IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) >> 64 << 64).into()),
            v4 @ IpAddr::V4(_) => v4,
        };
        let minute = now.as_second().div_euclid(60);
        let mut addresses = lock(&self.addresses);
        if addresses.0 != minute {
            *addresses = (minute, HashMap::new());
        }
        let counts = &mut addresses.1;
        let is_full = counts.len() >= ADDRESSES_MAX && !counts.contains_key(&address);
        let count = counts
            .entry(if is_full { OTHERS } else { address })
            .or_default();
        if *count >= per_minute {
            return Err((60 - now.as_second().rem_euclid(60)).unsigned_abs());
        }
        *count += 1;
        Ok(())
    }

    /// Until when an accreditation is suspended for going through identities.
    pub(crate) fn suspended_until(&self, accreditation: Uuid, now: Timestamp) -> Option<i64> {
        let watches = lock(&self.watches);
        watches
            .get(&accreditation)?
            .suspended_until(now.as_second())
    }

    /// Notes that an accreditation asked about somebody.
    pub(crate) fn note(
        &self,
        rule: &Rule,
        accreditation: Uuid,
        subject: &[u8; 32],
        is_known: bool,
        now: Timestamp,
    ) -> Verdict {
        let subject = subject
            .first_chunk()
            .map_or(0, |bytes| u64::from_be_bytes(*bytes));
        let mut watches = lock(&self.watches);
        let watch = watches.entry(accreditation).or_default();
        watch.note(rule, subject, is_known, now.as_second())
    }

    /// Does something with what is known of a producer's address.
    pub(crate) fn with_circuit<T>(&self, address: &str, act: impl FnOnce(&mut Circuit) -> T) -> T {
        let mut circuits = lock(&self.circuits);
        match circuits.get_mut(address) {
            Some(circuit) => act(circuit),
            None => act(circuits.entry(address.to_owned()).or_default()),
        }
    }

    /// Forgets addresses that no snapshot names any more.
    pub(crate) fn keep_circuits(&self, named: &HashSet<String>) {
        lock(&self.circuits).retain(|address, _| named.contains(address));
    }
}

/// Proofs of possession that were used, for as long as they could be used again.
#[derive(Debug)]
pub(crate) struct Proofs {
    most: usize,
    generations: Mutex<(i64, [HashSet<[u8; 16]>; 2])>,
}

/// What is known of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Used {
    /// It is the first time.
    First,
    /// It was used before.
    Again,
    /// Too many are remembered to remember one more.
    Full,
}

impl Proofs {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            generations: Mutex::default(),
        }
    }

    /// Uses a proof, named by the first half of a hash of its key's thumbprint and its id. Time never
    /// goes back here, so a proof is remembered for at least one generation after it was used, and
    /// by then it is too old to be used.
    pub(crate) fn use_once(&self, proof: [u8; 16], now: Timestamp) -> Used {
        let index = now.as_second().div_euclid(PROOF_GENERATION_SECONDS);
        let mut state = lock(&self.generations);
        let (current, [young, old]) = &mut *state;
        if index != *current {
            let former = std::mem::take(young);
            *old = if index == *current + 1 {
                former
            } else {
                HashSet::new()
            };
            *current = index;
        }
        if young.contains(&proof) || old.contains(&proof) {
            return Used::Again;
        }
        if young.len() + old.len() >= self.most {
            return Used::Full;
        }
        young.insert(proof);
        Used::First
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Binding;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_proof_is_used_once_while_it_is_fresh() {
        let proofs = Proofs::new(2);
        assert_eq!(proofs.use_once([1; 16], at(89)), Used::First);
        assert_eq!(proofs.use_once([1; 16], at(90)), Used::Again);
        assert_eq!(proofs.use_once([1; 16], at(179)), Used::Again);
        assert_eq!(proofs.use_once([2; 16], at(179)), Used::First);
        assert_eq!(proofs.use_once([3; 16], at(179)), Used::Full);
        assert_eq!(proofs.use_once([3; 16], at(180)), Used::First);
        assert_eq!(proofs.use_once([2; 16], at(180)), Used::Again);
    }

    #[test]
    fn an_address_has_its_own_count() {
        let counts = Counts::default();
        let take =
            |address: &str, second| counts.take_address(address.parse().unwrap(), 2, at(second));
        assert_eq!(take("192.0.2.1", 0), Ok(()));
        assert_eq!(take("192.0.2.1", 1), Ok(()));
        assert_eq!(take("::ffff:192.0.2.1", 2), Err(58));
        assert_eq!(take("192.0.2.2", 2), Ok(()));
        assert_eq!(take("2001:db8::1", 2), Ok(()));
        assert_eq!(take("2001:db8::2", 2), Ok(()));
        assert_eq!(take("2001:db8::3", 2), Err(58));
        assert_eq!(take("192.0.2.1", 60), Ok(()));
    }

    #[test]
    fn tokens_are_remembered_within_bounds() {
        let snapshot: ports::exchange::Snapshot = serde_json::from_value(serde_json::json!({
            "number": 1, "made_at": "2026-01-01T00:00:00Z", "environment": "test", "issuer": "i",
            "audience": "a", "keys": {"keys": []}, "apis": [], "accreditations": [], "stops": [],
            "per_address_per_minute": 1
        }))
        .unwrap();
        let in_force = InForce::new(Book::new(snapshot).0);
        let presented = Arc::new(Presented {
            accreditation: Uuid::nil(),
            version: None,
            client: None,
            expires: 0,
            binding: Binding::None,
            citizen: None,
        });
        let token = |one: usize| format!("head.claims.{one:0>43}");
        let used = token(usize::MAX);
        in_force.remember(&used, presented.clone());
        for one in 0..TOKENS_MAX * 2 {
            in_force.remember(&token(one), presented.clone());
            assert!(in_force.known(&used).is_some());
        }
        assert!(in_force.known(&token(0)).is_none());
        // The same signature behind other claims is another token.
        assert!(in_force.known(&used.replace("claims", "others")).is_none());
        in_force.remember("short", presented);
        assert!(in_force.known("short").is_none());
        let generations = lock(&in_force.tokens);
        assert!(generations.iter().map(HashMap::len).sum::<usize>() <= TOKENS_MAX);
    }
}
