import { attackFaults } from './faults.attack';

/** The attack in small: what must be exact however slow the machine is. */
jest.setTimeout(300_000);

const onLinux = process.platform === 'linux' ? it : it.skip;

onLinux('a run ends exact though backend, postmaster and work are killed, and nothing is INTERNAL', async () => {
  const lines: string[] = [];
  const checks = await attackFaults(
    { kills: 1, epochs: 200, rows: 2_000, quietMs: 500 },
    { seed: 1, log: (line) => lines.push(line) },
  );
  expect(checks).toHaveLength(12);
  const broken = checks.filter(({ unit, ok }) => unit !== 's' && !ok);
  expect([...broken, ...lines.filter((line) => line.includes('internal error'))]).toEqual([]);
});
