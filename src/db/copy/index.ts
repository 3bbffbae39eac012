// The rows of all tenants out of a database and into an empty one: what a backup is made of.
export { clearDatabase, loadDatabase, refuseOccupied, type DatabaseContent } from './load';
export { DatabaseSnapshot, type ArtifactEntry } from './snapshot';
export type { SequenceValue, StoredTable, TableShape } from './tables';
