//! How the C library's allocator gives memory back.

/// Blocks of this many bytes or more are mapped by themselves, and go back when they are freed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const MAPPED_FROM_BYTES: i32 = 128 << 10;

/// Has large blocks go back to the system as soon as they are freed, and small ones come from as many
/// heaps as there are processors.
///
/// By itself glibc raises the size from which it does so to that of the largest block that was freed,
/// up to 32 MiB, and keeps twice as much for later: after reading two million estimates it held 25 MiB
/// that nobody used. And it makes eight heaps for each processor, each of which keeps what it had at most.
/// Elsewhere nothing has to be said.
pub(crate) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let heaps = i32::try_from(processors.max(2)).unwrap_or(i32::MAX);
        #[allow(unsafe_code)] // the C library has no other way to be told; it takes two numbers
        // SAFETY: called before any other thread runs; M_MMAP_THRESHOLD takes any size up to 32 MiB,
        // M_ARENA_MAX any number, and a refusal (0) leaves everything as it was.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED_FROM_BYTES);
            libc::mallopt(libc::M_ARENA_MAX, heaps);
        }
    }
}
