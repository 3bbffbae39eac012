import { ModelFolder } from '../../src/pretrained/folder';
import { attackWithFiles } from './files.attack';
import { attackWithTables } from './tables/reading';

jest.setTimeout(240_000);

test('hostile files are read or refused in words, without a path, within bounds', async () => {
  const checks = await attackWithFiles({ seed: 7, log: () => undefined, mutants: 60 });
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
});

test('a table comes back as it was meant, however it is written; what is faulty is told with its place', async () => {
  const checks = await attackWithTables({ seed: 7, log: () => undefined, files: 30 });
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
});

test('a fault of the disk is no fault of the file that was sent', async () => {
  const opened = ModelFolder.open('/none/of/ours.zip', { byteCountMax: 1 });
  await expect(opened).rejects.toMatchObject({ name: 'Error', code: 'ENOENT' });
});
