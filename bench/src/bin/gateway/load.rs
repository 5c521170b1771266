//! Asking: as fast as answers come (wrk), or so many times a second.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::Failed;

/// Most bytes of an answer, head and body.
const ANSWER_BYTES_MAX: usize = 64 << 10;

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

/// So many times a second, spread over the connections, each of which has a thread that sleeps in
/// between: what asks takes as little of the machine as it can. The latency is told from when a request
/// is sent; a connection whose answer is late sends the next one late.
pub(crate) fn at_rate(
    port: u16,
    path: &str,
    token: &str,
    connections: usize,
    per_second: f64,
    time: Duration,
) -> Result<Told, Failed> {
    let every = Duration::from_secs_f64(connections as f64 / per_second);
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: exchange.example\r\nauthorization: Bearer {token}\r\n\r\n"
    );
    let begun = Instant::now();
    let ask = |number: usize| {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        let mut buffer = vec![0; ANSWER_BYTES_MAX];
        let mut next = begun + every.mul_f64(number as f64 / connections as f64);
        let mut latencies = Vec::new();
        while begun.elapsed() < time {
            std::thread::sleep(next.saturating_duration_since(Instant::now()));
            next += every;
            let sent = Instant::now();
            stream.write_all(request.as_bytes())?;
            read_answer(&mut stream, &mut buffer)?;
            latencies.push(sent.elapsed().as_secs_f64() * 1_000.0);
        }
        Ok::<_, Failed>(latencies)
    };
    let mut all = std::thread::scope(|scope| {
        let ask = &ask;
        let asking: Vec<_> = (0..connections)
            .map(|number| scope.spawn(move || ask(number)))
            .collect();
        let mut all = Vec::new();
        for one in asking {
            all.extend(one.join().map_err(|_| "a thread that asks ended")??);
        }
        Ok::<_, Failed>(all)
    })?;
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

/// Reads one answer, which must be a good one and say how long it is.
fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) -> Result<(), Failed> {
    let mut filled = 0;
    let mut whole = None;
    while whole.is_none_or(|whole| filled < whole) {
        let read = stream.read(buffer.get_mut(filled..).unwrap_or_default())?;
        if read == 0 {
            return Err("a connection was closed within an answer".into());
        }
        filled += read;
        let head = buffer.get(..filled).unwrap_or_default();
        let Some(end) = head.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(head.get(..end).unwrap_or_default());
        if !head.starts_with("HTTP/1.1 2") {
            return Err(format!("a call was refused: {head}").into());
        }
        let mut headers = head.lines().filter_map(|line| line.split_once(':'));
        let length = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let length = length.and_then(|(_, value)| value.trim().parse::<usize>().ok());
        whole = Some(end + 4 + length.ok_or("an answer doesn't say how long it is")?);
    }
    Ok(())
}
