import type { FindingCode } from '../../../src/datasets/ingest/finding';
import { anyRow, type CellFault, cellPlace, CELLS, columnOf, type Fault, type Place } from './fault';
import { firstEmpty, type SmallTable, type SmallType } from './small-table';
import { jsonLines, jsonMembers, type JsonStyle, jsonStyle, jsonText } from './json.writing';
import { encoded } from './text.writing';

interface JsonChange {
  name: string;
  needs?: SmallType[];
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
  {
    ...{ name: 'a key twice, once by its number', codes: ['DUPLICATE_HEADER'], column: 'z' },
    members: (all) => void all.push('"z":1', '"\\u007a":2'),
  },
  {
    ...{ name: 'a time in an object', codes: ['NESTED_VALUE'], column: 'z' },
    members: (all) => void all.push('"z":{"$date":"2024-05-17T10:00:00Z"}'),
  },
  { name: 'words of Python', line: () => "{'a': True, 'b': None}", codes: ['INVALID_JSON'] },
  { name: 'words of Python in double quotes', line: () => '{"a": True, "b": None}', codes: ['INVALID_JSON'] },
  { name: 'two objects on a line', line: (line) => `${line} {"z":1}`, codes: ['INVALID_JSON'] },
  { name: 'a comment', line: () => '// the rest is of another day', codes: ['INVALID_JSON'] },
  { name: 'a comma before the end', members: (all) => void all.push('"z":1,'), codes: ['INVALID_JSON'] },
  { name: 'a number with a zero before', members: (all) => void all.push('"z":007'), codes: ['INVALID_JSON'] },
  { name: 'a number with a plus', members: (all) => void all.push('"z":+1'), codes: ['INVALID_JSON'] },
  { name: 'a tab inside a text', members: (all) => void all.push('"z":"a\tb"'), codes: ['INVALID_JSON'] },
  { name: 'a key without quotes', members: (all) => void all.push('z:1'), codes: ['INVALID_JSON'] },
  { name: 'a text that is cut', line: (line) => `${line.trimEnd().slice(0, -1)},"z":"ab`, codes: ['INVALID_JSON'] },
  { name: 'no member', line: () => '{}', codes: ['STRAY_ROW'], isRead: true },
  {
    ...{ name: 'a line longer than any', codes: ['LONG_RECORD'], style: { lineEnds: ['\n'] } },
    members: (all) => void all.push(`"z":"${'x'.repeat(2_000_001)}"`),
  },
];

const jsonChange = ({ name, needs = [], style, members: change, line, codes, column, isRead }: JsonChange): Fault => ({
  name,
  needs,
  make: (table, random) => {
    const json = { ...jsonStyle(random), ...style };
    const rows = jsonMembers(table, json, random);
    const row = anyRow(table, random);
    change?.(rows[row], table);
    const lines = jsonLines(rows, json);
    if (line) lines[row] = line(lines[row]);
    // A row may have no value by chance.
    const told = isRead ? firstEmpty(table.columns, row) : row;
    const place: Place = { codes, row: told + 1, refused: !isRead, ...(column !== undefined && { column }) };
    return { bytes: encoded(lines, json), place };
  },
});

/** A cell, or all cells, of a column of JSON Lines given another text. */
const jsonCell = ({ name, needs, codes }: CellFault, value: string, all = false): Fault => ({
  name,
  needs: [needs],
  make: (table, random) => {
    const json: JsonStyle = { ...jsonStyle(random), missing: 'null', ordered: true };
    const rows = jsonMembers(table, json, random);
    const { at, column } = columnOf(table, needs);
    const row = anyRow(table, random);
    for (const each of all ? rows.keys() : [row]) rows[each][at] = `${jsonText(column.name, json)}:${value}`;
    const place = all ? { codes, column: column.name, spares: true } : cellPlace(codes, column.name, row);
    return { bytes: encoded(jsonLines(rows, json), json), place };
  },
});

export const JSON_FAULTS: Fault[] = [
  ...CELLS.map((fault) => jsonCell(fault, JSON.stringify(fault.cell))),
  jsonCell({ name: 'infinity', needs: 'NUMBER', codes: ['INFINITE_VALUE'], cell: '' }, '-Infinity'),
  jsonCell({ name: 'a number too large', needs: 'NUMBER', codes: ['INFINITE_VALUE'], cell: '' }, '1e999'),
  jsonCell({ name: 'a key beyond 2^53', needs: 'INTEGER', codes: ['LARGE_INTEGER'], cell: '' }, '9007199254740993'),
  jsonCell({ name: 'true among numbers', needs: 'NUMBER', codes: ['MIXED_TYPES'], cell: '' }, 'true'),
  jsonCell({ name: 'numbers in quotes', needs: 'INTEGER', codes: ['TEXT_KEPT'], cell: '' }, '"17"', true),
  jsonCell({ name: 'days as whole numbers', needs: 'INTEGER', codes: ['TIME_FORMAT'], cell: '' }, '20240517', true),
  ...JSON_CHANGES.map(jsonChange),
  {
    ...{ name: 'a text in Latin-1', needs: [] },
    make: (table, random) => {
      const json: JsonStyle = { ...jsonStyle(random), encoding: 'UTF-8', packing: 'none' };
      const lines = jsonLines(jsonMembers(table, json, random), json);
      const row = anyRow(table, random);
      lines[row] = lines[row].replace(/\}[^}]*$/, ',"z":"@@@@"}');
      const bytes = Buffer.from(encoded(lines, json).toString('latin1').replace('@@@@', 'caf\xe9'), 'latin1');
      return { bytes, place: { codes: ['WRONG_ENCODING'], row: row + 1, refused: true } };
    },
  },
  {
    ...{ name: 'blanks around a key', needs: [] },
    make: (table, random) => {
      const json = jsonStyle(random);
      const [first, ...others] = table.columns;
      const padded = { ...table, columns: [{ ...first, name: `\u00a0${first.name} ` }, ...others] };
      const place: Place = { codes: ['HEADER_TRIMMED'], column: first.name };
      return { bytes: encoded(jsonLines(jsonMembers(padded, json, random), json), json), place };
    },
  },
  {
    ...{ name: 'cut off', needs: [] },
    make: (table, random) => {
      const json: JsonStyle = { ...jsonStyle(random), encoding: 'UTF-8', packing: 'none', tail: '' };
      const bytes = encoded(jsonLines(jsonMembers(table, json, random), json), json);
      const place: Place = { codes: ['INVALID_JSON'], row: table.rowCount, refused: true };
      return { bytes: bytes.subarray(0, -1 - json.blank.length), place };
    },
  },
];
