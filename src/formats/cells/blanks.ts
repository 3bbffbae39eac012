import type { Format } from '../format';

/** Blanks besides the common one that stand within dates, times and durations. */
const OTHERS = '\u00a0\u2009\u202f\u3000';
/** A class of characters, or a blank. */
const PART = /\[[^\]]*\]| /g;

/** A format that reads each blank of its pattern in other forms as well. */
export const inAnyBlanks = (format: Format): Format =>
  format.pattern.includes(' ')
    ? {
        ...format,
        pattern: format.pattern.replace(PART, (part) =>
          part === ' ' ? `[ ${OTHERS}]` : part.replace(' ', ` ${OTHERS}`),
        ),
        rewrites: [{ do: 'map', from: OTHERS, to: ' '.repeat(OTHERS.length) }, ...format.rewrites],
      }
    : format;
