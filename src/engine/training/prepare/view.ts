/** A table as one way of reading sees it, while it is passed over. */
import type { LearnedRows } from '../../learning/fit';
import { widenRanges } from '../../preprocess/ranges/range';
import { LevelCounter } from '../../preprocess/ranges/rare-levels';
import type { SourceRequest } from '../../rows/memory';
import type { ScannedRows } from '../../rows/scan';
import type { Split, Table } from '../../types';
import type { Fitted } from './fit-rows';
import { HELD_OUT, UnknownIds } from './notes';
import { LEARNT, sinkFor, type LearntPart, type Sink } from './sinks';
import type { TargetScaling } from './targets';

interface Learnt extends Record<LearntPart, LearnedRows> {
  /** What there is to say of ids. */
  notes: string[];
  /** Where the rows are, if that is worth telling. */
  note?: string;
}

export class View {
  private readonly sink: Sink;
  private readonly unknown: UnknownIds;
  /** Where a sample was read. */
  private readonly seen: LevelCounter | null;

  constructor(
    request: SourceRequest,
    readonly fitted: Fitted,
    readonly scaling: TargetScaling,
  ) {
    this.sink = sinkFor(request, fitted, scaling);
    this.unknown = new UnknownIds(fitted.encoding);
    this.seen = fitted.isWhole ? null : new LevelCounter(fitted.inputs);
  }

  get lostDigits(): string[] {
    return [...this.fitted.lostDigits, ...this.scaling.lostDigits];
  }

  /** The next part of the table, and which of its rows are of which part of the split. */
  async add(part: Table, of: Record<Split, ScannedRows>): Promise<void> {
    const { fitted, seen } = this;
    const features = await fitted.featuresOf(part);
    if (seen) {
      widenRanges(fitted.inputs, part.columns, of.train.at);
      seen.add(part.columns, of.train.at);
    }
    for (const name of HELD_OUT) this.unknown.add(name, features, of[name].at);
    for (const name of LEARNT) if (of[name].rows.length > 0) this.sink.add(name, features, of[name]);
  }

  finish(): Learnt {
    this.seen?.finish();
    return { ...this.sink.finish(), notes: this.unknown.messages() };
  }

  release(): Promise<void> {
    return this.fitted.columns.release();
  }
}
