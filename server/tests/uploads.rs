//! Large and ill-meant files, sent to the running program as a browser sends them: each gets a clear
//! answer, and none fills the memory.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test fails by panicking

mod support;

use std::io::{Cursor, Write};
use std::time::{Duration, Instant};

use support::{Answer, Browser, Served, add_administrator, form};
use zip::write::SimpleFileOptions;

/// The limit that the form names, in bytes.
const LIMIT: u64 = 64 << 20;
/// What a program that held the file in memory would need at least, with room for chance.
const GROWTH_KIB_MAX: u64 = 64 << 10;
const BOUNDARY: &str = "----a-boundary-that-no-file-holds";
const HEADER: &str = "Ministère porteur;Nom du projet;Début;Durée prévisionnelle en année;\
                      Phase du projet en cours;Coût estimé;Date de publication";

/// The program with an administrator who is signed in.
struct Stage {
    served: Served,
    browser: Browser,
    _folder: tempfile::TempDir,
}

impl Stage {
    fn new(settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        add_administrator(&data, None);
        let served = Served::start(&data, None, settings);
        let browser = Browser::signed_in(&served.address);
        Self {
            served,
            browser,
            _folder: folder,
        }
    }

    /// Sends a file of `size` bytes, written piece by piece, with the import form of the page.
    fn upload(
        &mut self,
        name: &str,
        size: u64,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> Answer {
        let page = self.browser.get("/imports").unwrap();
        let form = form::read(&page.body, "/imports");
        let mut before = String::new();
        for field in ["csrf_token", "kind", "mode", "published"] {
            before.push_str(&format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{}\r\n",
                form.text(field)
            ));
        }
        before.push_str(&format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\
             \r\nContent-Type: application/octet-stream\r\n\r\n"
        ));
        let after = format!("\r\n--{BOUNDARY}--\r\n");
        let length = before.len() as u64 + size + after.len() as u64;
        let more = format!(
            "Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {length}\r\n"
        );
        // An answer that comes before the whole file was read would break the connection here, and
        // a browser would show that instead of the answer.
        let answer = self.browser.send("POST", "/imports", &more, |stream| {
            stream.write_all(before.as_bytes())?;
            write(stream)?;
            stream.write_all(after.as_bytes())
        });
        answer.unwrap()
    }

    fn upload_bytes(&mut self, name: &str, bytes: &[u8]) -> Answer {
        self.upload(name, bytes.len() as u64, |to| to.write_all(bytes))
    }

    fn upload_junk(&mut self, size: u64) -> Answer {
        self.upload("gros.csv", size, |to| junk(to, size))
    }

    /// The page of an import once it has ended.
    fn outcome(&mut self, sent: &Answer) -> String {
        assert_eq!(sent.status, 303, "{}", sent.body);
        let path = sent.header("location").next().unwrap().to_owned();
        let until = Instant::now() + Duration::from_mins(1);
        loop {
            let page = self.browser.get(&path).unwrap();
            assert_eq!(page.status, 200, "{}", page.body);
            if !page.body.contains("<progress") || Instant::now() > until {
                return page.body;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// A number of kibibytes that the system tells of the process.
    fn memory_kib(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.served.pid()));
        let status = status.unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        let number = line.split_whitespace().nth(1).unwrap();
        number.parse().unwrap()
    }
}

fn junk(to: &mut dyn Write, size: u64) -> std::io::Result<()> {
    let line = b"rien;de;tel;dans;ce;fichier;\n".repeat(2_000);
    let mut left = size;
    while left > 0 {
        let part = left.min(line.len() as u64);
        to.write_all(&line[..part as usize])?;
        left -= part;
    }
    Ok(())
}

/// The text of a page's main part, its spaces made plain.
fn main_text(page: &str) -> String {
    let main = page.split("<main").nth(1).unwrap_or(page);
    let text: String = main
        .split('<')
        .filter_map(|part| part.split_once('>'))
        .map(|(_, text)| text)
        .collect();
    text.replace(['\u{a0}', '\u{202f}', '\u{2068}', '\u{2069}'], " ")
}

fn is_too_large(answer: &Answer, limit: &str) {
    assert_eq!(answer.status, 413, "{}", answer.body);
    let text = main_text(&answer.body);
    assert!(
        text.contains("Envoi trop volumineux") && text.contains(&format!("{limit} Mio")),
        "{text}"
    );
}

#[test]
fn a_file_over_the_limit_is_told_the_limit() {
    let mut stage = Stage::new(&[]);
    is_too_large(&stage.upload_junk(LIMIT + 1), "64");
    is_too_large(&stage.upload_junk(200_000_000), "64");
    assert_eq!(stage.browser.get("/imports").unwrap().status, 200);
}

#[test]
fn the_operator_may_set_a_smaller_limit() {
    let mut stage = Stage::new(&["limits.upload_mib_max=3"]);
    is_too_large(&stage.upload_junk((3 << 20) + 1), "3");
    let sent = stage.upload_junk(3 << 20);
    let page = main_text(&stage.outcome(&sent));
    assert!(page.contains("n’a pas pu être lu"), "{page}");
}

#[test]
fn a_large_file_is_not_held_in_memory() {
    let mut stage = Stage::new(&[]);
    let before = stage.memory_kib("VmRSS:");
    is_too_large(&stage.upload_junk(190 << 20), "64");
    // The highest that the process ever had, so that nothing between two looks is missed.
    let highest = stage.memory_kib("VmHWM:");
    assert!(
        highest < before + GROWTH_KIB_MAX,
        "from {before} to {highest} KiB"
    );
}

#[test]
fn a_table_of_a_thousand_columns_is_refused_in_words() {
    let mut stage = Stage::new(&[]);
    let columns: Vec<String> = (0..1_000).map(|n| format!("Colonne {n}")).collect();
    let csv = format!("{HEADER};{}\n", columns.join(";"));
    let sent = stage.upload_bytes("large.csv", csv.as_bytes());
    let page = main_text(&stage.outcome(&sent));
    assert!(page.contains("n’a pas pu être lu"), "{page}");
    assert!(page.contains("plus de 256 colonnes, la limite"), "{page}");
}

#[test]
fn a_workbook_that_bursts_is_refused_in_words() {
    let mut stage = Stage::new(&[]);
    let bomb = bomb();
    assert!(bomb.len() < 1 << 20, "it is small before it bursts");
    let sent = stage.upload_bytes("petit.xlsx", &bomb);
    let before = stage.memory_kib("VmRSS:");
    let page = main_text(&stage.outcome(&sent));
    assert!(page.contains("n’a pas pu être lu"), "{page}");
    assert!(page.contains("limite de 256 Mio"), "{page}");
    assert!(stage.memory_kib("VmHWM:") < before + GROWTH_KIB_MAX);
}

/// A workbook whose parts unpack to 300 MiB. One part is packed and copied, which is quicker.
fn bomb() -> Vec<u8> {
    let mut one = zip::ZipWriter::new(Cursor::new(Vec::new()));
    one.start_file("part", SimpleFileOptions::default())
        .unwrap();
    one.write_all(&vec![b' '; 1 << 20]).unwrap();
    let mut one = one.finish_into_readable().unwrap();
    let mut bomb = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..300 {
        let name = match number {
            0 => "xl/workbook.xml".to_owned(),
            number => format!("xl/worksheets/sheet{number}.xml"),
        };
        let part = one.by_index(0).unwrap();
        bomb.raw_copy_file_rename(part, name).unwrap();
    }
    bomb.finish().unwrap().into_inner()
}
