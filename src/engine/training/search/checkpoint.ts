/** A run's state between chunks as bytes: JSON header (length-prefixed), then the states of the learners. */

/** How far the events of a run had come. */
export interface Place {
  ordinal: number;
  /** The step axis keeps growing from fit to fit. */
  step: number;
  /** Last reported. */
  progress: number;
}

/** What a fit came to. */
export interface FitOutcome {
  /** Of the validation rows, lower is better, and others beside it; null when training diverged. */
  scores: (number | null)[];
  parameters: Record<string, unknown>;
  parameterCount: number;
  bestEpoch: number;
  /** How long it learnt; null: there is no such choice. */
  length: number | null;
  /** Whether the learner fits the model once more, to the validation rows as well, when it is asked to. */
  awaitsRefit: boolean;
}

export interface FitRecord {
  /** Names the fit, and what its state is of. */
  key: string;
  outcome: FitOutcome;
  after: Place;
  /** Its last, where the model may still be needed: training on from there gives it back. */
  state: Uint8Array | null;
}

export interface RunCheckpoint {
  /** In the order of training. */
  finished: FitRecord[];
  /** The fit that goes on, and its state. */
  currentKey: string;
  current: Uint8Array;
  place: Place;
}

const VERSION = 3;

export function encodeCheckpoint({ finished, current, ...header }: RunCheckpoint): Uint8Array {
  const states = [...finished.map(({ state }) => state), current];
  const records = finished.map(({ key, outcome, after }) => ({ key, outcome, after }));
  const lengths = states.map((state) => state?.length ?? -1);
  const text = new TextEncoder().encode(JSON.stringify({ ...header, version: VERSION, records, lengths }));
  const size = states.reduce((sum, state) => sum + (state?.length ?? 0), 4 + text.length);
  const bytes = new Uint8Array(size);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  let at = 4 + text.length;
  for (const state of states) {
    if (!state) continue;
    bytes.set(state, at);
    at += state.length;
  }
  return bytes;
}

/** Null when the bytes are no checkpoint of this version: the run then starts afresh. */
export function decodeCheckpoint(bytes: Uint8Array): RunCheckpoint | null {
  try {
    const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(4, 4 + length));
    const { version, records, lengths, ...header } = JSON.parse(text);
    if (version !== VERSION) return null;
    let at = 4 + length;
    const states = (lengths as number[]).map((size) => (size < 0 ? null : bytes.slice(at, (at += size))));
    if (at !== bytes.length) return null;
    const finished = (records as Omit<FitRecord, 'state'>[]).map((record, i) => ({ ...record, state: states[i] }));
    return { ...header, finished, current: states.at(-1)! };
  } catch {
    return null;
  }
}
