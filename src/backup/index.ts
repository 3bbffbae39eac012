// Backup owns the archive of an installation: all rows and all files of all tenants in one tar file with checksums.
export { backUp, type BackupReport, type BackupRooms } from './backup';
export { restore, type RestoreReport, type RestoreRooms } from './restore';
