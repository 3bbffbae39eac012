import type { GivenRows } from './given-rows';
import type { PredictPayload } from './prediction.payload';

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

/**
 * One prediction on its way to the database: texts in the order of COLUMNS. Text at once, because it lives until the next
 * INSERT: a few strings cost the garbage collector far less than the request and the answer they stand for.
 */
export type Recording = (string | null)[];

/** The recordings of a request: those of its rows that have an id. */
export function recordingsOf(requestId: string, given: GivenRows, answer: PredictPayload): Recording[] {
  const { deployment, modelVersion, latencyMs, recordedIds } = answer;
  const latency = String(latencyMs);
  const createdAt = new Date().toISOString();
  return recordedIds.flatMap((id, row) => {
    if (!id) return [];
    const { value, scores, targets } = answer.at(row);
    const made = [id, deployment.id, modelVersion.id, deployment.precision, given.json(row)];
    return [[...made, value, json(scores), json(targets), latency, requestId, createdAt]];
  });
}

const json = (value: object | null | undefined): string | null => (value ? JSON.stringify(value) : null);
