/** What a model of a task answers: the outputs of its serving graph, and how their rows are read. */
import type { GraphBuilder } from '../../onnx/graph';
import type { Encoding } from '../../preprocess/encoding';
import type { ModelCard, OutputBatch } from '../../types';
import type { TargetScale } from '../score/score';

/** What the outputs are made of. */
export interface AnswerParts {
  card: ModelCard;
  encoding: Encoding;
  /** Of the encoding: the values that the model reads, [batch, features]. */
  features: string;
  targetScales: TargetScale[];
  /** A name for an output that no column has. */
  free(name: string): string;
}

export interface LabelScore {
  label: string;
  probability: number;
}

export interface Answers {
  /** Adds the outputs to the graph, first those that an answer of the kind is read from; `raw` is what the learner gives. */
  append(graph: GraphBuilder, raw: string, parts: AnswerParts): void;
  /** The kind of answer that these outputs are read as: labels where the first of them is text (serving/signature.ts). */
  output: OutputBatch['kind'];
  /** Whether the probabilities of a row are one list over the labels of the card. */
  scoresRows: boolean;
  /** Of target `target`, whose place among the targets of all rows is `at`; left out: none of its own. */
  scoresOfTarget?(
    probabilities: Float32Array,
    card: Pick<ModelCard, 'labels' | 'targets'>,
    place: { target: number; at: number },
  ): LabelScore[];
}
