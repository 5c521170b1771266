//! The stylesheet and scripts are built by npm into `dist/`, which is not committed. The crate must
//! compile before that (the pages then have no style), so the folder is made when it is missing.

fn main() {
    println!("cargo::rerun-if-changed=dist");
    let dist = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("dist");
    if let Err(error) = std::fs::create_dir_all(&dist) {
        println!("cargo::warning=kit/ui/dist can't be made: {error}");
    }
}
