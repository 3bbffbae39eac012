/** What a fault of a file is: what is done to a table or to the way it is written, and the place that must be told. */
import type { FindingCode } from '../../../src/datasets/ingest/finding';
import type { Random } from '../../support/random';
import type { SmallColumn, SmallTable, SmallType } from './small-table';
import type { Content } from './writings';

/** Where a finding must point to; what is left out may be anything. */
export interface Place {
  codes: FindingCode[];
  column?: string;
  row?: number;
  /** The file must not become a version. */
  refused?: boolean;
  /** The other columns come out as if there were no fault. */
  spares?: boolean;
}

export type WrittenFile = Content & { place: Place };

export interface Fault {
  name: string;
  /** Types of which the table has a column at least. */
  needs: SmallType[];
  make(table: SmallTable, random: Random): WrittenFile;
}

/** The first column of a type, and where it stands. */
export const columnOf = ({ columns }: SmallTable, type: SmallType): { at: number; column: SmallColumn } => {
  const at = columns.findIndex((column) => column.type === type);
  return { at, column: columns[at] };
};

/** Any row but the first, which a reader may take for something else. */
export const anyRow = ({ rowCount }: SmallTable, random: Random): number => 1 + random.below(rowCount - 1);

/** What a cell becomes, as text, in formats that hold texts. */
export interface CellFault {
  name: string;
  needs: SmallType;
  codes: FindingCode[];
  cell: string;
}

export const CELLS: CellFault[] = [
  { name: 'a word among whole numbers', needs: 'INTEGER', codes: ['MIXED_TYPES'], cell: 'twelve' },
  { name: 'a word among numbers', needs: 'NUMBER', codes: ['MIXED_TYPES'], cell: 'abc' },
  { name: 'a word among times', needs: 'TIMESTAMP', codes: ['MIXED_TYPES'], cell: 'tomorrow' },
  { name: 'a day that is none', needs: 'TIMESTAMP', codes: ['MIXED_TYPES'], cell: '2023-02-30' },
  { name: 'a word among dates', needs: 'DATE', codes: ['MIXED_TYPES'], cell: 'tomorrow' },
  { name: 'a month that is none', needs: 'DATE', codes: ['MIXED_TYPES'], cell: '2023-13-01' },
  { name: 'an hour that is none', needs: 'TIME', codes: ['MIXED_TYPES'], cell: '12:61:00' },
  { name: 'a word among times of day', needs: 'TIME', codes: ['MIXED_TYPES'], cell: 'noon' },
  { name: 'a word among durations', needs: 'DURATION', codes: ['MIXED_TYPES'], cell: 'long' },
  { name: 'digits with underscores', needs: 'INTEGER', codes: ['MIXED_TYPES'], cell: '1_000' },
];

const isOfFile: FindingCode[] = ['LEADING_ZEROS', 'LARGE_INTEGER'];

/** Where the fault of a cell is told: words for a property of the column name no row. */
export const cellPlace = (codes: FindingCode[], column: string, row: number): Place => ({
  ...{ codes, column, spares: true },
  ...(codes.some((code) => isOfFile.includes(code)) ? {} : { row: row + 1 }),
});
