// Makes `dist` from src/sdk: JavaScript and types, once as ES modules and once as CommonJS. `npm pack` runs it.
const fs = require('node:fs');
const path = require('node:path');
const ts = require('typescript');

const ROOT = path.join(__dirname, '..');
const SOURCE = path.join(ROOT, 'src', 'sdk');
const OUT = path.join(__dirname, 'dist');
const FORMATS = {
  esm: { module: ts.ModuleKind.ES2022, type: 'module' },
  cjs: { module: ts.ModuleKind.CommonJS, type: 'commonjs' },
};

fs.rmSync(OUT, { recursive: true, force: true });
// npm packs the one that lies beside package.json.
fs.copyFileSync(path.join(ROOT, 'LICENSE'), path.join(__dirname, 'LICENSE'));
for (const [name, format] of Object.entries(FORMATS)) build(path.join(OUT, name), format);

function build(outDir, { module, type }) {
  const files = fs.readdirSync(SOURCE).filter((file) => file.endsWith('.ts'));
  const program = ts.createProgram(
    files.map((file) => path.join(SOURCE, file)),
    {
      ...{ module, outDir, rootDir: SOURCE, declaration: true, strict: true, skipLibCheck: true },
      ...{ target: ts.ScriptTarget.ES2022, moduleResolution: ts.ModuleResolutionKind.Bundler, esModuleInterop: true },
      ...{ lib: ['lib.es2023.d.ts'], types: ['node'], typeRoots: [path.join(ROOT, 'node_modules', '@types')] },
    },
  );
  const { diagnostics } = program.emit(undefined, (file, text) => write(file, withEndings(text)));
  const faults = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (faults.length > 0) {
    const host = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => ROOT, getNewLine: () => '\n' };
    console.error(ts.formatDiagnostics(faults, host));
    process.exit(1);
  }
  write(path.join(outDir, 'package.json'), `${JSON.stringify({ type })}\n`);
}

/** Node and TypeScript find a file of an ES module by its whole name only. */
function withEndings(text) {
  return text.replace(/((?:from|import\(|require\()\s*)(['"])(\.\/[\w.-]+)\2/g, '$1$2$3.js$2');
}

function write(file, text) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}
