/**
 * TensorFlow.js keeps images as [batch, height, width, channels]. In the graph an image has another layout from one kernel
 * to the next, and is turned only where a kernel needs it otherwise:
 * [batch, channels, height, width] where the batch is symbolic, for ONNX's own operators;
 * [channels, height, width, batch] where it is known, as in training: there a pixel is one run of numbers per channel, so
 * that whatever moves pixels copies runs, and a convolution is a product of matrices (kernels/pixels.ts).
 */
import type { Recording } from './recording';
import { isSymbolic, reshapeTarget } from './shapes';

export type Layout = 'channelsFirst' | 'batchLast';

/** Which axis of the channels-last shape each axis is. */
const AXES: Record<Layout, number[]> = { channelsFirst: [0, 3, 1, 2], batchLast: [3, 1, 2, 0] };

export const layoutOf = ([batch]: readonly number[]): Layout => (isSymbolic(batch) ? 'channelsFirst' : 'batchLast');
export const laidOut = (shape: readonly number[], layout: Layout) => AXES[layout].map((i) => shape[i]);
export const channelsLast = (shape: readonly number[], layout: Layout) =>
  shape.map((_, i) => shape[AXES[layout].indexOf(i)]);

const TO_FIRST = AXES.channelsFirst;
const TO_LAST = [0, 2, 3, 1];
export const isTurn = (perm: readonly number[], to: 'first' | 'last') =>
  perm.join() === (to === 'first' ? TO_FIRST : TO_LAST).join();

/** From channels last, of this shape, to a layout. */
export function toLayout(recording: Recording, name: string, shape: readonly number[], layout: Layout): string {
  const target = laidOut(shape, layout);
  return layout === 'batchLast'
    ? swapped(recording, name, shape, target)
    : moved(recording, name, { shape, target, perm: TO_FIRST });
}

/** From a layout to channels last, of this shape. */
export function fromLayout(recording: Recording, name: string, shape: readonly number[], layout: Layout): string {
  return layout === 'batchLast'
    ? swapped(recording, name, laidOut(shape, layout), shape)
    : moved(recording, name, { shape, target: shape, perm: TO_LAST });
}

/** From channels first to batch last or back, a turn of a matrix; `shape` is that of the given value. */
export function rollBatch(recording: Recording, name: string, shape: readonly number[], to: Layout): string {
  const forth = to === 'batchLast';
  const target = forth ? [...shape.slice(1), shape[0]] : [shape[3], ...shape.slice(0, 3)];
  const batch = forth ? shape[0] : shape[3];
  const rest = shape.reduce((a, b) => a * b, 1) / batch;
  const matrix = reshape(recording, name, forth ? [batch, rest] : [rest, batch]);
  return reshape(recording, transpose(recording, matrix, [1, 0]), target);
}

interface Move {
  shape: readonly number[];
  target: readonly number[];
  perm: number[];
}

/** Without channels, or pixels, to interleave it is a reshape. */
function moved(recording: Recording, name: string, { shape, target, perm }: Move): string {
  const [, height, width, channels] = shape;
  if (channels === 1 || height * width === 1) return reshape(recording, name, target);
  return transpose(recording, name, perm);
}

/** First axis and last change places. In two turns of blocks, as ONNX Runtime is slow at one of single numbers. */
function swapped(recording: Recording, name: string, shape: readonly number[], target: readonly number[]): string {
  const [first, height, width, last] = shape;
  const pixels = height * width;
  let turned = name;
  if (first > 1 && pixels * last > 1) {
    turned = transpose(recording, reshape(recording, turned, [first, pixels * last]), [1, 0]);
  }
  if (pixels > 1 && last > 1) {
    turned = transpose(recording, reshape(recording, turned, [pixels, last, first]), [1, 0, 2]);
  }
  return reshape(recording, turned, target);
}

const reshape = (recording: Recording, name: string, shape: readonly number[]) =>
  recording.graph.call('Reshape', [name, reshapeTarget(recording, shape)]);
const transpose = ({ graph }: Recording, name: string, perm: number[]) => graph.call('Transpose', [name], { perm });
