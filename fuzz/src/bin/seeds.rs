//! Writes what fuzzing begins with to a folder: `seeds FOLDER`, which gets a folder for each target.

use std::path::Path;

use panarc_fuzz::{TARGETS, seeds};

fn main() {
    let folder = std::env::args_os().nth(1).expect("seeds FOLDER");
    for (name, _) in TARGETS {
        let folder = Path::new(&folder).join(name);
        std::fs::create_dir_all(&folder).unwrap();
        for (number, seed) in seeds::seeds(name).into_iter().chain(seeds::found(name)).enumerate() {
            std::fs::write(folder.join(format!("seed-{number:04}")), seed).unwrap();
        }
    }
}
