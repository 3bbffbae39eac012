import { newBlockId, packRequest, predictionId, type BlockRow } from './block.format';
import type { GivenRows } from '../rows/given-rows';
import type { PredictPayload } from '../answers/prediction.payload';
import type { ServedModel } from '../served-model';

/** A request that was answered. */
export interface Answered {
  tenantId: string;
  requestId: string;
  model: ServedModel;
  input: GivenRows;
  answer: PredictPayload;
  /** Milliseconds since 1970. */
  atMs: number;
}

/** Some thousand predictions of small rows; a request of more makes a block that is longer. */
const BYTES_MAX = 256 * 1024;
/** Of the answers of one request: long labels repeated for many rows would take gigabytes. */
const ANSWERS_CHARACTERS_MAX = 32 * 1024 * 1024;

/**
 * Predictions of one file of a model in one deployment that are stored together, while they gather. They share what a row
 * of the database costs. Each request is bytes and text from the start: they wait outside the garbage collector's reach.
 */
export class PredictionBlock {
  readonly id = newBlockId();
  /** About what is stored of it. */
  byteCount = 0;
  count = 0;
  private readonly answers: string[] = [];
  private readonly requests: Buffer[] = [];

  constructor(private readonly first: Answered) {}

  get tenantId(): string {
    return this.first.tenantId;
  }

  /** When it was begun, milliseconds since 1970. */
  get atMs(): number {
    return this.first.atMs;
  }

  /** Far before a place no longer fits into 16 bits. */
  get full(): boolean {
    return this.byteCount >= BYTES_MAX;
  }

  /**
   * Takes some rows of a request, or all, and gives the place of the first; the others follow. Null, and nothing is taken, when
   * its answers are too long to be stored.
   */
  add({ requestId, model, input, answer, atMs }: Answered, rows?: number[]): number | null {
    const rowCount = rows?.length ?? input.rowCount;
    const after = `,${atMs - this.atMs}]`;
    let answers = '';
    for (let i = 0; i < rowCount; i++) {
      const value = answer.reader.valueAt(rows ? rows[i] : i);
      answers += `${i ? ',' : ''}[${JSON.stringify(value)}${after}`;
      if (answers.length > ANSWERS_CHARACTERS_MAX) return null;
    }
    const columns = input.columns(model.fields, rows);
    const packed = packRequest([requestId, answer.latencyMs, rowCount, columns, answer.probabilityBytes(rows)]);
    this.requests.push(packed);
    this.answers.push(answers);
    this.byteCount += packed.length + answers.length;
    this.count += rowCount;
    return this.count - rowCount;
  }

  idAt(place: number): string {
    return predictionId(this.id, place);
  }

  toRow(): BlockRow {
    const { deployment, modelVersion } = this.first.answer;
    return {
      ...{ id: this.id, deploymentId: deployment.id, modelVersionId: modelVersion.id, precision: deployment.precision },
      count: this.count,
      answers: `[${this.answers.join()}]`,
      content: Buffer.concat(this.requests),
      createdAt: new Date(this.atMs),
    };
  }
}
