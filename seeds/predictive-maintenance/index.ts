import type { CaseSeed } from '../../src/cases/case-definition';
import { definition } from './definition';
import { documentEn } from './document.en';
import { documentZh } from './document.zh';
import { generate } from './generator';

export const predictiveMaintenance: CaseSeed = {
  slug: 'predictive-maintenance',
  industry: 'MANUFACTURING',
  document: { en: documentEn, zh: documentZh },
  definition,
  generate,
};
