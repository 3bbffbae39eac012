/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: '<rootDir>/test/support/native-arrays.environment.cjs',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { swcrc: true }] },
  // A global of the sandbox is looked up through an interceptor each time: plain numeric code takes twice as long with it.
  sandboxInjectedGlobals: [
    ...['Math', 'Number', 'Object', 'Array', 'Symbol', 'Map', 'Set'],
    ...['Float32Array', 'Float64Array', 'Int32Array', 'Uint8Array', 'Uint32Array'],
  ],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  maxWorkers: 2,
  testTimeout: 60_000,
  // A process that ends with ONNX Runtime and DuckDB in it first frees what these hold: longer than the half second that
  // Jest waits, though nothing runs any more. One that does not end is still told.
  workerGracefulExitTimeout: 15_000,
};
