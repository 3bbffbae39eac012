// What the npm scripts call. Runs on Node alone: installs what is missing, builds what is stale, then hands over.
const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const ROOT = __dirname;
/** What a build is made of. */
const SOURCES = ['src', 'workers', 'migrations', 'seeds', 'bench', '.swcrc', 'build.cjs', 'package-lock.json'];
/** In a build: what it was made of. */
const BUILT = '.praxis-built';
const at = (...parts) => path.join(ROOT, ...parts);

if (!atLeast(process.versions.node, 20, 20)) {
  fail(`Praxis needs Node 20.20 or newer; this is ${process.versions.node}.`);
}

const [command = 'start', ...rest] = process.argv.slice(2);
/** Test files that take longer than a developer waits. */
const LONG = '**/*.full.test.ts';
const SUITES = {
  test: [['--testPathIgnorePatterns=\\.full\\.test\\.ts$']],
  'test:full': [[`--testMatch=${LONG}`, '--passWithNoTests']],
};
SUITES['test:nodes'] = [['--testMatch=**/nodes.full.test.ts']];
SUITES['test:all'] = [...SUITES.test, ...SUITES['test:full']];
const commands = { build, check, attack };
for (const name of Object.keys(SUITES)) commands[name] = test;
for (const name of ['start', 'quickstart', 'backup', 'restore', 'bench', 'golden']) commands[name] = mainCommand;
if (!(command in commands)) fail(`Unknown command "${command}"; one of ${Object.keys(commands).join(', ')}.`);
install();
commands[command](command, rest);

function atLeast(version, major, minor) {
  const [a, b] = version.split('.').map(Number);
  return a > major || (a === major && b >= minor);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

/** Installs what is wanted and missing, unless npm has done so already. */
function install() {
  if (!fs.existsSync(at('package-lock.json')) || isInstalled()) return;
  console.error('Installing packages (the first time takes about a minute) ...');
  run(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

/** Whether npm's own list, which it writes last, has every package of the lock file, those of this platform among them. */
function isInstalled() {
  const list = at('node_modules', '.package-lock.json');
  if (!fs.existsSync(list)) return false;
  const present = packagesIn(list);
  const wanted = Object.entries(packagesIn(at('package-lock.json'))).filter(([name]) => name !== '');
  const fits = ({ os, cpu }) => os?.includes(process.platform) && cpu?.includes(process.arch);
  return (
    wanted.every(([name, { optional, version }]) => (name in present ? present[name].version === version : optional)) &&
    Object.values(present).some(fits)
  );
}

function packagesIn(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8')).packages;
}

/** Makes `dist` anew when a source is not the one that it was built from; a product without sources is built. */
function build() {
  if (!fs.existsSync(at('src'))) return;
  const wanted = fingerprint();
  if (builtFrom(wanted)) return;
  console.error('Building ...');
  // Beside the one in use, then in its place: another process may be building the same.
  const target = `dist.${process.pid}`;
  run(process.execPath, [at('build.cjs'), target]);
  fs.writeFileSync(at(target, BUILT), wanted);
  const before = `${target}.old`;
  if (!builtFrom(wanted)) {
    // Whole folders change places, as what another has just put there must not be deleted in part.
    move('dist', before);
    move(target, 'dist');
  }
  for (const name of [target, before]) fs.rmSync(at(name), { recursive: true, force: true });
}

/** Leaves things as they are when the one is not there, or another process has been faster. */
function move(from, to) {
  try {
    fs.renameSync(at(from), at(to));
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
  }
}

function builtFrom(wanted) {
  const stamp = at('dist', BUILT);
  return fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted;
}

function fingerprint() {
  const hash = createHash('sha256');
  const walk = (name) => {
    const stat = fs.statSync(at(name));
    if (stat.isDirectory()) for (const entry of fs.readdirSync(at(name)).sort()) walk(path.join(name, entry));
    else hash.update(`${name} ${stat.size} ${stat.mtimeMs}\n`);
  };
  SOURCES.forEach(walk);
  return hash.digest('hex');
}

function run(program, args) {
  const { status, signal } = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(signal ? 1 : (status ?? 1));
}

function mainCommand(name, args) {
  build();
  require(at('dist', 'src', 'main.js')).main([name, ...args]);
}

/** Runs the suites of a command and closes with the plain line that any CI reads, over all of them. */
function test(name, args) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const options of SUITES[name]) addCounts(sum, jest([...args, ...options]));
  console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`);
  process.exit(sum.failed === 0 ? 0 : 1);
}

function jest(args) {
  const result = at('node_modules', '.praxis-test.json');
  fs.rmSync(result, { force: true });
  const command = [at('node_modules', 'jest', 'bin', 'jest.js'), '--json', `--outputFile=${result}`, ...args];
  const { status } = spawnSync(process.execPath, command, { cwd: ROOT, stdio: ['inherit', 'ignore', 'inherit'] });
  if (!fs.existsSync(result)) return { passed: 0, failed: 1, skipped: 0 };
  const counts = JSON.parse(fs.readFileSync(result, 'utf8'));
  const failed = counts.numFailedTests + counts.numRuntimeErrorTestSuites;
  // A leak that jest reports by its exit status alone is a failure too.
  return {
    passed: counts.numPassedTests,
    failed: failed === 0 && status !== 0 ? 1 : failed,
    skipped: counts.numPendingTests,
  };
}

function addCounts(sum, counts) {
  for (const key of Object.keys(sum)) sum[key] += counts[key];
}

/** Runs one attack of test/attack from the sources. */
function attack(_name, args) {
  build();
  run(process.execPath, ['-r', at('register.cjs'), at('test', 'attack', 'attack.ts'), ...args]);
}

/** Types, lint, boundaries, format, what clients rely on, then the size of each room. The golden files are tests. */
function check() {
  const bin = (pkg, file) => at('node_modules', ...pkg.split('/'), ...file.split('/'));
  run(process.execPath, [bin('typescript', 'bin/tsc'), '--noEmit', '-p', at('tsconfig.json')]);
  run(process.execPath, [bin('eslint', 'bin/eslint.js'), '.', '--max-warnings=0']);
  run(process.execPath, [
    bin('dependency-cruiser', 'bin/dependency-cruise.mjs'),
    ...['--config', at('.dependency-cruiser.cjs'), 'src', 'workers', 'migrations', 'seeds', 'bench'],
  ]);
  run(process.execPath, [bin('prettier', 'bin/prettier.cjs'), '--check', '--log-level=warn', '.']);
  run(process.execPath, [at('schema-check.cjs')]);
  sizes();
}

function sizes() {
  const counts = new Map();
  const walk = (name, room) => {
    for (const entry of fs.readdirSync(at(name), { withFileTypes: true })) {
      const child = path.join(name, entry.name);
      if (entry.isDirectory()) walk(child, room ?? child);
      else if (/\.tsx?$/.test(entry.name)) {
        const lines = fs.readFileSync(at(child), 'utf8').split('\n').length - 1;
        const row = counts.get(room ?? name) ?? { files: 0, lines: 0 };
        counts.set(room ?? name, { files: row.files + 1, lines: row.lines + lines });
      }
    }
  };
  walk('src');
  for (const top of ['workers', 'migrations', 'seeds', 'bench', 'test']) walk(top, top);
  const rows = [...counts].map(([room, row]) => ({ room, ...row })).sort((a, b) => b.lines - a.lines);
  const total = rows.reduce((sum, row) => sum + row.lines, 0);
  console.log('Lines by room:');
  for (const row of rows)
    console.log(`${String(row.lines).padStart(7)} ${String(row.files).padStart(4)} files  ${row.room}`);
  console.log(`${String(total).padStart(7)} in all`);
}
