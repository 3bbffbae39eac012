import { IsOptional, Length, Max, Min } from 'class-validator';
import { GraphQLSafeInt } from 'graphql-scalars';
import { ArgsType, Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';
import { ConnectionArgs } from '../kernel';
import { Run } from './run.entity';
import { RunState } from './run-state';

export const SEED_DEFAULT = 1;
const SEED_MAX = 2_147_483_647;

@InputType({ description: 'What to train on what.' })
export class StartRunInput {
  @Field(() => ID, {
    nullable: true,
    description: 'The pipeline, whose current version is used. Give this or `pipelineVersionId`.',
  })
  pipelineId?: string | null;

  @Field(() => ID, { nullable: true, description: 'A version of a pipeline. Give this or `pipelineId`.' })
  pipelineVersionId?: string | null;

  @Field(() => ID, { description: 'The dataset version to learn from.' })
  datasetVersionId!: string;

  @Field(() => Int, {
    defaultValue: SEED_DEFAULT,
    description: `Seed of split, weights, shuffles and dropout, 0 to ${SEED_MAX}. Default ${SEED_DEFAULT}, so that the same input gives the same model.`,
  })
  @Min(0)
  @Max(SEED_MAX)
  seed!: number;

  @Field(() => String, {
    nullable: true,
    description: 'Makes a retry answer with the run of the first call, 1 to 200 characters.',
  })
  @IsOptional()
  @Length(1, 200)
  idempotencyKey?: string | null;
}

@ObjectType({ description: 'What a run is expected to cost.' })
export class RunCost {
  @Field(() => Float, { description: 'Credits: one per started second of computing.' })
  credits!: number;

  @Field(() => Float, { description: 'Expected computing time on one core, in seconds; an estimate.' })
  computeSeconds!: number;

  @Field(() => GraphQLSafeInt, { description: 'Rows of the dataset version.' })
  rows!: number;
}

@ObjectType({ description: 'The started run.' })
export class StartRunPayload {
  @Field(() => Run, { description: 'The run, waiting for a worker.' })
  run!: Run;
}

@InputType({ description: 'Which run to end.' })
export class CancelRunInput {
  @Field(() => ID, { description: 'The run. NOT_FOUND when this tenant has none with this id.' })
  runId!: string;
}

@ObjectType({ description: 'The run after the request.' })
export class CancelRunPayload {
  @Field(() => Run, { description: 'CANCELLED, or the final state it had reached before.' })
  run!: Run;
}

@ArgsType()
export class RunsArgs extends ConnectionArgs {
  @Field(() => RunState, { nullable: true, description: 'Only runs in this state.' })
  state?: RunState | null;

  @Field(() => ID, { nullable: true, description: 'Only runs of this pipeline, whichever version.' })
  pipelineId?: string | null;
}
