import { Field, GraphQLISODateTime, ID, ObjectType, registerEnumType } from 'type-graphql';
import type { NodeKind } from '../kernel';

export enum LineageDirection {
  UPSTREAM = 'UPSTREAM',
  DOWNSTREAM = 'DOWNSTREAM',
  BOTH = 'BOTH',
}

registerEnumType(LineageDirection, {
  name: 'LineageDirection',
  description: 'Which way to follow lineage from an object.',
  valuesConfig: {
    UPSTREAM: { description: 'What it was made from.' },
    DOWNSTREAM: { description: 'What was made from it.' },
    BOTH: { description: 'What it was made from and what was made from it.' },
  },
});

export enum LineageRelation {
  HAS_VERSION = 'HAS_VERSION',
  USED_BY = 'USED_BY',
  PRODUCED = 'PRODUCED',
  DEPLOYED_AS = 'DEPLOYED_AS',
  ANSWERED = 'ANSWERED',
  EXECUTED_AS = 'EXECUTED_AS',
}

registerEnumType(LineageRelation, {
  name: 'LineageRelation',
  description: 'How the object an edge starts at went into the one it ends at.',
  valuesConfig: {
    HAS_VERSION: { description: 'A dataset, pipeline or model and one of its versions, or a version and the next.' },
    USED_BY: { description: 'A dataset version, pipeline version or pretrained model was used by a run.' },
    PRODUCED: { description: 'A run or case run made the object.' },
    DEPLOYED_AS: { description: 'A model version answers as the deployment.' },
    ANSWERED: { description: 'A deployment or model version gave the prediction.' },
    EXECUTED_AS: { description: 'A case of the library was executed.' },
  },
});

@ObjectType({ description: 'An object that took part.' })
export class LineageNode {
  @Field(() => ID, { description: 'Global id; read the object with `node(id:)`.' })
  id!: string;
  @Field({ description: 'Kind of the object: the type name that `node(id:)` returns.' })
  kind!: string;
  @Field({ description: 'Short name for people: name and version, or the predicted value.' })
  label!: string;
  @Field(() => GraphQLISODateTime, { description: 'When the object was made.' })
  createdAt!: Date;
}

@ObjectType({ description: 'One step from cause to effect.' })
export class LineageEdge {
  @Field(() => ID, { description: 'Global id of the cause.' })
  from!: string;
  @Field(() => ID, { description: 'Global id of the effect.' })
  to!: string;
  @Field(() => LineageRelation, { description: 'How the cause was used for the effect.' })
  kind!: LineageRelation;
}

@ObjectType({ description: 'Where an object comes from and what came of it.' })
export class Lineage {
  @Field(() => [LineageNode], { description: 'The object itself first, then the others, nearest first.' })
  nodes!: LineageNode[];
  @Field(() => [LineageEdge], { description: 'Every edge between these nodes.' })
  edges!: LineageEdge[];
  @Field({ description: 'True when there are more nodes than one answer can list; ask again from one of its nodes.' })
  truncated!: boolean;
}

/** The relation of an edge follows from the kinds at its ends. */
export function relationOf(from: NodeKind, to: NodeKind): LineageRelation {
  if (to === 'Prediction') return LineageRelation.ANSWERED;
  if (to === 'Deployment') return from === 'ModelVersion' ? LineageRelation.DEPLOYED_AS : LineageRelation.PRODUCED;
  if (from === 'Case') return LineageRelation.EXECUTED_AS;
  if (from === 'Run' || from === 'CaseRun') return LineageRelation.PRODUCED;
  if (to === 'Run') return LineageRelation.USED_BY;
  return LineageRelation.HAS_VERSION;
}
