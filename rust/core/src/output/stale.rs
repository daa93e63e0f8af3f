//! Temporary files that killed processes have left: the next run in their folder removes them.

use std::collections::HashMap;
use std::fs::{DirEntry, File, Metadata, remove_file, symlink_metadata};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use super::same_file;

/// Names of temporary files are this, what [`boot`] tells, a random number, and that.
pub(super) const PREFIX: &str = ".panarc-";
pub(super) const SUFFIX: &str = ".tmp";

/// Where locks tell nothing: a process of another computer, or an older version of panarc, may be at work on a file that
/// nobody has written to for less than this.
const IDLE: Duration = Duration::from_secs(24 * 3600);

/// Names of a folder that are looked at, and how soon it is looked at again: writing a small file must not take longer the
/// more of them there are.
const MOST: usize = 10_000;
const AGAIN: Duration = Duration::from_secs(60);
const FOLDERS: usize = 256;

/// Tells systems apart that are running: locks of this one can be relied on. Empty where it cannot be known.
pub(super) fn boot() -> &'static str {
    static BOOT: OnceLock<String> = OnceLock::new();
    BOOT.get_or_init(|| match std::fs::read("/proc/sys/kernel/random/boot_id") {
        Ok(id) => {
            let mut hasher = DefaultHasher::new();
            id.hash(&mut hasher);
            format!("{:08x}", hasher.finish() as u32)
        }
        Err(_) => String::new(),
    })
}

/// Removes temporary files of a folder that nobody works on; `own` is a file of this process.
pub(super) fn sweep(folder: &Path, own: &Metadata) {
    // Not `lock`: a forked child might wait for ever.
    static SWEPT: Mutex<Option<HashMap<PathBuf, Instant>>> = Mutex::new(None);
    if let Ok(mut swept) = SWEPT.try_lock() {
        let swept = swept.get_or_insert_default();
        if swept.get(folder).is_some_and(|when| when.elapsed() < AGAIN) {
            return;
        }
        if swept.len() >= FOLDERS {
            swept.clear();
        }
        swept.insert(folder.to_owned(), Instant::now());
    } else {
        return;
    }
    sweep_now(folder, own);
}

fn sweep_now(folder: &Path, own: &Metadata) {
    let Ok(entries) = folder.read_dir() else { return };
    for entry in entries.take(MOST).flatten() {
        let name = entry.file_name();
        let tag = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX));
        if let Some(tag) = tag {
            let here = tag.split_once('-').is_some_and(|(system, _)| !system.is_empty() && system == boot());
            remove(&entry, own, here);
        }
    }
}

/// Removes a file if nobody holds its lock. Whoever makes one looks whether it is still there when it is locked.
fn remove(entry: &DirEntry, own: &Metadata, here: bool) {
    let path = entry.path();
    let Ok(found) = symlink_metadata(&path) else { return };
    if !found.is_file() || !same_owner(&found, own) || !here && !is_idle(&found) {
        return;
    }
    let Ok(file) = File::options().read(true).write(true).open(&path) else { return };
    if file.try_lock().is_err() {
        return;
    }
    let still = symlink_metadata(&path).ok().zip(file.metadata().ok());
    if still.is_some_and(|(found, locked)| same_file(&found, &locked)) {
        let _ = remove_file(&path);
    }
}

fn is_idle(found: &Metadata) -> bool {
    let modified = found.modified().ok();
    modified.is_some_and(|when| SystemTime::now().duration_since(when).is_ok_and(|idle| idle > IDLE))
}

#[cfg(unix)]
fn same_owner(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    a.uid() == b.uid()
}

#[cfg(not(unix))]
fn same_owner(_: &Metadata, _: &Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_holds_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str| File::create(folder.path().join(name)).unwrap();
        let old = |name: &str| make(name).set_modified(SystemTime::now() - 2 * IDLE).unwrap();
        let boot = boot();
        let dead = format!(".panarc-{boot}-1.tmp");
        let alive = format!(".panarc-{boot}-2.tmp");
        drop(make(&dead));
        let held = make(&alive);
        held.try_lock().unwrap();
        // Of another computer, and of older versions, which lock nothing: now, and two days ago.
        for name in ["01234567-1", "0a1B2c"] {
            drop(make(&format!(".panarc-{name}.tmp")));
            old(&format!(".panarc-{name}-old.tmp"));
        }
        old(".panarc-notes.txt");
        old("a.tmp");
        std::fs::create_dir(folder.path().join(format!(".panarc-{boot}-3.tmp"))).unwrap();
        sweep_now(folder.path(), &held.metadata().unwrap());
        let mut left: Vec<String> =
            folder.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        left.sort();
        let mut wanted = [
            ".panarc-01234567-1.tmp".to_owned(),
            ".panarc-0a1B2c.tmp".to_owned(),
            ".panarc-notes.txt".to_owned(),
            "a.tmp".to_owned(),
            alive.clone(),
            format!(".panarc-{boot}-3.tmp"),
        ];
        wanted.sort();
        if boot.is_empty() {
            // Then no lock is relied on.
            assert!(left.contains(&dead));
        } else {
            assert_eq!(left, wanted);
            drop(held);
            sweep_now(folder.path(), &folder.path().metadata().unwrap());
            assert!(!folder.path().join(alive).exists());
        }
    }

    #[test]
    fn a_folder_is_not_gone_through_for_each_file() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().metadata().unwrap();
        sweep(folder.path(), &own);
        let name = folder.path().join(format!(".panarc-{}-1.tmp", boot()));
        drop(File::create(&name).unwrap());
        sweep(folder.path(), &own);
        assert!(name.exists());
    }
}
