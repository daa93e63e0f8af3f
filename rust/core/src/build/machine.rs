//! What the machine and its rules leave for this process: free memory, control groups of both versions with all that
//! stand above them, and limits of the process itself. Linux alone tells; elsewhere nothing is known.

use std::path::{Path, PathBuf};

/// The least that any of them leaves, in bytes; none where nothing is known.
pub(super) fn free() -> Option<u64> {
    [free_below(Path::new("/")), process_free()].into_iter().flatten().min()
}

/// What the files below `root` tell.
fn free_below(root: &Path) -> Option<u64> {
    let text = |path: &str| std::fs::read(root.join(path)).unwrap_or_default();
    let machine = machine_free(&String::from_utf8_lossy(&text("proc/meminfo")));
    let mounts = mounts(&text("proc/self/mountinfo"));
    let groups = text("proc/self/cgroup");
    let groups = groups.split(|&byte| byte == b'\n').filter_map(group).filter_map(|(version, path)| {
        let mount = mounts.iter().rev().find(|mount| mount.version == version && path.starts_with(&mount.group))?;
        group_free(root, version, mount, path.strip_prefix(&mount.group).ok()?)
    });
    groups.chain(machine).min()
}

fn machine_free(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.split_ascii_whitespace().next()?.parse::<u64>().ok().map(|kib| kib << 10)
}

/// The two kinds of control groups. Both may be there at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

/// Where groups that limit memory are shown, and which of them is shown at the top.
#[derive(Debug)]
struct Mount {
    version: Version,
    group: PathBuf,
    folder: PathBuf,
}

/// A line of `/proc/self/cgroup`: the group that this process is in, if it is one that limits memory.
fn group(line: &[u8]) -> Option<(Version, PathBuf)> {
    let mut fields = line.splitn(3, |&byte| byte == b':');
    let (number, controllers, path) = (fields.next()?, fields.next()?, fields.next()?);
    let version = match (number, controllers) {
        (b"0", b"") => Version::Two,
        _ if controllers.split(|&byte| byte == b',').any(|name| name == b"memory") => Version::One,
        _ => return None,
    };
    // A group that was removed meanwhile.
    let path = path.strip_suffix(b" (deleted)").unwrap_or(path);
    Some((version, PathBuf::from(&*String::from_utf8_lossy(path))))
}

/// Lines of `/proc/self/mountinfo`: number, parent, device, what is mounted, where, options, any tags, a dash, the kind of
/// file system, its source, and its options.
fn mounts(text: &[u8]) -> Vec<Mount> {
    let mount = |line: &[u8]| {
        let fields: Vec<&[u8]> = line.split(|&byte| byte == b' ').collect();
        let dash = fields.iter().position(|&field| field == b"-")?;
        let version = match *fields.get(dash + 1)? {
            b"cgroup2" => Version::Two,
            b"cgroup" if fields.get(dash + 3)?.split(|&byte| byte == b',').any(|name| name == b"memory") => {
                Version::One
            }
            _ => return None,
        };
        Some(Mount { version, group: unescaped(fields.get(3)?), folder: unescaped(fields.get(4)?) })
    };
    text.split(|&byte| byte == b'\n').filter_map(mount).collect()
}

/// A path in which blanks and backslashes stand as `\` and three octal digits.
fn unescaped(field: &[u8]) -> PathBuf {
    let mut path = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&first, behind)) = rest.split_first() {
        let digits = behind.first_chunk::<3>().filter(|digits| first == b'\\' && digits.iter().all(u8::is_ascii_digit));
        if let Some(digits) = digits {
            path.push(digits.iter().fold(0u8, |value, digit| value.wrapping_mul(8).wrapping_add(digit - b'0')));
            rest = &behind[digits.len()..];
        } else {
            path.push(first);
            rest = behind;
        }
    }
    PathBuf::from(&*String::from_utf8_lossy(&path))
}

/// What a group, and each that it is in, may still take; the least of these. `group` is its path below the mount.
fn group_free(root: &Path, version: Version, mount: &Mount, group: &Path) -> Option<u64> {
    let top = root.join(mount.folder.strip_prefix("/").unwrap_or(&mount.folder));
    group.ancestors().filter_map(|group| one_group_free(&top.join(group), version)).min()
}

fn one_group_free(folder: &Path, version: Version) -> Option<u64> {
    let number = |file: &str| std::fs::read_to_string(folder.join(file)).ok()?.trim().parse::<u64>().ok();
    let (limits, usage, files): (&[&str], _, _) = match version {
        Version::One => {
            (&["memory.limit_in_bytes"], "memory.usage_in_bytes", ["total_active_file", "total_inactive_file"])
        }
        // Above the second one the process is slowed down until it hardly moves.
        Version::Two => (&["memory.max", "memory.high"], "memory.current", ["active_file", "inactive_file"]),
    };
    let limit = limits.iter().filter_map(|file| number(file)).min()?;
    // What the group holds of files is given back when memory is short.
    let stat = std::fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
    let held = |line: &str| {
        let (name, value) = line.split_once(' ')?;
        files.contains(&name).then(|| value.trim().parse::<u64>().ok())?
    };
    let files: u64 = stat.lines().filter_map(held).sum();
    Some(limit.saturating_sub(number(usage).unwrap_or(0).saturating_sub(files)))
}

/// What `ulimit -v` and `ulimit -d` leave.
fn process_free() -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        let used = crate::resident::pages();
        let room = |resource, used: Option<usize>| {
            let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
            // SAFETY: getrlimit writes to the structure that it is given, which lives through the call.
            let told = unsafe { libc::getrlimit(resource, &raw mut limit) } == 0;
            let set = told && limit.rlim_cur != libc::RLIM_INFINITY;
            set.then(|| limit.rlim_cur.saturating_sub(used.unwrap_or(0) as u64))
        };
        let all = room(libc::RLIMIT_AS, used.map(|pages| pages.virtual_size));
        let data = room(libc::RLIMIT_DATA, used.map(|pages| pages.data));
        all.into_iter().chain(data).min()
    }
    #[cfg(not(target_os = "linux"))]
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A root folder with these files.
    fn root(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        root
    }

    fn free_of(files: &[(&str, &str)]) -> Option<u64> {
        free_below(root(files).path())
    }

    const MEMINFO: (&str, &str) = ("proc/meminfo", "MemTotal: 9000 kB\nMemFree: 1 kB\nMemAvailable:  8000 kB\n");
    const MOUNT_2: (&str, &str) =
        ("proc/self/mountinfo", "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n");

    #[test]
    fn without_groups_the_machine_counts() {
        assert_eq!(free_of(&[]), None);
        assert_eq!(free_of(&[MEMINFO]), Some(8000 << 10));
        assert_eq!(free_of(&[MEMINFO, ("proc/self/cgroup", "0::/\n"), MOUNT_2]), Some(8000 << 10));
        // A group that is not shown anywhere.
        assert_eq!(free_of(&[MEMINFO, ("proc/self/cgroup", "0::/x\nnonsense\n\n")]), Some(8000 << 10));
    }

    #[test]
    fn all_groups_above_count_in_version_2() {
        let job = "sys/fs/cgroup/slurm/job_7/";
        let at = |file: &str| format!("{job}{file}");
        let (max, current, stat) = (at("memory.max"), at("memory.current"), at("memory.stat"));
        let step = at("step_0/memory.max");
        let mut files = vec![
            MEMINFO,
            MOUNT_2,
            ("proc/self/cgroup", "0::/slurm/job_7/step_0/task:1\n"),
            (&step, "max\n"),
            (&max, "5000000\n"),
            (&current, "3000000\n"),
            (&stat, "anon 1000000\nfile 2000000\nshmem 800000\ninactive_file 700000\nactive_file 500000\n"),
        ];
        // What is in shared memory is not given back.
        assert_eq!(free_of(&files), Some(3_200_000));
        let own = at("step_0/task:1/memory.max");
        files.push((&own, "1000000"));
        assert_eq!(free_of(&files), Some(1_000_000));
        files.push(("sys/fs/cgroup/slurm/memory.high", "400000"));
        assert_eq!(free_of(&files), Some(400_000));
        let over = at("step_0/memory.current");
        files.extend([(&*over, "900"), ("sys/fs/cgroup/slurm/memory.current", "400001")]);
        assert_eq!(free_of(&files), Some(0));
    }

    #[test]
    fn version_1_counts_beside_version_2() {
        let mounts = "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n\
                      33 31 0:30 / /sys/fs/cgroup/cpu,memory rw - cgroup cgroup rw,cpu,memory\n\
                      34 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n\
                      41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
        let files = [
            MEMINFO,
            ("proc/self/mountinfo", mounts),
            ("proc/self/cgroup", "9:cpuset:/memory\n4:cpu,memory:/a/b\n0::/\n"),
            ("sys/fs/cgroup/cpuset/memory/memory.limit_in_bytes", "1"),
            ("sys/fs/cgroup/cpu,memory/memory.limit_in_bytes", "9223372036854771712\n"),
            ("sys/fs/cgroup/cpu,memory/a/b/memory.limit_in_bytes", "9223372036854771712\n"),
            ("sys/fs/cgroup/cpu,memory/a/memory.limit_in_bytes", "600000\n"),
            ("sys/fs/cgroup/cpu,memory/a/memory.usage_in_bytes", "500000\n"),
            (
                "sys/fs/cgroup/cpu,memory/a/memory.stat",
                "inactive_file 7\ntotal_inactive_file 100000\ntotal_active_file 5\n",
            ),
        ];
        assert_eq!(free_of(&files), Some(200_005));
    }

    #[test]
    fn in_a_container_the_group_is_shown_at_the_top() {
        let mounts = "50 40 0:30 /docker/a\\040b /mnt/c\\134d ro master:1 - cgroup cgroup rw,memory\n";
        let files = [
            ("proc/self/mountinfo", mounts),
            ("proc/self/cgroup", "3:memory:/docker/a b/inner\n"),
            ("mnt/c\\d/memory.limit_in_bytes", "70000"),
            ("mnt/c\\d/inner/memory.limit_in_bytes", "80000"),
        ];
        assert_eq!(free_of(&files), Some(70_000));
    }

    #[test]
    fn here_something_is_free() {
        assert!(cfg!(not(target_os = "linux")) || free().unwrap() > 1 << 20);
    }
}
