//! What a producer answers: judged, masked, held or streamed.

use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Body, Frame, Incoming};
use mask::{Fields, Mask};
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};

use crate::Gateway;
use crate::domain::{Circuit, Code, Problem};
use crate::upstream::{Answer, Failure, Lease, failed};

/// What stands before the data.
pub(crate) const HEAD: &[u8] = b"{\"data\":";
/// Bytes that most answers are held in, where the producer doesn't say how long its own is.
const HELD_BYTES: usize = 4 << 10;
/// Room for what stands around the data.
const AROUND_BYTES: usize = 512;
/// Most bytes of a refusal of a producer that are read to keep its connection.
const REFUSAL_BYTES_MAX: usize = 64 << 10;
/// Longest wait that a producer may ask for, in seconds.
const RETRY_AFTER_MAX: u64 = 86_400;

/// Data of a producer, masked.
pub(crate) enum Data {
    /// All of it, behind [`HEAD`].
    Held(Vec<u8>),
    /// Its beginning, and the rest as it comes.
    Flowing(Box<Flow>),
}

/// How answers are read.
pub(crate) struct Reading<'a> {
    pub(crate) gateway: &'a Gateway,
    pub(crate) producer: &'a str,
    pub(crate) fields: &'a Arc<Fields>,
}

impl Reading<'_> {
    fn problem(&self, code: Code, told: impl Into<std::borrow::Cow<'static, str>>) -> Problem {
        Problem::new(code, told).of(self.producer)
    }

    fn unusable(&self, told: impl Into<std::borrow::Cow<'static, str>>) -> Problem {
        self.problem(Code::ProducerAnswer, told)
    }

    /// Reads an answer until it is whole or too long to be held.
    pub(crate) async fn read(&self, answer: Answer) -> Result<Data, Problem> {
        let status = answer.response.status();
        let counts = self.gateway.counts();
        let now_ms = self.gateway.now().as_millisecond();
        if status.is_server_error() {
            let why = format!("it answers {status}");
            failed(counts, &answer.address, now_ms, &Failure::Broken(why));
        } else {
            counts.with_circuit(&answer.address, Circuit::answered);
        }
        if status == StatusCode::NO_CONTENT {
            answer.lease.give_back();
            return Ok(Data::Held([HEAD, b"null"].concat()));
        }
        if status != StatusCode::OK {
            return Err(self.refusal(answer).await);
        }
        let settings = self.gateway.settings();
        let headers = answer.response.headers();
        check_type(headers).map_err(|told| self.unusable(told))?;
        let length = length_of(headers);
        if length.is_some_and(|bytes| bytes > settings.answer_bytes_max) {
            return Err(self.unusable(format!(
                "its answer has more than {} bytes",
                settings.answer_bytes_max
            )));
        }
        let expected = length.map_or(HELD_BYTES, |bytes| bytes as usize);
        let mut out = Vec::with_capacity(expected.min(settings.held_bytes_max) + AROUND_BYTES);
        out.extend_from_slice(HEAD);
        let mut flow = Flow {
            body: answer.response.into_body(),
            mask: Mask::new(self.fields.clone()),
            out,
            tail: Bytes::new(),
            lease: Some(answer.lease),
            read: 0,
            read_max: settings.answer_bytes_max,
            announced: length,
            deadline: None,
            is_over: false,
        };
        loop {
            let frame = timeout_at(answer.deadline, flow.body.frame()).await;
            let Ok(frame) = frame else {
                failed(counts, &answer.address, now_ms, &Failure::Late);
                let told = "its answer didn't come to an end in time";
                return Err(self.problem(Code::ProducerTimeout, told).after_seconds(5));
            };
            match frame {
                None => break,
                Some(Err(error)) => {
                    failed(
                        counts,
                        &answer.address,
                        now_ms,
                        &Failure::Broken(error.to_string()),
                    );
                    let told = "it broke off within its answer";
                    return Err(self.problem(Code::ProducerFailed, told).after_seconds(5));
                }
                Some(Ok(frame)) => flow.take(frame).map_err(|told| self.unusable(told))?,
            }
            if flow.out.len() > settings.held_bytes_max {
                let deadline = Instant::now() + settings.stream_max;
                flow.deadline = Some(Box::pin(sleep_until(deadline)));
                return Ok(Data::Flowing(Box::new(flow)));
            }
        }
        flow.end().map_err(|told| self.unusable(told))?;
        Ok(Data::Held(flow.out))
    }

    /// What a status other than 200 comes to. Nothing of its body is passed on: it isn't masked.
    async fn refusal(&self, answer: Answer) -> Problem {
        let Answer {
            response,
            lease,
            deadline,
            ..
        } = answer;
        let (head, body) = response.into_parts();
        let drained = timeout_at(deadline, Limited::new(body, REFUSAL_BYTES_MAX).collect());
        if matches!(drained.await, Ok(Ok(_))) {
            lease.give_back();
        }
        let status = head.status;
        let problem = match status.as_u16() {
            404 | 410 => self.problem(Code::NotFound, "the producer has nothing about this"),
            400 | 422 => {
                let told = format!("the producer finds the parameters wrong ({status})");
                self.problem(Code::RefusedByProducer, told)
            }
            409 => self.problem(Code::Conflict, "the producer refuses for a conflict"),
            451 => self.problem(
                Code::Legal,
                "the producer may not give this for legal reasons",
            ),
            401 | 403 => self.problem(
                Code::ProducerFailed,
                format!("it refuses the gateway, not the call ({status})"),
            ),
            429 | 503 => self.problem(
                Code::ProducerUnavailable,
                format!("it has too much to do, or is closed ({status})"),
            ),
            504 => self.problem(Code::ProducerTimeout, "something behind it took too long"),
            _ => self.problem(Code::ProducerFailed, format!("it answers {status}")),
        };
        match problem.code {
            Code::ProducerFailed | Code::ProducerUnavailable | Code::ProducerTimeout => {
                problem.after_seconds(retry_after(&head.headers).unwrap_or(5))
            }
            _ => problem,
        }
    }
}

fn length_of(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn retry_after(headers: &HeaderMap) -> Option<u64> {
    let seconds = headers
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .parse::<u64>()
        .ok()?;
    Some(seconds.clamp(1, RETRY_AFTER_MAX))
}

/// JSON, as it is: neither another type nor compressed.
fn check_type(headers: &HeaderMap) -> Result<(), String> {
    let encodings = headers.get_all(CONTENT_ENCODING).iter();
    let mut encodings = encodings.map(|value| value.to_str().unwrap_or("?").trim());
    if let Some(other) = encodings.find(|one| !one.eq_ignore_ascii_case("identity")) {
        return Err(format!("its answer is encoded ({})", printable(other)));
    }
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let one = types.next().and_then(|value| value.to_str().ok());
    let (Some(text), None) = (one, types.next()) else {
        return Err("its answer has no type, or several".to_owned());
    };
    let essence = text
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let is_json = essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"));
    if is_json {
        Ok(())
    } else {
        Err(format!("its answer is of the type {}", printable(&essence)))
    }
}

/// A short text of a producer, as it may stand in a problem.
fn printable(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_graphic)
        .take(60)
        .collect()
}

/// An answer that flows by.
pub(crate) struct Flow {
    body: Incoming,
    mask: Mask,
    /// What is masked and hasn't left.
    out: Vec<u8>,
    /// What stands behind the data.
    tail: Bytes,
    lease: Option<Lease>,
    read: u64,
    read_max: u64,
    announced: Option<u64>,
    deadline: Option<Pin<Box<Sleep>>>,
    is_over: bool,
}

/// Why a streamed answer ends before its end: the connection is closed, so that nobody takes what
/// came for the whole.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Cut(String);

impl Flow {
    fn take(&mut self, frame: Frame<Bytes>) -> Result<(), String> {
        let Ok(chunk) = frame.into_data() else {
            return Ok(());
        };
        self.read += chunk.len() as u64;
        if self.read > self.read_max {
            return Err(format!("its answer has more than {} bytes", self.read_max));
        }
        let pushed = self.mask.push(&chunk, &mut self.out);
        pushed.map_err(|error| format!("its answer can't be read: {error}"))
    }

    fn end(&mut self) -> Result<(), String> {
        let finished = self.mask.finish(&mut self.out);
        finished.map_err(|error| format!("its answer can't be read: {error}"))?;
        if let Some(lease) = self.lease.take() {
            lease.give_back();
        }
        Ok(())
    }

    /// How many bytes the producer announced, or sent until now.
    pub(crate) fn bytes(&self) -> u64 {
        self.announced.unwrap_or(self.read)
    }

    /// The same, with what stands behind the data.
    pub(crate) fn with_tail(mut self: Box<Self>, tail: Bytes) -> Box<Self> {
        self.tail = tail;
        self
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
        if let Some(deadline) = &mut self.deadline
            && deadline.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Some(Err(Cut("the answer took too long".to_owned()))));
        }
        loop {
            if !self.out.is_empty() {
                return Poll::Ready(Some(Ok(std::mem::take(&mut self.out).into())));
            }
            if self.is_over {
                return Poll::Ready(None);
            }
            let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
                return Poll::Pending;
            };
            match frame {
                Some(Ok(frame)) => self.take(frame).map_err(Cut)?,
                Some(Err(error)) => return Poll::Ready(Some(Err(Cut(error.to_string())))),
                None => {
                    self.end().map_err(Cut)?;
                    self.out.extend_from_slice(&self.tail);
                    self.is_over = true;
                }
            }
        }
    }
}

/// The body of an answer of ours.
pub(crate) enum Sent {
    Whole(Option<Bytes>),
    Flowing(Box<Flow>),
}

impl Body for Sent {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Flowing(flow) => {
                let next = flow.poll_next(cx);
                if let Poll::Ready(Some(Err(cut))) = &next {
                    tracing::warn!(error = cut as &dyn std::error::Error, "gateway.stream");
                }
                next.map(|next| next.map(|next| next.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        match self {
            Self::Whole(bytes) => {
                let length = bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
                hyper::body::SizeHint::with_exact(length)
            }
            Self::Flowing(_) => hyper::body::SizeHint::default(),
        }
    }
}

/// Longest wait for the body of a request.
pub(crate) async fn read_request(
    body: Incoming,
    bytes_max: usize,
    patience: Duration,
) -> Result<Bytes, Problem> {
    let read = tokio::time::timeout(patience, Limited::new(body, bytes_max).collect());
    match read.await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            let told = format!("it has more than {bytes_max} bytes");
            Err(Problem::new(Code::BodyTooLarge, told))
        }
        Ok(Err(_)) => Err(Problem::new(Code::MalformedRequest, "the body broke off")),
        Err(_) => Err(Problem::new(
            Code::MalformedRequest,
            "the body didn't come in time",
        )),
    }
}
