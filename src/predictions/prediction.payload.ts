import { Field, Float, ID, ObjectType } from 'type-graphql';
import { Deployment } from '../deployments';
import type { OutputBatch } from '../engine';
import { toGlobalId } from '../kernel';
import { ModelVersion, type ModelCard } from '../models';
import { OutputReader } from './output.reader';
import {
  Score,
  SCORES_DESCRIPTION,
  TargetPrediction,
  TARGETS_DESCRIPTION,
  VALUE_DESCRIPTION,
} from './prediction.entity';

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

  @Field({ description: VALUE_DESCRIPTION })
  value!: string;

  @Field(() => [Score], { nullable: true, description: SCORES_DESCRIPTION })
  scores!: Score[] | null;

  @Field(() => [TargetPrediction], { nullable: true, description: TARGETS_DESCRIPTION })
  targets?: TargetPrediction[];

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether the error is above the threshold of the card; null for other tasks than anomaly.',
  })
  anomalous!: boolean | null;
}

@ObjectType({
  simpleResolvers: true,
  description:
    'Predictions in the order of the rows: as `predictions`, or column by column as `ids`, `values`, `targetValues`, `probabilities` and `anomalous`, which is lighter for many rows.',
})
export class PredictPayload {
  /** Uuids of the rows that are recorded; null for the others. */
  recordedIds: (string | null)[] = [];

  @Field(() => Float, { description: 'Time from the checked request to the answer, in milliseconds.' })
  latencyMs = 0;

  private readonly reader: OutputReader;

  constructor(
    deployment: Deployment,
    modelVersion: ModelVersion,
    private readonly output: OutputBatch,
  ) {
    this.deployment = deployment;
    this.modelVersion = modelVersion;
    this.reader = new OutputReader(modelVersion.card, output);
  }

  @Field(() => ModelVersion, { description: 'The model version that answered.' })
  readonly modelVersion: ModelVersion;

  @Field(() => Deployment, { description: 'The deployment that answered.' })
  readonly deployment: Deployment;

  @Field(() => [PredictedRow], { description: 'One for each row, in order.' })
  get predictions(): PredictedRow[] {
    return this.ids.map((id, row) => ({ id, ...this.at(row), anomalous: this.anomalousAt(row) }));
  }

  @Field(() => [ID], {
    nullable: 'items',
    description: 'Global ids of the recorded predictions; null where a row is not recorded.',
  })
  get ids(): (string | null)[] {
    return this.recordedIds.map((id) => id && toGlobalId('Prediction', id));
  }

  @Field(() => [String], { description: 'The value of each row, as in `predictions`.' })
  get values(): string[] {
    return this.reader.values();
  }

  @Field(() => [[String]], {
    nullable: true,
    description: 'For each row the values of the targets, in the order of the card; null for a single target.',
  })
  get targetValues(): string[][] | null {
    return this.card.targets ? this.rows((row) => this.reader.targetValuesAt(row)) : null;
  }

  @Field(() => [[Float]], {
    nullable: true,
    description:
      'For each row the probabilities of the labels, in the order of the card; of a sequence those of its first step, then ' +
      'those of the second. Null for numbers.',
  })
  get probabilities(): Float32Array[] | null {
    return this.output.probabilities && this.rows((row) => this.probabilitiesAt(row)!);
  }

  @Field(() => [Boolean], {
    nullable: true,
    description:
      'For each row whether its error is above the threshold of the card; null for other tasks than anomaly.',
  })
  get anomalous(): boolean[] | null {
    return this.card.threshold === undefined ? null : this.rows((row) => this.anomalousAt(row)!);
  }

  private at(row: number): { value: string; scores: Score[] | null; targets?: TargetPrediction[] } {
    const { reader } = this;
    const answer = { value: reader.valueAt(row), scores: reader.scoresAt(row) };
    return this.card.targets ? { ...answer, targets: reader.targetsAt(row) } : answer;
  }

  /** Of some rows, or of all; as `values`. */
  valuesOf(rows?: number[]): string[] {
    return rows ? rows.map((row) => this.reader.valueAt(row)) : this.values;
  }

  /** The probabilities of some rows, or of all; null for numbers. */
  probabilityBytes(rows?: number[]): Buffer | null {
    const { probabilities } = this.output;
    if (!probabilities) return null;
    return rows ? Buffer.concat(rows.map((row) => bytesOf(this.probabilitiesAt(row)!))) : bytesOf(probabilities);
  }

  private probabilitiesAt(row: number): Float32Array | null {
    const { probabilities, rowCount } = this.output;
    if (!probabilities) return null;
    const width = probabilities.length / rowCount;
    return probabilities.subarray(row * width, (row + 1) * width);
  }

  private anomalousAt(row: number): boolean | null {
    const { threshold } = this.card;
    return threshold === undefined ? null : (this.output.prediction[row] as number) > Math.fround(threshold);
  }

  private get card(): ModelCard {
    return this.modelVersion.card;
  }

  private rows<T>(make: (row: number) => T): T[] {
    return Array.from({ length: this.output.rowCount }, (_, row) => make(row));
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
