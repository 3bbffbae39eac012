import { open } from 'node:fs/promises';

export type DatasetFormat = 'CSV' | 'PARQUET' | 'JSONL';

/** What the first bytes say a file is. */
export type FileKind =
  | { kind: 'empty' }
  | { kind: 'gzip' }
  | { kind: 'parquet' }
  | { kind: 'utf16'; encoding: 'utf-16le' | 'utf-16be' }
  | { kind: 'binary'; name: string; hint: string }
  | { kind: 'text'; looksLikeJson: boolean };

const SHEET = 'export the sheet as CSV UTF-8';
const TABLE = 'send a CSV, JSON lines or Parquet file';
/** Signatures at the start of a file, as the owners of the formats publish them. */
const MAGIC: { bytes: number[]; name: string; hint: string }[] = [
  { bytes: [0x89, 0x50, 0x4e, 0x47], name: 'a PNG image', hint: TABLE },
  { bytes: [0xff, 0xd8, 0xff], name: 'a JPEG image', hint: TABLE },
  { bytes: [0x47, 0x49, 0x46, 0x38], name: 'a GIF image', hint: TABLE },
  { bytes: [0x25, 0x50, 0x44, 0x46], name: 'a PDF document', hint: TABLE },
  { bytes: [0x50, 0x4b, 0x03, 0x04], name: 'a ZIP archive or an Excel workbook', hint: `unpack it, or ${SHEET}` },
  { bytes: [0xd0, 0xcf, 0x11, 0xe0], name: 'an old Excel workbook', hint: SHEET },
  { bytes: [0x42, 0x5a, 0x68], name: 'a bzip2 archive', hint: 'unpack it, or pack it with gzip' },
  { bytes: [0xfd, 0x37, 0x7a, 0x58], name: 'an xz archive', hint: 'unpack it, or pack it with gzip' },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], name: 'a Zstandard archive', hint: 'unpack it, or pack it with gzip' },
  { bytes: [0x37, 0x7a, 0xbc, 0xaf], name: 'a 7z archive', hint: 'unpack it, or pack it with gzip' },
  { bytes: [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31], name: 'an Arrow file', hint: 'write it as Parquet' },
  { bytes: [0x7f, 0x45, 0x4c, 0x46], name: 'a program', hint: TABLE },
];

export async function fileKind(path: string): Promise<FileKind> {
  return kindOf(await head(path, 65_536));
}

export function kindOf(bytes: Buffer): FileKind {
  if (bytes.length === 0) return { kind: 'empty' };
  if (startsWith(bytes, [0x1f, 0x8b])) return { kind: 'gzip' };
  if (startsWith(bytes, [0x50, 0x41, 0x52, 0x31])) return { kind: 'parquet' };
  if (startsWith(bytes, [0xff, 0xfe])) return { kind: 'utf16', encoding: 'utf-16le' };
  if (startsWith(bytes, [0xfe, 0xff])) return { kind: 'utf16', encoding: 'utf-16be' };
  const known = MAGIC.find((magic) => startsWith(bytes, magic.bytes));
  if (known) return { kind: 'binary', name: known.name, hint: known.hint };
  const text = bytes.subarray(startsWith(bytes, [0xef, 0xbb, 0xbf]) ? 3 : 0);
  if (text.length === 0) return { kind: 'empty' };
  return { kind: 'text', looksLikeJson: /^\s*\{\s*("|\})/.test(text.subarray(0, 4096).toString('latin1')) };
}

export async function head(path: string, byteCount: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(byteCount), 0, byteCount, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

const startsWith = (bytes: Buffer, prefix: number[]): boolean => prefix.every((byte, index) => bytes[index] === byte);
