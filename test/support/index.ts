export { openTestApp, type TestApp } from './app';
export { openTestDatabase, testLog, type TestDatabase } from './database';
