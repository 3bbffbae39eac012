import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import type * as engine from '../../engine';
import { SplitEnum } from '../events/run-event.type';
import { ERROR_CODES, type ErrorCode } from '../../kernel';

@ObjectType({ description: 'Why a run failed.' })
export class RunError {
  @Field(() => String, {
    description: `VALIDATION_FAILED for faults that you can correct; all codes: ${ERROR_CODES.join(', ')}.`,
  })
  code!: ErrorCode;

  @Field({ description: 'What is wrong.' })
  message!: string;

  @Field(() => String, { nullable: true, description: 'What to change; null when there is nothing you could change.' })
  hint!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'What is at fault: a place in the steps of the pipeline version, such as `steps[1].parameters.column`, or ' +
      '`datasetVersionId` for the data itself; null where none is known.',
  })
  path!: string | null;
}

@ObjectType({ description: 'A candidate that was tried.' })
export class LeaderboardEntry {
  @Field({ description: 'Name of the candidate inside its run, as in metric points.' })
  candidate!: string;

  @Field({ description: 'Family; see `families`.' })
  family!: string;

  @Field(() => GraphQLJSONObject, { description: 'Parameters of the family.' })
  parameters!: Record<string, unknown>;

  @Field({ description: 'Metric by which the candidates were compared; lower is better.' })
  metric!: string;

  @Field(() => Float, {
    description:
      'Score on the validation part; over folds, the mean. Of a candidate that was given up, as the best was clearly better on the first folds: what it is expected to be, by how far it was behind.',
  })
  score!: number;

  @Field(() => [Float], {
    nullable: true,
    description:
      'Score on each fold that judged it, in order, the first ones of a candidate that was given up; null where the validation part alone judged.',
  })
  foldScores?: number[];

  @Field(() => Float, {
    nullable: true,
    description: 'Standard deviation of `foldScores`, in the unit of the metric; null where there are none.',
  })
  spread?: number;
}

const ProviderEnum = { CPU: 'cpu', CUDA: 'cuda', WEBGPU: 'webgpu' } as const satisfies Record<string, engine.Provider>;

registerEnumType(ProviderEnum, {
  name: 'ExecutionProvider',
  description: 'What computes the training steps.',
  valuesConfig: {
    CPU: { description: 'The cores of the machine.' },
    CUDA: { description: 'An NVIDIA GPU.' },
    WEBGPU: { description: 'A GPU through WebGPU.' },
  },
});

export const ExecutorEnum = {
  ONNX: 'onnx',
  TENSORFLOW: 'tensorflow',
  REFERENCE: 'reference',
} as const satisfies Record<string, engine.ExecutorName>;

registerEnumType(ExecutorEnum, {
  name: 'Executor',
  description: 'What runs the training steps.',
  valuesConfig: {
    ONNX: { description: 'ONNX Runtime over the recorded steps; the fastest.' },
    TENSORFLOW: {
      description: 'TensorFlow step by step, where the worker has it installed, on all its cores or its GPU.',
    },
    REFERENCE: {
      description:
        'Plain JavaScript on one core: what families with a learner of their own compute in. For the others it is there to check by, and very slow.',
    },
  },
});

@ObjectType({ description: 'What trained the model; runs on other machines may choose otherwise.' })
export class RunExecutor implements engine.TrainedOn {
  @Field(() => ExecutorEnum, {
    nullable: true,
    description: 'What ran the steps; null for runs before this was recorded.',
  })
  executor!: engine.ExecutorName;

  @Field(() => ProviderEnum, { description: 'What computed the steps.' })
  provider!: engine.Provider;

  @Field({ description: 'Why it was chosen, in one sentence.' })
  reason!: string;

  @Field(() => Int, { description: 'Threads on which each step was computed; a small model takes one.' })
  threads!: number;
}

@ObjectType({ description: 'Rows in each part of the split.' })
export class SplitCounts {
  @Field(() => Int, {
    description: 'Rows the models were fitted on; with folds, models are also fitted on those of `validation`.',
  })
  train!: number;

  @Field(() => Int, {
    description: 'Rows that chose candidate and epoch; with folds, those of `train` choose as well, fold by fold.',
  })
  validation!: number;

  @Field(() => Int, { description: 'Rows held out for the evaluation.' })
  test!: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Rows in the gaps of a split by time, which are in no part; null for runs before this was kept.',
  })
  unused?: number;
}

@ObjectType({ description: 'Rows that a step was given and left.' })
export class StepRows implements engine.StepRows {
  @Field({ description: 'Id of the step in the pipeline version.' })
  stepId!: string;

  @Field(() => [SplitEnum], {
    description: 'The parts that it took rows out of; all of them where it took them out of the table.',
  })
  parts!: engine.Split[];

  @Field(() => Int, { description: 'Rows of these parts before the step.' })
  rowsIn!: number;

  @Field(() => Int, { description: 'Rows of these parts after the step.' })
  rowsOut!: number;
}
