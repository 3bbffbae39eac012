import type { DatasetFormat } from '../../../src/datasets';
import type { FindingCode } from '../../../src/datasets/ingest/finding';
import type { Random } from '../../support/random';
import { CSV_FAULTS } from './csv.faults';
import { CSV_LINE_FAULTS } from './csv-lines.faults';
import { anyRow, columnOf, type Fault } from './fault';
import { JSON_FAULTS } from './json.faults';
import { PARQUET_FAULTS } from './parquet.faults';
import type { SmallColumn, SmallTable, SmallType } from './small-table';
import { textFaults } from './text.faults';
import { WRITINGS } from './writings';

/** Faults of the content, which any format can hold. */
interface ContentFault {
  name: string;
  needs: SmallType;
  codes: FindingCode[];
  /** Changes the cells; gives the number of the row that must be told. */
  change(column: SmallColumn, table: SmallTable, random: Random): number | void;
  spares?: boolean;
}

const CONTENT: ContentFault[] = [
  { name: 'a constant', needs: 'TEXT', codes: ['CONSTANT'], change: ({ cells }) => void cells.fill('red') },
  { name: 'nothing at all', needs: 'TEXT', codes: ['ALL_MISSING'], change: ({ cells }) => void cells.fill(null) },
  {
    ...{ name: 'labels in two cases', needs: 'TEXT', codes: ['SIMILAR_VALUES'] },
    change: ({ cells }) => void (cells[1] = 'Red'),
  },
  {
    ...{ name: 'labels with two blanks', needs: 'TEXT', codes: ['SIMILAR_VALUES'] },
    change: ({ cells }) => void cells.splice(1, 2, 'blue  sky', 'blue sky'),
  },
  {
    ...{ name: 'most is missing', needs: 'NUMBER', codes: ['MISSING_VALUES'] },
    change: ({ cells }) => void cells.fill(null, 4),
  },
  {
    ...{ name: 'a number for missing', needs: 'INTEGER', codes: ['DISGUISED_MISSING'] },
    change: ({ cells }) => {
      cells.forEach((_, row) => (cells[row] = row % 5 === 2 ? -999 : (row * 7) % 50));
      return 3;
    },
  },
  {
    ...{ name: 'an outlier', needs: 'NUMBER', codes: ['OUTLIERS'] },
    change: ({ cells }, table, random) => {
      const far = anyRow(table, random);
      cells.forEach((_, row) => (cells[row] = row === far ? 1e7 : row * 1.25));
      return far + 1;
    },
  },
  {
    ...{ name: 'a row twice', needs: 'TEXT', codes: ['DUPLICATE_ROWS'] },
    change: (_column, { columns, rowCount }) => {
      columns.forEach(({ cells }) => (cells[rowCount - 1] = cells[0]));
    },
  },
];

const contentFault =
  (format: DatasetFormat) =>
  ({ name, needs, codes, change }: ContentFault): Fault => ({
    name,
    needs: [needs],
    make: (table, random) => {
      const { column } = columnOf(table, needs);
      const row = change(column, table, random);
      const isOfRow = codes.includes('DUPLICATE_ROWS');
      return {
        ...WRITINGS[format](table, random),
        place: { codes, ...(row !== undefined && { row }), ...(!isOfRow && { column: column.name, spares: true }) },
      };
    },
  });

/** The faults of each format, in the order in which an attack takes them. */
export const FAULTS: Record<DatasetFormat, Fault[]> = {
  CSV: [...CONTENT.map(contentFault('CSV')), ...CSV_FAULTS, ...CSV_LINE_FAULTS, ...textFaults('CSV')],
  JSONL: [...CONTENT.map(contentFault('JSONL')), ...JSON_FAULTS, ...textFaults('JSONL')],
  PARQUET: [...CONTENT.map(contentFault('PARQUET')), ...PARQUET_FAULTS],
};
