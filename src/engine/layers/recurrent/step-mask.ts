/** Which steps of the rows of a batch count; the others are padding. What layers make of it is made once. */
import * as tf from '@tensorflow/tfjs-core';

export class StepMask {
  private readonly made = new Map<string, tf.Tensor>();

  /** @param counts bool [steps, batch, 1] */
  constructor(private readonly counts: tf.Tensor) {}

  /** Of steps without a missing number; `missing` is bool [steps · batch], or that by channels. */
  static of(missing: tf.Tensor, steps: number): StepMask {
    const [rows, channels = 1] = missing.shape;
    const byStep = tf.reshape(missing, [steps, rows / steps, channels]);
    return new StepMask(tf.logicalNot(channels > 1 ? tf.any(byStep, 2, true) : byStep));
  }

  /** 1 where a step counts, 0 elsewhere. */
  get numbers(): tf.Tensor {
    return this.once('numbers', () => tf.cast(this.counts, 'float32'));
  }

  /** Added to scores of attention, it makes what softmax gives of other steps zero: [batch, 1, 1, steps]. */
  get scores(): tf.Tensor {
    return this.once('scores', () => {
      const [steps, batch] = this.counts.shape as [number, number];
      const byRow = tf.reshape(tf.transpose(this.numbers, [1, 2, 0]), [batch, 1, 1, steps]);
      return tf.mul(tf.sub(byRow, 1), 1e9);
    });
  }

  /** bool [steps, batch, units]. */
  wide(units: number): tf.Tensor {
    return this.once(`wide ${units}`, () => tf.tile(this.counts, [1, 1, units]));
  }

  private once(name: string, make: () => tf.Tensor): tf.Tensor {
    const tensor = this.made.get(name) ?? make();
    this.made.set(name, tensor);
    return tensor;
  }
}
