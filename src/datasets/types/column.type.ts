import { GraphQLSafeInt } from 'graphql-scalars';
import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { COLUMN_TYPES, type ColumnRole, type ColumnType, type Format } from '../../formats';
import type { ProfiledColumn } from '../ingest/ingest';

import * as profile from '../ingest/profile/sorted-numbers';

const COLUMN_TYPE_NAMES = Object.keys(COLUMN_TYPES) as ColumnType[];

export const ColumnTypeEnum = Object.fromEntries(COLUMN_TYPE_NAMES.map((name) => [name, name])) as {
  [T in ColumnType]: T;
};

const ColumnRoleEnum: { [R in ColumnRole]: R } = {
  FEATURE: 'FEATURE',
  TARGET_CANDIDATE: 'TARGET_CANDIDATE',
  IDENTIFIER: 'IDENTIFIER',
  CONSTANT: 'CONSTANT',
  EMPTY: 'EMPTY',
  TIME: 'TIME',
  FREE_TEXT: 'FREE_TEXT',
  SPLIT: 'SPLIT',
};

registerEnumType(ColumnTypeEnum, {
  name: 'ColumnType',
  description: 'Type of a column, inferred from all its values.',
  valuesConfig: COLUMN_TYPES,
});

registerEnumType(ColumnRoleEnum, {
  name: 'ColumnRole',
  description: 'A guess at what a column is for.',
  valuesConfig: {
    FEATURE: { description: 'Describes the row.' },
    TARGET_CANDIDATE: { description: 'Named like something to predict, or the last column.' },
    IDENTIFIER: { description: 'Names the row.' },
    CONSTANT: { description: 'One value only.' },
    EMPTY: { description: 'No value at all.' },
    TIME: { description: 'When the row happened.' },
    FREE_TEXT: { description: 'Sentences.' },
    SPLIT: { description: 'Says which rows are for train, test and validation.' },
  },
});

@ObjectType({ description: 'Counts of values in equally wide bins.' })
export class Histogram implements profile.Histogram {
  @Field(() => [Float], {
    description:
      'Bounds of the bins, ascending, one more than counts. A bin includes its lower bound; the last one includes both.',
  })
  edges!: number[];

  @Field(() => [GraphQLSafeInt], { description: 'Values per bin.' })
  counts!: number[];
}

@ObjectType({ description: 'Values below which the given share of the values lies, interpolated linearly.' })
export class Quantiles implements profile.Quantiles {
  @Field(() => Float, { description: '1 %.' })
  p1!: number;
  @Field(() => Float, { description: '5 %.' })
  p5!: number;
  @Field(() => Float, { description: '25 %, the lower quartile.' })
  p25!: number;
  @Field(() => Float, { description: '50 %, the median.' })
  p50!: number;
  @Field(() => Float, { description: '75 %, the upper quartile.' })
  p75!: number;
  @Field(() => Float, { description: '95 %.' })
  p95!: number;
  @Field(() => Float, { description: '99 %.' })
  p99!: number;
}

@ObjectType({ description: 'A value and how often it stands in the column.' })
export class TopValue {
  @Field({ description: 'The value as text; dates, times and durations in ISO 8601.' })
  value!: string;

  @Field(() => GraphQLSafeInt, { description: 'Rows with it.' })
  count!: number;
}

const NUMERIC =
  'null unless INTEGER, NUMBER, DATE or TIMESTAMP (both as milliseconds since 1970, UTC), TIME or DURATION (both as seconds), or when no value is there.';

@ObjectType({ description: 'What is known about a column of a dataset version.' })
export class ColumnProfile {
  /** Position in the Parquet file, from 0. */
  index!: number;

  @Field({ description: 'Name in the header, without blanks around it.' })
  name!: string;

  @Field(() => ColumnTypeEnum, { description: 'Inferred type.' })
  type!: ColumnType;

  @Field(() => ColumnRoleEnum, { description: 'Guess at its role.' })
  role!: ColumnRole;

  @Field(() => GraphQLSafeInt, { description: 'Rows without a value.' })
  missingCount!: number;

  @Field(() => GraphQLSafeInt, { description: 'Different values, missing not counted.' })
  distinctCount!: number;

  @Field(() => Float, { nullable: true, description: `Smallest value; ${NUMERIC}` })
  minimum!: number | null;

  @Field(() => Float, { nullable: true, description: `Largest value; ${NUMERIC}` })
  maximum!: number | null;

  @Field(() => Float, { nullable: true, description: `Arithmetic mean; ${NUMERIC}` })
  mean!: number | null;

  @Field(() => Float, { nullable: true, description: `Standard deviation of the sample (n - 1); ${NUMERIC}` })
  standardDeviation!: number | null;

  @Field(() => Quantiles, { nullable: true, description: `Exact quantiles; ${NUMERIC}` })
  quantiles!: Quantiles | null;

  @Field(() => Histogram, {
    nullable: true,
    description: `${profile.HISTOGRAM_BINS} bins, one if all values are equal; ${NUMERIC}`,
  })
  histogram!: Histogram | null;

  @Field(() => [TopValue], { description: `The ${profile.TOP_VALUES_MAX} most frequent values, most frequent first.` })
  topValues!: TopValue[];

  @Field(() => String, {
    nullable: true,
    description:
      'How its cells are written, such as "decimal comma"; `predict` reads texts in the same way. Null for texts that nothing stands around, for values that the file holds as such, and in versions read before this was kept.',
  })
  format!: string | null;

  /** The same for programs; left out in versions read before. */
  cellFormat?: Format | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Characters of the longest text; null unless TEXT or CATEGORY with a value.',
  })
  maximumLength!: number | null;
}

/** The profile as it is stored and shown. */
export function toColumnProfile({ numbers, text, format, ...column }: ProfiledColumn): ColumnProfile {
  const none = { minimum: null, maximum: null, mean: null, standardDeviation: null, quantiles: null, histogram: null };
  const written = { format: format?.name ?? null, cellFormat: format };
  return { ...column, ...written, ...(numbers ?? none), maximumLength: text?.maximumLength ?? null };
}
