import {
  between,
  byText,
  byTime,
  containing,
  listOf,
  ofId,
  oneOf,
  rowsOf,
  type FilterField,
  type ListArgs,
} from '../db';
import { Language } from '../kernel';
import { CaseRun, CaseRunState } from './runs/case-run.entity';
import { Case, Industry } from './case.entity';

/** Documents are kept by language, in lower case. */
const languages: FilterField<Language[]> = {
  ...oneOf<Language>('', Language, 'Only cases whose document is there in one of these languages.'),
  where: (value) => `item.document ?| ARRAY(SELECT lower(unnest(${value}::text[])))`,
};

export const caseList = listOf({
  name: 'Case',
  table: 'cases',
  read: rowsOf(Case),
  filter: {
    industries: oneOf<Industry>('item.industry', Industry, 'Only cases of these industries.'),
    languages,
    slugContains: containing('item.slug', 'Only cases whose slug contains this text.'),
  },
  sort: {
    CREATED_AT: byTime('created_at', 'When it came into the library.'),
    UPDATED_AT: byTime('updated_at', 'When its content last changed.'),
    SLUG: byText('slug', 'Its slug.'),
  },
});

export type CaseListArgs = ListArgs<(typeof caseList)['filter']>;

export const caseRunList = listOf({
  name: 'CaseRun',
  table: 'case_runs',
  read: rowsOf(CaseRun),
  filter: {
    caseId: ofId('Case', 'item.case_id', 'Only runs of this case.'),
    states: oneOf<CaseRunState>('item.state', CaseRunState, 'Only case runs in one of these states.'),
    ...between('created_at', 'created'),
  },
  sort: { CREATED_AT: byTime('created_at', 'When it was started.') },
});

export type CaseRunListArgs = ListArgs<(typeof caseRunList)['filter']>;
