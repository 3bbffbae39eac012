export { openTestDatabase, testLog, type TestDatabase } from './database';
