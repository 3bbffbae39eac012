import { escaped, shown, shownList, shownValue, visible } from '../../src/formats';

const UNSEEN =
  '\u0000\u001b\u007f\u0085\u00a0\u00ad\u034f\u061c\u115f\u180e\u200b\u200e\u202e\u2028\u2029\u2060\u2066\u2800\u3000\u3164\ufe0f\ufeff';

test('what cannot be seen is shown as its number, and only that', () => {
  for (const character of UNSEEN) {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    expect(shown(`a${character}b`)).toBe(`"a\\u${code}b"`);
  }
  expect(shown('a\nb\tc\r"\\')).toBe('"a\\nb\\tc\\r\\"\\\\"');
  expect(shown('Größe, 長さ, 🙂 – 36 %')).toBe('"Größe, 長さ, 🙂 – 36 %"');
});

test('what is shown reads back as it was, beyond the first plane too', () => {
  const text = `x${UNSEEN}\u{e0041}\u{1d173}🙂`;
  expect(escaped(text)).toMatch(/^[\x20-\x7e🙂]*$/u);
  expect(JSON.parse(escaped(text))).toBe(text);
});

test('is not longer than a line, and no escape or pair is cut', () => {
  for (const piece of ['\u200b', '🙂', '\\', '"', '\n', 'abc', '\u{e0041}']) {
    for (let count = 1; count < 120; count++) {
      const text = shown(piece.repeat(count));
      expect(text.length).toBeLessThanOrEqual(80);
      expect(JSON.parse(text).replace(/…$/, '')).toBe(
        piece.repeat(count).slice(0, JSON.parse(text).replace(/…$/, '').length),
      );
      expect(text).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/);
    }
  }
  expect(shown('a'.repeat(78))).toBe(`"${'a'.repeat(78)}"`);
  expect(shown('a'.repeat(10_000_000))).toHaveLength(78);
});

test('lists and other values are bounded', () => {
  expect(shownList(['a', 'b\u200b'])).toBe('"a", "b\\u200b"');
  expect(shownList(['a', 'b', 'c'], 2)).toBe('"a", "b", …');
  expect(shownList(Array.from({ length: 1000 }, (_, i) => `${i}`.repeat(50))).length).toBeLessThan(330);
  expect([shownValue(7), shownValue('7'), shownValue(undefined), shownValue({ a: '\u200b' })]).toEqual([
    '7',
    '"7"',
    'undefined',
    '{"a":"\\u200b"}',
  ]);
  expect(shownValue(Array.from({ length: 1e5 }, () => 1)).length).toBe(80);
});

test('lines for a terminal hold none of its orders', () => {
  expect(visible('a\x1b[2J\u202eb\n  c\r')).toBe('a\\u001b[2J\\u202eb\n  c\\u000d');
});
