//! Asking: a closed loop of connections that each wait for an answer before they ask again.

use std::time::Instant;

use http_body_util::{BodyExt as _, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::BenchError;
use crate::fill::steering::{self, SteeringSize};
use crate::fill::{Filled, Seed};

/// One kind of request.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// What it is.
    pub(crate) name: String,
    /// Its goal for the 99th percentile, in milliseconds.
    pub(crate) goal_ms: Option<f64>,
    /// The addresses that it asks for, in turn.
    paths: Vec<String>,
    /// The cookie of who asks; anybody when there is none.
    cookie: Option<String>,
}

/// What one round measured.
#[derive(Debug, Clone)]
pub(crate) struct Round {
    /// Sorted, in milliseconds.
    pub(crate) latencies_ms: Vec<f64>,
    /// Answers in a second.
    pub(crate) per_second: f64,
    /// Bytes of the last answer's body.
    pub(crate) bytes: usize,
}

type Connection = SendRequest<Empty<Bytes>>;

fn failed(error: &dyn std::fmt::Display) -> BenchError {
    BenchError::Program(error.to_string())
}

async fn connect(address: &str) -> Result<Connection, BenchError> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream))
        .await
        .map_err(|error| failed(&error))?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn ask(
    connection: &mut Connection,
    address: &str,
    path: &str,
    cookie: Option<&str>,
) -> Result<Bytes, BenchError> {
    let mut request = Request::get(path)
        .header("host", address)
        .header("accept", "text/html,application/json");
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    let request = request.body(Empty::new()).map_err(|error| failed(&error))?;
    connection.ready().await.map_err(|error| failed(&error))?;
    let answer = connection
        .send_request(request)
        .await
        .map_err(|error| failed(&error))?;
    if answer.status() != StatusCode::OK {
        return Err(BenchError::Program(format!("{path}: {}", answer.status())));
    }
    let body = answer.into_body().collect().await;
    Ok(body.map_err(|error| failed(&error))?.to_bytes())
}

/// Asks once, on a connection of its own; gives the milliseconds.
pub(crate) async fn once(address: &str, path: &str) -> Result<f64, BenchError> {
    let mut connection = connect(address).await?;
    let begun = Instant::now();
    ask(&mut connection, address, path, None).await?;
    Ok(begun.elapsed().as_secs_f64() * 1_000.0)
}

/// One round: `requests` of a case over `connections`.
pub(crate) async fn run(
    address: &str,
    case: &Case,
    connections: usize,
    requests: usize,
    round: usize,
) -> Result<Round, BenchError> {
    let connections = connections.max(1);
    let each = requests.div_ceil(connections);
    let mut workers = JoinSet::new();
    let begun = Instant::now();
    for worker in 0..connections {
        let (address, case) = (address.to_owned(), case.clone());
        workers.spawn(async move {
            let mut connection = connect(&address).await?;
            let mut latencies = Vec::with_capacity(each);
            let mut bytes = 0;
            for number in 0..each {
                let at = (round * requests + worker * each + number) % case.paths.len();
                let asked = Instant::now();
                let cookie = case.cookie.as_deref();
                bytes = ask(&mut connection, &address, &case.paths[at], cookie)
                    .await?
                    .len();
                latencies.push(asked.elapsed().as_secs_f64() * 1_000.0);
            }
            Ok::<_, BenchError>((latencies, bytes))
        });
    }
    let mut latencies_ms = Vec::new();
    let mut bytes = 0;
    while let Some(done) = workers.join_next().await {
        let (latencies, last) = done.map_err(|error| failed(&error))??;
        latencies_ms.extend(latencies);
        bytes = last;
    }
    let took = begun.elapsed().as_secs_f64();
    latencies_ms.sort_by(f64::total_cmp);
    Ok(Round {
        per_second: latencies_ms.len() as f64 / took,
        latencies_ms,
        bytes,
    })
}

/// The address of a page of the list: the cursor of the page before, read from the API.
async fn deep(address: &str, query: &str, pages: usize) -> Result<String, BenchError> {
    let mut connection = connect(address).await?;
    let mut after = String::new();
    for _ in 1..pages {
        let path = match after.as_str() {
            "" => format!("/api/v1/products?limit=50&{query}"),
            after => format!("/api/v1/products?limit=50&{query}&after={after}"),
        };
        let body = ask(&mut connection, address, &path, None).await?;
        let answer: serde_json::Value =
            serde_json::from_slice(&body).map_err(|error| failed(&error))?;
        let next = answer["next"].as_str().unwrap_or_default();
        after = next.replace(' ', "%20");
    }
    Ok(format!("/products?{query}&after={after}"))
}

/// What is asked.
pub(crate) async fn cases(address: &str, filled: &Filled) -> Result<Vec<Case>, BenchError> {
    let case = |name: &str, goal_ms: Option<f64>, paths: Vec<String>| Case {
        name: name.to_owned(),
        goal_ms,
        paths,
        cookie: None,
    };
    let one = |name: &str, goal: Option<f64>, path: &str| case(name, goal, vec![path.to_owned()]);
    let (list, report) = (Some(50.0), Some(300.0));
    let mut cases = vec![
        one("overview", report, "/"),
        one("list, page 1", list, "/products"),
    ];
    for (sort, order) in [("title", "asc"), ("slip", "desc")] {
        for page in [10, 100, 1_000] {
            let query = format!("sort={sort}&order={order}");
            let path = deep(address, &query, page).await?;
            cases.push(case(
                &format!("list by {sort}, page {page}"),
                list,
                vec![path],
            ));
        }
    }
    let ministry = &filled.ministries[0];
    let incubator = &filled.incubators[0];
    cases.extend([
        one(
            "list of a ministry by slip",
            list,
            &format!("/products?ministry={ministry}&sort=slip&order=desc"),
        ),
        one("list, search", list, "/products?q=paie+agents"),
        one("list, search without a hit", list, "/products?q=zzzz"),
        one("API, 100 products", list, "/api/v1/products"),
        case(
            "product",
            list,
            filled
                .products
                .iter()
                .map(|id| format!("/products/{id}"))
                .collect(),
        ),
    ]);
    let mut seed = Seed(77);
    let between = (0..200).map(|_| {
        let from = 2019 + seed.below(4);
        let to = from + 1 + seed.below(3);
        let (first, second) = (1 + seed.below(12), 1 + seed.below(12));
        format!("/cohorts?from={from}-{first:02}-15&to={to}-{second:02}-15")
    });
    cases.push(case("cohort, any two dates", report, between.collect()));
    for by in ["ministry", "band", "phase", "area"] {
        cases.push(one(
            &format!("slips by {by}"),
            report,
            &format!("/slips?by={by}"),
        ));
    }
    cases.extend([
        one("slips over time", report, "/slips/history"),
        one("a ministry", report, &format!("/ministries/{ministry}")),
        one("start-ups", report, "/start-ups"),
        one("an incubator", report, &format!("/incubators/{incubator}")),
        one("journal", list, "/journal"),
    ]);
    Ok(cases)
}

/// What an officer of the directorate asks of steering and of impact.
pub(crate) fn steering_cases(filled: &Filled, size: SteeringSize, cookie: &str) -> Vec<Case> {
    let mut seed = Seed(78);
    let case = |name: &str, goal_ms: Option<f64>, paths: Vec<String>| Case {
        name: name.to_owned(),
        goal_ms,
        paths,
        cookie: Some(cookie.to_owned()),
    };
    let one = |name: &str, path: &str| case(name, None, vec![path.to_owned()]);
    let some = |limit: u32, seed: &mut Seed| -> Vec<u32> {
        (0..500)
            .map(|_| u32::try_from(seed.below(u64::from(limit))).unwrap_or(0))
            .collect()
    };
    let recommendations = some(size.recommendations, &mut seed)
        .into_iter()
        .map(|number| {
            format!(
                "/steering/recommendations/{}",
                steering::recommendation(number)
            )
        });
    let indicators = some(steering::indicators(size), &mut seed)
        .into_iter()
        .map(|number| format!("/indicators/{}", steering::indicator(number)));
    let products = filled.products.iter();
    let ministry = &filled.ministries[0];
    vec![
        case("director's page", Some(200.0), vec!["/steering".to_owned()]),
        one("recommendations, page 1", "/steering/recommendations"),
        one(
            "recommendations, overdue",
            "/steering/recommendations?overdue=yes",
        ),
        one(
            "recommendations of a ministry, in progress",
            &format!("/steering/recommendations?ministry={ministry}&status=in-progress"),
        ),
        case("a recommendation", None, recommendations.collect()),
        one("alerts", "/steering/alerts"),
        one("reviews", "/steering/reviews"),
        one("decisions", "/steering/decisions"),
        case(
            "a product's steering",
            None,
            products
                .map(|id| format!("/products/{id}/steering"))
                .collect(),
        ),
        one("indicators", "/indicators"),
        case("an indicator with 250 figures", None, indicators.collect()),
        one("published", "/steering/published"),
    ]
}
