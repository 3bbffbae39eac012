import type { CaseDocument } from '../../src/cases/case-document';

/** The same in every language. */
export const REFERENCES: CaseDocument['references'] = [
  {
    citation:
      'S. Matzka: Explainable Artificial Intelligence for Predictive Maintenance Applications. Third International Conference on Artificial Intelligence for Industries (AI4I), 2020, pp. 69–74.',
    url: 'https://doi.org/10.1109/AI4I49448.2020.00023',
  },
  {
    citation: 'AI4I 2020 Predictive Maintenance Dataset. UCI Machine Learning Repository, 2020.',
    url: 'https://doi.org/10.24432/C5HS5C',
  },
  {
    citation:
      'T. Saito, M. Rehmsmeier: The Precision-Recall Plot Is More Informative than the ROC Plot When Evaluating Binary Classifiers on Imbalanced Datasets. PLoS ONE 10(3), 2015.',
    url: 'https://doi.org/10.1371/journal.pone.0118432',
  },
  {
    citation: 'C. Elkan: The Foundations of Cost-Sensitive Learning. IJCAI 2001, pp. 973–978.',
    url: 'https://dl.acm.org/doi/10.5555/1642194.1642224',
  },
];
