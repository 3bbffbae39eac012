import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { PRIVATE_FILE } from '../../../kernel';
import { fileKind, type DatasetFormat, type FileKind } from './file-kind';
import { counted, info, refusal, refuse, RefusedFile, type Finding } from '../finding';
import { checkUnpacked, type SizeLimits } from './size-limits';

export interface Source {
  path: string;
  format: DatasetFormat;
  /** What was noticed on the way is added here. */
  findings: Finding[];
}

/**
 * Turns what was sent into a file of the promised format: unpacks gzip and converts UTF-16 into the scratch directory,
 * and refuses what is something else.
 */
export async function openSource(source: Source, scratch: string, limits: SizeLimits): Promise<Source> {
  const kind = await fileKind(source.path);
  if (kind.kind === 'gzip') {
    const path = join(scratch, 'unpacked');
    await unpack(source.path, path, limits);
    const inner = await fileKind(path);
    return openUnpacked({ ...source, path }, inner.kind === 'gzip' ? PACKED_TWICE : inner, scratch);
  }
  return openUnpacked(source, kind, scratch);
}

const PACKED_TWICE: FileKind = {
  kind: 'binary',
  name: 'packed with gzip twice',
  hint: 'unpack it once (gzip -d FILE)',
};

async function openUnpacked(source: Source, kind: FileKind, scratch: string): Promise<Source> {
  if (kind.kind === 'utf16') {
    const path = join(scratch, 'converted');
    await pipeline(createReadStream(source.path), decoder(kind.encoding), createWriteStream(path, PRIVATE_FILE));
    source.findings.push(
      info('ENCODING_CONVERTED', {
        message: 'The file was UTF-16 and has been converted to UTF-8.',
        fix: 'Nothing to do. Saving as "CSV UTF-8" makes the file smaller.',
      }),
    );
    checkFormat(source.format, await fileKind(path));
    return { ...source, path };
  }
  checkFormat(source.format, kind);
  return source;
}

function checkFormat(format: DatasetFormat, kind: FileKind): void {
  if (kind.kind === 'empty') {
    refuse('EMPTY_FILE', { message: 'The file is empty.', fix: 'Check the export, then send the file again.' });
  }
  if (kind.kind === 'binary') {
    refuse('BINARY_FILE', { message: `The file is ${kind.name}, not a table.`, fix: `Please ${kind.hint}.` });
  }
  if (kind.kind === 'other-text') {
    const { name, hint } = kind;
    const message = `The file is ${name}, not a table.`;
    refuse('NOT_A_TABLE', { message, fix: `Please ${hint}.` });
  }
  const actual = kind.kind === 'parquet' ? 'PARQUET' : kind.kind === 'text' && kind.looksLikeJson ? 'JSONL' : 'CSV';
  const text = format !== 'PARQUET';
  if (actual === format || (text && actual !== 'PARQUET' && format === 'JSONL')) return;
  refuse('FORMAT_MISMATCH', {
    message: `The data set expects ${format}, but the file ${described(actual)}.`,
    fix: `Send a ${format} file, or create the data set with format ${actual}.`,
  });
}

const described = (format: DatasetFormat): string =>
  ({ CSV: 'is text', PARQUET: 'is a Parquet file', JSONL: 'holds JSON objects' })[format];

async function unpack(from: string, to: string, limits: SizeLimits): Promise<void> {
  const gunzip = createGunzip();
  let unpackedBytes = 0;
  try {
    const limit = limited((unpacked) => {
      unpackedBytes = unpacked;
      checkUnpacked(limits, gunzip.bytesWritten, unpacked);
    });
    await pipeline(createReadStream(from), gunzip, limit, createWriteStream(to, PRIVATE_FILE));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!String(code).startsWith('Z_')) throw error;
    const { size } = await stat(from);
    throw brokenGzip({ isCut: code === 'Z_BUF_ERROR', byteCount: size, read: gunzip.bytesWritten, unpackedBytes });
  }
}

/** Nothing of it is read: what was unpacked before the place may be wrong too. */
function brokenGzip(o: { isCut: boolean; byteCount: number; read: number; unpackedBytes: number }): RefusedFile {
  const behind = `after ${counted(o.unpackedBytes, 'unpacked byte')}`;
  const [message, fix] = o.isCut
    ? [
        `The gzip file was cut off: it ends at byte ${o.byteCount.toLocaleString('en-US')} in the middle of its data, ${behind}.`,
        'Send the whole file; where it is as long as the original, pack that again ("gzip -t FILE" tests it).',
      ]
    : [
        `The gzip file is damaged, as is noticed behind byte ${o.read.toLocaleString('en-US')} of ${o.byteCount.toLocaleString('en-US')}, ${behind}.`,
        'Pack the original again ("gzip -t FILE" tests it), and send it in binary mode.',
      ];
  return new RefusedFile([refusal('UNREADABLE', { message, fix })]);
}

/** A small archive can unpack to terabytes, so its bytes are looked at as they come. */
function limited(check: (byteCount: number) => void): Transform {
  let byteCount = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      byteCount += chunk.length;
      try {
        check(byteCount);
        done(null, chunk);
      } catch (refused) {
        done(refused as Error);
      }
    },
  });
}

/** Replacing what cannot be decoded would change the data without a word. */
function decoder(encoding: 'utf-16le' | 'utf-16be'): Transform {
  const text = new TextDecoder(encoding, { fatal: true });
  let byteCount = 0;
  const step = (decode: () => string, done: (error: Error | null, text?: string) => void): void => {
    try {
      done(null, decode());
    } catch {
      done(new RefusedFile([brokenUtf16(byteCount)]));
    }
  };
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      byteCount += chunk.length;
      step(() => text.decode(chunk, { stream: true }), done);
    },
    flush: (done) => step(() => text.decode(), done),
  });
}

const brokenUtf16 = (byteCount: number): Finding =>
  refusal('WRONG_ENCODING', {
    message: `The file begins as UTF-16, but a character within its first ${counted(byteCount, 'byte')} is broken or cut off.`,
    fix: 'Export it again, best as "CSV UTF-8", and send the whole file.',
  });
