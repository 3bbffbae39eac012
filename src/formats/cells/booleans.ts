import { either, type Format, quoted, replace } from '../format';

/**
 * Words for true and false: the first pair is recognised, the others are read where a person says that they mean it. A word
 * means the same in all of them.
 */
const WORDS: readonly (readonly [string, string])[] = [
  ['true', 'false'],
  ['yes', 'no'],
  ['y', 'n'],
  ['t', 'f'],
  ['1', '0'],
  ['ja', 'nein'],
  ['oui', 'non'],
  ['s\u00ed', 'no'],
  ['\u662f', '\u5426'],
  ['\u306f\u3044', '\u3044\u3044\u3048'],
  ['\u0939\u093e\u0901', '\u0928\u0939\u0940\u0902'],
  ['wahr', 'falsch'],
  ['vrai', 'faux'],
  ['verdadero', 'falso'],
  ['si', 'no'],
  ['j', 'n'],
  ['o', 'n'],
  ['s', 'n'],
  ['\u771f', '\u5047'],
  ['\u771f', '\u507d'],
  ['\u0938\u0924\u094d\u092f', '\u0905\u0938\u0924\u094d\u092f'],
  ['on', 'off'],
];

export const BOOLEAN_FORMATS: readonly Format[] = WORDS.map(([yes, no]) => ({
  kind: 'boolean',
  name: `${yes}, ${no}`,
  pattern: either(quoted(yes), quoted(no)),
  rewrites: [{ do: 'lower' }, replace(`^${quoted(yes)}$`, 'true'), replace(`^${quoted(no)}$`, 'false')],
}));
