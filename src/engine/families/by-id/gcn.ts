/** Graph convolutional network (Kipf & Welling 2017) on one fixed graph: rows are nodes, known by their ids. */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { affine } from '../../layers/dense';
import { relu } from '../../layers/fused';
import { embed } from '../../layers/ids';
import { idCount, type Id, type IdEncoding } from '../../preprocess/encoding';
import { idOf, placesOfIds } from '../../preprocess/ids/ids';
import { DENSE_TASKS } from '../../tasks/registry';
import { EngineError } from '../../types';
import { defineGradientFamily } from '../training/gradient';
import type { ParameterSpec } from '../../layers/parameters';
import type { Dimensions, Program, TrainingParameters } from '../training/program';
import { classWeightField, trainingFields } from '../training/training.schema';

interface GcnParameters extends TrainingParameters {
  edges: [Id, Id][];
  nodes: number | null;
  units: number;
  layers: number;
}

const node = z.union([z.number(), z.string().min(1).max(1000)]);

const schema = z.strictObject({
  edges: z
    .array(z.tuple([node, node]))
    .max(200_000)
    .default([])
    .describe(
      'Pairs of node ids, numbers or texts, that are connected, in either direction. The first column of a row is the id of ' +
        'its node.',
    ),
  nodes: z
    .int()
    .min(1)
    .max(1_000_000)
    .nullable()
    .default(null)
    .describe(
      'Nodes, at most; null: those of the edges and of the training rows. One that is in neither is answered by the mean.',
    ),
  units: z.int().min(1).max(1024).default(16).describe('Units per node, learned vectors and layers alike.'),
  layers: z.int().min(1).max(8).default(2).describe('Convolutions: a node hears from nodes this many edges away.'),
  ...classWeightField,
  ...trainingFields({ optimizer: 'adam', learningRate: 0.01, schedule: 'cosine', l2: 1e-4 }),
}) satisfies z.ZodType<GcnParameters>;

export const gcn = defineGradientFamily<GcnParameters>({
  name: 'gcn',
  title: 'Graph convolutional network',
  description: 'Classifies the nodes of a given graph by their neighbours, and by further columns where there are any.',
  data: 'graph',
  tasks: DENSE_TASKS,
  schema,
  searchSpace: {
    units: { kind: 'choice', values: [8, 16, 32, 64] },
    layers: { kind: 'choice', values: [1, 2, 3] },
    l2: { kind: 'logUniform', minimum: 1e-6, maximum: 1e-2 },
  },
  sequence: ({ edges, nodes }) => {
    const known = edges.flat();
    const numbers = known.filter((id) => typeof id === 'number');
    const formerCount = nodes ?? numbers.reduce((most, id) => Math.max(most, id), 0) + 1;
    const group = { columns: 1, parameter: 'nodes', most: nodes, strict: true, known, formerCount };
    return { channels: Infinity, keepMissing: false, ids: [group] };
  },
  program: gcnProgram,
});

function gcnProgram(settings: GcnParameters, { width, outputs, ids }: Dimensions): Program {
  const { units, layers } = settings;
  const { nodes, edges } = ids ? graphOf(settings, ids[0]) : graphOfPlaces(settings);
  let known: Links | null = null;
  const links = () => (known ??= normalizedLinks(edges, nodes));
  return {
    parameters: [
      { name: 'nodes', shape: [nodes, units], limit: 1 / Math.sqrt(units), penalized: true },
      ...Array.from({ length: layers }, (_, i) => denseSpecs(String(i), units, units)).flat(),
      ...denseSpecs('head', units + width - 1, outputs),
    ],
    forward: (parameters, x) => {
      let values = parameters.nodes;
      for (let i = 0; i < layers; i++) {
        values = relu(affine(spread(values, links()), parameters[`kernel_${i}`], parameters[`bias_${i}`]));
      }
      const rows = x.shape[0]!;
      const embedded = embed(values, tf.slice(x, [0, 0], [rows, 1]));
      const input = width > 1 ? tf.concat([embedded, tf.slice(x, [0, 1], [rows, width - 1])], 1) : embedded;
      return affine(input, parameters.kernel_head, parameters.bias_head);
    },
    random: false,
  };
}

function denseSpecs(name: string, inputs: number, units: number): ParameterSpec[] {
  return [
    { name: `kernel_${name}`, shape: [inputs, units], limit: Math.sqrt(6 / (inputs + units)), penalized: true },
    { name: `bias_${name}`, shape: [units], limit: 0, penalized: false },
  ];
}

interface Graph {
  nodes: number;
  edges: [number, number][];
}

function graphOf({ edges }: GcnParameters, ids: IdEncoding): Graph {
  const place = placesOfIds(ids);
  return {
    nodes: idCount(ids),
    edges: edges.map(([a, b]) => [place(idOf(a)), place(idOf(b))]),
  };
}

/** Of edges between places, where there are no ids. */
function graphOfPlaces({ edges: pairs, nodes }: GcnParameters): Graph {
  const edges = pairs as [number, number][];
  const largest = edges.reduce((most, [a, b]) => Math.max(most, a, b), 0);
  if (Number.isNaN(largest)) {
    const hint = 'Number the nodes from 0, as the features are places in a table.';
    throw new EngineError('Which node a text names is not known.', 'estimator.parameters.edges', hint);
  }
  if (nodes === null) return { nodes: largest + 1, edges };
  if (largest < nodes) return { nodes, edges };
  throw new EngineError(
    `An edge names node ${largest}, but there are ${nodes} nodes, numbered from 0.`,
    'estimator.parameters.edges',
    'Raise nodes above the largest id of the edges, or leave it out.',
  );
}

/** The entries of D^-½ (A + I) D^-½, each link in both directions and every node with itself. */
interface Links {
  from: number[];
  to: number[];
  weight: number[];
  nodes: number;
}

function normalizedLinks(edges: [number, number][], nodes: number): Links {
  const neighbours = Array.from({ length: nodes }, (_, node) => new Set([node]));
  for (const [a, b] of edges) {
    neighbours[a].add(b);
    neighbours[b].add(a);
  }
  const pairs = neighbours.flatMap((list, to) => [...list].map((from) => [from, to]));
  const degree = (node: number) => neighbours[node].size;
  return {
    from: pairs.map(([from]) => from),
    to: pairs.map(([, to]) => to),
    weight: pairs.map(([from, to]) => 1 / Math.sqrt(degree(from) * degree(to))),
    nodes,
  };
}

/** The normalized adjacency matrix times values [nodes, units], link by link; it is symmetric, and so is the gradient. */
function spread(values: tf.Tensor, { from, to, weight, nodes }: Links): tf.Tensor {
  const sums = (x: tf.Tensor) => {
    const carried = tf.mul(tf.gather(x, tf.tensor1d(from, 'int32')), tf.tensor2d(weight, [weight.length, 1]));
    return tf.unsortedSegmentSum(carried, tf.tensor1d(to, 'int32'), nodes);
  };
  return tf.customGrad((x) => ({ value: sums(x as tf.Tensor), gradFunc: (dy: tf.Tensor) => sums(dy) }))(values);
}
