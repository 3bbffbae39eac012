/** K training steps as one ONNX Loop: parameters and optimizer state are loop-carried, losses are the scan output. */
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../learning/fit';
import { GraphBuilder } from '../onnx/graph';
import { BATCH, declared, record, type DType, type Signature } from '../trace/record';
import { labelsSteps, learnsClasses } from '../tasks/registry';
import { evaluation, parameterCount, trainingStep, type StepPlan } from './step';

/** Of a block of rows, however many they are. */
export interface DataShape {
  width: number;
  batch: number;
  weighted: boolean;
}

const STATE = ['parameters', 'slot_1', 'slot_2'];
export const stateNames = (plan: StepPlan) => STATE.slice(0, 1 + plan.optimizer.slots);

export const scalarName = (i: number) => `scalar_${i + 1}`;
const scalarNames = ({ optimizer }: StepPlan) => Array.from({ length: optimizer.scalarCount }, (_, i) => scalarName(i));

const yType = (plan: StepPlan): DType => (learnsClasses(plan.task) ? 'int32' : 'float32');

/** Of the targets and their weights of such rows; where each step has a label, a cut row has fewer. */
export function yShape({ targets, task, width: full }: StepPlan, { rows, width }: Shape): number[] {
  if (targets === null) return [rows];
  return [rows, labelsSteps(task) ? (targets * width) / full : targets];
}

/**
 * Inputs: x [rows, width], y and weight [rows] or [rows, targets], steps (trip count), order int32 [steps, batch], keys int32 [steps,
 * batch], the optimizer's scalars [steps], and the state vectors. Outputs: the state as `next_…`, and losses [steps].
 */
export function trainingLoop(plan: StepPlan, data: DataShape): GraphBuilder {
  const graph = new GraphBuilder('training');
  const inputs = loopInputs(plan, data);
  for (const { name, dtype, shape } of Object.values(inputs)) {
    graph.input(name, dtype, DATA.has(name) ? ['rows', ...shape.slice(1)] : declared(shape));
  }
  graph.input('steps', 'int64', []);
  const body = loopBody(graph, plan, inputs);
  const names = stateNames(plan);
  const outputs = graph.node('Loop', ['steps', '', ...names], { body }, { outputs: [...names.map(next), 'losses'] });
  outputs.forEach((name, i) =>
    graph.output(name, 'float32', i < names.length ? [parameterCount(plan.program)] : ['n']),
  );
  return graph;
}

export const next = (name: string) => `next_${name}`;

const DATA = new Set(['x', 'y', 'weight']);
/** In the recorded shapes, of which only rows gathered by index are used. */
const ROWS = 1;

/** The numbers of steps and rows are declared symbolic; BATCH stands for the steps in the recorded shapes. */
function loopInputs(plan: StepPlan, { width, batch, weighted }: DataShape): Record<string, Signature> {
  const size = parameterCount(plan.program);
  const list: [string, number[], DType][] = [
    ['x', [ROWS, width], 'float32'],
    ['y', yShape(plan, { rows: ROWS, width }), yType(plan)],
    ...(weighted ? [['weight', yShape(plan, { rows: ROWS, width }), 'float32'] as [string, number[], DType]] : []),
    ['order', [BATCH, batch], 'int32'],
    ...(plan.program.random ? [['keys', [BATCH, batch], 'int32'] as [string, number[], DType]] : []),
    ...scalarNames(plan).map((name): [string, number[], DType] => [name, [BATCH], 'float32']),
    ...stateNames(plan).map((name): [string, number[], DType] => [name, [size], 'float32']),
  ];
  return Object.fromEntries(list.map(([name, shape, dtype]) => [name, { name, shape, dtype }]));
}

function declareInputs(graph: GraphBuilder, inputs: Record<string, Signature>): Record<string, Signature> {
  for (const { name, dtype, shape } of Object.values(inputs)) graph.input(name, dtype, declared(shape));
  return inputs;
}

function loopBody(graph: GraphBuilder, plan: StepPlan, inputs: Record<string, Signature>): GraphBuilder {
  const body = graph.subgraph('step');
  const step: Signature = { name: body.input('step', 'int64', []), shape: [], dtype: 'int32' };
  const going = body.input('going', 'bool', []);
  const names = stateNames(plan);
  const carried = names.map((name): Signature => {
    const { shape, dtype } = inputs[name];
    return { name: body.input(`carried_${name}`, dtype, shape), shape, dtype };
  });
  const seen = { ...inputs, step, ...Object.fromEntries(names.map((name, i) => [name, carried[i]])) };
  const results = record(body, seen, (t) => stepOf(plan, t));
  body.output(body.call('Identity', [going]), 'bool', []);
  for (const name of names) body.output(produced(body, results[name].name), 'float32', inputs[name].shape);
  body.output(produced(body, results.loss.name), 'float32', []);
  return body;
}

/** A body may not hand on a value that none of its nodes made. */
function produced(body: GraphBuilder, name: string): string {
  return body.nodes.some((node) => node.outputs.includes(name)) ? name : body.call('Identity', [name]);
}

/** Gathers the mini-batch of one step and takes the step. */
function stepOf(plan: StepPlan, t: Record<string, tf.Tensor>): Record<string, tf.Tensor> {
  const at = (name: string) => tf.gather(t[name], t.step as tf.Tensor1D);
  const rows = at('order') as tf.Tensor1D;
  const batch = {
    x: tf.gather(t.x, rows),
    y: tf.gather(t.y, rows),
    weight: t.weight ? tf.gather(t.weight, rows) : null,
    rowKeys: t.keys ? at('keys') : null,
  };
  const names = stateNames(plan);
  const { loss, state } = trainingStep(
    plan,
    names.map((name) => t[name]),
    batch,
    scalarNames(plan).map(at),
  );
  return { loss, ...Object.fromEntries(names.map((name, i) => [name, state[i]])) };
}

/** Inputs: x [batch, width], y, weight and parameters; outputs: the sums `loss` and `correct`. */
export function evaluationGraph(plan: StepPlan, { width, weighted }: Omit<DataShape, 'batch'>): GraphBuilder {
  const graph = new GraphBuilder('evaluation');
  const list: [string, number[], DType][] = [
    ['x', [BATCH, width], 'float32'],
    ['y', yShape(plan, { rows: BATCH, width }), yType(plan)],
    ...(weighted ? [['weight', yShape(plan, { rows: BATCH, width }), 'float32'] as [string, number[], DType]] : []),
    ['parameters', [parameterCount(plan.program)], 'float32'],
  ];
  const inputs = Object.fromEntries(list.map(([name, shape, dtype]) => [name, { name, shape, dtype }]));
  const results = record(graph, declareInputs(graph, inputs), (t) =>
    evaluation(plan, t.parameters, { x: t.x, y: t.y, weight: t.weight ?? null, rowKeys: null }),
  );
  for (const name of ['loss', 'correct']) {
    graph.output(graph.call('Identity', [results[name].name], {}, { outputs: [name] }), 'float32', []);
  }
  return graph;
}
