import { IsOptional, Length, Matches, Max, Min } from 'class-validator';
import { Field, Float, ID, InputType, ObjectType } from 'type-graphql';
import type { Precision } from '../engine';
import { PrecisionEnum } from '../models';
import { Deployment, UnusualInputPolicy } from './deployment.entity';

const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;
const SLUG_RULE = 'must be 1 to 63 lower-case letters, digits and hyphens, and not start with a hyphen';

@InputType({ description: 'What to deploy, under which name.' })
export class DeployModelInput {
  @Field({
    description:
      'Slug such as `machine-failure`: 1 to 63 lower-case letters, digits and hyphens. The name of a live deployment moves it to this version.',
  })
  @Matches(SLUG, { message: `name ${SLUG_RULE}` })
  name!: string;

  @Field(() => ID, { description: 'The model version that will answer.' })
  @Length(1, 200)
  modelVersionId!: string;

  @Field(() => PrecisionEnum, {
    defaultValue: PrecisionEnum.FLOAT32,
    description:
      'Which of the `variants` of the model version answers; VALIDATION_FAILED when it has none in this precision.',
  })
  precision!: Precision;

  @Field(() => Float, {
    nullable: true,
    description: 'Share of predictions to record, 0 to 1. Default 1 for a new deployment, unchanged for a live one.',
  })
  @IsOptional()
  @Min(0)
  @Max(1)
  recordFraction?: number | null;

  @Field(() => UnusualInputPolicy, {
    nullable: true,
    description:
      'What to do with input that the model has not seen in training. Default NOTE for a new deployment, unchanged for a live one.',
  })
  inputPolicy?: UnusualInputPolicy | null;

  @Field(() => UnusualInputPolicy, {
    nullable: true,
    description: 'The former name of `inputPolicy`.',
    deprecationReason: 'Use `inputPolicy`.',
  })
  onUnusualInput?: UnusualInputPolicy | null;

  @Field(() => String, {
    nullable: true,
    description:
      '1 to 200 characters. A retry with the same key and input answers the same deployment and changes nothing.',
  })
  @IsOptional()
  @Length(1, 200)
  idempotencyKey?: string | null;
}

@InputType({ description: 'Settings of a live deployment; what is left out stays as it is.' })
export class UpdateDeploymentInput {
  @Field(() => ID, { description: 'The deployment.' })
  @Length(1, 200)
  deploymentId!: string;

  @Field(() => Float, { nullable: true, description: 'Share of predictions to record from now on, 0 to 1.' })
  @IsOptional()
  @Min(0)
  @Max(1)
  recordFraction?: number | null;

  @Field(() => UnusualInputPolicy, {
    nullable: true,
    description: 'What to do from now on with input that the model has not seen in training.',
  })
  inputPolicy?: UnusualInputPolicy | null;

  @Field(() => UnusualInputPolicy, {
    nullable: true,
    description: 'The former name of `inputPolicy`.',
    deprecationReason: 'Use `inputPolicy`.',
  })
  onUnusualInput?: UnusualInputPolicy | null;
}

@InputType({ description: 'The deployment to retire.' })
export class RetireDeploymentInput {
  @Field(() => ID, { description: 'The deployment. Retiring a retired one changes nothing.' })
  @Length(1, 200)
  deploymentId!: string;
}

@ObjectType({ description: 'The deployment as it now is.' })
export class DeploymentPayload {
  @Field(() => Deployment, { description: 'The deployment.' })
  deployment!: Deployment;
}
