// Config owns the environment: read in one place, checked, and handed on as a frozen object.
export * from './config';
export { ConfigError } from './settings';
export { type Computing, divideCores } from './shares';
