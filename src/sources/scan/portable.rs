//! Lists a directory and opens files in it on systems without `openat`, without following links.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{CONFIG_FILE_NAME, FileInfo, Kind};

pub struct Dir {
    path: PathBuf,
}

impl Dir {
    pub fn open(path: &Path) -> io::Result<Self> {
        let info = fs::metadata(path)?;
        if !info.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self { path: path.to_owned() })
    }

    /// Calls `each` for every entry until it returns false.
    pub fn for_each(&self, mut each: impl FnMut(&OsStr, Kind) -> io::Result<bool>) -> io::Result<()> {
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let kind = match entry.file_type()? {
                kind if kind.is_symlink() => Kind::Link,
                kind if kind.is_dir() => Kind::Directory,
                _ => Kind::Other,
            };
            if !each(&entry.file_name(), kind)? {
                break;
            }
        }
        Ok(())
    }

    pub fn open_file(&self, name: &OsStr) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true);
        #[cfg(windows)]
        {
            use std::os::windows::fs::OpenOptionsExt;
            // Opens a link itself instead of its target, and a directory too, so that both are recognized.
            const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
            const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
            options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS);
        }
        options.open(self.path.join(name).join(CONFIG_FILE_NAME))
    }

    /// Returns the modification time of the entry itself.
    pub fn modified(&self, name: &OsStr) -> io::Result<SystemTime> {
        fs::symlink_metadata(self.path.join(name))?.modified()
    }
}

/// Returns the metadata of an open file.
pub fn file_info(file: &File) -> io::Result<FileInfo> {
    let info = file.metadata()?;
    let modified = info.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    Ok(FileInfo { is_file: info.is_file(), len: info.len(), modified })
}

/// Always false: here every special file can be opened, and its metadata tells it apart.
pub fn is_special_file(_error: &io::Error) -> bool {
    false
}
