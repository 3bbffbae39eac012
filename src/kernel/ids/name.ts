import { ValidateBy } from 'class-validator';

/**
 * Characters that take no place or change the place of others (Unicode: controls, formats, line and paragraph separators,
 * halves of pairs, what is ignored by default), and blanks that have a shape of their own. Joiners inside of words and
 * emoji, and the choice of a picture for a character, mean something, so they stay.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800]/u;
const MEANT =
  /(?<=[\p{Script=Arabic}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])[\u200c\u200d](?=[\p{L}\p{Extended_Pictographic}])|(?<=[\p{Extended_Pictographic}\p{Emoji}])\ufe0f/gu;
const SEEN = /[^\p{White_Space}]/u;

/** What is wrong with a text as a name that people read; null when nothing is. */
export function nameFault(text: unknown, lengthMax: number): string | null {
  const rule = `takes 1 to ${lengthMax} characters`;
  if (typeof text !== 'string') return `${rule}, as a text`;
  if (text.length > lengthMax) return `${rule}, got ${text.length}`;
  if (!SEEN.test(text)) return `${rule}, of which one at least is no blank`;
  const [unseen] = UNSEEN.exec(text.replace(MEANT, '')) ?? [];
  if (unseen === undefined) return null;
  const code = unseen.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return `holds a character that is not seen, U+${code} at place ${text.indexOf(unseen) + 1}: leave it out`;
}

/** Of every field of an input that names something for people. */
export const IsName = (lengthMax = 200): PropertyDecorator =>
  ValidateBy({
    name: 'isName',
    validator: {
      validate: (value) => nameFault(value, lengthMax) === null,
      defaultMessage: (o) => nameFault(o?.value, lengthMax) ?? '',
    },
  });
