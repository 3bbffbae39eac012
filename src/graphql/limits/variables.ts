import {
  assertInputType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLLeafType,
  type GraphQLSchema,
  isLeafType,
  isEnumType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql';
import { didYouMean, type Fault, PraxisError, REFUSAL_LIMITS, shorten } from '../../kernel';
import { tooDeep } from './body';
import { isStorableText } from './rules';
import { LIMITS } from './table';

type Variables = Record<string, unknown>;

/**
 * Checks variables against their types before graphql-js does, which prints each faulty value as a whole. Free JSON is not
 * looked into.
 * @throws PraxisError VALIDATION_FAILED with the first faults, QUERY_TOO_COMPLEX
 */
export function refuseFaultyVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Variables = {},
): void {
  const declared = declaredBy(schema, operation);
  if (declared.length === 0) return;
  const check = new InputCheck();
  const { stackTraceLimit } = Error;
  // Types tell a fault by throwing, and where in our code they threw says nothing: a thousand stacks take 40 ms.
  Error.stackTraceLimit = 0;
  try {
    for (const { name, type, hasDefault } of declared) {
      const isGiven = Object.hasOwn(variables, name);
      if (isGiven || !hasDefault) check.at(name, isGiven ? variables[name] : undefined, type);
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  if (check.faults.length > 0) throw PraxisError.invalid(check.faults);
}

interface Declared {
  name: string;
  type: GraphQLInputType;
  hasDefault: boolean;
}

const declarations = new WeakMap<OperationDefinitionNode, Declared[]>();

function declaredBy(schema: GraphQLSchema, operation: OperationDefinitionNode): Declared[] {
  const known = declarations.get(operation);
  if (known) return known;
  const declared = (operation.variableDefinitions ?? []).map(({ variable, type, defaultValue }) => ({
    name: variable.name.value,
    type: assertInputType(typeFromAST(schema, type as never)),
    hasDefault: defaultValue !== undefined,
  }));
  declarations.set(operation, declared);
  return declared;
}

/** Walks values by their types and keeps the faults, as many as are counted. */
class InputCheck {
  readonly faults: Fault[] = [];
  private readonly counts = { inputItems: 0, inputObjects: 0 };
  /** Names and positions on the way to the value at hand; a text is made of them for a fault only. */
  private readonly path: (string | number)[] = [];

  at(place: string | number, value: unknown, type: GraphQLInputType): void {
    this.path.push(place);
    this.value(value, type);
    this.path.pop();
  }

  private value(value: unknown, type: GraphQLInputType): void {
    if (isNonNullType(type)) {
      if (value === undefined) return this.report(`is required: ${type}`);
      if (value === null) return this.report(`must not be null: ${type}`);
      return this.value(value, type.ofType);
    }
    if (value === null || value === undefined) return;
    if (isListType(type)) return this.list(Array.isArray(value) ? value : [value], type.ofType);
    if (isLeafType(type)) return this.leaf(value, type);
    this.inputObject(value, type);
  }

  private list(values: unknown[], type: GraphQLInputType): void {
    const leaf = isNonNullType(type) ? type.ofType : type;
    if (!isLeafType(leaf) || !sampleOf(leaf).takesObject) this.count('inputItems', values.length);
    for (let i = 0; i < values.length && !this.isFull; i++) {
      const value = values[i];
      if (isLeafType(leaf) && value !== null && faultOf(value, leaf) === null) continue;
      this.at(i, value, type);
    }
  }

  private leaf(value: unknown, type: GraphQLLeafType): void {
    const message = faultOf(value, type);
    if (message === null) return;
    const names = isEnumType(type) ? type.getValues().map(({ name }) => name) : null;
    this.report(message, names && typeof value === 'string' ? () => didYouMean(value, names) : undefined);
  }

  private inputObject(value: unknown, type: GraphQLInputObjectType): void {
    this.count('inputObjects', 1);
    if (typeof value !== 'object' || Array.isArray(value)) return this.report(`must be an object: ${type}`);
    const object = value as Variables;
    const fields = type.getFields();
    for (const name of requiredFields(type))
      if (!Object.hasOwn(object, name)) this.at(name, undefined, fields[name].type);
    const names = Object.keys(object);
    for (const name of names) {
      if (this.isFull) return;
      const field = Object.hasOwn(fields, name) ? fields[name] : null;
      if (field) this.at(name, object[name], field.type);
      else this.unknownField(name, type);
    }
    if (type.isOneOf && names.length !== 1) this.report(`takes exactly one field of ${type}`);
  }

  private unknownField(name: string, type: GraphQLInputObjectType): void {
    this.path.push(shorten(name, REFUSAL_LIMITS.characters));
    this.report(`is not a field of ${type}`, () => didYouMean(name, Object.keys(type.getFields())));
    this.path.pop();
  }

  private get isFull(): boolean {
    return this.faults.length >= REFUSAL_LIMITS.faultsCounted;
  }

  private report(message: string, hint?: Fault['hint']): void {
    if (!this.isFull) this.faults.push({ path: textOf(this.path), message, hint });
  }

  private count(what: 'inputItems' | 'inputObjects', more: number): void {
    this.counts[what] += more;
    if (this.counts[what] <= LIMITS[what]) return;
    const name = what === 'inputItems' ? 'items of lists' : 'input objects';
    throw new PraxisError('QUERY_TOO_COMPLEX', `The variables hold more than ${LIMITS[what]} ${name}.`);
  }
}

const textOf = ([first, ...rest]: (string | number)[]): string =>
  rest.reduce<string>((text, place) => text + (typeof place === 'number' ? `[${place}]` : `.${place}`), String(first));

const required = new WeakMap<GraphQLInputObjectType, string[]>();

function requiredFields(type: GraphQLInputObjectType): string[] {
  let names = required.get(type);
  if (!names) {
    const fields = Object.values(type.getFields()).filter(isRequiredInputField);
    required.set(type, (names = fields.map(({ name }) => name)));
  }
  return names;
}

/** What is wrong with a value, or null. Values that the type cannot take are not handed to it: it would print them. */
function faultOf(value: unknown, type: GraphQLLeafType): string | null {
  const { takesObject, takesList, takesText } = sampleOf(type);
  if (Array.isArray(value)) {
    if (!takesList) return `must be ${type}, got a list`;
  } else if (typeof value === 'object') {
    if (!takesObject) return `must be ${type}, got an object`;
  } else if (typeof value === 'string' && value.length > REFUSAL_LIMITS.characters) {
    if (!takesText) return `must be ${type}, got a text of ${value.length} characters`;
  }
  try {
    return type.parseValue(value) === undefined ? `must be ${type}` : null;
  } catch (error) {
    return (error as Error).message;
  }
}

interface Sample {
  takesObject: boolean;
  takesList: boolean;
  takesText: boolean;
}

const samples = new WeakMap<GraphQLLeafType, Sample>();

/** Which kinds of values a type takes, found by trying. */
function sampleOf(type: GraphQLLeafType): Sample {
  const known = samples.get(type);
  if (known) return known;
  const takes = (value: unknown): boolean => {
    try {
      return type.parseValue(value) !== undefined;
    } catch {
      return false;
    }
  };
  const sample = { takesObject: takes({}), takesList: takes([]), takesText: takes('any text') };
  samples.set(type, sample);
  return sample;
}

/** @throws PraxisError VALIDATION_FAILED naming the first variable with text that cannot be stored, QUERY_TOO_COMPLEX */
export function refuseUnstorableText(value: unknown, path = 'variables', depth = 0): void {
  if (typeof value === 'string') {
    if (isStorableText(value)) return;
    throw PraxisError.invalid([{ path, message: 'text may not hold NUL or half of a surrogate pair' }]);
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth > LIMITS.jsonDepth) throw tooDeep();
  for (const [key, item] of Object.entries(value)) {
    if (!isStorableText(key)) throw PraxisError.invalid([{ path, message: 'a name may not hold NUL' }]);
    if (typeof item === 'string' || typeof item === 'object') refuseUnstorableText(item, `${path}.${key}`, depth + 1);
  }
}
