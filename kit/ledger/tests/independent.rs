//! Somebody else's code checks our logs: `golang.org/x/mod/sumdb`, from the packages of Debian.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test fails by panicking

use std::path::Path;
use std::process::{Command, Output};

use kit_files::Files;
use kit_ledger::{LogKeys, Tree};
use tempfile::TempDir;
use tracelog::{Digest, KeyKind, Signer};

const PREFIX: &str = "log";

fn signer() -> Signer {
    Signer::from_seed("g.example/log", KeyKind::Note, &[1; 32]).unwrap()
}

/// Compiles the verifier once for all logs of the test.
fn build(folder: &Path) -> std::path::PathBuf {
    let program = folder.join("verifier");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/independent/main.go");
    let built = Command::new("go")
        .args(["build", "-o"])
        .args([program.as_path(), Path::new(source)])
        // What Debian packages, and nothing of the network.
        .env("GO111MODULE", "off")
        .env("GOPATH", "/usr/share/gocode")
        .env("GOCACHE", folder.join("cache"))
        .env("GOFLAGS", "")
        .output();
    let needed = "Go and golang-golang-x-mod-dev are needed: run `cargo xtask setup`";
    let built = built.unwrap_or_else(|error| panic!("{needed}: {error}"));
    assert!(built.status.success(), "{needed}: {}", told(&built));
    program
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn line(kind: &str, number: u64, proof: &[Digest]) -> String {
    let hashes: Vec<String> = proof.iter().map(ToString::to_string).collect();
    format!("{kind} {number} {}\n", hashes.join(" "))
}

#[tokio::test]
async fn go_finds_our_logs_and_our_proofs_sound() {
    let tools = TempDir::new().unwrap();
    let verifier = build(tools.path());
    let key = signer().verifier().to_string();
    // One leaf, sides of a full tile, several levels; sealed in steps and in one go.
    for (size, step) in [
        (1, 1),
        (255, 50),
        (256, 256),
        (257, 100),
        (1_000, 333),
        (66_300, 9_000),
    ] {
        let folder = TempDir::new().unwrap();
        let files = Files::folder(folder.path()).unwrap();
        let keys = LogKeys::one(signer(), [9; 32]);
        let tree = Tree::open(files, PREFIX, keys).await.unwrap();
        let entries: Vec<[u8; 32]> = (0..size)
            .map(|at: u64| *blake3::hash(&at.to_le_bytes()).as_bytes())
            .collect();
        let mut sealed = 0;
        for batch in entries.chunks(step) {
            sealed = tree.seal(sealed, batch).await.unwrap();
        }
        let mut proofs = String::new();
        let picked = [
            0, 1, 2, 3, 100, 254, 255, 256, 511, 512, 999, 40_000, 65_535, 65_536,
        ];
        for number in picked.into_iter().chain([size - 1, size / 2]) {
            if number < size {
                let proof = tree.prove_inclusion(number).await.unwrap().proof;
                proofs += &line("inclusion", number, &proof);
            }
            if (1..=size).contains(&number) {
                let proof = tree.prove_consistency(number, size).await.unwrap();
                proofs += &line("consistency", number, &proof);
            }
        }
        let told_proofs = folder.path().join("proofs");
        std::fs::write(&told_proofs, &proofs).unwrap();
        let log = folder.path().join(PREFIX);
        let verify = || {
            let mut command = Command::new(&verifier);
            command.arg(&key).args([&log, &told_proofs]);
            command.output().unwrap()
        };
        let output = verify();
        assert!(output.status.success(), "{size}: {}", told(&output));
        let expected = format!(
            "{size} entries and {} proofs are sound\n",
            proofs.lines().count()
        );
        assert_eq!(told(&output), expected);
        // It looks: a flipped bit is found by it too.
        let tile = log.join(
            tracelog::TilePath::new(tracelog::TileKind::Hashes(0), 0, size.min(256) as u16)
                .unwrap()
                .to_string(),
        );
        let mut bytes = std::fs::read(&tile).unwrap();
        bytes[7] ^= 1;
        std::fs::write(&tile, bytes).unwrap();
        assert!(!verify().status.success(), "{size}");
    }
}
