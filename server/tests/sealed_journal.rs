//! The journal is sealed while the program serves, and whoever has its key can check it.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test fails by panicking

mod support;

use std::path::{Path, PathBuf};
use std::process::Output;

use sha2::Digest as _;
use support::{Browser, Served, add_administrator, gouvernail, wait_until};
use tracelog::{
    Checkpoint, InclusionText, KeyKind, Note, Signer, Verifier, cosign, leaf_hash, verify_inclusion,
};

/// What happens to a file.
type Damage = fn(&mut Vec<u8>);

/// A program that serves on a journal with entries, all sealed.
struct Sealed {
    served: Served,
    folder: tempfile::TempDir,
    key: String,
    size: u64,
}

fn sealed() -> Sealed {
    let folder = tempfile::tempdir().unwrap();
    add_administrator(folder.path(), None);
    let served = Served::start(folder.path(), None, &[]);
    let mut browser = Browser::signed_in(&served.address);
    let key = browser.get("/log/journal/key").unwrap().body;
    let mut sealed = Sealed {
        served,
        folder,
        key: key.trim().to_owned(),
        size: 0,
    };
    while sealed.size < 2 {
        sealed.size = sealed.head().size;
    }
    sealed
}

impl Sealed {
    fn get(&self, path: &str) -> support::Answer {
        let mut browser = Browser::new(&self.served.address);
        browser.get(&format!("/log/journal/{path}")).unwrap()
    }

    fn head(&self) -> Checkpoint {
        let note = Note::parse(self.get("checkpoint").body.as_bytes()).unwrap();
        let key: Verifier = self.key.parse().unwrap();
        Checkpoint::verified(&note, &[key]).unwrap()
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("files/log/journal")
    }
}

fn verify(key: &str, log: &Path, more: &[&str]) -> Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_gouvernail"))
        .args(["verify-log", "--key", key])
        .args(more)
        .arg(log)
        .output()
        .unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_public_entry_is_proved_from_outside() {
    let sealed = sealed();
    let head = sealed.head();
    assert_eq!(
        head.origin,
        format!("{}/log/journal", sealed.served.address)
    );
    let mut proved = 0;
    for number in 1..=head.size {
        let proof = sealed.get(&format!("inclusion/{}", number - 1));
        let proof = InclusionText::parse(proof.body.as_bytes()).unwrap();
        let entry = sealed.get(&format!("entry/{number}"));
        if entry.status == 404 {
            continue; // Not public: its hash alone is.
        }
        let entry: serde_json::Value = serde_json::from_str(&entry.body).unwrap();
        let salt = entry["salt"].as_str().unwrap();
        let salt = (0..32).map(|at| u8::from_str_radix(&salt[2 * at..2 * at + 2], 16).unwrap());
        let mut hashed = sha2::Sha256::new();
        hashed.update(salt.collect::<Vec<u8>>());
        hashed.update(entry["entry"].as_str().unwrap());
        let leaf = leaf_hash(&hashed.finalize());
        let said: Checkpoint = proof.checkpoint.text().parse().unwrap();
        verify_inclusion(&leaf, number - 1, said.size, &proof.proof, &said.root).unwrap();
        proved += 1;
    }
    let after = sealed.get(&format!("inclusion/{}", head.size + 1_000));
    assert_eq!(after.status, 404);
    for bad in [
        "tile/0/0",
        "tile/0/999",
        "tile/64/000",
        "tile/..%2f..%2fwriter",
        "entry/0",
    ] {
        assert_eq!(sealed.get(bad).status, 404, "{bad}");
    }
    let before = sealed.get("consistency/1").body;
    tracelog::ConsistencyText::parse(before.as_bytes()).unwrap();
    let tile = sealed.get(&format!("tile/0/000.p/{}", head.size));
    assert_eq!(tile.status, 200);
    assert!(proved <= head.size);
}

#[test]
fn the_command_needs_the_key_and_the_files_alone() {
    let mut sealed = sealed();
    sealed.served.kill();
    // Elsewhere, with nothing else of the platform.
    let elsewhere = tempfile::tempdir().unwrap();
    let log = elsewhere.path().join("log");
    copy(&sealed.log(), &log);
    let kept = elsewhere.path().join("kept");
    std::fs::copy(log.join("checkpoint"), &kept).unwrap();
    let since = kept.to_str().unwrap();
    let sound = verify(&sealed.key, &log, &["--entries", "--since", since]);
    assert!(sound.status.success(), "{}", told(&sound));
    assert!(told(&sound).contains("the log is what was signed"));

    let width = Note::parse(&std::fs::read(log.join("checkpoint")).unwrap()).unwrap();
    let size = width.text().parse::<Checkpoint>().unwrap().size;
    let (hashes, entries) = (
        log.join(format!("tile/0/000.p/{size}")),
        log.join(format!("tile/entries/000.p/{size}")),
    );
    let damages: [(&Path, Damage, &str); 5] = [
        (
            &hashes,
            |bytes| bytes[33] ^= 1,
            "its hash number 1 is wrong",
        ),
        (
            &hashes,
            |bytes| bytes.truncate(40),
            "has 40 bytes instead of",
        ),
        (
            &entries,
            |bytes| bytes[36] ^= 1,
            "entry 1 isn't the one that was sealed",
        ),
        (
            &entries,
            |bytes| bytes.truncate(40),
            "holds 1 whole entries",
        ),
        (
            &entries,
            |bytes| {
                let (one, other) = bytes.split_at_mut(34);
                one.swap_with_slice(&mut other[..34]);
            },
            "entry 0 isn't the one that was sealed; what stands there is entry 1",
        ),
    ];
    for (path, damage, expected) in damages {
        let whole = std::fs::read(path).unwrap();
        let mut bytes = whole.clone();
        damage(&mut bytes);
        std::fs::write(path, &bytes).unwrap();
        let output = verify(&sealed.key, &log, &["--entries"]);
        assert_eq!(output.status.code(), Some(3), "{}", told(&output));
        assert!(told(&output).contains(expected), "{}", told(&output));
        std::fs::write(path, &whole).unwrap();
    }
    std::fs::rename(&hashes, elsewhere.path().join("away")).unwrap();
    let output = verify(&sealed.key, &log, &[]);
    assert_eq!(output.status.code(), Some(3));
    assert!(told(&output).contains("can't be read"), "{}", told(&output));

    let another = tracelog::Signer::from_seed("x.example", tracelog::KeyKind::Note, &[1; 32]);
    let another = another.unwrap().verifier().to_string();
    let output = verify(&another, &log, &[]);
    assert_eq!(output.status.code(), Some(3));
    assert!(told(&output).contains("none of the keys that are trusted has signed"));
    let output = verify(&sealed.key, &elsewhere.path().join("nothing"), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(verify("no key", &log, &[]).status.code(), Some(2));
}

#[test]
fn a_killed_program_seals_each_entry_once() {
    let mut sealed = sealed();
    for _ in 0..5 {
        sealed.served.kill();
        sealed.served = Served::start(sealed.folder.path(), None, &[]);
        let before = sealed.head().size;
        Browser::signed_in(&sealed.served.address);
        // Whatever is not sealed yet is sealed later.
        assert!(sealed.head().size >= before);
    }
    let head = sealed.head();
    sealed.served.kill();
    let output = verify(&sealed.key, &sealed.log(), &["--entries"]);
    assert!(output.status.success(), "{}", told(&output));
    assert!(head.size >= sealed.size);
    let gone = gouvernail(sealed.folder.path(), None, &["migrate"]).status();
    assert!(gone.unwrap().success());
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for one in std::fs::read_dir(from).unwrap() {
        let one = one.unwrap();
        if one.file_type().unwrap().is_dir() {
            copy(&one.path(), &to.join(one.file_name()));
        } else {
            std::fs::copy(one.path(), to.join(one.file_name())).unwrap();
        }
    }
}

/// Runs a command of the log beside the program that serves.
fn log_command(sealed: &Sealed, arguments: &[&str]) -> Output {
    let data = sealed.folder.path();
    let arguments = [&["log"], arguments].concat();
    gouvernail(data, None, &arguments).output().unwrap()
}

#[test]
fn a_key_is_changed_and_a_witness_cosigns_while_the_program_serves() {
    let sealed = sealed();
    let witness = Signer::from_seed("w.example", KeyKind::Witness, &[7; 32]).unwrap();
    let key_of_witness = witness.verifier().to_string();
    let added = log_command(&sealed, &["add-witness", &key_of_witness]);
    assert!(added.status.success(), "{}", told(&added));
    // The witness looks, signs and sends; a stranger's word is refused.
    let stranger = Signer::from_seed("x.example", KeyKind::Witness, &[8; 32]).unwrap();
    let send = |who: &Signer| {
        let mut seen = Note::parse(sealed.get("checkpoint").body.as_bytes()).unwrap();
        let word = cosign(&seen, who, 1_772_352_000).unwrap();
        seen.add_cosignature(who.verifier(), word).unwrap();
        let body = serde_json::json!({ "checkpoint": seen.to_string() }).to_string();
        let more = format!(
            "Content-Type: application/json\r\nContent-Length: {}\r\n",
            body.len()
        );
        let mut browser = Browser::new(&sealed.served.address);
        let sent = browser.send("POST", "/log/journal/witnessed", &more, |to| {
            std::io::Write::write_all(to, body.as_bytes())
        });
        (sent.unwrap().status, seen.to_string())
    };
    assert_eq!(send(&stranger).0, 422);
    let (status, kept) = send(&witness);
    assert_eq!(status, 204);
    // An operator may hand it over by a file as well.
    let file = sealed.folder.path().join("cosigned");
    std::fs::write(&file, &kept).unwrap();
    let by_hand = log_command(&sealed, &["cosign", file.to_str().unwrap()]);
    assert!(by_hand.status.success(), "{}", told(&by_hand));
    let witnessed = ["--witness", key_of_witness.as_str()];
    let checked = verify(&sealed.key, &sealed.log(), &witnessed);
    assert!(
        told(&checked).contains("witness  w.example"),
        "{}",
        told(&checked)
    );

    // A further key signs beside the first one; then alone.
    let made = log_command(&sealed, &["add-key"]);
    assert!(made.status.success(), "{}", told(&made));
    let made = told(&made);
    let new = made.lines().nth(1).unwrap().strip_prefix("signs   ");
    let new = new.unwrap().to_owned();
    let succeeds = |key: &str, more: &[&str]| {
        let checked = verify(key, &sealed.log(), more);
        (checked.status.success(), told(&checked))
    };
    wait_until(|| succeeds(&new, &[]).0);
    assert!(succeeds(&new, &[]).0 && succeeds(&sealed.key, &[]).0);
    let retired = log_command(&sealed, &["retire-keys"]);
    assert_eq!(told(&retired), format!("signs   {new}\n"));
    // The next entries are signed by the new key alone.
    let other = stranger.verifier().to_string();
    wait_until(|| {
        let (is_added, is_removed) = (["add-witness", &other], ["remove-witness", &other]);
        log_command(&sealed, &is_added);
        log_command(&sealed, &is_removed);
        !succeeds(&sealed.key, &[]).0
    });
    assert!(!succeeds(&sealed.key, &[]).0);
    // The log goes on from what the witness saw under the former key.
    let both = [
        "--key",
        sealed.key.as_str(),
        "--since",
        file.to_str().unwrap(),
    ];
    let (is_sound, said) = succeeds(&new, &[&both[..], &witnessed[..]].concat());
    assert!(is_sound, "{said}");
    assert!(said.contains("the log goes on from them"), "{said}");
    let keys = told(&log_command(&sealed, &["keys"]));
    assert!(keys.contains(&format!("signs   {new}")), "{keys}");
    assert!(keys.contains(&format!("retired {}", sealed.key)), "{keys}");
    assert!(
        keys.contains(&format!("witness {key_of_witness}")),
        "{keys}"
    );
    // A witness that never looked.
    let (is_sound, said) = succeeds(&new, &["--key", &sealed.key, "--witness", &other]);
    assert!(!is_sound && said.contains("x.example"), "{said}");
}
