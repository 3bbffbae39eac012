import { counted, refuse, shown } from '../finding';

/** How much a file may hold, whatever it was packed to. */
export interface SizeLimits {
  /** Bytes of the unpacked file; of Parquet, of its values as they are read. */
  byteCountMax: number;
  /** Values: rows times columns. */
  cellCountMax: number;
  /** Bytes that a byte of gzip unpacks to, and values that a byte of Parquet is read as. */
  ratioMax: number;
}

/** Below this nobody is held up, however well it was packed. */
const RATIO_BYTES_MIN = 64 * 1024 * 1024;
/** Bytes of a value that is no text. */
const CELL_BYTES = 8;

const LESS = 'Send fewer rows or columns, or ask the operator to raise';

/** Asked while a file is read, and before where its own metadata says it. */
export function checkCells({ cellCountMax }: SizeLimits, rows: number, columns: number): void {
  const cells = rows * columns;
  if (cells <= cellCountMax) return;
  refuse('TOO_LARGE', {
    message: `The file holds at least ${counted(cells, 'value')} (${counted(rows, 'row')} of ${counted(columns, 'column')}); at most ${number(cellCountMax)} are accepted.`,
    fix: `${LESS} PRAXIS_INGEST_CELLS_MAX.`,
    count: cells,
  });
}

/** Of text files: `unpacked` bytes came out of `packed` ones. */
export function checkUnpacked({ byteCountMax, ratioMax }: SizeLimits, packed: number, unpacked: number): void {
  if (unpacked > byteCountMax) {
    refuse('TOO_LARGE', {
      message: `The unpacked file is larger than ${number(byteCountMax)} bytes.`,
      fix: `${LESS} PRAXIS_UPLOAD_BYTES_MAX; Parquet is smaller than text.`,
      count: unpacked,
    });
  }
  if (unpacked <= RATIO_BYTES_MIN || unpacked <= packed * ratioMax) return;
  refuse('TOO_LARGE', {
    message: `The gzip file unpacks to more than ${number(ratioMax)} times its size: ${counted(unpacked, 'byte')} came out of its first ${counted(packed, 'byte')}.`,
    fix: 'Check that it is data and not one text over and over; send it unpacked, or ask the operator to raise PRAXIS_INGEST_RATIO_MAX.',
    count: unpacked,
  });
}

/** Of Parquet, by what its metadata says: a few bytes may stand for any number of equal values. */
export function checkPackedCells({ ratioMax }: SizeLimits, packed: number, cells: number): void {
  if (cells * CELL_BYTES <= RATIO_BYTES_MIN || cells <= packed * ratioMax) return;
  refuse('TOO_LARGE', {
    message: `The file of ${counted(packed, 'byte')} stands for ${counted(cells, 'value')}; at most ${number(ratioMax)} for each byte are accepted.`,
    fix: 'Leave out columns that hold one value only, or ask the operator to raise PRAXIS_INGEST_RATIO_MAX.',
    count: cells,
  });
}

/** Of Parquet, by its texts, which a dictionary may repeat at no cost of bytes. */
export function checkDecoded({ byteCountMax }: SizeLimits, o: { plainCells: number; textBytes: number }): void {
  const byteCount = o.plainCells * CELL_BYTES + o.textBytes;
  if (byteCount <= byteCountMax) return;
  refuse('TOO_LARGE', {
    message: `The values of the file take ${counted(byteCount, 'byte')}; at most ${number(byteCountMax)} are accepted.`,
    fix: `${LESS} PRAXIS_UPLOAD_BYTES_MAX.`,
    count: byteCount,
  });
}

export const CELL_BYTES_MAX = 2_000_000;

/** Of Parquet; a value of text files is within a record, which is bounded. */
export function checkTextLength(column: string, byteCount: number): void {
  if (byteCount <= CELL_BYTES_MAX) return;
  refuse('LONG_RECORD', {
    column,
    message: `Column ${shown(column)} holds a text of ${counted(byteCount, 'byte')}; at most ${number(CELL_BYTES_MAX)} are accepted.`,
    fix: 'Shorten it, or leave the column out.',
    count: byteCount,
  });
}

const number = (value: number): string => value.toLocaleString('en-US');
