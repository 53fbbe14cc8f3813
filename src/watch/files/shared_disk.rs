//! Detects disks whose files other machines may change without a file event.

use std::path::Path;

/// Whether this is a network disk, or one that a program or another machine provides (FUSE, 9p, the shared directories
/// of virtual machines).
#[cfg(target_os = "linux")]
pub fn is_shared(path: &Path) -> bool {
    /// From linux/magic.h, fs/smb/client, fs/vboxsf and Lustre.
    const SHARED: [u32; 14] = [
        0x6969,      // NFS
        0x517B,      // SMB
        0xFE53_4D42, // SMB2 and later
        0xFF53_4D42, // CIFS
        0x6573_5546, // FUSE: sshfs, virtiofs
        0x0102_1997, // 9p: WSL, QEMU
        0x786F_4256, // VirtualBox
        0x00C3_6400, // Ceph
        0x5346_414F, // OpenAFS
        0x6B41_4653, // kAFS
        0x7375_7245, // Coda
        0x0BD0_0BD0, // Lustre
        0x7461_636F, // OCFS2
        0x0116_1970, // GFS2
    ];

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the numbers have 32 bits; the field has as many as a long, with or without sign"
    )]
    rustix::fs::statfs(path).is_ok_and(|disk| SHARED.contains(&(disk.f_type as u32)))
}

/// Whether macOS does not call the disk local.
#[cfg(target_os = "macos")]
pub fn is_shared(path: &Path) -> bool {
    /// From sys/mount.h.
    const MNT_LOCAL: u32 = 0x1000;

    rustix::fs::statfs(path).is_ok_and(|disk| disk.f_flags & MNT_LOCAL == 0)
}

/// Whether the path names a server.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub fn is_shared(path: &Path) -> bool {
    use std::path::{Component, Prefix};

    matches!(
        path.components().next(),
        Some(Component::Prefix(prefix)) if matches!(prefix.kind(), Prefix::UNC(..) | Prefix::VerbatimUNC(..))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disk_of_temporary_files_is_not_shared() {
        assert!(!is_shared(&std::env::temp_dir()));
    }
}
