import { type Affixes, DIGIT_SCRIPTS, formatsNamed, numberFormats } from '../../src/formats';
import { readBoth } from './reading.fixture';

const [FULL_WIDTH, ARABIC] = DIGIT_SCRIPTS;

test('units are of the case in which they are written, currencies of any', async () => {
  const texts = ['5 mW', '-3 MW', '(2.5 mw)', '7', '1e3 mW', '5mW-', '2 mw'];
  const read = (affixes: Affixes) => readBoth(numberFormats({ ...affixes })[0], texts);
  expect(await read({ before: '', behind: 'mW' })).toEqual([5, null, null, 7, 1000, -5, null]);
  expect(await read({ before: '', behind: 'MW' })).toEqual([null, -3, null, 7, null, null, null]);
  expect(await read({ before: '', behind: 'mW', also: ['mw'] })).toEqual([5, null, -2.5, 7, 1000, -5, 2]);
  const zloty = ['5 zł', '3 ZŁ', '1.5Zł', '2 zl'];
  expect(await readBoth(numberFormats({ before: '', behind: 'zł' })[0], zloty)).toEqual([5, 3, 1.5, null]);
  const kroner = ['kr. 5', 'KR. -3', '-Kr.2', '(kr 2)', 'KR. (2)'];
  expect(await readBoth(numberFormats({ before: 'kr.', behind: '' })[0], kroner)).toEqual([5, -3, -2, null, -2]);
  // A letter that is an exponent as well.
  const letters = ['5e3 e', 'E 5e3', 'E 2 e', '5e'];
  expect(await readBoth(numberFormats({ before: 'E', behind: 'e' })[0], letters)).toEqual([5000, 5000, 2, 5]);
});

test.each([
  ['in either case', { before: 'usd', behind: '' }],
  ['spelt in three ways', { before: '', behind: 'kg', also: ['KG', 'Kg'] }],
  ['in other digits', { before: '', behind: 'kWh', also: ['kwh'] }],
])('a format with a word around its numbers is known by its name: %s', (_, affixes) => {
  for (const script of [null, FULL_WIDTH, ARABIC])
    for (const format of numberFormats(affixes, script)) expect(formatsNamed(format.name, 'NUMBER')).toEqual([format]);
  expect(formatsNamed('decimal point, kg or lb or oz behind it', 'NUMBER')).toEqual([]);
});
