import type { CaseSeed } from '../../src/cases/case-definition';
import { definition } from './definition';
import { documentEn } from './document.en';
import { documentZh } from './document.zh';
import { generate } from './generator';

export const creditScoring: CaseSeed = {
  slug: 'credit-scoring',
  industry: 'FINANCE',
  document: { en: documentEn, zh: documentZh },
  definition,
  generate,
};
