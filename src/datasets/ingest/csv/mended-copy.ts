import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PRIVATE_FILE } from '../../../kernel';
import { counted, info, type Finding } from '../finding';

/** What DuckDB would stumble over in a file that is good otherwise. */
export interface Blemishes {
  /** The bytes that hold data: behind `end` there are only Ctrl-Z and blanks. */
  end: number;
  byteCount: number;
  /** Byte order marks at the beginning of lines inside the file. */
  marks: boolean;
  /** Lines end in several ways. */
  mixedLineEnds: boolean;
}

const LINE_START_MARK = /(^|[\r\n])\xef\xbb\xbf/g;

/** The file itself when nothing is wrong with it, or a copy without the blemishes. */
export async function withoutBlemishes(from: string, to: string, blemishes: Blemishes): Promise<string> {
  const { end, byteCount, marks, mixedLineEnds } = blemishes;
  if (end === byteCount && !marks && !mixedLineEnds) return from;
  const steps: ((text: string) => string)[] = [];
  if (marks) steps.push((text) => text.replace(LINE_START_MARK, '$1'));
  if (mixedLineEnds) steps.push((text) => text.replace(/\r\n?/g, '\n'));
  const mend = lineWise((text) => steps.reduce((mended, step) => step(mended), text));
  await pipeline(createReadStream(from, { end: end - 1 }), mend, createWriteStream(to, PRIVATE_FILE));
  return to;
}

/** Gives pieces of a stream that end with a line to a function, so that none is cut where it matters. */
function lineWise(mend: (text: string) => string): Transform {
  let carry: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const bytes = carry.length > 0 ? Buffer.concat([carry, chunk]) : chunk;
      // A line feed may follow the last carriage return.
      const end = Math.max(bytes.lastIndexOf(LF), bytes.lastIndexOf(CR, -2)) + 1;
      carry = bytes.subarray(end);
      done(null, Buffer.from(mend(bytes.toString('latin1', 0, end)), 'latin1'));
    },
    flush(done) {
      done(null, Buffer.from(mend(carry.toString('latin1')), 'latin1'));
    },
  });
}

const LF = 10;
const CR = 13;
const CTRL_Z = '\x1a';
const TAIL_BYTES = 65_536;

/**
 * Where the data of a text file end: before a Ctrl-Z, with which old programs mark the end, and before last lines that hold
 * only some of `blanks`; without any, blank lines are data.
 */
export async function endOfData(path: string, byteCount: number, blanks: string): Promise<number> {
  const start = Math.max(0, byteCount - TAIL_BYTES);
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(byteCount - start), 0, byteCount - start, start);
    const tail = buffer.toString('latin1', 0, bytesRead);
    // Searched from the end: a pattern with an end to match would look at every run of blanks before it.
    let run = tail.length;
    while (run > 0 && ` \r\n\x1a${blanks}`.includes(tail[run - 1])) run--;
    const rest = tail.slice(run);
    const mark = rest.indexOf(CTRL_Z);
    let kept = mark < 0 ? rest : rest.slice(0, mark);
    while (mark >= 0 && kept.endsWith(' ')) kept = kept.slice(0, -1);
    const blank = blanks ? new RegExp(`[\r\n][${blanks}][${blanks}\r\n]*$`).exec(kept) : null;
    return start + run + (blank ? blank.index + 1 : kept.length);
  } finally {
    await file.close();
  }
}

/** What is said of what was read over. */
export function skipped(found: { separator: boolean; marks: number; tail: boolean }): Finding[] {
  const parts = [
    ...(found.separator ? ['the line that names the delimiter (sep=)'] : []),
    ...(found.marks > 0 ? [`${counted(found.marks, 'byte order mark')} inside the file`] : []),
    ...(found.tail ? ['Ctrl-Z or blanks behind the last row'] : []),
  ];
  if (parts.length === 0) return [];
  const message = `Read over, as it carries no data: ${parts.join(', ')}.`;
  return [info('SKIPPED', { message, fix: 'Nothing to do.' })];
}
