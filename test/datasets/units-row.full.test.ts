import { ingest } from './ingest.fixture';

/** Row 1 above thirty rows of numbers and classes. */
const told = async (first: string, row: (at: number) => string) => {
  const width = first.split(',').length;
  const header = ['x', 'y', 'z'].slice(0, width).join(',');
  const rows = Array.from({ length: 30 }, (_, at) => `${row(at)}\n`).join('');
  const { findings } = await ingest(`${header}\n${first}\n${rows}`);
  return findings.filter(({ code }) => code === 'UNITS_ROW');
};
const numberAndClass = (at: number) => `${at + 10},${'bc'[at % 2]}`;
const twoNumbers = (at: number) => `${at + 10},${at + 0.5},${'bc'[at % 2]}`;

test.each<[string, string, (at: number) => string]>([
  ['a slip in the only column of numbers', 'low,a', numberAndClass],
  ['a word for missing', 'k.A.,a', numberAndClass],
  ['words for missing in each', 'n.a.,n.d.,a', twoNumbers],
  ['Chinese words for missing', '无,未知,a', twoNumbers],
  ['one word and a mark', 'free,none,a', twoNumbers],
  ['infinity', 'inf,-inf,a', twoNumbers],
  ['values beyond what is measured', '>100,<1,a', twoNumbers],
  ['a code', 'B12,anna', (at) => `${at + 100},bob${at}`],
  ['codes in each', 'AB12,C-17,a', twoNumbers],
  ['a class that other rows have', 'kg,b', numberAndClass],
  ['a text that other rows have', 'low,high,a', (at) => (at === 20 ? 'low,3,b' : twoNumbers(at))],
  ['a letter beside a text', 'A,anna', (at) => `${at},bob${at}`],
  ['a word among dates', 'soon,a', (at) => `2024-01-${10 + (at % 19)},b`],
])('%s is a row of the table', async (_what, first, row) => {
  expect(await told(first, row)).toEqual([]);
});

test.each<[string, string, (at: number) => string]>([
  ['units', 'mm,kg,-', twoNumbers],
  ['units in brackets', '[mm],(kg),', twoNumbers],
  ['a unit of several', 'kg/m²,', numberAndClass],
  ['a unit and a name', 'kg,class', numberAndClass],
  ['a letter alone', 'A,', numberAndClass],
  ['a currency', '€,-', numberAndClass],
  ['names of types', 'float,int,str', twoNumbers],
  ['names in another language', 'Länge,Breite,Klasse', twoNumbers],
])('%s are none', async (_what, first, row) => {
  expect(await told(first, row)).toMatchObject([{ severity: 'WARNING', row: 1 }]);
});
