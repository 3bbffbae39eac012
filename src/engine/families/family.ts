/** A model family: who it is, its parameters, what it costs, when it suits, and the space a search may draw from. */
import { z } from 'zod';
import type { Learner, Trained } from '../learning/learner';
import type { NetworkFile } from '../network/network-file';
import type { Id } from '../preprocess/encoding';
import type { DataKind, PreprocessOptions, Task } from '../types';
import type { Dimensions } from './training/program';

/** One searchable parameter. */
export type Range =
  | { kind: 'choice'; values: readonly unknown[] }
  | { kind: 'uniform'; minimum: number; maximum: number }
  | { kind: 'logUniform'; minimum: number; maximum: number };

/** Columns read as a sequence: the channels of the first step side by side, then those of the second. */
export interface SequenceLayout {
  channels: number;
  /** Whether a missing number marks padding; otherwise the value that scales to zero takes its place. */
  keepMissing: boolean;
  /** The first columns that hold ids, by vocabulary; none when left out. */
  ids?: IdGroup[];
  /**
   * Whether steps of missing numbers are padding that is left out; the program then takes rows of fewer columns where the
   * rest would be padding. Left out: every step counts.
   */
  ragged?: boolean;
}

/** Columns of ids that share a vocabulary. */
export interface IdGroup {
  /** How many, after those of the groups before; Infinity: all that are left. */
  columns: number;
  /** The parameter that bounds how many ids get a vector of their own; null: as many as there are. */
  parameter: string;
  most: number | null;
  /** Whether more ids than that are an error; otherwise the most frequent ones get vectors. */
  strict?: boolean;
  /** Ids that are known whatever the rows hold. */
  known?: readonly Id[];
  /** Whether no others are; a missing id then is that of 0. */
  closed?: boolean;
  /** The id of steps that do not count, as those that are missing. */
  padding?: Id | null;
  /** Versions made before there were vocabularies knew the ids 0 to this − 1, and read others as 0. */
  formerCount?: number | null;
}

/** What is known of a training before it starts. */
export interface TrainingSize extends Omit<Dimensions, 'ids' | 'network'> {
  /** To train on. */
  rows: number;
}

export interface Cost {
  /** Multiplications and additions of the whole training. */
  operations: number;
  /** Memory that the encoded rows and the state of the training take. */
  bytes: number;
}

/** What the profile of a table says about a choice of families. */
export interface DataProfile {
  task: Task;
  rows: number;
  /** Without the targets. */
  columns: number;
  targets: number;
}

/** That a family suits a table. */
export interface Advice {
  /** Higher ranks first. */
  rank: number;
  reason: string;
}

/** A model that `auto` should try. */
export interface Proposal {
  /** Unique among all families. */
  name: string;
  parameters: Record<string, unknown>;
}

/** Numbers that are 0 or more, whose variance grows as a power of their mean: 1 of counts (Poisson), 2 of gamma's. */
export interface Amounts {
  power: number;
}

/** A model that a run tries. */
export interface Candidate extends Proposal {
  family: string;
}

/** Who a choice of model is, what it takes, what it costs, and when it is a good choice. */
export interface Description<P = object> {
  name: string;
  title: string;
  description: string;
  data: DataKind;
  tasks: Task[];
  schema: z.ZodType<P>;
  /** Who trains it; left out: it is trained by gradient (families/gradient.ts). */
  learner?: Learner;
  /** Why its files have one precision, behind "this model version has no INT8 variant: "; left out: smaller ones are made. */
  onePrecision?: string;
  /** Left out or null: whether it suits cannot be told from a profile. */
  advise?(profile: DataProfile): Advice | null;
  /** Of what stands for several families: the models that it tries. Left out: one, of its own. */
  tries?(task: Task, rows: number, parameters: Record<string, unknown>): Candidate[];
}

export interface Family<P = object> extends Description<P> {
  /** An order of magnitude. Never throws: what cannot be trained is told by the training. */
  cost(parameters: P, size: TrainingSize): Cost;
  /** Parameters worth searching; the others keep their defaults. */
  searchSpace: Record<string, Range>;
  /** Of families that read columns in their order, as they are; left out: columns are features. */
  sequence?(parameters: P, network?: NetworkFile): SequenceLayout | null;
  /** Who makes of columns what the learner reads (engine/readers); left out: the one that the learner names, `sequence` where there is a layout, otherwise `features`. */
  reader?: string;
  /** How numbers are scaled in a pipeline that does not say; left out: as the pipeline's default. */
  scale?: PreprocessOptions['scale'];
  /** Bins of numbers in a pipeline that does not say; left out: as the pipeline's default. */
  bins?: number;
  /** Whether a regression learns the target in its own unit; left out: standardized. */
  rawTarget?(parameters: P): boolean;
  /** Where it learns counts or amounts, in their own unit and never negative: how their variance grows; null or left out: any numbers. */
  amounts?(parameters: P): Amounts | null;
  /** Of families whose outputs may stand for classes in an order of their own. */
  labels?(parameters: P): string[] | null;
  /** Of families that go on from an uploaded model: its id. */
  goesOnFrom?(parameters: P): string;
  /** Every choice made that the parameters leave open; left out: they leave none. */
  plan?(parameters: P, rows: number): P;
  /** Of families that several learners train: who trains these rows, by gradient where none is named, and every choice that was left. */
  trainedBy?(parameters: P, request: Trained): { learner?: Learner; parameters: P };
  /** What `auto` should try for a task. */
  candidates?(task: Task, rows: number): Proposal[];
}

/** Lets a family be written with its own parameter type and kept in one list. */
export function defineFamily<P>(family: Family<P>): Family {
  return family as unknown as Family;
}
