import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, Float, ObjectType } from 'type-graphql';
import type { DataKind, FamilyInfo, Task } from '../engine';
import { DataKindEnum } from './data-kind.enum';
import { Pipeline } from './pipeline.entity';
import { StepKind, type StepKindInfo } from './steps/step-kind';
import { TaskEnum } from './task.enum';

@ObjectType({ description: 'The created pipeline.' })
export class CreatePipelinePayload {
  @Field(() => Pipeline, { description: 'The pipeline, with version 1.' })
  pipeline!: Pipeline;
}

@ObjectType({ description: 'The changed pipeline.' })
export class UpdatePipelinePayload {
  @Field(() => Pipeline, { description: 'The pipeline; its version counts up when the content changed.' })
  pipeline!: Pipeline;
}

@ObjectType('StepKindInfo', { description: 'A kind of step and what it takes.' })
export class StepKindType implements StepKindInfo {
  @Field(() => StepKind, { description: 'The kind.' })
  kind!: StepKind;

  @Field({ description: 'Short name for people.' })
  title!: string;

  @Field({ description: 'What it does, and what happens when a pipeline has no step of this kind.' })
  description!: string;

  @Field(() => GraphQLJSONObject, { description: 'JSON Schema (draft 2020-12) of `parameters`.' })
  parameterSchema!: Record<string, unknown>;
}

@ObjectType({ description: 'A family of models that a TRAIN step can name.' })
export class Family implements FamilyInfo {
  @Field({ description: 'The name to write in a TRAIN step.' })
  name!: string;

  @Field({ description: 'Short name for people.' })
  title!: string;

  @Field({ description: 'How it models and when it suits.' })
  description!: string;

  @Field(() => DataKindEnum, { description: 'What it takes the columns of a row for.' })
  data!: DataKind;

  @Field(() => [TaskEnum], { description: 'What it can predict.' })
  tasks!: Task[];

  @Field(() => Boolean, {
    description:
      'Whether answers of its models can be explained: `explain` of `predict` then tells what each column adds.',
  })
  explains!: boolean;

  @Field(() => GraphQLJSONObject, {
    description: 'JSON Schema (draft 2020-12) of the parameters, with defaults and bounds.',
  })
  parameterSchema!: Record<string, unknown>;
}

@ObjectType({ description: 'What an operation is expected to take; an estimate, not a promise.' })
export class Estimate {
  @Field(() => Float, { description: 'Computing time on one core, in seconds.' })
  seconds!: number;

  @Field(() => Float, { description: 'Memory for the encoded rows and the model in training, in bytes.' })
  bytes!: number;

  @Field(() => Float, { description: 'Price in credits: one per started second of computing.' })
  credits!: number;
}

@ObjectType({ description: 'A family that suits a target, and why.' })
export class ModelRecommendation {
  @Field({ description: 'Name of the family, for a TRAIN step.' })
  family!: string;

  @Field(() => TaskEnum, { description: 'What would be predicted, as read from the profile of the target.' })
  task!: Task;

  @Field({ description: 'Why it suits this dataset version.' })
  reason!: string;

  @Field(() => Estimate, { description: 'What a run with default parameters is expected to take.' })
  estimate!: Estimate;
}
