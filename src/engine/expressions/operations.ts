import type { Attribute, GraphBuilder } from '../onnx/graph';

/** A value in a graph: every tensor is [batch, 1], or [1, 1] where it depends on no column. */
export type Value = NumberValue | TextValue | BooleanValue;

/** float64; NaN is missing, and nothing is infinite. */
export interface NumberValue {
  type: 'number';
  name: string;
}

/** The empty text is missing. */
export interface TextValue {
  type: 'text';
  name: string;
  /** Of a text that stands in the expression. */
  literal?: string;
}

/** Two masks: neither is set where it is missing. Kleene's logic needs nothing else, and comparing with NaN gives it. */
export interface BooleanValue {
  type: 'boolean';
  isTrue: string;
  isFalse: string;
}

/** Nodes of a graph by what they compute: an equal one is appended once, over all expressions of the graph. */
const KNOWN = new WeakMap<GraphBuilder, Map<string, string>>();
const TAKEN_FOR_NEUTRAL = new WeakMap<GraphBuilder, Set<string>>();

export class Operations {
  private readonly known: Map<string, string>;
  private readonly takenForNeutral: Set<string>;

  constructor(private readonly graph: GraphBuilder) {
    this.known = KNOWN.get(graph) ?? new Map();
    KNOWN.set(graph, this.known);
    this.takenForNeutral = TAKEN_FOR_NEUTRAL.get(graph) ?? new Set();
    TAKEN_FOR_NEUTRAL.set(graph, this.takenForNeutral);
  }

  call(op: string, inputs: string[], attributes: Record<string, Attribute> = {}, domain = ''): string {
    return this.once([op, inputs, attributes], () => this.graph.call(op, inputs, attributes, { domain }));
  }

  double(value: number): string {
    const name = this.graph.doubles(value, [1, 1]);
    const rounded = Math.fround(value);
    if ((rounded === 0 || rounded === 1) && rounded !== value) this.takenForNeutral.add(name);
    return name;
  }

  /**
   * Add, Sub, Mul or Div. ONNX Runtime leaves out adding 0 and multiplying by 1, and takes for 0 and 1 what is so as a
   * float32, such as 1.000000000001; but not where the constant has a rank of its own.
   */
  arithmetic(op: string, inputs: string[]): string {
    if (!inputs.some((name) => this.takenForNeutral.has(name))) return this.call(op, inputs);
    const first = this.graph.int64s([0]);
    const ranked = inputs.map((name) =>
      this.takenForNeutral.has(name) ? this.call('Unsqueeze', [name, first]) : name,
    );
    return this.call('Squeeze', [this.call(op, ranked), first]);
  }

  int64(value: number): string {
    return this.graph.int64s(value);
  }

  bool(value: boolean): string {
    return this.graph.constant('bool', Uint8Array.of(Number(value)), [1, 1]);
  }

  text(value: string): string {
    return this.once(['text', value], () => this.graph.strings([value], [1, 1]));
  }

  /** Numbers, with what is infinite as missing. */
  finite(name: string): NumberValue {
    return this.number(this.call('Where', [this.call('IsInf', [name]), this.double(NaN), name]));
  }

  number(name: string): NumberValue {
    return { type: 'number', name };
  }

  /** The place of a text in a list, or `other`. */
  placeIn(text: string, keys: string[], other: number): string {
    const places = { keys_strings: keys, values_int64s: keys.map((_, i) => i), default_int64: other };
    return this.call('LabelEncoder', [text], places, 'ai.onnx.ml');
  }

  /** Whether two texts that both depend on columns are the same; ONNX compares no texts before opset 19. */
  sameTexts(a: string, b: string): string {
    return this.once(['same', a, b], () => {
      const both = this.graph.call('Concat', [a, b], { axis: 1 });
      const inverse = this.graph.node('Unique', [both], { sorted: 0 }, { outputs: 3 })[2];
      const pairs = this.graph.call('Reshape', [inverse, this.graph.int64s([-1, 2])]);
      const [left, right] = [0, 1].map((i) => this.graph.call('Gather', [pairs, this.graph.int64s([i])], { axis: 1 }));
      return this.graph.call('Equal', [left, right]);
    });
  }

  private once(key: unknown, append: () => string): string {
    const text = JSON.stringify(key);
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const name = append();
    this.known.set(text, name);
    return name;
  }
}
