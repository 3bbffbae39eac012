/** A model family: who it is, its parameters, the space a search may draw from, and its program. */
import { z } from 'zod';
import type { Task } from '../types';
import type { Dimensions, LossName, Program, TrainingParameters } from './program';

/** One searchable parameter. */
export type Range =
  | { kind: 'choice'; values: readonly unknown[] }
  | { kind: 'uniform'; minimum: number; maximum: number }
  | { kind: 'logUniform'; minimum: number; maximum: number };

export interface Family<P extends TrainingParameters = TrainingParameters> {
  name: string;
  title: string;
  description: string;
  tasks: Task[];
  schema: z.ZodType<P>;
  /** Parameters worth searching; the others keep their defaults. */
  searchSpace: Record<string, Range>;
  /** What a `loss` of null means; left out: cross-entropy, or the mean squared error. */
  defaultLoss?(task: Task): LossName;
  program(parameters: P, dimensions: Dimensions): Program;
}

/** Lets a family be written with its own parameter type and kept in one list. */
export function defineFamily<P extends TrainingParameters>(family: Family<P>): Family {
  return family as unknown as Family;
}
