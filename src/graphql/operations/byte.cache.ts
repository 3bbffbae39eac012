interface Entry<V> {
  value: V;
  bytes: number;
}

/** Of an entry besides what it holds: key, links, bookkeeping. */
const ENTRY_BYTES = 500;

/** Keeps what was used last, within a number of bytes. */
export class ByteCache<V> {
  private readonly entries = new Map<string, Entry<V>>();
  private bytes = 0;

  constructor(private readonly bytesMax: number) {}

  /** What all entries take. */
  get size(): number {
    return this.bytes;
  }

  get(key: string): V | undefined {
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry.value;
  }

  /** `bytes` of the value. One that would take more than a quarter of the cache is not kept. */
  set(key: string, value: V, bytes: number): void {
    this.delete(key);
    const entry = { value, bytes: bytes + 2 * key.length + ENTRY_BYTES };
    if (entry.bytes > this.bytesMax / 4) return;
    this.entries.set(key, entry);
    this.bytes += entry.bytes;
    for (const oldest of this.entries.keys()) {
      if (this.bytes <= this.bytesMax) return;
      this.delete(oldest);
    }
  }

  delete(key: string): boolean {
    this.bytes -= this.entries.get(key)?.bytes ?? 0;
    return this.entries.delete(key);
  }
}
