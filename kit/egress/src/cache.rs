//! Documents that are asked for again and again: keys of signers, descriptions of providers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::answer::Answer;
use crate::egress::Egress;
use crate::error::EgressError;

/// Shortest time for which a copy is taken as good, whatever the server says.
pub const FRESH_MIN: Duration = Duration::from_mins(1);
/// Longest time.
pub const FRESH_MAX: Duration = Duration::from_hours(24);
/// The time when the server says nothing.
pub const FRESH_USUAL: Duration = Duration::from_mins(15);
/// How long a copy that is no longer good still serves while the server can't be had.
pub const STALE_MAX: Duration = Duration::from_hours(24);
/// Shortest time between two fetches of one URL, when a caller wants it anew.
pub const ANEW_MIN: Duration = Duration::from_secs(30);
/// After a failure the URL is not fetched again for this long.
pub const FAILURE_PAUSE: Duration = Duration::from_secs(10);
/// Most documents that are kept.
const DOCUMENTS_MAX: usize = 1024;

/// A document, and how old it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cached {
    /// The answer: status 200.
    pub answer: Arc<Answer>,
    /// When it was fetched.
    pub fetched_at: Timestamp,
    /// Whether it should have been fetched again, but the server couldn't be had.
    pub is_stale: bool,
}

/// What is kept; a clone shares it.
#[derive(Debug, Clone)]
pub(crate) struct Cache {
    documents: Arc<Mutex<HashMap<Key, Arc<Document>>>>,
    bytes_max: usize,
}

/// The URL and the media types that were asked for.
type Key = (String, String);

#[derive(Debug, Default)]
struct Document {
    /// Held by the one caller that fetches, while the others wait.
    flight: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    copy: Option<(Arc<Answer>, Timestamp)>,
    tried_at: Option<Timestamp>,
    failure: Option<(EgressError, Timestamp)>,
    used_at: Timestamp,
}

/// Whether `at` is less than `span` ago. A clock that was put back makes nothing recent.
fn within(at: Timestamp, span: Duration, now: Timestamp) -> bool {
    let span = SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX);
    at <= now && now.duration_since(at) < span
}

fn fresh_for(answer: &Answer) -> Duration {
    let told = answer.lifetime.unwrap_or(FRESH_USUAL);
    told.clamp(FRESH_MIN, FRESH_MAX)
}

impl State {
    fn fresh(&self, now: Timestamp) -> Option<Cached> {
        let (answer, fetched_at) = self.copy.as_ref()?;
        within(*fetched_at, fresh_for(answer), now).then(|| Cached {
            answer: Arc::clone(answer),
            fetched_at: *fetched_at,
            is_stale: false,
        })
    }

    /// The copy in hand if it still serves.
    fn at_worst(&self, now: Timestamp) -> Option<Cached> {
        let (answer, fetched_at) = self.copy.as_ref()?;
        let fresh_for = fresh_for(answer);
        within(*fetched_at, fresh_for + STALE_MAX, now).then(|| Cached {
            answer: Arc::clone(answer),
            fetched_at: *fetched_at,
            is_stale: !within(*fetched_at, fresh_for, now),
        })
    }

    /// What to say without asking the server, if nothing needs asking.
    fn at_once(&self, anew: bool, now: Timestamp) -> Option<Result<Cached, EgressError>> {
        if let Some((error, at)) = &self.failure
            && within(*at, FAILURE_PAUSE, now)
        {
            return Some(self.at_worst(now).ok_or_else(|| error.clone()));
        }
        let too_soon = || self.tried_at.is_some_and(|at| within(at, ANEW_MIN, now));
        if anew && !too_soon() {
            return None;
        }
        self.fresh(now).map(Ok)
    }
}

impl Document {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cache {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self {
            documents: Arc::default(),
            bytes_max,
        }
    }

    fn document(&self, key: &Key, now: Timestamp) -> Arc<Document> {
        let mut documents = self.lock();
        if documents.len() >= DOCUMENTS_MAX && !documents.contains_key(key) {
            forget_one(&mut documents, None);
        }
        let document = documents.entry(key.clone()).or_default();
        document.state().used_at = now;
        Arc::clone(document)
    }

    /// Forgets the documents unused for longest, the one of `but` excepted, until all fit.
    fn fit(&self, but: &Key) {
        let mut documents = self.lock();
        let size = |documents: &HashMap<Key, Arc<Document>>| {
            let sizes = documents.values().map(|document| {
                let state = document.state();
                state.copy.as_ref().map_or(0, |(copy, _)| copy.body.len())
            });
            sizes.sum::<usize>()
        };
        while size(&documents) > self.bytes_max && forget_one(&mut documents, Some(but)) {}
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Arc<Document>>> {
        self.documents
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn forget_one(documents: &mut HashMap<Key, Arc<Document>>, but: Option<&Key>) -> bool {
    let oldest = documents
        .iter()
        .filter(|(key, _)| Some(*key) != but)
        .min_by_key(|(_, document)| document.state().used_at)
        .map(|(key, _)| key.clone());
    oldest.is_some_and(|key| documents.remove(&key).is_some())
}

impl Egress {
    /// The document at `url`, from memory while it is good: as long as the server says, within
    /// [`FRESH_MIN`] and [`FRESH_MAX`]. While the server can't be had, an older copy serves for
    /// [`STALE_MAX`]. Callers who ask at the same time wait for one request.
    ///
    /// Another status than 200 is [`EgressError::Status`].
    pub async fn cached_get(&self, url: &str, accept: &str) -> Result<Cached, EgressError> {
        self.cached(url, accept, false).await
    }

    /// The document as it is now, because the copy lacks something that must be in it, such as the
    /// key of a signature. Whatever callers ask for, it is fetched once per [`ANEW_MIN`] at most;
    /// in between, the copy in memory is the answer.
    pub async fn cached_get_anew(&self, url: &str, accept: &str) -> Result<Cached, EgressError> {
        self.cached(url, accept, true).await
    }

    async fn cached(&self, url: &str, accept: &str, anew: bool) -> Result<Cached, EgressError> {
        // A URL that may not be asked for takes no room.
        self.check_url(url)?;
        let key = (url.to_owned(), accept.to_owned());
        let now = || self.source().now();
        let document = self.cache().document(&key, now());
        if let Some(known) = document.state().at_once(anew, now()) {
            return known;
        }
        let _flight = document.flight.lock().await;
        // Somebody else may have fetched it meanwhile.
        if let Some(known) = document.state().at_once(anew, now()) {
            return known;
        }
        document.state().tried_at = Some(now());
        let answer = self.get(url, accept).await.and_then(|answer| {
            let status = answer.status;
            let host = || host_of(url);
            match status {
                200 => Ok(answer),
                _ => Err(EgressError::Status {
                    host: host(),
                    status,
                }),
            }
        });
        let now = now();
        match answer {
            Ok(answer) => {
                let answer = Arc::new(answer);
                {
                    let mut state = document.state();
                    state.copy = Some((Arc::clone(&answer), now));
                    state.failure = None;
                }
                self.cache().fit(&key);
                Ok(Cached {
                    answer,
                    fetched_at: now,
                    is_stale: false,
                })
            }
            Err(error) => {
                let mut state = document.state();
                // Too many requests at this moment say nothing about this URL.
                if !matches!(error, EgressError::Busy { .. }) {
                    state.failure = Some((error.clone(), now));
                }
                state.at_worst(now).ok_or(error)
            }
        }
    }
}

/// The host of a URL that was checked.
fn host_of(url: &str) -> String {
    let url = url::Url::parse(url).ok();
    let host = url.as_ref().and_then(url::Url::host_str);
    host.unwrap_or_default().trim_end_matches('.').to_owned()
}
