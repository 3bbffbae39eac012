import type { ColumnType } from '../../../src/datasets/ingest/infer';
import type { FindingCode } from '../../../src/datasets/ingest/finding';
import { anyRow, type CellFault, cellPlace, CELLS, columnOf, type Fault, type Place } from './fault';
import type { SmallTable } from './small-table';
import { csvBytes, type CsvGrid, csvGrid, csvLines, type CsvStyle, csvStyle } from './writings';

/** Only where cells are texts without types. */
const CSV_CELLS: CellFault[] = [
  { name: 'an infinite number', needs: 'NUMBER', codes: ['INFINITE_VALUE', 'MIXED_TYPES'], cell: '1e999' },
  { name: 'the word for infinity', needs: 'INTEGER', codes: ['INFINITE_VALUE'], cell: '-inf' },
  { name: 'a leading zero', needs: 'INTEGER', codes: ['LEADING_ZEROS'], cell: '007' },
  { name: 'a key beyond 2^53', needs: 'INTEGER', codes: ['LARGE_INTEGER'], cell: '9007199254740993' },
  { name: 'a word for missing', needs: 'NUMBER', codes: ['DISGUISED_MISSING'], cell: 'unknown' },
  { name: 'a far year', needs: 'TIMESTAMP', codes: ['INFINITE_VALUE', 'MIXED_TYPES'], cell: '290000-01-01' },
];

const csvCell = ({ name, needs, codes, cell }: CellFault): Fault => ({
  name,
  needs: [needs],
  make: (table, random) => {
    const style = { ...csvStyle(random), missing: '' };
    const grid = csvGrid(table, style);
    const { at, column } = columnOf(table, needs);
    const row = anyRow(table, random);
    grid.rows[row][at] = cell;
    return { bytes: csvBytes(csvLines(grid, style), style), place: cellPlace(codes, column.name, row) };
  },
});

/** All cells of a column written in a way that leaves a doubt. */
const csvColumn = (name: string, needs: ColumnType, code: FindingCode, write: (row: number) => string): Fault => ({
  name,
  needs: [needs],
  make: (table, random) => {
    const style: CsvStyle = { ...csvStyle(random), decimal: '.', time: 'T and Z' };
    const [number] = table.columns.filter(({ type }) => type === 'NUMBER');
    const grid = csvGrid(table, style);
    const { at, column } = columnOf(table, needs);
    grid.rows.forEach((cells, row) => (cells[at] = write(row)));
    // A column with decimal points would tell that commas stand between thousands.
    const place: Place = { codes: [code], column: column.name, spares: number?.name !== column.name };
    return { bytes: csvBytes(csvLines(grid, style), style), place };
  },
});

/** A change of the grid, of the lines, or of the bytes of a CSV file. */
interface CsvChange {
  name: string;
  needs?: ColumnType[];
  style?: Partial<CsvStyle>;
  grid?(grid: CsvGrid, row: number, table: SmallTable): void;
  lines?(lines: string[], row: number, style: CsvStyle): void;
  bytes?(bytes: Buffer, row: number): Buffer;
  place(table: SmallTable, row: number): Place;
}

const PLAIN: Partial<CsvStyle> = { encoding: 'UTF-8', gzip: false, tail: '\n' };
/** As other programs than Excel write. */
const BARE: Partial<CsvStyle> = {
  ...{ ...PLAIN, quote: '"', quoting: 'needed', padding: '', decimal: '.' },
  ...{ separatorLine: false, endsDivided: false },
};

const CSV_CHANGES: CsvChange[] = [
  {
    ...{ name: 'a row without its last field', needs: ['NUMBER'] },
    grid: ({ rows }, row) => void rows[row].pop(),
    place: (_table, row) => ({ codes: ['RAGGED_ROW'], row: row + 1, refused: true }),
  },
  {
    name: 'a row with one more field',
    grid: ({ rows }, row) => void rows[row].push('more'),
    place: (_table, row) => ({ codes: ['RAGGED_ROW'], row: row + 1, refused: true }),
  },
  {
    ...{ name: 'text behind a quoted cell', style: { quote: '"' } },
    lines: (lines, row, { delimiter }) => void (lines[row + 1] = `"a"b${delimiter}${lines[row + 1]}`),
    place: (_table, row) => ({ codes: ['MALFORMED_QUOTE', 'RAGGED_ROW'], row: row + 1, refused: true }),
  },
  {
    ...{ name: 'a quote that never ends', style: { ...BARE } },
    lines: (lines) => void (lines[lines.length - 1] = `"${lines[lines.length - 1].replaceAll('"', '')}`),
    place: ({ rowCount }) => ({ codes: ['UNTERMINATED_QUOTE'], row: rowCount, refused: true }),
  },
  {
    ...{ name: 'a byte that is no UTF-8', style: PLAIN },
    bytes: (bytes) => Buffer.concat([bytes, Buffer.from('\xe9\n', 'latin1')]),
    place: () => ({ codes: ['WRONG_ENCODING'], refused: true }),
  },
  {
    ...{ name: 'a byte of NUL', style: PLAIN },
    bytes: (bytes) => Buffer.concat([bytes, Buffer.from([0, 10])]),
    place: () => ({ codes: ['BINARY_FILE'], refused: true }),
  },
  {
    name: 'a column without a name',
    grid: ({ header, rows }) => {
      header[1] = '';
      rows[0][1] ||= 'x';
    },
    place: () => ({ codes: ['EMPTY_HEADER'], row: 1, refused: true }),
  },
  {
    name: 'a name that stands twice',
    grid: ({ header }) => void (header[1] = header[0]),
    place: ({ columns }) => ({ codes: ['DUPLICATE_HEADER'], column: columns[0].name, refused: true }),
  },
  {
    name: 'blanks around a name',
    grid: ({ header }) => void (header[0] = `\u00a0${header[0]} `),
    place: ({ columns }) => ({ codes: ['HEADER_TRIMMED'], column: columns[0].name }),
  },
  {
    ...{ name: 'a header in the middle', needs: ['NUMBER'] },
    grid: ({ header, rows }, row) => void rows.splice(row, 0, [...header]),
    place: (_table, row) => ({ codes: ['REPEATED_HEADER'], row: row + 1 }),
  },
  {
    ...{ name: 'units below the header', needs: ['NUMBER', 'INTEGER'] },
    grid: ({ header, rows }) => void rows.unshift(header.map(() => 'mm')),
    place: () => ({ codes: ['UNITS_ROW', 'MIXED_TYPES'], row: 1 }),
  },
  {
    ...{ name: 'a title above the header', style: BARE },
    lines: (lines) => void lines.unshift('Report of May'),
    place: () => ({ codes: ['HEADER_MISPLACED'], refused: true }),
  },
  {
    ...{ name: 'no header', needs: ['NUMBER', 'INTEGER'], style: { missing: 'NA' } },
    grid: ({ header, rows }, _row, { columns }) => {
      const names = columns.map(({ type }, at) => (type === 'TEXT' ? `name ${at}` : `${at}.5`));
      header.splice(0, header.length, ...names);
      rows.forEach((cells) => cells.forEach((cell, at) => (cells[at] = cell || 'NA')));
    },
    place: () => ({ codes: ['HEADER_NUMERIC'] }),
  },
  {
    ...{ name: 'cut off', needs: ['NUMBER', 'TEXT'], style: { ...BARE, tail: '' } },
    grid: ({ rows }) => void rows.splice(-1, 1, ['red']),
    place: ({ rowCount }) => ({ codes: ['RAGGED_ROW'], row: rowCount, refused: true }),
  },
  {
    ...{ name: 'a delimiter of another kind', style: { ...BARE, delimiter: '^' } },
    place: () => ({ codes: ['DELIMITER_DOUBT', 'RAGGED_ROW', 'MALFORMED_QUOTE', 'NOT_A_TABLE'] }),
  },
];

const csvChange = ({
  name,
  needs = [],
  style,
  grid: change,
  lines: rewrite,
  bytes: spoil,
  place,
}: CsvChange): Fault => ({
  name,
  needs,
  make: (table, random) => {
    const own = { ...csvStyle(random), ...style };
    const grid = csvGrid(table, own);
    const row = anyRow(table, random);
    change?.(grid, row, table);
    const lines = csvLines(grid, own);
    rewrite?.(lines, row, own);
    const bytes = csvBytes(lines, own);
    return { bytes: spoil?.(bytes, row) ?? bytes, place: place(table, row) };
  },
});

export const CSV_FAULTS: Fault[] = [
  ...[...CELLS, ...CSV_CELLS].map(csvCell),
  csvColumn('thousands or decimals', 'INTEGER', 'COMMA_NUMBERS', (row) => `${1 + row},${100 + row}`),
  csvColumn('days or months', 'TIMESTAMP', 'TIME_FORMAT', (row) => `0${1 + (row % 9)}/0${1 + (row % 7)}/2023`),
  csvColumn('days before months', 'TIMESTAMP', 'TIME_FORMAT', (row) => `${1 + (row % 28)}.5.2023`),
  csvColumn('a currency', 'NUMBER', 'NUMBER_FORMAT', (row) => `$${row * 1.5}`),
  ...CSV_CHANGES.map(csvChange),
];
