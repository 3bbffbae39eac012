import { didYouMean, isLargerThan, nearestNames, PraxisError, REFUSAL_LIMITS, shorten, told } from '../../src/kernel';

/** Faults without an end, and how many were asked for. */
function* endless(asked: { faults: number; hints: number }) {
  for (;;) {
    asked.faults++;
    yield { path: `rows[${asked.faults}]`, message: 'is wrong', hint: () => `hint ${++asked.hints}` };
  }
}

it('counts faults to a bound and describes those that are listed', () => {
  const asked = { faults: 0, hints: 0 };
  const error = PraxisError.invalid(endless(asked));
  expect(asked).toEqual({ faults: REFUSAL_LIMITS.faultsCounted, hints: REFUSAL_LIMITS.issuesListed });
  expect(error.issues).toHaveLength(REFUSAL_LIMITS.issuesListed);
  expect(told(error).message).toBe('rows[1]: is wrong (hint 1); and at least 999 more');
});

it.each([
  [[{ path: 'a', message: 'is wrong' }], 'a: is wrong'],
  [[{ path: 'a', message: 'is wrong', hint: 'mend it' }], 'a: is wrong (mend it)'],
  [
    [
      { path: 'a', message: 'is wrong' },
      { path: 'b', message: 'too' },
    ],
    'a: is wrong; and 1 more',
  ],
])('tells %j as %s', (faults, message) => {
  expect(told(PraxisError.invalid(faults)).message).toBe(message);
});

it('leaves a message without issues as it is', () => {
  expect(told(new PraxisError('CONFLICT', 'The name is taken.')).message).toBe('The name is taken.');
});

it('bounds every text, and shows the number of faults all the same', () => {
  const long = 'x'.repeat(5_000_000);
  const fault = { path: long, message: long, hint: long };
  const { message, issues } = told(PraxisError.invalid(Array(30).fill(fault)));
  expect(message.length).toBeLessThanOrEqual(REFUSAL_LIMITS.characters);
  for (const text of Object.values(issues[0])) expect(text.length).toBe(REFUSAL_LIMITS.characters);
  expect(Buffer.byteLength(JSON.stringify({ message, issues }))).toBeLessThan(64_000);
  const short = told(PraxisError.invalid([{ path: 'a', message: long, hint: 'mend it' }, fault]));
  expect(short.message).toMatch(/…; and 1 more$|… \(mend it\); and 1 more$/);
});

it.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab…'],
  ['a🏊b', 3, 'a…'],
  ['a\0b\u009f', 9, 'a\ufffdb\ufffd'],
  ['line\nline\t', 20, 'line\nline\t'],
])('shortens %j to %i characters', (text, max, expected) => expect(shorten(text, max)).toBe(expected));

describe('near names', () => {
  it('are not looked for where the word is too long', () => {
    const names = jest.fn();
    const iterable = { [Symbol.iterator]: names } as unknown as Iterable<string>;
    expect(nearestNames('x'.repeat(1_000), iterable)).toEqual([]);
    expect(names).not.toHaveBeenCalled();
  });

  it('are looked for among a bounded number of names', () => {
    let asked = 0;
    const names = (function* () {
      for (;;) yield `column_${asked++}`.padEnd(60, 'x');
    })();
    nearestNames('column_9'.padEnd(60, 'y'), names);
    expect(asked).toBeLessThan(1_000);
  });

  it('are told within the bound of a hint', () => {
    const names = Array.from({ length: 500 }, (_, i) => `a long name of a column, number ${i}`);
    expect(didYouMean('nothing like it', names).length).toBeLessThan(REFUSAL_LIMITS.characters);
    expect(didYouMean('colour', ['color', 'size'])).toBe('Did you mean "color"?');
    expect(didYouMean('zzzzzz', ['color', 'size'])).toBe('Known: "color", "size".');
  });
});

it('tells large values without walking them', () => {
  const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as unknown;
  expect(isLargerThan(1_000, deep)).toBe(true);
  expect(isLargerThan(200_000, deep)).toBe(false);
  expect(isLargerThan(3, { a: 1, b: 2 })).toBe(false);
  expect(isLargerThan(2, { a: 1, b: 2 })).toBe(true);
});
