/** Rows of a table that memory does not hold, dealt to blocks on disk as they come. */
import { mebibytes } from '../../../formats';
import { BlockWriter, type BlockLayout } from '../../executors/block-files';
import { planParameters } from '../../families/registry';
import { bucketBounds, bucketOf, raggedLayout, sequenceLengths, type Ragged } from '../../gradient/buckets';
import type { Matrix } from '../../learning/fit';
import { encodeRows } from '../../preprocess/encode';
import { encodedWidth } from '../../preprocess/encoding';
import { Random } from '../../random';
import type { ScannedRows } from '../../rows/scan';
import { hasSeveralTargets, labelsSteps, learnsFeatures } from '../../tasks/registry';
import type { Column, StreamRequest } from '../../types';
import { streamSeed, type Fitted } from './fit-rows';
import type { LearntPart, Sink } from './sinks';
import { targetValues, type TargetScaling } from './targets';

const DEAL = 0xdea1;
/** Of the memory: a group of blocks, of which two are held, and what is written. */
const TRAIN_SHARE = 1 / 4;
const VALIDATION_SHARE = 1 / 8;
const BUFFER_SHARE = 1 / 4;

interface Part {
  writer: BlockWriter;
  groupOf(block: number): number;
}

export class BlockSink implements Sink {
  private readonly ragged: Ragged | null;
  /** Bounds of the buckets of ragged sequences, in columns; otherwise the width alone. */
  private readonly widths: number[];
  private readonly parts: Record<LearntPart, Part>;

  constructor(
    private readonly request: StreamRequest,
    private readonly fitted: Fitted,
    private readonly scaling: TargetScaling,
  ) {
    const width = encodedWidth(fitted.encoding);
    this.ragged = raggedLayout(fitted.layout, fitted.selection.target.task);
    this.widths = this.ragged ? this.raggedWidths(this.ragged) : [width];
    const layout = this.rowLayout();
    const bytes = 4 * (width + layout.targets * (layout.weighted ? 2 : 1));
    const groupsOf = (rows: Uint32Array, share: number) =>
      Math.ceil((rows.length * bytes) / (request.bytesMax * share));
    const { train, validation } = fitted.parts;
    const groups = Math.max(2, groupsOf(train, TRAIN_SHARE));
    const scored = Math.max(1, groupsOf(validation, VALIDATION_SHARE));
    const deals = this.widths.map((_, block) => dealer(groups, streamSeed(request.seed, DEAL + block)));
    let taken = 0;
    this.parts = {
      train: {
        writer: new BlockWriter({ ...layout, name: 'train', groups, widths: this.widths }),
        groupOf: (block) => deals[block](),
      },
      validation: {
        writer: new BlockWriter({ ...layout, name: 'validation', groups: scored, widths: [width] }),
        groupOf: () => Math.floor((taken++ * scored) / validation.length),
      },
    };
  }

  add(part: LearntPart, features: Column[], { rows, at }: ScannedRows): void {
    const { writer, groupOf } = this.parts[part];
    const matrix = this.encode(features, at, targetValues(this.fitted.selection.target, rows, this.scaling));
    const bounds = this.widths.map((width) => width / (this.ragged?.channels ?? 1));
    const lengths = this.ragged && part === 'train' ? sequenceLengths(matrix, this.ragged) : null;
    for (let row = 0; row < rows.length; row++) {
      const block = lengths ? bucketOf(bounds, lengths[row]) : 0;
      writer.append(groupOf(block), block, matrix, row);
    }
  }

  finish() {
    const [train, validation] = [this.parts.train.writer.finish(), this.parts.validation.writer.finish()];
    const note =
      `The encoded rows take more than the ${mebibytes(this.request.bytesMax)} they may have in memory: they are ` +
      `read from disk, in ${train.groups.length} blocks.`;
    return { train, validation, note };
  }

  private encode(features: Column[], rows: Uint32Array, targets: Pick<Matrix, 'y' | 'weight'>): Matrix {
    const { encoding } = this.fitted;
    const x = encodeRows(features, rows, encoding);
    return { rows: rows.length, width: encodedWidth(encoding), x, ...targets };
  }

  /** Each bucket of each block is to have a mini-batch of rows, judged by the rows that the encoding is fitted to. */
  private raggedWidths(ragged: Ragged): number[] {
    const { estimator, bytesMax } = this.request;
    const { features, rows: fittedTo, seen } = this.fitted;
    const sample = this.encode(features, fittedTo, targetValues(seen, fittedTo, this.scaling));
    const { rows, width } = sample;
    const { batchSize } = planParameters(estimator.family, estimator.parameters, rows);
    const rowsPerBlock = (bytesMax * TRAIN_SHARE) / (4 * width);
    const rowsMin = Math.ceil(rows * Math.min(1, Number(batchSize) / rowsPerBlock));
    const bounds = bucketBounds(sequenceLengths(sample, ragged), rowsMin);
    // Rows outside the sample may be longer.
    return [...bounds.slice(0, -1).map((bound) => bound * ragged.channels), width];
  }

  private rowLayout(): Omit<BlockLayout, 'name' | 'groups' | 'widths'> {
    const { scratch, bytesMax } = this.request;
    const { task, columns, rows, weights } = this.fitted.selection.target;
    const missing = hasSeveralTargets(task) && columns.some((column) => column.rows.length < rows.length);
    return {
      folder: scratch,
      targets: learnsFeatures(task) ? 1 : columns.length,
      labeled: labelsSteps(task),
      weighted: this.scaling.weights !== null || weights !== undefined || missing,
      bufferBytes: (bytesMax * BUFFER_SHARE) / 2,
    };
  }
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
