//! A connection whose other end may be slow, but not for ever.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// Ends a connection on which no request comes for as long as the patience lasts, or whose other end
/// takes nothing of what is sent.
pub(crate) struct Patient<S> {
    inner: S,
    patience: Duration,
    /// Until when the first request must have come.
    opening: Option<Pin<Box<Sleep>>>,
    has_request: Arc<AtomicBool>,
    /// Since the other end takes nothing.
    stalled: Option<Pin<Box<Sleep>>>,
}

fn late() -> io::Error {
    io::Error::from(io::ErrorKind::TimedOut)
}

impl<S> Patient<S> {
    /// `has_request` is set by whoever sees the first request.
    pub(crate) fn new(inner: S, patience: Duration, has_request: Arc<AtomicBool>) -> Self {
        Self {
            inner,
            patience,
            opening: Some(Box::pin(sleep(patience))),
            has_request,
            stalled: None,
        }
    }

    fn written(
        &mut self,
        poll: Poll<io::Result<usize>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if poll.is_ready() {
            self.stalled = None;
            return poll;
        }
        let patience = self.patience;
        let stalled = self
            .stalled
            .get_or_insert_with(|| Box::pin(sleep(patience)));
        match stalled.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(late())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.inner).poll_read(cx, buffer);
        if poll.is_ready() {
            return poll;
        }
        if self.has_request.load(Ordering::Relaxed) {
            self.opening = None;
        }
        let opening = self.opening.as_mut();
        if opening.is_some_and(|opening| opening.as_mut().poll(cx).is_ready()) {
            return Poll::Ready(Err(late()));
        }
        Poll::Pending
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.written(poll, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.inner).poll_write_vectored(cx, buffers);
        self.written(poll, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
