import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = 'docs';
export const DOCUMENT_INDEX_FILE = join(FOLDER, 'README.md');

/** Folders of `docs` in the order in which they are listed. */
const SECTIONS = [
  { folder: '', title: 'General' },
  { folder: 'guides', title: 'Guides' },
  { folder: 'operations', title: 'Operation' },
  { folder: 'errors', title: 'Error codes' },
  { folder: 'decisions', title: 'Decisions' },
];

const ELSEWHERE = [
  '- [First steps](../README.md)',
  '- [The TypeScript SDK](../sdk/README.md)',
  '- [Contributing](../CONTRIBUTING.md)',
  '- [Changes](../CHANGELOG.md)',
];

/** The list of all documents by their own titles. */
export function documentIndex(): string {
  const sections = SECTIONS.flatMap(({ folder, title }) => [
    `## ${title}`,
    '',
    ...(folder === '' ? ELSEWHERE : []),
    ...pagesIn(folder).map((path) => `- [${titleOf(path)}](${path})`),
    '',
  ]);
  return [
    '# Documents',
    '',
    'Types and fields are explained where they are used: in GraphiQL, and in `schema/schema.graphql`. `npm run golden` writes this list from the titles of the pages.',
    '',
    ...sections,
  ].join('\n');
}

const pagesIn = (folder: string): string[] =>
  readdirSync(join(FOLDER, folder))
    .filter((name) => name.endsWith('.md') && join(FOLDER, folder, name) !== DOCUMENT_INDEX_FILE)
    .sort()
    .map((name) => (folder ? `${folder}/${name}` : name));

/** The first heading. @throws Error for a page without one */
function titleOf(path: string): string {
  const [, title] = /^# (.+)$/m.exec(readFileSync(join(FOLDER, path), 'utf8')) ?? [];
  if (!title) throw new Error(`${FOLDER}/${path} needs a title: a line that begins with "# ".`);
  return title;
}
