//! Power cuts: the program is killed in the middle of its work, a hundred times.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test fails by panicking

use std::path::Path;
use std::process::{Command, Stdio};

const KILLS: u32 = 100;
/// Rows of each edition.
const ROWS: u64 = 60;

fn gouvernail(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gouvernail"));
    command.args(arguments).arg("--data").arg(data);
    command.env_remove("GOUVERNAIL_DATABASE__URL");
    command
}

fn edition(number: u32) -> String {
    let mut csv = String::from(
        "Ministère porteur;Nom du projet;Début;Durée prévisionnelle en année;\
         Phase du projet en cours;Coût estimé;Date de publication\n",
    );
    for row in 0..ROWS {
        // Names that are near to none, so that an import takes as long as the one before.
        let name = (u64::from(number) * ROWS + row).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        csv.push_str(&format!(
            "MI;{name:016x};01/01/2016;2;Déploiement;{};{}-{:02}-01\n",
            10 + row,
            2016 + number / 12,
            1 + number % 12
        ));
    }
    csv
}

fn count(data: &Path) -> u64 {
    let out = gouvernail(data, &["export", "products", "--format", "json"])
        .output()
        .unwrap();
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    let answer: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    answer["products"].as_array().unwrap().len() as u64
}

/// Each import is killed at another moment. What was acknowledged is there, what was cut is wholly
/// absent or wholly there, and the database is sound.
#[test]
fn a_killed_import_leaves_all_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    assert!(gouvernail(&data, &["migrate"]).status().unwrap().success());
    // One import without a kill tells how long one takes here.
    let whole = folder.path().join("whole.csv");
    std::fs::write(&whole, edition(KILLS)).unwrap();
    let began = std::time::Instant::now();
    let import = gouvernail(&data, &["import", "panorama", whole.to_str().unwrap()]);
    assert!({ import }.stdout(Stdio::null()).status().unwrap().success());
    let takes = began.elapsed();
    let (mut known, mut acknowledged, mut cut) = (ROWS, 0, 0);
    for number in 0..KILLS {
        let file = folder.path().join("edition.csv");
        std::fs::write(&file, edition(number)).unwrap();
        let mut child = gouvernail(&data, &["import", "panorama", file.to_str().unwrap()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // From before the first statement to after the last one.
        std::thread::sleep(takes * 3 * number / KILLS);
        let _ = child.kill();
        let out = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&out.stdout).contains(&format!("created {ROWS}\n"));
        // Reading the whole portfolio takes longer than a kill: every tenth time is enough to see
        // a loss, since nothing ever goes away again.
        if number % 10 == 9 || told {
            let now = count(&data);
            assert_eq!(now % ROWS, 0, "half an import after kill {number}");
            assert!(
                now >= known + if told { ROWS } else { 0 },
                "an acknowledged import was lost"
            );
            known = now;
        }
        acknowledged += usize::from(told);
        cut += usize::from(!told);
    }
    assert!(
        cut > 0 && acknowledged > 0,
        "killed {cut} times before and {acknowledged} after"
    );
    let copy = folder.path().join("copy.sqlite");
    let backup = gouvernail(&data, &["backup", copy.to_str().unwrap()])
        .status()
        .unwrap();
    assert!(backup.success());
    let restored = folder.path().join("restored");
    let restore = gouvernail(&restored, &["restore", copy.to_str().unwrap()])
        .status()
        .unwrap();
    assert!(restore.success(), "every page of the database is sound");
    assert_eq!(count(&restored), known);
}
