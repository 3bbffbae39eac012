import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import type {
  HistoryCard as EngineHistoryCard,
  IdVocabulary as EngineIdVocabulary,
  InputField as EngineInputField,
  RareLevels as EngineRareLevels,
} from '../engine';
import { StepKind } from '../pipelines';

export const InputTypeEnum = { NUMBER: 'number', CATEGORY: 'category' } as const;

registerEnumType(InputTypeEnum, {
  name: 'ModelInputType',
  description: 'What a model reads from a column.',
  valuesConfig: {
    NUMBER: { description: 'A number; null, NaN and infinity count as missing.' },
    CATEGORY: { description: 'Text; null and the empty text count as missing.' },
  },
});

@ObjectType({
  description:
    'Texts that training saw and the model does not tell apart, as they are too rare or too many: `predict` notes them as RARE.',
})
export class RareLevels implements EngineRareLevels {
  @Field(() => Int, { description: 'How many there are.' })
  count!: number;

  @Field(() => Float, { description: 'Share of the training rows that hold the most frequent of them, 0 to 1.' })
  largestShare!: number;

  @Field(() => [String], {
    nullable: true,
    description:
      'The texts in order; null where there are more than 10,000, or 500,000 characters. About one unseen text in a hundred is ' +
      'then noted as RARE instead of UNSEEN.',
  })
  texts!: string[] | null;

  filter?: EngineRareLevels['filter'];
}

@ObjectType({ description: 'One column a model reads.' })
export class ModelInput implements EngineInputField {
  @Field({ description: 'Name of the column, the key in `rows` of `predict`.' })
  name!: string;

  @Field(() => InputTypeEnum, { description: 'What the model reads from the column.' })
  type!: EngineInputField['type'];

  /** Shown by the file itself. */
  elementType?: EngineInputField['elementType'];

  @Field(() => Float, { nullable: true, description: 'Smallest value in training; null for text.' })
  minimum!: number | null;

  @Field(() => Float, { nullable: true, description: 'Largest value in training; null for text.' })
  maximum!: number | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Texts the model tells apart; all others are treated alike. Null for numbers.',
  })
  levels!: string[] | null;

  @Field(() => RareLevels, {
    nullable: true,
    description:
      'Texts of the training besides `levels`; null for numbers, and in model versions made before this was kept.',
  })
  rareLevels?: RareLevels;

  @Field(() => Float, { nullable: true, description: 'Used for a missing number; null for text.' })
  fill!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Share of the training rows in which it was missing, 0 to 1; null in model versions made before this was kept.',
  })
  missingFraction?: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Of a column of ids: its place in `vocabularies` of the card, counted from 0; null for all others.',
  })
  vocabulary?: number;

  @Field(() => String, {
    nullable: true,
    description:
      'Type of the column in its dataset version, as in `ColumnType`. Dates and times are milliseconds since 1970, UTC, times of day seconds since midnight, durations seconds; `predict` takes them as texts too (ISO 8601, or as the file had them). Null in model versions made before this was kept.',
  })
  columnType?: EngineInputField['columnType'];

  @Field(() => String, {
    nullable: true,
    description:
      'How the cells of the column were written, such as "decimal comma": `predict` reads texts in the same way, and words for missing. Null where only JSON values are taken.',
  })
  format?: string | null;

  /** The same for programs. */
  cellFormat?: EngineInputField['cellFormat'];
}

@ObjectType({
  description:
    'The ids that a model knows. They are told apart by their value, numbers and texts; any other is answered by the mean of all.',
})
export class ModelVocabulary implements EngineIdVocabulary {
  @Field(() => Int, { description: 'How many ids are known.' })
  count!: number;

  @Field(() => [String], {
    nullable: true,
    description:
      'The ids as texts, numbers ascending before texts; null where there are more than 10,000. About one unknown id in a ' +
      'hundred then goes without a note.',
  })
  ids!: string[] | null;

  filter?: EngineIdVocabulary['filter'];

  @Field(() => String, { nullable: true, description: 'The id of steps that do not count; null: none is.' })
  padding?: string;
}

@ObjectType({
  description:
    'A step of the pipeline that makes inputs of the rows of an entity, when a model is trained and when it predicts.',
})
export class ModelHistoryStep {
  @Field({ description: 'Name of the step in the pipeline.' })
  id!: string;

  @Field(() => StepKind, { description: 'What the step does.' })
  kind!: StepKind;

  @Field(() => GraphQLJSONObject, { description: 'Parameters with every default filled in; see `stepKinds`.' })
  parameters!: Record<string, unknown>;
}

@ObjectType({
  description: 'What a model reads that is asked about an entity with its history: `entities` of `predict`.',
})
export class ModelHistory implements EngineHistoryCard {
  @Field({ description: 'The column of the training that names the entity; `key` in `predict`.' })
  key!: string;

  @Field({ description: 'The column by which the rows of an entity are ordered, one of `inputs`.' })
  order!: string;

  @Field(() => [ModelInput], {
    description:
      'Columns of the rows. Those among the inputs of the model are read of the last row; bounds and levels of the others are not kept.',
  })
  inputs!: ModelInput[];

  @Field(() => [ModelHistoryStep], {
    description:
      'What makes the other inputs of the model of the rows. The ONNX file does not: whoever runs it elsewhere computes them.',
  })
  steps!: ModelHistoryStep[];
}

@ObjectType({ description: 'A column that was not used, and why.' })
export class LeftOutColumn {
  @Field({ description: 'Name of the column.' })
  column!: string;

  @Field({ description: 'Why it was left out.' })
  reason!: string;
}
