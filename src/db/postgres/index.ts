export { postgresReaches, startPostgres, type EmbeddedPostgres, type LaunchOptions } from './launcher';
