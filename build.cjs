// Makes `dist`, or the folder that it is given: compiles the sources with SWC, as tests do, so that what is tested is what
// runs; types are a matter of `npm run check`. Then puts the program and its libraries into one file, as finding and reading
// some 2,000 files is most of a start. Beside it a small one for processes that only supervise, which leaves out the commands
// of the others.
const fs = require('node:fs');
const path = require('node:path');
const { transformFileSync } = require('@swc/core');
const esbuild = require('esbuild');

const SOURCES = ['src', 'workers', 'migrations', 'seeds', 'bench'];
const OUT = path.join(__dirname, process.argv[2] ?? 'dist');
const COMMANDS = 'src/commands';
const FOLDER = 'src/bundle';

/** Left in node_modules: with native parts or files of their own, or rarely asked for. */
const APART = [
  ...['onnxruntime-node', '@duckdb/*', '@tensorflow/tfjs-node*', 'msgpackr-extract', 'pg-native', 'piscina'],
  ...['@aws-sdk/*', '@graphql-codegen/*', 'prettier', 'typescript'],
];
const NOT_OF_A_PARENT = ['listen', 'work', 'migrate', 'seed', 'backup', 'bench', 'golden', '../quickstart/index'];

/** Sources as modules of ECMAScript: what one takes of another is then a variable, not a property that is looked up. */
const modules = {
  name: 'sources',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
      const { code } = transformFileSync(file, { swcrc: true, module: { type: 'es6' }, sourceMaps: false });
      return { contents: code, loader: 'js' };
    });
  },
};

const clear = () => fs.rmSync(OUT, { recursive: true, force: true });
process.on('exit', (code) => {
  if (code !== 0) clear();
});
clear();
SOURCES.forEach(compile);
void Promise.all([
  bundle('program.js', APART),
  bundle('parent.js', [...APART, ...NOT_OF_A_PARENT.map((name) => `./${path.posix.join(COMMANDS, `${name}.ts`)}`)]),
]);

/** A file, or everything in a folder. */
function compile(name) {
  const file = path.join(__dirname, name);
  if (fs.statSync(file).isDirectory()) return fs.readdirSync(file).forEach((entry) => compile(path.join(name, entry)));
  if (!name.endsWith('.ts')) return;
  const target = path.join(OUT, name.replace(/ts$/, 'js'));
  const { code, map } = transformFileSync(file, { swcrc: true, sourceMaps: true, outputPath: target });
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.writeFileSync(target, `${code}\n//# sourceMappingURL=${path.basename(target)}.map\n`);
  fs.writeFileSync(`${target}.map`, map);
}

async function bundle(name, external) {
  const outfile = path.join(OUT, FOLDER, name);
  await esbuild.build({
    // Paths in what is made begin here, so that they are the same in any folder.
    absWorkingDir: __dirname,
    entryPoints: [`${COMMANDS}/index.ts`],
    outfile,
    bundle: true,
    plugins: [modules],
    platform: 'node',
    target: 'node20',
    // What is loaded when it is asked for goes by `require` as well: a script that imports is an experiment of Node's, which says so.
    supported: { 'dynamic-import': false },
    external,
    alias: { '@apollo/utils.createhash': path.join(__dirname, 'src/graphql/operations/hash.ts') },
    // As Node 21 says by itself; without it pg loads the whole of `fetch` to find out what it runs on.
    define: { navigator: JSON.stringify({ userAgent: 'Node.js' }) },
    // What src/process/code-cache.ts runs: a function.
    banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
    footer: { js: '})' },
    minifyWhitespace: true,
    // Places in a stack trace can be found.
    lineLimit: 160,
    legalComments: 'external',
    logLevel: 'error',
  });
  // esbuild leaves letters of regular expressions as they are; a text of ASCII alone takes V8 half the memory.
  fs.writeFileSync(outfile, named(fs.readFileSync(outfile, 'utf8')).replace(/[^\x00-\x7f]/g, escaped));
}

/**
 * esbuild calls a class that speaks of itself by another name, from which types of the schema and errors take theirs. Its
 * own remedy names every function again each time that it is made.
 */
function named(code) {
  const renamed = /\b(\w+)\s*=\s*class\s+(?!\1\b)(_?\1\d*)((?:\s+extends\s+[\w$.]+)?\s*\{)/g;
  return code.replace(
    renamed,
    '$1=class $2$3static{Object.defineProperty(this,"name",{value:"$1",configurable:true})}',
  );
}

function escaped(unit) {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
