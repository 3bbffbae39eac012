import { readFileSync } from 'node:fs';
import { DOCUMENT_INDEX_FILE, documentIndex } from '../../src/commands/golden/document-index';

it('docs/README.md lists every document (npm run golden writes it)', () => {
  expect(readFileSync(DOCUMENT_INDEX_FILE, 'utf8')).toBe(documentIndex());
});
