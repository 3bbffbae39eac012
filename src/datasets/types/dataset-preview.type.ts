import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, ObjectType } from 'type-graphql';
import {
  CUT_MARK,
  PREVIEW_BYTES_MAX,
  PREVIEW_ROWS_MAX,
  PREVIEW_TEXT_MAX,
  rowOf,
  type Cell,
} from '../ingest/profile/preview';

/** Counted as so many fields: it is read as a whole, however few rows are asked for. */
export const PREVIEW_COST = 100;

@ObjectType({ description: 'The first rows of a dataset version, as they were read.' })
export class DatasetPreview {
  @Field(() => [String], {
    description: 'Names of the columns in the order of the file, which the keys of a JSON object may not keep.',
  })
  columnNames!: string[];

  @Field(() => [GraphQLJSONObject], {
    description:
      'Rows in the order of the file, each an object from column name to value, in the form that `rows` of `predict` take ' +
      '(without the columns that the model does not read): ' +
      'numbers; true and false; text; dates, times, times of day and durations as ISO 8601 (2024-05-17T10:20:00Z, 07:30:00, PT1H30M0S), ' +
      'in versions of readers before 3 (`readerVersion`) as numbers; null for what is missing. ' +
      `A text of more than ${PREVIEW_TEXT_MAX} characters is cut there and ends in ${JSON.stringify(CUT_MARK)}. ` +
      `Of each version the first ${PREVIEW_ROWS_MAX} rows are kept, fewer where these take more than ${PREVIEW_BYTES_MAX / 1024} KiB.`,
  })
  rows!: Record<string, Cell>[];
}

export const previewOf = (columns: readonly { name: string }[], rows: Cell[][]): DatasetPreview => ({
  columnNames: columns.map(({ name }) => name),
  rows: rows.map((row) => rowOf(columns, row)),
});
