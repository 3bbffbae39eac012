/** What text files differ in whatever their format: how characters, lines and times are written. */
import { gzipSync } from 'node:zlib';
import type { Random } from '../../support/random';
import { pick, type Value } from './small-table';

const ENCODINGS: Record<string, (text: string) => Buffer> = {
  'UTF-8': (text) => Buffer.from(text),
  'UTF-8 with a mark': (text) => Buffer.from(`\ufeff${text}`),
  'UTF-16LE': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  'UTF-16BE': (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
};
const ENCODING_NAMES = Object.keys(ENCODINGS);

/** How a file is packed; tools that join packed files leave several members. */
const PACKINGS: Record<string, (bytes: Buffer) => Buffer> = {
  none: (bytes) => bytes,
  gzip: (bytes) => gzipSync(bytes),
  'gzip in two members': (bytes) => {
    const half = bytes.length >> 1;
    return Buffer.concat([gzipSync(bytes.subarray(0, half)), gzipSync(bytes.subarray(half), { level: 1 })]);
  },
};

export interface TextStyle {
  encoding: string;
  packing: keyof typeof PACKINGS;
  /** Of lines that take turns. */
  lineEnds: readonly string[];
  /** Behind the last line. */
  tail: string;
  /** Here and there a line without anything. */
  blankLines: boolean;
}

export const textStyle = (random: Random): TextStyle => ({
  encoding: random.next() < 0.6 ? 'UTF-8' : pick(random, ENCODING_NAMES),
  packing: random.next() < 0.9 ? 'none' : pick(random, ['gzip', 'gzip in two members']),
  lineEnds: pick(random, [['\n'], ['\n'], ['\r\n'], ['\n', '\r\n']]),
  tail: pick(random, ['\n', '\n', '\r\n', '', '', '\n\n\n', '\n\x1a', '\x1a']),
  blankLines: random.next() < 0.1,
});

/** The file of such lines. */
export function encoded(lines: string[], { encoding, packing, lineEnds, tail, blankLines }: TextStyle): Buffer {
  const all = blankLines ? lines.flatMap((line, at) => (at % 5 === 4 ? [line, ''] : [line])) : lines;
  const text = all.map((line, at) => (at === 0 ? '' : lineEnds[at % lineEnds.length]) + line).join('');
  return PACKINGS[packing](ENCODINGS[encoding](text + tail));
}

interface TimeForm {
  write(iso: string): string;
  /** Whether the times of a column can be told from what is written; all can where it is absent. */
  holds?(times: Date[]): boolean;
}

const two = (part: number): string => String(part).padStart(2, '0');
const date = (iso: string) => new Date(iso);
const clock = (iso: string): string => iso.slice(11, 19);
const isWholeSeconds = (times: Date[]): boolean => times.every((time) => time.getTime() % 1_000 === 0);
const isWholeDays = (times: Date[]): boolean => times.every((time) => time.getTime() % 86_400_000 === 0);
/** A day beyond the twelfth tells days from months. */
const isOrdered = (times: Date[]): boolean => isWholeSeconds(times) && times.some((time) => time.getUTCDate() > 12);
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const halfDay = (time: Date): string =>
  `${time.getUTCHours() % 12 || 12}:${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())} ${time.getUTCHours() < 12 ? 'AM' : 'PM'}`;

/** ISO 8601, as it is written here and there, and what programs of several countries write. */
const TIMES = {
  'T and Z': { write: (iso) => iso },
  'a blank': { write: (iso) => iso.replace('T', ' ').replace('Z', '') },
  'no parts of seconds': { write: (iso) => iso.replace('.000Z', 'Z').replace('T', ' ') },
  /** Whole days may leave out the time. */
  days: { write: (iso) => iso.replace('T00:00:00.000Z', '') },
  'an offset': { write: (iso) => iso.replace('Z', '+00:00') },
  'another zone': {
    write: (iso) => new Date(date(iso).getTime() + 5.5 * 3_600_000).toISOString().replace('Z', '+05:30'),
  },
  'no signs': { write: (iso) => iso.replace(/[-:]/g, '').replace('.000Z', 'Z'), holds: isWholeSeconds },
  slashes: { write: (iso) => iso.slice(0, 10).replaceAll('-', '/'), holds: isWholeDays },
  'points, day first': {
    write: (iso) => `${iso.slice(0, 10).split('-').reverse().join('.')} ${clock(iso)}`,
    holds: isOrdered,
  },
  'slashes, day first': {
    write: (iso) => iso.slice(0, 10).split('-').reverse().join('/'),
    holds: (times) => isOrdered(times) && isWholeDays(times),
  },
  'month first, half of the day': {
    write: (iso) => `${date(iso).getUTCMonth() + 1}/${date(iso).getUTCDate()}/${iso.slice(0, 4)} ${halfDay(date(iso))}`,
    holds: isOrdered,
  },
  'name of the month': {
    write: (iso) => `${MONTHS[date(iso).getUTCMonth()]} ${date(iso).getUTCDate()}, ${iso.slice(0, 4)}`,
    holds: isWholeDays,
  },
  'RFC 2822': { write: (iso) => date(iso).toUTCString(), holds: isWholeSeconds },
  'years, months, days of China': {
    write: (iso) => `${iso.slice(0, 4)}年${date(iso).getUTCMonth() + 1}月${date(iso).getUTCDate()}日`,
    holds: isWholeDays,
  },
} satisfies Record<string, TimeForm>;
export type TimeStyle = keyof typeof TIMES;
export const TIME_STYLES = Object.keys(TIMES) as TimeStyle[];

/** How the times of a column are written: in the style, or as ISO 8601 where the style does not hold them. */
export function timeWriter(cells: readonly Value[], style: TimeStyle): (value: Value) => string {
  const form: TimeForm = TIMES[style];
  const times = cells.flatMap((cell) => (cell === null ? [] : [new Date(cell as number)]));
  const { write } = form.holds?.(times) === false ? TIMES['T and Z'] : form;
  return (value) => write(new Date(value as number).toISOString());
}
