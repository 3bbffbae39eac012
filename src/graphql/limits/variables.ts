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
import { tooDeep } from './json-shape';
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
  for (const { name, type, hasDefault } of declared) {
    const isGiven = Object.hasOwn(variables, name);
    if (isGiven || !hasDefault) check.value(isGiven ? variables[name] : undefined, type, name);
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

  value(value: unknown, type: GraphQLInputType, path: string): void {
    if (isNonNullType(type)) {
      if (value === undefined) return this.report(path, `is required: ${type}`);
      if (value === null) return this.report(path, `must not be null: ${type}`);
      return this.value(value, type.ofType, path);
    }
    if (value === null || value === undefined) return;
    if (isListType(type)) return this.list(Array.isArray(value) ? value : [value], type.ofType, path);
    if (isLeafType(type)) return this.leaf(value, type, path);
    this.inputObject(value, type, path);
  }

  private list(values: unknown[], type: GraphQLInputType, path: string): void {
    const leaf = isNonNullType(type) ? type.ofType : type;
    if (!isLeafType(leaf) || !sampleOf(leaf).takesObject) this.count('inputItems', values.length);
    for (let i = 0; i < values.length && !this.isFull; i++) {
      const value = values[i];
      if (isLeafType(leaf) && value !== null && faultOf(value, leaf) === null) continue;
      this.value(value, type, `${path}[${i}]`);
    }
  }

  private leaf(value: unknown, type: GraphQLLeafType, path: string): void {
    const message = faultOf(value, type);
    if (message === null) return;
    const names = isEnumType(type) ? type.getValues().map(({ name }) => name) : null;
    this.report(path, message, names && typeof value === 'string' ? () => didYouMean(value, names) : undefined);
  }

  private inputObject(value: unknown, type: GraphQLInputObjectType, path: string): void {
    this.count('inputObjects', 1);
    if (typeof value !== 'object' || Array.isArray(value)) return this.report(path, `must be an object: ${type}`);
    const given = value as Variables;
    const fields = type.getFields();
    for (const field of Object.values(fields)) {
      const isGiven = Object.hasOwn(given, field.name);
      if (!isGiven && !isRequiredInputField(field)) continue;
      this.value(isGiven ? given[field.name] : undefined, field.type, `${path}.${field.name}`);
    }
    for (const name of Object.keys(given)) {
      if (this.isFull) return;
      if (fields[name]) continue;
      const hint = () => didYouMean(name, Object.keys(fields));
      this.report(`${path}.${shorten(name, REFUSAL_LIMITS.characters)}`, `is not a field of ${type}`, hint);
    }
    if (type.isOneOf && Object.keys(given).length !== 1) this.report(path, `takes exactly one field of ${type}`);
  }

  private get isFull(): boolean {
    return this.faults.length >= REFUSAL_LIMITS.faultsCounted;
  }

  private report(path: string, message: string, hint?: Fault['hint']): void {
    if (!this.isFull) this.faults.push({ path, message, hint });
  }

  private count(what: 'inputItems' | 'inputObjects', more: number): void {
    this.counts[what] += more;
    if (this.counts[what] <= LIMITS[what]) return;
    const name = what === 'inputItems' ? 'items of lists' : 'input objects';
    throw new PraxisError('QUERY_TOO_COMPLEX', `The variables hold more than ${LIMITS[what]} ${name}.`);
  }
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
