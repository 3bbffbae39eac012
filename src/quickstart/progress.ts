import { visible } from '../formats';

/** One line that shows where the job is: rewritten in place on a terminal, a plain line now and then elsewhere. */
export class ProgressLine {
  private shown = '';
  private printedMs = -Infinity;

  constructor(
    private readonly out: NodeJS.WriteStream = process.stderr,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** What is going on, such as `train 42 % loss 0.31`. */
  update(text: string): void {
    if (this.out.isTTY) return this.rewrite(text);
    if (this.now() - this.printedMs < PLAIN_EVERY_MS) return;
    this.print(text);
  }

  /** A step is done; its line stays, and what is going on next is told at once. */
  done(text: string): void {
    if (this.out.isTTY) this.rewrite('');
    this.print(text);
    this.printedMs = -Infinity;
  }

  /** Leaves the terminal clean, whatever was shown. */
  clear(): void {
    if (this.out.isTTY) this.rewrite('');
  }

  private rewrite(text: string): void {
    const line = visible(text).slice(0, Math.max(10, (this.out.columns ?? 80) - 1));
    if (line === this.shown) return;
    this.out.write(`\r\x1b[2K${line}`);
    this.shown = line;
  }

  private print(text: string): void {
    this.out.write(`${visible(text)}\n`);
    this.printedMs = this.now();
    this.shown = '';
  }
}

const PLAIN_EVERY_MS = 2_000;
