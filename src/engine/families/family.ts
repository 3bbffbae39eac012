/** A model family: who it is, its parameters, the space a search may draw from, and its program. */
import { z } from 'zod';
import type { NetworkFile } from '../network/network-file';
import type { Id } from '../preprocess/encoding';
import type { LossName } from '../tasks/learning/loss-names';
import type { DataKind, PreprocessOptions, Task } from '../types';
import type { Dimensions, Program, TrainingParameters } from './program';

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

export interface Family<P extends TrainingParameters = TrainingParameters> {
  name: string;
  title: string;
  description: string;
  data: DataKind;
  tasks: Task[];
  schema: z.ZodType<P>;
  /** Parameters worth searching; the others keep their defaults. */
  searchSpace: Record<string, Range>;
  /** What a `loss` of null means; left out: cross-entropy, or the mean squared error. */
  defaultLoss?(task: Task): LossName;
  /** Of families that read columns in their order, as they are; left out: columns are features. */
  sequence?(parameters: P, network?: NetworkFile): SequenceLayout | null;
  /** How numbers are scaled in a pipeline that does not say; left out: as the pipeline's default. */
  scale?: PreprocessOptions['scale'];
  /** Whether a regression learns the target in its own unit; left out: standardized. */
  rawTarget?(parameters: P): boolean;
  /** Of families whose outputs may stand for classes in an order of their own. */
  labels?(parameters: P): string[] | null;
  program(parameters: P, dimensions: Dimensions): Program;
}

/** Lets a family be written with its own parameter type and kept in one list. */
export function defineFamily<P extends TrainingParameters>(family: Family<P>): Family {
  return family as unknown as Family;
}
