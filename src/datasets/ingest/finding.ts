import type { ColumnType } from '../../formats';

export { shown } from '../../formats';

/** What can be said about a file or a column, with the words shown in the schema. The list is closed. */
export const FINDING_CODES = {
  EMPTY_FILE: 'The file has no content.',
  NO_ROWS: 'The file has a header but no row of data.',
  BINARY_FILE: 'The file is not text (an image, an archive, a spreadsheet …).',
  NOT_A_TABLE: 'Text that is no table: an HTML page, a Git LFS pointer, a form, columns of fixed width and others.',
  FORMAT_MISMATCH: 'The content is of another format than the data set.',
  WRONG_ENCODING: 'The text is not UTF-8; row and column name the first wrong byte.',
  TOO_LARGE: 'More bytes or values, once unpacked, than this server accepts, or than it has memory for.',
  TOO_MANY_COLUMNS: 'More columns than a data set may have.',
  HEADER_MISPLACED: 'Something else stands above the header, such as a title or comments.',
  DUPLICATE_HEADER: 'Two columns, or two keys of a JSON object, have the same name.',
  EMPTY_HEADER: 'A column with values has no name.',
  RAGGED_ROW: 'Rows have more or fewer fields than the header.',
  MALFORMED_QUOTE: 'Text follows a closing quote.',
  UNTERMINATED_QUOTE: 'A quoted field never ends.',
  LONG_RECORD: 'A row is longer than 2,000,000 bytes.',
  BLANK_LINES: 'More than 100,000 blank lines between the rows.',
  INVALID_JSON: 'A line is not a JSON object.',
  NESTED_VALUE: 'A value is a list or an object; a data set holds plain values.',
  COLUMN_MISMATCH: 'A column is not as `columns` says: it is not there, or a value does not fit its type.',
  UNSUPPORTED_TYPE: 'A Parquet column of a nested or binary type.',
  UNREADABLE: 'The file cannot be read as what it says it is.',
  INGESTION_FAILED: 'The server could not finish; the file itself may be good.',
  STORAGE_FULL: 'The server has no space for the file at the moment; it is tried again.',
  ENCODING_CONVERTED: 'The text was UTF-16 and has been converted to UTF-8.',
  HEADER_TRIMMED: 'Blanks around a column name were removed.',
  HEADER_NUMERIC: 'Column names are numbers, dates or values of their columns: the first row may be data.',
  UNITS_ROW: 'The first row below the header looks like units or a second header.',
  REPEATED_HEADER: 'Rows repeat the names of the columns, as where files with headers were joined.',
  STRAY_ROW:
    'Rows without any value, a line drawn below the header, and a last row that looks like a total or a note below the table.',
  DELIMITER_DOUBT: 'Another separator stands in nearly every field, or in every row of the only column.',
  UNNAMED_COLUMN: 'A column without a name and without a value is left out.',
  SKIPPED:
    'Something that carries no data was read over: a "sep=" line, a byte order mark inside the file, Ctrl-Z or blanks at its end.',
  TEXT_KEPT: 'Texts that could be read as another type are kept as text, as the file says.',
  DIGITS_LOST: 'Decimal numbers with more digits than a number holds; they are rounded.',
  ALL_MISSING: 'The column holds no value.',
  MISSING_VALUES: 'The column has missing values.',
  DISGUISED_MISSING: 'Values such as "?" or -999 stand for missing values.',
  INFINITE_VALUE:
    'Infinite numbers, and times that are infinite or beyond the years -271821 to 275760; they are treated as missing.',
  MIXED_TYPES: 'Some values are not of the type of the others: a few are missing, or the column is text.',
  COMMA_NUMBERS: 'Numbers are written with a comma: how they were read, or why they are kept as text.',
  NUMBER_FORMAT:
    'Numbers are written with a currency, a unit or signs between thousands: how they were read, or why they are kept as text.',
  TIME_FORMAT:
    'Dates or times that are written in another way than ISO 8601, or with a zone in some rows only: how they were read, or why they are kept as text.',
  TEXT_FORMAT:
    'Texts stand in a form that a program has put around them, such as ="00001" of Excel: they are read without it.',
  SIMILAR_VALUES:
    'Texts that differ in case, blanks, unseen characters or letters of the same shape only, and numbers that are written in several ways.',
  GARBLED_TEXT:
    'Texts that were written in one encoding and read in another, such as FranÃ§ois, or that have lost letters (U+FFFD).',
  LEADING_ZEROS: 'Numbers with leading zeros are codes, so the column is text.',
  LARGE_INTEGER: 'Whole numbers beyond 2^53 lose digits as numbers, so the column is text.',
  CONSTANT: 'The column has one value only.',
  IDENTIFIER: 'Every row has its own value: a name of the row, not a property.',
  HIGH_CARDINALITY: 'A text column with very many different values.',
  OUTLIERS: 'Values further than three interquartile ranges from the quartiles.',
  EXCESS_ZEROS: 'A large share of an otherwise continuous column is zero.',
  DUPLICATE_ROWS: 'Rows that repeat an earlier row in every column.',
  UNCHANGED: 'The content equals the current version, so no new version was made.',
} as const;

export type FindingCode = keyof typeof FINDING_CODES;
export type FindingSeverity = 'INFO' | 'WARNING' | 'ERROR';

/** What may be said of a column so that its cells are read in one of their meanings. */
export interface SayableReading {
  type: ColumnType;
  /** By its name. */
  format: string;
}

export interface Finding {
  code: FindingCode;
  severity: FindingSeverity;
  /** Column name, or null when the finding is about the file or a row. */
  column: string | null;
  /** Data row, 1 is the first after the header; null when it is about a column or the file. */
  row: number | null;
  message: string;
  /** What the owner of the data can do. */
  fix: string;
  /** How many values, rows or columns it concerns; null when that has no meaning. */
  count: number | null;
  /** Of a column whose cells may be read in another way, or in several. */
  readings?: SayableReading[] | null;
  /** Where it is about a row: names of the columns that it spoils. */
  columns?: string[] | null;
}

export const FINDINGS_LISTED_MAX = 20;
export const COLUMNS_NAMED_MAX = 200;

type Details = Partial<Pick<Finding, 'column' | 'row' | 'count' | 'readings' | 'columns'>> & {
  message: string;
  fix: string;
};

const make =
  (severity: FindingSeverity) =>
  (code: FindingCode, details: Details): Finding => ({
    code,
    severity,
    column: details.column ?? null,
    row: details.row ?? null,
    message: details.message,
    fix: details.fix,
    count: details.count ?? null,
    ...(details.readings && { readings: details.readings }),
    ...(details.columns && { columns: details.columns.slice(0, COLUMNS_NAMED_MAX) }),
  });

export const info = make('INFO');
export const warning = make('WARNING');
export const refusal = make('ERROR');

/** The file cannot become a version; the findings say where and what to do. */
export class RefusedFile extends Error {
  constructor(readonly findings: Finding[]) {
    super(findings[0]?.message ?? 'The file was refused.');
    this.name = 'RefusedFile';
  }
}

export function refuse(code: FindingCode, details: Details): never {
  throw new RefusedFile([refusal(code, details)]);
}

export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;

/** A row that spoils several columns is told once: not again by what its cell does to each of them. */
export function withoutRepeats(findings: Finding[]): Finding[] {
  const rows = findings.filter(({ columns }) => columns);
  const isTold = ({ column, row, count }: Finding) =>
    column !== null && count === 1 && rows.some((told) => told.row === row && told.columns!.includes(column));
  return findings.filter((finding) => !isTold(finding));
}
