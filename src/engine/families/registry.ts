/** The list of model families and the check of their parameters. Pure: loads no native library. */
import { z } from 'zod';
import { EngineError, type FamilyInfo, type Task } from '../types';
import { autoencoder } from './autoencoder';
import { cnn1d } from './convolutional/cnn1d';
import { cnn2d } from './convolutional/cnn2d';
import type { NetworkFile } from '../network/network-file';
import type { Amounts, Description, Family, Range, SequenceLayout } from './family';
import { GRADIENT_STATE_VERSION, isGradientFamily, type GradientFamily } from './training/gradient';
import { gcn } from './by-id/gcn';
import { linear } from './linear/linear';
import { logistic } from './linear/logistic';
import { mlp } from './mlp';
import { network } from './network';
import { lossesOf } from './training/loss.schema';
import { pretrained } from './pretrained';
import type { PlannedTraining } from './training/program';
import type { LossName } from '../tasks/learning/loss-names';
import { recommender } from './by-id/recommender';
import { gru, lstm, rnn } from './sequences/recurrent';
import { svm } from './linear/svm';
import { naiveBayes } from './plain/naive-bayes';
import { neighbours } from './plain/neighbours';
import { boosting } from './trees/boosting';
import { forest } from './trees/forest';
import { tree } from './trees/tree';
import { transformer } from './sequences/transformer';
import type { Reader } from '../readers/definition';
import { readerOf } from '../readers/registry';
import { shown } from '../../formats';

export type { Family, Range } from './family';

const FAMILIES: Family[] = [];

/** All families as they are published, in the order of their registration. */
export const familyInfos: FamilyInfo[] = [];

/** Adds a family to those that a run may name; returns how to take it out again. Throws when the name is taken, or its reader not there. */
export function registerFamily(family: Family): () => void {
  if (findFamily(family.name)) throw new Error(`There is a family ${family.name} already.`);
  if (family.reader !== undefined) readerOf(family.reader);
  const info = infoOf(family);
  FAMILIES.push(family);
  familyInfos.push(info);
  return () => {
    FAMILIES.splice(FAMILIES.indexOf(family), 1);
    familyInfos.splice(familyInfos.indexOf(info), 1);
  };
}

[
  ...[linear, logistic, svm, mlp, cnn1d, cnn2d, network, pretrained],
  ...[rnn, lstm, gru, transformer, recommender, gcn, autoencoder, tree, forest, boosting, neighbours, naiveBayes],
].forEach(registerFamily);

/** What is published of a description. */
export function infoOf({ name, title, description, data, tasks, schema, learner }: Description): FamilyInfo {
  let parameterSchema: Record<string, unknown> | undefined;
  return {
    ...{ name, title, description, data, tasks, explains: learner?.explains ?? false },
    // Made when it is asked for: all of them together are a tenth of what every process needs to start.
    get parameterSchema() {
      return (parameterSchema ??= z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' }));
    },
  };
}

export interface ParameterIssue {
  path: string;
  message: string;
  hint: string;
}

/** The family of this name, or undefined. */
export function findFamily(name: string): Family | undefined {
  return FAMILIES.find((family) => family.name === name);
}

/** A family that is trained by gradient. Throws for any other. */
export function findGradientFamily(name: string): GradientFamily {
  const family = findFamily(name);
  if (family && isGradientFamily(family)) return family;
  throw new Error(`No family ${name} is trained by gradient.`);
}

/** Families that can do a task, simplest first. */
export function familiesFor(task: Task): Family[] {
  return FAMILIES.filter(({ tasks }) => tasks.includes(task));
}

/** Those that say what `auto` should try; with a task, those that can do it. */
export const proposing = (task?: Task): Family[] =>
  FAMILIES.filter(({ candidates, tasks }) => candidates && (task === undefined || tasks.includes(task)));

/** The task of a family that does no other; null for the others. */
export function onlyTaskOf(name: string): Task | null {
  const tasks = findFamily(name)?.tasks ?? [];
  return tasks.length === 1 ? tasks[0] : null;
}

/** How a family with these parameters reads columns as a sequence; null when they are features to it. */
export function sequenceLayout(
  name: string,
  parameters: Record<string, unknown>,
  network?: NetworkFile,
): SequenceLayout | null {
  const family = findFamily(name);
  const parsed = family?.schema.safeParse(parameters);
  return parsed?.success ? (family!.sequence?.(parsed.data, network) ?? null) : null;
}

/** Who reads the columns for an estimator, and what the family says of their order. */
export function readerFor(
  { family, parameters }: Estimator,
  network?: NetworkFile,
): { reader: Reader; layout: SequenceLayout | null } {
  const layout = sequenceLayout(family, parameters, network);
  const { reader, learner } = findFamily(family) ?? {};
  return { reader: readerOf(reader ?? learner?.reads ?? (layout ? 'sequence' : 'features')), layout };
}

/** Whether a regression of this family learns the target in its own unit. */
export function learnsRawTarget(name: string, parameters: Record<string, unknown>): boolean {
  const family = findFamily(name);
  const parsed = family?.schema.safeParse(parameters);
  if (!parsed?.success) return false;
  return (family!.rawTarget?.(parsed.data) ?? false) || amountsOf({ family: name, parameters }) !== null;
}

/** How the variance of counts or amounts grows, where an estimator learns these; null: any numbers. */
export function amountsOf({ family: name, parameters }: Estimator): Amounts | null {
  const family = findFamily(name);
  const parsed = family?.schema.safeParse(parameters);
  return parsed?.success ? (family!.amounts?.(parsed.data) ?? null) : null;
}

/** The order that the parameters give the classes; null: that of the values. */
export function labelOrder(name: string, parameters: Record<string, unknown>): string[] | null {
  const family = findFamily(name);
  const parsed = family?.schema.safeParse(parameters);
  return parsed?.success ? (family!.labels?.(parsed.data) ?? null) : null;
}

export function searchSpaceOf(name: string): Record<string, Range> {
  return findFamily(name)?.searchSpace ?? {};
}

/** Of the states that the learner of a family gives, with its name: those of another are not gone on from. */
export function stateKindOf(name: string): string {
  const version = findFamily(name)?.learner?.stateVersion ?? GRADIENT_STATE_VERSION;
  return `${name} ${version}`;
}

/** The id of the uploaded model that an estimator goes on from; null: it starts afresh. */
export function originOf({ family: name, parameters }: Estimator): string | null {
  const family = findFamily(name);
  const parsed = family?.schema.safeParse(parameters);
  return parsed?.success ? (family!.goesOnFrom?.(parsed.data) ?? null) : null;
}

export interface Estimator {
  family: string;
  parameters: Record<string, unknown>;
}

/**
 * The parameters with every default filled in, and every null decided from the number of training rows. Throws
 * EngineError for the first thing that is wrong.
 */
export function planParameters(
  name: string,
  parameters: Record<string, unknown>,
  rows: number,
): Record<string, unknown> {
  const [issue] = checkParameters(name, parameters, null);
  if (issue) throw new EngineError(issue.message, `estimator.${issue.path}`, issue.hint);
  const { schema, plan } = findFamily(name)!;
  const parsed = schema.parse(parameters);
  return (plan ? plan(parsed, rows) : parsed) as Record<string, unknown>;
}

/** Those of a family that is trained by gradient. */
export function fillParameters(name: string, parameters: Record<string, unknown>, rows: number): PlannedTraining {
  const planned = planParameters(name, parameters, rows);
  findGradientFamily(name);
  return planned as never;
}

/** What is wrong with a family and its parameters for a task (null: not known yet); an empty list when all is well. */
export function checkParameters(
  name: string,
  parameters: Record<string, unknown>,
  task: Task | null,
): ParameterIssue[] {
  const family = findFamily(name);
  if (!family) {
    const known = FAMILIES.map((f) => f.name).join(', ');
    return [{ path: 'family', message: `There is no model family ${shown(name)}.`, hint: `Use one of: ${known}.` }];
  }
  return [...checkTask(family, task), ...checkSchema(family, parameters), ...checkLoss(family, parameters, task)];
}

function checkTask(family: Family, task: Task | null): ParameterIssue[] {
  if (task === null || family.tasks.includes(task)) return [];
  const others = familiesFor(task).map((f) => f.name);
  return [
    {
      path: 'family',
      message: `${family.title} cannot do ${task}; it does ${family.tasks.join(', ')}.`,
      hint: `For ${task} use one of: ${others.join(', ')}.`,
    },
  ];
}

/** A family that does both kinds of task knows the losses of both. */
function checkLoss(family: Family, { loss }: Record<string, unknown>, task: Task | null): ParameterIssue[] {
  const known = (name: LossName) => family.schema.safeParse({ loss: name }).success;
  if (task === null || !family.tasks.includes(task) || lossesOf(task).includes(loss as LossName)) return [];
  if (typeof loss !== 'string' || !known(loss as LossName)) return [];
  return [
    {
      path: 'parameters.loss',
      message: `${loss} is not a loss for ${task}.`,
      hint: `For ${task} use one of: ${lossesOf(task).filter(known).join(', ')}; or leave it out.`,
    },
  ];
}

export function checkSchema(family: Description, parameters: Record<string, unknown>): ParameterIssue[] {
  const result = family.schema.safeParse(parameters);
  if (result.success) return [];
  return result.error.issues.map((issue) => ({
    path: ['parameters', ...issue.path.map(String)].join('.'),
    message: issue.message,
    hint: hintFor(family, issue),
  }));
}

function hintFor(family: Description, issue: z.core.$ZodIssue): string {
  const fields = z.toJSONSchema(family.schema, { io: 'input' }).properties ?? {};
  if (issue.code === 'unrecognized_keys') return `Parameters of ${family.name}: ${Object.keys(fields).join(', ')}.`;
  const field = fields[String(issue.path[0])];
  const described = typeof field === 'object' ? field.description : undefined;
  return described ?? 'See the parameter schema of the family.';
}
