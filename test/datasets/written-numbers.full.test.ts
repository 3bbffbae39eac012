import { ingest } from './ingest.fixture';

/** How numbers are written that are kept as text: what is told of the column. */
async function toldOf(cells: readonly string[]) {
  const { columns, findings } = await ingest(
    `x;b\n${Array.from({ length: 30 }, (_, at) => `"${cells[at % cells.length]}";k${at % 3}\n`).join('')}`,
  );
  const codes = ['NUMBER_FORMAT', 'COMMA_NUMBERS', 'TIME_FORMAT', 'MIXED_TYPES'];
  return {
    type: columns[0].type,
    told: findings.filter(({ column, code }) => column === 'x' && codes.includes(code)),
  };
}

test.each<[string, string[], 'WARNING' | 'INFO', RegExp]>([
  [
    'credit and debit',
    ['5 CR', '5.20 DR', '1,234.50 CR'],
    'WARNING',
    /"5 CR" in row 1 .*may be 5 or -5 or 50000000 \(crore\)/,
  ],
  ['credit, or crores', ['7.5 Cr', '12 Cr'], 'WARNING', /may be 7.5 or -7.5 or 75000000/],
  ['thousands', ['1.5k', '300', '7.2k', '12K'], 'WARNING', /magnitude .*may be 1500\)/],
  [
    'thousands and millions, with both readings',
    ['1.5k', '2M', '300', '7.2k'],
    'WARNING',
    /"2M" in row 2 .*2000000 or 2000\)/,
  ],
  ['millions of a currency', ['$1.5M', '$20K', '$3B'], 'WARNING', /may be 1500000 or 1500\)/],
  ['billions', ['3 bn', '2.5 bn', '1 bn'], 'WARNING', /may be 3000000000\)/],
  ['billions in words', ['3 billion', '2.5 billion'], 'WARNING', /3000000000 or 3000000000000\)/],
  ['German', ['3 Mio.', '2,5 Mio.', '1 Mrd. €'], 'WARNING', /may be 3000000\)/],
  ['Russian', ['3 млн', '2,5 млн', '1 млрд'], 'WARNING', /may be 3000000\)/],
  ['ten thousands', ['1.2万', '3万', '5000'], 'WARNING', /may be 12000\)/],
  ['hundred millions, of yuan', ['3亿元', '1.2亿元', '5万元'], 'WARNING', /may be 300000000\)/],
  ['lakhs and crores', ['3 lakh', '2.5 crore'], 'WARNING', /may be 300000\)/],
  ['letters alone may be codes', ['3B', '4B', '5B'], 'INFO', /magnitude/],
  ['ranges', ['10-20', '21-30', '31-40'], 'INFO', /ranges/],
  ['open ranges', ['0–5', '5–10', '10+'], 'INFO', /ranges/],
  ['ranges in words', ['0 to 5', '5 to 10', 'over 10'], 'INFO', /ranges/],
  ['ranges of amounts', ['$10-$20', '$20-$30'], 'INFO', /ranges/],
  ['mixed fractions', ['3 1/2', '1/4', '5', '2 3/4'], 'WARNING', /fractions/],
  ['fractions of one character', ['3½', '¼', '5'], 'WARNING', /fractions/],
  ['fractions alone', ['1/2', '1/4', '3/4'], 'INFO', /fractions/],
  ['powers of ten', ['2.1x10^3', '4.5x10^2', '1.0x10^-3'], 'WARNING', /powers of ten/],
  ['powers of ten with signs of print', ['2.1×10^3', '3.0 × 10^−4', '7×10³'], 'WARNING', /powers of ten/],
  ['Chinese numerals', ['三千', '五百二十', '二十'], 'WARNING', /Chinese characters/],
  ['Chinese numerals of business', ['壹仟', '贰佰', '叁拾'], 'WARNING', /Chinese characters/],
  ['Chinese digits alone', ['一', '二', '三'], 'INFO', /Chinese characters/],
])('%s', async (_what, cells, severity, message) => {
  const { type, told } = await toldOf(cells);
  expect(['CATEGORY', 'TEXT']).toContain(type);
  expect(told).toMatchObject([{ code: 'NUMBER_FORMAT', severity }]);
  expect(told[0].message).toMatch(message);
  expect(told[0].fix).not.toBe('');
});

test.each([
  ['classes', ['low', 'high', 'mid']],
  ['seats', ['12A', '14C', '7F', '3B']],
  ['codes with letters', ['AB-12', 'CD-13', 'EF-99']],
  ['versions', ['1.2.3', '2.0.1', '10.4.7']],
  ['clothes', ['S', 'M', 'L', 'XL']],
])('%s are no numbers', async (_what, cells) => {
  expect((await toldOf(cells)).told).toEqual([]);
});
