import { open } from 'node:fs/promises';
import { kindOfText, type NamedKind } from './text-kind';

export type DatasetFormat = 'CSV' | 'PARQUET' | 'JSONL';

/** What the first bytes say a file is. */
export type FileKind =
  | { kind: 'empty' }
  | { kind: 'gzip' }
  | { kind: 'parquet' }
  | { kind: 'utf16'; encoding: 'utf-16le' | 'utf-16be' }
  | ({ kind: 'binary' } & NamedKind)
  | ({ kind: 'other-text' } & NamedKind)
  | { kind: 'text'; looksLikeJson: boolean };

interface Signature extends NamedKind {
  /** Where it stands; at the start unless given. */
  at?: number;
  bytes: Buffer;
}

const SHEET = 'export the sheet as CSV UTF-8';
const TABLE = 'send a CSV, JSON Lines or Parquet file';
const UNPACK = 'unpack it, or pack it with gzip';
const PARQUET = 'write the table as Parquet or CSV, from Python: pandas.DataFrame(…).to_parquet(FILE)';

const hex = (bytes: string): Buffer => Buffer.from(bytes, 'hex');
const word = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Signatures of files, as the owners of the formats publish them. */
const SIGNATURES: Signature[] = [
  { bytes: hex('89504e47'), name: 'a PNG image', hint: TABLE },
  { bytes: hex('ffd8ff'), name: 'a JPEG image', hint: TABLE },
  { bytes: word('GIF8'), name: 'a GIF image', hint: TABLE },
  { bytes: hex('49492a00'), name: 'a TIFF image', hint: TABLE },
  { bytes: hex('4d4d002a'), name: 'a TIFF image', hint: TABLE },
  { at: 128, bytes: word('DICM'), name: 'a DICOM image', hint: TABLE },
  { at: 4, bytes: word('ftyp'), name: 'a video or image (MP4, HEIC)', hint: TABLE },
  { bytes: word('RIFF'), name: 'a sound, video or image (RIFF)', hint: TABLE },
  { bytes: word('%PDF'), name: 'a PDF document', hint: TABLE },
  { bytes: word('%!PS'), name: 'a PostScript document', hint: TABLE },
  { bytes: word('{\\rtf'), name: 'a Rich Text document', hint: 'save it as plain text, or ' + SHEET },
  { bytes: word('PK\x03\x04'), name: 'a ZIP archive or an Excel workbook', hint: `unpack it, or ${SHEET}` },
  { bytes: hex('d0cf11e0'), name: 'an old Excel workbook or Word document', hint: SHEET },
  { at: 257, bytes: word('ustar'), name: 'a tar archive', hint: 'unpack it (tar -xf FILE) and send the table inside' },
  { bytes: word('BZh'), name: 'a bzip2 archive', hint: UNPACK },
  { bytes: hex('fd377a58'), name: 'an xz archive', hint: UNPACK },
  { bytes: hex('28b52ffd'), name: 'a Zstandard archive', hint: UNPACK },
  { bytes: hex('04224d18'), name: 'an LZ4 archive', hint: UNPACK },
  { bytes: hex('377abcaf'), name: 'a 7z archive', hint: UNPACK },
  { bytes: word('Rar!\x1a'), name: 'a RAR archive', hint: UNPACK },
  { bytes: word('ARROW1'), name: 'an Arrow file', hint: 'write it as Parquet' },
  { bytes: word('FEA1'), name: 'a Feather file', hint: 'write it as Parquet' },
  { bytes: word('ORC'), name: 'an ORC file', hint: 'write it as Parquet' },
  { bytes: word('Obj\x01'), name: 'an Avro file', hint: 'write it as Parquet' },
  { bytes: word('\x93NUMPY'), name: 'a NumPy array (.npy)', hint: PARQUET },
  { bytes: word('\x89HDF'), name: 'an HDF5 file', hint: PARQUET },
  { bytes: word('MATLAB 5.0'), name: 'a MATLAB file', hint: 'write the table as CSV: writetable(T, FILE)' },
  {
    bytes: word('SQLite format 3\0'),
    name: 'an SQLite database',
    hint: 'export a table: sqlite3 -csv -header FILE "SELECT …"',
  },
  { bytes: word('RDX'), name: 'an R data file', hint: 'write the table as CSV: write.csv(x, FILE, row.names = FALSE)' },
  { bytes: word('$FL2'), name: 'an SPSS file', hint: SHEET },
  { bytes: word('<stata_dta>'), name: 'a Stata file', hint: 'write the table as CSV: export delimited FILE' },
  { bytes: hex('7f454c46'), name: 'a program', hint: TABLE },
  { bytes: hex('cafebabe'), name: 'a program', hint: TABLE },
];

/** A pickle of protocol 2 to 5 begins with its number; of those before, with a letter, as text does. */
const PICKLE = /^(\x80[\x02-\x05]|\((dp|lp|i)\d|c[\w.]+\n[\w.]+\n)/;
/** ORC and others are words too: a signature of letters alone counts only in a file that is no text. */
const LETTERS = /^[\x20-\x7e]+$/;

export async function fileKind(path: string): Promise<FileKind> {
  return kindOf(await head(path, 65_536));
}

export function kindOf(bytes: Buffer): FileKind {
  if (bytes.length === 0) return { kind: 'empty' };
  if (startsWith(bytes, hex('1f8b'))) return { kind: 'gzip' };
  if (startsWith(bytes, word('PAR1'))) return { kind: 'parquet' };
  const known = SIGNATURES.find((signature) => bears(bytes, signature)) ?? pickleOf(bytes);
  if (known) return { kind: 'binary', name: known.name, hint: known.hint };
  if (startsWith(bytes, hex('fffe'))) return { kind: 'utf16', encoding: 'utf-16le' };
  if (startsWith(bytes, hex('feff'))) return { kind: 'utf16', encoding: 'utf-16be' };
  const text = bytes.subarray(startsWith(bytes, hex('efbbbf')) ? 3 : 0);
  if (text.length === 0) return { kind: 'empty' };
  const other = kindOfText(text.toString('utf8'));
  if (other) return { kind: 'other-text', ...other };
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

function bears(file: Buffer, { at = 0, bytes }: Signature): boolean {
  if (!startsWith(file.subarray(at), bytes)) return false;
  const isProven = bytes.length > 4 || !LETTERS.test(bytes.toString('latin1')) || bytes[0] === 0x25;
  return isProven || file.includes(0) || !isText(file);
}

const pickleOf = (file: Buffer): NamedKind | null =>
  PICKLE.test(file.toString('latin1', 0, 200)) ? { name: 'a Python pickle', hint: PARQUET } : null;

/** Whether a part of a file is UTF-8, but for a character that is cut at its end. */
const isText = (bytes: Buffer): boolean => !bytes.subarray(0, -3).toString('utf8').includes('\ufffd');

const startsWith = (bytes: Buffer, prefix: Buffer): boolean => bytes.subarray(0, prefix.length).equals(prefix);
