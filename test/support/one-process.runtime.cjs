// Jest loads everything anew for each test file, nearly half of what the suite took. Here that is so for what lies in `test`;
// the product and its libraries are loaded once per process, by Node, as in production.
const { createRequire } = require('node:module');
const path = require('node:path');
const { compileFunction } = require('node:vm');
const { default: Runtime } = require('jest-runtime');
const { addHook } = require('pirates');

const TESTS = path.join(__dirname, '..') + path.sep;

/** Has the test file at hand compile, which then knows the lines of what it has compiled. */
let compile = null;
addHook((_code, file) => compile(file), { exts: ['.ts'], ignoreNodeModules: true });

module.exports = class OneProcessRuntime extends Runtime {
  constructor(...args) {
    super(...args);
    const { executor, transformCache } = this;
    compile = (file) => transformCache.transform(file);
    executor.compile = (source, filename) => compileFunction(source, executor.injectedModuleParameters, { filename });
  }

  requireModule(from, name, options, actual) {
    if (name === undefined || options?.isInternalModule) return super.requireModule(from, name, options, actual);
    const load = createRequire(from);
    return load.resolve(name).startsWith(TESTS) ? super.requireModule(from, name, options, actual) : load(name);
  }
};
