/** The columns stage once it is fitted: the same graph gives the values to train on and is the first part of the model file. */
import { shown } from '../../formats';
import type { GraphBuilder } from '../onnx/graph';
import { ColumnRunner } from '../executors/column-runner';
import { stepOf } from '../steps/registry';
import type { Column, PreprocessOptions } from '../types';
import { flagOf, type FittedTransform } from './definition';
import type { PlannedTransform, Slot } from './plan';
import type { GraphColumns } from './tensors';

export interface FittedPart {
  planned: PlannedTransform;
  fitted: FittedTransform;
  /** Among the transforms. */
  index: number;
}

/** A column that the encoding reads. */
export interface Feature {
  /** Where its values are, in a graph with all transforms; its name, where no transform changes it. */
  key: string;
  name: string;
  kind: Column['kind'];
  /** No column of the table. */
  isMade: boolean;
  options: Partial<PreprocessOptions>;
}

export class FittedColumns {
  private runner: Promise<ColumnRunner> | null = null;

  constructor(
    private readonly parts: readonly FittedPart[],
    readonly features: readonly Feature[],
    /** Names of the columns of the table that are read, in its order. */
    readonly inputs: readonly string[],
  ) {}

  /** What a person should know of how the steps fit the rows. */
  get notes(): string[] {
    return this.parts.flatMap(({ planned: { step }, fitted: { note } }) =>
      note === undefined ? [] : [`Step ${shown(step.id)} (${step.kind}) ${note}.`],
    );
  }

  get isEmpty(): boolean {
    return this.parts.length === 0;
  }

  /** Appends the transforms; then the features are the columns of their names. */
  append(graph: GraphBuilder, columns: GraphColumns): void {
    for (const part of this.parts) appendTransform(graph, columns, part);
    columns.rename(new Map(this.features.map(({ key, name }) => [key, name])));
  }

  /** The features of rows of the table. */
  async apply(columns: readonly Column[], rowCount: number): Promise<Column[]> {
    const byName = new Map(columns.map((column) => [column.name, column]));
    const changed = this.features.filter(isChanged);
    if (changed.length > 0) {
      this.runner ??= ColumnRunner.create({
        inputs: this.inputs.map((name) => ({ name, kind: byName.get(name)!.kind })),
        outputs: changed,
        append: (graph, tensors) => this.append(graph, tensors),
      });
      for (const column of await (await this.runner).run(columns, rowCount)) byName.set(column.name, column);
    }
    return this.features.map(({ name }) => byName.get(name)!);
  }

  /** What a missing number of a column of the table becomes, in its unit; null: nothing, or in no such unit. @param encoded by the encoding */
  fillOf(name: string, encoded: number | null): number | null {
    if (!this.features.some((each) => each.name === name && !each.isMade)) return null;
    for (const { planned, fitted } of this.parts) {
      const isOnPath = planned.flagged.has(name) || !stepOf(planned.step.kind).columns!.encodes;
      if (!isOnPath || !planned.writes.some((slot) => slot.name === name)) continue;
      const fill = fitted.fills?.get(name);
      if (fill !== undefined) return fill;
      if (fitted.changesUnit) return null;
    }
    return encoded;
  }

  isChanged(name: string): boolean {
    const feature = this.features.find((each) => each.name === name && !each.isMade);
    return feature === undefined || isChanged(feature);
  }

  /** Names of the columns of the table that a feature is made of. */
  sourcesOf(name: string): string[] {
    const { key } = this.features.find((each) => each.name === name)!;
    const sources = [...tracedTo(this.parts.toReversed(), key)];
    return this.inputs.filter((input) => sources.includes(input));
  }

  async release(): Promise<void> {
    await (await this.runner)?.release();
    this.runner = null;
  }
}

/** Keys of the columns of the table that the column of a key is made of. @param parts the last one first */
function tracedTo(parts: readonly FittedPart[], key: string): Set<string> {
  const at = parts.findIndex((part) => readsFor(part, key) !== null);
  if (at < 0) return new Set([key]);
  const reads = readsFor(parts[at], key)!;
  return new Set(reads.flatMap((slot) => [...tracedTo(parts.slice(at + 1), slot.key)]));
}

/** What a transform reads for the column of a key; null where it does not write it. */
function readsFor(part: FittedPart, key: string): Slot[] | null {
  const { planned, fitted } = part;
  const written = planned.writes.findIndex((slot) => slot.key === key);
  if (written >= 0) return stepOf(planned.step.kind).columns!.isColumnwise ? [planned.reads[written]] : planned.reads;
  const flagged = (fitted.flags ?? []).find((of) => flagKey(part, of) === key);
  return flagged === undefined ? null : planned.reads.filter((slot) => slot.name === flagged);
}

export const isChanged = ({ key, name }: Feature): boolean => key !== name;

/** Appends one transform, whose columns are known to the graph by their keys. */
export function appendTransform(graph: GraphBuilder, columns: GraphColumns, part: FittedPart): void {
  const { planned, fitted } = part;
  const reads = new Map(planned.reads.map(({ name, key }) => [name, key]));
  const writes = new Map([
    ...planned.writes.map(({ name, key }) => [name, key] as const),
    ...(fitted.flags ?? []).map((of) => [flagOf(of), flagKey(part, of)] as const),
  ]);
  fitted.append(graph, {
    take: (names) => columns.take(names.map((name) => reads.get(name)!)),
    set: (names, tensor) =>
      columns.set(
        names.map((name) => writes.get(name)!),
        tensor,
      ),
  });
}

export const flagKey = ({ index }: FittedPart, of: string): string => `${flagOf(of)} ${index}`;
