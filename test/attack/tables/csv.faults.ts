import type { SmallType } from './small-table';
import type { FindingCode } from '../../../src/datasets/ingest/finding';
import { csvBytes, csvGrid, csvLines, type CsvStyle, csvStyle } from './csv.writing';
import { isMoment, ISO_STYLE } from './moments.writing';
import { anyRow, type CellFault, cellPlace, CELLS, columnOf, type Fault, type Place } from './fault';

/** Only where cells are texts without types. */
const CSV_CELLS: CellFault[] = [
  { name: 'an infinite number', needs: 'NUMBER', codes: ['INFINITE_VALUE', 'MIXED_TYPES'], cell: '1e999' },
  { name: 'the word for infinity', needs: 'INTEGER', codes: ['INFINITE_VALUE'], cell: '-inf' },
  { name: 'a leading zero', needs: 'INTEGER', codes: ['LEADING_ZEROS'], cell: '007' },
  { name: 'a key beyond 2^53', needs: 'INTEGER', codes: ['LARGE_INTEGER'], cell: '9007199254740993' },
  { name: 'a word for missing', needs: 'NUMBER', codes: ['DISGUISED_MISSING'], cell: 'unknown' },
  { name: 'a far year', needs: 'TIMESTAMP', codes: ['INFINITE_VALUE', 'MIXED_TYPES'], cell: '290000-01-01' },
  { name: 'a comma among points', needs: 'NUMBER', codes: ['MIXED_TYPES', 'COMMA_NUMBERS'], cell: '1,5' },
  { name: 'another order of the day', needs: 'TIMESTAMP', codes: ['MIXED_TYPES'], cell: '05/06/2023' },
  { name: 'a number that is too wide for its cell', needs: 'NUMBER', codes: ['MIXED_TYPES'], cell: '########' },
  { name: 'a formula that is not done', needs: 'INTEGER', codes: ['MIXED_TYPES'], cell: 'Loading...' },
  { name: 'a letter for a digit', needs: 'INTEGER', codes: ['MIXED_TYPES'], cell: '1O5' },
  { name: 'nothing to see inside a number', needs: 'INTEGER', codes: ['MIXED_TYPES'], cell: '1\u200b5' },
  { name: 'a truth among numbers', needs: 'INTEGER', codes: ['MIXED_TYPES'], cell: 'TRUE' },
  { name: 'a range among numbers', needs: 'INTEGER', codes: ['MIXED_TYPES'], cell: '10-12' },
  { name: 'a hexadecimal number', needs: 'INTEGER', codes: ['MIXED_TYPES'], cell: '0x1F' },
];

const csvCell = ({ name, needs, codes, cell }: CellFault): Fault => ({
  name,
  needs: [needs],
  make: (table, random) => {
    const style: CsvStyle = csvStyle(random, { missing: '', ...(codes.length > 1 && { decimal: '.', number: {} }) });
    if (isMoment(needs)) style.moments = ISO_STYLE;
    const grid = csvGrid(table, style);
    const { at, column } = columnOf(table, needs);
    const row = anyRow(table, random);
    grid.rows[row][at] = cell;
    return { bytes: csvBytes(csvLines(grid, style), style), place: cellPlace(codes, column.name, row) };
  },
});

/** All cells of a column written in a way that leaves a doubt, or that is worth a word. */
interface ColumnFault {
  name: string;
  needs: SmallType;
  codes: FindingCode[];
  style?: Partial<CsvStyle>;
  write: (row: number) => string;
}

const two = (part: number): string => String(part).padStart(2, '0');
const wide = (digits: string): string => digits.replace(/\d/g, (d) => String.fromCharCode(0xff10 + Number(d)));

const CSV_COLUMNS: ColumnFault[] = [
  {
    ...{ name: 'thousands or decimals', needs: 'INTEGER', codes: ['COMMA_NUMBERS'] },
    write: (row) => `${1 + row},${100 + row}`,
  },
  {
    ...{
      name: 'points of thousands, among decimal commas',
      needs: 'INTEGER',
      codes: ['COMMA_NUMBERS', 'NUMBER_FORMAT'],
    },
    ...{ style: { decimal: ',' }, write: (row) => (row % 3 === 0 ? `${900 + row}` : `${1 + row}.${100 + row}`) },
  },
  {
    ...{ name: 'days or months', needs: 'TIMESTAMP', codes: ['TIME_FORMAT'] },
    write: (row) => `0${1 + (row % 9)}/0${1 + (row % 7)}/2023`,
  },
  {
    ...{ name: 'days before months', needs: 'TIMESTAMP', codes: ['TIME_FORMAT'] },
    write: (row) => `${1 + (row % 28)}.5.2023`,
  },
  {
    ...{ name: 'years of two digits', needs: 'TIMESTAMP', codes: ['TIME_FORMAT'] },
    write: (row) => `${two(1 + (row % 12))}/${two(1 + (row % 28))}/24`,
  },
  {
    ...{ name: 'days as whole numbers', needs: 'INTEGER', codes: ['TIME_FORMAT'] },
    write: (row) => `202405${two(1 + (row % 28))}`,
  },
  {
    ...{ name: 'a zone in some rows', needs: 'TIMESTAMP', codes: ['TIME_FORMAT'] },
    write: (row) => `2024-05-${two(1 + (row % 28))}T10:00:00${row % 2 ? 'Z' : ''}`,
  },
  {
    ...{ name: 'times of day', needs: 'INTEGER', codes: ['TIME_FORMAT'] },
    write: (row) => `${two(row % 24)}:${two((row * 7) % 60)}:00`,
  },
  { name: 'a currency', needs: 'NUMBER', codes: ['NUMBER_FORMAT'], write: (row) => `$${row * 1.5}` },
  { name: 'shares', needs: 'NUMBER', codes: ['NUMBER_FORMAT'], write: (row) => `${row * 1.5}%` },
  { name: 'wide digits', needs: 'INTEGER', codes: ['NUMBER_FORMAT'], write: (row) => wide(String(row * 37)) },
  {
    ...{ name: 'formulas around texts', needs: 'INTEGER', codes: ['TEXT_FORMAT'] },
    write: (row) => `="000${two(row)}"`,
  },
  {
    ...{ name: 'units of another case', needs: 'NUMBER', codes: ['NUMBER_FORMAT'] },
    write: (row) => `${row * 1.5} ${row % 3 === 1 ? 'MW' : 'mW'}`,
  },
  {
    ...{ name: 'a unit in two spellings', needs: 'NUMBER', codes: ['NUMBER_FORMAT'] },
    write: (row) => `${row * 1.5} ${row % 3 === 1 ? 'KG' : 'kg'}`,
  },
  {
    ...{ name: 'two currencies', needs: 'NUMBER', codes: ['NUMBER_FORMAT'] },
    write: (row) => (row % 2 ? `$${row * 1.5}` : `${row * 1.5} \u20ac`),
  },
  {
    ...{ name: 'addresses', needs: 'TEXT', codes: ['NUMBER_FORMAT'] },
    write: (row) => `192.168.${100 + row}.${150 + row}`,
  },
  {
    ...{ name: 'versions of three parts', needs: 'INTEGER', codes: ['NUMBER_FORMAT'] },
    write: (row) => `1.${100 + row}.200`,
  },
  {
    ...{ name: 'hours or minutes', needs: 'DURATION', codes: ['TIME_FORMAT'] },
    write: (row) => `${1 + (row % 8)}:${two((row * 7) % 60)}`,
  },
  {
    ...{ name: 'days or months, without times', needs: 'DATE', codes: ['TIME_FORMAT'] },
    write: (row) => `0${1 + (row % 9)}.0${1 + (row % 7)}.2023`,
  },
  {
    ...{ name: 'quarters', needs: 'DATE', codes: ['TIME_FORMAT'] },
    write: (row) => `20${10 + (row % 15)}Q${1 + (row % 4)}`,
  },
  {
    ...{ name: 'versions', needs: 'NUMBER', codes: ['SIMILAR_VALUES'] },
    write: (row) => ['1.1', '1.10', '1.2', '1.3'][row % 4],
  },
  {
    ...{ name: 'codes with E', needs: 'INTEGER', codes: ['SIMILAR_VALUES'] },
    write: (row) => ['12E5', '120E4', '7E3', '8E3'][row % 4],
  },
  {
    ...{ name: 'a truth that is often not known', needs: 'BOOLEAN', codes: ['DISGUISED_MISSING', 'MISSING_VALUES'] },
    write: (row) => ['true', 'false', 'unknown'][row % 3],
  },
  {
    ...{ name: 'labels of one look', needs: 'TEXT', codes: ['SIMILAR_VALUES'] },
    write: (row) => ['North East', 'north east', 'North  East', 'South'][row % 4],
  },
];

const csvColumn = ({ name, needs, codes, style, write }: ColumnFault): Fault => ({
  name,
  needs: [needs],
  make: (table, random) => {
    const csv: CsvStyle = csvStyle(random, { decimal: '.', number: {}, moments: ISO_STYLE, ...style });
    const [number] = table.columns.filter(({ type }) => type === 'NUMBER');
    const grid = csvGrid(table, csv);
    const { at, column } = columnOf(table, needs);
    grid.rows.forEach((cells, row) => (cells[at] = write(row)));
    // A column with decimal points would tell that commas stand between thousands.
    const place: Place = { codes, column: column.name, spares: number?.name !== column.name };
    return { bytes: csvBytes(csvLines(grid, csv), csv), place };
  },
});

export const CSV_FAULTS: Fault[] = [...[...CELLS, ...CSV_CELLS].map(csvCell), ...CSV_COLUMNS.map(csvColumn)];
