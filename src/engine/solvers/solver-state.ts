/** What exact solvers store to go on from: the fits so far. */
import { packNumbers, unpackNumbers } from '../trees/state';
import type { Weights } from './solver';

export interface PathState {
  /** Of each fit, in order; null: left out, as its path has ended. */
  losses: (number | null)[];
  /** The last one. */
  current: Weights;
  /** Of the chosen penalty: fitted to the training rows, and to those of validation as well. */
  searched: Weights | null;
  refitted: Weights | null;
}

export const emptyState = (): PathState => ({
  ...{ losses: [], current: new Float64Array(), searched: null, refitted: null },
});

/** What is known of an earlier attempt; null where the bytes are no state of such a request. */
export function decodeState(bytes: Uint8Array, fingerprint: string): PathState | null {
  try {
    const { header, reader } = unpackNumbers(bytes);
    if (header.version !== SOLVER_STATE_VERSION || header.fingerprint !== fingerprint) return null;
    const { losses, lengths } = header as { losses: (number | null)[]; lengths: (number | null)[] };
    const [current, searched, refitted] = lengths.map((length) =>
      length === null ? null : Float64Array.from({ length }, () => reader.next()),
    );
    return reader.isAtEnd ? { losses, current: current!, searched, refitted } : null;
  } catch {
    return null;
  }
}

export function encodeState({ losses, current, searched, refitted }: PathState, fingerprint: string): Uint8Array {
  const vectors = [current, searched, refitted];
  const lengths = vectors.map((vector) => vector && vector.length);
  const header = { version: SOLVER_STATE_VERSION, fingerprint, losses, lengths };
  return packNumbers(
    header,
    vectors.flatMap((vector) => (vector ? [...vector] : [])),
  );
}

/** Raised when the bytes, or what is solved of the same rows, take another form. */
const SOLVER_STATE_VERSION = 1;
