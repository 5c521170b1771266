//! Connections that are kept for the next call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::time::Instant;

use super::Whole;
use super::connect::{Connection, Connector};

/// Connections to one address that are kept while nobody needs them, in each thread.
const IDLE_MAX: usize = 64;
/// How long a connection is kept unused: servers of producers close theirs after a minute or so.
const IDLE_LIVES: Duration = Duration::from_secs(30);
/// Most headers of an answer, and bytes of them.
const HEADERS_MAX: usize = 64;
const HEAD_BYTES_MAX: usize = 32 << 10;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Idle {
    sender: http1::SendRequest<Whole>,
    since: Instant,
}

#[derive(Default)]
struct Kept {
    idle: Vec<Idle>,
    /// One connection carries any number of requests.
    shared: Option<http2::SendRequest<Whole>>,
}

/// An address and whether a certificate is shown there.
type Place = (Uri, bool);

/// The connections of a thread.
pub(crate) struct Pools {
    connector: Connector,
    kept: Arc<Mutex<HashMap<Place, Kept>>>,
}

/// A connection on which an answer flows.
pub(crate) struct Lease {
    place: Place,
    sender: Option<http1::SendRequest<Whole>>,
    kept: Arc<Mutex<HashMap<Place, Kept>>>,
}

impl Lease {
    /// The answer was read to its end: the connection is good for another.
    pub(crate) fn give_back(mut self) {
        if let Some(sender) = self.sender.take() {
            let mut kept = lock(&self.kept);
            let kept = kept.entry(self.place.clone()).or_default();
            if kept.idle.len() < IDLE_MAX {
                let since = Instant::now();
                kept.idle.push(Idle { sender, since });
            }
        }
    }
}

/// A connection to send on.
enum Line {
    One(http1::SendRequest<Whole>),
    Shared(http2::SendRequest<Whole>),
}

impl Pools {
    pub(crate) fn new(connector: Connector) -> Self {
        Self {
            connector,
            kept: Arc::default(),
        }
    }

    /// Forgets connections to addresses that aren't named any more, and those unused for long.
    pub(crate) fn sweep(&self, is_named: impl Fn(&Uri) -> bool) {
        lock(&self.kept).retain(|(uri, _), kept| {
            kept.idle
                .retain(|one| one.since.elapsed() < IDLE_LIVES && !one.sender.is_closed());
            is_named(uri)
        });
    }

    /// Sends a request, which `build` makes for HTTP/2 or HTTP/1.1, on a connection that was kept or
    /// on a new one. A kept one may be closed by the other side at any moment: a request that didn't
    /// go out on it goes out on another.
    pub(crate) async fn send(
        &self,
        uri: &Uri,
        with_certificate: bool,
        build: impl Fn(bool) -> Result<Request<Whole>, String>,
    ) -> Result<(Response<Incoming>, Lease), String> {
        let place = (uri.clone(), with_certificate);
        loop {
            let (line, is_kept) = match self.take(&place) {
                Some(line) => (line, true),
                None => (self.connect(&place).await?, false),
            };
            let is_h2 = matches!(line, Line::Shared(_));
            let request = build(is_h2)?;
            let is_read = request.method() == http::Method::GET;
            let (sent, sender) = match line {
                Line::One(mut sender) => {
                    if sender.ready().await.is_err() && is_kept {
                        continue;
                    }
                    (sender.try_send_request(request).await, Some(sender))
                }
                Line::Shared(mut sender) => {
                    let is_ready = sender.ready().await.is_ok();
                    if !is_ready {
                        self.forget_shared(&place);
                    }
                    if !is_ready && is_kept {
                        continue;
                    }
                    (sender.try_send_request(request).await, None)
                }
            };
            let mut error = match sent {
                Ok(response) => {
                    let kept = self.kept.clone();
                    return Ok((
                        response,
                        Lease {
                            place,
                            sender,
                            kept,
                        },
                    ));
                }
                Err(error) => error,
            };
            if is_h2 {
                self.forget_shared(&place);
            }
            let didnt_leave = error.take_message().is_some();
            let error = error.into_error();
            let broke_off =
                error.is_closed() || error.is_incomplete_message() || error.is_canceled();
            if !(is_kept && (didnt_leave || (is_read && broke_off))) {
                return Err(error.to_string());
            }
        }
    }

    fn take(&self, place: &Place) -> Option<Line> {
        let mut kept = lock(&self.kept);
        let kept = kept.get_mut(place)?;
        if let Some(shared) = kept.shared.as_ref().filter(|shared| !shared.is_closed()) {
            return Some(Line::Shared(shared.clone()));
        }
        while let Some(idle) = kept.idle.pop() {
            if !idle.sender.is_closed() && idle.since.elapsed() < IDLE_LIVES {
                return Some(Line::One(idle.sender));
            }
        }
        None
    }

    fn forget_shared(&self, place: &Place) {
        if let Some(kept) = lock(&self.kept).get_mut(place) {
            kept.shared = None;
        }
    }

    async fn connect(&self, place: &Place) -> Result<Line, String> {
        match self.connector.connect(&place.0, place.1).await? {
            Connection::Plain(tcp) => one(tcp).await.map(Line::One),
            Connection::Tls(tls) => {
                if tls.get_ref().1.alpn_protocol() != Some(b"h2") {
                    return one(*tls).await.map(Line::One);
                }
                let (sender, connection) = http2::Builder::new(TokioExecutor::new())
                    .timer(TokioTimer::new())
                    .keep_alive_interval(Duration::from_secs(10))
                    .max_header_list_size(HEAD_BYTES_MAX as u32)
                    .handshake(TokioIo::new(*tls))
                    .await
                    .map_err(|error| error.to_string())?;
                // What comes of the connection is told to those who wait for answers on it.
                tokio::spawn(connection);
                let mut kept = lock(&self.kept);
                kept.entry(place.clone()).or_default().shared = Some(sender.clone());
                Ok(Line::Shared(sender))
            }
        }
    }
}

async fn one<T>(stream: T) -> Result<http1::SendRequest<Whole>, String>
where
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
{
    let (sender, connection) = http1::Builder::new()
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| error.to_string())?;
    tokio::spawn(connection);
    Ok(sender)
}
