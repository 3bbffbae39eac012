/** Blocks of encoded rows as raw little-endian float32 files: written once, then read a group at a time. */
import { appendFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blocks, Matrix, Shape } from '../learning/fit';

export interface BlockLayout {
  /** An existing folder, and what the names of the files in it begin with. */
  folder: string;
  name: string;
  groups: number;
  /** Columns of each block of a group. */
  widths: number[];
  /** Values of y per row of the widest block. */
  targets: number;
  /** Each step has a target of its own: a narrower block has fewer. */
  labeled?: boolean;
  weighted: boolean;
  /** What the rows not yet written may take. */
  bufferBytes: number;
}

/** The parts of a block, each a file. */
const PARTS = ['x', 'y', 'weight'] as const;
type Part = (typeof PARTS)[number];

interface Buffer {
  rows: number;
  parts: Record<Part, Float32Array>;
}

/** Takes rows one by one. Throws what the file system says, ENOSPC when it is full. */
export class BlockWriter {
  private readonly shapes: Shape[][];
  private readonly buffers = new Map<string, Buffer>();
  private readonly bufferRows: number;

  constructor(private readonly layout: BlockLayout) {
    const { groups, widths, bufferBytes } = layout;
    this.shapes = Array.from({ length: groups }, () => widths.map((width) => ({ rows: 0, width })));
    const bytes = widths.reduce((sum, _, block) => sum + rowBytes(layout, block), 0) * groups;
    this.bufferRows = Math.max(1, Math.floor(bufferBytes / bytes));
  }

  /** Row `row` of a matrix that is at least as wide as the block. */
  append(group: number, block: number, { x, y, weight, width }: Matrix, row: number): void {
    const stride = this.layout.targets;
    const { y: targets } = sizesOf(this.layout, block);
    const shape = this.shapes[group][block];
    const buffer = this.bufferOf(group, block);
    const { parts } = buffer;
    parts.x.set(x.subarray(row * width, row * width + shape.width), buffer.rows * shape.width);
    parts.y.set(y.subarray(row * stride, row * stride + targets), buffer.rows * targets);
    if (this.layout.weighted) {
      const weights = parts.weight.subarray(buffer.rows * targets, (buffer.rows + 1) * targets);
      if (weight) weights.set(weight.subarray(row * stride, row * stride + targets));
      else weights.fill(1);
    }
    buffer.rows++;
    shape.rows++;
    if (buffer.rows === this.bufferRows) this.flush(group, block);
  }

  /** Writes what is left. */
  finish(): Blocks {
    this.shapes.forEach((blocks, group) => blocks.forEach((_, block) => this.flush(group, block)));
    this.buffers.clear();
    return new BlockFiles(this.layout, this.shapes);
  }

  private bufferOf(group: number, block: number): Buffer {
    const key = `${group}/${block}`;
    const known = this.buffers.get(key);
    if (known) return known;
    const sizes = sizesOf(this.layout, block);
    const buffer = { rows: 0, parts: mapParts((part) => new Float32Array(this.bufferRows * sizes[part])) };
    this.buffers.set(key, buffer);
    return buffer;
  }

  private flush(group: number, block: number): void {
    const buffer = this.buffers.get(`${group}/${block}`);
    if (!buffer || buffer.rows === 0) return;
    const sizes = sizesOf(this.layout, block);
    for (const part of PARTS) {
      const { buffer: bytes } = buffer.parts[part];
      const length = buffer.rows * sizes[part] * 4;
      if (length > 0) appendFileSync(pathOf(this.layout, { group, block, part }), new Uint8Array(bytes, 0, length));
    }
    buffer.rows = 0;
  }
}

class BlockFiles implements Blocks {
  readonly rows: number;
  readonly width: number;
  /** Two groups are in memory, the one in use and the next one. */
  private readonly slots: (Float32Array<ArrayBuffer> | null)[] = [null, null];
  private turn = 0;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly layout: BlockLayout,
    readonly groups: Shape[][],
  ) {
    this.rows = groups.flat().reduce((sum, { rows }) => sum + rows, 0);
    this.width = Math.max(...layout.widths);
  }

  /** One after the other, so that what somebody has left off reading does not end in memory that is used again. */
  load(group: number): Promise<Matrix[]> {
    const loading = this.last.then(() => this.read(group));
    this.last = loading.catch(() => undefined);
    return loading;
  }

  private async read(group: number): Promise<Matrix[]> {
    this.turn = 1 - this.turn;
    const slot = (this.slots[this.turn] ??= new Float32Array(this.slotLength()));
    let at = 0;
    const blocks: Matrix[] = [];
    for (const [block, { rows, width }] of this.groups[group].entries()) {
      const sizes = sizesOf(this.layout, block);
      const parts = mapParts((part) => slot.subarray(at, (at += rows * sizes[part])));
      for (const part of PARTS) await fill(pathOf(this.layout, { group, block, part }), parts[part]);
      blocks.push({ rows, width, x: parts.x, y: parts.y, weight: this.layout.weighted ? parts.weight : null });
    }
    return blocks;
  }

  private slotLength(): number {
    const lengths = this.groups.map((blocks) =>
      blocks.reduce((sum, { rows }, block) => sum + (rows * rowBytes(this.layout, block)) / 4, 0),
    );
    // Not spread: arguments have their place on the stack, and groups may be many.
    return lengths.reduce((most, length) => Math.max(most, length), 0);
  }
}

const mapParts = (map: (part: Part) => Float32Array): Buffer['parts'] => ({
  x: map('x'),
  y: map('y'),
  weight: map('weight'),
});

/** Numbers per row of each part. */
function sizesOf({ widths, targets, weighted, labeled }: BlockLayout, block: number): Record<Part, number> {
  const valuesPerRow = labeled ? (targets * widths[block]) / Math.max(...widths) : targets;
  return { x: widths[block], y: valuesPerRow, weight: weighted ? valuesPerRow : 0 };
}

function rowBytes(layout: BlockLayout, block: number): number {
  const { x, y, weight } = sizesOf(layout, block);
  return 4 * (x + y + weight);
}

function pathOf({ folder, name }: BlockLayout, at: { group: number; block: number; part: Part }): string {
  return join(folder, `${name}-${at.group}-${at.block}.${at.part}`);
}

/** Reads a file that is as long as the array; the reads go on while the thread computes. */
async function fill(path: string, array: Float32Array): Promise<void> {
  if (array.length === 0) return;
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const file = await open(path, 'r');
  try {
    for (let at = 0; at < bytes.length;) {
      const { bytesRead } = await file.read(bytes, at, bytes.length - at, at);
      if (bytesRead === 0) throw new Error(`${path} is shorter than what was written.`);
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
}
