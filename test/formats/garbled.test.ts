import { REPLACEMENT, maybeGarbledSql, normalText, ungarbled } from '../../src/formats';
import { evaluate } from './reading.fixture';

const LOCALES =
  'en de fr es pt it nl sv da nb fi is pl cs sk hu ro hr sl tr lt lv et vi el ru uk bg sr mk he ar fa hi bn ta th ja ko zh zh-Hant ka hy'.split(
    ' ',
  );
const CODES =
  'AT BR CH CI CN CW CZ DE DK EG ES FI FO FR GR HU IE IL IN IS IT JP KR MX NO PL RE RO RU SE TR UA US VN'.split(' ');

/** What people call countries, as the Unicode Common Locale Data Repository has it. */
const namesOf = (locale: string): string[] => {
  const names = new Intl.DisplayNames([locale], { type: 'region' });
  return CODES.map((code) => normalText(names.of(code)!));
};

/** UTF-8 taken for another encoding; Node decodes windows-1252 as ISO 8859-1. */
const garble = (text: string, encoding: string): string => new TextDecoder(encoding).decode(Buffer.from(text, 'utf8'));

const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

test('names of countries in many languages are as they should be', async () => {
  const names = LOCALES.flatMap(namesOf);
  expect(names.filter((name) => ungarbled(name) !== null)).toEqual([]);
  const around = names.flatMap((name) => [`“${name}”`, `« ${name} »`, `${name}…`, `${name.toUpperCase()} – ${name}`]);
  expect(around.filter((name) => ungarbled(name) !== null)).toEqual([]);
});

test.each(['latin1', 'windows-1251', 'windows-1250', 'macintosh'])(
  'UTF-8 that was taken for %s is told, and what it was',
  async (encoding) => {
    // Letters of Armenian are what chance makes of others.
    const names = LOCALES.filter((locale) => locale !== 'hy')
      .flatMap(namesOf)
      .filter((name) => !isAscii(name));
    // Where a byte is no character of the encoding, its letter is lost.
    const pairs = names
      .map((name) => [normalText(garble(name, encoding)), name] as const)
      .filter(([garbled]) => !garbled.includes(REPLACEMENT));
    const isWhole = ([garbled, name]: readonly [string, string]) => garbled === garble(name, encoding);
    const wrong = pairs.filter(isWhole).filter(([garbled, name]) => ungarbled(garbled) !== name);
    expect(wrong.length).toBeLessThan(0.02 * pairs.length);
    const candidates = await evaluate(
      pairs.map(([garbled]) => garbled),
      maybeGarbledSql('v'),
    );
    const missed = pairs.filter(([garbled], at) => ungarbled(garbled) !== null && candidates[at] !== true);
    expect(missed).toEqual([]);
  },
);

test.each([
  ['FranÃ§ois', 'François'],
  ['æ—¥æœ¬', '日本'],
  ['ä¸­', '中'],
  ['â‚¬5', '€5'],
  ['itâ€™s', 'it’s'],
  ['FranÃƒÂ§ois', 'François'],
  ['РџСЂРёРІРµС‚', 'Привет'],
  ['Fran√ßois', 'François'],
  ['譌･譛ｬ', '日本'],
  ['ï¿½', '\ufffd'],
  ['锟斤拷', '\ufffd\ufffd'],
  ['CAFÉ…', null],
  ['“CAFÉ”', null],
  ['SÃO', null],
  ['联通', null],
  ['一', null],
])('%s was %s', async (text, before) => {
  expect(ungarbled(text)).toBe(before);
  if (before) expect(await evaluate([text], maybeGarbledSql('v'))).toEqual([true]);
});
