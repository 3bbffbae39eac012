import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, GraphQLISODateTime, Int, ObjectType } from 'type-graphql';
import { Column, Entity } from 'typeorm';
import { TenantNode } from '../db';
import { connectionOf, Node } from '../kernel';
import { StepKind } from './steps/step-kind';

@Entity('pipelines')
@ObjectType({
  implements: Node,
  description: 'A named recipe from columns to a model. Its content lives in immutable versions.',
})
export class Pipeline extends TenantNode {
  @Column('text')
  @Field({ description: 'Name given by the tenant, 1 to 200 characters; need not be unique.' })
  name!: string;

  @Column({ name: 'current_version_id', type: 'uuid', nullable: true })
  currentVersionId!: string | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  @Field(() => GraphQLISODateTime, { description: 'When it was created, UTC.' })
  createdAt!: Date;
}

@ObjectType({ description: 'One operation of a pipeline.' })
export class PipelineStep {
  @Field(() => String, { description: 'Name of the step inside its pipeline, used by edges.' })
  id!: string;

  @Field(() => StepKind, { description: 'What the step does.' })
  kind!: StepKind;

  @Field(() => GraphQLJSONObject, { description: 'Parameters with every default filled in; see `stepKinds`.' })
  parameters!: Record<string, unknown>;
}

@ObjectType({ description: 'States that one step happens before another.' })
export class StepEdge {
  @Field(() => String, { description: 'Id of the earlier step.' })
  from!: string;

  @Field(() => String, { description: 'Id of the later step.' })
  to!: string;
}

@Entity('pipeline_versions')
@ObjectType({ implements: Node, description: 'The content of a pipeline at one moment; never changes.' })
export class PipelineVersion extends TenantNode {
  @Column({ name: 'pipeline_id', type: 'uuid' })
  pipelineId!: string;

  @Column('integer')
  @Field(() => Int, { description: 'Counts the versions of this pipeline from 1.' })
  version!: number;

  @Column('jsonb')
  @Field(() => [PipelineStep], { description: 'The steps.' })
  steps!: PipelineStep[];

  @Column('jsonb')
  @Field(() => [StepEdge], { description: 'Their order; empty when the steps follow one another by kind.' })
  edges!: StepEdge[];

  @Column({ name: 'content_hash', type: 'bytea' })
  contentHash!: Buffer;

  @Column({ name: 'created_at', type: 'timestamptz' })
  @Field(() => GraphQLISODateTime, { description: 'When it was created, UTC.' })
  createdAt!: Date;
}

export const PipelineConnection = connectionOf(Pipeline, 'Pipeline');
export const PipelineVersionConnection = connectionOf(PipelineVersion, 'PipelineVersion');
