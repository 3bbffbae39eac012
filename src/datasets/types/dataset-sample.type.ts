import { hash } from 'node:crypto';
import { Field, ObjectType } from 'type-graphql';
import { GraphQLJSONObject, GraphQLSafeInt } from 'graphql-scalars';
import { rowOf, SAMPLE_ROWS_KEPT, type Cell, type NumberedRow } from '../ingest/profile/preview';

@ObjectType({ description: 'Rows of a dataset version drawn at random, as they were read.' })
export class DatasetSample {
  @Field(() => [String], { description: 'Names of the columns in the order of the file.' })
  columnNames!: string[];

  @Field(() => [GraphQLSafeInt], {
    description: 'Which rows of the file these are, ascending; 1 is the first after the header.',
  })
  rowNumbers!: number[];

  @Field(() => [GraphQLJSONObject], {
    description:
      `The rows in the form of \`preview\`, drawn from up to ${SAMPLE_ROWS_KEPT} rows that were drawn at random from all when the file was read; ` +
      'from fewer where these took more than 256 KiB.',
  })
  rows!: Record<string, Cell>[];
}

/** The rows whose numbers come first in an order that the seed gives. */
export function drawSample(
  columns: readonly { name: string }[],
  kept: readonly NumberedRow[],
  { rows, seed }: { rows: number; seed: number },
): DatasetSample {
  const keyed = kept.map((row) => ({ row, key: hash('sha256', `${seed} ${row[0]}`) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
  const drawn = keyed.slice(0, rows).map(({ row }) => row);
  drawn.sort((a, b) => a[0] - b[0]);
  return {
    columnNames: columns.map(({ name }) => name),
    rowNumbers: drawn.map(([number]) => number),
    rows: drawn.map(([, ...cells]) => rowOf(columns, cells)),
  };
}
