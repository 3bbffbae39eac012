/** Rows in blocks: those in memory as a single one, and reading ahead. */
import type { Numbers } from '../types';
import type { Blocks, Matrix, Rows } from './fit';

export const inBlocks = (rows: Rows): Blocks => ('groups' in rows ? rows : wholeInMemory([rows]));

/** Blocks that are in memory as one group. */
export function wholeInMemory(blocks: Matrix[]): Blocks {
  return {
    rows: blocks.reduce((sum, { rows }) => sum + rows, 0),
    width: blocks.reduce((most, { width }) => Math.max(most, width), 0),
    groups: [blocks.map(({ rows, width }) => ({ rows, width }))],
    load: () => Promise.resolve(blocks),
  };
}

/** Loads groups, the next one while the caller works on the last. */
export class ReadAhead<X extends Numbers = Float32Array> {
  private current: Loading<X> | null = null;
  private ahead: Loading<X> | null = null;

  constructor(private readonly blocks: Blocks<X>) {}

  /** The blocks of a group; `next` is the one that will be asked for after it, if any. */
  async load(group: number, next: number | null): Promise<Matrix<X>[]> {
    if (this.current?.group !== group) {
      this.current = this.ahead?.group === group ? this.ahead : this.start(group);
      this.ahead = null;
    }
    const loaded = await this.current.blocks;
    if (next !== null && next !== group && this.ahead?.group !== next) this.ahead = this.start(next);
    return loaded;
  }

  private start(group: number): Loading<X> {
    const blocks = this.blocks.load(group);
    // Whoever waits for it hears of a failure.
    blocks.catch(() => undefined);
    return { group, blocks };
  }
}

interface Loading<X extends Numbers> {
  group: number;
  blocks: Promise<Matrix<X>[]>;
}

/** Calls `visit` with each block, in order. */
export async function eachBlock<X extends Numbers>(
  blocks: Blocks<X>,
  visit: (block: Matrix<X>) => Promise<void> | void,
): Promise<void> {
  const reading = new ReadAhead(blocks);
  for (let group = 0; group < blocks.groups.length; group++) {
    const next = group + 1 < blocks.groups.length ? group + 1 : null;
    for (const block of await reading.load(group, next)) if (block.rows > 0) await visit(block);
  }
}
