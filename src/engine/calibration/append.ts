/** A correction of probabilities as part of a model. */
import type { GraphBuilder } from '../onnx/graph';
import { PROBABILITY_MIN, type Calibration } from '../tasks/learning/calibration';
import type { TargetScale } from '../tasks/score/score';

/** @param probabilities float [batch, classes] @returns the same after the correction */
export function appendCalibration(graph: GraphBuilder, probabilities: string, { slope, offsets }: Calibration): string {
  const logs = graph.call('Log', [graph.call('Max', [probabilities, graph.floats(PROBABILITY_MIN)])]);
  const scaled = graph.call('Mul', [logs, graph.floats(slope)]);
  const moved = offsets.some((offset) => offset !== 0);
  const scores = moved ? graph.call('Add', [scaled, graph.floats(offsets, [1, offsets.length])]) : scaled;
  return graph.call('Softmax', [scores], { axis: 1 });
}

/** What becomes of scores whose softmax, or of one whose sigmoid, the probabilities are. */
export const scoresAfter = ({ slope, offsets }: Calibration, scores: number): TargetScale[] =>
  (scores === 1 ? [offsets[1] - offsets[0]] : offsets).map((mean) => ({ mean, scale: slope }));
