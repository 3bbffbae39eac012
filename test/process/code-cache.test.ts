import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodeCache } from '../../src/process/code-cache';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'praxis-test-code-'));
  file = join(folder, 'script.js');
  writeFileSync(file, script('one'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As the build writes it: a function that takes what a module is given. */
const script = (word: string) => `(function (exports, require, module, __filename, __dirname) {
  exports.say = () => ['${word}', require('node:path').basename(__filename), __dirname].join(' ');
})`;

function say(): string {
  const cache = new CodeCache(file, 'say it');
  const text = cache.load<{ say(): string }>().say();
  cache.keep();
  return text;
}

const codeFiles = () => readdirSync(folder).filter((name) => name.endsWith('.code'));

it('runs a script as a module, and again with the code kept of it', () => {
  expect(say()).toBe(`one script.js ${folder}`);
  const kept = codeFiles();
  expect(kept).toHaveLength(1);
  expect(say()).toBe(`one script.js ${folder}`);
  expect(codeFiles()).toEqual(kept);
});

it('takes code of an earlier script, or what is left of a file, for none', () => {
  say();
  writeFileSync(file, script('another'));
  expect(say()).toBe(`another script.js ${folder}`);
  truncateSync(join(folder, codeFiles()[0]), 100);
  expect(say()).toBe(`another script.js ${folder}`);
});

it('needs no folder to write to', () => {
  const cache = new CodeCache(file, 'say it');
  expect(cache.load<{ say(): string }>().say()).toContain('one');
  rmSync(folder, { recursive: true });
  expect(() => cache.keep()).not.toThrow();
});
