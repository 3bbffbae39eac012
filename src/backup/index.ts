// Backup owns the archive of an installation: all rows and all files of all tenants in one tar file with checksums.
export { backUp, type BackupReport, type BackupEnvironment } from './backup';
export { restore, type RestoreReport } from './restore';
