import type { FindingCode } from '../../../src/datasets/ingest/finding';
import { splitRecord } from '../../../src/datasets/ingest/csv/csv-records';
import { csvBytes, type CsvGrid, csvGrid, csvLines, type CsvStyle, csvStyle } from './csv.writing';
import { anyRow, type Fault, type Place } from './fault';
import { firstEmpty, type SmallTable, type SmallType } from './small-table';

/** A change of the grid, of the lines, or of the bytes of a CSV file. */
interface CsvChange {
  name: string;
  needs?: SmallType[];
  style?: Partial<CsvStyle>;
  grid?(grid: CsvGrid, row: number, table: SmallTable): void;
  lines?(lines: string[], row: number, style: CsvStyle): void;
  bytes?(bytes: Buffer, row: number): Buffer;
  place(table: SmallTable, row: number): Place;
}

const PLAIN: Partial<CsvStyle> = {
  ...{ encoding: 'UTF-8', packing: 'none', tail: '\n', blankLines: false, separatorLine: false },
};
/** As other programs than Excel write. */
const BARE: Partial<CsvStyle> = {
  ...{ ...PLAIN, quote: '"', quoting: 'needed', padding: '', quotePadding: '', decimal: '.', number: {} },
  ...{ endsDivided: false, beginsDivided: false, decomposed: false, missing: '' },
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
    // Of two names one is left, which looks like a title as well.
    place: () => ({ codes: ['EMPTY_HEADER', 'HEADER_MISPLACED'], refused: true }),
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
    place: () => ({ codes: ['DELIMITER_DOUBT'], spares: true }),
  },
  {
    ...{ name: 'a quote that opens and does not close', style: BARE },
    lines: (lines, row) => void (lines[row + 1] = `"${lines[row + 1].replaceAll('"', '')}`),
    place: (_table, row) => ({ codes: ['UNTERMINATED_QUOTE', 'MALFORMED_QUOTE'], row: row + 1, refused: true }),
  },
  {
    ...{ name: 'quotes behind a backslash', needs: ['TEXT'], style: BARE },
    lines: (lines, row, { delimiter }) =>
      void (lines[row + 1] = lines[row + 1].replace(/^[^]*?(?=[,;\t|])/, `"a${delimiter}\\"b\\"c"`)),
    place: (_table, row) => ({ codes: ['MALFORMED_QUOTE', 'RAGGED_ROW'], row: row + 1, refused: true }),
  },
  {
    ...{ name: 'typographic quotes around a delimiter', style: BARE },
    lines: (lines, row, { delimiter }) =>
      void (lines[row + 1] = `\u201ca${delimiter}b\u201d${delimiter}${lines[row + 1]}`),
    place: (_table, row) => ({ codes: ['RAGGED_ROW'], row: row + 1, refused: true }),
  },
  {
    ...{ name: 'a line break without quotes', style: BARE },
    lines: (lines, row) => void lines.splice(row + 1, 0, 'first half of a text'),
    place: (_table, row) => ({ codes: ['RAGGED_ROW'], row: row + 1, refused: true }),
  },
  {
    ...{ name: 'a comment between rows', style: BARE },
    lines: (lines, row) => void lines.splice(row + 1, 0, '# the rest is of another day'),
    place: (_table, row) => ({ codes: ['RAGGED_ROW'], row: row + 1, refused: true }),
  },
  {
    ...{ name: 'a row with another delimiter', style: { ...BARE, delimiter: ',' } },
    grid: ({ rows, header }, row) => void (rows[row] = [header.map(() => '7').join(';')]),
    place: (_table, row) => ({ codes: ['RAGGED_ROW'], row: row + 1, refused: true }),
  },
  {
    ...{ name: 'decimal commas that divide', needs: ['NUMBER', 'INTEGER'], style: { ...BARE, delimiter: ',' } },
    grid: ({ rows }, _row, { columns }) => {
      const at = columns.findIndex(({ type }) => type === 'NUMBER');
      rows.forEach((cells, row) => cells.splice(at, 1, `${row}`, '5'));
    },
    place: () => ({ codes: ['RAGGED_ROW'], refused: true }),
  },
  {
    ...{ name: 'whole lines in quotes', style: { ...BARE, delimiter: ',' } },
    lines: (lines) => lines.forEach((line, at) => (lines[at] = `"${line.replaceAll('"', '""')}"`)),
    place: () => ({ codes: ['DELIMITER_DOUBT'] }),
  },
  {
    ...{ name: 'a text in Latin-1', needs: ['TEXT'], style: BARE },
    ...inBytes('caf\xe9'),
  },
  { ...{ name: 'a text in Windows-1252', needs: ['TEXT'], style: BARE }, ...inBytes('10 \x80 \x96 more') },
  { ...{ name: 'a text in Shift-JIS', needs: ['TEXT'], style: BARE }, ...inBytes('\x93\xfa\x96\x7b') },
  { ...{ name: 'a text in GB18030', needs: ['TEXT'], style: BARE }, ...inBytes('\xc8\xd5\xb1\xbe') },
  { ...{ name: 'a text in KOI8-R', needs: ['TEXT'], style: BARE }, ...inBytes('\xf2\xcf\xd3\xd3\xc9\xd1') },
  { ...{ name: 'a byte of NUL inside', needs: ['TEXT'], style: BARE }, ...inBytes('a\0b', ['BINARY_FILE']) },
  {
    ...{ name: 'UTF-16 without a mark', style: PLAIN },
    bytes: (bytes) => Buffer.from(bytes.toString(), 'utf16le'),
    place: () => ({ codes: ['BINARY_FILE'], refused: true }),
  },
  {
    ...{ name: 'a row of names above the names', needs: ['NUMBER', 'INTEGER', 'TEXT'], style: BARE },
    lines: (lines, _row, { delimiter }) =>
      void lines.unshift(
        csvSplit(lines[0], delimiter)
          .map((_, at) => (at === 0 ? 'Group' : ''))
          .join(delimiter),
      ),
    place: () => ({ codes: ['HEADER_MISPLACED', 'EMPTY_HEADER'], refused: true }),
  },
  {
    ...{ name: 'merged cells in the header', needs: ['NUMBER', 'INTEGER', 'TEXT', 'NUMBER'] },
    grid: ({ header, rows }) => {
      const names = header.map((_, at) => ['height', 'mean', 'low', 'high', 'sum', 'label', 'last'][at]);
      rows.unshift(names);
      header.forEach((_, at) => (header[at] = at % 2 === 0 ? `Group ${at}` : ''));
    },
    place: () => ({ codes: ['HEADER_MISPLACED', 'EMPTY_HEADER'], refused: true }),
  },
  {
    ...{ name: 'comments above the header', style: BARE },
    lines: (lines) => void lines.unshift('# exported by a program', '# at noon'),
    place: () => ({ codes: ['HEADER_MISPLACED'], refused: true }),
  },
  {
    ...{ name: 'a title as wide as the table', needs: ['NUMBER', 'INTEGER', 'TEXT'] },
    grid: ({ header, rows }) => {
      rows.unshift([...header]);
      header.forEach((_, at) => (header[at] = at === 0 ? 'Report of May' : ''));
    },
    place: () => ({ codes: ['HEADER_MISPLACED', 'EMPTY_HEADER'], refused: true }),
  },
  {
    ...{ name: 'names in two languages', needs: ['NUMBER', 'INTEGER'], style: { missing: '' } },
    grid: ({ header, rows }) => void rows.unshift(header.map((_, at) => `Name ${'abcdefg'[at]}`)),
    place: () => ({ codes: ['UNITS_ROW', 'MIXED_TYPES'], row: 1 }),
  },
  {
    name: 'an index without a name',
    grid: ({ header, rows }) => {
      header.unshift('');
      rows.forEach((cells, row) => cells.unshift(String(row)));
    },
    place: () => ({ codes: ['EMPTY_HEADER'], row: 1, refused: true }),
  },
  {
    ...{ name: 'names of rows without a name', style: { endsDivided: false, beginsDivided: false } },
    grid: ({ rows }) => rows.forEach((cells, row) => cells.unshift(`r${row}`)),
    place: () => ({ codes: ['RAGGED_ROW'], row: 1, refused: true }),
  },
  {
    name: 'no name at all',
    grid: ({ header }) => void header.fill(''),
    place: () => ({ codes: ['EMPTY_HEADER', 'HEADER_MISPLACED'], refused: true }),
  },
  {
    name: 'a name twice, with a blank',
    grid: ({ header }) => void (header[1] = `${header[0]}\u00a0`),
    place: ({ columns }) => ({ codes: ['DUPLICATE_HEADER'], column: columns[0].name, refused: true }),
  },
  {
    ...{ name: 'a total below', needs: ['TEXT', 'NUMBER', 'INTEGER'] },
    grid: ({ rows }, _row, { columns }) => void rows.push(totalOf(columns.map(({ type }) => type))),
    place: ({ rowCount }) => ({ codes: ['STRAY_ROW', 'MIXED_TYPES'], row: rowCount + 1 }),
  },
  {
    ...{ name: 'a note below, as wide as the table', needs: ['TEXT', 'NUMBER'] },
    grid: ({ header, rows }) => void rows.push(header.map((_, at) => (at === 0 ? 'Source: our own figures' : ''))),
    place: ({ rowCount }) => ({ codes: ['STRAY_ROW', 'MIXED_TYPES'], row: rowCount + 1 }),
  },
  {
    ...{ name: 'a note below', style: BARE },
    lines: (lines) => void lines.push('', 'Source: our own figures'),
    place: ({ rowCount }) => ({ codes: ['RAGGED_ROW'], row: rowCount + 1, refused: true }),
  },
  {
    name: 'rows without a value',
    grid: ({ header, rows }, row) =>
      void rows.splice(
        row,
        0,
        header.map(() => ''),
        header.map(() => ''),
      ),
    place: ({ columns }, row) => ({ codes: ['STRAY_ROW'], row: Math.min(row, firstEmpty(columns, row)) + 1 }),
  },
  {
    ...{ name: 'a rule below the header', needs: ['TEXT', 'NUMBER'] },
    grid: ({ header, rows }) => void rows.unshift(header.map(() => '---')),
    place: () => ({ codes: ['STRAY_ROW'], row: 1 }),
  },
  {
    ...{ name: 'lines drawn around the table', style: { ...BARE, delimiter: '|' } },
    lines: (lines) => {
      const rule = '-'.repeat(30);
      lines.forEach((line, at) => (lines[at] = `|${line}|`));
      lines.splice(1, 0, rule);
      lines.unshift(rule);
      lines.push(rule);
    },
    place: () => ({ codes: ['HEADER_MISPLACED', 'RAGGED_ROW', 'NOT_A_TABLE'], refused: true }),
  },
  {
    ...{ name: 'a table as psql shows it', style: { ...BARE, delimiter: '|', padding: ' ' } },
    lines: (lines, _row, { delimiter }) => {
      lines.splice(
        1,
        0,
        csvSplit(lines[0], delimiter)
          .map(() => '-----')
          .join('+'),
      );
      lines.push(`(${lines.length - 2} rows)`);
    },
    place: () => ({ codes: ['HEADER_MISPLACED', 'RAGGED_ROW', 'NOT_A_TABLE'], refused: true }),
  },
  {
    ...{ name: 'another table below', style: BARE },
    lines: (lines, _row, { delimiter }) => void lines.push('', ['x', 'y', 'z', 'u', 'v', 'w', 'p'].join(delimiter)),
    place: ({ rowCount }) => ({ codes: ['RAGGED_ROW'], row: rowCount + 1, refused: true }),
  },
  {
    ...{ name: 'two files joined without a line end', style: BARE },
    lines: (lines, row) => void (lines[row + 1] += lines[0]),
    place: (_table, row) => ({ codes: ['RAGGED_ROW', 'MALFORMED_QUOTE'], row: row + 1, refused: true }),
  },
  {
    ...{ name: 'a row longer than any', needs: ['TEXT'], style: BARE },
    grid: ({ rows }, row, { columns }) =>
      void (rows[row][columns.findIndex(({ type }) => type === 'TEXT')] = 'x'.repeat(2_000_001)),
    place: (_table, row) => ({ codes: ['LONG_RECORD'], row: row + 1, refused: true }),
  },
  {
    ...{ name: 'too many columns', style: BARE },
    grid: ({ header, rows }) => {
      header.splice(0, header.length, ...Array.from({ length: 10_000 }, (_, at) => `c${at}`));
      rows.forEach((cells) => cells.splice(0, cells.length, ...Array.from({ length: 10_000 }, () => '1')));
    },
    place: () => ({ codes: ['TOO_MANY_COLUMNS'], refused: true }),
  },
  {
    name: 'no rows',
    grid: ({ rows }) => void rows.splice(0),
    place: () => ({ codes: ['NO_ROWS'], refused: true }),
  },
];

/** What stands in the last line of a report. */
const totalOf = (types: SmallType[]): string[] =>
  types.map((type, at) => (at === 0 ? 'Total' : type === 'NUMBER' || type === 'INTEGER' ? '1234' : ''));

const csvSplit = (line: string, delimiter: string): string[] => splitRecord(line, { delimiter, quote: '"' });

const PLACEHOLDER = '@@@@';

/** A cell of text whose bytes are no UTF-8: as Latin-1, what is written. */
function inBytes(cell: string, codes: FindingCode[] = ['WRONG_ENCODING']): Pick<CsvChange, 'grid' | 'bytes' | 'place'> {
  return {
    grid: ({ rows }, row, { columns }) =>
      void (rows[row][columns.findIndex(({ type }) => type === 'TEXT')] = PLACEHOLDER),
    bytes: (bytes) => Buffer.from(bytes.toString('latin1').replace(PLACEHOLDER, cell), 'latin1'),
    place: (_table, row) => ({ codes, row: row + 1, refused: true }),
  };
}

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
    const csv = csvStyle(random, style);
    const grid = csvGrid(table, csv);
    const row = anyRow(table, random);
    change?.(grid, row, table);
    const lines = csvLines(grid, csv);
    rewrite?.(lines, row, csv);
    const bytes = csvBytes(lines, csv);
    return { bytes: spoil?.(bytes, row) ?? bytes, place: place(table, row) };
  },
});

export const CSV_LINE_FAULTS: Fault[] = CSV_CHANGES.map(csvChange);
