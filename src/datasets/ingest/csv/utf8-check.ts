import { isUtf8 } from 'node:buffer';

/** Finds the first byte that makes a stream no UTF-8 text. Characters may straddle chunks. */
export class Utf8Check {
  private carry: Buffer = Buffer.alloc(0);

  /** Offset inside `chunk` of the first wrong byte (0 when it belongs to an earlier chunk), or -1. */
  feed(chunk: Buffer): number {
    const joined = this.carry.length > 0 ? Buffer.concat([this.carry, chunk]) : chunk;
    const end = joined.length - incompleteTail(joined);
    const whole = joined.subarray(0, end);
    const carried = this.carry.length;
    const good = isUtf8(whole) ? whole : whole.subarray(0, firstWrong(whole));
    const nul = good.indexOf(0);
    if (nul >= 0) return Math.max(0, nul - carried);
    if (good.length < whole.length) return Math.max(0, good.length - carried);
    this.carry = Buffer.from(joined.subarray(end));
    return -1;
  }

  /** The beginning of a character that has not ended yet; a stream that ends with one is cut off. */
  get unfinished(): Buffer {
    return this.carry;
  }
}

/** Bytes of a character begun but not finished at the end of a buffer: 0 to 3. */
function incompleteTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back];
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

/** Longest valid prefix by bisection: a prefix cut inside a good character is mended by dropping its tail. */
function firstWrong(bytes: Buffer): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    const prefix = bytes.subarray(0, middle);
    if (isUtf8(prefix.subarray(0, middle - incompleteTail(prefix)))) good = middle;
    else bad = middle;
  }
  return good - incompleteTail(bytes.subarray(0, good));
}
