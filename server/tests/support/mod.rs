//! The program as its users meet it: a process, HTTP over a socket, the forms of its pages.

#![allow(dead_code, clippy::unwrap_used, clippy::disallowed_methods)] // each suite uses its part

pub(crate) mod citizen;
pub(crate) mod exchange;
pub(crate) mod form;
pub(crate) mod service;

use std::io::{BufRead as _, BufReader, Read as _, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub(crate) const EMAIL: &str = "admin@dinum.example";
pub(crate) const PASSWORD: &str = "un mot de passe de test";

/// Waits until something holds; a minute at most, after which the test tells what it found.
pub(crate) fn wait_until(holds: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !holds() && begun.elapsed() < std::time::Duration::from_mins(1) {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

/// A command of the program on a data folder, and on a database of its own if one is named.
pub(crate) fn gouvernail(data: &Path, database: Option<&str>, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gouvernail"));
    command.args(arguments).arg("--data").arg(data);
    command.env_remove("GOUVERNAIL_DATABASE__URL");
    if let Some(url) = database {
        command.env("GOUVERNAIL_DATABASE__URL", url);
    }
    command
}

/// Creates the administrator [`EMAIL`].
pub(crate) fn add_administrator(data: &Path, database: Option<&str>) {
    let arguments = ["admin", "create", "--email", EMAIL, "--name", "Ada Martin"];
    let mut child = gouvernail(data, database, &arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(PASSWORD.as_bytes()).unwrap();
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

/// The program, serving; killed when dropped.
pub(crate) struct Served {
    child: Child,
    pub(crate) address: String,
}

impl Served {
    pub(crate) fn start(data: &Path, database: Option<&str>, settings: &[&str]) -> Self {
        let mut arguments = vec!["serve", "--listen", "127.0.0.1:0"];
        for setting in [&["limits.requests_per_minute=1000000"], settings].concat() {
            arguments.extend(["--set", setting]);
        }
        let mut child = gouvernail(data, database, &arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let out = child.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://");
        let address = address.unwrap_or_else(|| panic!("{line:?}")).to_owned();
        Self { child, address }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills it as a power cut would: it learns nothing of it.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What came back; an answer that was cut is an error instead.
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.head.lines().filter_map(move |line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

/// A browser of few gifts: it keeps cookies and opens a connection for each request.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) address: String,
    cookies: Vec<(String, String)>,
}

impl Browser {
    pub(crate) fn new(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            cookies: Vec::new(),
        }
    }

    /// Signed in as the administrator.
    pub(crate) fn signed_in(address: &str) -> Self {
        Self::signed_in_as(address, EMAIL)
    }

    /// Signed in as somebody whose password is [`PASSWORD`].
    pub(crate) fn signed_in_as(address: &str, email: &str) -> Self {
        let mut browser = Self::new(address);
        let page = browser.get("/sign-in").unwrap();
        let mut form = form::read(&page.body, "/sign-in");
        form.set("email", email);
        form.set("password", PASSWORD);
        let answer = browser.post("/sign-in", &form).unwrap();
        assert_eq!(answer.status, 303, "{}", answer.body);
        browser
    }

    pub(crate) fn get(&mut self, path: &str) -> std::io::Result<Answer> {
        self.send("GET", path, "", |_| Ok(()))
    }

    /// Sends a form as a page of the program would.
    pub(crate) fn post(&mut self, path: &str, form: &form::Form) -> std::io::Result<Answer> {
        let body = form.encoded();
        let more = format!(
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
            body.len()
        );
        self.send("POST", path, &more, |to| to.write_all(body.as_bytes()))
    }

    /// Sends a request whose body `write` writes, after the headers `more`.
    pub(crate) fn send(
        &mut self,
        method: &str,
        path: &str,
        more: &str,
        write: impl FnOnce(&mut TcpStream) -> std::io::Result<()>,
    ) -> std::io::Result<Answer> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_mins(1)))?;
        stream.set_write_timeout(Some(Duration::from_mins(1)))?;
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nCookie: {1}\r\n\
             Connection: close\r\n{more}\r\n",
            self.address,
            cookies.join("; ")
        );
        stream.write_all(head.as_bytes())?;
        write(&mut stream)?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        let answer = parse(&bytes).ok_or(std::io::ErrorKind::UnexpectedEof)?;
        for cookie in answer.header("set-cookie") {
            let pair = cookie.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').unwrap_or_default();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        Ok(answer)
    }
}

/// The whole of an answer whose length was told, or nothing.
fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let body = String::from_utf8_lossy(&bytes[end + 4..]).into_owned();
    let answer = Answer { status, head, body };
    let told = answer.header("content-length").next();
    let whole = told.is_none_or(|told| told.parse() == Ok(bytes.len() - end - 4));
    whole.then_some(answer)
}
