//! How does a system without `openat` list a folder and open a file in it, without following links?

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
        let facts = fs::metadata(path)?;
        if !facts.is_dir() {
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
            // Open a link itself instead of its target, and a folder too, so that both are seen for what they are.
            const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
            const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
            options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS);
        }
        options.open(self.path.join(name).join(CONFIG_FILE_NAME))
    }

    /// When an entry itself was last modified.
    pub fn modified(&self, name: &OsStr) -> io::Result<SystemTime> {
        fs::symlink_metadata(self.path.join(name))?.modified()
    }
}

/// What an open file is.
pub fn file_info(file: &File) -> io::Result<FileInfo> {
    let facts = file.metadata()?;
    let modified = facts.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    Ok(FileInfo { is_file: facts.is_file(), len: facts.len(), modified })
}

/// Here everything that is no regular file can be opened, and is told by its metadata.
pub fn is_special_file(_error: &io::Error) -> bool {
    false
}
