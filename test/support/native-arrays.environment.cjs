// Jest runs tests in a context with typed arrays of its own; native libraries return those of the main context, and
// ONNX Runtime checks with instanceof. Sharing the constructors makes both sides agree.
const { TestEnvironment } = require('jest-environment-node');

const ARRAYS = [
  'Float32Array',
  'Float64Array',
  'Int8Array',
  'Int16Array',
  'Int32Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Uint16Array',
  'Uint32Array',
  'BigInt64Array',
  'BigUint64Array',
  'ArrayBuffer',
  'SharedArrayBuffer',
  'DataView',
];

module.exports = class NativeArraysEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const name of ARRAYS) this.global[name] = globalThis[name];
  }
};
