import { didYouMean, step, type Fault } from '../../kernel';
import { shownValue } from '../../formats';
import type { z } from 'zod';

/** The faults zod found below `path`, in the words of the API; unknown names come with the nearest known ones. */
export function issuesOf(error: z.ZodError, path: string, schema: Record<string, unknown>): Fault[] {
  return error.issues.flatMap(ofChosenVariant).flatMap((issue) => {
    const at = path + issue.path.map((key) => (typeof key === 'number' ? `[${key}]` : step(String(key)))).join('');
    if (issue.code !== 'unrecognized_keys') return [{ path: at, message: lowerFirst(issue.message) }];
    const known = propertyNames(schema, issue.path);
    return issue.keys.map((key) => ({
      path: at + step(key),
      message: 'is not a parameter',
      hint: () => didYouMean(key, known),
    }));
  });
}

/**
 * Variants are told apart by a key that each has a value of its own for, as `type` of a layer; a JSON Schema says so of none.
 * The faults of a choice are those of the variant that the value names, or that it names none.
 */
function ofChosenVariant(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const named = issue.errors.map((faults) => faults.find(isOwnValue));
  const chosen = issue.errors.filter((_, i) => !named[i]);
  const below = (fault: z.core.$ZodIssue) => ({ ...fault, path: [...issue.path, ...fault.path] });
  if (chosen.length === 1) return chosen[0].map(below).flatMap(ofChosenVariant);
  if (chosen.length > 1 || !named[0]) return [issue];
  const known = named.flatMap((fault) => fault?.values ?? []).map(shownValue);
  return [below({ ...named[0], message: `expected one of ${known.join(', ')}` })];
}

const isOwnValue = (fault: z.core.$ZodIssue): fault is z.core.$ZodIssueInvalidValue =>
  fault.code === 'invalid_value' && fault.values.length === 1 && fault.path.length === 1;

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** Names of the object at `path` of a JSON Schema; those of every variant where it is a choice. */
function propertyNames(schema: Record<string, unknown>, path: PropertyKey[]): string[] {
  let level: JsonSchema[] = [schema as JsonSchema];
  for (const key of path) {
    level = level
      .flatMap(variants)
      .flatMap((node) => (typeof key === 'number' ? node.items : node.properties?.[String(key)]) ?? []);
  }
  return [...new Set(level.flatMap(variants).flatMap((node) => Object.keys(node.properties ?? {})))];
}

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
}

const variants = (node: JsonSchema): JsonSchema[] => [node, ...(node.oneOf ?? []), ...(node.anyOf ?? [])];
