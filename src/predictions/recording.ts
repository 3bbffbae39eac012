import type { GivenRows } from './given-rows';
import type { PredictPayload } from './prediction.payload';

/** A request whose predictions are to be stored. Its rows turn into JSON when they are written, behind the answer. */
export class RecordedRequest {
  private readonly createdAt = new Date();

  constructor(
    readonly requestId: string,
    private readonly given: GivenRows,
    private readonly answer: PredictPayload,
  ) {}

  /** One row in the order of COLUMNS. */
  stored(id: string, row: number): unknown[] {
    const { deployment, modelVersion, latencyMs } = this.answer;
    const { value, scores, targets } = this.answer.at(row);
    return [
      ...[id, deployment.id, modelVersion.id, deployment.precision, this.given.json(row)],
      ...[value, json(scores), json(targets), latencyMs, this.requestId, this.createdAt],
    ];
  }
}

/** What is stored of a prediction beside its tenant, with the types of PostgreSQL. */
export const COLUMNS: Record<string, string> = {
  id: 'uuid',
  deployment_id: 'uuid',
  model_version_id: 'uuid',
  precision: 'text',
  input: 'json',
  value: 'text',
  scores: 'json',
  targets: 'json',
  latency_ms: 'real',
  request_id: 'text',
  created_at: 'timestamptz',
};

/** One prediction on its way to the database. */
export interface Recording {
  id: string;
  request: RecordedRequest;
  row: number;
}

const json = (value: object | null | undefined): string | null => (value ? JSON.stringify(value) : null);
