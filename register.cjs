// Compiles TypeScript on require with SWC, so that development, tests and worker threads run the sources
// as they are. Production runs `dist`, built by build.cjs, and never loads this file.
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { addHook } = require('pirates');

/** Every process and thread of a test run compiles the same files: what one has compiled, all of them find here. */
const CACHE = path.join(__dirname, 'node_modules', '.cache', 'praxis-register');
const SETTINGS = fs.readFileSync(path.join(__dirname, '.swcrc'), 'utf8') + require('@swc/core/package.json').version;

addHook(
  (code, filename) => {
    const key = createHash('sha1').update(SETTINGS).update(filename).update('\0').update(code).digest('hex');
    const file = path.join(CACHE, `${key}.js`);
    return readIfThere(file) ?? keep(file, compile(code, filename));
  },
  { exts: ['.ts'], ignoreNodeModules: true },
);

function compile(code, filename) {
  const { transformSync } = require('@swc/core');
  return transformSync(code, { filename, swcrc: true, sourceMaps: 'inline' }).code;
}

function readIfThere(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** Whole or not at all, since others may read while this writes; where nothing can be written, nothing is kept. */
function keep(file, compiled) {
  const whole = `${file}.${process.pid}.${Math.random()}`;
  try {
    fs.mkdirSync(CACHE, { recursive: true });
    fs.writeFileSync(whole, compiled);
    fs.renameSync(whole, file);
  } catch {
    fs.rmSync(whole, { force: true });
  }
  return compiled;
}
