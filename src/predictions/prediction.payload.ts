import { Field, Float, ID, ObjectType } from 'type-graphql';
import { Deployment } from '../deployments';
import type { OutputBatch } from '../engine';
import { toGlobalId } from '../kernel';
import { ModelVersion } from '../models';
import { Score } from './prediction.entity';

// Throughout: plain properties (simpleResolvers), made only when they are asked for. What a request leaves out, and what
// it asks for a thousand times, must cost accordingly.

@ObjectType({ simpleResolvers: true, description: 'The answer for one row.' })
export class PredictedRow {
  @Field(() => ID, {
    nullable: true,
    description:
      'Global id of the recorded Prediction, readable at once; null when it is not recorded (the deployment records a share of predictions, and none while the server is overloaded).',
  })
  id!: string | null;

  @Field({ description: 'The predicted label; for regression the number, in decimal notation.' })
  value!: string;

  @Field(() => [Score], {
    nullable: true,
    description: 'Every label with its probability, in the order of the card; null for regression.',
  })
  scores!: Score[] | null;
}

@ObjectType({
  simpleResolvers: true,
  description:
    'Predictions in the order of the rows: as `predictions`, or column by column as `ids`, `values` and `probabilities`, which is lighter for many rows.',
})
export class PredictPayload {
  /** Uuids of the rows that are recorded; null for the others. */
  recordedIds: (string | null)[] = [];

  @Field(() => Float, { description: 'Time from the checked request to the answer, in milliseconds.' })
  latencyMs = 0;

  constructor(
    deployment: Deployment,
    modelVersion: ModelVersion,
    private readonly output: OutputBatch,
  ) {
    this.deployment = deployment;
    this.modelVersion = modelVersion;
  }

  @Field(() => ModelVersion, { description: 'The model version that answered.' })
  readonly modelVersion: ModelVersion;

  @Field(() => Deployment, { description: 'The deployment that answered.' })
  readonly deployment: Deployment;

  @Field(() => [PredictedRow], { description: 'One for each row, in order.' })
  get predictions(): PredictedRow[] {
    const { ids, values } = this;
    return values.map((value, row) => ({ id: ids[row], value, scores: this.scoresAt(row) }));
  }

  @Field(() => [ID], {
    nullable: 'items',
    description: 'Global ids of the recorded predictions; null where a row is not recorded.',
  })
  get ids(): (string | null)[] {
    return this.recordedIds.map((id) => id && toGlobalId('Prediction', id));
  }

  @Field(() => [String], { description: 'Predicted labels; for regression the numbers, in decimal notation.' })
  get values(): string[] {
    const { prediction } = this.output;
    return Array.isArray(prediction) ? prediction : Array.from(prediction, shortest);
  }

  @Field(() => [[Float]], {
    nullable: true,
    description: 'For each row the probabilities of the labels, in the order of the card; null for regression.',
  })
  get probabilities(): Float32Array[] | null {
    const { probabilities, rowCount } = this.output;
    if (!probabilities) return null;
    const classes = probabilities.length / rowCount;
    return Array.from({ length: rowCount }, (_, row) => probabilities.subarray(row * classes, (row + 1) * classes));
  }

  valueAt(row: number): string {
    const value = this.output.prediction[row];
    return typeof value === 'string' ? value : shortest(value);
  }

  /** Null for regression. */
  scoresAt(row: number): Score[] | null {
    const { labels } = this.modelVersion.card;
    const { probabilities } = this.output;
    if (!labels || !probabilities) return null;
    return labels.map((label, index) => ({ label, probability: probabilities[row * labels.length + index] }));
  }
}

/** A 32-bit float is good for 7 digits; the rest would be noise of its conversion. */
const shortest = (value: number): string => String(Number(value.toPrecision(7)));
