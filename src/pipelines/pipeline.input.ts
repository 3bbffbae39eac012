import { ArrayMaxSize, ArrayMinSize, IsOptional, Length, Matches, ValidateNested } from 'class-validator';
import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, ID, InputType } from 'type-graphql';
import type { Step, StepEdge } from './steps/step-graph';
import { StepKind } from './steps/step-kind';
import { IsName } from '../kernel';

const STEPS_MAX = 50;
const EDGES_MAX = 200;

@InputType({ description: 'One operation of a pipeline.' })
export class PipelineStepInput implements Step {
  @Field(() => String, { description: 'Name of the step inside its pipeline: letters, digits, _ and -, 1 to 64.' })
  @Matches(/^[A-Za-z0-9_-]{1,64}$/, { message: 'takes 1 to 64 letters, digits, _ or -' })
  id!: string;

  @Field(() => StepKind, {
    description:
      'What the step does. SELECT_COLUMNS, SPLIT and the one that learns occur at most once, the others any number of times.',
  })
  kind!: StepKind;

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: 'Parameters by the JSON Schema of the kind in `stepKinds`; those left out take their defaults.',
  })
  parameters!: Record<string, unknown>;
}

@InputType({ description: 'States that one step happens before another.' })
export class StepEdgeInput implements StepEdge {
  @Field(() => String, { description: 'Id of the earlier step.' })
  @Length(1, 64)
  from!: string;

  @Field(() => String, { description: 'Id of the later step.' })
  @Length(1, 64)
  to!: string;
}

@InputType({ description: 'The content of a pipeline.' })
class PipelineContentInput {
  @Field(() => [PipelineStepInput], {
    description: `1 to ${STEPS_MAX} steps; SELECT_COLUMNS is needed, kinds left out take their defaults.`,
  })
  @ArrayMinSize(1)
  @ArrayMaxSize(STEPS_MAX)
  @ValidateNested({ each: true })
  steps!: PipelineStepInput[];

  @Field(() => [StepEdgeInput], {
    defaultValue: [],
    description: `The order of the steps, without cycles, at most ${EDGES_MAX}; left out, they follow one another by kind, in the order of \`stepKinds\`. Two steps that change one column need a path of edges between them.`,
  })
  @ArrayMaxSize(EDGES_MAX)
  @ValidateNested({ each: true })
  edges!: StepEdgeInput[];
}

@InputType({ description: 'A new pipeline.' })
export class CreatePipelineInput extends PipelineContentInput {
  @Field(() => String, { description: 'Name of the pipeline, 1 to 200 characters.' })
  @IsName()
  name!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Makes a retry answer with the pipeline of the first call, 1 to 200 characters.',
  })
  @IsOptional()
  @Length(1, 200)
  idempotencyKey?: string | null;
}

@InputType({ description: 'New content for a pipeline. The same content as now makes no new version.' })
export class UpdatePipelineInput extends PipelineContentInput {
  @Field(() => ID, { description: 'The pipeline. NOT_FOUND when this tenant has none with this id.' })
  pipelineId!: string;

  @Field(() => String, { nullable: true, description: 'New name, 1 to 200 characters; left out, the name stays.' })
  @IsOptional()
  @IsName()
  name?: string | null;
}
