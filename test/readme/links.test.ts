import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** No link from one document of ours to another file is broken. */

const ROOT = join(__dirname, '..', '..');
const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'sdk/README.md', ...filesIn('docs', '.md')];

function filesIn(folder: string, ending: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
/** Without blocks of code, in which brackets are no links. */
const proseOf = (text: string) =>
  text.replace(/^```[^]*?^```$/gm, '').replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ' '));

/** Targets within the repository, as they are written. */
const linksOf = (path: string): string[] =>
  [...proseOf(read(path)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));

/** The name that a heading is linked by, as GitHub makes it. */
const anchorsOf = (path: string): string[] =>
  [
    ...read(path)
      .replace(/^```[^]*?^```$/gm, '')
      .matchAll(/^#+ (.*)$/gm),
  ].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  );

it.each(documents)('%s links to what is there', (path) => {
  const broken = linksOf(path).filter((target) => {
    const [file, anchor] = target.split('#');
    const at = file === '' ? path : join(dirname(path), file);
    if (!existsSync(join(ROOT, at))) return true;
    return anchor !== undefined && !(at.endsWith('.md') && anchorsOf(at).includes(anchor));
  });
  expect(broken).toEqual([]);
});

/** Rooms whose files a document may name; those of the engine are also written without `src`. */
const FOLDERS = ['bench', 'docs', 'engine', 'migrations', 'ops', 'schema', 'sdk', 'seeds', 'src', 'test', 'workers'];
const PATH = new RegExp(`\`((?:${FOLDERS.join('|')})/[\\w./-]+)\``, 'g');
const pathsOf = (path: string): string[] => [
  ...new Set([...read(path).matchAll(PATH)].map(([, named]) => named.replace(/^engine\//, 'src/engine/'))),
];

it.each(documents.filter((path) => path !== 'CHANGELOG.md'))('%s names files that there are', (path) => {
  expect(pathsOf(path).filter((named) => !existsSync(join(ROOT, named)))).toEqual([]);
});

const decisions = readdirSync(join(ROOT, 'docs', 'decisions')).sort();

it('decisions are numbered without a gap', () => {
  expect(decisions.map((name) => Number(name.slice(0, 4)))).toEqual(decisions.map((_, at) => at + 1));
});

it('code names decisions that there are', () => {
  const folders = ['src', 'workers', 'bench', 'test', 'migrations', 'seeds'];
  const sources = folders.flatMap((folder) => filesIn(folder, '.ts'));
  const named = sources.flatMap((path) =>
    [...read(path).matchAll(/decisions\/(\d{4}[-\w]*(?:\.md)?)/g)].map(([, name]) => name),
  );
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => !decisions.some((decision) => decision.startsWith(name)))).toEqual([]);
});

it('pictures are small', () => {
  const folder = join(ROOT, 'docs', 'images');
  const large = readdirSync(folder).filter((name) => statSync(join(folder, name)).size >= 200_000);
  expect(large.map((name) => relative(ROOT, join(folder, name)))).toEqual([]);
});
