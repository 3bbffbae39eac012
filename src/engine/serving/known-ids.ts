/** Which ids and rare texts a model version knows, by its card. Pure. */
import { sequenceLayout } from '../families/registry';
import { groupColumns } from '../preprocess/ids/ids';
import { listHas } from '../preprocess/ranges/text-filter';
import type { InputField, ModelCard } from '../types';

export interface KnownIds {
  knows(id: number | string): boolean;
  /** How a model answers for an id that it does not know, to be read after the id. */
  answer: string;
}

/** What a card says of how rows are read. */
export type ReadingCard = Pick<ModelCard, 'family' | 'parameters' | 'inputs' | 'vocabularies'>;

/** Of each input of a card; null for one that is no id. Of more than 10,000 ids, about one unknown in a hundred is taken for known. */
export function knownIds(card: ReadingCard): (KnownIds | null)[] {
  return card.vocabularies ? listed(card) : former(card);
}

function listed({ inputs, vocabularies }: ReadingCard): (KnownIds | null)[] {
  const known = vocabularies!.map((vocabulary): KnownIds => {
    const has = listHas({ list: vocabulary.ids, filter: vocabulary.filter });
    return {
      knows: (id) => has(String(id)) || String(id) === vocabulary.padding,
      answer: 'is an id that training did not see, or too rarely; the mean of all ids answers for it',
    };
  });
  return inputs.map(({ vocabulary }) => (vocabulary === undefined ? null : known[vocabulary]));
}

/**
 * Whether training saw a text that an input does not tell apart; null where its card does not say. Of a filter, about one text
 * in a hundred that training did not see is taken for one that it saw. Made when it is first asked.
 */
export function knownRare({ rareLevels }: InputField): ((text: string) => boolean) | null {
  if (!rareLevels) return null;
  let has: ((text: string) => boolean) | null = null;
  return (text) => (has ??= listHas({ list: rareLevels.texts, filter: rareLevels.filter }))(text);
}

/** Versions made before there were vocabularies know the ids 0 to n − 1, and read every other as 0. */
function former({ family, parameters, inputs }: ReadingCard): (KnownIds | null)[] {
  const groups = sequenceLayout(family, parameters)?.ids ?? [];
  const known = groupColumns(inputs, groups).flatMap((columns, i): (KnownIds | null)[] => {
    const count = groups[i].formerCount ?? null;
    return columns.map(() => (count === null ? null : upTo(count)));
  });
  return inputs.map((_, i) => known[i] ?? null);
}

const upTo = (count: number): KnownIds => ({
  knows: (id) => Number.isInteger(Number(id)) && Number(id) >= 0 && Number(id) < count,
  answer: `is none of the ids 0 to ${count - 1} that this version of the model knows: it reads it as 0; train it again`,
});
