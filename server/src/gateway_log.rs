//! The log of traces of a gateway: its keys and witnesses are files of its folder, since a gateway on
//! a machine of its own opens no database.
//!
//! | file | holds |
//! | --- | --- |
//! | `log-key`, `log-key-2`… | the secret of each key that signs, in hexadecimal |
//! | `log-keys-retired` | public keys that sign no more and whose signatures still count, one a line |
//! | `log-witnesses` | public keys of witnesses that are believed, one a line |
//!
//! A gateway reads them when it starts.

use std::path::{Path, PathBuf};

use gateway::own_secret;
use kit_files::Files;
use kit_ledger::{Ledger, LedgerOptions, LogKeys, Tree};
use kit_time::Source;
use tracelog::{KeyKind, Signer, Verifier};
use zeroize::Zeroizing;

use crate::cli::Log;
use crate::error::CommandError;

/// Where the log stands among the files of a gateway, and the end of its name.
const LOG: &str = "log/traces";
/// Most keys that a log has in its life: each is one more that readers must believe.
const KEYS_MAX: usize = 100;
/// Most witnesses, as of the journal's log.
const WITNESSES_MAX: usize = 16;

/// Opens the log of traces of a gateway; it begins when there is none.
pub(crate) async fn open_log(
    folder: &Path,
    public_url: &str,
    source: &Source,
) -> Result<Ledger, CommandError> {
    let files = Files::folder(&folder.join("files"))?;
    let address = public_url.split_once("://").map_or("", |(_, rest)| rest);
    let origin = format!("{}/{LOG}", address.trim_end_matches('/'));
    let folder_of = GatewayLog::of(folder);
    if folder_of.numbers()?.is_empty() {
        own_secret(&folder_of.key_file(1), source)?;
    }
    let keys = folder_of.keys(&origin, source)?;
    for signer in &keys.signers {
        tracing::info!(key = %signer.verifier(), "gateway.log");
    }
    let options = LedgerOptions::new(LOG, folder.join("spool"));
    Ok(Ledger::open(files, options, keys, source.clone()).await?)
}

/// The folder of a gateway, as far as its log is concerned.
struct GatewayLog {
    folder: PathBuf,
}

impl GatewayLog {
    fn of(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    fn key_file(&self, number: usize) -> PathBuf {
        match number {
            1 => self.folder.join("log-key"),
            number => self.folder.join(format!("log-key-{number}")),
        }
    }

    /// The keys whose secrets are there, by number.
    fn numbers(&self) -> Result<Vec<usize>, CommandError> {
        let mut found = Vec::new();
        for number in 1..=KEYS_MAX {
            if self.key_file(number).try_exists()? {
                found.push(number);
            }
        }
        Ok(found)
    }

    fn keys(&self, origin: &str, source: &Source) -> Result<LogKeys, CommandError> {
        let mut signers = Vec::new();
        for number in self.numbers()? {
            let seed = Zeroizing::new(own_secret(&self.key_file(number), source)?);
            let signer = Signer::from_seed(origin, KeyKind::Note, &seed);
            signers.push(
                signer.map_err(|error| CommandError::Usage(format!("log {origin}: {error}")))?,
            );
        }
        let mut verifiers: Vec<Verifier> =
            signers.iter().map(|one| one.verifier().clone()).collect();
        verifiers.extend(self.listed("log-keys-retired")?);
        let salt = Zeroizing::new(own_secret(&self.folder.join("log-salt"), source)?);
        Ok(LogKeys {
            signers,
            verifiers,
            salt,
        })
    }

    /// The public keys of a file, one a line; none when it is absent.
    fn listed(&self, name: &str) -> Result<Vec<Verifier>, CommandError> {
        let path = self.folder.join(name);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(file_error(&path, error)),
        };
        let read = |line: &str| {
            let key = line.parse::<Verifier>();
            key.map_err(|error| CommandError::Usage(format!("{}: {line}: {error}", path.display())))
        };
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.map(read).collect()
    }

    /// Writes a file of public keys whole, and waits for the disk.
    fn list(&self, name: &str, keys: &[Verifier]) -> Result<(), CommandError> {
        use std::io::Write as _;
        let path = self.folder.join(name);
        let lines: Vec<String> = keys.iter().map(ToString::to_string).collect();
        let text = lines.join("\n") + "\n";
        let beside = self.folder.join(format!("{name}.new"));
        let write = || {
            let mut file = std::fs::File::create(&beside)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&beside, &path)?;
            std::fs::File::open(&self.folder)?.sync_all()
        };
        write().map_err(|error| file_error(&path, error))
    }

    fn files(&self) -> Result<Files, CommandError> {
        Ok(Files::folder(&self.folder.join("files"))?)
    }

    /// The log's name, as its checkpoint says it.
    async fn origin(&self) -> Result<String, CommandError> {
        let nothing = || {
            let folder = self.folder.display();
            CommandError::Usage(format!("{folder}: no log of a gateway stands there"))
        };
        // Opening the storage would make the folders of a gateway that isn't there.
        if !self.folder.join("files").try_exists()? {
            return Err(nothing());
        }
        let found = self.files()?.find(&format!("{LOG}/checkpoint")).await?;
        let text = found.ok_or_else(nothing)?;
        let text = String::from_utf8_lossy(&text).into_owned();
        let origin = text.lines().next().filter(|line| line.ends_with(LOG));
        origin.map(str::to_owned).ok_or_else(nothing)
    }
}

fn file_error(path: &Path, error: std::io::Error) -> CommandError {
    CommandError::File {
        path: path.display().to_string(),
        error,
    }
}

fn shown(kind: &str, key: &Verifier) -> String {
    format!("{kind:<7} {key}\n")
}

const AT_NEXT_START: &str = "the gateway signs so from its next start on\n";

/// Keys and witnesses of a gateway's log; gives what to print.
pub(crate) async fn run(
    asked: &Log,
    folder: &Path,
    source: &Source,
) -> Result<String, CommandError> {
    let log = GatewayLog::of(folder);
    let origin = log.origin().await?;
    let keys = log.keys(&origin, source)?;
    let mut witnesses = log.listed("log-witnesses")?;
    match asked {
        Log::Keys { .. } => {
            let signing = keys.signers.len();
            let kinds = std::iter::repeat_n("signs", signing).chain(std::iter::repeat("retired"));
            let mut text: String = (kinds.zip(&keys.verifiers))
                .map(|(kind, key)| shown(kind, key))
                .collect();
            for witness in &witnesses {
                text += &shown("witness", witness);
            }
            Ok(text)
        }
        Log::AddKey { .. } => {
            if keys.signers.len() > 1 {
                let told = "two keys sign already: retire the former one first".to_owned();
                return Err(CommandError::Usage(told));
            }
            let number = keys.verifiers.len() + 1;
            if number > KEYS_MAX {
                let told = format!("a log has at most {KEYS_MAX} keys: begin a new folder");
                return Err(CommandError::Usage(told));
            }
            own_secret(&log.key_file(number), source)?;
            let keys = log.keys(&origin, source)?;
            let signing = keys.signers.iter().map(Signer::verifier);
            let lines: String = signing.map(|key| shown("signs", key)).collect();
            Ok(lines + AT_NEXT_START)
        }
        Log::RetireKeys { .. } => {
            let numbers = log.numbers()?;
            let (Some(last), [former @ .., _]) = (keys.signers.last(), numbers.as_slice()) else {
                return Ok("one key signs: there is no former one\n".to_owned());
            };
            if former.is_empty() {
                return Ok("one key signs: there is no former one\n".to_owned());
            }
            // Told first: a secret that is still there after a crash is retired again.
            let mut retired = log.listed("log-keys-retired")?;
            for signer in keys.signers.iter().take(former.len()) {
                if !retired.contains(signer.verifier()) {
                    retired.push(signer.verifier().clone());
                }
            }
            log.list("log-keys-retired", &retired)?;
            for number in former {
                let path = log.key_file(*number);
                std::fs::remove_file(&path).map_err(|error| file_error(&path, error))?;
            }
            Ok(shown("signs", last.verifier()) + AT_NEXT_START)
        }
        Log::AddWitness { key, .. } => {
            if witnesses.contains(key) {
                return Ok("it is believed already\n".to_owned());
            }
            if witnesses.len() >= WITNESSES_MAX {
                let told = format!("a log has at most {WITNESSES_MAX} witnesses");
                return Err(CommandError::Usage(told));
            }
            witnesses.push(key.clone());
            log.list("log-witnesses", &witnesses)?;
            Ok(shown("witness", key))
        }
        Log::RemoveWitness { key, .. } => {
            let before = witnesses.len();
            witnesses.retain(|one| one != key);
            if witnesses.len() == before {
                let told = format!("{key} isn't a witness of the log");
                return Err(CommandError::Usage(told));
            }
            log.list("log-witnesses", &witnesses)?;
            Ok("done\n".to_owned())
        }
        Log::Cosign { file, .. } => {
            let sent = std::fs::read(file).map_err(|error| file_error(file, error))?;
            let tree = Tree::open(log.files()?, LOG, keys).await?;
            let kept = kit_ledger::keep_cosignatures(&tree, &witnesses, &sent).await?;
            let lines = kept.iter().map(|one| format!("witness {}\n", one.name));
            Ok(lines.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Data, LogOf};

    const URL: &str = "https://exchange.example";

    fn of() -> LogOf {
        LogOf {
            data: Data { data: None },
            gateway: None,
        }
    }

    async fn sealed(folder: &Path, source: &Source, entry: &'static [u8]) -> Ledger {
        let ledger = open_log(folder, URL, source).await.unwrap();
        ledger.append(entry).await.unwrap();
        ledger.seal().await.unwrap();
        ledger
    }

    fn signing(ledger: &Ledger) -> Vec<String> {
        ledger.tree().signing().map(ToString::to_string).collect()
    }

    #[tokio::test]
    async fn a_gateways_key_is_changed_and_a_witness_cosigns() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path();
        let source = Source::fixed("2026-03-01T08:00:00Z".parse().unwrap(), 1);
        let run = async |asked: Log| run(&asked, folder, &source).await;
        assert!(run(Log::Keys { of: of() }).await.is_err(), "no log yet");
        assert!(!folder.join("files").exists(), "nothing is made by a look");

        let first = sealed(folder, &source, b"one").await;
        let former = signing(&first);
        let told = run(Log::RetireKeys { of: of() }).await.unwrap();
        assert_eq!(told, "one key signs: there is no former one\n");
        drop(first);
        let told = run(Log::AddKey { of: of() }).await.unwrap();
        assert_eq!(told.lines().count(), 3, "{told}");
        assert!(run(Log::AddKey { of: of() }).await.is_err(), "two sign");
        let second = sealed(folder, &source, b"two").await;
        let both = signing(&second);
        assert_eq!((both.len(), &both[0]), (2, &former[0]));

        // A witness signs what it sees; a stranger's word is refused.
        let witness = Signer::from_seed("w.example", KeyKind::Witness, &[7; 32]).unwrap();
        let mut seen = second.tree().checkpoint();
        let word = tracelog::cosign(&seen, &witness, 1_772_352_000).unwrap();
        seen.add_cosignature(witness.verifier(), word).unwrap();
        let file = folder.join("cosigned");
        std::fs::write(&file, seen.to_string()).unwrap();
        let cosign = || Log::Cosign {
            file: file.clone(),
            of: of(),
        };
        assert!(run(cosign()).await.is_err(), "not believed yet");
        let key = witness.verifier().clone();
        let add = || Log::AddWitness {
            key: key.clone(),
            of: of(),
        };
        assert_eq!(run(add()).await.unwrap(), format!("witness {key}\n"));
        assert_eq!(run(add()).await.unwrap(), "it is believed already\n");
        assert_eq!(run(cosign()).await.unwrap(), "witness w.example\n");
        // The gateway that serves meanwhile goes on.
        second.append(&b"three"[..]).await.unwrap();
        second.seal().await.unwrap();
        assert!(second.tree().witnessed().await.unwrap().is_some());
        drop(second);

        let told = run(Log::RetireKeys { of: of() }).await.unwrap();
        assert!(told.contains(&both[1]) && !told.contains(&both[0]));
        assert!(!folder.join("log-key").exists(), "its secret is gone");
        let third = sealed(folder, &source, b"four").await;
        assert_eq!(signing(&third), both[1..]);
        let one = both[1].parse::<Verifier>().unwrap();
        let old = both[0].parse::<Verifier>().unwrap();
        let head = third.tree().checkpoint();
        assert!(tracelog::Checkpoint::verified(&head, &[one]).is_ok());
        assert!(tracelog::Checkpoint::verified(&head, &[old]).is_err());
        let told = run(Log::Keys { of: of() }).await.unwrap();
        let kinds: Vec<&str> = told
            .lines()
            .map(|line| line.split(' ').next().unwrap())
            .collect();
        assert_eq!(kinds, ["signs", "retired", "witness"]);
        // A third key doesn't take the number, and the secret, of a former one.
        drop(third);
        run(Log::AddKey { of: of() }).await.unwrap();
        assert!(folder.join("log-key-3").exists());
        let remove = Log::RemoveWitness { key, of: of() };
        assert_eq!(run(remove).await.unwrap(), "done\n");
    }
}
