import type { Meter } from './artifact.store';

/** Gathers chunks into parts of exactly `partBytes` (the last may be shorter); holds about one part in memory. */
export async function* partsOf(
  chunks: AsyncGenerator<Uint8Array>,
  meter: Meter,
  partBytes: number,
): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const chunk of chunks) {
    meter.add(chunk);
    let rest = chunk;
    while (heldBytes + rest.byteLength >= partBytes) {
      const take = partBytes - heldBytes;
      yield Buffer.concat([...held, rest.subarray(0, take)]);
      rest = rest.subarray(take);
      held = [];
      heldBytes = 0;
    }
    if (rest.byteLength > 0) held.push(rest);
    heldBytes += rest.byteLength;
  }
  if (heldBytes > 0) yield Buffer.concat(held);
}
