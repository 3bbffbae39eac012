import { attackStarve } from './starve.attack';

/** The attack in small: a short run of another tenant ends while files and runs of a greedy one are under way. */
jest.setTimeout(300_000);

const onLinux = process.platform === 'linux' ? it : it.skip;

onLinux('runs and files of one tenant are done while another one wants all of it', async () => {
  const plan = { files: 4, rowsPerFile: 30_000_000, runs: 10, epochs: 2_000, shortRuns: 2 };
  const checks = await attackStarve(plan, { seed: 1, log: () => undefined });
  expect(checks.filter(({ unit, ok }) => unit !== 's' && unit !== 'ms' && !ok)).toEqual([]);
});
