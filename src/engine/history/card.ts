/** What a card says of the history that a model reads. */
import type { HistoryCard, InputField } from '../types';
import type { KnownColumn } from '../columns/definition';
import type { HistoryPlan } from './plan';

/** @param inputs of the graph. @param columns of the table, without those that are made */
export function historyCard(
  { unit, steps }: HistoryPlan,
  inputs: readonly InputField[],
  columns: readonly KnownColumn[],
): HistoryCard {
  const fields = new Map(inputs.map((field) => [field.name, field]));
  const used = steps.flatMap(({ makes }) => makes.filter(({ name }) => fields.has(name)).map(({ reads }) => reads));
  const needed = new Set([unit.order, ...used]);
  return {
    ...unit,
    steps: steps.map(({ step: { id, kind, parameters } }) => ({ id, kind, parameters })),
    inputs: columns
      .filter(({ name }) => fields.has(name) || needed.has(name))
      .map(({ name, kind }) => fields.get(name) ?? bareField(name, kind)),
  };
}

/** Of a column that the graph itself does not read. */
function bareField(name: string, type: KnownColumn['kind']): InputField {
  const levels = type === 'number' ? null : [];
  return { name, type, elementType: 'float64', minimum: null, maximum: null, levels, fill: null };
}
