/** A run's state between chunks as bytes: JSON header (length-prefixed), then the states of the families. */

export interface FinishedCandidate {
  /** Identifies the candidate, so that a checkpoint of another request is not taken up. */
  name: string;
  family: string;
  parameters: Record<string, unknown>;
  /** Validation score, lower is better; null when training diverged. */
  score: number | null;
}

export interface RunCheckpoint {
  lastOrdinal: number;
  /** Steps of the finished candidates, so that the step axis keeps growing. */
  stepBase: number;
  lastStep: number;
  /** Progress last reported. */
  progress: number;
  finished: FinishedCandidate[];
  /** Last state of the best finished candidate; null when it never made one. Training it on from there gives it back. */
  best: Uint8Array | null;
  /** Of the candidates up to the one in training: the kinds of their states. */
  stateKinds: string[];
  /** State of the candidate in training, named by `currentName`. */
  currentName: string;
  current: Uint8Array;
}

const VERSION = 2;

export function encodeCheckpoint({ best, current, ...header }: RunCheckpoint): Uint8Array {
  const text = new TextEncoder().encode(
    JSON.stringify({ ...header, version: VERSION, bestLength: best?.length ?? -1, currentLength: current.length }),
  );
  const bytes = new Uint8Array(4 + text.length + (best?.length ?? 0) + current.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  if (best) bytes.set(best, 4 + text.length);
  bytes.set(current, bytes.length - current.length);
  return bytes;
}

/** Null when the bytes are no checkpoint of this version: the run then starts afresh. */
export function decodeCheckpoint(bytes: Uint8Array): RunCheckpoint | null {
  try {
    const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(4, 4 + length));
    const { version, bestLength, currentLength, ...header } = JSON.parse(text);
    const start = 4 + length;
    const size = start + Math.max(0, bestLength) + currentLength;
    if (version !== VERSION || size !== bytes.length) return null;
    const best = bestLength < 0 ? null : bytes.slice(start, start + bestLength);
    return { ...header, best, current: bytes.slice(bytes.length - currentLength) };
  } catch {
    return null;
  }
}
