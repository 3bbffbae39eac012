import { ArrayMaxSize, IsOptional, Max, MaxLength, Min } from 'class-validator';
import { GraphQLSafeInt } from 'graphql-scalars';
import { ArgsType, Field, Float, Int, ObjectType } from 'type-graphql';
import type { Split } from '../../engine';
import { SplitEnum } from './run-event.type';

export const SERIES_MAX = 100;
const POINTS_DEFAULT = 500;
const POINTS_MAX = 2_000;
const NAMES_MAX = 20;

@ArgsType()
export class MetricHistoryArgs {
  @Field(() => [String], { nullable: true, description: `Only metrics of these names, at most ${NAMES_MAX}.` })
  @IsOptional()
  @ArrayMaxSize(NAMES_MAX)
  @MaxLength(200, { each: true })
  names?: string[] | null;

  @Field(() => SplitEnum, { nullable: true, description: 'Only what was measured on this part of the rows.' })
  split?: Split | null;

  @Field(() => String, { nullable: true, description: 'Only this candidate.' })
  @IsOptional()
  @MaxLength(200)
  candidate?: string | null;

  @Field(() => GraphQLSafeInt, {
    defaultValue: 0,
    description: 'Only events of the run after this sequence; 0 for all.',
  })
  @Min(0)
  afterSequence!: number;

  @Field(() => Int, {
    defaultValue: POINTS_DEFAULT,
    description: `At most how many points a series has, 2 to ${POINTS_MAX}. Default ${POINTS_DEFAULT}. Longer ones are drawn together.`,
  })
  @Min(2)
  @Max(POINTS_MAX)
  pointsMax!: number;
}

@ObjectType({
  description:
    'One value of a metric, or several that follow one another, drawn together: the last of them, and between which bounds they lie.',
})
export class MetricHistoryPoint {
  @Field(() => GraphQLSafeInt, { description: 'Sequence of the event, as in `runEvents`; of the last one.' })
  sequence!: number;

  @Field(() => Int, { description: 'Optimizer steps done by the candidate; of the last one.' })
  step!: number;

  @Field(() => Int, { description: 'Passes over the train part done by the candidate; of the last one.' })
  epoch!: number;

  @Field(() => Float, { nullable: true, description: 'The last value; null when it is no finite number.' })
  value!: number | null;

  @Field(() => Float, { nullable: true, description: 'The smallest value; null when none is a finite number.' })
  minimum!: number | null;

  @Field(() => Float, { nullable: true, description: 'The largest value; null when none is a finite number.' })
  maximum!: number | null;

  @Field(() => Int, { description: 'How many values it stands for.' })
  count!: number;
}

@ObjectType({ description: 'One metric of one candidate on one part of the rows, over the course of the training.' })
export class MetricSeries {
  @Field({ description: 'Name of the metric, such as loss, accuracy or rmse.' })
  name!: string;

  @Field(() => SplitEnum, { description: 'The rows it was measured on.' })
  split!: Split;

  @Field({ description: 'The candidate it belongs to.' })
  candidate!: string;

  @Field(() => GraphQLSafeInt, { description: 'How many values were measured, however many points show them.' })
  valueCount!: number;

  @Field(() => [MetricHistoryPoint], { description: 'The values in their order; at most `pointsMax` points.' })
  points!: MetricHistoryPoint[];
}

@ObjectType({ description: 'What a run has measured so far.' })
export class MetricHistory {
  @Field(() => [MetricSeries], {
    description: `The series in the order in which they began; at most ${SERIES_MAX}.`,
  })
  series!: MetricSeries[];

  @Field({
    description: 'True when there are more series, or more events than are read at once: narrow the arguments.',
  })
  truncated!: boolean;

  @Field(() => GraphQLSafeInt, {
    description: 'The last event that was looked at: follow the run from here with `runEvents`.',
  })
  endSequence!: number;
}
