//! Asking: as fast as answers come (wrk), or so many times a second.

use std::process::Command;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Failed;

/// What a load came to.
pub(crate) struct Told {
    pub(crate) per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

/// As fast as answers come, by wrk with one thread.
pub(crate) fn wrk(
    port: u16,
    path: &str,
    token: &str,
    connections: usize,
    time: Duration,
) -> Result<Told, Failed> {
    let run = Command::new("wrk")
        .args(["--latency", "-t1", &format!("-c{connections}")])
        .arg(format!("-d{}s", time.as_secs()))
        .args(["-H", &format!("Authorization: Bearer {token}")])
        .arg(format!("http://127.0.0.1:{port}{path}"))
        .output()?;
    let text = String::from_utf8_lossy(&run.stdout).into_owned();
    if text.contains("Non-2xx") || text.contains("Socket errors") || !run.status.success() {
        return Err(format!("port {port}: not every call was answered well:\n{text}").into());
    }
    let after = |mark: &str| {
        let line = text
            .lines()
            .find(|line| line.trim_start().starts_with(mark));
        line.and_then(|line| line.split_whitespace().last())
            .map(str::to_owned)
    };
    let per_second = after("Requests/sec:").and_then(|number| number.parse().ok());
    let ms = |mark| after(mark).and_then(|text| milliseconds(&text));
    match (per_second, ms("50%"), ms("99%")) {
        (Some(per_second), Some(p50_ms), Some(p99_ms)) => Ok(Told {
            per_second,
            p50_ms,
            p99_ms,
        }),
        _ => Err(format!("wrk says what isn't understood:\n{text}").into()),
    }
}

fn milliseconds(text: &str) -> Option<f64> {
    let number = text.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let value: f64 = number.parse().ok()?;
    match text.get(number.len()..)? {
        "us" => Some(value / 1_000.0),
        "ms" => Some(value),
        "s" => Some(value * 1_000.0),
        _ => None,
    }
}

/// So many times a second, spread over the connections. The latency is told from when a request is
/// sent; a connection whose answer is late sends the next one late.
pub(crate) async fn at_rate(
    port: u16,
    path: &'static str,
    token: &str,
    connections: usize,
    per_second: f64,
    time: Duration,
) -> Result<Told, Failed> {
    let every = Duration::from_secs_f64(connections as f64 / per_second);
    let mut workers = JoinSet::new();
    let begun = Instant::now();
    for number in 0..connections {
        let authorization = format!("Bearer {token}");
        workers.spawn(async move {
            let stream = TcpStream::connect(("127.0.0.1", port)).await?;
            stream.set_nodelay(true)?;
            let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            let mut next = begun + every.mul_f64(number as f64 / connections as f64);
            let mut latencies = Vec::new();
            while begun.elapsed() < time {
                tokio::time::sleep_until(next.into()).await;
                next += every;
                let request = Request::get(path)
                    .header("host", "exchange.example")
                    .header("authorization", &authorization)
                    .body(Empty::<Bytes>::new())?;
                sender.ready().await?;
                let sent = Instant::now();
                let answer = sender.send_request(request).await?;
                let is_good = answer.status().is_success();
                answer.into_body().collect().await?;
                latencies.push(sent.elapsed().as_secs_f64() * 1_000.0);
                if !is_good {
                    return Err("a call was refused".into());
                }
            }
            Ok::<_, Failed>(latencies)
        });
    }
    let mut all = Vec::new();
    while let Some(done) = workers.join_next().await {
        all.extend(done??);
    }
    all.sort_by(f64::total_cmp);
    let at = |share: f64| {
        all.get((all.len() as f64 * share) as usize)
            .copied()
            .unwrap_or(f64::NAN)
    };
    Ok(Told {
        per_second: all.len() as f64 / begun.elapsed().as_secs_f64(),
        p50_ms: at(0.5),
        p99_ms: at(0.99),
    })
}
