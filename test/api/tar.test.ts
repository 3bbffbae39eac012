/** Archives that are made while they are sent. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { archiveFileOf, tarOf, type ArchiveFile } from '../../src/downloads';

const AT = new Date('2026-11-29T00:00:00Z');
const texts = { 'manifest.json': '{}', 'assets/a/b.txt': 'x'.repeat(200_000), empty: '' };
const filesOf = (texts: Record<string, string>) =>
  Object.entries(texts).map(([name, text]) => archiveFileOf(name, Buffer.from(text)));

/** A file whose bytes come in pieces, and that tells whether it is open. */
function pieces(name: string, count: number, change: Partial<ArchiveFile> = {}) {
  const piece = Buffer.alloc(65_536, 1);
  const sha256 = createHash('sha256');
  for (let i = 0; i < count; i++) sha256.update(piece);
  const source = { opened: false, closed: false };
  const open = async () => {
    const stream = Readable.from(Array.from({ length: count }, () => piece));
    source.opened = true;
    stream.once('close', () => (source.closed = true));
    return stream;
  };
  return { source, file: { name, byteCount: count * piece.length, sha256: sha256.digest(), open, ...change } };
}

test('hold the files as they are, the same bytes each time', async () => {
  const [one, two] = await Promise.all([1, 2].map(() => buffer(tarOf(filesOf(texts), AT))));
  expect(one.equals(two)).toBe(true);
  const found: Record<string, string> = {};
  const archive = extract();
  Readable.from([one]).pipe(archive);
  for await (const entry of archive) {
    expect(entry.header.mtime).toEqual(AT);
    found[entry.header.name] = (await buffer(entry as never)).toString();
  }
  expect(found).toEqual(texts);
});

test('break off at a file that is damaged, shorter or missing, before its end', async () => {
  const damaged = { ...archiveFileOf('a', Buffer.from('a')), sha256: Buffer.alloc(32) };
  await expect(buffer(tarOf([damaged], AT))).rejects.toThrow('The stored file of a is damaged');
  const shorter = { ...archiveFileOf('a', Buffer.from('a')), byteCount: 2 };
  await expect(buffer(tarOf([shorter], AT))).rejects.toThrow();
  const missing = { ...archiveFileOf('a', Buffer.from('a')), open: () => Promise.reject(new Error('not there')) };
  await expect(buffer(tarOf([missing], AT))).rejects.toThrow('not there');
});

test('a reader who leaves closes what is open, and opens no more', async () => {
  const [first, second] = [pieces('first', 100), pieces('second', 1)];
  const archive = tarOf([first.file, second.file], AT);
  await new Promise((resolve) => archive.once('data', resolve));
  archive.destroy();
  for (let wait = 0; wait < 100 && !first.source.closed; wait++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect([first.source, second.source]).toEqual([
    { opened: true, closed: true },
    { opened: false, closed: false },
  ]);
});
