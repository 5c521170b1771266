//! The storage and what can be done with it.

use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    ObjectStore, ObjectStoreExt as _, PutMode, PutPayload, PutResult, UpdateVersion, WriteMultipart,
};

use crate::error::FilesError;
use crate::key;
use crate::s3::S3;

/// The limit of an object's size when none is set, in bytes: 1 GiB.
pub const BYTES_MAX_DEFAULT: u64 = 1 << 30;
/// Most entries that one list returns.
pub const LIST_MAX: usize = 1_000;
/// Bytes of a part; what is shorter is stored in one request. 10 000 parts are the most of S3.
const PART_BYTES: usize = 8 << 20;
/// Parts on their way at the same time.
const PARTS_AT_ONCE: usize = 4;

/// Objects by key.
#[derive(Debug, Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    /// The folder or bucket, for messages.
    place: Arc<str>,
    bytes_max: u64,
    /// Whether the storage lists in the order of keys.
    lists_in_order: bool,
    /// The folder whose lock stands for a condition, where the storage itself knows none.
    lock: Option<Arc<FilePath>>,
}

/// What an object was when it was read or stored: the condition of [`Files::put_if_unchanged`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    bytes: Bytes,
    /// What the storage itself calls it.
    name: UpdateVersion,
}

impl Version {
    /// The object's bytes.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    fn of(bytes: Bytes, put: PutResult) -> Self {
        Self {
            bytes,
            name: UpdateVersion {
                e_tag: put.e_tag,
                version: put.version,
            },
        }
    }
}

/// A lock that ends when it is dropped.
#[derive(Debug)]
pub struct FolderLock(#[allow(dead_code)] Option<std::fs::File>);

/// An object in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// Its key.
    pub key: String,
    /// Its size, in bytes.
    pub bytes: u64,
}

/// An object that is being read.
pub struct Stored {
    /// Its size, in bytes.
    pub bytes: u64,
    /// Its bytes, in order.
    pub stream: BoxStream<'static, Result<Bytes, FilesError>>,
}

impl std::fmt::Debug for Stored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stored")
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

impl Files {
    /// Objects in a folder, which is made when it is absent and then readable by its owner alone.
    pub fn folder(path: &FilePath) -> Result<Self, FilesError> {
        let place = path.display().to_string();
        let fail = |cause| FilesError::Open {
            place: place.clone(),
            cause,
        };
        make_private_folder(path).map_err(|error| fail(error.into()))?;
        let store = LocalFileSystem::new_with_prefix(path)
            .map_err(|error| fail(error.into()))?
            // An acknowledged object survives a power cut, as an acknowledged row does.
            .with_fsync(true)
            .with_automatic_cleanup(true);
        let mut files = Self::on(Arc::new(store), &place, false);
        files.lock = Some(path.into());
        Ok(files)
    }

    /// Objects in a bucket. No request is made: [`Files::check`] asks whether it answers.
    pub fn s3(s3: &S3) -> Result<Self, FilesError> {
        let place = format!("s3://{}", s3.bucket);
        let store = s3.open().map_err(|error| FilesError::Open {
            place: place.clone(),
            cause: error.into(),
        })?;
        Ok(Self::on(Arc::new(store), &place, true))
    }

    /// Objects that end with the process, for tests.
    pub fn in_memory() -> Self {
        Self::on(Arc::new(InMemory::new()), "memory", true)
    }

    fn on(store: Arc<dyn ObjectStore>, place: &str, lists_in_order: bool) -> Self {
        Self {
            store,
            place: place.into(),
            bytes_max: BYTES_MAX_DEFAULT,
            lists_in_order,
            lock: None,
        }
    }

    /// The same storage with another limit of an object's size, in bytes.
    #[must_use]
    pub fn with_bytes_max(mut self, bytes_max: u64) -> Self {
        self.bytes_max = bytes_max;
        self
    }

    /// The limit of an object's size, in bytes.
    pub fn bytes_max(&self) -> u64 {
        self.bytes_max
    }

    /// The folder or the bucket, for people.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Stores an object in place of what has the key.
    pub async fn put(&self, key: &str, bytes: impl Into<Bytes>) -> Result<(), FilesError> {
        let path = key::path(key)?;
        let bytes = bytes.into();
        if bytes.len() as u64 > self.bytes_max {
            return Err(self.too_large(key));
        }
        let stored = self.store.put(&path, PutPayload::from(bytes)).await;
        stored.map(drop).map_err(|error| self.failure(key, error))
    }

    /// An object with what it is now, when it is there.
    pub async fn find_version(&self, key: &str) -> Result<Option<Version>, FilesError> {
        let path = key::path(key)?;
        let found = match self.store.get(&path).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(self.failure(key, error)),
        };
        if found.meta.size > self.bytes_max {
            return Err(self.too_large(key));
        }
        let name = UpdateVersion {
            e_tag: found.meta.e_tag.clone(),
            version: found.meta.version.clone(),
        };
        let bytes = found.bytes().await;
        Ok(Some(Version {
            bytes: bytes.map_err(|error| self.failure(key, error))?,
            name,
        }))
    }

    /// Stores an object unless one has the key, which gives [`FilesError::Changed`] unless that one
    /// has the same bytes. Of several that try at once, one succeeds.
    pub async fn put_if_absent(
        &self,
        key: &str,
        bytes: impl Into<Bytes>,
    ) -> Result<Version, FilesError> {
        self.put_when(key, bytes.into(), PutMode::Create).await
    }

    /// Stores an object in place of `expected`; when something else has the key by now, or nothing,
    /// it stays and the answer is [`FilesError::Changed`]. Of several that try at once, one succeeds.
    ///
    /// A folder is locked meanwhile (`flock`, so it must be on one machine or on a file system that
    /// carries such locks); S3 is asked by `If-Match`.
    pub async fn put_if_unchanged(
        &self,
        key: &str,
        bytes: impl Into<Bytes>,
        expected: &Version,
    ) -> Result<Version, FilesError> {
        let bytes = bytes.into();
        let Some(folder) = self.lock.clone() else {
            let mode = PutMode::Update(expected.name.clone());
            return self.put_when(key, bytes, mode).await;
        };
        let _locked = self.locked(key, folder.to_path_buf()).await?;
        let now = self.find_version(key).await?;
        if now.is_none_or(|now| now.bytes != expected.bytes) {
            return Err(FilesError::Changed {
                key: key.to_owned(),
            });
        }
        self.put_when(key, bytes, PutMode::Overwrite).await
    }

    /// Waits until nobody else holds the lock of what is below a prefix, and holds it until the
    /// answer is dropped. In a folder only (`flock`); S3 and memory have no locks, and there the
    /// answer holds nothing: a condition on one object must decide.
    pub async fn lock(&self, prefix: &str) -> Result<FolderLock, FilesError> {
        let below = key::path(prefix)?;
        let Some(root) = &self.lock else {
            return Ok(FolderLock(None));
        };
        let folder = root.join(below.as_ref());
        self.locked(prefix, folder).await
    }

    async fn locked(
        &self,
        key: &str,
        folder: std::path::PathBuf,
    ) -> Result<FolderLock, FilesError> {
        let locked = tokio::task::spawn_blocking(move || {
            std::fs::create_dir_all(&folder)?;
            let folder = std::fs::File::open(folder)?;
            folder.lock()?;
            Ok::<_, std::io::Error>(FolderLock(Some(folder)))
        });
        let locked = locked.await.map_err(std::io::Error::other).flatten();
        locked.map_err(|error| FilesError::Storage {
            place: self.place.to_string(),
            key: key.to_owned(),
            cause: error.into(),
        })
    }

    async fn put_when(
        &self,
        key: &str,
        bytes: Bytes,
        mode: PutMode,
    ) -> Result<Version, FilesError> {
        let path = key::path(key)?;
        if bytes.len() as u64 > self.bytes_max {
            return Err(self.too_large(key));
        }
        let payload = PutPayload::from(bytes.clone());
        let error = match self.store.put_opts(&path, payload, mode.into()).await {
            Ok(put) => return Ok(Version::of(bytes, put)),
            Err(error) => error,
        };
        match error {
            object_store::Error::AlreadyExists { .. }
            | object_store::Error::Precondition { .. }
            | object_store::Error::NotFound { .. } => {
                // A request whose answer was lost on its way is made again, and then what stands
                // there is our own.
                match self.find_version(key).await? {
                    Some(now) if now.bytes == bytes => Ok(now),
                    _ => Err(FilesError::Changed {
                        key: key.to_owned(),
                    }),
                }
            }
            error => Err(self.failure(key, error)),
        }
    }

    /// Stores an object from bytes as they come and tells its size in bytes. A stream that fails or
    /// passes the limit stores nothing.
    pub async fn put_stream<S, E>(&self, key: &str, stream: S) -> Result<u64, FilesError>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let path = key::path(key)?;
        let mut stream = std::pin::pin!(self.limited(key, stream));
        let mut head = Vec::new();
        while let Some(bytes) = stream.try_next().await? {
            head.extend_from_slice(&bytes);
            if head.len() >= PART_BYTES {
                return self.put_parts(key, &path, head, stream).await;
            }
        }
        let size = head.len() as u64;
        self.put(key, head).await?;
        Ok(size)
    }

    async fn put_parts(
        &self,
        key: &str,
        path: &Path,
        head: Vec<u8>,
        mut rest: impl Stream<Item = Result<Bytes, FilesError>> + Unpin,
    ) -> Result<u64, FilesError> {
        let upload = self.store.put_multipart(path).await;
        let upload = upload.map_err(|error| self.failure(key, error))?;
        let mut parts = WriteMultipart::new_with_chunk_size(upload, PART_BYTES);
        let mut size = head.len() as u64;
        parts.put(head.into());
        let failure = loop {
            if let Err(error) = parts.wait_for_capacity(PARTS_AT_ONCE).await {
                break self.failure(key, error);
            }
            match rest.try_next().await {
                Ok(Some(bytes)) => {
                    size += bytes.len() as u64;
                    parts.put(bytes);
                }
                Ok(None) => {
                    let finished = parts.finish().await;
                    return finished
                        .map(|_| size)
                        .map_err(|error| self.failure(key, error));
                }
                Err(error) => break error,
            }
        };
        // The first failure is the one to tell: parts that stay behind are invisible.
        let _ = parts.abort().await;
        Err(failure)
    }

    /// The same bytes, ending in a failure at the limit.
    fn limited<'s, S, E>(
        &'s self,
        key: &'s str,
        stream: S,
    ) -> impl Stream<Item = Result<Bytes, FilesError>> + use<'s, S, E>
    where
        S: Stream<Item = Result<Bytes, E>> + 's,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let mut size = 0_u64;
        stream.map(move |bytes| {
            let bytes = bytes.map_err(|error| FilesError::Source {
                key: key.to_owned(),
                cause: error.into(),
            })?;
            size = size.saturating_add(bytes.len() as u64);
            if size > self.bytes_max {
                return Err(self.too_large(key));
            }
            Ok(bytes)
        })
    }

    /// An object's bytes, or [`FilesError::Absent`].
    pub async fn get(&self, key: &str) -> Result<Bytes, FilesError> {
        let path = key::path(key)?;
        let found = self.store.get(&path).await;
        let found = found.map_err(|error| self.failure(key, error))?;
        if found.meta.size > self.bytes_max {
            return Err(self.too_large(key));
        }
        found
            .bytes()
            .await
            .map_err(|error| self.failure(key, error))
    }

    /// An object's bytes when it is there.
    pub async fn find(&self, key: &str) -> Result<Option<Bytes>, FilesError> {
        match self.get(key).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(FilesError::Absent { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// An object's bytes as they are read, or [`FilesError::Absent`].
    pub async fn get_stream(&self, key: &str) -> Result<Stored, FilesError> {
        let path = key::path(key)?;
        let found = self.store.get(&path).await;
        let found = found.map_err(|error| self.failure(key, error))?;
        let (files, key) = (self.clone(), key.to_owned());
        Ok(Stored {
            bytes: found.meta.size,
            stream: found
                .into_stream()
                .map_err(move |error| files.failure(&key, error))
                .boxed(),
        })
    }

    /// Removes an object; one that is absent is as good as removed.
    pub async fn delete(&self, key: &str) -> Result<(), FilesError> {
        let path = key::path(key)?;
        let removed = self.store.delete(&path).await;
        match removed.map_err(|error| self.failure(key, error)) {
            Err(FilesError::Absent { .. }) => Ok(()),
            removed => removed,
        }
    }

    /// Objects below a prefix (whole parts of keys, `""` for all), in the order of keys, those
    /// after `after`, at most `most` and [`LIST_MAX`]. The next page is after the last one's key.
    pub async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        most: usize,
    ) -> Result<Vec<FileEntry>, FilesError> {
        let below = match prefix {
            "" => None,
            prefix => Some(key::path(prefix)?),
        };
        let most = most.min(LIST_MAX);
        let mut listed = match after {
            Some(after) => self
                .store
                .list_with_offset(below.as_ref(), &key::path(after)?),
            None => self.store.list(below.as_ref()),
        };
        // A folder lists in any order: the first ones are known at the end only.
        let mut first = BTreeMap::new();
        while let Some(meta) = listed
            .try_next()
            .await
            .map_err(|error| self.failure(prefix, error))?
        {
            if self.lists_in_order && first.len() == most {
                break;
            }
            first.insert(String::from(meta.location), meta.size);
            if first.len() > most {
                first.pop_last();
            }
        }
        let entries = first.into_iter();
        Ok(entries
            .map(|(key, bytes)| FileEntry { key, bytes })
            .collect())
    }

    /// Asks whether the storage answers.
    pub async fn check(&self) -> Result<(), FilesError> {
        self.list("", None, 1).await.map(drop)
    }

    fn too_large(&self, key: &str) -> FilesError {
        FilesError::TooLarge {
            key: key.to_owned(),
            bytes_max: self.bytes_max,
        }
    }

    fn failure(&self, key: &str, error: object_store::Error) -> FilesError {
        match error {
            object_store::Error::NotFound { .. } => FilesError::Absent {
                key: key.to_owned(),
            },
            error => FilesError::Storage {
                place: self.place.to_string(),
                key: key.to_owned(),
                cause: error.into(),
            },
        }
    }
}

#[cfg(unix)]
fn make_private_folder(path: &FilePath) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

#[cfg(not(unix))]
fn make_private_folder(path: &FilePath) -> std::io::Result<()> {
    std::fs::create_dir_all(path)
}
