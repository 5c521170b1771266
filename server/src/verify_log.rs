//! `gouvernail verify-log`: a log is checked with its public key and its files, and nothing else of
//! the platform.

use std::io::Read as _;
use std::path::Path;

use tracelog::{
    Checkpoint, CosignError, Cosignature, Note, TilePath, Tiles, Verifier, audit,
    verify_cosignature,
};

use crate::cli::VerifyLog;
use crate::error::CommandError;

/// The exit status for a log that isn't what was signed.
pub(crate) const UNSOUND: u8 = 3;
/// Longest file of a log, in bytes: a bundle of 256 entries of 65,535 bytes.
const FILE_BYTES_MAX: u64 = 17 << 20;

/// Checks a log and says what was found.
pub(crate) fn run(asked: &VerifyLog) -> Result<String, CommandError> {
    let path = asked.folder.join("checkpoint");
    let (note, head) = checkpoint(&path, &asked.key)?;
    let mut told = format!("log      {}\n", head.origin);
    let reader = |path: &TilePath| tile(&asked.folder, path);
    let done = audit(head.size, &head.root, asked.entries, &reader);
    let done = done.map_err(|breach| CommandError::Unsound(breach.to_string()))?;
    let read = if asked.entries {
        "all of them read"
    } else {
        "their hashes read"
    };
    told += &format!("entries  {} ({read})\n", done.size);
    told += &format!("tiles    {}\nroot     {}\n", done.tiles, head.root);
    for key in note.verify(&asked.key).unwrap_or_default() {
        told += &format!("signed   {key}\n");
    }
    for witness in &asked.witness {
        let (cosigned, size) = match verify_cosignature(&note, witness) {
            Ok(cosigned) => (cosigned, head.size),
            Err(absent @ CosignError::Absent { .. }) => {
                witnessed(asked, witness, &head, &reader, &absent)?
            }
            Err(error) => return Err(CommandError::Unsound(error.to_string())),
        };
        let at = jiff::Timestamp::from_second(cosigned.at_seconds as i64);
        let at = at.map_or_else(|_| "an unknown time".to_owned(), |at| at.to_string());
        told += &format!("witness  {} at {at}: {size} entries\n", cosigned.name);
    }
    if let Some(kept) = &asked.since {
        let (_, kept) = checkpoint(kept, &asked.key)?;
        goes_on(&kept, &head, &reader)?;
        told += &format!(
            "since    {} entries: the log goes on from them\n",
            kept.size
        );
    }
    Ok(told + "the log is what was signed\n")
}

/// What a witness said of an earlier head, kept in `witnessed`: the log must go on from that. Gives its
/// word, and how many entries it saw.
fn witnessed<R>(
    asked: &VerifyLog,
    witness: &Verifier,
    head: &Checkpoint,
    reader: &R,
    absent: &CosignError,
) -> Result<(Cosignature, u64), CommandError>
where
    R: tracelog::ReadTile<Error = std::io::Error>,
{
    let path = asked.folder.join("witnessed");
    if !path.exists() {
        return Err(CommandError::Unsound(absent.to_string()));
    }
    let (note, seen) = checkpoint(&path, &asked.key)?;
    let cosigned = verify_cosignature(&note, witness);
    let cosigned = cosigned.map_err(|error| CommandError::Unsound(error.to_string()))?;
    goes_on(&seen, head, reader)?;
    Ok((cosigned, seen.size))
}

/// Whether a log begins with what it said that it was before.
fn goes_on<R>(kept: &Checkpoint, head: &Checkpoint, reader: &R) -> Result<(), CommandError>
where
    R: tracelog::ReadTile<Error = std::io::Error>,
{
    if kept.size > head.size {
        return Err(CommandError::Unsound(format!(
            "it had {} entries and has {}",
            kept.size, head.size
        )));
    }
    // The tiles were found to be those of the head: what they say of the beginning is what it was.
    match Tiles::of_first(kept.size, head.size, reader).root() {
        Ok(found) if found == kept.root => Ok(()),
        Ok(_) => Err(CommandError::Unsound(format!(
            "its first {} entries aren't those that it had",
            kept.size
        ))),
        Err(error) => Err(CommandError::Unsound(error.to_string())),
    }
}

fn checkpoint(path: &Path, keys: &[Verifier]) -> Result<(Note, Checkpoint), CommandError> {
    let bytes = read(path).map_err(|error| CommandError::File {
        path: path.display().to_string(),
        error,
    })?;
    let unsound =
        |what: &dyn std::fmt::Display| CommandError::Unsound(format!("{}: {what}", path.display()));
    let note = Note::parse(&bytes).map_err(|error| unsound(&error))?;
    let head = Checkpoint::verified(&note, keys).map_err(|error| unsound(&error))?;
    Ok((note, head))
}

/// A tile, or what the full one in its place begins with.
fn tile(folder: &Path, path: &TilePath) -> std::io::Result<Vec<u8>> {
    match read(&folder.join(path.to_string())) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && path.is_partial() => {
            // What is told is that the partial one is missing, unless the full one is there.
            let full = read(&folder.join(path.full().to_string())).map_err(|_| error)?;
            let short = || std::io::Error::other("the full tile in its place is too short");
            path.cut(&full).ok_or_else(short)
        }
        read => read,
    }
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        let told = format!("it has more than {FILE_BYTES_MAX} bytes");
        return Err(std::io::Error::other(told));
    }
    Ok(bytes)
}
