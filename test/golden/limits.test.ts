import { readFileSync } from 'node:fs';
import { LIMITS } from '../../src/graphql';
import { REFUSAL_LIMITS } from '../../src/kernel';

const page = readFileSync('docs/limits.md', 'utf8');

/** As the page writes it. */
function textOf(value: number): string {
  if (value % 1_048_576 === 0) return `${value / 1_048_576} MiB`;
  return value % 1_024 === 0 ? `${value / 1_024} KiB` : value.toLocaleString('en-US');
}

it.each(Object.entries({ ...LIMITS, ...REFUSAL_LIMITS }))('the page on limits tells %s: %i', (_name, value) => {
  expect(page).toMatch(new RegExp(`(\\| |more than )${textOf(value)}[ ,;:]`));
});
