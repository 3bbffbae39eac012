import { formatsNamed } from '../../src/formats';
import { Random } from '../support/random';
import { readByEach } from './reading.fixture';

const COUNT = 10_000;
const DAY_MS = 86_400_000;

test('years of the Buddhist era are read as Intl writes them', async () => {
  const writer = new Intl.DateTimeFormat('en-GB-u-ca-buddhist', {
    ...{ day: '2-digit', month: '2-digit', year: 'numeric', timeZone: 'UTC' },
  });
  const random = new Random(11);
  const days = Array.from({ length: COUNT }, () => Math.floor(random.number() % 60_000) * DAY_MS);
  const parts = (day: number) => Object.fromEntries(writer.formatToParts(day).map(({ type, value }) => [type, value]));
  const written = days.map((day) => parts(day));
  const dmy = written.map(({ day, month, year }) => `${day}/${month}/${year}`);
  const iso = written.map(({ day, month, year }) => `${year}-${month}-${day}`);
  for (const [texts, name] of [
    [dmy, 'day, month, year, Buddhist era'],
    [iso, 'year, month, day, Buddhist era'],
  ] as const) {
    const readings = await readByEach(formatsNamed(name, 'DATE'), texts);
    expect(readings.filter((values) => values.every((value, at) => value === days[at]))).toHaveLength(1);
    const times = await readByEach(formatsNamed(name, 'TIMESTAMP'), texts);
    expect(times.filter((values) => values.every((value, at) => value === days[at]))).toHaveLength(1);
  }
});
