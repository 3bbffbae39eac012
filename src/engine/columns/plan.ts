/** From the steps of the columns stage to transforms of values, before there are values. Pure. */
import { shown } from '../../formats';
import { stepOf } from '../steps/registry';
import { EngineError, type PlannedStep, type PreprocessOptions } from '../types';
import { clash, madeBy, type StepFault } from './clashes';
import {
  ENCODING_PARTS,
  type ColumnsStage,
  type EncodingPart,
  type KnownColumn,
  type KnownColumns,
} from './definition';

/** The values of a column between two steps. */
export interface Slot extends Pick<KnownColumn, 'name' | 'kind' | 'traits'> {
  /** Of the column as the table has it, its name. */
  key: string;
}

export interface PlannedTransform {
  step: PlannedStep;
  reads: Slot[];
  writes: Slot[];
  /** Columns of which the features need the flags: a later step changes them. */
  flagged: Set<string>;
}

export interface PlannedColumn {
  slot: Slot;
  /** Made by a step, so not in the table, or not the same. */
  isMade: boolean;
  /** By a step that takes more than its own values: a feature, whatever the column of the table holds. */
  isComputed: boolean;
  /** How it is encoded, where that is not as of other columns. */
  options: Partial<PreprocessOptions>;
}

export interface ColumnPlan {
  transforms: PlannedTransform[];
  /** Those of the table first. */
  columns: PlannedColumn[];
  faults: StepFault[];
  /** Steps that touch nothing. */
  notes: string[];
}

/**
 * Which transforms the steps are, of which columns. Steps of other stages are passed over.
 * @param encoded whether an encoding follows, which may do what the last steps say; otherwise they are all transforms
 */
export function planColumns(steps: readonly PlannedStep[], known: KnownColumns, { encoded = true } = {}): ColumnPlan {
  const planner = new Planner(known, steps);
  for (const step of [...steps.filter(hasPlace), ...steps.filter((each) => !hasPlace(each))]) planner.add(step);
  return planner.finish(encoded);
}

/** One that says no more than how columns are encoded in the end is about all that there are then. */
const hasPlace = ({ kind }: PlannedStep): boolean => stepOf(kind).columns?.fit !== undefined;

/** The first fault, as the engine throws it. */
export function checkPlan({ faults: [fault] }: ColumnPlan): void {
  if (!fault) return;
  const { step, path, message, hint } = fault;
  throw new EngineError(`Step ${shown(step)}: ${message}.`, `steps.${step}${path}`, hint);
}

interface Deferred {
  step: PlannedStep;
  part: EncodingPart;
  options: Partial<PreprocessOptions>;
  /** Where it is a transform as well, because a step reads the column. */
  transform: PlannedTransform | null;
}

interface ColumnState extends PlannedColumn {
  known: KnownColumn;
  /** What the encoding does last, if no step changes the column after. `slot` is before these. */
  deferred: Deferred[];
  /** After those of the deferred that are transforms. */
  value: Slot;
  touches: { id: string; writes: boolean; orderless: boolean }[];
}

class Planner {
  private readonly columns: Map<string, ColumnState>;
  private readonly withheld: KnownColumns['withheld'];
  private readonly transforms: PlannedTransform[] = [];
  private readonly faults: StepFault[] = [];
  private readonly notes: string[] = [];
  /** Of a column that steps make, those that do, in order. */
  private readonly makers = new Map<string, PlannedStep[]>();
  private slots = 0;

  constructor({ columns, withheld }: KnownColumns, steps: readonly PlannedStep[]) {
    for (const step of steps) {
      const name = madeBy(step);
      if (name !== null) this.makers.set(name, [...(this.makers.get(name) ?? []), step]);
    }
    this.withheld = withheld;
    this.columns = new Map(
      columns.map((known) => {
        const slot = { key: known.name, name: known.name, kind: known.kind, traits: known.traits };
        return [known.name, stateOf(known, slot, false)];
      }),
    );
  }

  add(step: PlannedStep): void {
    const stage = stepOf(step.kind).columns;
    if (!stage) return;
    const known = {
      columns: [...this.columns.values()].map((column) => column.known),
      withheld: this.withheld,
      makers: this.makersBeside(step),
    };
    const before = this.faults.length;
    const {
      reads,
      writes,
      spends = [],
    } = stage.touches(step.parameters, known, (path, message, hint) =>
      this.faults.push({ step: step.id, path, message, hint }),
    );
    if (this.faults.length > before) return;
    if (writes.length === 0) {
      if (step.parameters.columns !== undefined)
        this.notes.push(`Step ${shown(step.id)} (${step.kind}) touches no column.`);
      return;
    }
    this.order(step, reads, { writes, orderless: stage.fit === undefined });
    if (stage.encodes) this.defer(step, stage, writes);
    else this.transform(step, reads, writes);
    for (const { name } of spends) this.spend(name, step);
  }

  /** Other steps that make columns, of each the first. */
  private makersBeside({ id }: PlannedStep): Map<string, string> {
    const makers = [...this.makers].map(([name, steps]) => [name, steps.find((step) => step.id !== id)?.id] as const);
    return new Map(makers.filter((pair): pair is [string, string] => pair[1] !== undefined));
  }

  private spend(name: string, { id }: PlannedStep): void {
    const state = this.columns.get(name)!;
    state.known = { ...state.known, reserved: `is replaced by what ${shown(id)} makes of it` };
  }

  finish(encoded: boolean): ColumnPlan {
    if (!encoded) this.settle([...this.columns.values()]);
    const { transforms, faults, notes } = this;
    const features = [...this.columns.values()].filter(({ known }) => known.reserved === undefined);
    const columns = features.map(({ slot, isMade, isComputed, options, deferred }) => ({
      ...{ slot, isMade, isComputed },
      options: Object.assign({}, options, ...deferred.map((each) => each.options)) as Partial<PreprocessOptions>,
    }));
    return { transforms, columns, faults, notes };
  }

  /** Two steps of which one changes what the other has to do with need a path between them. */
  private order(
    { id, after }: PlannedStep,
    reads: KnownColumn[],
    { writes, orderless }: { writes: KnownColumn[]; orderless: boolean },
  ): void {
    const earlier = new Set(after);
    const told = new Set<string>();
    const touch = ({ name }: KnownColumn, writing: boolean) => {
      const touches = this.columns.get(name)?.touches ?? [];
      for (const other of touches) {
        if (other.id === id || earlier.has(other.id) || told.has(other.id)) continue;
        if (other.orderless !== orderless || !(writing || other.writes)) continue;
        told.add(other.id);
        this.faults.push({ step: id, path: '', ...clash(name, [other.id, id], [other.writes, writing]) });
      }
      touches.push({ id, writes: writing, orderless });
    };
    for (const column of writes) touch(column, true);
    for (const column of reads) if (!writes.some(({ name }) => name === column.name)) touch(column, false);
  }

  private defer(step: PlannedStep, { encodes }: ColumnsStage<unknown>, writes: KnownColumn[]): void {
    const { part, options } = encodes!(step.parameters);
    const states = writes.map(({ name }) => this.columns.get(name)!);
    if (part === 'features') {
      for (const state of states) state.options = { ...state.options, ...options };
      return;
    }
    const rank = (each: EncodingPart) => ENCODING_PARTS.indexOf(each);
    this.settle(states.filter(({ deferred }) => deferred.some((other) => rank(other.part) >= rank(part))));
    for (const { deferred } of states) deferred.push({ step, part, options, transform: null });
  }

  private transform(step: PlannedStep, reads: KnownColumn[], writes: KnownColumn[]): void {
    const read = reads.map(({ name }) => this.columns.get(name)!);
    const written = new Set(writes.map(({ name }) => name));
    this.settle(read.filter(({ known }) => written.has(known.name)));
    this.compute(read);
    const slots = this.emit(
      step,
      read.map(({ value }) => value),
      writes,
    );
    const kept = new Set(reads.map(({ name }) => name));
    const isComputed = !stepOf(step.kind).columns!.isColumnwise;
    for (const slot of slots) this.write(slot, { follows: kept.has(slot.name), isComputed });
  }

  /** `follows`: the new values come of the old ones, so that it goes on being that column. */
  private write(slot: Slot, { follows, isComputed }: { follows: boolean; isComputed: boolean }): void {
    const state = this.columns.get(slot.name);
    if (state && follows) {
      state.slot = state.value = slot;
      state.isComputed ||= isComputed;
      const isNewText = isComputed && slot.kind === 'category';
      state.known = { ...state.known, kind: slot.kind, traits: isNewText ? undefined : state.known.traits };
      return;
    }
    const newState = stateOf({ name: slot.name, kind: slot.kind }, slot, true);
    this.columns.set(slot.name, {
      ...newState,
      touches: state?.touches ?? [{ id: this.last, writes: true, orderless: false }],
    });
  }

  private get last(): string {
    return this.transforms[this.transforms.length - 1].step.id;
  }

  /** Makes the deferred transforms of these columns, for a step that reads them; the encoding goes on doing the same. */
  private compute(states: ColumnState[]): void {
    for (const part of ENCODING_PARTS) {
      const open = new Map<PlannedStep, ColumnState[]>();
      for (const state of states) {
        const next = state.deferred.find((each) => each.part === part && each.transform === null);
        if (next) open.set(next.step, [...(open.get(next.step) ?? []), state]);
      }
      for (const [step, group] of open) {
        const slots = this.emit(
          step,
          group.map(({ value }) => value),
          group.map(({ known }) => known),
        );
        group.forEach((state, i) => {
          state.value = slots[i];
          state.deferred.find((each) => each.part === part)!.transform = this.transforms[this.transforms.length - 1];
        });
      }
    }
  }

  /** Makes them for a step that changes the columns: the encoding does them no more. */
  private settle(states: ColumnState[]): void {
    this.compute(states);
    for (const state of states) {
      for (const { part, transform } of state.deferred) {
        transform!.flagged.add(state.known.name);
        if (part === 'scale') state.options = { ...state.options, scale: 'none' };
      }
      state.deferred = [];
      state.slot = state.value;
    }
  }

  private emit(step: PlannedStep, reads: Slot[], writes: readonly KnownColumn[]): Slot[] {
    const slots = writes.map(({ name, kind, traits }) => ({
      key: `\u0000${this.slots++} ${name}`,
      name,
      kind,
      traits,
    }));
    this.transforms.push({ step, reads, writes: slots, flagged: new Set() });
    return slots;
  }
}

const stateOf = (known: KnownColumn, slot: Slot, isMade: boolean): ColumnState => ({
  ...{ known, slot, isMade, isComputed: isMade, value: slot },
  options: {},
  deferred: [],
  touches: [],
});
