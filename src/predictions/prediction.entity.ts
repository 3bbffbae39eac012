import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, Float, GraphQLISODateTime, ObjectType } from 'type-graphql';
import { TenantNode } from '../db';
import type { Precision } from '../engine';
import { connectionOf, Node } from '../kernel';
import { PrecisionEnum } from '../models';
import { InputNote } from './notes/input-note.type';

// simpleResolvers: plain properties, read without a promise each; a request may answer thousands of these objects.
@ObjectType({ simpleResolvers: true, description: 'How likely one label is.' })
export class Score {
  @Field({ description: 'The label.' })
  label!: string;

  @Field(() => Float, { description: 'Its probability, 0 to 1, in the precision of a 32-bit float.' })
  probability!: number;
}

@ObjectType({ simpleResolvers: true, description: 'What is predicted of one of several targets.' })
export class TargetPrediction {
  @Field({ description: 'The target column.' })
  target!: string;

  @Field({ description: 'The predicted label, or the number in decimal notation.' })
  value!: string;

  @Field(() => [Score], { nullable: true, description: 'Its labels with their probabilities; null for numbers.' })
  scores!: Score[] | null;
}

export const VALUE_DESCRIPTION =
  'The predicted label, the likeliest or by `decision` of the card; for regression the number, for anomaly the reconstruction error, in decimal notation. Of several ' +
  'targets the values as a JSON array of texts, in their order.';
export const SCORES_DESCRIPTION =
  'Every label with its probability; of several labels each target with the probability of its positive one. Null for ' +
  'numbers and for sequences.';
export const TARGETS_DESCRIPTION =
  'Value and scores of each target, in the order of the card, for a model of several; null otherwise.';

/** Read out of its block, which is what the database keeps. */
@ObjectType({ implements: Node, description: 'A recorded prediction.' })
export class Prediction extends TenantNode {
  deploymentId!: string;

  modelVersionId!: string;

  @Field(() => PrecisionEnum, { description: 'The variant of the model version that answered.' })
  precision!: Precision;

  @Field(() => GraphQLJSONObject, {
    description:
      'The row as it was sent; of an entity its last row, what the model made of the rows before, and the key.',
  })
  input!: Record<string, unknown>;

  /** What is unusual about the input, for the model version that answered. */
  takeNotes!: () => InputNote[];

  @Field(() => [InputNote], {
    description:
      'What is unusual about the row for the model version that answered, at most 20 notes: what is out of range or unseen ' +
      'before what is missing.',
  })
  get notes(): InputNote[] {
    return this.takeNotes();
  }

  @Field({ description: VALUE_DESCRIPTION })
  value!: string;

  @Field(() => [Score], { nullable: true, description: SCORES_DESCRIPTION })
  scores!: Score[] | null;

  @Field(() => [TargetPrediction], { nullable: true, description: TARGETS_DESCRIPTION })
  targets!: TargetPrediction[] | null;

  @Field(() => Float, { description: 'How long the request it came with took on the server, in milliseconds.' })
  latencyMs!: number;

  @Field({ description: 'The request it came with, as in the response header and the logs.' })
  requestId!: string;

  @Field(() => GraphQLISODateTime, { description: 'When it was made, UTC.' })
  createdAt!: Date;
}

export const PredictionConnection = connectionOf(Prediction, 'Prediction');
export type PredictionConnection = InstanceType<typeof PredictionConnection>;
