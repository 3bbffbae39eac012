/** Numbers and texts that a seed decides. */
export class Random {
  constructor(private state: number) {}

  /** In [0, 1); mulberry32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** Of any size from a thousandth to a hundred million, of either sign. */
  number(): number {
    return (this.next() - 0.3) * 10 ** (this.below(11) - 3);
  }

  text(characters: string): string {
    const all = [...characters];
    return Array.from({ length: 1 + this.below(12) }, () => all[this.below(all.length)]).join('');
  }
}
