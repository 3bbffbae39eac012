import { either, type Format, quoted, replace } from './format';

/** Words for true and false: the first pair is recognised, the others are read where a person says that they mean it. */
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
];

export const BOOLEAN_FORMATS: readonly Format[] = WORDS.map(([yes, no]) => ({
  kind: 'boolean',
  name: `${yes}, ${no}`,
  pattern: either(quoted(yes), quoted(no)),
  rewrites: [{ do: 'lower' }, replace(`^${quoted(yes)}$`, 'true'), replace(`^${quoted(no)}$`, 'false')],
}));
