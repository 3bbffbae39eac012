import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SAMPLE_FILE, sampleCsv } from '../../seeds/sample';

const file = readFileSync(join(__dirname, '..', '..', SAMPLE_FILE));

it('seeds/machines.csv is what its generator makes (npm run golden writes it)', () => {
  expect(file.equals(sampleCsv())).toBe(true);
});

it('is small, and has failures enough to learn from', () => {
  expect(file.byteLength).toBeLessThan(100_000);
  const failures = file.toString().match(/,yes$/gm)!.length;
  // The published file has 3.4 % (UCI Machine Learning Repository 601).
  expect(failures / 2_000).toBeCloseTo(0.034, 2);
});
