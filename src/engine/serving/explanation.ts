/**
 * Explains answers: a model of its own beside the one that answers. Its graph makes of raw columns the features that the
 * trees read; the trees are an asset of it. What columns add to a score: docs/decisions/0086-what-a-column-adds.md.
 */
import type { FittedColumns } from '../columns/fitted';
import type { LearnedScores } from '../learning/fit';
import { encodeModel, decodeModel } from '../onnx/encode';
import { GraphBuilder } from '../onnx/graph';
import { appendEncoding, declareInputs } from '../preprocess/graph';
import type { Encoding } from '../preprocess/encoding';
import type { TargetScale } from '../tasks/score/score';
import { TreesExplainer } from '../trees/inside/explainer';
import { decodeTrees } from '../trees/inside/trees.file';
import { outlineOf } from './tree-outline';
import {
  EXPLANATION_GRAPH,
  TREE_OUTLINE,
  type ExplainedPart,
  type ExplanationCard,
  type ExplanationMethod,
  type ModelAsset,
  type ModelCard,
  type ModelFiles,
  type NumbersOutput,
  type OutputBatch,
  type ScoreUnit,
} from '../types';
import { ASSETS_KEY, manifestOf } from './assets';
import { appendColumns, CARD_KEY } from './serving-graph';
import { openModel, type OpenOptions, type ServedModel } from './serving';

/** Key of what explains the features, as JSON, in the metadata_props of the graph. */
const FEATURES_KEY = 'praxis.features';
const TREES = 'trees.bin';

/** Whether what a single tree says is an answer as it is. */
const IS_READABLE: Record<ScoreUnit, boolean> = {
  ...{ target: true, logTarget: false, logOdds: false, logScore: false, probability: true },
};

interface Features {
  /** Of each feature, the part it belongs to. */
  partOf: number[];
  parts: number;
  /** Of each score; 0 and 1 of classes. */
  scales: TargetScale[];
}

interface Explained {
  columns: FittedColumns;
  encoding: Encoding;
  targetScales: TargetScale[];
}

export const explanationCard = (
  { unit, scores, operations }: LearnedScores,
  data: Pick<Explained, 'columns' | 'encoding'>,
): ExplanationCard => ({ unit, scores, operations, parts: partsOf(data).parts });

/** The files that explain the answers of the model of a card, the graph first. */
export function explanationFiles(card: ModelCard, data: Explained, learned: LearnedScores): ModelAsset[] {
  const { columns, encoding, targetScales } = data;
  const { trees, scores, unit, isSingle } = learned;
  const graph = new GraphBuilder('explanation');
  declareInputs(graph, card.inputs);
  const features = appendEncoding(graph, encoding, appendColumns(graph, card.inputs, columns));
  const name = graph.unique('features');
  graph.nodes.push({ op: 'Identity', domain: '', inputs: [features], outputs: [name], attributes: {} });
  const { partOf, parts } = partsOf(data);
  graph.output(name, 'float64', ['batch', partOf.length]);
  const scales = Array.from({ length: scores }, (_, score) => targetScales[score] ?? { mean: 0, scale: 1 });
  const assets = [{ name: TREES, mediaType: 'application/octet-stream', bytes: trees }];
  if (isSingle && IS_READABLE[unit]) {
    const outline = outlineOf(decodeTrees(trees), { columns, encoding, scales, unit });
    const bytes = new TextEncoder().encode(JSON.stringify(outline));
    assets.push({ name: TREE_OUTLINE, mediaType: 'application/json', bytes });
  }
  const described: Features = { partOf, parts: parts.length, scales };
  graph.metadata[CARD_KEY] = JSON.stringify(card);
  graph.metadata[FEATURES_KEY] = JSON.stringify(described);
  graph.metadata[ASSETS_KEY] = JSON.stringify(manifestOf(assets));
  return [{ name: EXPLANATION_GRAPH, mediaType: 'application/octet-stream', bytes: encodeModel(graph) }, ...assets];
}

/** Features of one column belong to it; one that is made of several is a part by itself. */
export function partsOf({ columns, encoding }: Pick<Explained, 'columns' | 'encoding'>): {
  parts: ExplainedPart[];
  partOf: number[];
} {
  const parts: ExplainedPart[] = [];
  const places = new Map<string, number>();
  const partOf = encoding.plain!.columns.map((feature) => {
    const inputs = columns.sourcesOf(feature);
    const name = inputs.length === 1 ? inputs[0] : feature;
    const key = JSON.stringify([name, inputs]);
    const place = places.get(key) ?? parts.push({ name, inputs }) - 1;
    places.set(key, place);
    return place;
  });
  return { parts, partOf };
}

/**
 * Opens the files of `explanationFiles`. It answers numbers, row-major [rows, scores, parts + 1]: what each part adds to a
 * score, then what is answered where nothing is known; together they are the score.
 */
export async function openExplainer(
  { model, assets }: ModelFiles,
  method: ExplanationMethod,
  options: OpenOptions = {},
): Promise<ServedModel> {
  const served = await openModel(model, { ...options, assets });
  const features = readFeatures(model);
  const explainer = new TreesExplainer(decodeTrees(served.assets.get(TREES)!), method);
  return {
    ...served,
    predict: async (batch) => explained(await served.predict(batch), explainer, features),
  };
}

const readFeatures = (model: Uint8Array): Features =>
  JSON.parse(decodeModel(model).metadataProps.find(({ key }) => key === FEATURES_KEY)!.value!);

function explained(output: OutputBatch, explainer: TreesExplainer, { partOf, parts, scales }: Features): NumbersOutput {
  const { rowCount, prediction } = output as NumbersOutput;
  const width = partOf.length;
  const size = parts + 1;
  const values = new Float64Array(rowCount * scales.length * size);
  for (let row = 0; row < rowCount; row++) {
    const added = explainer.explain(prediction as Float64Array, row * width);
    scales.forEach(({ mean, scale }, score) => {
      const at = (row * scales.length + score) * size;
      for (let feature = 0; feature < width; feature++)
        values[at + partOf[feature]] += added[score * width + feature] * scale;
      values[at + parts] = explainer.base[score] * scale + mean;
    });
  }
  return { kind: 'numbers', rowCount, prediction: values };
}
