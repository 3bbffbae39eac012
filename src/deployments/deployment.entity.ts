import { Field, Float, GraphQLISODateTime, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity } from 'typeorm';
import { TenantNode } from '../db';
import type { Precision } from '../engine';
import { connectionOf, Node } from '../kernel';
import { PrecisionEnum } from '../models';

export enum DeploymentState {
  READY = 'READY',
  RETIRED = 'RETIRED',
}

registerEnumType(DeploymentState, {
  name: 'DeploymentState',
  description: 'Whether a deployment answers.',
  valuesConfig: {
    READY: { description: 'Answers `predict`.' },
    RETIRED: { description: 'Answers no more; its name is free, its predictions stay readable.' },
  },
});

export enum UnusualInputPolicy {
  ANSWER = 'ANSWER',
  NOTE = 'NOTE',
  REFUSE = 'REFUSE',
}

registerEnumType(UnusualInputPolicy, {
  name: 'UnusualInputPolicy',
  description: 'What a deployment does with input that its model has not seen in training: see `InputNoteKind`.',
  valuesConfig: {
    ANSWER: { description: 'Answers, without notes.' },
    NOTE: { description: 'Answers, and says in `notes` what is unusual.' },
    REFUSE: {
      description:
        'Refuses the request with VALIDATION_FAILED that names the rows and columns, and predicts none of its rows, as for ' +
        'any other fault of a row: send it again without them. A missing value is refused where the column was never ' +
        'missing in training, or where every input of the row is missing; otherwise it is noted, as a rare text is.',
    },
  },
});

@Entity('deployments')
@ObjectType({ implements: Node, description: 'A stable name under which a model version answers predictions.' })
export class Deployment extends TenantNode {
  @Column('text')
  @Field({ description: 'Slug, unique among the live deployments of the tenant.' })
  name!: string;

  @Column('text')
  @Field(() => DeploymentState, { description: 'Whether it answers.' })
  state!: DeploymentState;

  @Column({ name: 'model_version_id', type: 'uuid' })
  modelVersionId!: string;

  @Column('text')
  @Field(() => PrecisionEnum, { description: 'The variant of the model version that answers.' })
  precision!: Precision;

  @Column('integer')
  @Field(() => Int, { description: 'Counts the model versions and variants this deployment has had, from 1.' })
  revision!: number;

  @Column({ name: 'record_fraction', type: 'real' })
  @Field(() => Float, { description: 'Share of predictions that is recorded, 0 to 1.' })
  recordFraction!: number;

  @Column({ name: 'on_unusual_input', type: 'text' })
  @Field(() => UnusualInputPolicy, {
    description: 'What it does with input that its model has not seen in training.',
    deprecationReason: 'Use `inputPolicy`.',
  })
  onUnusualInput!: UnusualInputPolicy;

  @Field(() => UnusualInputPolicy, { description: 'What it does with input that its model has not seen in training.' })
  get inputPolicy(): UnusualInputPolicy {
    return this.onUnusualInput;
  }

  @Column({ name: 'created_at', type: 'timestamptz' })
  @Field(() => GraphQLISODateTime, { description: 'When it was first deployed, UTC.' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz' })
  @Field(() => GraphQLISODateTime, { description: 'When it last changed, UTC.' })
  updatedAt!: Date;
}

export const DeploymentConnection = connectionOf(Deployment, 'Deployment');
export type DeploymentConnection = InstanceType<typeof DeploymentConnection>;
