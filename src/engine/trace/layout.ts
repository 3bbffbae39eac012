/**
 * TensorFlow.js keeps images as [batch, height, width, channels], ONNX Runtime computes on [batch, channels, height,
 * width]. An image stays channels first from one kernel to the next, and is turned only where a kernel needs it otherwise.
 */
import type { Recording } from './recorder.backend';
import { reshapeTarget } from './shapes';

const TO_FIRST = [0, 3, 1, 2];
const TO_LAST = [0, 2, 3, 1];

export const channelsFirst = (shape: readonly number[]) => TO_FIRST.map((i) => shape[i]);
export const channelsLast = (shape: readonly number[]) => TO_LAST.map((i) => shape[i]);
export const isTurn = (perm: readonly number[], to: 'first' | 'last') =>
  perm.join() === (to === 'first' ? TO_FIRST : TO_LAST).join();

/** Turns a value; `shape` is its channels-last shape. Without channels, or pixels, to interleave it is a reshape. */
export function moveChannels(
  recording: Recording,
  name: string,
  shape: readonly number[],
  to: 'first' | 'last',
): string {
  const { graph } = recording;
  const target = to === 'first' ? channelsFirst(shape) : [...shape];
  const [, height, width, channels] = shape;
  if (channels === 1 || height * width === 1) return graph.call('Reshape', [name, reshapeTarget(recording, target)]);
  return graph.call('Transpose', [name], { perm: to === 'first' ? TO_FIRST : TO_LAST });
}
