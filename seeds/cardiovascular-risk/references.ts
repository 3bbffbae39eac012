import type { CaseDocument } from '../../src/cases/case-document';

/** The same in every language. */
export const REFERENCES: CaseDocument['references'] = [
  {
    citation:
      "R. B. D'Agostino Sr, R. S. Vasan, M. J. Pencina, P. A. Wolf, M. Cobain, J. M. Massaro, W. B. Kannel: General Cardiovascular Risk Profile for Use in Primary Care. The Framingham Heart Study. Circulation 117, 2008, pp. 743–753.",
    url: 'https://doi.org/10.1161/CIRCULATIONAHA.107.699579',
  },
  {
    citation:
      'B. Van Calster, D. J. McLernon, M. van Smeden, L. Wynants, E. W. Steyerberg: Calibration: the Achilles heel of predictive analytics. BMC Medicine 17:230, 2019.',
    url: 'https://doi.org/10.1186/s12916-019-1466-7',
  },
  {
    citation:
      'G. S. Collins, J. B. Reitsma, D. G. Altman, K. G. M. Moons: Transparent Reporting of a multivariable prediction model for Individual Prognosis Or Diagnosis (TRIPOD). BMJ 350:g7594, 2015.',
    url: 'https://doi.org/10.1136/bmj.g7594',
  },
  {
    citation:
      'A. J. Vickers, E. B. Elkin: Decision Curve Analysis: A Novel Method for Evaluating Prediction Models. Medical Decision Making 26(6), 2006, pp. 565–574.',
    url: 'https://doi.org/10.1177/0272989X06295361',
  },
];
