//! Listening: one thread takes connections and deals them out to those that answer.
//!
//! Each answering thread has a runtime and connections to producers of its own, so that a call never
//! changes threads.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use http::{HeaderMap, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio_rustls::TlsAcceptor;

use crate::Gateway;
use crate::call::{Call, Peer};
use crate::domain::{Code, Problem};
use crate::patient::Patient;
use crate::produced::{Data, Sent};
use crate::settings::GatewayError;
use crate::tls::{acceptor, thumbprint};
use crate::trace::Gatherer;
use crate::upstream::{Connector, Pools, Prober, Upstream};
use crate::verify::PROOF_ALGORITHMS;

/// Most bytes of the head of a request, and most headers.
const HEAD_BYTES_MAX: usize = 16 << 10;
const HEADERS_MAX: usize = 64;
/// Requests at once on one HTTP/2 connection.
const STREAMS_MAX: u32 = 100;
/// How long calls under way are waited for when the gateway ends.
const FAREWELL: Duration = Duration::from_secs(15);
/// Between two looks for connections to producers that nobody uses.
const SWEEP_EVERY: Duration = Duration::from_secs(15);
/// The pause after a connection couldn't be taken: out of sockets, mostly.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");
const NOSNIFF: HeaderName = HeaderName::from_static("x-content-type-options");

/// A connection that was taken, and its place among those that may be.
type Taken = (std::net::TcpStream, OwnedSemaphorePermit);

impl Gateway {
    /// Answers on `listener` until `stop` completes; calls under way are finished first.
    pub async fn serve(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send,
    ) -> Result<(), GatewayError> {
        let tls = self.settings().tls.as_ref().map(acceptor).transpose()?;
        let connector = Connector::new(self.settings())?;
        let (ends, ended) = watch::channel(false);
        let mut lines = Vec::new();
        let mut threads = Vec::new();
        for number in 0..self.settings().threads.max(1) {
            let (line, taken) = mpsc::unbounded_channel();
            lines.push(line);
            let worker = Worker {
                upstream: Upstream {
                    pools: Pools::new(connector.clone()),
                    key: self.settings().upstream_key.clone(),
                },
                traces: Arc::new(Gatherer::new(self.sink())),
                gateway: self.clone(),
                tls: tls.clone(),
            };
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            let ended = ended.clone();
            let run = move || runtime.block_on(Arc::new(worker).work(taken, ended));
            let named = std::thread::Builder::new().name(format!("gateway-{number}"));
            threads.push(named.spawn(run)?);
        }
        let pools = Arc::new(Pools::new(connector));
        let prober = tokio::spawn(
            Prober {
                gateway: self.clone(),
                pools,
            }
            .work(),
        );
        tokio::select! {
            () = stop => {}
            () = deal(&listener, &lines, self.settings().connections_max) => {}
        }
        drop((listener, lines));
        prober.abort();
        ends.send_replace(true);
        let joined = tokio::task::spawn_blocking(move || {
            for thread in threads {
                if thread.join().is_err() {
                    tracing::error!("gateway.thread: it ended by a panic");
                }
            }
        });
        joined.await.map_err(std::io::Error::other)?;
        Ok(())
    }
}

/// Takes connections and deals them out in turn. A thread that ended gets no more of them.
async fn deal(listener: &TcpListener, lines: &[mpsc::UnboundedSender<Taken>], most: usize) {
    let places = Arc::new(Semaphore::new(most));
    let mut turn = 0;
    while let Ok(place) = places.clone().acquire_owned().await {
        let taken = match listener.accept().await {
            Ok((stream, _)) => stream.set_nodelay(true).and_then(|()| stream.into_std()),
            Err(error) => Err(error),
        };
        match taken {
            Ok(stream) => {
                let mut taken = Some((stream, place));
                for _ in lines {
                    turn = (turn + 1) % lines.len();
                    if let (Some(line), Some(next)) = (lines.get(turn), taken.take()) {
                        taken = line.send(next).err().map(|refused| refused.0);
                    }
                }
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "gateway.accept");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// A thread that answers.
struct Worker {
    gateway: Gateway,
    upstream: Upstream,
    traces: Arc<Gatherer>,
    tls: Option<TlsAcceptor>,
}

impl Worker {
    async fn work(
        self: Arc<Self>,
        mut taken: mpsc::UnboundedReceiver<Taken>,
        ended: watch::Receiver<bool>,
    ) {
        let mut connections = tokio::task::JoinSet::new();
        let sweeping = tokio::spawn(self.clone().sweep());
        while let Some((stream, place)) = taken.recv().await {
            while connections.try_join_next().is_some() {}
            let (worker, ended) = (self.clone(), ended.clone());
            connections.spawn(async move {
                if let Ok(stream) = TcpStream::from_std(stream) {
                    worker.connection(stream, ended).await;
                }
                drop(place);
            });
        }
        sweeping.abort();
        let all = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(FAREWELL, all).await.is_err() {
            tracing::warn!("gateway.stop: calls under way were cut off");
        }
    }

    /// Forgets connections to producers that nobody used for a while, until it is dropped.
    async fn sweep(self: Arc<Self>) {
        loop {
            tokio::time::sleep(SWEEP_EVERY).await;
            if let Some(in_force) = self.gateway.in_force() {
                self.upstream.pools.sweep(|uri| in_force.book.names(uri));
            }
        }
    }

    async fn connection(self: Arc<Self>, stream: TcpStream, ended: watch::Receiver<bool>) {
        let Ok(from) = stream.peer_addr() else {
            return;
        };
        let address = from.ip();
        match &self.tls {
            None => {
                let certificate = None;
                self.clone()
                    .speak(
                        stream,
                        Peer {
                            address,
                            certificate,
                        },
                        ended,
                    )
                    .await;
            }
            Some(acceptor) => {
                let patience = self.gateway.settings().patience;
                let greeted = tokio::time::timeout(patience, acceptor.accept(stream)).await;
                let Ok(Ok(stream)) = greeted else {
                    return;
                };
                let shown = stream
                    .get_ref()
                    .1
                    .peer_certificates()
                    .and_then(<[_]>::first);
                let certificate = shown.map(thumbprint);
                self.clone()
                    .speak(
                        stream,
                        Peer {
                            address,
                            certificate,
                        },
                        ended,
                    )
                    .await;
            }
        }
    }

    async fn speak<S>(self: Arc<Self>, stream: S, peer: Peer, mut ended: watch::Receiver<bool>)
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
    {
        let patience = self.gateway.settings().patience;
        let has_request = Arc::new(AtomicBool::new(false));
        let stream = TokioIo::new(Patient::new(stream, patience, has_request.clone()));
        let peer = Arc::new(peer);
        let service = service_fn(move |request| {
            has_request.store(true, Ordering::Relaxed);
            let (worker, peer) = (self.clone(), peer.clone());
            async move { Ok::<_, Infallible>(worker.answer(&peer, request).await) }
        });
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(patience)
            .max_headers(HEADERS_MAX)
            .max_buf_size(HEAD_BYTES_MAX);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS_MAX)
            .max_header_list_size(HEAD_BYTES_MAX as u32)
            .keep_alive_interval(patience)
            .keep_alive_timeout(patience);
        let connection = builder.serve_connection(stream, service);
        tokio::pin!(connection);
        let outcome = tokio::select! {
            outcome = connection.as_mut() => outcome,
            () = has_ended(&mut ended) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = outcome {
            tracing::debug!(
                error = &*error as &dyn std::error::Error,
                "gateway.connection"
            );
        }
    }

    /// Answers a call: decides, keeps its trace, and only then lets data leave.
    async fn answer(&self, peer: &Peer, request: Request<Incoming>) -> Response<Sent> {
        let gateway = &self.gateway;
        let mut call = Call::begin(gateway);
        let mut came = call.decide(gateway, &self.upstream, peer, request).await;
        if let Some(trace) = call.trace(gateway, &came)
            && let Err(error) = self.traces.keep(trace).await
        {
            tracing::error!(request = %call.id, error = &*error as &dyn std::error::Error, "gateway.trace");
            // A refusal stays what it is: it holds no data.
            if came.is_ok() {
                let told = "no data is given of which no trace is kept";
                came = Err(Problem::new(Code::TraceUnavailable, told).after_seconds(5));
            }
        }
        let mut response = match came {
            Ok(data) => given(&call, data),
            Err(problem) => refused(&call, &problem),
        };
        let headers = response.headers_mut();
        put(headers, X_REQUEST_ID, &call.id_text);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(NOSNIFF, HeaderValue::from_static("nosniff"));
        if let Some(standing) = call.standing {
            headers.insert(LIMIT, standing.limit.into());
            headers.insert(REMAINING, standing.remaining.into());
            headers.insert(RESET, standing.reset_seconds.into());
        }
        response
    }
}

/// Completes when the gateway is to end.
async fn has_ended(ended: &mut watch::Receiver<bool>) {
    // An error says that the gateway is gone, which is an end as well.
    drop(ended.wait_for(|ended| *ended).await);
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn given(call: &Call, data: Data) -> Response<Sent> {
    let tail = call.tail();
    let body = match data {
        Data::Held(mut held) => {
            held.reserve(tail.iter().map(|part| part.len()).sum());
            for part in tail {
                held.extend_from_slice(part);
            }
            Sent::Whole(Some(Bytes::from(held)))
        }
        Data::Flowing(flow) => Sent::Flowing(flow.with_tail(tail.concat().into())),
    };
    let mut response = Response::new(body);
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

fn refused(call: &Call, problem: &Problem) -> Response<Sent> {
    let body = problem.to_json(&call.id_text);
    let mut response = Response::new(Sent::Whole(Some(Bytes::from(body))));
    *response.status_mut() =
        StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    if let Some(seconds) = problem.retry_after_seconds {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    let names: Vec<&str> = PROOF_ALGORITHMS.iter().map(|one| one.name()).collect();
    let algorithms = names.join(" ");
    let challenge = match problem.code {
        // Nothing was tried: no error code (RFC 6750 section 3.1).
        Code::TokenMissing => Some(format!("Bearer, DPoP algs=\"{algorithms}\"")),
        Code::TokenInvalid | Code::TokenExpired => {
            Some("Bearer error=\"invalid_token\"".to_owned())
        }
        Code::ProofInvalid => Some(format!(
            "DPoP error=\"invalid_dpop_proof\", algs=\"{algorithms}\""
        )),
        _ => None,
    };
    if let Some(challenge) = challenge {
        put(headers, WWW_AUTHENTICATE, &challenge);
    }
    // The rest of a request that can't be read isn't looked for a next one in.
    if matches!(problem.code, Code::LengthRequired | Code::MalformedRequest) {
        headers.insert(http::header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
