/** An ONNX graph in the making: names, typed initializers, nodes and subgraphs. Pure data; encode.ts writes the bytes. */

export type ElementType = 'float32' | 'float64' | 'int32' | 'int64' | 'bool' | 'uint8' | 'string';

/** bool takes a Uint8Array of 0 and 1; string takes string[]. */
export type ElementValues = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array | string[];

/** A string is a symbolic dimension, such as `batch`. */
export type Dimension = number | string;

export interface ValueInfo {
  name: string;
  type: ElementType;
  /** Null: of unknown rank. */
  dims: Dimension[] | null;
}

export interface Initializer {
  name: string;
  type: ElementType;
  dims: number[];
  values: ElementValues;
}

/** A plain number or number[] is an integer attribute; write `{ float: 1 }` and `{ floats: [1] }` for real ones. */
export type Attribute =
  | number
  | number[]
  | string
  | string[]
  | { float: number }
  | { floats: number[] }
  | { tensor: Omit<Initializer, 'name'> }
  | GraphBuilder;

export interface Node {
  op: string;
  domain: string;
  version?: number;
  inputs: string[];
  outputs: string[];
  attributes: Record<string, Attribute>;
}

export interface NodeOptions {
  /** Names, or how many outputs to name (default 1). An empty name leaves an optional output out. */
  outputs?: number | string[];
  /** '' (ai.onnx), 'ai.onnx.ml' or 'com.microsoft'. */
  domain?: string;
  /** The least version of the domain that has the operator so; left out: that of encode.ts. */
  version?: number;
}

export class GraphBuilder {
  readonly inputs: ValueInfo[] = [];
  readonly outputs: ValueInfo[] = [];
  readonly initializers: Initializer[] = [];
  readonly nodes: Node[] = [];
  /** Written to the model's metadata_props. */
  readonly metadata: Record<string, string> = {};
  /** Of values whose maker tells them, over all subgraphs; a symbolic size is whatever number stands for it there. */
  readonly shapes: Map<string, readonly number[]>;
  private readonly names: Set<string>;
  /** By hint, the number to try next: every lower one is taken, and trying them again would be quadratic. */
  private readonly numbers: Map<string, number>;
  private readonly constants = new Map<string, string>();

  constructor(
    readonly name = 'graph',
    private readonly parent: GraphBuilder | null = null,
  ) {
    this.names = parent ? parent.names : new Set();
    this.numbers = parent ? parent.numbers : new Map();
    this.shapes = parent ? parent.shapes : new Map();
  }

  /** Reserves a name that no value of this graph or of its subgraphs has. */
  unique(hint: string): string {
    let name = hint;
    let number = this.numbers.get(hint) ?? 1;
    while (this.names.has(name)) name = `${hint}_${number++}`;
    this.numbers.set(hint, number);
    this.names.add(name);
    return name;
  }

  /** Declares a graph input under exactly this name; throws when the name is taken. */
  input(name: string, type: ElementType, dims: Dimension[] | null): string {
    this.inputs.push({ name: this.claim(name), type, dims });
    return name;
  }

  /** Declares a value of this graph (or of an outer scope) as an output; the type is required, the shape is not. */
  output(name: string, type: ElementType, dims: Dimension[] | null = null): string {
    this.outputs.push({ name, type, dims });
    return name;
  }

  initializer(hint: string, type: ElementType, dims: number[], values: ElementValues): string {
    const count = dims.reduce((a, b) => a * b, 1);
    if (values.length !== count) throw new Error(`Initializer ${hint}: ${values.length} values for shape [${dims}].`);
    const name = this.unique(hint);
    this.initializers.push({ name, type, dims, values });
    return name;
  }

  /** A float32 constant; scalars and short lists with equal content share one initializer. */
  floats(values: number | number[], dims?: number[]): string {
    return this.constant('float32', Float32Array.from([values].flat()), dims ?? shapeOf(values));
  }

  doubles(values: number | number[], dims?: number[]): string {
    return this.constant('float64', Float64Array.from([values].flat()), dims ?? shapeOf(values));
  }

  /** An int64 constant, such as a shape or axes. */
  int64s(values: number | number[], dims?: number[]): string {
    return this.constant('int64', BigInt64Array.from([values].flat().map(BigInt)), dims ?? shapeOf(values));
  }

  int32s(values: number | number[], dims?: number[]): string {
    return this.constant('int32', Int32Array.from([values].flat()), dims ?? shapeOf(values));
  }

  /** An initializer of the outermost graph, so that a loop body does not carry it; equal short ones are shared. */
  constant(type: ElementType, values: ElementValues, dims: number[]): string {
    if (this.parent) return this.parent.constant(type, values, dims);
    const key = constantKey(type, dims, values);
    const known = key === null ? undefined : this.constants.get(key);
    if (known !== undefined) return known;
    const name = this.initializer(`const_${type}`, type, dims, values);
    if (key !== null) this.constants.set(key, name);
    return name;
  }

  strings(values: string[], dims: number[] = [values.length]): string {
    return this.initializer('strings', 'string', dims, values);
  }

  /** Appends a node and returns the names of its outputs. */
  node(
    op: string,
    inputs: string[],
    attributes: Record<string, Attribute> = {},
    { outputs = 1, domain = '', version }: NodeOptions = {},
  ): string[] {
    const names =
      typeof outputs === 'number'
        ? Array.from({ length: outputs }, () => this.unique(op))
        : outputs.map((name) => (name === '' ? name : this.claim(name)));
    this.nodes.push({ op, domain, ...(version !== undefined && { version }), inputs, outputs: names, attributes });
    return names;
  }

  /** `node` for the common case of one output. */
  call(op: string, inputs: string[], attributes: Record<string, Attribute> = {}, options: NodeOptions = {}): string {
    return this.node(op, inputs, attributes, options)[0];
  }

  /** A body for Loop, If or Scan: it sees this graph's values and shares its name space. */
  subgraph(name: string): GraphBuilder {
    return new GraphBuilder(name, this);
  }

  private claim(name: string): string {
    if (this.names.has(name)) throw new Error(`The graph already has a value named ${name}.`);
    this.names.add(name);
    return name;
  }
}

const shapeOf = (values: number | number[]) => (typeof values === 'number' ? [] : [values.length]);

/** Only short lists are compared. */
function constantKey(type: ElementType, dims: number[], values: ElementValues): string | null {
  if (values.length > 16 || Array.isArray(values)) return null;
  return `${type} ${dims} ${Array.from(values as ArrayLike<number>, (v) => (Object.is(v, -0) ? '-0' : v))}`;
}
