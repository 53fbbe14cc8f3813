//! Lists a directory and opens files in it on Unix, without blocking and without following links.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat, fstat, openat, statat};
use rustix::io::{Errno, retry_on_intr};

use super::{CONFIG_FILE_NAME, FileInfo, Kind};

pub struct Dir {
    fd: OwnedFd,
    /// `<name>/configuration.json`, built for each entry in the same buffer.
    path: RefCell<Vec<u8>>,
}

impl Dir {
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = retry_on_intr(|| openat(CWD, path, flags, Mode::empty()))?;
        Ok(Self { fd, path: RefCell::default() })
    }

    /// Calls `each` for every entry except `.` and `..` until it returns false.
    pub fn for_each(&self, mut each: impl FnMut(&OsStr, Kind) -> io::Result<bool>) -> io::Result<()> {
        list(&self.fd, |name, file_type| {
            if name == b"." || name == b".." {
                return Ok(true);
            }
            let name = OsStr::from_bytes(name);
            let file_type = match file_type {
                // Some filesystems do not list the type. If it cannot be queried, opening the file shows it.
                FileType::Unknown => statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW)
                    .map_or(FileType::Directory, |stat| FileType::from_raw_mode(stat.st_mode)),
                known => known,
            };
            let kind = match file_type {
                FileType::Directory => Kind::Directory,
                FileType::Symlink => Kind::Link,
                _ => Kind::Other,
            };
            each(name, kind)
        })
    }

    /// Opens the file of an entry. `NONBLOCK` because a FIFO without a writer would block, `NOCTTY`
    /// because a terminal would become the controlling one, `NOFOLLOW` because a link may lead anywhere.
    pub fn open_file(&self, name: &OsStr) -> io::Result<File> {
        let mut path = self.path.borrow_mut();
        path.clear();
        path.extend_from_slice(name.as_bytes());
        path.push(b'/');
        path.extend_from_slice(CONFIG_FILE_NAME.as_bytes());
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(retry_on_intr(|| openat(&self.fd, path.as_slice(), flags, Mode::empty()))?.into())
    }

    /// Returns the modification time of the entry itself.
    pub fn modified(&self, name: &OsStr) -> io::Result<SystemTime> {
        Ok(modified(&statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW)?))
    }
}

/// Returns the metadata of an open file with the cheapest call, `fstat`.
pub fn file_info(file: &File) -> io::Result<FileInfo> {
    let stat = fstat(file)?;
    Ok(FileInfo {
        is_file: FileType::from_raw_mode(stat.st_mode).is_file(),
        len: u64::try_from(stat.st_size).unwrap_or(0),
        modified: modified(&stat),
    })
}

fn modified(stat: &Stat) -> SystemTime {
    let nanos = Duration::new(0, u32::try_from(stat.st_mtime_nsec).unwrap_or(0));
    let whole = Duration::from_secs(stat.st_mtime.unsigned_abs());
    let epoch = SystemTime::UNIX_EPOCH;
    let second = if stat.st_mtime < 0 { epoch.checked_sub(whole) } else { epoch.checked_add(whole) };
    second.and_then(|second| second.checked_add(nanos)).unwrap_or(epoch)
}

/// Whether the system refused to open a link (because of `NOFOLLOW`) or a socket.
pub fn is_special_file(error: &io::Error) -> bool {
    [Errno::LOOP, Errno::NXIO, Errno::OPNOTSUPP]
        .into_iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Lists a directory with few system calls. A small buffer on the stack holds a typical directory; if it was filled,
/// the rest goes into a buffer so large that ten thousand entries take a single call more.
#[cfg(target_os = "linux")]
fn list(fd: &OwnedFd, mut each: impl FnMut(&[u8], FileType) -> io::Result<bool>) -> io::Result<()> {
    use rustix::fs::RawDir;
    use std::mem::MaybeUninit;

    const SMALL: usize = 8 * 1024;
    const LARGE: usize = 1024 * 1024;
    /// The fixed part of an entry, its name of at most 255 bytes, the final NUL, padding to 8 bytes.
    const fn size(name: usize) -> usize {
        (19 + name + 1).next_multiple_of(8)
    }

    let mut small = [MaybeUninit::uninit(); SMALL];
    let mut large = Vec::new();
    let mut entries = RawDir::new(fd, &mut small);
    let (mut listed, mut growable) = (0, true);
    loop {
        match entries.next() {
            None => return Ok(()),
            Some(Err(Errno::INTR)) => continue,
            Some(Err(error)) => return Err(error.into()),
            Some(Ok(entry)) => {
                listed += size(entry.file_name().count_bytes());
                if !each(entry.file_name().to_bytes(), entry.file_type())? {
                    return Ok(());
                }
            }
        }
        let filled = listed > SMALL - size(255);
        if growable && filled && entries.is_buffer_empty() {
            growable = false;
            large.reserve_exact(LARGE);
            entries = RawDir::new(fd, large.spare_capacity_mut());
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn list(fd: &OwnedFd, mut each: impl FnMut(&[u8], FileType) -> io::Result<bool>) -> io::Result<()> {
    use rustix::fs::Dir;

    // Uses a descriptor of its own, because reading moves the position.
    for entry in Dir::read_from(fd)? {
        let entry = entry?;
        if !each(entry.file_name().to_bytes(), entry.file_type())? {
            return Ok(());
        }
    }
    Ok(())
}
