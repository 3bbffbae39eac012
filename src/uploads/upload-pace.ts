import { PraxisError } from '../kernel';

export interface Pace {
  /** How long is waited for bytes before they are counted. */
  windowMs: number;
  /** That must come in each window. */
  byteCountMin: number;
}

/** A modem of the last century is faster. */
export const UPLOAD_PACE: Pace = { windowMs: 30_000, byteCountMin: 30_000 };

/** The sender has stopped, or sends next to nothing. */
export class UploadStalled extends PraxisError {
  constructor({ windowMs, byteCountMin }: Pace) {
    const pace = `${byteCountMin.toLocaleString('en-US')} bytes in ${windowMs / 1_000} seconds`;
    super('UNAVAILABLE', `The upload was cut off: fewer than ${pace} came. Nothing was kept; send the file again.`);
  }
}

/**
 * Hands on the chunks of a sender as long as enough come. Only the time counts that was waited for him: what the storage
 * takes is not his. Throws UploadStalled, and asks the source for nothing more.
 */
export async function* paced(source: AsyncIterator<Uint8Array>, pace: Pace): AsyncGenerator<Uint8Array> {
  let waitedMs = 0;
  let byteCount = 0;
  for (;;) {
    const start = performance.now();
    const next = await orStalled(source.next(), pace.windowMs - waitedMs);
    if (next === 'STALLED') throw new UploadStalled(pace);
    if (next.done) return;
    waitedMs += performance.now() - start;
    byteCount += next.value.byteLength;
    // Enough of it opens the next window, so that a fast beginning is no credit for a slow end.
    if (byteCount >= pace.byteCountMin) [waitedMs, byteCount] = [0, 0];
    yield next.value;
  }
}

async function orStalled<T>(next: Promise<T>, limitMs: number): Promise<T | 'STALLED'> {
  let timer: NodeJS.Timeout | undefined;
  const stalled = new Promise<'STALLED'>((resolve) => {
    timer = setTimeout(() => resolve('STALLED'), Math.max(0, limitMs));
  });
  // Nobody hears a source that fails after it was left.
  next.catch(() => undefined);
  return Promise.race([next, stalled]).finally(() => clearTimeout(timer));
}
