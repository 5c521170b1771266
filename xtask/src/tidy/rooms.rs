//! Rooms and habits, read from the text of the files.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Breach, Source};

/// A rule: the breaches that it finds.
pub(crate) type Rule = fn(&[Source]) -> Vec<Breach>;

/// Every rule.
pub(crate) const RULES: [Rule; 6] = [
    pure_rooms,
    sql_in_its_room,
    files_of_a_size,
    paired_migrations,
    paired_locales,
    no_leftovers,
];

/// Lines of code with their numbers, without comments and without what `#[cfg(test)]` stands on.
///
/// The files are formatted, so an item ends where a line of its own indentation closes it.
fn code(source: &Source) -> impl Iterator<Item = (usize, &str)> {
    let mut test_item: Option<usize> = None;
    let mut lines = Vec::new();
    for (at, line) in source.text.lines().enumerate() {
        let text = line.trim_start();
        let indentation = line.len() - text.len();
        if let Some(outer) = test_item {
            let closes = text.ends_with(';') || text.ends_with('}');
            if indentation == outer && closes {
                test_item = None;
            }
        } else if text.trim_end() == "#[cfg(test)]" {
            test_item = Some(indentation);
        } else if !text.starts_with("//") {
            lines.push((at + 1, line));
        }
    }
    lines.into_iter()
}

/// Rust that runs outside tests.
fn is_rust(source: &Source) -> bool {
    let path = Path::new(&source.path);
    ends(source, &["rs"])
        && !source.path.contains("/tests/")
        && path.file_name().is_none_or(|name| name != "tests.rs")
}

fn ends(source: &Source, kinds: &[&str]) -> bool {
    let kind = Path::new(&source.path).extension();
    kind.is_some_and(|kind| kinds.iter().any(|one| kind == *one))
}

/// `domain/` and `engines/` do no I/O and read no clock.
fn pure_rooms(sources: &[Source]) -> Vec<Breach> {
    const BANNED: [&str; 7] = [
        "async fn", ".await", "tokio::", "std::fs", "std::env", "std::net", "::now()",
    ];
    let mut breaches = Vec::new();
    let pure = |source: &&Source| {
        source.path.starts_with("engines/") || source.path.contains("/src/domain/")
    };
    for source in sources.iter().filter(|source| is_rust(source)).filter(pure) {
        for (line, text) in code(source) {
            if let Some(banned) = BANNED.iter().find(|banned| text.contains(**banned)) {
                breaches.push(format!(
                    "{}:{line}: `{banned}`: this room is pure; take what you need as a parameter",
                    source.path
                ));
            }
        }
    }
    breaches
}

/// A line that says SQL lives in a store.
fn sql_in_its_room(sources: &[Source]) -> Vec<Breach> {
    const WORDS: [&str; 4] = ["\"SELECT ", "\"INSERT INTO ", "\"UPDATE ", "\"DELETE FROM "];
    let mut breaches = Vec::new();
    let outside = |source: &&Source| {
        let free = ["kit/", "bench/", "xtask/"];
        !free.iter().any(|floor| source.path.starts_with(floor))
            && !source.path.contains("/src/store/")
    };
    for source in sources
        .iter()
        .filter(|source| is_rust(source))
        .filter(outside)
    {
        for (line, text) in code(source) {
            if WORDS.iter().any(|word| text.contains(word)) {
                breaches.push(format!("{}:{line}: SQL belongs in store/", source.path));
            }
        }
    }
    breaches
}

/// Most lines of a file: a longer one hides a missing noun.
const LINES_MAX: usize = 600;

/// Files that may be longer, and why.
const LONGER: [(&str, &str); 3] = [
    (
        "modules/portfolio/src/import.rs",
        "one transaction told from beginning to end",
    ),
    ("kit/ui/assets/package-lock.json", "made by npm"),
    ("e2e/package-lock.json", "made by npm"),
];

fn files_of_a_size(sources: &[Source]) -> Vec<Breach> {
    let written = |source: &&Source| ends(source, &["rs", "html", "css", "js", "mjs", "ts"]);
    let exempt = |source: &&Source| !LONGER.iter().any(|(path, _)| *path == source.path);
    sources
        .iter()
        .filter(written)
        .filter(exempt)
        .map(|source| (source, source.text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(source, lines)| {
            format!(
                "{}: {lines} lines; look for the missing noun (at most {LINES_MAX})",
                source.path
            )
        })
        .collect()
}

/// Each migration stands in both folders under the same name.
fn paired_migrations(sources: &[Source]) -> Vec<Breach> {
    paired(sources, "/migrations/sqlite/", "/migrations/postgres/")
}

fn paired(sources: &[Source], one: &str, other: &str) -> Vec<Breach> {
    let paths: BTreeSet<&str> = sources.iter().map(|source| source.path.as_str()).collect();
    let missing = |from: &str, to: &str| {
        let of = paths
            .iter()
            .filter(|path| path.contains(from))
            .map(|path| path.replace(from, to));
        of.filter(|path| !paths.contains(path.as_str()))
            .map(|path| format!("{path} is missing beside its twin"))
            .collect::<Vec<_>>()
    };
    [missing(one, other), missing(other, one)].concat()
}

/// The keys of a Fluent file; an attribute is told with the message that it belongs to.
fn keys(source: &Source) -> BTreeSet<String> {
    let mut message = "";
    let mut keys = BTreeSet::new();
    for line in source.text.lines() {
        let Some((key, _)) = line.split_once('=') else {
            continue;
        };
        let key = key.trim_end();
        if key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '-') {
            message = key;
            keys.insert(key.to_owned());
        } else if let Some(attribute) = key.trim_start().strip_prefix('.')
            && key.starts_with(' ')
        {
            keys.insert(format!("{message}.{attribute}"));
        }
    }
    keys
}

/// French and English have the same keys.
fn paired_locales(sources: &[Source]) -> Vec<Breach> {
    let mut breaches = paired(sources, "/locales/fr.ftl", "/locales/en.ftl");
    for french in sources
        .iter()
        .filter(|source| source.path.ends_with("/locales/fr.ftl"))
    {
        let twin = french.path.replace("fr.ftl", "en.ftl");
        let Some(english) = sources.iter().find(|source| source.path == twin) else {
            continue;
        };
        for key in keys(french).symmetric_difference(&keys(english)) {
            breaches.push(format!(
                "{}: `{key}` stands in one language only",
                french.path
            ));
        }
    }
    breaches
}

/// Nothing unfinished, no path of a machine, no address of a package registry.
fn no_leftovers(sources: &[Source]) -> Vec<Breach> {
    // Put together here, so that this file doesn't hold what it looks for.
    let banned = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("to", "do!("),
        concat!("unimplemen", "ted!("),
        concat!("#[ig", "nore"),
        concat!("/wo", "rk/main"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("\"resol", "ved\": \"http"),
        concat!("registry.npm", "js.org"),
        concat!("index.crates", ".io"),
        concat!("static.crates", ".io"),
    ];
    let mut breaches = Vec::new();
    for source in sources.iter().filter(|source| source.path != "Cargo.lock") {
        if ends(source, &["pending-snap"]) || source.path.ends_with(".snap.new") {
            breaches.push(format!(
                "{}: a snapshot that nobody has judged: accept it or remove it",
                source.path
            ));
        }
        for (at, line) in source.text.lines().enumerate() {
            if let Some(found) = banned.iter().find(|banned| line.contains(**banned)) {
                breaches.push(format!(
                    "{}:{}: `{found}` must not stay",
                    source.path,
                    at + 1
                ));
            }
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_pure_room_does_nothing_but_decide() {
        let wrong = source(
            "engines/x/src/lib.rs",
            "// std::fs in a comment\nuse std::fs;\n",
        );
        let right = source(
            "engines/x/src/a.rs",
            "fn f() {}\n#[cfg(test)]\nmod t { use std::fs; }",
        );
        let found = pure_rooms(&[wrong, right]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("engines/x/src/lib.rs:2: `std::fs`"));
    }

    #[test]
    fn code_after_a_test_item_is_read() {
        let text = "#[cfg(test)]\nuse a::B;\nfn f() {\n    #[cfg(test)]\n    {\n        g();\n    }\n    \
                    h();\n}\n#[cfg(test)]\nmod t {\n    fn i() {}\n}\nfn j() {}\n";
        let text = source("engines/x/src/lib.rs", text);
        let lines: Vec<usize> = code(&text).map(|(line, _)| line).collect();
        assert_eq!(lines, [3, 8, 9, 14]);
    }

    #[test]
    fn attributes_are_keys_and_text_is_none() {
        let text = "# a = no\na = x\n    .title = y\n    href = no\n-term = z\nb =\n    c\n";
        let found = keys(&source("m/locales/fr.ftl", text));
        assert_eq!(
            found.into_iter().collect::<Vec<_>>(),
            ["-term", "a", "a.title", "b"]
        );
    }

    #[test]
    fn sql_stays_in_the_store() {
        let wrong = source("modules/x/src/pages/a.rs", "let q = \"SELECT 1\";");
        let right = source("modules/x/src/store/a.rs", "let q = \"SELECT 1\";");
        assert_eq!(sql_in_its_room(&[wrong, right]).len(), 1);
    }

    #[test]
    fn a_long_file_is_told() {
        assert_eq!(
            files_of_a_size(&[source("a.rs", &"x\n".repeat(601))]).len(),
            1
        );
        assert!(files_of_a_size(&[source("a.rs", &"x\n".repeat(600))]).is_empty());
    }

    #[test]
    fn twins_stand_side_by_side() {
        let alone = source("m/migrations/sqlite/0001_a.sql", "");
        let found = paired_migrations(&[alone]);
        assert_eq!(
            found,
            ["m/migrations/postgres/0001_a.sql is missing beside its twin"]
        );
        let french = source("m/locales/fr.ftl", "a = x\nb = y\n");
        let english = source("m/locales/en.ftl", "a = x\n");
        assert_eq!(
            paired_locales(&[french, english]),
            ["m/locales/fr.ftl: `b` stands in one language only"]
        );
    }

    #[test]
    fn nothing_unfinished_stays() {
        let text = concat!("let a = 1; // TO", "DO later");
        assert_eq!(
            no_leftovers(&[source("a.rs", text)]),
            [concat!("a.rs:1: `TO", "DO` must not stay")]
        );
        let lock = concat!("{\n\"resol", "ved\": \"https://mirror.example/x.tgz\"\n}");
        assert_eq!(
            no_leftovers(&[source("e2e/package-lock.json", lock)]).len(),
            1
        );
        assert_eq!(
            no_leftovers(&[source("m/tests/.a.rs.pending-snap", "")]).len(),
            1
        );
    }
}
