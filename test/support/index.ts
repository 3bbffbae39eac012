export { openTestApp, type TestApp } from './app';
export { openTestPlatform } from './platform';
export { Operations } from './operation';
export { openTestDatabase, testLog, type TestDatabase } from './database';
export { addRuns, type RunRow, type RunRows } from './run-rows';
export { SmallDisk } from './small-disk';
