/** Fits the transforms of a plan to the training rows, one after the other, each to what those before it give. */
import type { Column, PreprocessOptions } from '../types';
import { ColumnRunner } from '../executors/column-runner';
import { stepOf } from '../steps/registry';
import { appendTransform, FittedColumns, flagKey, type Feature, type FittedPart } from './fitted';
import type { LivePlan } from './live';
import type { PlannedTransform, Slot } from './plan';

/** @param rows of the columns, those of the train part */
export async function fitColumns(
  plan: LivePlan,
  columns: readonly Column[],
  rows: Uint32Array,
): Promise<FittedColumns> {
  const training = new TrainingValues(columns, rows);
  const parts: FittedPart[] = [];
  for (const [i, planned] of plan.transforms.entries()) {
    const { kind, parameters } = planned.step;
    const inputs = planned.reads.map((slot) => ({ ...training.of(slot), name: slot.name, traits: slot.traits }));
    const part = { planned, fitted: stepOf(kind).columns!.fit!(parameters, inputs), index: i };
    parts.push(part);
    const isRead = ({ reads }: PlannedTransform) =>
      reads.some(({ key }) => planned.writes.some((slot) => slot.key === key));
    if (plan.transforms.slice(i + 1).some(isRead)) await training.add(part);
  }
  const order = columns.map(({ name }) => name).filter((name) => plan.inputs.has(name));
  return new FittedColumns(parts, [...featuresOf(plan), ...flagsOf(plan, parts)], order);
}

/** Values of the training rows between the steps. */
class TrainingValues {
  private readonly values = new Map<string, Column>();

  constructor(
    private readonly columns: readonly Column[],
    private readonly rows: Uint32Array,
  ) {}

  of({ key, name }: Slot): Column {
    const known = this.values.get(key);
    if (known) return known;
    const column = cut(
      this.columns.find((each) => each.name === name)!,
      this.rows,
    );
    this.values.set(key, column);
    return column;
  }

  async add(part: FittedPart): Promise<void> {
    const { reads, writes } = part.planned;
    const byKey = ({ key, kind }: Slot) => ({ name: key, kind });
    const runner = await ColumnRunner.create({
      inputs: reads.map(byKey),
      outputs: writes.map(byKey),
      append: (graph, columns) => appendTransform(graph, columns, part),
    });
    try {
      const inputs = reads.map((slot) => ({ ...this.of(slot), name: slot.key }));
      for (const column of await runner.run(inputs, this.rows.length)) this.values.set(column.name, column);
    } finally {
      await runner.release();
    }
  }
}

function cut(column: Column, rows: Uint32Array): Column {
  if (column.kind === 'number') return { ...column, values: Float64Array.from(rows, (row) => column.values[row]) };
  return { ...column, codes: Int32Array.from(rows, (row) => column.codes[row]) };
}

const featuresOf = ({ columns }: LivePlan): Feature[] =>
  columns.map(({ slot: { key, name, kind }, isMade, options }) => ({ key, name, kind, isMade, options }));

/** A number of 0 or 1 is a feature as it is. */
const AS_IT_IS: Partial<PreprocessOptions> = { impute: 'zero', missingIndicator: false, scale: 'none', bins: 0 };

function flagsOf({ columns }: LivePlan, parts: FittedPart[]): Feature[] {
  const taken = new Set(columns.map(({ slot }) => slot.name));
  const free = (name: string): string => (taken.has(name) ? free(`${name}_`) : name);
  return parts.flatMap((part) =>
    (part.fitted.flags ?? [])
      .filter((of) => part.planned.flagged.has(of) && taken.has(of))
      .map((of) => {
        const name = free(`${of} is missing`);
        taken.add(name);
        return { key: flagKey(part, of), name, kind: 'number', isMade: true, options: AS_IT_IS };
      }),
  );
}
