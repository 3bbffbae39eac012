/** Room for the histograms of nodes that are to be split yet. */
export class HistogramSlots {
  private readonly free: number[];

  constructor(count: number) {
    this.free = Array.from({ length: count }, (_, slot) => slot);
  }

  get freeCount(): number {
    return this.free.length;
  }

  /** Null where all are taken. */
  take(): number | null {
    return this.free.pop() ?? null;
  }

  giveBack(slot: number | null): void {
    if (slot !== null) this.free.push(slot);
  }
}
