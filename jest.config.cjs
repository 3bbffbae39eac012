/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: '<rootDir>/test/support/one-process.environment.cjs',
  runtime: '<rootDir>/test/support/one-process.runtime.cjs',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { swcrc: true }] },
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  maxWorkers: 2,
  testTimeout: 60_000,
  // A process that ends with ONNX Runtime and DuckDB in it first frees what these hold: longer than the half second that
  // Jest waits, though nothing runs any more. One that does not end is still told.
  workerGracefulExitTimeout: 15_000,
};
