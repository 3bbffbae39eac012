import type { ModelCard } from '../../engine';
import { predictionId, recordedNames, unpackRequests, type BlockRow, type StoredRequest } from './block.format';
import { InputNotes } from '../notes/input.notes';
import { OutputReader } from '../answers/output.reader';
import { Prediction } from '../prediction.entity';

/** A stored block, read by the card of the model version that answered. */
export class RecordedBlock {
  private readonly answers: [value: string, afterMs: number][];
  private readonly requests: StoredRequest[];
  private compiled: InputNotes | null = null;

  constructor(
    private readonly tenantId: string,
    readonly row: BlockRow,
    private readonly card: ModelCard,
  ) {
    this.answers = JSON.parse(row.answers) as [string, number][];
    this.requests = unpackRequests(row.content);
  }

  /** Null when the block holds fewer. */
  at(place: number): Prediction | null {
    if (place >= this.row.count) return null;
    const { id, deploymentId, modelVersionId, precision, createdAt } = this.row;
    const [value, afterMs] = this.answers[place];
    const [[requestId, latencyMs, rowCount, columns, probabilities], row] = this.requestAt(place);
    return Object.assign(new Prediction(), {
      ...{ tenantId: this.tenantId, id: predictionId(id, place), deploymentId, modelVersionId, precision },
      ...{ requestId, latencyMs, createdAt: new Date(createdAt.getTime() + afterMs) },
      input: this.inputAt(columns, row),
      takeNotes: () => this.notes.ofRow(columns.map((column) => column?.[row])),
      ...this.answerAt(value, probabilities && floatsAt(probabilities, row, rowCount)),
    });
  }

  /** The request that a prediction came with, and its row there. */
  private requestAt(place: number): [StoredRequest, number] {
    let row = place;
    for (const request of this.requests) {
      if (row < request[2]) return [request, row];
      row -= request[2];
    }
    throw new Error(`Block ${this.row.id} has no prediction ${place}.`);
  }

  private get notes(): InputNotes {
    return (this.compiled ??= new InputNotes(this.card));
  }

  private inputAt(columns: StoredRequest[3], row: number): Record<string, unknown> {
    const entries = recordedNames(this.card).map((name, i) => [name, columns[i]?.[row]] as const);
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  }

  private answerAt(
    value: string,
    probabilities: Float32Array | null,
  ): Pick<Prediction, 'value' | 'scores' | 'targets'> {
    const { targets } = this.card;
    const prediction = targets ? (JSON.parse(value) as string[]) : [value];
    const reader = new OutputReader(this.card, { rowCount: 1, textAt: (at) => prediction[at], probabilities });
    return { value, scores: reader.scoresAt(0), targets: reader.targetsAt(0) };
  }
}

function floatsAt(bytes: Buffer, row: number, rowCount: number): Float32Array {
  const width = bytes.byteLength / rowCount;
  return new Float32Array(Uint8Array.from(bytes.subarray(row * width, (row + 1) * width)).buffer);
}
