/** Everything a training run needs to go on from where it was, and its bytes. */
import { GRADIENT_STATE_VERSION } from '../families/training/gradient';
import type { Plateau } from './schedule';

export interface TrainingState {
  /** Steps taken. */
  step: number;
  /** [parameters, ...slots]. */
  vectors: Float32Array[];
  /** Training losses since the last point. */
  window: { sum: number; steps: number };
  /** Lowest validation loss so far and its parameters. */
  best: { loss: number; epoch: number; parameters: Float32Array } | null;
  rate: Rate;
  finished: boolean;
}

/** What the learning rate of the schedule is multiplied by, and of. */
export interface Rate extends Plateau {
  /** The learning rate before any schedule; a caller may change it while a run trains. */
  base: number;
}

/** A length-prefixed JSON header, then the vectors as little-endian float32: [best parameters], parameters, slots. */
export function encodeState(state: TrainingState, fingerprint: string): Uint8Array {
  const { step, window, best, rate, finished, vectors } = state;
  const arrays = [...(best ? [best.parameters] : []), ...vectors];
  const header = new TextEncoder().encode(
    JSON.stringify({
      version: GRADIENT_STATE_VERSION,
      fingerprint,
      step,
      window,
      rate,
      finished,
      // JSON has no infinity; a best loss is always finite.
      best: best && { loss: best.loss, epoch: best.epoch },
      lengths: arrays.map((array) => array.length),
    }),
  );
  const bytes = new Uint8Array(4 + header.length + arrays.reduce((sum, array) => sum + array.byteLength, 0));
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(header, 4);
  arrays.reduce((at, array) => {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    return at + array.byteLength;
  }, 4 + header.length);
  return bytes;
}

/** Null when the bytes are no state of a training with this fingerprint. */
export function decodeState(bytes: Uint8Array, fingerprint: string): TrainingState | null {
  try {
    const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size)));
    if (header.version !== GRADIENT_STATE_VERSION || header.fingerprint !== fingerprint) return null;
    let at = 4 + size;
    const arrays = (header.lengths as number[]).map((length) => {
      const array = new Float32Array(bytes.slice(at, (at += length * 4)).buffer);
      if (array.length !== length) throw new Error('Truncated.');
      return array;
    });
    const best = header.best && { ...header.best, parameters: arrays.shift() };
    const { step, window, rate, finished } = header;
    return { step, window, rate, finished, best, vectors: arrays };
  } catch {
    return null;
  }
}
