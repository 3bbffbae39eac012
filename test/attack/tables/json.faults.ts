import type { FindingCode } from '../../../src/datasets/ingest/finding';
import type { ColumnType } from '../../../src/datasets/ingest/infer';
import { anyRow, type CellFault, cellPlace, CELLS, columnOf, type Fault, type Place } from './fault';
import type { SmallTable } from './small-table';
import { encoded, jsonLines, jsonMembers, type JsonStyle, jsonStyle, jsonText } from './writings';

interface JsonChange {
  name: string;
  needs?: ColumnType[];
  style?: Partial<JsonStyle>;
  /** Adds to, or takes from, the members of one row. */
  members?(members: string[], table: SmallTable): void;
  line?(line: string): string;
  codes: FindingCode[];
  column?: string;
  /** The file can be read all the same. */
  isRead?: boolean;
}

const JSON_CHANGES: JsonChange[] = [
  { name: 'a line that is cut', line: (line) => line.trim().slice(0, -1), codes: ['INVALID_JSON'] },
  { name: 'a comma behind a line', line: (line) => `${line},`, codes: ['INVALID_JSON'] },
  { name: 'a line that is a list', line: () => '[1, 2]', codes: ['INVALID_JSON'] },
  { name: 'a line that is a number', line: () => '12', codes: ['INVALID_JSON'] },
  { name: 'single quotes', line: () => "{'a': 1}", codes: ['INVALID_JSON'] },
  { name: 'a value that is a list', members: (all) => void all.push('"z":[1]'), codes: ['NESTED_VALUE'], column: 'z' },
  {
    ...{ name: 'a value that is an object', codes: ['NESTED_VALUE'], column: 'z' },
    members: (all) => void all.push('"z":{"a":1}'),
  },
  {
    ...{ name: 'a key twice', codes: ['DUPLICATE_HEADER'], column: 'z' },
    members: (all) => void all.push('"z":1', '"z":2'),
  },
  {
    ...{ name: 'half of a pair', codes: ['INVALID_JSON'], column: 'z' },
    members: (all) => void all.push('"z":"\\ud83d"'),
  },
  { name: 'a key without a name', members: (all) => void all.push('"":1'), codes: ['EMPTY_HEADER'] },
];

const jsonChange = ({ name, needs = [], style, members: change, line, codes, column, isRead }: JsonChange): Fault => ({
  name,
  needs,
  make: (table, random) => {
    const own = { ...jsonStyle(random), ...style };
    const rows = jsonMembers(table, own, random);
    const row = anyRow(table, random);
    change?.(rows[row], table);
    const lines = jsonLines(rows, own);
    if (line) lines[row] = line(lines[row]);
    const place: Place = { codes, row: row + 1, refused: !isRead, ...(column !== undefined && { column }) };
    return { bytes: encoded(lines, own), place };
  },
});

/** A cell, or all cells, of a column of JSON Lines given another text. */
const jsonCell = ({ name, needs, codes }: CellFault, value: string, all = false): Fault => ({
  name,
  needs: [needs],
  make: (table, random) => {
    const own: JsonStyle = { ...jsonStyle(random), missing: 'null', ordered: true };
    const rows = jsonMembers(table, own, random);
    const { at, column } = columnOf(table, needs);
    const row = anyRow(table, random);
    for (const each of all ? rows.keys() : [row]) rows[each][at] = `${jsonText(column.name, own)}:${value}`;
    const place = all ? { codes, column: column.name, spares: true } : cellPlace(codes, column.name, row);
    return { bytes: encoded(jsonLines(rows, own), own), place };
  },
});

export const JSON_FAULTS: Fault[] = [
  ...CELLS.map((fault) => jsonCell(fault, JSON.stringify(fault.cell))),
  jsonCell({ name: 'infinity', needs: 'NUMBER', codes: ['INFINITE_VALUE'], cell: '' }, '-Infinity'),
  jsonCell({ name: 'a number too large', needs: 'NUMBER', codes: ['INFINITE_VALUE'], cell: '' }, '1e999'),
  jsonCell({ name: 'a key beyond 2^53', needs: 'INTEGER', codes: ['LARGE_INTEGER'], cell: '' }, '9007199254740993'),
  jsonCell({ name: 'true among numbers', needs: 'NUMBER', codes: ['MIXED_TYPES'], cell: '' }, 'true'),
  jsonCell({ name: 'numbers in quotes', needs: 'INTEGER', codes: ['TEXT_KEPT'], cell: '' }, '"17"', true),
  ...JSON_CHANGES.map(jsonChange),
];
