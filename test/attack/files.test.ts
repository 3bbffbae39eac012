import { attackWithFiles } from './files.attack';

jest.setTimeout(240_000);

test('hostile files are read or refused in words, without a path, within bounds', async () => {
  const checks = await attackWithFiles({ seed: 7, log: () => undefined, mutants: 60 });
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
});
