/** What text files differ in whatever their format: how characters and lines are written. */
import { gzipSync } from 'node:zlib';
import type { Random } from '../../support/random';
import { pick } from './small-table';

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
