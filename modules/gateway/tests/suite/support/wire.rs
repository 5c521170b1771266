//! Answers, read from the wire byte by byte.

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// An answer; status 0 when the connection was closed without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether the body came to its end.
    pub(crate) is_whole: bool,
}

impl Answered {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter().filter(|(one, _)| one == name);
        all.next().map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The code of the problem.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// Reads one answer.
pub(crate) async fn read_answer(stream: &mut (impl AsyncRead + Unpin)) -> Answered {
    super::soon(read(stream)).await
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Answered {
    let mut bytes = Vec::new();
    let mut answered = Answered {
        status: 0,
        headers: Vec::new(),
        body: Vec::new(),
        is_whole: false,
    };
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return answered;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    answered.status = status.parse().unwrap();
    answered.headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut rest = bytes.split_off(end);
    match answered
        .header("content-length")
        .map(|length| length.parse::<usize>().unwrap())
    {
        Some(length) => {
            while rest.len() < length && stream.read_buf(&mut rest).await.unwrap_or(0) > 0 {}
            answered.is_whole = rest.len() == length;
            answered.body = rest;
        }
        None => (answered.body, answered.is_whole) = chunks(stream, rest).await,
    }
    answered
}

async fn chunks(stream: &mut (impl AsyncRead + Unpin), mut rest: Vec<u8>) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    loop {
        let line_end = loop {
            if let Some(at) = rest.windows(2).position(|two| two == b"\r\n") {
                break at;
            }
            if stream.read_buf(&mut rest).await.unwrap_or(0) == 0 {
                return (body, false);
            }
        };
        let line = String::from_utf8_lossy(&rest[..line_end]).into_owned();
        let Ok(size) = usize::from_str_radix(&line, 16) else {
            return (body, false);
        };
        while rest.len() < line_end + 2 + size + 2 {
            if stream.read_buf(&mut rest).await.unwrap_or(0) == 0 {
                return (body, false);
            }
        }
        body.extend_from_slice(&rest[line_end + 2..line_end + 2 + size]);
        rest.drain(..line_end + 2 + size + 2);
        if size == 0 {
            return (body, true);
        }
    }
}
