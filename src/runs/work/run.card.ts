import type { ColumnProfile } from '../../datasets';
import type { InputField, ModelCard } from '../../engine';

/**
 * The card with what the dataset version knows of each column: its type, and how its cells are written. Versions that were
 * read before formats were kept say nothing of it: their texts have another form.
 */
export function withColumns(card: ModelCard, columns: readonly ColumnProfile[]): ModelCard {
  const byName = new Map(
    columns.filter(({ cellFormat }) => cellFormat !== undefined).map((column) => [column.name, column]),
  );
  const typeOf = (name: string | null) => {
    const columnType = name === null ? undefined : byName.get(name)?.type;
    return columnType && { columnType };
  };
  const written = (name: string) => {
    const column = byName.get(name);
    return column && { format: column.format, cellFormat: column.cellFormat };
  };
  const described = (input: InputField) => ({ ...input, ...typeOf(input.name), ...written(input.name) });
  return {
    ...card,
    ...typeOf(card.target),
    ...(card.targets && { targets: card.targets.map((target) => ({ ...target, ...typeOf(target.name) })) }),
    inputs: card.inputs.map(described),
    ...(card.history && { history: { ...card.history, inputs: card.history.inputs.map(described) } }),
  };
}
