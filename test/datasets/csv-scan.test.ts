import { CsvScan } from '../../src/datasets/ingest/csv/csv-scan';

const ALPHABET = ['a', 'a', 'b1', ',', ',', ',', '\n', '\n', '\r\n', '\r\n', '\r', '"', '""', ' ', '\ufeff', 'ü'];

/** The same texts in every run (Numerical Recipes, 2007: a linear congruential generator). */
function drawing(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** All that a scan tells, of a file that comes in pieces of these lengths. */
function told(bytes: Buffer, piece: () => number) {
  const scan = new CsvScan({ delimiter: ',', quote: '"' });
  for (let at = 0; at < bytes.length;) {
    const length = piece();
    scan.feed(bytes.subarray(at, at + length));
    at += length;
  }
  scan.end();
  const { rows, columns, line, linesAbove, blankLines, quotedFields, ragged, raggedCount, fault, lineEnds } = scan;
  const { headerStart, headerEnd, innerMarks } = scan;
  return {
    ...{ rows, columns, line, linesAbove, blankLines, quotedFields, ragged: [...ragged], raggedCount, fault },
    ...{ lineEnds, headerStart, headerEnd, innerMarks },
  };
}

test('rows that are counted at once are told as byte by byte', () => {
  let plain = 0;
  for (let seed = 0; seed < 3000; seed++) {
    const draw = drawing(seed);
    // Some texts have lines of one width, so that whole rows are passed.
    const line = () => Array.from({ length: 3 }, () => 'x'.repeat(1 + draw() * 3)).join(',');
    const odd = () =>
      Array.from({ length: 1 + draw() * 12 }, () => ALPHABET[Math.floor(draw() * ALPHABET.length)]).join('');
    const pieces = Array.from({ length: 20 }, () =>
      draw() < 0.7 ? `${line()}${draw() < 0.5 ? '\n' : '\r\n'}` : odd(),
    );
    const bytes = Buffer.from(pieces.join(''));
    const whole = told(bytes, () => bytes.length);
    expect({ seed, ...whole }).toEqual({ seed, ...told(bytes, () => 1) });
    expect({ seed, ...whole }).toEqual({ seed, ...told(bytes, () => 1 + Math.floor(draw() * 40)) });
    plain += whole.fault ? 0 : whole.rows - whole.raggedCount;
  }
  expect(plain).toBeGreaterThan(3000);
});
