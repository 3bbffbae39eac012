import { registerEnumType } from 'type-graphql';

export enum Language {
  EN = 'EN',
  ZH = 'ZH',
}

registerEnumType(Language, {
  name: 'Language',
  description: 'Languages of cases, and of texts about models.',
  valuesConfig: { EN: { description: 'English.' }, ZH: { description: 'Simplified Chinese (中文).' } },
});
