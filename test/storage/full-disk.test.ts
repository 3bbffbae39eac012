import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { RefusedFile } from '../../src/datasets/ingest/finding';
import { ingestFile } from '../../src/datasets/ingest/ingest';
import { isStorageFull, newId } from '../../src/kernel';
import { artifactKey, FileArtifactStore, recordFiles, Scratch } from '../../src/storage';
import { inFolder } from '../datasets/ingest.fixture';
import { SmallDisk } from '../support';

const MB = 1024 * 1024;

SmallDisk.describe('on a disk that is really full', () => {
  let disk: SmallDisk;
  beforeEach(() => (disk = SmallDisk.open(64)));
  afterEach(() => disk.close());

  test('an artifact is refused in words and leaves nothing; the files that belong to it go as well', async () => {
    const store = new FileArtifactStore(join(disk.folder, 'artifacts'));
    const key = () => artifactKey(newId(), 'MODEL', newId());
    const earlier = key();
    await store.write(earlier, Buffer.alloc(10));
    disk.fill(MB);
    const writes = recordFiles(store, async (keys) => {
      for (const byteCount of [MB / 2, MB]) {
        keys.push(key());
        await store.write(keys.at(-1)!, randomBytes(byteCount));
      }
    });
    await expect(writes).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/^The storage is/),
    });
    expect(disk.files()).toEqual([join('artifacts', earlier)]);
  });

  const lines = Array.from(
    { length: 150_000 },
    (_, i) => `${Math.sin(i)},${Math.cos(i)},text${i},${'x'.repeat(i % 40)}${i}`,
  );
  const csv = gzipSync(`a,b,c,d\n${lines.join('\n')}\n`);
  // What is short of space, from the first to the last: the unpacked text, what is spilled from memory, the tables.
  test.each([1, 12, 20])(
    'with %i MB left an ingestion blames the disk, never the file, and leaves nothing',
    async (free) => {
      disk.fill(free * MB);
      const scratch = new Scratch(join(disk.folder, 'scratch'));
      const error = await inFolder(async (folder) => {
        const path = join(folder, 'table.csv.gz');
        writeFileSync(path, csv);
        const limits = { byteCountMax: 1e9, cellCountMax: 1e8, ratioMax: 250 };
        const { signal } = new AbortController();
        const request = { path, format: 'CSV', limits, memoryMb: 40, signal, onProgress: () => undefined } as const;
        return scratch
          .use('upload', (scratch) => ingestFile({ ...request, scratch }))
          .catch((caught: unknown) => caught);
      });
      expect(error).not.toBeInstanceOf(RefusedFile);
      expect([isStorageFull(error), error]).toEqual([true, expect.any(Error)]);
      expect(disk.files()).toEqual([]);
    },
  );
});
