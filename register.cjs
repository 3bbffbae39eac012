// Compiles TypeScript on require with SWC, so that development, tests and worker threads run the sources
// as they are. Production runs `dist`, built by tsc, and never loads this file.
const { addHook } = require('pirates');
const { transformSync } = require('@swc/core');

addHook((code, filename) => transformSync(code, { filename, swcrc: true, sourceMaps: 'inline' }).code, {
  exts: ['.ts'],
  ignoreNodeModules: true,
});
