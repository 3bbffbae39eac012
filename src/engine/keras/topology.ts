/** The layers of a Keras model in an order in which each follows what it reads; nested models are laid open. */
import { INPUT } from '../network/build';
import { isObject, KerasConfig, modelFault, type Config } from './config';
import { shown, shownValue } from '../../formats';

export interface KerasLayer {
  layer: KerasConfig;
  /** Names of what it reads; `input` is the input of the model. */
  from: string[];
  /** Names of the models that it stands in, from the outside in, and its own; without the whole model's. */
  path: string[];
}

export interface Topology {
  /** Of the whole model; it may stand before the names of its weights. */
  name: string;
  /** Without the batch; null: any length. */
  inputShape: (number | null)[];
  layers: KerasLayer[];
}

const LAYERS_MAX = 2000;
const DEPTH_MAX = 8;
const CONVERT =
  'Convert it with tensorflowjs_converter --output_format=tfjs_layers_model, or model.save of TensorFlow.js.';
const broken = (message: string) => modelFault('model.json', message, CONVERT);

/** Throws EngineError for what is no Sequential or Functional model with one input and one output. */
export function readTopology(json: unknown): Topology {
  if (!isObject(json)) throw broken('holds no JSON object');
  const { format, modelTopology } = json;
  if (format === 'graph-model') {
    throw broken('is a graph model, whose layers are lost; only layers models can be trained on');
  }
  if (!isObject(modelTopology)) throw broken('has no modelTopology');
  const root = isObject(modelTopology.model_config) ? modelTopology.model_config : modelTopology;
  const version = modelTopology.keras_version ?? root.keras_version;
  const major = typeof version === 'string' ? parseInt(version, 10) || 2 : 2;
  const opening = new Opening(major);
  const output = opening.model(root, null, []);
  if (opening.inputShape === null) throw broken('says no shape of its input (InputLayer, batch_input_shape)');
  const name = isObject(root.config) && typeof root.config.name === 'string' ? root.config.name : '';
  return { name, inputShape: opening.inputShape, layers: reachable(opening.layers, output) };
}

const CHAINS = ['Sequential'];
const GRAPHS = ['Functional', 'Model'];
const isModel = (className: string) => CHAINS.includes(className) || GRAPHS.includes(className);

class Opening {
  readonly layers: KerasLayer[] = [];
  inputShape: (number | null)[] | null = null;
  /** Layers of all kinds that were come upon, nested models and inputs too. */
  private entryCount = 0;

  constructor(private readonly major: number) {}

  /** Lays a model open behind `input` (null: the input of the whole); answers the name of its output. */
  model({ class_name: className, config }: Config, input: string | null, models: string[]): string {
    if (models.length >= DEPTH_MAX) throw broken(`models are nested more than ${DEPTH_MAX} deep`);
    const list = Array.isArray(config) ? config : isObject(config) ? config.layers : undefined;
    if (typeof className !== 'string' || !isModel(className)) {
      throw broken(`is a model of class ${shownValue(className)}; Sequential and Functional ones can be read`);
    }
    if (!Array.isArray(list) || list.length === 0) throw broken(`the ${className} model has no layers`);
    this.entryCount += list.length;
    if (this.entryCount > LAYERS_MAX) throw broken(`has more than ${LAYERS_MAX} layers`);
    return CHAINS.includes(className)
      ? this.chain(list, input, models)
      : this.graph(config as Config, list, input, models);
  }

  private chain(list: unknown[], input: string | null, models: string[]): string {
    return list.reduce<string>((from, entry) => this.add(entry, [from], models), input ?? INPUT);
  }

  private graph(config: Config, list: unknown[], input: string | null, models: string[]): string {
    const entries = new Map(list.map((entry) => [nameOf(entry), entry]));
    const [source] = single(config.input_layers, 'input');
    const outputs = new Map<string, string>();
    const [output] = single(config.output_layers, 'output');
    for (const { name, entry, reads } of inOrder(entries, source, output)) {
      const from = name === source ? [input ?? INPUT] : reads.map((read) => outputs.get(read)!);
      outputs.set(name, this.add(entry, from, models));
    }
    return outputs.get(output)!;
  }

  /** Adds one layer; answers the name that others read it by. */
  private add(entry: unknown, from: string[], models: string[]): string {
    const path = [...models, nameOf(entry)];
    const { class_name: className, config } = entry as { class_name: string; config: Config };
    // "input" names what the whole model gets, and is a usual name of a first layer, too.
    const name = path.join('/') === INPUT ? `${INPUT} (${className})` : path.join('/');
    this.noteShape(config, from);
    if (className === 'InputLayer') return from[0];
    if (isModel(className)) return this.model(entry as Config, from[0], path);
    this.layers.push({ layer: new KerasConfig(name, className, config, this.major), from, path });
    return name;
  }

  /** The first layer, or the InputLayer, says what the model takes; a nested model's first layer may be the first. */
  private noteShape(config: Config, from: string[]): void {
    if (this.inputShape !== null || from[0] !== INPUT) return;
    const nested = Array.isArray(config.layers) ? undefined : config;
    const shape = nested?.batch_shape ?? nested?.batch_input_shape ?? buildShape(nested?.build_config);
    if (!Array.isArray(shape) || shape.length < 2) return;
    const sizes = shape.slice(1);
    if (!sizes.every((n) => n === null || (Number.isInteger(n) && n > 0))) throw broken('has an input of no shape');
    this.inputShape = sizes as (number | null)[];
  }
}

interface Reader {
  name: string;
  entry: unknown;
  reads: string[];
}

/** The layers that an output depends on, each after what it reads. Without recursion: a chain may be as long as the model. */
function inOrder(entries: Map<string, unknown>, source: string, output: string): Reader[] {
  const readerOf = (name: string): Reader => {
    const entry = entries.get(name);
    if (!entry) throw broken(`a layer reads ${shown(name)}, which is not there`);
    return { name, entry, reads: name === source ? [] : inbound(entry as Config) };
  };
  const ordered: Reader[] = [];
  const done = new Set<string>();
  const open = new Set([output]);
  const path = [{ reader: readerOf(output), next: 0 }];
  for (let top = path.at(-1); top; top = path.at(-1)) {
    const { name, reads } = top.reader;
    const read = reads[top.next++];
    if (read === undefined) {
      ordered.push(top.reader);
      done.add(name);
      open.delete(name);
      path.pop();
    } else if (open.has(read)) throw broken(`layer ${shown(read)} reads its own output`);
    else if (!done.has(read)) {
      open.add(read);
      path.push({ reader: readerOf(read), next: 0 });
    }
  }
  return ordered;
}

const buildShape = (build: unknown): unknown => (isObject(build) ? build.input_shape : undefined);

function nameOf(entry: unknown): string {
  const config = isObject(entry) && isObject(entry.config) ? entry.config : null;
  const name = (entry as Config | null)?.name ?? config?.name;
  const named = config !== null && typeof (entry as Config).class_name === 'string' && typeof name === 'string';
  if (named && name.length > 0 && name.length <= 150) return name;
  if (Array.isArray((entry as Config | null)?.config)) return 'model';
  throw broken('a layer has no class_name, config or name');
}

/** The one tensor of a list of inputs or outputs: [name, 0, 0], or a list of those. */
function single(value: unknown, what: string): string[] {
  const list = Array.isArray(value) && typeof value[0] === 'string' ? [value] : value;
  if (Array.isArray(list) && list.length === 1 && Array.isArray(list[0]) && typeof list[0][0] === 'string') {
    return [list[0][0]];
  }
  const count = Array.isArray(list) ? list.length : 0;
  throw broken(`has ${count} ${what}s; models with one ${what} can be read`);
}

/** Names of the layers that a layer reads, as Keras 2 or Keras 3 writes them. */
function inbound(entry: Config): string[] {
  const nodes = Array.isArray(entry.inbound_nodes) ? entry.inbound_nodes : [];
  const name = nameOf(entry);
  if (nodes.length === 0) throw broken(`layer ${shown(name)} reads nothing; models with one input can be read`);
  if (nodes.length > 1) throw broken(`layer ${shown(name)} is used at ${nodes.length} places; give each place a layer`);
  const [node] = nodes;
  const names = isObject(node) ? tensorsOf(node.args) : (node as unknown[]).map((tensor) => (tensor as unknown[])?.[0]);
  if (names.length === 0 || !names.every((n): n is string => typeof n === 'string')) {
    throw broken(`layer ${shown(name)} does not say which layers it reads`);
  }
  return names;
}

/** Keras 3: tensors, also in lists, each with its history [layer, node, tensor]. */
function tensorsOf(args: unknown, depth = 0): unknown[] {
  if (depth > DEPTH_MAX) return [];
  if (Array.isArray(args)) return args.flatMap((arg) => tensorsOf(arg, depth + 1));
  const config = isObject(args) && args.class_name === '__keras_tensor__' ? args.config : null;
  return isObject(config) && Array.isArray(config.keras_history) ? [config.keras_history[0]] : [];
}

/** Those that the output depends on, in the same order. */
function reachable(layers: KerasLayer[], output: string): KerasLayer[] {
  if (layers.length === 0) throw broken('has no layer besides its input');
  const needed = new Set([output]);
  for (const { layer, from } of layers.toReversed())
    if (needed.has(layer.name)) from.forEach((name) => needed.add(name));
  return layers.filter(({ layer }) => needed.has(layer.name));
}
