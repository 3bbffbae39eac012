export { openTestApp, type TestApp } from './app';
export { Operations } from './operation';
export { openTestDatabase, testLog, type TestDatabase } from './database';
export { SmallDisk } from './small-disk';
