import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { GraphQLSafeInt } from 'graphql-scalars';
import { ColumnTypeEnum } from './column.type';
import {
  COLUMNS_NAMED_MAX,
  FINDING_CODES,
  type Finding,
  type FindingCode,
  type FindingSeverity,
  type SayableReading,
} from '../ingest/finding';
import type { ColumnType } from '../ingest/columns/infer';

const codes = Object.keys(FINDING_CODES) as FindingCode[];
export const FindingCodeEnum = Object.fromEntries(codes.map((code) => [code, code])) as { [C in FindingCode]: C };
const FindingSeverityEnum = { INFO: 'INFO', WARNING: 'WARNING', ERROR: 'ERROR' } as const;

registerEnumType(FindingCodeEnum, {
  name: 'FindingCode',
  description: 'What was found in a file or a column.',
  valuesConfig: Object.fromEntries(codes.map((code) => [code, { description: FINDING_CODES[code] }])),
});

registerEnumType(FindingSeverityEnum, {
  name: 'FindingSeverity',
  description: 'How serious a finding is.',
  valuesConfig: {
    INFO: { description: 'Good to know.' },
    WARNING: { description: 'Should probably be corrected before training.' },
    ERROR: { description: 'The file was refused because of it.' },
  },
});

@ObjectType({
  description:
    'A way in which the cells of a column may be meant, as `columns` of an upload or of `reingest` takes it.',
})
export class FindingReading implements SayableReading {
  @Field(() => ColumnTypeEnum, { description: 'The type of the column.' })
  type!: ColumnType;

  @Field({ description: 'How its cells are written, by the name of the format.' })
  format!: string;
}

@ObjectType({ description: 'Something noticed in uploaded data, with what to do about it.' })
export class DatasetFinding implements Finding {
  @Field(() => FindingCodeEnum, { description: 'What was found.' })
  code!: FindingCode;

  @Field(() => FindingSeverityEnum, { description: 'How serious it is.' })
  severity!: FindingSeverity;

  @Field(() => String, { nullable: true, description: 'Name of the column; null when it is about the file or a row.' })
  column!: string | null;

  @Field(() => GraphQLSafeInt, {
    nullable: true,
    description: 'Data row of the (first) case, 1 is the first row after the header; null where no row can be named.',
  })
  row!: number | null;

  @Field({ description: 'What was found, in words.' })
  message!: string;

  @Field({ description: 'What the owner of the data can do.' })
  fix!: string;

  @Field(() => GraphQLSafeInt, { nullable: true, description: 'How many values, rows or columns it concerns.' })
  count!: number | null;

  @Field(() => [FindingReading], {
    nullable: true,
    description:
      'Where cells can be read in another way than they were, or in several: what to say of the column, one of these. Null where there is ' +
      'nothing to choose, and of versions made before.',
  })
  readings?: FindingReading[] | null;

  @Field(() => [String], {
    nullable: true,
    description: `Where one row spoils several columns, as units below the header do: their names, ${COLUMNS_NAMED_MAX} at most. Null for other findings.`,
  })
  columns?: string[] | null;
}
