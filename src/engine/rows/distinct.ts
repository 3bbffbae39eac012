import { hashRows } from './row-hash';
import type { RowReader } from './definition';

const LANES = 4;
/** Of a slot of a set: a hash. A set is at most half full. */
const SLOT_BYTES = 4 * LANES;

/**
 * A mask of the first row of each kind, told by a hash of 128 bits of the columns. Where the hashes take more than the bytes
 * that there are, the rows are read several times, each time for a share of the hashes.
 */
export async function firstOfEach(rows: RowReader, columns: readonly string[]): Promise<Uint8Array> {
  const mask = new Uint8Array(rows.rowCount);
  const passes = Math.max(1, Math.ceil((2 * SLOT_BYTES * rows.rowCount) / rows.bytesMax));
  for (let pass = 0; pass < passes; pass++) {
    const seen = new HashSet(Math.ceil(rows.rowCount / passes));
    let first = 0;
    for await (const table of rows.scan(columns)) {
      const hashes = hashRows(table.columns, table.rowCount);
      for (let row = 0; row < table.rowCount; row++) {
        const isMeant = passes === 1 || (hashes[row * LANES + LANES - 1] >>> 0) % passes === pass;
        if (isMeant && seen.add(hashes, row * LANES)) mask[first + row] = 1;
      }
      first += table.rowCount;
    }
  }
  return mask;
}

/** Open addressing with linear probing; a slot of zeros is empty. */
class HashSet {
  private slots: Int32Array;
  private mask: number;
  private size = 0;

  constructor(expected: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(16, 2 * Math.min(expected, 2 ** 16))));
    this.mask = slots - 1;
    this.slots = new Int32Array(slots * LANES);
  }

  /** False where it is there. */
  add(hashes: Int32Array, at: number): boolean {
    if (2 * (this.size + 1) > this.mask + 1) this.grow();
    const place = this.find(hashes, at);
    if (this.isUsed(place)) return false;
    this.slots.set(hashes.subarray(at, at + LANES), place);
    // One of zeros would be taken for an empty slot.
    if (!this.isUsed(place)) this.slots[place] = 1;
    this.size++;
    return true;
  }

  private isUsed(place: number): boolean {
    const { slots } = this;
    return (slots[place] | slots[place + 1] | slots[place + 2] | slots[place + 3]) !== 0;
  }

  /** Where it is, or would be. */
  private find(hashes: Int32Array, at: number): number {
    const { slots } = this;
    for (let slot = hashes[at] & this.mask; ; slot = (slot + 1) & this.mask) {
      const place = slot * LANES;
      if (!this.isUsed(place)) return place;
      let same = true;
      for (let lane = 0; lane < LANES && same; lane++) same = slots[place + lane] === hashes[at + lane];
      if (same) return place;
    }
  }

  private grow(): void {
    const old = this.slots;
    this.slots = new Int32Array(old.length * 2);
    this.mask = this.slots.length / LANES - 1;
    for (let place = 0; place < old.length; place += LANES) {
      if ((old[place] | old[place + 1] | old[place + 2] | old[place + 3]) === 0) continue;
      this.slots.set(old.subarray(place, place + LANES), this.find(old, place));
    }
  }
}
