// Test files run in the context of Node itself, as the product does: native libraries check with instanceof, and numeric
// code looks its globals up at full speed.
const { ModuleMocker } = require('jest-mock');

/** What jest-circus keeps on the global object for one test file. */
const OF_A_FILE = Symbol.for('EVENT_HANDLERS');

module.exports = class OneProcessEnvironment {
  global = globalThis;
  moduleMocker = new ModuleMocker(globalThis);
  fakeTimers = null;
  fakeTimersModern = null;
  /** Jest puts its own in their place. */
  before = { console: globalThis.console, exit: process.exit };

  setup() {}

  teardown() {
    delete globalThis[OF_A_FILE];
    globalThis.console = this.before.console;
    process.exit = this.before.exit;
  }

  getVmContext() {
    return globalThis;
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }
};
