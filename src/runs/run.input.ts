import { IsOptional, Length, Max, Min } from 'class-validator';
import { GraphQLSafeInt } from 'graphql-scalars';
import { ArgsType, Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { ExecutorName, ExecutorChoice } from '../engine';
import { IsName } from '../kernel';
import { Run } from './run.entity';
import { ExecutorEnum } from './results/run-result.type';
import { RunState } from './run-state';
import { NAME_LENGTH_MAX, NAME_RULE, TAGS_RULE } from './run.label';
import { runList } from './run.list';

export const SEED_DEFAULT = 1;
const SEED_MAX = 2_147_483_647;

const ProviderChoiceEnum = { AUTO: 'auto', CPU: 'cpu', CUDA: 'cuda', WEBGPU: 'webgpu' } as const satisfies Record<
  string,
  ExecutorChoice['provider']
>;

registerEnumType(ProviderChoiceEnum, {
  name: 'ExecutionProviderChoice',
  description: 'What is to compute the training steps.',
  valuesConfig: {
    AUTO: {
      description:
        'CUDA, WEBGPU or CPU, the first that the worker has, with a free slot and enough memory, and that pays for a network of this size. Does not wait.',
    },
    CPU: { description: 'The cores of the machine.' },
    CUDA: { description: 'An NVIDIA GPU; the run waits for a slot of it.' },
    WEBGPU: { description: 'A GPU through WebGPU; the run waits for a slot of it.' },
  },
});

@InputType({
  description:
    'What to train on. There is no substitute for what you name: where the worker does not have it, or the GPU has too little free memory, the run FAILS with VALIDATION_FAILED and says what is missing.',
})
export class ExecutorInput implements ExecutorChoice {
  @Field(() => ExecutorEnum, { defaultValue: ExecutorEnum.ONNX, description: 'What runs the steps.' })
  executor!: ExecutorName;

  @Field(() => ProviderChoiceEnum, {
    defaultValue: ProviderChoiceEnum.AUTO,
    description: 'What computes the steps of ONNX; the other executors take AUTO alone.',
  })
  provider!: ExecutorChoice['provider'];
}

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

  @Field(() => String, { nullable: true, description: `Name of the run, ${NAME_RULE}` })
  @IsOptional()
  @IsName(NAME_LENGTH_MAX)
  name?: string | null;

  @Field(() => [String], { nullable: true, description: `Tags of the run. ${TAGS_RULE}` })
  tags?: string[] | null;

  @Field(() => ExecutorInput, {
    nullable: true,
    description: 'Left out: ONNX on the provider the server is set to, AUTO unless it is configured.',
  })
  executor?: ExecutorInput | null;

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
export class RunsArgs extends runList.Args {
  @Field(() => RunState, { nullable: true, description: 'Deprecated: use `filter.states`. Only runs in this state.' })
  state?: RunState | null;

  @Field(() => ID, {
    nullable: true,
    description: 'Deprecated: use `filter.pipelineId`. Only runs of this pipeline, whichever version.',
  })
  pipelineId?: string | null;
}
