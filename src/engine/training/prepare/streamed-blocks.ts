/** Rows of a table that is read in parts, dealt to blocks on disk. */
import { Random } from '../../random';
import { BlockWriter, type BlockLayout } from '../../executors/block-files';
import { bucketOf, sequenceLengths } from '../../gradient/buckets';
import type { Blocks, Matrix } from '../../learning/fit';
import { encodeRows } from '../../preprocess/encode';
import { encodedWidth } from '../../preprocess/encoding';
import { widenRanges } from '../../preprocess/ranges/range';
import { LevelCounter } from '../../preprocess/ranges/rare-levels';
import { hasSeveralTargets, labelsSteps, learnsFeatures } from '../../tasks/registry';
import type { Column, StreamRequest, Table } from '../../types';
import { targetValues, UnknownIds, type scaleTargets } from './prepare';
import type { Fitted } from './prepare.stream';

const DEAL = 0xdea1;
/** Of the memory: a group of blocks, of which two are held, and what is written. */
export const TRAIN_SHARE = 1 / 4;
const VALIDATION_SHARE = 1 / 8;
const BUFFER_SHARE = 1 / 4;

export const streamSeed = (seed: number, stream: number) => new Random(seed, stream).uint32();

interface Part {
  writer: BlockWriter;
  rows: Uint32Array;
  /** How many of the rows are written. */
  done: number;
  groupOf(block: number): number;
}

/** Writes the rows of the table as they come to the blocks of their part. */
export class StreamedBlocks {
  private readonly train: Part;
  private readonly validation: Part;
  private readonly test: Pick<Part, 'rows' | 'done'>;
  readonly unknown: UnknownIds;
  private readonly levels: LevelCounter;

  constructor(
    request: StreamRequest,
    private readonly fitted: Fitted,
    private readonly scaling: ReturnType<typeof scaleTargets>,
  ) {
    const { parts, widths } = fitted;
    const { bytesMax, seed } = request;
    const { train, validation } = parts;
    const layout = this.layoutOf(request);
    const bytes = 4 * (Math.max(...widths) + layout.targets * (layout.weighted ? 2 : 1));
    const groups = Math.max(2, Math.ceil((train.length * bytes) / (bytesMax * TRAIN_SHARE)));
    const deals = widths.map((_, block) => dealer(groups, streamSeed(seed, DEAL + block)));
    this.train = partOf(train, { ...layout, name: 'train', groups }, (block) => deals[block]());
    const scored = Math.max(1, Math.ceil((validation.length * bytes) / (bytesMax * VALIDATION_SHARE)));
    this.test = { rows: parts.test, done: 0 };
    this.unknown = new UnknownIds(fitted.encoding);
    this.levels = new LevelCounter(fitted.inputs);
    let taken = 0;
    this.validation = partOf(
      validation,
      { ...layout, name: 'validation', groups: scored, widths: [Math.max(...widths)] },
      () => Math.floor((taken++ * scored) / validation.length),
    );
  }

  /** A part of the table, from row `first` on, and what the steps make of it. */
  add({ rowCount, columns }: Table, features: Column[], first: number): void {
    const tested = rowsBelow(this.test, first + rowCount).map((row) => row - first);
    this.unknown.add('test', features, tested);
    for (const part of [this.train, this.validation]) {
      const rows = rowsBelow(part, first + rowCount);
      if (rows.length === 0) continue;
      const local = rows.map((row) => row - first);
      const { encoding, selection, ragged, inputs } = this.fitted;
      if (part === this.train) {
        widenRanges(inputs, columns, local);
        this.levels.add(columns, local);
      } else this.unknown.add('validation', features, local);
      const matrix: Matrix = {
        rows: rows.length,
        width: encodedWidth(encoding),
        x: encodeRows(features, local, encoding),
        ...targetValues(selection.target, rows, this.scaling),
      };
      const bounds = this.fitted.widths.map((width) => width / (ragged?.channels ?? 1));
      const lengths = ragged && part === this.train ? sequenceLengths(matrix, ragged) : null;
      for (let row = 0; row < rows.length; row++) {
        const block = lengths ? bucketOf(bounds, lengths[row]) : 0;
        part.writer.append(part.groupOf(block), block, matrix, row);
      }
    }
  }

  finish(): { train: Blocks; validation: Blocks } {
    for (const { rows, done } of [this.train, this.validation]) {
      if (done < rows.length) throw new Error(`The table ended ${rows.length - done} rows too early.`);
    }
    this.levels.finish();
    return { train: this.train.writer.finish(), validation: this.validation.writer.finish() };
  }

  private layoutOf({ scratch, bytesMax }: StreamRequest): Omit<BlockLayout, 'name' | 'groups'> {
    const { selection, widths } = this.fitted;
    const { task, columns, rows } = selection.target;
    const missing = hasSeveralTargets(task) && columns.some((column) => column.rows.length < rows.length);
    return {
      folder: scratch,
      widths,
      targets: learnsFeatures(task) ? 1 : columns.length,
      labeled: labelsSteps(task),
      weighted: this.scaling.weights !== null || missing,
      bufferBytes: (bytesMax * BUFFER_SHARE) / 2,
    };
  }
}

const partOf = (rows: Uint32Array, layout: BlockLayout, groupOf: (block: number) => number): Part => ({
  writer: new BlockWriter(layout),
  rows,
  done: 0,
  groupOf,
});

/** The next rows of a part that are below `end`. */
export function rowsBelow(part: Pick<Part, 'rows' | 'done'>, end: number): Uint32Array {
  const from = part.done;
  while (part.done < part.rows.length && part.rows[part.done] < end) part.done++;
  return part.rows.slice(from, part.done);
}

/** Deals to each group once, in a random order, before it deals to any again: groups differ by a row at most. */
function dealer(groups: number, seed: number): () => number {
  const random = new Random(seed);
  const order = Uint32Array.from({ length: groups }, (_, i) => i);
  let at = groups;
  return () => {
    if (at === groups) {
      random.shuffle(order);
      at = 0;
    }
    return order[at++];
  };
}
