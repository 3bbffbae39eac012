import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, GraphQLISODateTime, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { UnusualInputPolicy } from '../deployments';
import { connectionOf, Node, toGlobalId } from '../kernel';
import type { CaseDefinition, Languages } from './case-definition';
import { CaseComparison, CaseExpectation, type CaseDocument } from './case-document';

export enum Industry {
  MANUFACTURING = 'MANUFACTURING',
  MEDICINE = 'MEDICINE',
  FINANCE = 'FINANCE',
}

registerEnumType(Industry, {
  name: 'Industry',
  description: 'Where a case comes from.',
  valuesConfig: {
    MANUFACTURING: { description: 'Making things: machines, processes, quality.' },
    MEDICINE: { description: 'Prevention, diagnosis, care. For teaching, never for decisions about a person.' },
    FINANCE: { description: 'Credit, payments, insurance. For teaching, never for decisions about a person.' },
  },
});

@Entity('cases')
@ObjectType({
  implements: Node,
  description:
    'A worked case: a document to learn from and a definition that `runCase` executes. The same for every tenant.',
})
export class Case implements Node {
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => ID, { name: 'id', description: 'Global id, opaque and stable.' })
  get globalId(): string {
    return toGlobalId('Case', this.id);
  }

  @Column('text')
  @Field({
    description:
      'Short name in addresses and commands. A run deploys its model under it, or under `<slug>-case` where a deployment of the tenant has that name.',
  })
  slug!: string;

  @Column('text')
  @Field(() => Industry, { description: 'Where the case comes from.' })
  industry!: Industry;

  @Column({ name: 'document', type: 'jsonb' })
  documents!: Languages<CaseDocument>;

  @Column('jsonb')
  definition!: CaseDefinition;

  @Column({ name: 'content_hash', type: 'bytea' })
  contentHash!: Buffer;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz' })
  @Field(() => GraphQLISODateTime, { description: 'When its content last changed, UTC.' })
  updatedAt!: Date;

  @Field(() => Int, { description: 'Rows of data that a run generates.' })
  get rowCount(): number {
    return this.definition.rowCount;
  }

  @Field(() => Int, { description: 'Seed of data and training, unless `runCase` is given another one.' })
  get seed(): number {
    return this.definition.seed;
  }

  @Field(() => UnusualInputPolicy, {
    description: 'What the deployment of a run does with input that its model has not seen in training.',
  })
  get onUnusualInput(): UnusualInputPolicy {
    return UnusualInputPolicy[this.definition.onUnusualInput ?? 'NOTE'];
  }

  @Field(() => [CaseExpectation], { description: 'What a run must reach on the held-out rows.' })
  get expected(): CaseExpectation[] {
    return this.definition.expected;
  }

  @Field(() => [CaseComparison], { description: 'Models that a run trains beside its own, on the same rows.' })
  get comparisons(): CaseComparison[] {
    return this.definition.comparisons ?? [];
  }

  @Field(() => GraphQLJSONObject, {
    description: '`steps` and `edges` of its pipeline, as `createPipeline` takes them.',
  })
  get pipeline(): Record<string, unknown> {
    return this.definition.pipeline;
  }

  @Field(() => [GraphQLJSONObject], { description: 'Rows that a run predicts at its end, as `predict` takes them.' })
  get samples(): Record<string, unknown>[] {
    return this.definition.samples;
  }
}

export const CaseConnection = connectionOf(Case, 'Case');
